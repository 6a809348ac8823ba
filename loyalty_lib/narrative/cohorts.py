"""The page of cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.narrative.cohorts_groups import groups_advice, groups_figure
from loyalty_lib.narrative.cohorts_money import PERIODS, money_lead, revenue_figure
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

LATER = 6  # the period after the first purchase that the first is compared with
HEADLINES = {
    "week": mark("{share:percent} of new customers buy again in the following week"),
    "month": mark("{share:percent} of new customers buy again in the following month"),
    "quarter": mark("{share:percent} of new customers buy again in the following quarter"),
}
DRAWN = 24  # cohorts on the heat map, as in figures.cohorts
SUBTITLES = {
    "week": mark("Share of each cohort that bought in a given week after the week of the first purchase"),
    "month": mark("Share of each cohort that bought in a given month after the month of the first purchase"),
    "quarter": mark("Share of each cohort that bought in a given quarter after the quarter of the first purchase"),
}


def _average(metrics: Metrics) -> dict[int, dict[str, Any]]:
    """Average retention by period since the first purchase, observed ones only."""
    rows = metrics["cohorts"]["average"]
    return {int(k): row for k, row in rows.items() if int(k) > 0 and row["retention"] is not None}


def _later(average: dict[int, dict[str, Any]]) -> int:
    """Return the period looked at beside the first: the last one shown up to ``LATER``, for any may be hidden."""
    return max(k for k in average if k <= LATER)


def story(metrics: Metrics) -> Story:
    """Tell how customers come back."""
    average = _average(metrics)
    if 1 not in average:
        return Story(say("Too early to see whether customers come back"))
    grain = metrics["cohorts"]["grain"]
    first = average[1]
    later = _later(average)
    headline = say(HEADLINES[grain], share=first["retention"])
    lead = [
        say(
            "A cohort is the customers whose first purchase was in the same {period:text}.",
            period=gettext(PERIODS[grain]),
        ),
        say(
            "This is the average of {cohorts:number} cohorts, weighted by size (95% interval {low:percent.1} to "
            "{high:percent.1}).",
            cohorts=first["cohorts"],
            low=first["low"],
            high=first["high"],
        ),
    ]
    if later > 1:
        lead.append(
            say(
                "In {period:text} {later:number} after the first purchase {share:percent} of the customers bought.",
                period=gettext(PERIODS[grain]),
                later=later,
                share=average[later]["retention"],
            )
        )
    lead += money_lead(metrics, later)
    advice = (*_advice(average, later, grain), *groups_advice(metrics))
    found = (Finding("cohorts", f"{headline}."),)
    return Story(headline, tuple(lead), advice, _figures(metrics, average, headline), found)


def _way(first: dict[str, Any], last: dict[str, Any]) -> str:
    """Return which way retention goes between two periods: "up" or "down" only where their intervals part."""
    if last["high"] < first["low"]:
        return "down"
    return "up" if last["low"] > first["high"] else "unclear"


def _left_out(metrics: Metrics, drawn: int) -> list[str]:
    """Say how many of the cohorts a chart shows, where it does not show all."""
    count = len(metrics["cohorts"]["sizes"])
    if count <= drawn:
        return []
    return [say("(the latest {drawn:number} of {count:number} cohorts)", drawn=drawn, count=count)]


def _figures(metrics: Metrics, average: dict[int, dict[str, Any]], headline: str) -> dict[str, Figure]:
    """Return the words of the charts: heat map, curve, and, where they can be drawn, revenue and groups."""
    grain = metrics["cohorts"]["grain"]
    first, later, end = average[1], _later(average), max(average)
    figures = {
        "cohorts": Figure(
            title=headline,
            subtitle=" ".join([gettext(SUBTITLES[grain]), *_left_out(metrics, DRAWN)]),
            alt=say(
                "Heat map of {cohorts:number} cohorts by time since the first purchase. Average retention is "
                "{first:percent} one period after the first purchase and {last:percent} after {later:number}.",
                cohorts=len(metrics["cohorts"]["sizes"]),
                first=first["retention"],
                last=average[later]["retention"],
                later=later,
            ),
        ),
        "cohorts-curve": Figure(
            title=_shape(average, later, grain),
            subtitle=say("Retention by cohort (grey) and weighted average with its 95% interval"),
            alt=say(
                "Line chart of retention by time since the first purchase, one grey line a cohort. The average starts "
                "at {first:percent} and is {last:percent} after {end:number} periods.",
                first=first["retention"],
                last=average[end]["retention"],
                end=end,
            ),
        ),
    }
    if (revenue := revenue_figure(metrics)) is not None:
        figures["cohorts-revenue"] = revenue
    if (groups := groups_figure(metrics)) is not None:
        figures["cohorts-groups"] = groups
    return figures


def _shape(average: dict[int, dict[str, Any]], later: int, grain: str) -> str:
    values = {
        "first": average[1]["retention"],
        "last": average[later]["retention"],
        "later": later,
        "period": gettext(PERIODS[grain]),
    }
    way = _way(average[1], average[later])
    if way == "down":
        return say("Retention falls from {first:percent} to {last:percent} by {period:text} {later:number}", **values)
    if way == "up":
        return say("Retention rises from {first:percent} to {last:percent} by {period:text} {later:number}", **values)
    return say("Retention: no clear change up to {period:text} {later:number}", **values)


def _advice(average: dict[int, dict[str, Any]], later: int, grain: str) -> tuple[str, ...]:
    first, last = average[1]["retention"], average[later]["retention"]
    values = {"period": gettext(PERIODS[grain]), "first": first, "later": later, "last": last}
    if later == 1:
        return ()
    if _way(average[1], average[later]) == "down":
        return (
            say(
                "Fewer customers come back later: make the offer for a second purchase in {period:text} 1, while "
                "{first:percent} still return, not in {period:text} {later:number}, when {last:percent} do.",
                **values,
            ),
        )
    return (
        say(
            "Customers keep coming back: spread reminders up to {period:text} {later:number} rather than all at once.",
            **values,
        ),
    )
