"""The technical appendix on purchases over time: the weeks the model knew, and those it forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.story import FLAT, Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell how the forecast weeks went, all together."""
    check = metrics["check"]
    weeks = [week for week in check["tracking"] if week["purchases"] is not None]  # the others are hidden
    if not weeks:
        return Story("")
    ahead = [week for week in weeks if not week["known"]]
    subtitle = say(
        "Repeat purchases of the customers known on {cutoff:date}, week by week until {until:date}",
        cutoff=check["cutoff"],
        until=weeks[-1]["until"],
    )
    last = weeks[-1]
    summed = [week for week in weeks if week["cumulative"] is not None][-1:] or [last]
    totals = {"total": summed[0]["cumulative"], "expected": summed[0]["cumulative_expected"]}
    headline = _headline(ahead)
    return Story(
        headline,
        (
            say(
                "The model was fitted to the {known:number} weeks until {cutoff:date} and has seen nothing of the "
                "{ahead:number} weeks after it.",
                known=len(weeks) - len(ahead),
                ahead=len(ahead),
                cutoff=check["cutoff"],
            ),
        ),
        figures={
            "tracking": Figure(
                title=headline,
                subtitle=subtitle,
                alt=say(
                    "Line chart of {count:number} weeks. In the last week there were {actual:number} repeat purchases; "
                    "the model expected {expected:number}.",
                    count=len(weeks),
                    actual=last["purchases"],
                    expected=last["expected"],
                ),
            ),
            "tracking-total": Figure(
                title=say("{total:number} repeat purchases in all; the model expected {expected:number}", **totals),
                subtitle=say(
                    "Repeat purchases of the same customers, added up from the first week to {until:date}",
                    until=summed[0]["until"],
                ),
                alt=say(
                    "Line chart that only rises: {total:number} repeat purchases after {count:number} weeks, by the "
                    "model {expected:number}.",
                    count=summed[0]["week"],
                    **totals,
                ),
            ),
        },
    )


def _headline(ahead: list[Metrics]) -> str:
    actual = sum(week["purchases"] for week in ahead)
    expected = sum(week["expected"] for week in ahead)
    if not actual:
        return say("No repeat purchases in the weeks that were forecast")
    error = expected / actual - 1
    values = {"error": abs(error), "weeks": len(ahead)}
    if abs(error) < FLAT:
        return say("Over {weeks:number} weeks the forecast was right in sum", **values)
    if error < 0:
        return say("Over {weeks:number} weeks the forecast was {error:percent} too low", **values)
    return say("Over {weeks:number} weeks the forecast was {error:percent} too high", **values)
