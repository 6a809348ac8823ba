from __future__ import annotations

import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import COUNTS, EXPECTED_COUNTS, NAN, model_check


def test_bars_are_the_actual_and_the_expected_customers_side_by_side() -> None:
    check = model_check()
    found = marks(figures.frequencies(check))
    for place, (name, actual, expected) in enumerate(
        zip(check.frequencies["frequency"], COUNTS, EXPECTED_COUNTS, strict=True)
    ):
        one, other = found[f"frequencies-actual-{name}"], found[f"frequencies-model-{name}"]
        assert one.get_height() == actual
        assert other.get_height() == expected
        assert one.get_x() + one.get_width() == pytest.approx(place)
        assert other.get_x() == pytest.approx(place)


@pytest.mark.parametrize(("language", "expected"), [("en", "1,411"), ("nb", "1\u00a0411")])
def test_every_bar_has_its_number(language: str, expected: str) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.frequencies(model_check()))
    assert expected in written
    numbers = [i18n.number(value) for value in (*COUNTS, *EXPECTED_COUNTS)]
    assert [text for text in numbers if written.count(text) < numbers.count(text)] == []


def test_numbers_stand_over_their_bars_or_over_each_other_where_a_pair_is_too_narrow() -> None:
    check = model_check()
    check.frequencies.loc[0, ["customers", "expected"]] = [141134.0, 140212.0]
    boxes, _ = text_boxes(figures.frequencies(check))
    at = {text.get_text(): box for text, box in boxes.items()}
    assert at["141,134"].y0 > at["140,212"].y0
    assert at["141,134"].x0 < at["140,212"].x1
    assert at["439"].x1 < at["460"].x0


def test_a_hidden_class_is_a_dot_on_the_axis_and_says_so() -> None:
    check = model_check()
    check.frequencies.loc[9, ["customers", "expected"]] = NAN
    check.frequencies.loc[8, "customers"] = NAN
    ax = figures.frequencies(check)
    found = marks(ax)
    assert {gid for gid in found if gid.endswith("hidden")} == {
        "frequencies-actual-8-hidden",
        "frequencies-actual-9-hidden",
        "frequencies-model-9-hidden",
    }
    assert "frequencies-actual-9" not in found
    assert "frequencies-model-8" in found
    assert texts(ax).count("· Hidden for privacy") == 1
    assert "· Hidden for privacy" not in texts(figures.frequencies(model_check()))


def test_ticks_of_few_customers_are_whole_numbers() -> None:
    check = model_check()
    check.frequencies[["customers", "expected"]] = 1.0
    ax = figures.frequencies(check)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1", "2", "3", "4"]
