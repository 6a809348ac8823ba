"""Charts look as they did: their marks are compared with pictures in ``baseline/``.

After a change that is meant to be seen, look at the difference a failing test names, then renew the pictures and look
at them again in the change itself::

    LOYALTY_RENEW_BASELINE=1 python -m pytest tests/figures/test_pictures.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.figures.marks import marks
from tests.figures.pictures import TOLERANCE, difference, explain, picture, read, write
from tests.figures.test_charts import CHARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BASELINE: Final = Path(__file__).with_name("baseline")
RENEW: Final = "LOYALTY_RENEW_BASELINE"
LARGEST: Final = 15_000  # bytes of a picture
COMPARED: Final = (
    *("kpis by month", "revenue_bridge", "revenue_bridge_flow", "cohorts", "cohorts, many", "cohort_curve"),
    *("cohort_revenue", "time_to_second_purchase", "time_to_second_purchase_groups", "rfm", "rfm, cells"),
    *("rfm_migration", "pareto", "pareto, two points", "pareto_deciles", "clv", "backtest"),
    *("action_lists", "action_lists_risk"),
)


def file_of(name: str) -> Path:
    return BASELINE / f"{re.sub('[^a-z0-9]+', '-', name)}.png"


@pytest.mark.parametrize("name", COMPARED)
def test_a_chart_s_marks_are_those_of_its_picture(name: str, tmp_path: Path) -> None:
    drawn = picture(CHARTS[name]())
    if os.environ.get(RENEW):
        BASELINE.mkdir(exist_ok=True)
        write(drawn, file_of(name))
    expected = read(file_of(name))
    apart = difference(drawn, expected)
    assert apart <= TOLERANCE, (
        f"{name} differs from {file_of(name).name} by {apart:.1f} of 255, more than {TOLERANCE}. Drawn, expected and "
        f"where they differ: {explain(drawn, expected, tmp_path)}. If this is meant, run with {RENEW}=1."
    )


def test_every_picture_is_small_and_compared() -> None:
    assert {path.name for path in BASELINE.iterdir()} == {file_of(name).name for name in COMPARED}
    assert max(path.stat().st_size for path in BASELINE.iterdir()) <= LARGEST


def lengthen(ax: Axes, gid: str, share: float) -> None:
    bar = marks(ax)[gid]
    bar.set_width(bar.get_width() * (1 + share))


def heighten(ax: Axes, gid: str, share: float) -> None:
    bar = marks(ax)[gid]
    bar.set_height(bar.get_height() * (1 + share))


def move(ax: Axes, gid: str, pixels: float) -> None:
    """Move a line or a dot to the right, on a picture of 56 dots to the inch."""
    mark = marks(ax)[gid]
    (x0, _), (x1, _) = ax.transData.inverted().transform([(0, 0), (pixels * ax.figure.dpi / 56, 0)])
    mark.set_xdata(mark.get_xdata() + (x1 - x0))


def tint(ax: Axes, gid: str, colour: str) -> None:
    marks(ax)[gid].set_color(colour)


CHANGES: dict[str, tuple[str, Callable[[Axes], None]]] = {
    "a bar 2 % longer": ("clv", lambda ax: lengthen(ax, "clv-champions", 0.02)),
    "a column 2 % higher": ("revenue_bridge", lambda ax: heighten(ax, "revenue_bridge-now", 0.02)),
    "a square 2 % broader": ("rfm", lambda ax: lengthen(ax, "rfm-champions-sales", 0.02)),
    "a dot one pixel to the right": ("backtest", lambda ax: move(ax, "backtest-actual-3", 1)),
    "a curve one pixel to the right": ("pareto", lambda ax: move(ax, "pareto-curve", 1)),
    "a cell of another shade": ("cohorts", lambda ax: tint(ax, "cohorts-1-3", "#a0b8c6")),
    "a line of another grey": ("cohort_curve", lambda ax: tint(ax, "cohort-curve-1", "#8a949b")),
    "a mark that is gone": ("rfm_migration", lambda ax: marks(ax)["rfm-migration-loyal-at_risk"].remove()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_small_change_is_seen(change: str) -> None:
    name, apply = CHANGES[change]
    ax = CHARTS[name]()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    apply(ax)
    assert difference(picture(ax), read(file_of(name))) > TOLERANCE


@pytest.mark.parametrize("name", ["clv", "pareto", "cohorts", "rfm_migration"])
def test_a_fiftieth_of_a_pixel_is_not(name: str) -> None:
    """As much as numbers of another processor may move a mark."""
    ax = CHARTS[name]()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    box = ax.get_position()
    ax.set_position((box.x0 + 0.02 / (56 * 6.69), box.y0, box.width, box.height))
    assert difference(picture(ax), read(file_of(name))) <= TOLERANCE


def test_what_differs_is_saved_beside_what_was_drawn_and_expected(tmp_path: Path) -> None:
    expected = read(file_of("clv"))
    ax = CHARTS["clv"]()
    lengthen(ax, "clv-champions", 0.02)
    saved = read(explain(picture(ax), expected, tmp_path))
    height, width, _ = expected.shape
    assert saved.shape == (3 * height, width, 3)
    changed = saved[2 * height :].min(axis=2) < 128
    assert 0 < changed.sum() < 200
