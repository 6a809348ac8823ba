"""Reporting periods: ``2024``, ``2024-H1``, ``2024-Q4``, ``2024-11``, ``2024-W12``, ``2024-01-01..2024-06-30``.

A period is a pair of days, both inside it; its end is the report's as-of date.  ``previous`` is the period of the same
kind just before, ``year_ago`` the same calendar period one year earlier.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from loyalty_lib.errors import UsageError

Cadence = Literal["month", "quarter", "half", "year"]
MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAY: Final = dt.timedelta(days=1)
WEEK: Final = dt.timedelta(weeks=1)
FORMS: Final = "2024, 2024-H1, 2024-Q4, 2024-11, 2024-W12 or 2024-01-01..2024-06-30"


@dataclass(frozen=True)
class Period:
    """A reporting period, first and last day included.

    Attributes
    ----------
    start, end
        First and last day.
    kind
        "month", "quarter", "half", "year", "week" or "days".
    """

    start: dt.date
    end: dt.date
    kind: str

    @property
    def label(self) -> str:
        """The name as a user types it; also the name of the report's folder."""
        match self.kind:
            case "year":
                return f"{self.start.year:04d}"
            case "half":
                return f"{self.start.year:04d}-H{1 + (self.start.month - 1) // 6}"
            case "quarter":
                return f"{self.start.year:04d}-Q{1 + (self.start.month - 1) // 3}"
            case "month":
                return f"{self.start:%Y-%m}"
            case "week":
                year, week, _ = self.start.isocalendar()
                return f"{year:04d}-W{week:02d}"
            case _:
                return f"{self.start.isoformat()}..{self.end.isoformat()}"

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days + 1

    @property
    def previous(self) -> Period:
        """The period of the same kind that ends the day before this one starts."""
        if self.kind in MONTHS:
            return _months(_add_months(self.start, -MONTHS[self.kind]), self.kind)
        return Period(self.start - self.days * DAY, self.start - DAY, self.kind)

    @property
    def year_ago(self) -> Period:
        """The same calendar period one year earlier; for a week, the week 52 weeks earlier."""
        if self.kind in MONTHS:
            return _months(_add_months(self.start, -12), self.kind)
        if self.kind == "week":
            return Period(self.start - 52 * WEEK, self.end - 52 * WEEK, "week")
        return Period(_add_months(self.start, -12), _add_months(self.end, -12), self.kind)

    def back(self, count: int) -> tuple[Period, ...]:
        """Return this period and the ``count - 1`` before it, oldest first."""
        periods = [self]
        while len(periods) < count:
            periods.append(periods[-1].previous)
        return tuple(reversed(periods))

    def __str__(self) -> str:
        return self.label


def _add_months(day: dt.date, months: int) -> dt.date:
    """Shift by calendar months; a day that does not exist (31 June) becomes the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _months(start: dt.date, kind: str) -> Period:
    return Period(start, _add_months(start, MONTHS[kind]) - DAY, kind)


def _year(year: str) -> Period:
    return _months(dt.date(int(year), 1, 1), "year")


def _half(year: str, half: str) -> Period:
    return _months(dt.date(int(year), 6 * int(half) - 5, 1), "half")


def _quarter(year: str, quarter: str) -> Period:
    return _months(dt.date(int(year), 3 * int(quarter) - 2, 1), "quarter")


def _month(year: str, month: str) -> Period:
    return _months(dt.date(int(year), int(month), 1), "month")


def _week(year: str, week: str) -> Period:
    start = dt.date.fromisocalendar(int(year), int(week), 1)
    return Period(start, start + 6 * DAY, "week")


def _days(first: str, last: str) -> Period:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    if end < start:
        message = f"{first}..{last} ends before it starts"
        raise ValueError(message)
    return Period(start, end, "days")


_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_PATTERNS: Final[tuple[tuple[str, Callable[..., Period]], ...]] = (
    (r"(\d{4})", _year),
    (r"(\d{4})-[Hh]([12])", _half),
    (r"(\d{4})-[Qq]([1-4])", _quarter),
    (r"(\d{4})-(\d{2})", _month),
    (r"(\d{4})-[Ww](\d{2})", _week),
    (rf"({_DATE})\.\.({_DATE})", _days),
)


def parse_period(text: str) -> Period:
    """Read a period as a user types it.

    Raises
    ------
    UsageError
        If ``text`` is none of the forms, or names a day, month or week that does not exist.
    """
    for pattern, build in _PATTERNS:
        if match := re.fullmatch(pattern, text.strip(), flags=re.ASCII):
            try:
                return build(*match.groups())
            except ValueError as error:
                message = f"Period {text!r} does not exist: {error}. Write it as {FORMS}."
                raise UsageError(message) from error
    message = f"Period {text!r} is not a period. Write it as {FORMS}."
    raise UsageError(message)


def last_complete(cadence: Cadence, observed_until: dt.date) -> Period:
    """Return the last period of ``cadence`` that ends on or before ``observed_until``."""
    first = observed_until.month - (observed_until.month - 1) % MONTHS[cadence]
    current = _months(dt.date(observed_until.year, first, 1), cadence)
    return current if current.end <= observed_until else current.previous


def choose_period(text: str | None, cadence: Cadence, observed_until: dt.date) -> Period:
    """Return the period to report on, if the data covers it.

    Parameters
    ----------
    text
        As a user types it; ``None`` for the last complete period of the cadence.
    cadence
        How often the client reports.
    observed_until
        The last day the data covers.

    Returns
    -------
    Period
        Wholly observed.

    Raises
    ------
    UsageError
        If there is no such period, or the data does not cover it to its end.
    """
    latest = last_complete(cadence, observed_until)
    if not text:
        return latest
    chosen = parse_period(text)
    if chosen.end > observed_until:
        message = (
            f"Period {chosen.label} ends on {chosen.end}, but the data is complete only up to {observed_until}. "
            f"The last complete {cadence} is {latest.label}."
        )
        raise UsageError(message)
    return chosen
