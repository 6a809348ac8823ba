"""The covering mail: a subject and a few lines of key figures."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.narrative.cards import cards
from loyalty_lib.narrative.cover import cover

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

KEYS = ("net_sales", "active_customers", "retention_rate", "average_order_value")


def period_text(metrics: Metrics) -> str:
    """Return the report's period in words."""
    period = metrics["period"]
    return period_name(period["kind"], dt.date.fromisoformat(period["start"]), dt.date.fromisoformat(period["end"]))


def mail(metrics: Metrics) -> tuple[str, list[str]]:
    """Return subject and lines of the covering mail."""
    subject = say(
        "Customer loyalty, {client:text}, {period:text}", client=metrics["client"]["name"], period=period_text(metrics)
    )
    figures = [
        say(
            "{label:text}: {value:text} ({comparison:text})",
            label=card.label,
            value=card.value,
            comparison="; ".join(card.comparisons),
        )
        for card in cards(metrics, KEYS)
    ]
    lines = [cover(metrics).finding, *figures, say("The full report is attached as a PDF.")]
    return subject, lines
