from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect_subscriptions import protect_subscriptions
from loyalty_lib.figures.subscriptions import subscriptions
from loyalty_lib.figures.subscriptions_revenue import subscriptions_revenue
from tests.analyses.contracts import EIGHT, follow, frame, yearly
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

LANGUAGES = ["en", "nb", "fi"]


def test_curve_band_and_projection_are_those_of_the_result() -> None:
    result = follow(yearly())
    found = marks(subscriptions(result))
    np.testing.assert_array_equal(
        found["subscriptions-observed"].get_xydata(), result.curve[["months", "share"]].to_numpy()
    )
    np.testing.assert_array_equal(
        found["subscriptions-projection"].get_xydata(), result.projection[["months", "share"]].to_numpy()
    )
    year = result.survival.set_index("months")["share"][12]
    assert found["subscriptions-year"].get_xydata().tolist() == [[12, year]]
    assert found["subscriptions-end"].get_xydata().tolist() == [
        result.projection[["months", "share"]].iloc[-1].to_list()
    ]
    assert {i18n.percent(year), i18n.percent(result.projection["share"].iloc[-1])} <= set(texts(subscriptions(result)))


def test_without_a_fit_there_is_no_projection() -> None:
    found = marks(subscriptions(follow(frame(EIGHT))))
    assert "subscriptions-observed" in found
    assert "subscriptions-projection" not in found


def test_bars_are_the_gains_and_losses_of_the_period() -> None:
    """New 25, back 12, more 15, less 25, lost 10: 17 in all."""
    found = marks(subscriptions_revenue(follow(frame(EIGHT))))
    widths = {name.removeprefix("subscriptions-revenue-"): bar.get_width() for name, bar in found.items()}
    assert widths == {
        "new_revenue": 25,
        "reactivated_revenue": 12,
        "expansion": 15,
        "contraction": -25,
        "churned_revenue": -10,
        "change": 17,
    }


def test_hidden_parts_have_no_bar_and_say_so() -> None:
    axes = subscriptions_revenue(protect_subscriptions(follow(yearly(60)), 5, 0.5))
    assert "subscriptions-revenue-new_revenue" not in marks(axes)
    assert "Hidden for privacy" in texts(axes)


@pytest.mark.parametrize("draw", [subscriptions, subscriptions_revenue])
def test_nothing_to_draw_leaves_an_empty_chart(draw: object) -> None:
    assert draw(follow(None)).get_figure() is not None  # type: ignore[operator]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("customers", [1, 60, 600])
def test_no_words_run_into_each_other_or_over_the_edge(language: str, customers: int) -> None:
    i18n.activate(language, "NOK")
    result = follow(yearly(customers).assign(amount=lambda table: 1000 * table["amount"]))
    for draw in (subscriptions, subscriptions_revenue):
        boxes, canvas = text_boxes(draw(result))
        assert not overlapping(boxes)
        assert not outside(boxes, canvas)
