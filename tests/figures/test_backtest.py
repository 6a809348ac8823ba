from __future__ import annotations

import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, checked


def test_marks_are_the_published_means_of_cdnow() -> None:
    found = marks(figures.backtest(checked()))
    rows = checked().by_frequency
    for row, (frequency, actual, predicted) in enumerate(
        zip(rows["frequency"], rows["actual"], rows["predicted"], strict=True)
    ):
        assert found[f"backtest-actual-{frequency}"].get_xydata().tolist() == [[actual, row]]
        assert found[f"backtest-predicted-{frequency}"].get_xydata().tolist() == [[predicted, row]]
        assert found[f"backtest-gap-{frequency}"].get_xydata().tolist() == [[predicted, row], [actual, row]]


@pytest.mark.parametrize(
    ("language", "expected"), [("en", ["6.16", "6.36", "1,411"]), ("nb", ["6,16", "6,36", "1\u00a0411"])]
)
def test_both_values_and_the_customers_are_written_out(language: str, expected: list[str]) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.backtest(checked()))
    assert [text for text in expected if text not in written] == []


def test_the_smaller_value_stands_left_of_its_mark_and_the_larger_right() -> None:
    result = checked()
    result.by_frequency.loc[0, ["actual", "predicted"]] = [0.20, 0.21]
    result.by_frequency.loc[1, ["actual", "predicted"]] = [0.5, 0.5]
    ax = figures.backtest(result)
    boxes, _ = text_boxes(ax)
    at = {text.get_text(): box for text, box in boxes.items()}
    assert at["0.20"].x1 < ax.transData.transform((0.20, 0))[0]
    assert at["0.21"].x0 > ax.transData.transform((0.21, 0))[0]
    equal = sorted((box for text, box in boxes.items() if text.get_text() == "0.50"), key=lambda box: box.x0)
    assert equal[0].x1 < ax.transData.transform((0.5, 0))[0] < equal[1].x0


def test_a_hidden_class_says_so_and_an_empty_one_shows_a_dash() -> None:
    result = checked()
    result.by_frequency["customers"] = result.by_frequency["customers"].astype(float)
    result.by_frequency.loc[6, ["customers", "actual", "predicted"]] = NAN
    result.by_frequency.loc[5, ["customers", "actual", "predicted"]] = [0, NAN, NAN]
    ax = figures.backtest(result)
    found = marks(ax)
    assert "backtest-actual-6" not in found
    assert "backtest-actual-5" not in found
    assert texts(ax).count("Hidden for privacy") == 1
    assert "0" in texts(ax)
