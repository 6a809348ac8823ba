"""What the page of what customers say tells of complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import say, say_many

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

COMPARED: Final = {"period": "year_ago", "now": "before"}  # a span and the same one a year earlier


def complaint_headline(survey: Metrics) -> str:
    """Return the finding of a page that tells of complaints alone; nothing where there are none to tell of."""
    if not survey["complaints"]:
        return ""
    rate = survey["complaints"]["now"]["rate"]
    if rate is None:
        return say("Too few complaints or orders to show")
    return say("{rate:number.1} complaints per 1,000 orders in the last twelve months", rate=rate)


def complaint_sentences(survey: Metrics) -> list[str]:
    """Say how often customers complain, and who bought again afterwards."""
    return [*_rate(survey), *_again(survey)]


def _rate(survey: Metrics) -> list[str]:
    """Give the rate of the reporting period where it is known, else that of the window, and the year before's."""
    spans = survey["complaints"]
    for span, earlier in COMPARED.items():
        if span not in spans or spans[span]["rate"] is None:
            continue
        rate, before = spans[span]["rate"], spans[earlier]["rate"]
        if before is None and span == "period":
            return [say("There were {rate:number.1} complaints per 1,000 orders in the period.", rate=rate)]
        if before is None:
            return [say("There were {rate:number.1} complaints per 1,000 orders in the last twelve months.", rate=rate)]
        if span == "period":
            return [
                say(
                    "There were {rate:number.1} complaints per 1,000 orders in the period, and {before:number.1} in "
                    "the same period last year.",
                    rate=rate,
                    before=before,
                )
            ]
        return [
            say(
                "There were {rate:number.1} complaints per 1,000 orders in the last twelve months, and "
                "{before:number.1} in the twelve before.",
                rate=rate,
                before=before,
            )
        ]
    return []


def _again(survey: Metrics) -> list[str]:
    """Compare with similar customers; a difference is called one only where its interval leaves out zero."""
    after, difference = survey["after_complaint"], survey["after_difference"]
    if not after or difference["difference"] is None:
        return []
    clear = difference["low"] > 0 or difference["high"] < 0
    values = {
        "share": after["complained"]["share"],
        "others": after["others"]["share"],
        "days": survey["complaint_days"],
        "low": 100 * difference["low"],
        "high": 100 * difference["high"],
    }
    count = after["complained"]["customers"]
    if not clear:
        return [
            say_many(
                "Of {count:number} customer who complained {share:percent} bought again within {days:number} days, of "
                "similar customers {others:percent}: no clear difference.",
                "Of {count:number} customers who complained {share:percent} bought again within {days:number} days, of "
                "similar customers {others:percent}: no clear difference.",
                count,
                **values,
            )
        ]
    return [
        say_many(
            "Of {count:number} customer who complained {share:percent} bought again within {days:number} days, of "
            "similar customers {others:percent}: a difference of {low:signed_number} to {high:signed_number} "
            "percentage points.",
            "Of {count:number} customers who complained {share:percent} bought again within {days:number} days, of "
            "similar customers {others:percent}: a difference of {low:signed_number} to {high:signed_number} "
            "percentage points.",
            count,
            **values,
        )
    ]
