"""Thin the curve of concentration until no two points are a few customers apart.

The spend of a few customers is the difference of two points of the curve, printed shares included.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.pareto import TEN, ParetoResult
from loyalty_lib.analyses.suppression import MISSING, small, went_missing

PLAIN: Final = (
    *("gini", "share_for_80", "cr1", "cr10", "hhi", "effective_number"),
    *("customers", "negative_customers", "sales"),
)


def protect_pareto(result: ParetoResult, minimum: int, dominance: float) -> ParetoResult:
    """Keep points ``minimum`` customers apart: the spend of a few is the difference of two points."""
    n = result.customers
    if n is None:
        return result
    if small(n, minimum):
        return _no_pareto(result)
    tops = result.top_shares["customers"].to_numpy(dtype=float)
    points = (result.curve["share_of_customers"] * n).round().to_numpy(dtype=float)
    weighs = result.cr1 > dominance * result.curve["share_of_sales"].to_numpy()
    heavy = set(points[weighs & (points < n)])
    kept = _apart([0.0, float(n)], [float(TEN), *tops, *points], minimum) - heavy | {0.0, float(n)}
    curve = result.curve[np.isin(points, list(kept))].reset_index(drop=True)
    top_shares = result.top_shares.astype(float)
    top_shares.loc[~np.isin(tops, list(kept)), ["customers", "share_of_sales"]] = MISSING
    one_dominates = result.cr1 > dominance
    negative = result.negative_customers or 0
    # With the net sales of all customers on another page, the rest would be those of the negative ones.
    sales_show = not one_dominates and not small(negative, minimum)
    protected = dataclasses.replace(
        result,
        curve=curve,
        lorenz=(1 - curve[::-1]).reset_index(drop=True),
        top_shares=top_shares,
        share_for_80=MISSING if small(result.share_for_80 * n, minimum) else result.share_for_80,
        cr1=result.cr1 if 1.0 in kept else MISSING,
        cr10=result.cr10 if float(min(TEN, n)) in kept else MISSING,
        hhi=MISSING if one_dominates else result.hhi,
        effective_number=MISSING if one_dominates else result.effective_number,
        negative_customers=None if small(negative, minimum) else result.negative_customers,
        sales=result.sales if sales_show else MISSING,
    )
    return _counted(protected, result)


def _no_pareto(result: ParetoResult) -> ParetoResult:
    """Hide a population that is itself a small group."""
    top_shares = result.top_shares.astype(float)
    top_shares[["customers", "share_of_sales"]] = MISSING
    protected = dataclasses.replace(
        result,
        curve=result.curve.iloc[:0],
        lorenz=result.lorenz.iloc[:0],
        top_shares=top_shares,
        gini=MISSING,
        share_for_80=MISSING,
        cr1=MISSING,
        cr10=MISSING,
        hhi=MISSING,
        effective_number=MISSING,
        customers=None,
        negative_customers=None,
        sales=MISSING,
    )
    return _counted(protected, result)


def _counted(after: ParetoResult, before: ParetoResult) -> ParetoResult:
    """Count what was hidden; points left out of the curve are not cells."""
    plain = [pd.Series([getattr(one, name) for name in PLAIN], dtype=float) for one in (after, before)]
    count = went_missing(*plain) + went_missing(after.top_shares, before.top_shares)
    return dataclasses.replace(after, suppressed=before.suppressed + count)


def _apart(fixed: list[float], wanted: list[float], distance: int) -> set[float]:
    """Take the wanted points in their order, each at least ``distance`` from all taken before."""
    taken = np.array(fixed)
    for point in wanted:
        if np.abs(taken - point).min() >= distance:
            taken = np.append(taken, point)
    return set(taken)
