"""The cover: the answer in one sentence, three actions ranked by money, and how far the forecast can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.narrative import kpis, rfm
from loyalty_lib.narrative.clv import TRUST, outcome, typical
from loyalty_lib.narrative.story import kpi, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

ACTIONS = 3
ONE_IN = 10  # the what-if of the second purchase: one in so many one-time customers returns


@dataclass(frozen=True)
class Cover:
    """The words of the cover.

    Attributes
    ----------
    finding
        One sentence with money.
    actions
        At most three, the largest amount first.
    trust
        "good", "fair", "poor" or "none": the colour and shape of the light.
    trust_label, trust_reason
        What the light means, and why.
    """

    finding: str
    actions: tuple[str, ...]
    trust: str = ""
    trust_label: str = ""
    trust_reason: str = ""


def cover(metrics: Metrics) -> Cover:
    """Return the words of the cover."""
    clv = metrics["clv"]
    finding = f"{kpis.headline(metrics)}."
    if not clv["available"]:
        return Cover(finding, actions(metrics), "none", say("No forecast"), spoken(clv["reason"]))
    worth = say(
        "Today’s customers are expected to bring {equity:money_short} of contribution margin over the next "
        "{months:number} months ({low:money_short} to {high:money_short}).",
        equity=clv["customer_equity"],
        months=clv["horizon_months"],
        low=clv["equity_low"],
        high=clv["equity_high"],
    )
    trust = clv["backtest"]["trust"]
    reason = " ".join([outcome(clv["backtest"]), *typical(clv["backtest"])])
    return Cover(f"{finding} {worth}", actions(metrics), trust, gettext(TRUST[trust]), reason)


def actions(metrics: Metrics) -> tuple[str, ...]:
    """Return the three actions with the most money in them, largest first."""
    segments = rfm.shown_segments(metrics)
    months = metrics["rfm"]["window_months"]
    candidates: list[tuple[float, str]] = []
    count, revenue = rfm.at_risk(metrics)
    if count:
        candidates.append(
            (
                revenue,
                say(
                    "Win back {count:number} good customers who have gone quiet: they spent "
                    "{revenue:money_short} in the last "
                    "{months:number} months.",
                    count=count,
                    revenue=revenue,
                    months=months,
                ),
            )
        )
    if champions := segments.get("champions"):
        candidates.append(
            (
                champions["revenue"],
                say(
                    "Keep the {count:number} best customers: they spent {revenue:money_short}, {share:percent} "
                    "of the sales "
                    "of the last {months:number} months.",
                    count=champions["customers"],
                    revenue=champions["revenue"],
                    share=champions["share_of_revenue"],
                    months=months,
                ),
            )
        )
    order = kpi(metrics, "average_order_value")["value"]
    one_time = metrics["rfm"]["one_time"]
    if order and one_time:
        worth = one_time / ONE_IN * order
        candidates.append(
            (
                worth,
                say(
                    "Win a second purchase: {count:number} customers bought only once in {months:number} months; "
                    "if one in "
                    "{one_in:number} bought again, that would be {worth:money_short}.",
                    count=one_time,
                    months=months,
                    one_in=ONE_IN,
                    worth=worth,
                ),
            )
        )
    candidates.sort(key=lambda item: -item[0])
    return tuple(text for _, text in candidates[:ACTIONS])
