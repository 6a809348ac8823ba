"""Names of periods in the report's language: "2nd quarter 1998", "2. kvartal 1998", "June 1998"."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_interval, format_skeleton, get_quarter_names

from loyalty_lib.i18n import active, mark, say

HALVES = (mark("1st half of {year:text}"), mark("2nd half of {year:text}"))
SHORT_HALVES = (mark("H1 {year:text}"), mark("H2 {year:text}"))


def short_period_name(kind: str, start: dt.date, end: dt.date) -> str:
    """Name a period as briefly as a card or an axis needs it: "Q2 1998", "June 1998"."""
    match kind:
        case "half":
            return say(SHORT_HALVES[(start.month - 1) // 6], year=start.year)
        case "quarter":
            return format_skeleton("yQQQ", start, locale=active().locale)
        case "month":
            return format_skeleton("yMMM", start, locale=active().locale)
        case _:
            return period_name(kind, start, end)


def period_name(kind: str, start: dt.date, end: dt.date) -> str:
    """Name a period in words.

    Parameters
    ----------
    kind
        "month", "quarter", "half", "year", "week" or "days".
    start, end
        First and last day.
    """
    locale = active().locale
    match kind:
        case "year":
            return str(start.year)
        case "half":
            name = HALVES[(start.month - 1) // 6]
            return say(name, year=start.year)
        case "quarter":
            names = get_quarter_names("wide", locale=locale)
            return f"{names[1 + (start.month - 1) // 3]} {start.year}"
        case "month":
            return format_date(start, "LLLL y", locale=locale)  # standing alone: kesäkuu, not kesäkuuta
        case "week":
            year, week, _ = start.isocalendar()
            return say("week {week:number} of {year:text}", week=week, year=year)
        case _:
            return format_interval(start, end, "yMMMd", locale=locale)
