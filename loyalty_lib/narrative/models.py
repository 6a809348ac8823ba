"""The technical appendix on the other models of purchases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.story import Story, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell which model forecast best, and why it was chosen."""
    models = metrics["models"]
    if not models["table"]:
        return Story("")
    nearest = min(
        (row for row in models["table"] if row["relative_error"] is not None),
        key=lambda row: abs(row["relative_error"]),
    )
    headline = say(
        "Closest to the outcome in sum: {model:text}, {error:percent} off",
        model=nearest["model"],
        error=abs(nearest["relative_error"]),
    )
    return Story(headline, (spoken(models["reason"]),))
