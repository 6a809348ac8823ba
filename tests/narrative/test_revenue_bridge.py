"""What the page of why net sales moved says follows from its figures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_lib import i18n
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.revenue_bridge import section
from loyalty_lib.narrative.revenue_bridge import ALSO, MOST, story
from loyalty_lib.narrative.story import FLAT, direction
from tests.figures.test_revenue_bridge import AMOUNTS, NAN, PARTS, result_of

DRIVERS = ("active_customers", "orders_per_customer", "average_order_value")
PART = st.floats(-300_000, 300_000, allow_nan=False)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.activate("en", "EUR")
    yield
    i18n.activate("en")


def metrics_of(
    parts: tuple[float, ...] = PARTS, amounts: tuple[float, ...] = AMOUNTS, retention: float | None = 0.4
) -> dict[str, Any]:
    content = plain(section(result_of(parts, amounts), SimpleNamespace()))  # type: ignore[arg-type]
    net = None if retention is None else 1.5 * retention
    figures = {"gross_revenue_retention": {"value": retention}, "net_revenue_retention": {"value": net}}
    return {
        "revenue_bridge": json.loads(json.dumps(content, allow_nan=False)),
        "period": {"kind": "quarter", "start": "2024-10-01", "end": "2024-12-31"},
        "kpis": {"figures": figures},
    }


def test_the_published_example_in_words() -> None:
    told = story(metrics_of())
    assert told.headline == "More active customers added most to net sales: €99,389"
    assert told.lead == (
        "Net sales rose 9% on the same period last year, from €1M to €1.09M.",
        "Fewer orders per customer took €53,489.",
        "Larger orders added €40,900.",
        (
            "The previous period’s customers now spent 60% of what they spent then; not counting what some spent more, "
            "40% was kept."
        ),
    )
    assert told.advice == (
        "400 new customers brought €400,000. Plan their second purchase now, while they remember the shop.",
        (
            "Customers placed 1.90 orders each, against 2.00. Remind some of them of what they bought, leave as many "
            "alone, and see whether it brings orders."
        ),
    )
    assert told.figures["revenue_bridge"].title == told.headline
    assert "active customers +€99,389, orders per customer −€53,489" in told.figures["revenue_bridge"].alt
    assert told.figures["revenue_bridge-flow"].title == "New customers brought most: €400,000"
    assert "4th quarter 2023 to 4th quarter 2024" in told.figures["revenue_bridge-flow"].subtitle


@given(parts=st.tuples(PART, PART, PART))
def test_directions_are_those_of_the_parts(parts: tuple[float, float, float]) -> None:
    """The largest part is the headline's; the others are told past the threshold, each with its own sign."""
    i18n.activate("en", "EUR")
    told = story(metrics_of(parts))
    largest = max(range(3), key=lambda place: abs(parts[place]))
    said = [told.headline, *told.lead]
    for place, (name, part) in enumerate(zip(DRIVERS, parts, strict=True)):
        towards = direction(part / 1_000_000)
        words = MOST if place == largest or abs(part) == abs(parts[largest]) else ALSO
        for way in ("up", "down"):
            sentence = i18n.say(words[name, way], part=abs(part))
            assert (sentence in said) <= (way == towards)
        if abs(part) >= FLAT * 1_000_000 and place == largest and list(map(abs, parts)).count(abs(part)) == 1:
            assert told.headline == i18n.say(MOST[name, towards or ""], part=abs(part))
    change = sum(parts) / 1_000_000
    word = {"up": "rose", "down": "fell", "flat": "unchanged"}[direction(change) or ""]
    assert word in told.lead[0]
    if max(map(abs, parts)) < FLAT * 1_000_000:
        assert told.headline == "Customers, orders and order value all stayed as they were"
        assert told.advice == ()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((-90_000.0, 10.0, 10.0), "290 customers who had spent €330,000 then did not buy now."),
        ((10.0, 90_000.0, 10.0), "Find out who orders more often"),
        ((10.0, 10.0, -90_000.0), "Look at discounts, refunds and what was sold"),
        ((10.0, 10.0, 90_000.0), "See whether prices or larger baskets did it"),
    ],
)
def test_advice_follows_from_the_largest_part(parts: tuple[float, ...], words: str) -> None:
    (only,) = story(metrics_of(parts)).advice
    assert words in only


def test_one_customer_is_one_customer() -> None:
    metrics = metrics_of((-90_000.0, 10.0, 10.0))
    metrics["revenue_bridge"]["comparisons"]["year_ago"]["flow"]["lapsed"] = {"customers": 1.0, "amount": -20.0}
    assert story(metrics).advice[0].startswith("1 customer who had spent €20.00 then did not buy now.")


def test_hidden_flows_leave_general_advice_and_no_finding_of_the_flow() -> None:
    told = story(metrics_of(amounts=(NAN,) * 6, retention=None))
    assert told.headline == "More active customers added most to net sales: €99,389"
    assert told.advice[0].startswith("Plan the next purchase of those who came or came back now")
    assert told.figures["revenue_bridge-flow"].title == "Who brought and who took net sales"
    assert len(told.lead) == 3


def test_sales_that_cannot_be_split_still_say_who_brought_them() -> None:
    told = story(metrics_of((NAN, NAN, NAN)))
    assert told.headline.startswith("Net sales went from €1M to")
    assert list(told.figures) == ["revenue_bridge-flow"]
    assert told.advice == ()


def test_without_a_comparison_there_is_no_page() -> None:
    told = story(metrics_of((NAN, NAN, NAN), (NAN,) * 6))
    assert (told.headline, told.lead, told.advice, dict(told.figures)) == ("", (), (), {})


def test_the_flow_names_the_largest_amount() -> None:
    amounts = (10.0, 20.0, 30.0, -40.0, -500.0, 3.0)
    assert (
        story(metrics_of(amounts=amounts)).figures["revenue_bridge-flow"].title == "Lapsed customers took most: €500.00"
    )
    other = (10.0, 20.0, 30.0, -40.0, -50.0, -900.0)
    assert story(metrics_of(amounts=other)).figures["revenue_bridge-flow"].title == "Who brought and who took net sales"


def test_metrics_hold_every_figure_and_no_evidence() -> None:
    content = metrics_of()["revenue_bridge"]
    assert content["basis"] == "year_ago"
    against = content["comparisons"]["year_ago"]
    assert [against["drivers"][name]["part"] for name in DRIVERS] == list(PARTS)
    assert math.isclose(against["relative_change"], 0.0868)
    assert "largest_share" not in json.dumps(content)
