"""The page of customer segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

AT_RISK = ("at_risk", "cant_lose")


def shown_segments(metrics: Metrics) -> dict[str, dict[str, Any]]:
    """Return the segments with customers in them whose figures are not hidden, largest revenue first."""
    segments = metrics["rfm"]["segments"]
    shown = {key: row for key, row in segments.items() if row["customers"] and row["revenue"] is not None}
    return dict(sorted(shown.items(), key=lambda item: -item[1]["revenue"]))


def at_risk(metrics: Metrics) -> tuple[int, float]:
    """Return number and revenue of the customers who bought often and have gone quiet."""
    rows = [row for key, row in shown_segments(metrics).items() if key in AT_RISK]
    return sum(row["customers"] for row in rows), sum(row["revenue"] for row in rows)


def story(metrics: Metrics) -> Story:
    """Tell who the customers are."""
    rfm = metrics["rfm"]
    segments = shown_segments(metrics)
    if not segments:
        return Story(say("Too few customers to divide into segments"))
    key, top = next(iter(segments.items()))
    months = rfm["window_months"]
    headline = say(
        "{segment:text}: {customers:percent} of customers, {sales:percent} of sales",
        segment=segment_name(key),
        customers=top["share_of_customers"],
        sales=top["share_of_revenue"],
    )
    count, revenue = at_risk(metrics)
    lead = []
    if rfm["customers"] is not None:
        lead.append(
            say(
                "The segments cover the {customers:number} customers who bought in the last {months:number} months; "
                "{inactive:number} earlier customers did not buy in that time.",
                customers=rfm["customers"],
                months=months,
                inactive=rfm["inactive"],
            )
        )
    if count:
        lead.append(
            say(
                "{count:number} customers who bought often have gone quiet; they spent {revenue:money_short} in those "
                "months.",
                count=count,
                revenue=revenue,
            )
        )
    figure = Figure(
        title=headline,
        subtitle=say(
            "Customers by how recently (R) and how often (F) they bought, last {months:number} months; shade: "
            "share of sales",
            months=months,
        ),
        alt=say(
            "Grid of recency and frequency scores with {count:number} segments. The largest by sales is {segment:text} "
            "with {customers:number} customers and {sales:percent} of sales.",
            count=len(segments),
            segment=segment_name(key),
            customers=top["customers"],
            sales=top["share_of_revenue"],
        ),
    )
    return Story(headline, tuple(lead), _advice(metrics), {"rfm": figure})


def _advice(metrics: Metrics) -> tuple[str, ...]:
    segments = shown_segments(metrics)
    count, _ = at_risk(metrics)
    advice = []
    if count:
        advice.append(
            say(
                "Write to the {count:number} customers in “{first:text}” and “{second:text}” first, and leave a random "
                "tenth of them out to see what the letter does.",
                count=count,
                first=segment_name("at_risk"),
                second=segment_name("cant_lose"),
            )
        )
    if champions := segments.get("champions"):
        advice.append(
            say(
                "Look after the {count:number} in “{segment:text}” without discounts: they spend {mean:money} each "
                "already.",
                count=champions["customers"],
                segment=segment_name("champions"),
                mean=champions["mean_revenue"],
            )
        )
    return tuple(advice)
