"""The page of key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import mark, say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story, direction, kpi, named

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

HEADLINES = {
    ("year_ago", "up"): mark("Net sales rose {change:percent} in a year, to {value:money_short}"),
    ("year_ago", "down"): mark("Net sales fell {change:percent} in a year, to {value:money_short}"),
    ("year_ago", "flat"): mark("Net sales were unchanged in a year, at {value:money_short}"),
    ("year_ago", "unclear"): mark("Net sales were {value:money_short}; no clear change in a year"),
    ("previous", "up"): mark("Net sales rose {change:percent} on the previous period, to {value:money_short}"),
    ("previous", "down"): mark("Net sales fell {change:percent} on the previous period, to {value:money_short}"),
    ("previous", "flat"): mark("Net sales were unchanged on the previous period, at {value:money_short}"),
    ("previous", "unclear"): mark("Net sales were {value:money_short}; no clear change on the previous period"),
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
    return say(HEADLINES[against, _way(sales, against)], change=abs(sales[f"change_{against}"]), value=sales["value"])


def _way(figure: dict[str, Any], against: str) -> str:
    return direction(figure[f"change_{against}"], clear=figure.get(f"clear_{against}")) or "flat"


def story(metrics: Metrics) -> Story:
    """Tell the key figures; a single period makes no chart."""
    figures = {"kpis": _figure(metrics)} if len(metrics["kpis"]["trend"]) > 1 else {}
    told = headline(metrics)
    return Story(told, _lead(metrics), _advice(metrics), figures, (_finding(metrics, told),))


def _finding(metrics: Metrics, told: str) -> Finding:
    """Offer the headline; at stake is what net sales clearly rose or fell by."""
    sales, against = kpi(metrics, "net_sales"), basis(metrics)
    if against is None or sales["value"] is None or _way(sales, against) not in ("up", "down"):
        return Finding("kpis", f"{told}.")
    moved = abs(sales["value"] - sales[against])
    return Finding("kpis", f"{told}.", moved, "clear" if sales.get(f"clear_{against}") else "fact", "change")


def _values(metrics: Metrics, *keys: str) -> list[Any]:
    return [kpi(metrics, key)["value"] for key in keys]


def _lead(metrics: Metrics) -> tuple[str, ...]:
    """Say what the cards do not: how exact the change is, who is silent, who buys from several categories."""
    if kpi(metrics, "active_customers")["value"] is None:
        return (say("Too few customers bought in the period to show who they were."),)
    return (*_exactness(metrics), *_silence_and_breadth(metrics))


def _exactness(metrics: Metrics) -> list[str]:
    sales, against = kpi(metrics, "net_sales"), basis(metrics)
    low, high = (sales.get(f"change_{against}_{bound}") for bound in ("low", "high"))
    if low is None or high is None:
        return []
    return [
        say(
            "Allowing for chance in who buys, and for how much, the change is between {low:signed_percent} and "
            "{high:signed_percent} (95% interval).",
            low=low,
            high=high,
        )
    ]


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
            advice.append(_balance(metrics, lapsed, new + reactivated))
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


def _balance(metrics: Metrics, lapsed: float, gained: float) -> str:
    """Say where money does most, from the customers lost and those gained: the change in active customers."""
    active = kpi(metrics, "active_customers")
    if lapsed == gained:
        return say(
            "As many customers lapsed as came or came back ({gained:number}). Plan the second purchase now.",
            gained=gained,
        )
    if active.get("clear_previous") is False:
        return say(
            "{lapsed:number} customers lapsed and {gained:number} came or came back: no clear difference. Plan the "
            "second purchase now.",
            gained=gained,
            lapsed=lapsed,
        )
    if lapsed > gained:
        return say(
            "More customers lapsed ({lapsed:number}) than came or came back ({gained:number}). Put money on the second "
            "purchase and on win-back before new customers.",
            lapsed=lapsed,
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
            "The figures of the cards over the last {count:number} periods, {first:text} to {last:text}; each scale "
            "starts at zero",
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
        "Eight line charts over {count:number} periods. Net sales went from {start:money_short} in {first:text} to "
        "{end:money_short} in {last:text}; the highest was {top:money_short} in {highest:text}.",
        count=len(shown),
        start=first["net_sales"],
        first=named(first, short=True),
        end=last["net_sales"],
        last=named(last, short=True),
        top=highest["net_sales"],
        highest=named(highest, short=True),
    )
