"""The page of customers under contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.i18n import mark, say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import FLAT, Figure, Story, direction

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

YEAR: Final = 12  # months
DAYS_A_MONTH: Final = 30  # about
LEVEL: Final = 0.95
BASES: Final = ("year_ago", "previous")
HEADLINES: Final = {
    ("year_ago", "up"): mark("Contract churn rose to {churn:percent.1}, from {before:percent.1} a year earlier"),
    ("year_ago", "down"): mark("Contract churn fell to {churn:percent.1}, from {before:percent.1} a year earlier"),
    ("year_ago", "flat"): mark("Contract churn was {churn:percent.1}; a year earlier it was {before:percent.1}"),
    ("year_ago", "unclear"): mark(
        "Contract churn was {churn:percent.1}; no clear change from {before:percent.1} a year earlier"
    ),
    ("previous", "up"): mark(
        "Contract churn rose to {churn:percent.1}, from {before:percent.1} in the previous period"
    ),
    ("previous", "down"): mark(
        "Contract churn fell to {churn:percent.1}, from {before:percent.1} in the previous period"
    ),
    ("previous", "flat"): mark(
        "Contract churn was {churn:percent.1}; in the previous period it was {before:percent.1}"
    ),
    ("previous", "unclear"): mark(
        "Contract churn was {churn:percent.1}; no clear change from {before:percent.1} in the previous period"
    ),
}
REVENUE: Final = {
    "up": mark("Recurring revenue rose {change:percent.1}, to {now:money_short} a month"),
    "down": mark("Recurring revenue fell {change:percent.1}, to {now:money_short} a month"),
    "flat": mark("Recurring revenue was unchanged, at {now:money_short} a month"),
}
PARTS: Final = {
    "new_revenue": mark("new customers {amount:signed_money}"),
    "reactivated_revenue": mark("customers who came back {amount:signed_money}"),
    "expansion": mark("customers who now pay more {amount:signed_money}"),
    "contraction": mark("customers who now pay less {amount:signed_money}"),
    "churned_revenue": mark("customers lost {amount:signed_money}"),
}
LOSSES: Final = ("contraction", "churned_revenue")


def story(metrics: Metrics) -> Story:
    """Tell who stays under contract; nothing without contracts."""
    page = metrics["subscriptions"]
    if not page["figures"]:
        return Story("")
    figures = {}
    if page["survival"] and page["survival"][-1]["months"] > 1:  # else it hardly falls yet
        figures["subscriptions"] = _survival(page)
    if _value(page, "revenue_at_end") is not None or _value(page, "revenue_at_start") is not None:
        figures["subscriptions-revenue"] = _bridge(page)
    headline = _headline(page)
    return Story(headline, _lead(page), _advice(page), figures, (_finding(page, headline),))


def _finding(page: Metrics, headline: str) -> Finding:
    """Offer the headline; at stake is what the customers lost in the period paid in a year."""
    lost = _value(page, "churned_revenue")
    if _value(page, "churn_rate") is None or lost is None:
        return Finding("subscriptions", f"{headline}.")
    return Finding("subscriptions", f"{headline}.", YEAR * abs(lost), "fact", "flow")


def _value(page: Metrics, name: str, when: str = "value") -> Any:
    return page["figures"][name][when]


def _headline(page: Metrics) -> str:
    churn = _value(page, "churn_rate")
    if churn is None:
        revenue = _revenue_title(page)
        return revenue or say("Too few customers under contract to show who left")
    for basis in BASES:
        before = _value(page, "churn_rate", basis)
        if before is not None:
            way = direction(churn - before, clear=page["figures"]["churn_rate"].get(f"clear_{basis}")) or "flat"
            return say(HEADLINES[basis, way], churn=churn, before=before)
    return say("{churn:percent.1} of customers under contract left in the period", churn=churn)


def _lead(page: Metrics) -> tuple[str, ...]:
    # How many stay is in what they are worth, and in the chart.
    told = (_customers(page), _revenue(page), _worth(page) or _staying(page))
    return tuple(sentence for sentence in told if sentence)


def _customers(page: Metrics) -> str:
    start, end = _value(page, "customers_at_start"), _value(page, "customers_at_end")
    new, back, lost = (_value(page, f"{name}_customers") for name in ("new", "back", "lost"))
    if end is None:
        return ""
    if None in (start, lost):
        return say_many(
            "{count:number} customer was under contract at the end of the period.",
            "{count:number} customers were under contract at the end of the period.",
            end,
        )
    if None in (new, back):
        return say_many(
            "{count:number} customer was under contract at the end of the period, against {start:number} at its start; "
            "{lost:number} were lost.",
            "{count:number} customers were under contract at the end of the period, against {start:number} at its "
            "start; {lost:number} were lost.",
            end,
            start=start,
            lost=lost,
        )
    return say_many(
        "{count:number} customer was under contract at the end of the period, against {start:number} at its start: "
        "{new:number} new, {back:number} back, {lost:number} lost.",
        "{count:number} customers were under contract at the end of the period, against {start:number} at its start: "
        "{new:number} new, {back:number} back, {lost:number} lost.",
        end,
        start=start,
        new=new,
        back=back,
        lost=lost,
    )


def _revenue(page: Metrics) -> str:
    start, end = _value(page, "revenue_at_start"), _value(page, "revenue_at_end")
    gross, net = _value(page, "gross_revenue_retention"), _value(page, "net_revenue_retention")
    if None in (start, end):
        return ""
    if None in (gross, net):
        return say(
            "They bring {end:money_short} a month, against {start:money_short} at the start.", start=start, end=end
        )
    return say(
        "They bring {end:money_short} a month, against {start:money_short} at the start; of that {gross:percent.1} was "
        "kept, or {net:percent.1} with what customers now pay more.",
        start=start,
        end=end,
        gross=gross,
        net=net,
    )


def _staying(page: Metrics) -> str:
    if len(page["ahead"]) > 1:
        first = page["ahead"][1]
        return say(
            "Of today’s customers {share:percent} can be expected to stay past their next renewal (uncertainty "
            "interval {low:percent} to {high:percent}).",
            **{name: first[name] for name in ("share", "low", "high")},
        )
    kept = _kept(page)
    if kept is None:
        return ""
    return say("After twelve months {share:percent} of customers are still under contract.", share=kept["share"])


def _worth(page: Metrics) -> str:
    value = page["value"]
    if value is None:
        return ""
    text = (
        mark(
            "Today’s customers are expected to pay {total:money_short} at their renewals to come (uncertainty interval "
            "{low:money_short} to {high:money_short}), discounted at {rate:percent.1} a year."
        )
        if value["margin"] == 1
        else mark(
            "The renewals to come of today’s customers are expected to be worth {total:money_short} (uncertainty "
            "interval {low:money_short} to {high:money_short}), at a margin of {margin:percent} and discounted at "
            "{rate:percent.1} a year."
        )
    )
    return say(
        text,
        total=value["total"],
        margin=value["margin"],
        low=value["low"],
        high=value["high"],
        rate=value["yearly_discount_rate"],
    )


def _kept(page: Metrics) -> Metrics | None:
    """Return the share still under contract after a year, where it shows."""
    found: Metrics | None = next((row for row in page["survival"] if row["months"] == YEAR), None)
    return found


def _advice(page: Metrics) -> tuple[str, ...]:
    told = (_renewing(page), _first_renewal(page), _point(page))
    return tuple(sentence for sentence in told if sentence)[:2]


def _renewing(page: Metrics) -> str:
    """Advise on the renewals ahead, where these are not simply all contracts."""
    count = page["renewing_contracts"]
    if not count or page["renewal_months"] * DAYS_A_MONTH <= page["days"]:
        return ""
    return say_many(
        "{count:number} contract renews in the next {days:number} days. Write to this customer before the day.",
        "{count:number} contracts renew in the next {days:number} days. Write to these customers before the day, those "
        "before their first renewal first.",
        count,
        days=page["days"],
    )


def _first_renewal(page: Metrics) -> str:
    """Compare what the first and the second renewal cost, where the model tells them apart."""
    shares = [row["share"] for row in page["projection"][:3]]
    if len(shares) < 3 or not shares[1]:  # noqa: PLR2004 - today and two renewals
        return ""
    first, second = 1 - shares[1], 1 - shares[2] / shares[1]
    if first - second < FLAT:
        return ""
    return say(
        "{first:percent} of new customers can be expected to leave at the first renewal, and {second:percent} of the "
        "rest at the second. Put the effort into the months before the first.",
        first=first,
        second=second,
    )


def _point(page: Metrics) -> str:
    start = _value(page, "revenue_at_start")
    if not start:
        return ""
    return say(
        "Every percentage point of recurring revenue kept is worth {worth:money_short} a month. Weigh what an offer to "
        "those about to leave would cost against it.",
        worth=0.01 * start,
    )


def _survival(page: Metrics) -> Figure:
    observed, projected = page["survival"], page["projection"]
    kept, last = _kept(page), observed[-1]
    title = (
        say("After twelve months {share:percent} of customers are still there", share=kept["share"])
        if kept
        else say(
            "After {months:number} months {share:percent} of customers are still there",
            months=last["months"],
            share=last["share"],
        )
    )
    alt = say(
        "Falling curve of the share of customers still under contract: {share:percent} after {months:number} months, "
        "as far as enough customers were observed.",
        share=last["share"],
        months=last["months"],
    )
    if kept:
        alt = say("{curve:text} After twelve months it is {share:percent}.", curve=alt, share=kept["share"])
    if projected:
        end = projected[-1]
        alt = say(
            "{curve:text} A dashed line projects it to {share:percent} after {months:number} months (uncertainty "
            "interval {low:percent} to {high:percent}).",
            curve=alt,
            share=end["share"],
            months=end["months"],
            low=end["low"],
            high=end["high"],
        )
    return Figure(
        title=title,
        subtitle=say(
            "Share of customers still under contract by months since their first contract began, all customers ever "
            "under contract, with its {level:percent} interval",
            level=LEVEL,
        ),
        alt=alt,
    )


def _revenue_title(page: Metrics) -> str:
    start, end = _value(page, "revenue_at_start"), _value(page, "revenue_at_end")
    if end is None:
        return ""
    if not start:
        return say("Recurring revenue is {now:money_short} a month", now=end)
    change = end / start - 1
    way = direction(change) or "flat"
    return say(REVENUE[way], change=abs(change), now=end)


def _bridge(page: Metrics) -> Figure:
    parts = [
        say(text, amount=-amount if name in LOSSES else amount)
        for name, text in PARTS.items()
        if (amount := _value(page, name)) is not None
    ]
    start, end = _value(page, "revenue_at_start"), _value(page, "revenue_at_end")
    return Figure(
        title=_revenue_title(page) or say("Recurring revenue at the end is not shown: one customer dominates it"),
        subtitle=say(
            "What was gained and lost of recurring revenue in the period, a month, from {start:money_short} to "
            "{end:money_short}",
            start=start,
            end=end,
        ),
        alt=say("Bars of gains and losses: {parts:text}.", parts=", ".join(parts))
        if parts
        else say("Bars without a figure: too few customers behind each to show."),
    )
