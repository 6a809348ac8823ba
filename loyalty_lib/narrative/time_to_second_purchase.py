"""The page from the first to the second purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.analyses.time_to_second_purchase_words import COHORT, OTHER, group_label, share_label
from loyalty_lib.i18n import gettext, mark, say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

YEAR: Final = 365
AT_ONCE: Final = 2  # days: an offer before this day goes with the first purchase itself
RANGES: Final = {
    COHORT: mark(
        "By the time of their first purchase, from {low:text} ({last:text}) to {high:text} ({first:text}) of "
        "customers buy again within {day:number} days."
    ),
    "category": mark(
        "By the category of their first order, from {low:text} ({last:text}) to {high:text} ({first:text}) of "
        "customers buy again within {day:number} days."
    ),
    "channel": mark(
        "By the channel of their first order, from {low:text} ({last:text}) to {high:text} ({first:text}) of "
        "customers buy again within {day:number} days."
    ),
    "country": mark(
        "By the country of their first order, from {low:text} ({last:text}) to {high:text} ({first:text}) of "
        "customers buy again within {day:number} days."
    ),
}
ALIKE: Final = {
    COHORT: mark("No clear difference by the time of the first purchase"),
    "category": mark("No clear difference by the category of the first order"),
    "channel": mark("No clear difference by the channel of the first order"),
    "country": mark("No clear difference by the country of the first order"),
}


def story(metrics: Metrics) -> Story:
    """Tell how soon customers buy a second time, and until when to write to them."""
    second = metrics["time_to_second_purchase"]
    shares = _shares(second, "second")
    if not shares or not any(shares.values()):
        return Story("")
    day = second["day"] if second["day"] in shares else min(shares)
    headline = say(
        "{share:text} of customers buy again within {day:number} days", share=share_label(shares[day]), day=day
    )
    found = {by: _ends(second, by) for by in second["tests"]}
    lead = [*_timing(second), *_later(second, shares, day)]
    lead += [
        say(RANGES[by], day=second["day"], **_range(second, ends))
        for by, ends in found.items()
        if ends and second["tests"][by]["differ"]
    ]
    figures = {"time_to_second_purchase": _figure(metrics, headline, shares)}
    if any(row["share"] is not None for row in second["groups"]):
        figures["time_to_second_purchase-groups"] = _groups(metrics, found)
    offered = (Finding("time_to_second_purchase", f"{headline}."),)
    return Story(headline, tuple(lead), _advice(second), figures, offered)


def _shares(second: Metrics, step: str) -> dict[int, float]:
    """Return the shares that show, by day."""
    rows = second["at_days"]
    return {row["day"]: row["share"] for row in rows if row["step"] == step and row["share"] is not None}


def _timing(second: Metrics) -> list[str]:
    step = second["steps"]["second"]
    if step["day50"] is None or step["day80"] is None:
        return []
    return [
        say(
            "Of those who buy a second time, half have done so by day {half:number} and four of five by day "
            "{most:number}.",
            half=step["day50"],
            most=step["day80"],
        )
    ]


def _later(second: Metrics, shares: dict[int, float], day: int) -> list[str]:
    lead = []
    half = second["steps"]["second"]["median"]
    if half is not None:
        lead.append(say("Half of all customers have bought again by day {day:number}.", day=half))
    elif YEAR in shares and day != YEAR:
        lead.append(say("Within a year {share:text} buy again.", share=share_label(shares[YEAR])))
    third = _shares(second, "third").get(day)
    if third is not None:
        lead.append(
            say(
                "After the second purchase, {share:text} buy a third time within {day:number} days.",
                share=share_label(third),
                day=day,
            )
        )
    return lead


def _ends(second: Metrics, by: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the groups with the highest and the lowest share of those that show, where their intervals part.

    The test of all groups says that they differ somewhere; which two do is said of these only.
    """
    rows = [row for row in second["groups"] if row["by"] == by and row["group"] != OTHER and row["share"] is not None]
    high = max(rows, key=lambda row: row["share"], default=None)
    low = min(rows, key=lambda row: row["share"], default=None)
    if high is None or low is None or None in (high["low"], low["high"]) or high["low"] <= low["high"]:
        return None
    return high, low


def _range(second: Metrics, ends: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    high, low = ends
    named = {
        name: group_label(row["by"], row["group"], second["grain"], row["start"], row["end"])
        for name, row in (("first", high), ("last", low))
    }
    return {"high": share_label(high["share"]), "low": share_label(low["share"]), **named}


def _figure(metrics: Metrics, title: str, shares: dict[int, float]) -> Figure:
    second = metrics["time_to_second_purchase"]
    points = [
        say("{share:text} after {day:number} days", share=share_label(share), day=day) for day, share in shares.items()
    ]
    alt = say(
        "Rising curve of the share of customers who have made a second purchase: {points:text}.",
        points=", ".join(points),
    )
    day80 = second["steps"]["second"]["day80"]
    if day80 is not None:
        marked = say("A dashed line marks day {day:number}, by which four of five of those who return have.", day=day80)
        alt = f"{alt} {marked}"
    return Figure(
        title=title,
        subtitle=say(
            "Share of all customers up to {end:date} by days since the purchase before, with {level:percent} interval; "
            "those still waiting count for as long as they have been observed",
            end=metrics["as_of"],
            level=second["level"],
        ),
        alt=alt,
    )


def _groups(metrics: Metrics, found: dict[str, tuple[dict[str, Any], dict[str, Any]] | None]) -> Figure:
    second = metrics["time_to_second_purchase"]
    day = second["day"]
    told = next((by for by in reversed(found) if second["tests"][by]["differ"] and found[by]), None)
    ends = found[told] if told else None
    if ends:
        title = say(
            "{first:text}: {high:text} buy again within {day:number} days; {last:text}: {low:text}",
            day=day,
            **_range(second, ends),
        )
    else:
        title = _alike(second)
    shown = [row for row in second["groups"] if row["share"] is not None]
    alt = say_many(
        "Dot with interval for {count:number} group of customers, of whom {high:text} buy again within {day:number} "
        "days.",
        "Dots with intervals for {count:number} groups of customers; the share who buy again within {day:number} days "
        "runs from {low:text} to {high:text}.",
        len(shown),
        day=day,
        low=share_label(min(row["share"] for row in shown)),
        high=share_label(max(row["share"] for row in shown)),
    )
    return Figure(
        title=title,
        subtitle=say(
            "Share of customers with a second purchase within {day:number} days of the first, by group, with "
            "{level:percent} interval",
            day=day,
            level=second["level"],
        ),
        alt=alt,
    )


def _alike(second: Metrics) -> str:
    """Say that the groups are alike, or no more than what is shown where they differ in other ways."""
    if any(test["differ"] for test in second["tests"].values()):
        return say("Share who buy again within {day:number} days by group of customers", day=second["day"])
    kinds = list(second["tests"])
    return gettext(ALIKE[kinds[0]]) if len(kinds) == 1 else gettext("No clear difference between the groups")


def _advice(second: Metrics) -> tuple[str, ...]:
    step = second["steps"]["second"]
    half, most = step["day50"], step["day80"]
    if half is None or most is None:
        return ()
    if half < AT_ONCE:
        early = say(
            "Make the offer for a second purchase together with the first: half of those who come back do so by day "
            "{half:number}.",
            half=half,
        )
    else:
        early = say(
            "Make the offer for a second purchase before day {half:number}: by then half of those who come back have "
            "done so.",
            half=half,
        )
    late = say(
        "After day {most:number} treat a one-time customer as one to win back: only one in five of those who come back "
        "does so later.",
        most=most,
    )
    if second["waiting"]:
        count = say_many(
            "{count:number} one-time customer is within {most:number} days of the purchase now.",
            "{count:number} one-time customers are within {most:number} days of their purchase now.",
            second["waiting"],
            most=most,
        )
        early = f"{early} {count}"
    if second["late"]:
        count = say_many(
            "{count:number} one-time customer is past that day.",
            "{count:number} one-time customers are past that day.",
            second["late"],
        )
        late = f"{late} {count}"
    return early, late
