"""The page of why net sales moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.i18n import gettext, mark, say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story, direction, kpi, named, or_hidden

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

MOST: Final = {
    ("active_customers", "up"): mark("More active customers added most to net sales: {part:money_short}"),
    ("active_customers", "down"): mark("Fewer active customers took most from net sales: {part:money_short}"),
    ("orders_per_customer", "up"): mark("More orders per customer added most to net sales: {part:money_short}"),
    ("orders_per_customer", "down"): mark("Fewer orders per customer took most from net sales: {part:money_short}"),
    ("average_order_value", "up"): mark("Larger orders added most to net sales: {part:money_short}"),
    ("average_order_value", "down"): mark("Smaller orders took most from net sales: {part:money_short}"),
}
MOVED: Final = {
    ("year_ago", "up"): mark(
        "Net sales rose {change:percent} on the same period last year, from {then:money_short} to {now:money_short}."
    ),
    ("year_ago", "down"): mark(
        "Net sales fell {change:percent} on the same period last year, from {then:money_short} to {now:money_short}."
    ),
    ("year_ago", "flat"): mark(
        "Net sales were unchanged on the same period last year: {then:money_short} then, {now:money_short} now."
    ),
    ("year_ago", "unclear"): mark(
        "Net sales were {now:money_short}, against {then:money_short} in the same period last year: no clear change."
    ),
    ("previous", "up"): mark(
        "Net sales rose {change:percent} on the previous period, from {then:money_short} to {now:money_short}."
    ),
    ("previous", "down"): mark(
        "Net sales fell {change:percent} on the previous period, from {then:money_short} to {now:money_short}."
    ),
    ("previous", "flat"): mark(
        "Net sales were unchanged on the previous period: {then:money_short} then, {now:money_short} now."
    ),
    ("previous", "unclear"): mark(
        "Net sales were {now:money_short}, against {then:money_short} in the previous period: no clear change."
    ),
}
ALSO: Final = {
    ("active_customers", "up"): mark("More active customers added {part:money_short}."),
    ("active_customers", "down"): mark("Fewer active customers took {part:money_short}."),
    ("orders_per_customer", "up"): mark("More orders per customer added {part:money_short}."),
    ("orders_per_customer", "down"): mark("Fewer orders per customer took {part:money_short}."),
    ("average_order_value", "up"): mark("Larger orders added {part:money_short}."),
    ("average_order_value", "down"): mark("Smaller orders took {part:money_short}."),
}
FLOW_MOST: Final = {
    "new": mark("New customers brought most: {amount:money_short}"),
    "reactivated": mark("Reactivated customers brought most: {amount:money_short}"),
    "kept_more": mark("Customers who spent more brought most: {amount:money_short}"),
    "kept_less": mark("Customers who spent less took most: {amount:money_short}"),
    "lapsed": mark("Lapsed customers took most: {amount:money_short}"),
}
TAKERS: Final = ("kept_less", "lapsed")
DRIVERS_SUBTITLE: Final = mark(
    "Net sales of {then:text}, what each driver added or took, and net sales of {now:text}; all customers"
)
FLOW_SUBTITLE: Final = mark(
    "Change in net sales from {then:text} to {now:text}, and number of customers, by what they did"
)


def story(metrics: Metrics) -> Story:
    """Tell which driver moved net sales most, and which customers brought or took the money."""
    basis = metrics["revenue_bridge"]["basis"]
    if basis is None:
        return Story("")
    bridge = metrics["revenue_bridge"]["comparisons"][basis]
    ranked = _ranked(metrics, basis)
    headline = _headline(bridge, ranked)
    lead = (*_moved(metrics, basis), *_others(ranked), *_kept(metrics))
    figures = {"revenue_bridge-flow": _flow_figure(metrics, bridge)}
    if ranked:
        figures["revenue_bridge"] = _figure(metrics, bridge, headline)
    return Story(headline, lead, _advice(bridge, ranked), figures, _findings(metrics, basis, headline, ranked))


def _findings(metrics: Metrics, basis: str, headline: str, ranked: list[tuple[str, str, float]]) -> tuple[Finding, ...]:
    """Offer the driver, or else the flow; a part of a clear change is worth at most the change itself."""
    bridge = metrics["revenue_bridge"]["comparisons"][basis]
    towards = _way(metrics, basis)
    whole = abs(bridge["sales_now"] - bridge["sales_then"]) if towards in ("up", "down") else None
    if ranked and ranked[0][1] in ("up", "down"):
        part = abs(ranked[0][2])
        part = part if whole is None else min(part, whole)
        return (Finding("revenue_bridge", f"{headline}.", part, "clear", "change"),)
    flow = _largest_flow(bridge)
    if flow is None or whole is None:
        return ()
    return (Finding("revenue_bridge", f"{_flow_title(bridge)}.", min(abs(flow[1]), whole), "fact", "flow"),)


def _way(metrics: Metrics, basis: str) -> str | None:
    """Return which way net sales moved; ``None`` where that cannot be said in per cent."""
    bridge = metrics["revenue_bridge"]["comparisons"][basis]
    if bridge["sales_then"] is None or bridge["sales_then"] <= 0:
        return None
    return direction(bridge["relative_change"], clear=_clear(metrics, "net_sales", basis))


def _clear(metrics: Metrics, name: str, basis: str) -> bool | None:
    """Tell whether net sales or a driver moved clearly; ``None`` where it has no interval."""
    kpis = metrics["kpis"]
    figures = {"orders_per_customer": kpis.get("orders_per_customer", {}), **kpis["figures"]}
    clear: bool | None = figures.get(name, {}).get(f"clear_{basis}")
    return clear


def _ranked(metrics: Metrics, basis: str) -> list[tuple[str, str, float]]:
    """Return driver, direction and part, the largest part first; nothing where net sales could not be split."""
    bridge = metrics["revenue_bridge"]["comparisons"][basis]
    drivers = bridge["drivers"]
    if any(driver["part"] is None for driver in drivers.values()):
        return []
    parts = {name: driver["part"] for name, driver in drivers.items()}
    ranked = sorted(parts, key=lambda name: -abs(parts[name]))
    return [
        (
            name,
            direction(parts[name] / bridge["sales_then"], clear=_clear(metrics, name, basis)) or "flat",
            parts[name],
        )
        for name in ranked
    ]


def _headline(bridge: Metrics, ranked: list[tuple[str, str, float]]) -> str:
    ways = [towards for _, towards, _ in ranked]
    if ranked and ways[0] in ("up", "down"):
        name, towards, part = ranked[0]
        return say(MOST[name, towards], part=abs(part))
    if ranked and not {"up", "down"} & set(ways):
        if "unclear" in ways:
            return say("No clear change in customers, orders or order value")
        return say("Customers, orders and order value all stayed as they were")
    return say(
        "Net sales went from {then:money_short} to {now:money_short}",
        then=bridge["sales_then"],
        now=bridge["sales_now"],
    )


def _moved(metrics: Metrics, basis: str) -> list[str]:
    bridge = metrics["revenue_bridge"]["comparisons"][basis]
    towards = _way(metrics, basis)
    if towards is None:
        return []
    change = abs(bridge["relative_change"])
    return [say(MOVED[basis, towards], change=change, then=bridge["sales_then"], now=bridge["sales_now"])]


def _others(ranked: list[tuple[str, str, float]]) -> list[str]:
    """Say what the other two drivers clearly did."""
    return [say(ALSO[name, towards], part=abs(part)) for name, towards, part in ranked[1:] if towards in ("up", "down")]


def _kept(metrics: Metrics) -> list[str]:
    """Say what became of the previous period's sales, from the key figures."""
    gross, net = (kpi(metrics, f"{kind}_revenue_retention")["value"] for kind in ("gross", "net"))
    if gross is None or net is None:
        return []
    return [
        say(
            "The previous period’s customers now spent {net:percent} of what they spent then; not counting what some "
            "spent more, {gross:percent} was kept.",
            net=net,
            gross=gross,
        )
    ]


def _advice(bridge: Metrics, ranked: list[tuple[str, str, float]]) -> tuple[str, ...]:
    """Advise on the largest part, and on the largest loss where that is another."""
    moved = [driver for driver in ranked if driver[1] in ("up", "down")]
    worst = min(moved, key=lambda driver: driver[2], default=None)
    chosen = dict.fromkeys([driver for driver in (*moved[:1], worst) if driver])
    return tuple(text for name, towards, _ in chosen for text in _advise(name, towards, bridge))


def _advise(name: str, towards: str, bridge: Metrics) -> list[str]:
    driver = bridge["drivers"][name]
    match name, towards:
        case "active_customers", "down":
            return _won_back(bridge["flow"]["lapsed"])
        case "active_customers", _:
            return _second_purchase(bridge["flow"]["new"])
        case "orders_per_customer", "down":
            text = mark(
                "Customers placed {now:number.2} orders each, against {then:number.2}. Remind some of them of what "
                "they bought, leave as many alone, and see whether it brings orders."
            )
        case "orders_per_customer", _:
            text = mark(
                "Customers placed {now:number.2} orders each, against {then:number.2}. Find out who orders more often "
                "and what, before the habit fades."
            )
        case _, "down":
            text = mark(
                "An order brought {now:money}, against {then:money}. Look at discounts, refunds and what was sold: "
                "these figures do not tell which of them it was."
            )
        case _:
            text = mark(
                "An order brought {now:money}, against {then:money}. See whether prices or larger baskets did it "
                "before you count on it."
            )
    return [say(text, now=driver["now"], then=driver["then"])]


def _won_back(lapsed: dict[str, Any]) -> list[str]:
    if not lapsed["customers"] or lapsed["amount"] is None:
        return [say("Start with win-back: write to those who bought in the period compared with and not in this one.")]
    return [
        say_many(
            "{count:number} customer who had spent {amount:money_short} then did not buy now. Start win-back there.",
            "{count:number} customers who had spent {amount:money_short} then did not buy now. Start win-back with "
            "those who spent most.",
            lapsed["customers"],
            amount=abs(lapsed["amount"]),
        )
    ]


def _second_purchase(new: dict[str, Any]) -> list[str]:
    if not new["customers"] or new["amount"] is None:
        return [say("Plan the next purchase of those who came or came back now, while they remember the shop.")]
    return [
        say_many(
            "{count:number} new customer brought {amount:money_short}. Plan the second purchase now, while the shop is "
            "remembered.",
            "{count:number} new customers brought {amount:money_short}. Plan their second purchase now, while they "
            "remember the shop.",
            new["customers"],
            amount=new["amount"],
        )
    ]


def _figure(metrics: Metrics, bridge: Metrics, headline: str) -> Figure:
    parts = {name: driver["part"] for name, driver in bridge["drivers"].items()}
    return Figure(
        title=headline,
        subtitle=say(DRIVERS_SUBTITLE, **_periods(metrics, bridge)),
        alt=say(
            "Waterfall of bars from net sales of {before:money_short} in {then:text} to {after:money_short} in "
            "{now:text}: active customers {customers:signed_money}, orders per customer {orders:signed_money}, average "
            "order value {value:signed_money}.",
            before=bridge["sales_then"],
            after=bridge["sales_now"],
            customers=parts["active_customers"],
            orders=parts["orders_per_customer"],
            value=parts["average_order_value"],
            **_periods(metrics, bridge),
        ),
    )


def _flow_figure(metrics: Metrics, bridge: Metrics) -> Figure:
    amounts = {name: or_hidden(flow["amount"], "signed_money") for name, flow in bridge["flow"].items()}
    return Figure(
        title=_flow_title(bridge),
        subtitle=say(FLOW_SUBTITLE, **_periods(metrics, bridge)),
        alt=say(
            "Bars of the change in net sales by customers: new {new:text}, reactivated {back:text}, spent more "
            "{more:text}, spent the same or less {less:text}, lapsed {lapsed:text}, refunds and other {other:text}.",
            new=amounts["new"],
            back=amounts["reactivated"],
            more=amounts["kept_more"],
            less=amounts["kept_less"],
            lapsed=amounts["lapsed"],
            other=amounts["other"],
        ),
    )


def _largest_flow(bridge: Metrics) -> tuple[str, float] | None:
    """Return the flow that moved most money, where all can be compared and it went the usual way."""
    amounts = {name: flow["amount"] for name, flow in bridge["flow"].items()}
    known = {name: amount for name, amount in amounts.items() if amount is not None}
    largest = max(known, key=lambda name: abs(known[name]), default="other")
    usual = known.get(largest, 0.0) * (-1 if largest in TAKERS else 1) > 0
    if len(known) < len(amounts) or largest not in FLOW_MOST or not usual:
        return None
    return largest, known[largest]


def _flow_title(bridge: Metrics) -> str:
    flow = _largest_flow(bridge)
    if flow is None:
        return gettext("Who brought and who took net sales")
    return say(FLOW_MOST[flow[0]], amount=abs(flow[1]))


def _periods(metrics: Metrics, bridge: Metrics) -> dict[str, str]:
    return {"then": named(bridge), "now": named(metrics["period"])}
