"""What it cost to keep a customer: a short page without a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell what keeping a customer cost, beside what a customer is expected to bring."""
    found = metrics["retention_cost"]
    if not found["available"]:
        return Story("")
    if found["cost_per_retained"] is None:
        return Story(_without_customers(found))
    headline = say("Keeping a customer cost {cost:money} in the period", cost=found["cost_per_retained"])
    lead = [
        say_many(
            "{cost:money_short} was spent on keeping customers; {count:number} customer of the previous period bought "
            "again.",
            "{cost:money_short} was spent on keeping customers; {count:number} customers of the previous period bought "
            "again.",
            found["retained_customers"],
            cost=found["cost"],
        )
    ]
    lead.extend(_against_value(found))
    dear = Finding("retention_cost", lead[0], found["cost"], "fact", "cost")
    return Story(headline, tuple(lead), _advice(metrics), findings=(dear,))


def _without_customers(found: Metrics) -> str:
    if found["retained_customers"] == 0:
        return say("{cost:money_short} was spent on keeping customers, and none came back", cost=found["cost"])
    return say(
        "{cost:money_short} was spent on keeping customers; how many were kept does not show", cost=found["cost"]
    )


def _against_value(found: Metrics) -> list[str]:
    """Set the cost of a period against the value of the forecast's months, and say that they are not of one length."""
    if found["mean_clv"] is None or found["clv_to_cost"] is None:
        return []
    return [
        say_many(
            "A customer is expected to bring {value:money} in the next {count:number} month, on average over all "
            "customers, lapsed ones included: {ratio:number.1} times what keeping one cost.",
            "A customer is expected to bring {value:money} in the next {count:number} months, on average over all "
            "customers, lapsed ones included: {ratio:number.1} times what keeping one cost.",
            found["horizon_months"],
            value=found["mean_clv"],
            ratio=found["clv_to_cost"],
        ),
        say_many(
            "The cost is that of one period, the value that of {count:number} month.",
            "The cost is that of one period, the value that of {count:number} months.",
            found["horizon_months"],
        ),
    ]


def _costs_more(metrics: Metrics) -> bool:
    """Tell whether keeping a customer cost more than a customer may bring, the whole interval of that considered."""
    cost, clv = metrics["retention_cost"]["cost_per_retained"], metrics.get("clv", {})
    return bool(clv.get("available") and cost > clv["equity_high"] / clv["customers"])


def _advice(metrics: Metrics) -> tuple[str, ...]:
    found = metrics["retention_cost"]
    if found["cost"] == 0:
        return ()
    advice = say(
        "Many of these customers would have come back unasked. Leave a part of them alone, drawn at random, to learn "
        "what the {cost:money} a customer changes.",
        cost=found["cost_per_retained"],
    )
    if found["clv_to_cost"] is None or not _costs_more(metrics):
        return (advice,)
    cut = say(
        "Keeping a customer cost {cost:money}, more than the {value:money} that the average customer, lapsed ones "
        "included, is expected to bring. Spend on those with the highest expected value first.",
        cost=found["cost_per_retained"],
        value=found["mean_clv"],
    )
    return cut, advice
