"""The page of key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import mark, say, say_many
from loyalty_lib.narrative.story import Figure, Story, direction, kpi, named

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

HEADLINES = {
    ("year_ago", "up"): mark("Net sales rose {change:percent} in a year, to {value:money_short}"),
    ("year_ago", "down"): mark("Net sales fell {change:percent} in a year, to {value:money_short}"),
    ("year_ago", "flat"): mark("Net sales were unchanged in a year, at {value:money_short}"),
    ("previous", "up"): mark("Net sales rose {change:percent} on the previous period, to {value:money_short}"),
    ("previous", "down"): mark("Net sales fell {change:percent} on the previous period, to {value:money_short}"),
    ("previous", "flat"): mark("Net sales were unchanged on the previous period, at {value:money_short}"),
}
LEAD = 4  # sentences at most
AGAINST = {
    "year_ago": mark(
        "Against the same period last year: active customers {customers:signed_percent}, purchase frequency "
        "{frequency:signed_percent}, average order value {order:signed_percent}."
    ),
    "previous": mark(
        "Against the previous period: active customers {customers:signed_percent}, purchase frequency "
        "{frequency:signed_percent}, average order value {order:signed_percent}."
    ),
}


def basis(metrics: Metrics) -> str | None:
    """Return what the period is measured against: the same period last year where observed, else the previous one."""
    sales = kpi(metrics, "net_sales")
    return next((name for name in ("year_ago", "previous") if sales[f"change_{name}"] is not None), None)


def headline(metrics: Metrics) -> str:
    """Return the finding on net sales."""
    sales = kpi(metrics, "net_sales")
    if sales["value"] is None:
        return say("Net sales do not show: too few customers made them")
    against = basis(metrics)
    if against is None:
        return say("Net sales were {value:money_short}", value=sales["value"])
    change = sales[f"change_{against}"]
    way = direction(change) or "flat"
    return say(HEADLINES[against, way], change=abs(change), value=sales["value"])


def story(metrics: Metrics) -> Story:
    """Tell the key figures; a single period makes no chart."""
    figures = {"kpis": _figure(metrics)} if len(metrics["kpis"]["trend"]) > 1 else {}
    return Story(headline(metrics), _lead(metrics), _advice(metrics), figures)


def _values(metrics: Metrics, *keys: str) -> list[Any]:
    return [kpi(metrics, key)["value"] for key in keys]


def _lead(metrics: Metrics) -> tuple[str, ...]:
    active, new, retention = _values(metrics, "active_customers", "new_customers", "retention_rate")
    if active is None:
        return (say("Too few customers bought in the period to show who they were."),)
    if new is None:
        bought = say_many(
            "{count:number} customer bought in the period.", "{count:number} customers bought in the period.", active
        )
    else:
        bought = say_many(
            "{count:number} customer bought in the period, {new:number} of them for the first time.",
            "{count:number} customers bought in the period, {new:number} of them for the first time.",
            active,
            new=new,
        )
    sentences = [bought]
    if retention is not None:
        sentences.append(
            say("Of the previous period’s customers {retention:percent} bought again.", retention=retention)
        )
    against = basis(metrics)
    if against is not None:
        parts = ("active_customers", "purchase_frequency", "average_order_value")
        changes = [kpi(metrics, key)[f"change_{against}"] for key in parts]
        if None not in changes:
            sentences.append(say(AGAINST[against], customers=changes[0], frequency=changes[1], order=changes[2]))
    sentences.extend(_silence_and_breadth(metrics))
    return tuple(sentences[:LEAD])


def _silence_and_breadth(metrics: Metrics) -> list[str]:
    """Say how many customers are silent and how many buy from several categories, where the data tell."""
    silent, upsell = (metrics["kpis"]["figures"].get(key, {}).get("value") for key in ("silent_rate", "upsell_ratio"))
    sentences = []
    if silent is not None:
        gaps = metrics["kpis"]["gaps"]
        sentences.append(
            say_many(
                "Of all customers so far, {share:percent} have not bought for more than {count:number} day: "
                "{usual:percent} of the gaps between purchases that end are no longer.",
                "Of all customers so far, {share:percent} have not bought for more than {count:number} days: "
                "{usual:percent} of the gaps between purchases that end are no longer.",
                gaps["p80"],
                share=silent,
                usual=gaps["share"],
            )
        )
    if upsell is not None:
        sentences.append(
            say("{share:percent} of customers bought from two categories or more in the period.", share=upsell)
        )
    return sentences


def _advice(metrics: Metrics) -> tuple[str, ...]:
    lapsed, new, reactivated = _values(metrics, "lapsed_customers", "new_customers", "reactivated_customers")
    advice = []
    if lapsed is not None and new is not None and reactivated is not None:
        if lapsed or new or reactivated:  # else nobody came and nobody left
            advice.append(_balance(lapsed, new + reactivated))
    elif kpi(metrics, "active_customers")["previous"] is None:
        return (say("Repeat this report next period: there is nothing to compare with yet."),)
    frequency, order, active = _values(metrics, "purchase_frequency", "average_order_value", "active_customers")
    if frequency is not None and order is not None and active is not None:
        text = say(
            "One more order from every tenth active customer, at the average order value of {order:money}, would be "
            "worth {worth:money_short} a period; they now buy {frequency:number.2} times.",
            order=order,
            worth=0.1 * active * order,
            frequency=frequency,
        )
        advice.append(text)
    return tuple(advice)


def _balance(lapsed: float, gained: float) -> str:
    """Say where money does most, from the customers lost and those gained."""
    if lapsed > gained:
        return say(
            "More customers lapsed ({lapsed:number}) than came or came back ({gained:number}). Put money on the second "
            "purchase and on win-back before new customers.",
            lapsed=lapsed,
            gained=gained,
        )
    if lapsed == gained:
        return say(
            "As many customers lapsed as came or came back ({gained:number}). Plan the second purchase now.",
            gained=gained,
        )
    return say(
        "More customers came or came back ({gained:number}) than lapsed ({lapsed:number}). Hold on to them: plan "
        "the second purchase now.",
        lapsed=lapsed,
        gained=gained,
    )


def _figure(metrics: Metrics) -> Figure:
    trend = metrics["kpis"]["trend"]
    return Figure(
        title=headline(metrics),
        subtitle=say(
            "Net sales, active customers, average order value and purchase frequency, last {count:number} periods, "
            "{first:text} to {last:text}",
            count=len(trend),
            first=named(trend[0], short=True),
            last=named(trend[-1], short=True),
        ),
        alt=_alt([row for row in trend if row["net_sales"] is not None]),
    )


def _alt(shown: list[Metrics]) -> str:
    if not shown:
        return say("Line charts without a line: too few customers to show.")
    first, last = shown[0], shown[-1]
    highest = max(shown, key=lambda row: float(row["net_sales"]))
    return say(
        "Four line charts over {count:number} periods. Net sales went from {start:money_short} in {first:text} to "
        "{end:money_short} in {last:text}; the highest was {top:money_short} in {highest:text}.",
        count=len(shown),
        start=first["net_sales"],
        first=named(first, short=True),
        end=last["net_sales"],
        last=named(last, short=True),
        top=highest["net_sales"],
        highest=named(highest, short=True),
    )
