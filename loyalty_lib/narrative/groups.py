"""The technical appendix on groups of customers by their first order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import group_name
from loyalty_lib.narrative.story import Story, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell whether groups differ, and which buys most; nothing where there are none."""
    groups = metrics["groups"]
    shown = [row for row in groups["table"] if row["expected_purchases"] is not None]
    if not shown:
        return Story("")
    if not groups["differ"]:
        return Story(say("By their first order, customers do not clearly differ"), (spoken(groups["finding"]),))
    best = max(shown, key=lambda row: row["expected_purchases"])
    headline = say(
        "{group:text}: {expected:number.2} repeat purchases expected of a new customer in a year",
        group=group_name(best["group"]),
        expected=best["expected_purchases"],
    )
    return Story(headline, (spoken(groups["finding"]), gettext("The groups share one model of purchases.")))
