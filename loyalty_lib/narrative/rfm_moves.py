"""What the page of customer segments says of those who moved from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say, say_many
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative.story import Figure

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def lead(moves: Metrics, previous: str) -> list[str]:
    """Tell how many stayed, and of the first of the best segments of which it is known."""
    told = [] if moves["share"] is None else [_stayed(moves, previous)]
    return [*told, *(_of_best(best, previous) for best in _known(moves)[:1])]


def figure(moves: Metrics, previous: str, as_of: str) -> Figure:
    """Name the chart by how many stayed, or by what it shows where that is hidden."""
    days = {"previous": previous, "day": as_of}
    return Figure(
        title=_title(moves, previous),
        subtitle=say(
            "Customers by segment on {previous:date} and on {day:date}; bands as broad as their customers",
            **days,
        ),
        alt=" ".join(
            [
                say("Flow of customers from their segment on {previous:date} to that on {day:date}.", **days),
                *(_of_best(best, previous) for best in _known(moves)),
            ]
        ),
    )


def _known(moves: Metrics) -> list[Metrics]:
    """Return the best segments that had customers and of which it is known how many stayed."""
    return [best for best in moves["best"] if best["stayed"] is not None and best["then"]]


def _title(moves: Metrics, previous: str) -> str:
    if moves["share"] is not None:
        return say(
            "{share:percent} are in the same segment as on {previous:date}", share=moves["share"], previous=previous
        )
    if known := _known(moves):
        return say(
            "“{segment:text}” on {previous:date}: {share:percent} are still in it",
            segment=segment_name(known[0]["segment"]),
            previous=previous,
            share=known[0]["share"],
        )
    return say("Where the customers of each segment are now")


def _stayed(moves: Metrics, previous: str) -> str:
    return say_many(
        "Of the customers in a segment on {previous:date}, {count:number} ({share:percent}) is in the same one now.",
        "Of the customers in a segment on {previous:date}, {count:number} ({share:percent}) are in the same one now.",
        moves["stayed"],
        share=moves["share"],
        previous=previous,
    )


def _of_best(best: Metrics, previous: str) -> str:
    """Tell who is left of a segment, and where the largest part of the others went."""
    stayed = say_many(
        "Of {then:number} in “{segment:text}” on {previous:date}, {count:number} ({share:percent}) is still in it",
        "Of {then:number} in “{segment:text}” on {previous:date}, {count:number} ({share:percent}) are still in it",
        best["stayed"],
        then=best["then"],
        segment=segment_name(best["segment"]),
        previous=previous,
        share=best["share"],
    )
    if not (out := best["out"]):
        return say("{sentence:text}.", sentence=stayed)
    return say_many(
        "{sentence:text}; the largest part of the others, {count:number} customer, went to “{to:text}”.",
        "{sentence:text}; the largest part of the others, {count:number} customers, went to “{to:text}”.",
        out["customers"],
        sentence=stayed,
        to=segment_name(out["segment"]),
    )
