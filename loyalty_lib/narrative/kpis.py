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
    against = basis(metrics)
    if against is None:
        return say("Net sales were {value:money_short}", value=sales["value"])
    change = sales[f"change_{against}"]
    return say(HEADLINES[against, direction(change) or "flat"], change=abs(change), value=sales["value"])


def story(metrics: Metrics) -> Story:
    """Tell the key figures."""
    return Story(headline(metrics), _lead(metrics), _advice(metrics), {"kpis": _figure(metrics)})


def _values(metrics: Metrics, *keys: str) -> list[Any]:
    return [kpi(metrics, key)["value"] for key in keys]


def _lead(metrics: Metrics) -> tuple[str, ...]:
    active, new, retention = _values(metrics, "active_customers", "new_customers", "retention_rate")
    if active is None:
        return (say("Too few customers bought in the period to show who they were."),)
    sentences = [
        say_many(
            "{count:number} customer bought in the period, {new:number} of them for the first time.",
            "{count:number} customers bought in the period, {new:number} of them for the first time.",
            active,
            new=new,
        )
    ]
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
    return tuple(sentences)


def _advice(metrics: Metrics) -> tuple[str, ...]:
    lapsed, new, reactivated = _values(metrics, "lapsed_customers", "new_customers", "reactivated_customers")
    if lapsed is None or new is None or reactivated is None:
        return (say("Repeat this report next period: there is nothing to compare with yet."),)
    gained = new + reactivated
    if lapsed > gained:
        first = say(
            "More customers lapsed ({lapsed:number}) than came or came back ({gained:number}). Put money on the second "
            "purchase and on win-back before new customers.",
            lapsed=lapsed,
            gained=gained,
        )
    elif lapsed == gained:
        first = say(
            "As many customers lapsed as came or came back ({gained:number}). Plan the second purchase now.",
            gained=gained,
        )
    else:
        first = say(
            "More customers came or came back ({gained:number}) than lapsed ({lapsed:number}). Hold on to them: plan "
            "the second purchase now.",
            lapsed=lapsed,
            gained=gained,
        )
    frequency, order, active = _values(metrics, "purchase_frequency", "average_order_value", "active_customers")
    if frequency is None or order is None or active is None:
        return (first,)
    second = say(
        "One more order from every tenth active customer, at the average order value of {order:money}, would be worth "
        "{worth:money_short} a period; they now buy {frequency:number.2} times.",
        order=order,
        worth=0.1 * active * order,
        frequency=frequency,
    )
    return first, second


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
