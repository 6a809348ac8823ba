"""What stands out in a report: the pages' findings, ranked by the money at stake and by how certain they are.

Every story offers what it found as ``Finding``s; the cover takes the first and lists a few more.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics
    from loyalty_lib.narrative.story import Story

Certainty = Literal["fact", "clear", "forecast", "assumption"]
Kind = Literal["change", "flow", "risk", "cost", "level", "action"]

# Pages that have findings, in the order of the report.
PAGES: Final = (
    "kpis",
    "revenue_bridge",
    "cohorts",
    "time_to_second_purchase",
    "rfm",
    "pareto",
    "clv",
    "action_lists",
    "survey",
    "programme",
    "subscriptions",
    "retention_cost",
)
# What an amount counts: in full where it was booked or passed a test, half where it is forecast, and a quarter where
# the client assumed it.  Only the order of the findings depends on these.
WEIGHTS: Final[dict[Certainty, float]] = {"fact": 1.0, "clear": 1.0, "forecast": 0.5, "assumption": 0.25}


@dataclass(frozen=True)
class Finding:
    """One sentence that holds a result.

    Attributes
    ----------
    page
        The page that tells more.
    text
        The sentence, in the active language.
    money
        What is at stake, in the client's currency, never below zero; ``None`` where the finding is not of money.
    certainty
        "fact" (booked or counted), "clear" (a change or difference that passed its test), "forecast" (of a model) or
        "assumption" (of the client).
    kind
        "change" of a figure, "flow" of customers or money, "risk", "cost", "level" of a figure, or "action" to take.
    """

    page: str
    text: str
    money: float | None = None
    certainty: Certainty = "fact"
    kind: Kind = "level"

    @property
    def weight(self) -> float:
        """Money at stake times the weight of its certainty; 0 without money."""
        return (self.money or 0.0) * WEIGHTS[self.certainty]


def ranked(metrics: Metrics) -> list[Finding]:
    """Return what the pages found, the most important first.

    Parameters
    ----------
    metrics
        As in ``metrics.json``; pages that it does not hold have no findings.

    Returns
    -------
    list of Finding
        By ``weight``; among equals, and without money, in the order of the pages.
    """
    found = [finding for page in PAGES if page in metrics for finding in _story(page, metrics).findings]
    return sorted(found, key=lambda finding: -finding.weight)


def _story(page: str, metrics: Metrics) -> Story:
    told: Story = import_module(f"loyalty_lib.narrative.{page}").story(metrics)
    return told
