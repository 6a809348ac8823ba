"""Key figures of a reporting period, the period before, the same period last year, and the last thirteen periods.

Takes transactions and a ``Period``, returns a ``KpiResult``.  Customers are sets: retention is |A0 and A1| / |A0|, and
active = previous active - lapsed + new + reactivated holds exactly.  A comparison period that begins before the first
day of the data was not wholly observed: its figures, and those that compare with it, are NaN.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

# Every key figure in the order of the report, with its unit.
UNITS: Final = {
    "active_customers": "customers",
    "new_customers": "customers",
    "returning_customers": "customers",
    "reactivated_customers": "customers",
    "lapsed_customers": "customers",
    "retention_rate": "ratio",
    "churn_rate": "ratio",
    "repeat_rate": "ratio",
    "purchase_frequency": "number",
    "average_order_value": "money",
    "net_sales": "money",
    "sales_per_customer": "money",
    "orders": "orders",
    "purchase_days": "number",
    "gross_revenue_retention": "ratio",
    "net_revenue_retention": "ratio",
    "revenue_churn": "ratio",
    "customer_growth": "ratio",
}
# Figures that need the period before; missing where that one was not wholly observed.
COMPARING: Final = (
    "returning_customers",
    "reactivated_customers",
    "lapsed_customers",
    "retention_rate",
    "churn_rate",
    "gross_revenue_retention",
    "net_revenue_retention",
    "revenue_churn",
    "customer_growth",
)
TREND: Final = (
    "active_customers",
    "new_customers",
    "net_sales",
    "average_order_value",
    "purchase_frequency",
    "retention_rate",
)
# What ``protect`` judges by besides; not printed.
EVIDENCE: Final = ("repeat_customers", "moving_customers", "largest_share")
TREND_PERIODS: Final = 13  # a year of months and the same month last year
HISTORY_DAYS: Final = 365  # with less history than this, customers who come back after long look new


@dataclass(frozen=True, eq=False, kw_only=True)
class KpiResult:
    """Key figures.

    Attributes
    ----------
    figures
        Index: the keys of ``UNITS``.  Columns ``value``, ``previous``, ``year_ago`` (NaN where that period was not
        wholly observed) and ``unit``: "customers", "ratio", "money", "number" or "orders".
    trend
        The last thirteen periods, oldest first, the reporting period last; fewer where the data begin later.  Columns
        ``label``, ``start``, ``end`` and the figures in ``TREND``.
    by_period
        Index: every period looked at, by label.  The keys of ``UNITS``, ``start``, ``end``, ``before`` (label of the
        period compared with), ``repeat_customers``, ``moving_customers`` (with sales or refunds) and ``largest_share``
        (of the money moved, by one customer): what the two tables above are made of, and what ``protect`` judges by.
    period, previous, year_ago
        The periods of the three columns of ``figures``.
    data_begin
        First day of the data; ``None`` without any.
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
    data_begin: dt.date | None
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def kpis(transactions: Transactions, period: Period) -> KpiResult:
    """Compute the key figures of ``period`` and of the periods it is compared with.

    Parameters
    ----------
    transactions
        The client's transactions.
    period
        The reporting period; its own figures are given even where the data begin inside it, with a caveat.

    Returns
    -------
    KpiResult
        One row a figure and one row a period; rates are ratios, money is in the data's currency.

    Notes
    -----
    Retention is in the set form; the textbook's (E - N) / S equals it only when reactivated customers are left out of
    E.
    """
    trend = period.back(TREND_PERIODS)
    shown = (*trend, period.year_ago)
    wanted = tuple(dict.fromkeys((*shown, *(one.previous for one in shown))))
    counts = _count(transactions, wanted)
    begin = None if pd.isna(counts["data_begin"].iloc[0]) else counts["data_begin"].iloc[0].date()
    by_period = _figures_by_period(counts, wanted, begin)
    return KpiResult(
        figures=figures_table(by_period, period),
        trend=trend_table(by_period, period, begin),
        by_period=by_period,
        period=period,
        previous=period.previous,
        year_ago=period.year_ago,
        data_begin=begin,
        caveats=_caveats(period, begin),
    )


def figures_table(by_period: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Lay out the figures of ``period`` beside those it is compared with."""
    columns = {"value": period, "previous": period.previous, "year_ago": period.year_ago}
    table = pd.DataFrame({name: by_period.loc[one.label, list(UNITS)].astype(float) for name, one in columns.items()})
    table["unit"] = pd.Series(UNITS)
    return table.rename_axis("key")


def trend_table(by_period: pd.DataFrame, period: Period, begin: dt.date | None) -> pd.DataFrame:
    """Lay out the last periods wholly observed, and the reporting period in any case."""
    labels = [one.label for one in period.back(TREND_PERIODS) if one == period or _observed(one, begin)]
    table = by_period.loc[labels, ["start", "end", *TREND]].rename_axis("label").reset_index()
    return table.astype(dict.fromkeys(TREND, float))


def _count(transactions: Transactions, periods: Sequence[Period]) -> pd.DataFrame:
    number = {one: position for position, one in enumerate(periods, start=1)}
    return transactions.engine.frame(
        "kpis",
        starts=[one.start for one in periods],
        ends=[one.end for one in periods],
        previous=[number.get(one.previous, 0) for one in periods],
    )


def _observed(period: Period, begin: dt.date | None) -> bool:
    return begin is not None and period.start >= begin


def _figures_by_period(counts: pd.DataFrame, periods: Sequence[Period], begin: dt.date | None) -> pd.DataFrame:
    """Turn counts and sums into figures; a ratio to nothing is NaN."""
    table = counts.drop(columns="data_begin").astype(float)
    table.index = pd.Index([one.label for one in periods], name="period")
    active, before = _positive(table["active_customers"]), _positive(table["previous_customers"])
    orders, then = _positive(table["orders"]), _positive(table["sales_then"])
    returning = table["returning_customers"]
    table = table.assign(
        start=pd.to_datetime([one.start for one in periods]),
        end=pd.to_datetime([one.end for one in periods]),
        before=[one.previous.label for one in periods],
        reactivated_customers=table["active_customers"] - table["new_customers"] - returning,
        lapsed_customers=table["previous_customers"] - returning,
        retention_rate=returning / before,
        churn_rate=1 - returning / before,
        repeat_rate=table["repeat_customers"] / active,
        purchase_frequency=table["purchase_days"] / active,
        average_order_value=table["net_sales"] / orders,
        sales_per_customer=table["net_sales"] / active,
        gross_revenue_retention=table["sales_kept"] / then,
        net_revenue_retention=table["sales_now"] / then,
        revenue_churn=1 - table["sales_kept"] / then,
        customer_growth=table["active_customers"] / before - 1,
        largest_share=table["largest_customer"] / _positive(table["all_customers"]),
    )
    reporting = periods[TREND_PERIODS - 1]
    unobserved = [one.label for one in periods if one != reporting and not _observed(one, begin)]
    unmatched = [one.label for one in periods if not _observed(one.previous, begin)]
    table.loc[unobserved, list(UNITS)] = float("nan")
    table.loc[unmatched, list(COMPARING)] = float("nan")
    return table[["start", "end", "before", *UNITS, *EVIDENCE]]


def _positive(values: pd.Series) -> pd.Series:
    """Keep what can be divided by; the rest becomes NaN."""
    return values.where(values > 0)


def _caveats(period: Period, begin: dt.date | None) -> tuple[str, ...]:
    if begin is None:
        return (Message("There are no transactions in the data."),)
    if begin > period.start:
        text = mark("The data begin on {begin:date}, inside the period: its figures are not those of a whole period.")
        return (Message(text, begin=begin),)
    if (period.start - begin).days < HISTORY_DAYS:
        return (Message("The data begin on {begin:date}: customers of earlier days count as new.", begin=begin),)
    return ()
