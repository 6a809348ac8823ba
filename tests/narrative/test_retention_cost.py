"""What is said of the cost of keeping customers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.retention_cost import RetentionCostResult
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.retention_cost import section
from loyalty_lib.narrative.retention_cost import story
from loyalty_lib.narrative.story import Story

NAN = float("nan")
WHOLE: dict[str, Any] = {
    "cost": 12_000,
    "retained_customers": 480,
    "cost_per_retained": 25,
    "customers": 900,
    "mean_clv": 110,
    "horizon_months": 12,
    "clv_to_cost": 4.4,
    "largest_share": 0.01,
}


def told(highest: float = 150.0, **values: float) -> Story:
    i18n.activate("en", "EUR")
    inputs: Any = None
    found = plain({"retention_cost": section(RetentionCostResult(**{**WHOLE, **values}), inputs)})
    found["clv"] = {"available": True, "equity_high": 900 * highest, "customers": 900}
    return story(json.loads(json.dumps(found, allow_nan=False)))


def test_cost_value_and_their_ratio_are_told_with_their_months() -> None:
    found = told()
    assert found.headline == "Keeping a customer cost €25.00 in the period"
    assert found.lead == (
        "€12,000 was spent on keeping customers; 480 customers of the previous period bought again.",
        (
            "A customer is expected to bring €110.00 in the next 12 months, on average over all customers, lapsed "
            "ones included: 4.4 times what keeping one cost."
        ),
        "The cost is that of one period, the value that of 12 months.",
    )
    assert found.advice == (
        (
            "Many of these customers would have come back unasked. Leave a part of them alone, drawn at random, to "
            "learn what the €25.00 a customer changes."
        ),
    )
    assert found.figures == {}


def test_one_customer_and_one_month_are_singular() -> None:
    found = told(retained_customers=1, horizon_months=1)
    assert "1 customer of the previous period" in found.lead[0]
    assert "in the next 1 month, " in found.lead[1]


def test_customers_who_cost_more_than_they_bring_are_named_first() -> None:
    found = told(cost_per_retained=220, clv_to_cost=0.5)
    assert found.advice[0].startswith(
        "Keeping a customer cost €220.00, more than the €110.00 that the average customer"
    )
    assert len(found.advice) == 2
    # The average customer may bring 230 by the interval's high end: that is not clearly less than 220.
    assert len(told(230.0, cost_per_retained=220, clv_to_cost=0.5).advice) == 1


@pytest.mark.parametrize("missing", [{"mean_clv": NAN, "clv_to_cost": NAN, "horizon_months": NAN}, {"mean_clv": NAN}])
def test_without_a_value_only_the_cost_is_told(missing: dict[str, float]) -> None:
    found = told(**missing)
    assert len(found.lead) == 1
    assert found.headline == "Keeping a customer cost €25.00 in the period"


def test_a_cost_without_customers_does_not_become_a_cost_each() -> None:
    nobody = told(retained_customers=0, cost_per_retained=NAN, clv_to_cost=NAN)
    assert nobody == Story("€12,000 was spent on keeping customers, and none came back")
    hidden = told(retained_customers=NAN, cost_per_retained=NAN, clv_to_cost=NAN)
    assert hidden == Story("€12,000 was spent on keeping customers; how many were kept does not show")


def test_keeping_customers_for_nothing_needs_no_advice() -> None:
    assert told(cost=0, cost_per_retained=0, clv_to_cost=NAN).advice == ()


def test_without_a_cost_there_is_no_chapter() -> None:
    assert told(**dict.fromkeys(WHOLE, NAN)) == Story("")
