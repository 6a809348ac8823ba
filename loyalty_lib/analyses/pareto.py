"""Concentration: how much of net sales the largest customers make.

Takes transactions and the as-of date, returns a ``ParetoResult`` over a fixed window of months.  Shares, curve and Gini
are over customers with net spend >= 0; those below are counted apart.  Shares are measured, never asserted: they
depend on the length of the window.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.pareto_gini import gini, gini_interval
from loyalty_lib.analyses.pareto_parts import LARGEST, bounds, curve_points, decile_table, dependence_table
from loyalty_lib.analyses.window import window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

TOP_PERCENT: Final = (1, 5, 10, 20, 50)  # whole percents, so that ceil(q n) is exact
GOAL: Final = 0.8  # share of sales behind share_for_80
TEN: Final = 10
DOMINANT: Final = 0.5  # share of sales of one customer from which on the figures describe that customer
ROUNDING: Final = 1e-12  # relative; a running sum of floats may fall short of the goal by this much


@dataclass(frozen=True, eq=False, kw_only=True)
class ParetoResult:
    """Concentration of net sales.

    Attributes
    ----------
    curve
        ``share_of_customers``, ``share_of_sales``: customers from the largest, from (0, 0) to (1, 1); at most 201
        points, those of ``top_shares`` among them.
    lorenz
        The same from the smallest.
    top_shares
        ``top`` (0.01, 0.05, 0.1, 0.2, 0.5), ``customers`` (ceil(top n)), ``share_of_sales``.
    deciles
        Ten rows, largest customers first: ``decile``, ``customers``, ``sales``, ``share_of_sales``, ``mean_sales``,
        ``smallest_spend``.
    dependence
        ``largest`` (1, 5, 10 customers, where there are more), ``share_of_sales``, ``sales_left`` without them.
    evidence
        What ``protect`` judges points by, and empties: ``customers`` at each point of the curve, and ``next_share``,
        the share of sales of the customer after it.
    gini
        0 where all spend the same; NaN without sales.
    gini_low, gini_high
        Its 95 % interval; NaN with fewer than 30 customers.
    share_for_80
        Smallest share of customers who make 80 % of sales.
    cr1, cr10
        Share of sales of the largest customer, of the ten largest.
    hhi, effective_number
        Sum of squared shares, and its inverse: as many equal customers would be as concentrated.
    customers, negative_customers
        With net spend >= 0, and below; ``None`` where hidden.
    sales
        Net sales of ``customers``.
    months, start, as_of
        Length, first and last day of the window.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    curve: pd.DataFrame
    lorenz: pd.DataFrame
    top_shares: pd.DataFrame
    deciles: pd.DataFrame
    dependence: pd.DataFrame
    evidence: pd.DataFrame
    gini: float
    gini_low: float
    gini_high: float
    share_for_80: float
    cr1: float
    cr10: float
    hhi: float
    effective_number: float
    customers: int | None
    negative_customers: int | None
    sales: float
    months: int
    start: dt.date
    as_of: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def pareto(transactions: Transactions, as_of: dt.date, *, months: int = 12) -> ParetoResult:
    """Measure how concentrated net sales are.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day of the window.
    months
        Length of the window; twelve unless there is a reason, for shares over other windows do not compare.

    Returns
    -------
    ParetoResult
        Population: customers with a purchase in the window, and those whose refunds in it outweigh.

    References
    ----------
    Gini and its interval: ``pareto_gini``.
    """
    start = window_start(as_of, months)
    spend = transactions.engine.frame("pareto", start=start, as_of=as_of)["spend"].to_numpy(dtype=float)
    kept = spend[spend >= 0]
    n, sales = len(kept), float(kept.sum())
    cumulative = np.concatenate([[0.0], np.cumsum(kept)])
    # The last running sum, not the plain sum, so that the curve ends at exactly 1.
    shares = cumulative / cumulative[-1] if sales > 0 else np.full(n + 1, np.nan)
    tops = [-(-percent * n // 100) for percent in TOP_PERCENT]
    reach = int(np.searchsorted(shares, GOAL - ROUNDING)) if sales > 0 else 0
    hhi = float(np.sum(np.square(kept / sales))) if sales > 0 else float("nan")
    points = curve_points(n, {*tops, *bounds(n), reach, *(min(count, n) for count in LARGEST)})
    curve = pd.DataFrame({"share_of_customers": points / max(n, 1), "share_of_sales": shares[points]})
    low, high = gini_interval(kept)
    return ParetoResult(
        curve=curve,
        lorenz=(1 - curve[::-1]).reset_index(drop=True),
        top_shares=pd.DataFrame(
            {"top": [percent / 100 for percent in TOP_PERCENT], "customers": tops, "share_of_sales": shares[tops]}
        ),
        deciles=decile_table(kept, shares, sales),
        dependence=dependence_table(shares, sales),
        evidence=pd.DataFrame({"customers": points, "next_share": np.append(np.diff(shares), 0.0)[points]}),
        gini=gini(kept),
        gini_low=low,
        gini_high=high,
        share_for_80=reach / n if sales > 0 else float("nan"),
        cr1=float(shares[min(1, n)]),
        cr10=float(shares[min(TEN, n)]),
        hhi=hhi,
        effective_number=1 / hhi,
        customers=n,
        negative_customers=len(spend) - n,
        sales=sales,
        months=months,
        start=start,
        as_of=as_of,
        caveats=_caveats(transactions, start, float(shares[min(1, n)])),
    )


def _caveats(transactions: Transactions, start: dt.date, largest: float) -> tuple[str, ...]:
    caveats = []
    begin = transactions.engine.frame("data_begin")["data_begin"].iloc[0]
    if pd.notna(begin) and begin.date() > start:
        text = mark("The data begin on {begin:date}, inside the window: shares over a whole window may differ.")
        caveats.append(Message(text, begin=begin.date()))
    if largest > DOMINANT:
        text = mark(
            "One customer brings more than half of sales: these figures describe that customer more than the others."
        )
        caveats.append(Message(text))
    return tuple(caveats)
