"""The page of concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import say
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story, or_hidden

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

# Mean revenue share of the top 20 %: Kim, Singh & Winer (2017), consumer goods; McCarthy & Winer (2019), other firms.
PUBLISHED = (0.67, 0.73)
DEPENDENT = 0.10  # from this share of sales on, the largest customers' leaving is a risk of its own
FEW, TEN = 5, 10  # customers


def top_share(metrics: Metrics, top: float) -> float | None:
    """Return the share of sales of the top fraction of customers."""
    share: float | None = next(row["share_of_sales"] for row in metrics["pareto"]["top_shares"] if row["top"] == top)
    return share


def story(metrics: Metrics) -> Story:
    """Tell how concentrated sales are."""
    share = top_share(metrics, 0.2)
    if share is None:
        return Story(say("Too few customers to measure concentration"))
    headline = say("The top {top:percent} of customers bring {share:percent} of sales", top=0.2, share=share)
    figures = {"pareto": _curve(metrics, headline)}
    if (deciles := _deciles(metrics)) is not None:
        figures["pareto-deciles"] = deciles
    return Story(headline, _lead(metrics), _advice(metrics), figures, _findings(metrics, headline))


def _findings(metrics: Metrics, headline: str) -> tuple[Finding, ...]:
    """Offer how much hangs on ten customers where it is much, and how concentrated sales are."""
    told = Finding("pareto", f"{headline}.")
    ten = _dependence(metrics, TEN)
    if ten is None or ten["sales_left"] is None or not DEPENDENT <= ten["share_of_sales"] < 1:
        return (told,)
    share = ten["share_of_sales"]
    text = say("The ten largest customers bring {share:percent.1} of sales.", share=share)
    return (Finding("pareto", text, ten["sales_left"] * share / (1 - share), "fact", "risk"), told)


def _lead(metrics: Metrics) -> tuple[str, ...]:
    pareto = metrics["pareto"]
    lead = []
    if pareto["share_for_80"] is not None:
        lead.append(
            say("{share:percent} of customers make {goal:percent} of sales.", share=pareto["share_for_80"], goal=0.8)
        )
    lead.append(
        say(
            "Published averages for the top {top:percent} are {low:percent} (McCarthy and Winer 2019) and "
            "{high:percent} "
            "(Kim, Singh and Winer 2017); they depend on the length of the window.",
            top=0.2,
            low=PUBLISHED[0],
            high=PUBLISHED[1],
        )
    )
    if pareto["gini_low"] is not None:
        lead.append(
            say(
                "The Gini coefficient, 0 if all customers bought for the same amount and close to 1 if one bought "
                "nearly everything, is {gini:number.2} (95% interval {low:number.2} to {high:number.2}).",
                gini=pareto["gini"],
                low=pareto["gini_low"],
                high=pareto["gini_high"],
            )
        )
    return tuple(lead)


def _curve(metrics: Metrics, headline: str) -> Figure:
    pareto = metrics["pareto"]
    return Figure(
        title=headline,
        subtitle=say(
            "Cumulative share of net sales, customers from largest to smallest, {start:date} to {end:date}",
            start=pareto["start"],
            end=metrics["as_of"],
        ),
        alt=say(
            "Curve of cumulative sales against customers. Share of sales of the top {ten:percent}: {first:text}, of "
            "the top {twenty:percent}: {second:text}, of the top half: {third:text}. Gini coefficient: {gini:text}.",
            ten=0.1,
            first=or_hidden(top_share(metrics, 0.1), "percent"),
            twenty=0.2,
            second=or_hidden(top_share(metrics, 0.2), "percent"),
            third=or_hidden(top_share(metrics, 0.5), "percent"),
            gini=or_hidden(pareto["gini"], "number", 2),
        ),
    )


def _deciles(metrics: Metrics) -> Figure | None:
    """Return the words of the chart of tenths: of the largest against the smallest that show."""
    pareto = metrics["pareto"]
    shown = [row for row in pareto["deciles"] if row["share_of_sales"] is not None and row["customers"]]
    if not shown:
        return None
    first, last = shown[0], shown[-1]
    values = {"first": first["share_of_sales"], "last": last["share_of_sales"]}
    tenths = {"from": int(first["decile"]), "to": int(last["decile"])}
    if (tenths["from"], tenths["to"]) == (1, TEN):
        title = say("The largest tenth brings {first:percent} of sales, the smallest {last:percent.1}", **values)
    else:
        title = say("Sales by tenth of customers")
    return Figure(
        title=title,
        subtitle=say(
            "Share of net sales by tenth of the customers, largest first, {start:date} to {end:date}",
            start=pareto["start"],
            end=metrics["as_of"],
        ),
        alt=say(
            "Columns of the share of sales by tenth of the customers, from the largest. Tenth {one:number} brings "
            "{first:percent.1} and tenth {other:number} {last:percent.1} of sales.",
            one=tenths["from"],
            other=tenths["to"],
            **values,
        ),
    )


def _dependence(metrics: Metrics, largest: int) -> dict[str, Any] | None:
    """Return what the largest customers hold; ``None`` where it is hidden or there are no more customers than that."""
    rows = [row for row in metrics["pareto"]["dependence"] if row["largest"] == largest]
    return rows[0] if rows and rows[0]["share_of_sales"] is not None else None


def _advice(metrics: Metrics) -> tuple[str, ...]:
    ten = _dependence(metrics, TEN)
    if ten is None:
        return ()
    few = _dependence(metrics, FEW)
    values = {"share": ten["share_of_sales"], "left": ten["sales_left"]}
    if ten["share_of_sales"] < DEPENDENT:
        advice = [
            say(
                "No single customer matters much: the ten largest together bring {share:percent.1} of sales. Work with "
                "groups, not with names.",
                **values,
            )
        ]
    else:
        advice = [
            say(
                "The ten largest customers bring {share:percent.1} of sales. Give each a named contact and a plan for "
                "the day one of them leaves.",
                **values,
            )
        ]
        if ten["sales_left"] is not None:
            advice.append(
                say(
                    "Plan for the loss: without the ten largest customers, and with all others as they were, "
                    "{left:money_short} of net sales would be left.",
                    **values,
                )
            )
    if few is not None and few["share_of_sales"] >= DEPENDENT:
        advice.append(
            say("Begin with the five largest, who alone bring {share:percent.1}.", share=few["share_of_sales"])
        )
    return tuple(advice)
