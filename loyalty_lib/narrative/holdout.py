"""The technical appendix on the hold-out: what was forecast for groups of customers, and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.clv import outcome
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell how forecasts of groups compare with their purchases."""
    if not metrics["clv"]["available"]:
        return Story("")
    check = metrics["check"]
    groups = [group for group in check["calibration"] if group["actual"] is not None]
    inside = sum(group["low"] <= group["expected"] <= group["high"] for group in groups)
    headline = say(
        "In {inside:number} of {groups:number} groups the forecast is within the margin of error",
        inside=inside,
        groups=len(groups),
    )
    lead = (
        outcome(metrics["clv"]["backtest"]),
        say(
            "The forecast was made from the purchases until {cutoff:date} and is set against the {days:number} days "
            "after it, which it had not seen.",
            cutoff=check["cutoff"],
            days=check["holdout_days"],
        ),
    )
    figures = {"holdout-calibration": _calibration(check, groups, headline), "holdout-alive": _alive(check)}
    return Story(headline, lead, figures=figures)


def _calibration(check: Metrics, groups: list[Metrics], headline: str) -> Figure:
    subtitle = say(
        "Mean purchases after {cutoff:date} of groups of equal size, from few to many expected; with the 95% interval "
        "of the actual mean",
        cutoff=check["cutoff"],
    )
    if not groups:
        return Figure(headline, subtitle, say("No marks: every group is too small to show."))
    last = groups[-1]
    return Figure(
        title=say(
            "Of the customers expected to buy most, {expected:number.2} purchases each were forecast and "
            "{actual:number.2} made",
            expected=last["expected"],
            actual=last["actual"],
        ),
        subtitle=subtitle,
        alt=say(
            "Marks for {count:number} groups of customers beside the line on which forecast and outcome are equal. The "
            "group with the highest forecast, {expected:number.2}, made {actual:number.2} purchases per customer.",
            count=len(groups),
            expected=last["expected"],
            actual=last["actual"],
        ),
    )


def _alive(check: Metrics) -> Figure:
    cells = [cell for cell in check["alive"] if cell["probability_alive"] is not None]
    subtitle = say(
        "Mean probability of being active on {cutoff:date} and, below it, the share who bought in the {days:number} "
        "days after; by repeat purchases and weeks since the last purchase",
        cutoff=check["cutoff"],
        days=check["holdout_days"],
    )
    if not cells:
        return Figure(say("Groups too small to show"), subtitle, say("No cells: every group is too small to show."))
    best, worst = (pick(cells, key=lambda cell: cell["probability_alive"]) for pick in (max, min))
    return Figure(
        title=say(
            "Probability of being active: from {low:percent} to {high:percent}",
            low=worst["probability_alive"],
            high=best["probability_alive"],
        ),
        subtitle=subtitle,
        alt=say(
            "Heat map of {count:number} groups. Customers are most likely to be active with {frequency:text} repeat "
            "purchases and {silent:text} weeks since the last ({high:percent}; {came:percent} bought again).",
            count=len(cells),
            frequency=best["frequency"],
            silent=best["silent"].replace("-", "–"),
            high=best["probability_alive"],
            came=best["came_back"],
        ),
    )
