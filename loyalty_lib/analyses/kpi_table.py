"""All key figures of many periods at once: counts and sums from SQL become one row a period.

Takes transactions and periods, returns the table that ``kpis`` lays out and ``protect`` judges.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.kpi_units import COMPARING, EVIDENCE, UNITS

if TYPE_CHECKING:
    from loyalty_lib.analyses.engagement import EngagementResult
    from loyalty_lib.analyses.gaps import GapResult
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

KEPT: Final = ("start", "end", "before")


def observed(period: Period, begin: dt.date | None) -> bool:
    """Tell whether the data reach back to the first day of ``period``."""
    return begin is not None and period.start >= begin


def figures_by_period(
    transactions: Transactions,
    periods: Sequence[Period],
    period: Period,
    begin: dt.date | None,
    gaps: GapResult,
    engagement: EngagementResult | None,
) -> pd.DataFrame:
    """Compute every key figure of every period.

    Parameters
    ----------
    transactions
        The client's transactions.
    periods
        Those to look at; the previous period of each is compared with where it is among them.
    period
        The reporting period, whose figures are given even where the data begin inside it.
    begin
        First day of the data; ``None`` without any.
    gaps
        Usual gaps between purchase days, as on the last day observed.
    engagement
        The index for the ends of some of the periods; ``None`` without settings.

    Returns
    -------
    DataFrame
        Index: label of the period.  ``start``, ``end``, ``before``, the keys of ``UNITS`` and ``EVIDENCE``.  NaN where
        a period, or the one before, was not wholly observed, and where something is divided by nothing.
    """
    table = _ratios(_count(transactions, periods, period.end).astype("float64"))
    table.index = pd.Index([one.label for one in periods], name="period")
    table = table.assign(
        start=pd.to_datetime([one.start for one in periods]),
        end=pd.to_datetime([one.end for one in periods]),
        before=[one.previous.label for one in periods],
        **_silence(transactions, periods, gaps, begin),
        **_engaged(periods, engagement),
    )
    unobserved = [one.label for one in periods if one != period and not observed(one, begin)]
    unmatched = [one.label for one in periods if not observed(one.previous, begin)]
    table.loc[unobserved, list(UNITS)] = np.nan
    table.loc[unmatched, list(COMPARING)] = np.nan
    return table[[*KEPT, *UNITS, *EVIDENCE]]


def _count(transactions: Transactions, periods: Sequence[Period], as_of: dt.date) -> pd.DataFrame:
    number = {one: position for position, one in enumerate(periods, start=1)}
    starts, ends = [one.start for one in periods], [one.end for one in periods]
    previous = [number.get(one.previous, 0) for one in periods]
    engine = transactions.engine
    counts = engine.frame("kpis", starts=starts, ends=ends, previous=previous)
    return counts.join(engine.frame("kpis_categories", starts=starts, ends=ends, as_of=as_of))


def _ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Turn counts and sums into figures; a ratio to nothing is NaN."""
    active, before = _positive(table["active_customers"]), _positive(table["previous_customers"])
    orders, then = _positive(table["orders"]), _positive(table["sales_then"])
    returning, several = table["returning_customers"], table["several_customers"]
    known = _positive(table["category_customers"])
    return table.assign(
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
        upsell_ratio=several / known,
        one_to_several=(known - several) / _positive(several),
        largest_share=table["largest_customer"] / _positive(table["all_customers"]),
        share_of_more=table["largest_more"] / _positive(table["sales_now"] - table["sales_kept"]),
        share_of_less=table["largest_less"] / _positive(table["sales_then"] - table["sales_kept"]),
    )


def _silence(
    transactions: Transactions, periods: Sequence[Period], gaps: GapResult, begin: dt.date | None
) -> dict[str, Any]:
    """Compute the share of silent customers; missing where nobody can have been silent for so long yet."""
    if not np.isfinite(gaps.p80):
        nothing = np.full(len(periods), np.nan)
        return {"customers_so_far": nothing, "silent_customers": nothing, "silent_rate": nothing}
    ends = [one.end for one in periods]
    counts = transactions.engine.frame("kpis_silent", ends=ends, gap=int(gaps.p80)).astype("float64")
    followed = np.array([begin is not None and (end - begin).days > gaps.p80 for end in ends])
    silent = counts["silent_customers"].where(followed)
    return {
        "customers_so_far": counts["customers_so_far"].to_numpy(),
        "silent_customers": silent.to_numpy(),
        "silent_rate": (silent / _positive(counts["customers_so_far"])).to_numpy(),
    }


def _engaged(periods: Sequence[Period], engagement: EngagementResult | None) -> dict[str, Any]:
    index = pd.DataFrame(columns=["engagement_index", "rated_customers"]) if engagement is None else engagement.index
    found = index.reindex([one.end for one in periods]).astype("float64")
    return {name: found[name].to_numpy() for name in index.columns}


def _positive(values: pd.Series) -> pd.Series:
    """Keep what can be divided by; the rest becomes NaN."""
    return values.where(values > 0)
