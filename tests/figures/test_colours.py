"""Marks that must be told apart differ for the colour-blind and on a grey print, whatever the client's accent.

Dichromats are simulated by the matrices of Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for
Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), of severity 1,
on linear RGB.  Differences are CIE 1976: of 100 steps of lightness for grey, Euclidean in CIELAB for colour, where
about 2.3 is just noticeable side by side (Mahy, Van Eycken and Oosterlinck, 1994); marks lie apart and are thin, so
ten and more are asked for.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from loyalty_lib import figures
from loyalty_lib.contrast import lightness, nearest, text_luminances
from loyalty_lib.figures import palette
from tests.figures.marks import marks
from tests.figures.results import cohort_result
from tests.figures.test_charts import CHARTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Colour = Callable[[], str]

ACCENTS = ("#1f5a7a", "#f1c40f", "#00e676", "#ff4081", "#000000", "#9e9e9e")
APART = 10.0
MATRICES = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # IEC 61966-2-1
DAYLIGHT = np.array([0.9505, 1.0, 1.089])  # D65
# Chart: two kinds of marks that stand side by side, by gid.
PAIRS = {
    "revenue_bridge": ("revenue_bridge-then", "revenue_bridge-active_customers"),
    "cohort_curve": ("cohort-curve-average", "cohort-curve-0"),
    "cohort_revenue": ("cohort-revenue-average", "cohort-revenue-0"),
    "time_to_second_purchase": ("time_to_second_purchase-second", "time_to_second_purchase-third"),
    "pareto": ("pareto-curve", "pareto-equality"),
    "pareto_deciles": ("pareto-decile-1", "pareto-decile-3"),
    "clv": ("clv-champions", "clv-champions-interval"),
    "action_lists_risk": ("action_lists-risk-loyal", "action_lists-risk-loyal-new"),
    "action_lists": ("action_lists-win_back-customers", "action_lists-win_back-value"),
    "rfm": ("rfm-champions-sales", "rfm-5-5"),
    "rfm_migration": ("rfm-migration-about_to_sleep-hibernating", "rfm-migration-loyal-at_risk"),
    "rfm_migration, stayed": ("rfm-migration-loyal-at_risk", "rfm-migration-loyal-loyal"),
    "rfm_migration, stayed and largest": ("rfm-migration-champions-loyal", "rfm-migration-loyal-loyal"),
}


def lab(colour: str, seen: str) -> NDArray[np.float64]:
    """Return CIELAB of a colour as it is seen."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(MATRICES[seen] @ linear, 0, 1) / DAYLIGHT
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def colour_of(mark: object) -> str:
    get = getattr(mark, "get_facecolor", None) or getattr(mark, "get_color")  # noqa: B009 - of patches, or of lines
    return to_hex(get())


def house(accent: str) -> None:
    figures.style(nearest(accent, text_luminances()))


def test_lightness_and_difference_are_those_of_the_commission() -> None:
    """White is 100, black 0; a grey of half the luminance 76.07; the greys are greys for everybody."""
    assert lab("#ffffff", "all colours") == pytest.approx([100, 0, 0], abs=0.02)
    assert lightness("#777777") == pytest.approx(lab("#777777", "all colours")[0], abs=0.05)
    for seen in MATRICES:
        assert lab("#777777", seen) == pytest.approx(lab("#777777", "all colours"), abs=0.01)


def test_red_and_green_of_one_lightness_are_told_apart_by_nobody_who_lacks_a_cone() -> None:
    """The check itself: pairs that the full eye parts at once and dichromats confuse."""
    for seen, one, other in (("deuteranopia", "#c15a00", "#8b7d00"), ("protanopia", "#a34c00", "#596500")):
        full = np.linalg.norm(lab(one, "all colours") - lab(other, "all colours"))
        left = np.linalg.norm(lab(one, seen) - lab(other, seen))
        assert full > 30
        assert left < full / 2


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("name", PAIRS)
def test_two_kinds_of_marks_differ_in_lightness_and_for_the_colour_blind(name: str, accent: str) -> None:
    house(accent)
    found = marks(CHARTS[name.partition(",")[0]]())
    one, other = (colour_of(found[gid]) for gid in PAIRS[name])
    assert abs(lightness(one) - lightness(other)) >= APART
    for seen in MATRICES:
        assert np.linalg.norm(lab(one, seen) - lab(other, seen)) >= APART


@pytest.mark.parametrize("accent", ACCENTS)
def test_marks_that_carry_a_finding_show_on_paper(accent: str) -> None:
    """WCAG 2.2, 1.4.11: contrast of 3 and more for what must be seen to understand a chart."""
    house(accent)
    for colour in (palette.accent(), palette.comparison(), palette.comparison(palette.LINE), palette.LINE):
        assert palette.contrast(colour, palette.WHITE) >= 3


@pytest.mark.parametrize("accent", ACCENTS)
def test_the_heat_map_runs_steadily_over_more_than_a_third_of_lightness(accent: str) -> None:
    house(accent)
    ramp = [palette.shade(step / 10, 1.0) for step in range(11)]
    for seen in MATRICES:
        lights = [float(lab(colour, seen)[0]) for colour in ramp]
        assert lights[0] - lights[-1] > 35
        steps = [before - after for before, after in pairwise(lights)]
        assert min(steps) > max(steps) / 4


@pytest.mark.parametrize("accent", ACCENTS)
def test_an_observed_cell_is_told_from_paper(accent: str) -> None:
    house(accent)
    found = marks(figures.cohorts(cohort_result(24, 23)))
    fills = {
        colour_of(each) for gid, each in found.items() if gid.startswith("cohorts-") and hasattr(each, "get_width")
    }
    assert min(100 - lightness(fill) for fill in fills) > 1.5
