from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import to_hex

from loyalty_lib import figures, i18n
from loyalty_lib.figures import palette
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, model_check

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.model_check import ModelCheck

Draw = Callable[["ModelCheck"], "Axes"]


@pytest.mark.parametrize(
    ("draw", "actual", "expected"),
    [
        (figures.tracking, "purchases", "expected"),
        (figures.tracking_total, "cumulative", "cumulative_expected"),
    ],
)
def test_lines_are_the_purchases_and_the_models(draw: Draw, actual: str, expected: str) -> None:
    check = model_check()
    found = marks(draw(check))
    for gid, column in (("tracking-actual", actual), ("tracking-model", expected)):
        np.testing.assert_array_equal(found[gid].get_xdata(), check.tracking["week"])
        np.testing.assert_array_equal(found[gid].get_ydata(), check.tracking[column])


def test_the_model_is_told_from_the_outcome_without_colour() -> None:
    found = marks(figures.tracking(model_check()))
    actual, model = found["tracking-actual"], found["tracking-model"]
    assert to_hex(actual.get_color()) == palette.INK
    assert to_hex(model.get_color()) == palette.accent()
    assert model.get_linewidth() >= 2 * actual.get_linewidth()
    assert actual.get_linestyle() == "-"
    assert model.get_linestyle() == "--"


@pytest.mark.parametrize("draw", [figures.tracking, figures.tracking_total])
def test_a_hairline_parts_the_known_weeks_from_the_forecast(draw: Draw) -> None:
    ax = draw(model_check(weeks=78, known=39))
    hairline = marks(ax)["tracking-cutoff"]
    assert set(hairline.get_xdata()) == {39.5}
    boxes, _ = text_boxes(ax)
    at = {text.get_text(): box for text, box in boxes.items()}
    assert at["Known to the model"].x1 < hairline.get_window_extent().x0 < at["Forecast"].x0


@pytest.mark.parametrize("known", [0, 78])
def test_weeks_of_one_side_only_have_no_hairline(known: int) -> None:
    ax = figures.tracking(model_check(weeks=78, known=known))
    assert "tracking-cutoff" not in marks(ax)
    assert "Forecast" not in texts(ax)


def test_totals_are_written_at_the_ends_the_higher_one_above() -> None:
    check = model_check()
    check.tracking.loc[77, ["cumulative", "cumulative_expected"]] = [4339.0, 4160.6]
    boxes, _ = text_boxes(figures.tracking_total(check))
    at = {text.get_text(): box for text, box in boxes.items()}
    assert at["Actual 4,339"].y0 > at["Model 4,161"].y1
    check.tracking.loc[77, ["cumulative", "cumulative_expected"]] = [4160.6, 4339.0]
    boxes, _ = text_boxes(figures.tracking_total(check))
    at = {text.get_text(): box for text, box in boxes.items()}
    assert at["Model 4,339"].y0 > at["Actual 4,161"].y1


def test_a_hidden_week_breaks_the_line_and_is_a_dot_on_the_axis() -> None:
    check = model_check()
    check.tracking.loc[[0, 1, 3], ["customers", "purchases", "expected", "cumulative", "cumulative_expected"]] = NAN
    ax = figures.tracking(check)
    found = marks(ax)
    assert found["tracking-hidden"].get_xydata().tolist() == [[1, 0], [2, 0], [4, 0]]
    assert np.isnan(found["tracking-actual"].get_ydata()[[0, 1, 3]]).all()
    assert found["tracking-actual"].get_markevery() == [2], "week 3 stands alone and is a point"
    assert "· Hidden for privacy" in texts(ax)
    assert "tracking-hidden" not in marks(figures.tracking(model_check()))


@pytest.mark.parametrize(
    ("weeks", "numbered"),
    [(1, ["1"]), (26, ["4", "8", "12", "16", "20", "24"]), (80, ["13", "26", "39", "52", "65", "78"])],
)
def test_so_many_weeks_are_numbered_as_have_room(weeks: int, numbered: list[str]) -> None:
    ax = figures.tracking(model_check(weeks, weeks // 2))
    assert [label.get_text() for label in ax.get_xticklabels()] == numbered


def test_the_last_week_is_dated() -> None:
    assert "Week; the last one, week 78, ends on 30 June 1998" in texts(figures.tracking(model_check()))
    i18n.activate("nb", "NOK")
    assert any("30. juni 1998" in text for text in texts(figures.tracking(model_check())))
