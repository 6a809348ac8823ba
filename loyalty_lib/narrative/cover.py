"""The cover: the answer in one sentence, what else stands out, three actions ranked by money, and how far to trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.narrative import kpis
from loyalty_lib.narrative.action_lists import top_actions
from loyalty_lib.narrative.clv import TRUST, outcome, typical
from loyalty_lib.narrative.findings import Finding, ranked
from loyalty_lib.narrative.story import spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

ACTIONS = 3
OTHERS = 3  # further findings


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
    others
        What else stands out: at most three sentences of as many further pages, the most important first.
    """

    finding: str
    actions: tuple[str, ...]
    trust: str = ""
    trust_label: str = ""
    trust_reason: str = ""
    others: tuple[str, ...] = ()


def cover(metrics: Metrics) -> Cover:
    """Return the words of the cover."""
    clv = metrics["clv"]
    finding, others = _findings(metrics)
    if not clv["available"]:
        return Cover(finding, actions(metrics), "none", say("No forecast"), spoken(clv["reason"]), others)
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
    return Cover(f"{finding} {worth}", actions(metrics), trust, gettext(TRUST[trust]), reason, others)


def _findings(metrics: Metrics) -> tuple[str, tuple[str, ...]]:
    """Return the finding with most money in it, and those of other pages that come next.

    Actions and the value of all customers have places of their own on the cover.
    """
    found = [one for one in ranked(metrics) if one.kind != "action" and one.page != "clv"]
    first = next((one for one in found if one.money), Finding("kpis", f"{kpis.headline(metrics)}."))
    pages: dict[str, str] = {}
    for one in found:
        if one.page != first.page:
            pages.setdefault(one.page, one.text)
    return first.text, tuple(pages.values())[:OTHERS]


def actions(metrics: Metrics) -> tuple[str, ...]:
    """Return the three actions with the most money in them, largest first."""
    return tuple(text for _, text in top_actions(metrics)[:ACTIONS])
