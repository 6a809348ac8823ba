"""Thin the curve of concentration until no step of it is of a few customers, or of one who dominates it.

The spend of a few customers is the difference of two points of the curve, and every share printed is such a point:
those of tops, of tenths, of the largest five and ten.  So points are chosen once, the most wanted first, and a figure
shows only where its points were chosen.
"""

from __future__ import annotations

import dataclasses
from bisect import insort
from typing import Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.pareto import TEN, ParetoResult
from loyalty_lib.analyses.pareto_parts import LARGEST, bounds
from loyalty_lib.analyses.suppression import MISSING, small, went_missing

PLAIN: Final = (
    *("gini", "gini_low", "gini_high", "share_for_80", "cr1", "cr10", "hhi", "effective_number"),
    *("customers", "negative_customers", "sales"),
)
TABLES: Final = ("top_shares", "deciles", "dependence")
HEADLINE: Final = 0.2  # the top share that must not give way to another


def protect_pareto(result: ParetoResult, minimum: int, dominance: float) -> ParetoResult:
    """Keep points ``minimum`` customers apart: the spend of a few is the difference of two points."""
    n = result.customers
    if n is None or result.evidence.empty:
        return result
    if small(n, minimum):
        return _no_pareto(result)
    kept = _chosen(result, n, minimum, dominance)
    one_dominates = result.cr1 > dominance
    negative = result.negative_customers or 0
    # With the net sales of all customers on another page, the rest would be those of the negative ones.
    sales_show = not one_dominates and not small(negative, minimum)
    curve = result.curve[np.isin(result.evidence["customers"], list(kept))].reset_index(drop=True)
    top_shares = result.top_shares.astype(float)
    top_shares.loc[~np.isin(top_shares["customers"], list(kept)), ["customers", "share_of_sales"]] = MISSING
    protected = dataclasses.replace(
        result,
        curve=curve,
        lorenz=(1 - curve[::-1]).reset_index(drop=True),
        top_shares=top_shares,
        deciles=_deciles(result, bounds(n), kept, sales_show=sales_show),
        dependence=_dependence(result, kept, sales_show=sales_show),
        evidence=result.evidence.iloc[:0],
        share_for_80=MISSING if small(result.share_for_80 * n, minimum) else result.share_for_80,
        cr1=result.cr1 if 1 in kept else MISSING,
        cr10=result.cr10 if min(TEN, n) in kept else MISSING,
        hhi=MISSING if one_dominates else result.hhi,
        effective_number=MISSING if one_dominates else result.effective_number,
        negative_customers=None if small(negative, minimum) else result.negative_customers,
        sales=result.sales if sales_show else MISSING,
    )
    return _counted(protected, result)


def _chosen(result: ParetoResult, n: int, minimum: int, dominance: float) -> set[int]:
    """Choose points, as numbers of customers: the headline's, then those of the largest, the tops, the tenths."""
    points = [int(point) for point in result.evidence["customers"]]
    reached = dict(zip(points, result.curve["share_of_sales"], strict=True))
    largest = dict(zip(points, result.evidence["next_share"], strict=True))

    def safe(start: int, end: int) -> bool:
        """Judge a step by its customers, and by the first of them, who spends most."""
        return end - start >= minimum and not largest[start] > dominance * (reached[end] - reached[start])

    tops = result.top_shares.set_index("top")["customers"]
    wanted = [tops[HEADLINE], *reversed(LARGEST), *tops, *bounds(n), *points]
    chosen = [0, n]
    for point in map(int, wanted):
        at = int(np.searchsorted(chosen, point))
        if point in reached and point not in chosen and safe(chosen[at - 1], point) and safe(point, chosen[at]):
            insort(chosen, point)
    return set(chosen)


def _deciles(result: ParetoResult, ends: list[int], kept: set[int], *, sales_show: bool) -> pd.DataFrame:
    """Show a tenth where both its ends are chosen; amounts only where the sum of sales may show."""
    deciles = result.deciles.astype(float)
    shown = np.isin(ends[:-1], list(kept)) & np.isin(ends[1:], list(kept)) & (deciles["customers"] > 0)
    deciles.loc[~shown, ["sales", "share_of_sales", "mean_sales", "smallest_spend"]] = MISSING
    deciles.loc[deciles.index[-1], "smallest_spend"] = MISSING  # the least of all customers is one of them
    if not sales_show:
        deciles[["sales", "mean_sales"]] = MISSING
    return deciles


def _dependence(result: ParetoResult, kept: set[int], *, sales_show: bool) -> pd.DataFrame:
    dependence = result.dependence.astype(float)
    dependence.loc[~np.isin(dependence["largest"], list(kept)), ["share_of_sales", "sales_left"]] = MISSING
    if not sales_show:
        dependence["sales_left"] = MISSING
    return dependence


def _no_pareto(result: ParetoResult) -> ParetoResult:
    """Hide a population that is itself a small group."""
    hidden = {name: getattr(result, name).astype(float) for name in TABLES}
    for table in hidden.values():
        table.iloc[:, 1:] = MISSING
    plain: dict[str, float | None] = dict.fromkeys(PLAIN, MISSING)
    plain |= {"customers": None, "negative_customers": None}
    empty = {name: getattr(result, name).iloc[:0] for name in ("curve", "lorenz", "evidence")}
    return _counted(dataclasses.replace(result, **plain, **hidden, **empty), result)  # type: ignore[arg-type]


def _counted(after: ParetoResult, before: ParetoResult) -> ParetoResult:
    """Count what was hidden; points left out of the curve are not cells."""
    plain = [pd.Series([getattr(one, name) for name in PLAIN], dtype=float) for one in (after, before)]
    count = went_missing(*plain) + sum(went_missing(getattr(after, name), getattr(before, name)) for name in TABLES)
    return dataclasses.replace(after, suppressed=before.suppressed + count)
