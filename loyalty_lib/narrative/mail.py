"""The covering mail: a subject and a few lines of key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.cards import cards
from loyalty_lib.narrative.cover import cover
from loyalty_lib.narrative.story import named

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

KEYS = ("net_sales", "active_customers", "retention_rate", "average_order_value")


def mail(metrics: Metrics) -> tuple[str, list[str]]:
    """Return subject and lines of the covering mail."""
    subject = say(
        "Customer loyalty, {client:text}, {period:text}",
        client=metrics["client"]["name"],
        period=named(metrics["period"]),
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
