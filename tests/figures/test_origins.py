from __future__ import annotations

import dataclasses

import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, forecasts


def test_each_forecast_is_its_interval_its_prediction_and_the_outcome() -> None:
    value = forecasts()
    found = marks(figures.origins(value))
    columns = ["predicted", "low", "high", "actual"]
    for row, (predicted, low, high, actual) in enumerate(value.origins[columns].itertuples(index=False)):
        band = found[f"origins-{row}-interval"]
        assert (band.get_x(), band.get_x() + band.get_width()) == (low, high)
        assert found[f"origins-{row}-predicted"].get_xydata().tolist() == [[predicted, row]]
        assert found[f"origins-{row}-actual"].get_xydata().tolist() == [[actual, row]]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["30/06/1997", "1,021", "903", "+13.1%", "−0.2%", "80% interval"]),
        ("nb", ["30.06.1997", "1\u00a0021", "903", "+13,1\u00a0%", "−0,2\u00a0%"]),
    ],
)
def test_day_values_and_error_are_written_out(language: str, expected: list[str]) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.origins(forecasts()))
    assert [text for text in expected if text not in written] == []


def test_the_smaller_value_stands_left_of_everything_and_the_larger_right() -> None:
    ax = figures.origins(forecasts())
    boxes, _ = text_boxes(ax)
    at = {text.get_text(): box for text, box in boxes.items()}

    def x(value: float) -> float:
        return float(ax.transData.transform((value, 0))[0])

    assert at["903"].x1 < x(903)
    assert at["1,021"].x0 > x(1101)
    assert at["650"].x1 < x(590)
    assert at["700"].x0 > x(710)


def test_a_hidden_forecast_says_so_and_a_result_without_one_has_no_rows() -> None:
    value = forecasts()
    value.origins.loc[1, ["predicted", "low", "high", "actual", "relative_error"]] = NAN
    ax = figures.origins(value)
    assert "origins-1-actual" not in marks(ax)
    assert texts(ax).count("Hidden for privacy") == 1
    none = dataclasses.replace(value, forecast=None, origins=value.origins.iloc[:0])
    assert not marks(figures.origins(none))
