"""The page of concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

# Mean revenue share of the top 20 %: Kim, Singh & Winer (2017), consumer goods; McCarthy & Winer (2019), other firms.
PUBLISHED = (0.67, 0.73)
DEPENDENT = 0.10  # from this share of sales on, one customer's leaving is a risk of its own


def top_share(metrics: Metrics, top: float) -> float | None:
    """Return the share of sales of the top fraction of customers."""
    share: float | None = next(row["share_of_sales"] for row in metrics["pareto"]["top_shares"] if row["top"] == top)
    return share


def story(metrics: Metrics) -> Story:
    """Tell how concentrated sales are."""
    pareto = metrics["pareto"]
    share = top_share(metrics, 0.2)
    if share is None:
        return Story(say("Too few customers to measure concentration"))
    headline = say("The top {top:percent} of customers bring {share:percent} of sales", top=0.2, share=share)
    lead = [
        say(
            "Published averages for the top {top:percent} are {low:percent} (McCarthy and Winer 2019) and "
            "{high:percent} "
            "(Kim, Singh and Winer 2017); they depend on the length of the window.",
            top=0.2,
            low=PUBLISHED[0],
            high=PUBLISHED[1],
        ),
    ]
    if pareto["share_for_80"] is not None:
        lead.insert(
            0, say("{share:percent} of customers make {goal:percent} of sales.", share=pareto["share_for_80"], goal=0.8)
        )
    figure = Figure(
        title=headline,
        subtitle=say(
            "Cumulative share of net sales, customers from largest to smallest, {start:date} to {end:date}",
            start=pareto["start"],
            end=metrics["as_of"],
        ),
        alt=say(
            "Curve of cumulative sales against customers. The top {ten:percent} bring {first:percent}, the top "
            "{twenty:percent} {second:percent} and the top half {third:percent} of sales. Gini coefficient "
            "{gini:number.2}.",
            ten=0.1,
            first=top_share(metrics, 0.1),
            twenty=0.2,
            second=share,
            third=top_share(metrics, 0.5),
            gini=pareto["gini"],
        ),
    )
    return Story(headline, tuple(lead), _advice(metrics), {"pareto": figure})


def _advice(metrics: Metrics) -> tuple[str, ...]:
    pareto = metrics["pareto"]
    ten = pareto["cr10"]
    if ten is None:
        return ()
    if ten >= DEPENDENT:
        return (
            say(
                "The ten largest customers bring {share:percent.1} of sales. Give each a named contact and a plan for "
                "the day one of them leaves.",
                share=ten,
            ),
        )
    return (
        say(
            "No single customer matters much: the ten largest together bring {share:percent.1} of sales. Work with "
            "groups, not with names.",
            share=ten,
        ),
    )
