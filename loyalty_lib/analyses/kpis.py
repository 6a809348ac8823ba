"""Key figures of a reporting period, the period before, the same period last year, and the last thirteen periods.

Takes transactions and a ``Period``, returns a ``KpiResult``.  Customers are sets: retention is |A0 and A1| / |A0|, and
active = previous active - lapsed + new + reactivated holds exactly.  A comparison period that begins before the first
day of the data was not wholly observed: its figures, and those that compare with it, are NaN.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.engagement import EngagementResult, engagement_index
from loyalty_lib.analyses.gaps import GapResult, purchase_gaps
from loyalty_lib.analyses.kpi_change import figure_changes
from loyalty_lib.analyses.kpi_table import figures_by_period, observed
from loyalty_lib.analyses.kpi_units import OPTIONAL, TREND_PERIODS, UNITS
from loyalty_lib.analyses.window import window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.config.analyses import Engagement
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

HISTORY_DAYS: Final = 365  # with less history than this, customers who come back after long look new


@dataclass(frozen=True, eq=False, kw_only=True)
class KpiResult:
    """Key figures.

    Attributes
    ----------
    figures
        Index: the keys of ``UNITS``, without those of ``OPTIONAL`` that the data or the settings do not give.  Columns
        ``value``, ``previous``, ``year_ago`` (NaN where that period was not wholly observed) and ``unit``:
        "customers", "ratio", "money", "number" or "orders".
    trend
        The last thirteen periods, oldest first, the reporting period last; fewer where the data begin later.  Columns
        ``label``, ``start``, ``end`` and the same figures.
    by_period
        Index: every period looked at, by label.  The keys of ``UNITS``, ``start``, ``end``, ``before`` (label of the
        period compared with) and ``EVIDENCE``: what the two tables above are made of, and what ``protect`` judges by.
    period, previous, year_ago
        The periods of the three columns of ``figures``.
    gaps
        Usual gaps between purchase days, behind ``silent_rate``.
    engagement
        Recipe of the engagement index; ``None`` without settings.
    data_begin
        First day of the data; ``None`` without any.
    changes
        Index: ``key`` (those of ``figures`` and "orders_per_customer") and ``against`` ("previous", "year_ago").
        Columns ``change`` (of ratios a difference, else relative), ``low`` and ``high`` of its 95 % interval, ``clear``
        (whether that leaves out "no change"); see ``kpi_change``.
    customers_in_both
        Customers active in the period and in the one compared with, by ``against``; what ``protect`` judges by.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    figures: pd.DataFrame
    trend: pd.DataFrame
    by_period: pd.DataFrame
    period: Period
    previous: Period
    year_ago: Period
    gaps: GapResult
    engagement: EngagementResult | None
    data_begin: dt.date | None
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    customers_in_both: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def kpis(
    transactions: Transactions,
    period: Period,
    *,
    engagement: Engagement | None = None,
    answers: pd.DataFrame | None = None,
) -> KpiResult:
    """Compute the key figures of ``period`` and of the periods it is compared with.

    Parameters
    ----------
    transactions
        The client's transactions.
    period
        The reporting period; its own figures are given even where the data begin inside it, with a caveat.
    engagement
        Recipe of the engagement index; without one there is none.
    answers
        Answers to the survey (``customer_id``, ``answered_on``, ``nps``), for that index.

    Returns
    -------
    KpiResult
        One row a figure and one row a period; rates are ratios, money is in the data's currency, the engagement index
        goes from 0 to 100.

    Notes
    -----
    Retention is in the set form; the textbook's (E - N) / S equals it only when reactivated customers are left out of
    E.  The usual gap behind ``silent_rate`` is estimated once, at the end of ``period``, and used for all periods.
    """
    shown = tuple(dict.fromkeys((*period.back(TREND_PERIODS), period.year_ago)))
    wanted = tuple(dict.fromkeys((*shown, *(one.previous for one in shown))))
    begin = _first_day(transactions)
    gaps = purchase_gaps(transactions, period.end)
    engaged = None
    if engagement is not None:
        ends = [one.end for one in shown if one == period or _looks_back(one, engagement.window_months, begin)]
        engaged = engagement_index(transactions, ends, period.end, engagement, answers)
    by_period = figures_by_period(transactions, wanted, period, begin, gaps, engaged)
    keys = _given(by_period, period)
    figures = figures_table(by_period, period, keys)
    changes, both = figure_changes(transactions, by_period, figures, period)
    return KpiResult(
        figures=figures,
        trend=trend_table(by_period, period, begin, keys),
        by_period=by_period,
        changes=changes,
        customers_in_both=both,
        period=period,
        previous=period.previous,
        year_ago=period.year_ago,
        gaps=gaps,
        engagement=engaged,
        data_begin=begin,
        caveats=(*_caveats(period, begin), *_engagement_caveats(period, begin, engaged)),
    )


def figures_table(by_period: pd.DataFrame, period: Period, keys: Sequence[str]) -> pd.DataFrame:
    """Lay out the figures ``keys`` of ``period`` beside those of the periods it is compared with."""
    columns = {"value": period, "previous": period.previous, "year_ago": period.year_ago}
    table = pd.DataFrame({name: by_period.loc[one.label, list(keys)].astype(float) for name, one in columns.items()})
    table["unit"] = pd.Series(UNITS)
    return table.rename_axis("key")


def trend_table(by_period: pd.DataFrame, period: Period, begin: dt.date | None, keys: Sequence[str]) -> pd.DataFrame:
    """Lay out the last periods wholly observed, and the reporting period in any case."""
    labels = [one.label for one in period.back(TREND_PERIODS) if one == period or observed(one, begin)]
    table = by_period.loc[labels, ["start", "end", *keys]].rename_axis("label").reset_index()
    return table.astype(dict.fromkeys(keys, float))


def _first_day(transactions: Transactions) -> dt.date | None:
    begin = transactions.engine.frame("data_begin")["data_begin"].iloc[0]
    return None if pd.isna(begin) else begin.date()


def _looks_back(period: Period, months: int, begin: dt.date | None) -> bool:
    """Tell whether the data reach back over the window of so many months that ends with ``period``."""
    return begin is not None and window_start(period.end, months) >= begin


def _given(by_period: pd.DataFrame, period: Period) -> list[str]:
    """List the figures to show: an optional one only where one of the three periods has it."""
    labels = [period.label, period.previous.label, period.year_ago.label]
    missing = by_period.loc[labels, list(OPTIONAL)].isna().all()
    return [key for key in UNITS if not missing.get(key, default=False)]


def _caveats(period: Period, begin: dt.date | None) -> tuple[str, ...]:
    if begin is None:
        return (Message("There are no transactions in the data."),)
    if begin > period.start:
        text = mark("The data begin on {begin:date}, inside the period: its figures are not those of a whole period.")
        return (Message(text, begin=begin),)
    if (period.start - begin).days < HISTORY_DAYS:
        return (Message("The data begin on {begin:date}: customers of earlier days count as new.", begin=begin),)
    return ()


def _engagement_caveats(period: Period, begin: dt.date | None, engaged: EngagementResult | None) -> tuple[str, ...]:
    if engaged is None or begin is None:
        return ()
    if not _looks_back(period, engaged.window_months, begin):
        text = mark(
            "The data begin on {begin:date}, inside the {months:number} months that the engagement index looks at."
        )
        return (*engaged.caveats, Message(text, begin=begin, months=engaged.window_months))
    return engaged.caveats
