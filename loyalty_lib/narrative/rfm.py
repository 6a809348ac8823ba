"""The page of customer segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import say, say_many
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative import rfm_moves
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

AT_RISK = ("at_risk", "cant_lose")
OFTEN = "rf_grid_10"  # the scheme in which these hold high frequency scores only


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
    """Tell who the customers are, and where they have gone since the earlier date."""
    rfm = metrics["rfm"]
    segments = shown_segments(metrics)
    if not segments:
        return Story(say("Too few customers to divide into segments"))
    key, top = next(iter(segments.items()))
    months = rfm["window_months"]
    headline = _headline(key, top)
    quiet = _quiet(metrics)
    lead = [*_population(rfm), *quiet]
    _, lost = at_risk(metrics)
    # What they spent is booked; whether it stays away is not known.
    found = [Finding("rfm", text, max(lost, 0.0), "forecast", "risk") for text in quiet]
    figures = {
        "rfm": Figure(
            title=headline,
            subtitle=say(
                "Customers by how recently (R) and how often (F) they bought, last {months:number} months",
                months=months,
            ),
            alt=say_many(
                "Grid of recency and frequency scores with {count:number} segment, {segment:text}: {customers:number} "
                "customers, {revenue:money_short}.",
                "Grid of recency and frequency scores with {count:number} segments. The largest by sales is "
                "{segment:text} with {customers:number} customers and {revenue:money_short}.",
                len(segments),
                segment=segment_name(key),
                customers=top["customers"],
                revenue=top["revenue"],
            ),
        )
    }
    if moves := rfm["movement"]:
        lead += rfm_moves.lead(moves, rfm["previous"])
        figures["rfm-migration"] = rfm_moves.figure(moves, rfm["previous"], metrics["as_of"])
    return Story(headline, tuple(lead), _advice(metrics), figures, (*found, Finding("rfm", f"{headline}.")))


def _headline(key: str, top: dict[str, Any]) -> str:
    if top["share_of_revenue"] is None:
        return say(
            "{segment:text} bring the most sales, {revenue:money_short}",
            segment=segment_name(key),
            revenue=top["revenue"],
        )
    if top["share_of_customers"] is None:
        return say("{segment:text}: {sales:percent} of sales", segment=segment_name(key), sales=top["share_of_revenue"])
    return say(
        "{segment:text}: {customers:percent} of customers, {sales:percent} of sales",
        segment=segment_name(key),
        customers=top["share_of_customers"],
        sales=top["share_of_revenue"],
    )


def _population(rfm: Metrics) -> list[str]:
    """Tell how many customers the segments cover."""
    if rfm["customers"] is None:
        return []
    if not rfm["inactive"]:
        return [
            say(
                "The segments cover the {customers:number} customers who bought in the last {months:number} months.",
                customers=rfm["customers"],
                months=rfm["window_months"],
            )
        ]
    return [
        say(
            "The segments cover the {customers:number} customers who bought in the last {months:number} months; "
            "{inactive:number} earlier customers did not buy in that time.",
            customers=rfm["customers"],
            months=rfm["window_months"],
            inactive=rfm["inactive"],
        )
    ]


def _quiet(metrics: Metrics) -> list[str]:
    """Tell of those who have gone quiet; only of one scheme is it known that they bought often."""
    count, revenue = at_risk(metrics)
    if not count:
        return []
    if metrics["rfm"]["scheme"] == OFTEN:
        text = say_many(
            "{count:number} customer who bought often has gone quiet, after spending {revenue:money_short} in the last "
            "{months:number} months.",
            "{count:number} customers who bought often have gone quiet; they spent {revenue:money_short} in the last "
            "{months:number} months.",
            count,
            revenue=revenue,
            months=metrics["rfm"]["window_months"],
        )
    else:
        text = say_many(
            "{names:text}: {count:number} customer, who spent {revenue:money_short} in the last {months:number} "
            "months.",
            "{names:text}: {count:number} customers, who spent {revenue:money_short} in the last {months:number} "
            "months.",
            count,
            names=_names(metrics),
            revenue=revenue,
            months=metrics["rfm"]["window_months"],
        )
    return [text]


def _names(metrics: Metrics) -> str:
    """Name the segments of those who have gone quiet that hold anybody."""
    names = [segment_name(key) for key in AT_RISK if key in shown_segments(metrics)]
    if len(names) == 1:
        return say("“{first:text}”", first=names[0])
    return say("“{first:text}” and “{second:text}”", first=names[0], second=names[1])


def _advice(metrics: Metrics) -> tuple[str, ...]:
    segments = shown_segments(metrics)
    count, _ = at_risk(metrics)
    advice = []
    if count:
        advice.append(
            say_many(
                "Write to the {count:number} customer in {names:text} first.",
                "Write to the {count:number} customers in {names:text} first, and leave a random tenth of them out to "
                "see what the letter does.",
                count,
                names=_names(metrics),
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
