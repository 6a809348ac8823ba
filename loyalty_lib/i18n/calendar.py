"""Names of periods in the report's language: "2nd quarter 1998", "2. kvartal 1998", "June 1998"."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_interval, get_quarter_names

from loyalty_lib.i18n import active, say


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
            return say("{half:number}. half of {year:text}", half=1 + (start.month - 1) // 6, year=start.year)
        case "quarter":
            names = get_quarter_names("wide", locale=locale)
            return f"{names[1 + (start.month - 1) // 3]} {start.year}"
        case "month":
            return format_date(start, "MMMM y", locale=locale)
        case "week":
            year, week, _ = start.isocalendar()
            return say("week {week:number} of {year:text}", week=week, year=year)
        case _:
            return format_interval(start, end, "yMMMd", locale=locale)
