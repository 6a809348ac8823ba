"""The cover: the answer in one sentence, three actions ranked by money, and how far the forecast can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.narrative import kpis
from loyalty_lib.narrative.action_lists import top_actions
from loyalty_lib.narrative.clv import TRUST, outcome, typical
from loyalty_lib.narrative.story import spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

ACTIONS = 3


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
    return tuple(text for _, text in top_actions(metrics)[:ACTIONS])
