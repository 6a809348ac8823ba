"""Retention and revenue by cohort: the week, month or quarter of the first purchase.

Takes transactions and the as-of date, returns a ``CohortResult``.  Cell k is the k-th period after the cohort's own; a
customer counts in it with a purchase *on* that period, not on or after.  A period that is not complete at ``as_of`` is
NaN, which is not zero; a period without purchases inside the window is 0.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd

from loyalty_lib.errors import UsageError
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

Grain = Literal["week", "month", "quarter"]
SMALL_COHORT: Final = 30  # customers; below, one customer moves a rate by more than three percentage points
LEVEL: Final = 0.95
# Evidence that ``protect`` judges cells by; not printed.
EVIDENCE: Final = ("movers", "repeat_movers", "largest", "largest_repeat")


@dataclass(frozen=True, eq=False, kw_only=True)
class CohortResult:
    """Cohorts of customers by the period of their first purchase.

    Attributes
    ----------
    sizes
        Customers by cohort; index: first day of the period, ascending.  A cohort whose own period is not complete at
        ``as_of`` is still forming and left out.
    active, retention
        Cohort x k (columns 0 .. K): customers with a purchase in period k, and their share of the cohort.
    cumulative_revenue, returning_revenue
        Cohort x k: net sales up to the end of period k per original customer; and the part of it after the day of the
        first purchase.
    average
        Index k: ``retention`` over all cohorts observed at k, weighted by size, its Wilson interval ``low``, ``high``
        (95 %), ``cohorts`` and ``customers`` observed.
    cells
        What the tables are made of, one row a cohort and complete k, with what ``protect`` judges cells by.
    grain, as_of
        "week", "month" or "quarter"; last day observed.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    sizes: pd.Series
    active: pd.DataFrame
    retention: pd.DataFrame
    cumulative_revenue: pd.DataFrame
    returning_revenue: pd.DataFrame
    average: pd.DataFrame
    cells: pd.DataFrame
    grain: Grain
    as_of: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def cohorts(transactions: Transactions, as_of: dt.date, *, grain: Grain = "month", last: int = 24) -> CohortResult:
    """Follow each cohort from its first purchase.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day observed.  A period is complete if its last day is not after it.
    grain
        Length of a period; weeks begin on Monday.
    last
        How many cohorts to show, counted back from the newest; periods without new customers are no cohort.

    Returns
    -------
    CohortResult
        Tables cohort x k.

    Raises
    ------
    UsageError
        If ``grain`` or ``last`` cannot be used.

    References
    ----------
    Interval: Wilson (1927), Journal of the American Statistical Association 22, p. 209.
    """
    if grain not in get_args(Grain) or last < 1:
        message = f"cohorts(grain={grain!r}, last={last}): expected grain week, month or quarter, and last from 1 on."
        raise UsageError(message)
    found = transactions.engine.frame("cohorts", grain=grain, as_of=as_of)
    begin = found["cohort"].min()
    cells = _complete(found, as_of, grain, last)
    sizes = cells.xs(0, level="k")["customers"] if len(cells) else _no_sizes()
    return CohortResult(
        sizes=sizes.rename("customers"),
        active=wide(cells, "buyers"),
        retention=wide(cells, "retention"),
        cumulative_revenue=wide(cells, "cumulative_revenue"),
        returning_revenue=wide(cells, "returning_revenue"),
        average=average_table(cells),
        cells=cells,
        grain=grain,
        as_of=as_of,
        caveats=_caveats(sizes, begin),
    )


def wide(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Lay one column of the cells out as cohort x k."""
    table = cells[column].astype(float).unstack("k")  # noqa: PD010 - levels of an index, not columns
    table.columns = pd.RangeIndex(table.shape[1], name="k")
    return table


def average_table(cells: pd.DataFrame) -> pd.DataFrame:
    """Average retention at each k over the cohorts observed there, weighted by size, with Wilson's interval."""
    sums = cells.groupby(level="k").agg(
        buyers=("buyers", "sum"), customers=("customers", "sum"), cohorts=("customers", "size")
    )
    low, high = wilson(sums["buyers"], sums["customers"])
    rate = sums["buyers"] / sums["customers"]
    table = pd.DataFrame({"retention": rate, "low": low, "high": high})
    return table.join(sums[["cohorts", "customers"]])


def wilson(successes: pd.Series, trials: pd.Series, level: float = LEVEL) -> tuple[pd.Series, pd.Series]:
    """Return Wilson's score interval for a share; (1927), p. 209.

    Parameters
    ----------
    successes, trials
        Counts; trials above zero.
    level
        Confidence level.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    # The bounds of 0 and of 1 are exact; floating point misses them by a hair.
    return (centre - half).where(successes > 0, 0.0), (centre + half).where(successes < trials, 1.0)


def _complete(found: pd.DataFrame, as_of: dt.date, grain: Grain, last: int) -> pd.DataFrame:
    """Give every cohort a row for each of its complete periods, those without purchases included."""
    sizes = found.groupby("cohort")["customers"].first()
    next_day = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    observed = pd.Series(_periods_between(sizes.index, next_day, grain), index=sizes.index)
    observed = observed[observed > 0].iloc[-last:]
    index = pd.MultiIndex.from_arrays(
        [
            observed.index.repeat(observed.to_numpy()),
            np.concatenate([np.arange(count) for count in observed] or [np.zeros(0, dtype=np.int64)]),
        ],
        names=["cohort", "k"],
    )
    cells = found.drop(columns="customers").set_index(["cohort", "k"]).reindex(index, fill_value=0)
    cells["customers"] = sizes.reindex(index.get_level_values("cohort")).to_numpy()
    by_cohort = cells.groupby(level="cohort")
    cells["retention"] = cells["buyers"] / cells["customers"]
    cells["cumulative_revenue"] = by_cohort["sales"].cumsum() / cells["customers"]
    cells["returning_revenue"] = by_cohort["repeat_sales"].cumsum() / cells["customers"]
    # The largest total so far of one customer; a later refund may have lowered it, so this errs towards hiding.
    cells[["largest", "largest_repeat"]] = by_cohort[["largest", "largest_repeat"]].cummax()
    return cells[["customers", "buyers", "retention", "cumulative_revenue", "returning_revenue", *EVIDENCE]]


def _periods_between(first: pd.Index, day: pd.Timestamp, grain: Grain) -> list[int]:
    """Count the whole periods from each first day to the day before ``day``."""
    days = pd.DatetimeIndex(first)
    if grain == "week":
        return [int(count) for count in (day - days).days // 7]
    months = 12 * (day.year - days.year) + day.month - days.month
    return [int(count) for count in months // (3 if grain == "quarter" else 1)]


def _no_sizes() -> pd.Series:
    return pd.Series([], index=pd.DatetimeIndex([], name="cohort"), dtype="int64")


def _caveats(sizes: pd.Series, begin: pd.Timestamp) -> tuple[str, ...]:
    if sizes.empty:
        return (Message("No cohort has been observed for a whole period yet."),)
    caveats = []
    if sizes.index[0] == begin:
        text = mark(
            "The first cohort, of {first:date}, is where the data begin: it may also hold customers who bought before."
        )
        caveats.append(Message(text, first=begin.date()))
    small = int((sizes < SMALL_COHORT).sum())
    if small:
        text = mark(
            "Cohorts with fewer than {minimum:number} customers: {small:number} of {cohorts:number}. "
            "Their rates vary by chance."
        )
        caveats.append(Message(text, minimum=SMALL_COHORT, small=small, cohorts=len(sizes)))
    return tuple(caveats)
