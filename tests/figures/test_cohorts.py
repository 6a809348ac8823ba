from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from loyalty_lib import figures, i18n
from loyalty_lib.figures.palette import TEXT_CONTRAST, contrast, luminance
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.results import cohort_result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.cohorts import Grain

ACCENTS = ("#1f5a7a", "#c0392b", "#f1c40f", "#2e7d32", "#000000", "#7f7f7f", "#8e44ad", "#00bcd4")


def numbers_in_cells(ax: Axes) -> dict[tuple[float, float], Text]:
    return {
        (round(float(text.get_position()[0]), 6), round(float(text.get_position()[1]), 6)): text
        for text in ax.findobj(Text)
        if isinstance(text, Text) and text.get_text().isdigit() and text.get_transform() == ax.transData
    }


def test_observed_cells_hold_their_retention_and_no_others_are_drawn() -> None:
    result = cohort_result(3, 17)
    ax = figures.cohorts(result)
    found = marks(ax)
    written = numbers_in_cells(ax)
    retention = result.retention.to_numpy(dtype=float)
    for row in range(3):
        for k in range(1, 18):
            share = retention[row, k]
            assert (f"cohorts-{row}-{k}" in found) == np.isfinite(share)
            if np.isfinite(share):
                assert written[k, row].get_text() == i18n.number(100 * share)
    assert not any(gid.endswith("-0") and not gid.startswith("cohorts-0-1") for gid in found), "k = 0 is left out"


def test_the_average_stands_under_the_cohorts() -> None:
    result = cohort_result(3, 17)
    ax = figures.cohorts(result)
    found = marks(ax)
    written = numbers_in_cells(ax)
    for k, share in enumerate(result.average["retention"].to_numpy(dtype=float)[1:], start=1):
        assert f"cohorts-average-{k}" in found
        assert written[k, 3.3].get_text() == i18n.number(100 * share)


def test_a_hidden_cell_is_a_dot_and_an_unobserved_one_is_empty() -> None:
    found = marks(figures.cohorts(cohort_result(3, 5, hidden=[(1, 2)])))
    assert "cohorts-1-2" not in found
    assert found["cohorts-1-2-hidden"].get_xydata().tolist() == [[2, 1]]
    assert [gid for gid in found if gid.endswith("hidden")] == ["cohorts-1-2-hidden"]
    assert "· Hidden for privacy" in texts(figures.cohorts(cohort_result(3, 5, hidden=[(1, 2)])))
    assert "· Hidden for privacy" not in texts(figures.cohorts(cohort_result(3, 5)))


@pytest.mark.parametrize("accent", ACCENTS)
def test_numbers_read_on_every_shade(accent: str) -> None:
    """WCAG 2.2, 1.4.3: contrast of text of this size at least 4.5, whatever accent the client chose."""
    figures.style(accent)
    ax = figures.cohorts(cohort_result(24, 23))
    found, written = marks(ax), numbers_in_cells(ax)
    checked = 0
    for (k, row), text in written.items():
        if row == int(row):
            fill = to_hex(found[f"cohorts-{int(row)}-{int(k)}"].get_facecolor())
            assert contrast(to_hex(text.get_color()), fill) >= TEXT_CONTRAST
            checked += 1
    assert checked == 23 * 24 // 2


@pytest.mark.parametrize(("size", "expected"), [((24, 23), 7.5), ((3, 17), 7.5)])
def test_numbers_are_never_smaller_than_seven_and_a_half_points(size: tuple[int, int], expected: float) -> None:
    written = numbers_in_cells(figures.cohorts(cohort_result(*size)))
    assert {text.get_fontsize() for text in written.values()} == {expected}


def test_the_larger_the_share_the_darker_the_cell() -> None:
    result = cohort_result(24, 23)
    found = marks(figures.cohorts(result))
    retention = result.retention.to_numpy(dtype=float)
    cells = sorted(
        (float(retention[row, k]), luminance(to_hex(found[f"cohorts-{row}-{k}"].get_facecolor())))
        for row in range(24)
        for k in range(1, 24 - row)
    )
    assert len(cells) == 276
    assert all(after <= before for (_, before), (_, after) in pairwise(cells))
    assert len({light for _, light in cells}) > 100


@pytest.mark.parametrize(("cohorts", "last", "grain"), [(104, 103, "week"), (30, 40, "month"), (60, 59, "month")])
def test_at_most_the_latest_24_cohorts_and_24_periods_are_drawn(cohorts: int, last: int, grain: Grain) -> None:
    result = cohort_result(cohorts, last, grain)
    ax = figures.cohorts(result)
    found = marks(ax)
    latest = result.retention.iloc[-24:]
    for row in range(24):
        shown = [k for k in range(1, last + 1) if f"cohorts-{row}-{k}" in found]
        assert shown == [k for k in range(1, 25) if k in latest.columns and np.isfinite(latest[k].iloc[row])]
    assert not any(gid.startswith("cohorts-24-") for gid in found)
    written = numbers_in_cells(ax)
    assert written[1, 0].get_text() == i18n.number(100 * latest[1].iloc[0])


@pytest.mark.parametrize(
    ("language", "month", "size"),
    [("en", "Jan 1997", "7,010"), ("nb", "jan. 1997", "7\u00a0010"), ("fi", "tammi 1997", "7\u00a0010")],
)
def test_rows_are_named_in_the_language(language: str, month: str, size: str) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.cohorts(cohort_result()))
    assert month in written
    assert size in written


def test_quarters_and_weeks_are_named_as_such() -> None:
    assert "1st quarter 1997" in texts(figures.cohorts(cohort_result(3, 3, "quarter")))
    assert "30/12/1996" in texts(figures.cohorts(cohort_result(3, 3, "week")))


@pytest.mark.parametrize(("cohorts", "last", "language"), [(52, 51, "en"), (52, 80, "fi"), (104, 103, "nb")])
def test_a_year_or_two_of_weeks_fit_a_page_with_every_name_legible(cohorts: int, last: int, language: str) -> None:
    i18n.activate(language, "NOK")
    ax = figures.cohorts(cohort_result(cohorts, last, "week", hidden=[(cohorts - 3, 1)]))
    figure = ax.get_figure(root=True)
    assert figure is not None
    assert figure.get_figheight() < 7.2
    boxes, canvas = text_boxes(ax)
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []
