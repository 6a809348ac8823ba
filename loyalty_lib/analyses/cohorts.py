"""Retention and revenue by cohort: the week, month or quarter of the first purchase, and by group of the first order.

Takes transactions and the as-of date, returns a ``CohortResult``.  Cell k is the k-th period after the cohort's own; a
customer counts in it with a purchase *on* that period, not on or after.  A period that is not complete at ``as_of`` is
NaN, which is not zero; a period without purchases inside the window is 0.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd

from loyalty_lib.analyses.cohorts_groups import group_caveats, group_cells, group_table, groups_p_value
from loyalty_lib.analyses.cohorts_tables import average_table, ratio, wide
from loyalty_lib.errors import UsageError
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

Grain = Literal["week", "month", "quarter"]
By = Literal["channel", "category", "country"]
SMALL_COHORT: Final = 30  # customers; below, one customer moves a rate by more than three percentage points
# Evidence that ``protect`` judges cells by; not printed.
EVIDENCE: Final = ("orders", "sales", "movers", "repeat_movers", "largest", "largest_repeat", "largest_now")
SHOWN: Final = (
    *("customers", "buyers", "retention", "cumulative_revenue", "returning_revenue"),
    *("order_value", "revenue_retention"),
)


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
    order_value
        Cohort x k: net sales of period k by its orders; NaN without orders.
    revenue_retention
        Cohort x k: net sales of period k by those of period 0; NaN where these are not above zero.
    average
        Index k, over all cohorts observed at k: ``retention`` weighted by size, its Wilson interval ``low``, ``high``
        (95 %), ``cohorts`` and ``customers`` observed; ``order_value`` weighted by orders, ``revenue_retention`` by
        the net sales of period 0, ``cumulative_revenue`` by size.
    groups
        One row a group of the first order and k, all cohorts observed at k together: ``group``, ``k``, ``customers``,
        ``buyers``, ``retention``, ``low``, ``high``.  Empty without ``by``, or where there are not two groups.
    groups_p_value
        Of the groups being alike in the first period after their own; NaN without groups.
    group_cells
        Index ``group``, ``cohort``, ``k``: what ``groups`` is made of; emptied by ``protect``.
    cells
        What the tables are made of, one row a cohort and complete k, with what ``protect`` judges cells by.
    grain, by, as_of
        "week", "month" or "quarter"; "channel", "category", "country" or ``None``; last day observed.
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
    order_value: pd.DataFrame
    revenue_retention: pd.DataFrame
    average: pd.DataFrame
    groups: pd.DataFrame
    groups_p_value: float
    group_cells: pd.DataFrame
    cells: pd.DataFrame
    grain: Grain
    by: By | None
    as_of: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def cohorts(
    transactions: Transactions, as_of: dt.date, *, grain: Grain = "month", last: int = 24, by: By | None = None
) -> CohortResult:
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
    by
        What of the first order customers are also grouped by.

    Returns
    -------
    CohortResult
        Tables cohort x k.

    Raises
    ------
    UsageError
        If ``grain``, ``last`` or ``by`` cannot be used.

    References
    ----------
    Interval: Wilson (1927), Journal of the American Statistical Association 22, p. 209.
    """
    if grain not in get_args(Grain) or last < 1:
        message = f"cohorts(grain={grain!r}, last={last}): expected grain week, month or quarter, and last from 1 on."
        raise UsageError(message)
    if by not in (None, *get_args(By)):
        message = f"cohorts(by={by!r}): expected channel, category, country or None."
        raise UsageError(message)
    found = transactions.engine.frame("cohorts", grain=grain, as_of=as_of)
    begin = found["cohort"].min()
    cells = _complete(found, as_of, grain, last)
    sizes = cells.xs(0, level="k")["customers"] if len(cells) else _no_sizes()
    divided = group_cells(transactions, as_of, by, grain, cells.groupby(level="cohort").size())
    groups = group_table(divided)
    return CohortResult(
        sizes=sizes.rename("customers"),
        active=wide(cells, "buyers"),
        retention=wide(cells, "retention"),
        cumulative_revenue=wide(cells, "cumulative_revenue"),
        returning_revenue=wide(cells, "returning_revenue"),
        order_value=wide(cells, "order_value"),
        revenue_retention=wide(cells, "revenue_retention"),
        average=average_table(cells),
        groups=groups,
        groups_p_value=groups_p_value(groups),
        group_cells=divided,
        cells=cells,
        grain=grain,
        by=by,
        as_of=as_of,
        caveats=(*_caveats(sizes, begin), *group_caveats(divided, by)),
    )


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
    cells["order_value"] = ratio(cells["sales"], cells["orders"])
    cells["revenue_retention"] = ratio(cells["sales"], by_cohort["sales"].transform("first"))
    # The largest total so far of one customer; a later refund may have lowered it, so this errs towards hiding.
    cells[["largest", "largest_repeat"]] = by_cohort[["largest", "largest_repeat"]].cummax()
    return cells[[*SHOWN, *EVIDENCE]]


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
