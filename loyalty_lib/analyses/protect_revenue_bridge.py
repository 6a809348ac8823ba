"""Hide small flows of customers, and money that few customers moved, in the bridge of net sales.

What the key figures print is known to the reader: active customers and net sales of the periods, the four flows against
the previous period, and revenue churn, which gives away the sum of what was lost.  New customers and their sales are
the same against every period: hidden against one, they are hidden against the other.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small, went_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.analyses.revenue_bridge import RevenueBridgeResult

# Flows whose amounts have a sum that the key figures give away: revenue churn, and the rest of the change.
SUMS: Final = (("new", "reactivated", "other"), ("kept_less", "lapsed"))
KEPT: Final = ["kept_more", "kept_less"]
BUYERS: Final = ["new", "reactivated", *KEPT, "lapsed"]


def protect_revenue_bridge(result: RevenueBridgeResult, minimum: int, dominance: float) -> RevenueBridgeResult:
    """Hide the totals of few or dominated periods, and what would give small flows away."""
    totals, drivers = result.totals.copy(), result.drivers.copy()
    few = small(totals["customers_then"], minimum) | small(totals["customers_now"], minimum)
    # A few refunds can be all there is, of customers who bought nothing in the period.
    dominated = (totals["largest_share"] > dominance).to_numpy() | small(totals["moving"], minimum)
    no_money = few | dominated
    money_gone = drivers["against"].isin(totals.index[no_money])
    value = drivers["driver"] == "average_order_value"
    drivers.loc[drivers["against"].isin(totals.index[few]), ["then", "now"]] = MISSING
    drivers.loc[money_gone, "part"] = MISSING
    drivers.loc[money_gone & value, ["then", "now"]] = MISSING
    totals.loc[no_money, ["sales_then", "sales_now", "change"]] = MISSING
    flow = _flows(result.flow, dict(zip(totals.index, few, strict=True)), minimum)
    flow = _amounts(flow, result.flow, set(totals.index[no_money]), dominance)
    pairs = ((totals, result.totals), (drivers, result.drivers), (flow, result.flow))
    count = sum(went_missing(after, before) for after, before in pairs)
    return dataclasses.replace(result, totals=totals, drivers=drivers, flow=flow, suppressed=result.suppressed + count)


def _flows(flow: pd.DataFrame, few: dict[str, bool], minimum: int) -> pd.DataFrame:
    """Hide numbers of customers, the previous period first: what is hidden there is hidden against last year."""
    pieces, buried = [], False
    for against, rows in flow.groupby("against", sort=False):
        counts = rows.set_index("flow")["customers"]
        hidden, safe = hide(counts[KEPT], minimum)
        # Active customers now and then are known: a small flow gives itself away unless all are hidden.
        groups = [counts["new"], counts["reactivated"], counts[KEPT].sum(skipna=False), counts["lapsed"]]
        buried |= (
            few[str(against)] or not safe or bool(small(groups, minimum).any()) or bool(counts[BUYERS].isna().all())
        )
        counts = counts.mask(small(counts, minimum) & (counts.index == "other"))
        counts = counts.mask(counts.index.isin(BUYERS if buried else np.array(KEPT)[hidden]))
        pieces.append(rows.assign(customers=counts.to_numpy()))
    return pd.concat(pieces)


def _amounts(flow: pd.DataFrame, before: pd.DataFrame, no_money: set[str], dominance: float) -> pd.DataFrame:
    """Hide amounts, a second one wherever a sum is known."""
    flow = flow.copy()
    new = flow["flow"] == "new"
    while True:
        for against, rows in flow.groupby("against", sort=False):
            buried = rows.set_index("flow").loc[BUYERS, "customers"].isna().all()
            if against in no_money or buried:
                flow.loc[rows.index, "amount"] = MISSING
            else:
                gone = _choose(rows, before.loc[rows.index, "customers"].to_numpy(dtype=float), dominance)
                flow.loc[rows.index[gone], "amount"] = MISSING
        shown = new & flow["customers"].notna() & ~flow["against"].isin(no_money)
        if flow.loc[shown, "amount"].isna().sum() in {0, shown.sum()}:
            return flow
        flow.loc[shown, "amount"] = MISSING


def _choose(rows: pd.DataFrame, counts: NDArray[np.float64], dominance: float) -> NDArray[np.bool_]:
    gone: NDArray[np.bool_] = rows[["customers", "amount"]].isna().any(axis=1).to_numpy()
    gone = gone | (rows["largest_share"] > dominance).to_numpy()
    before = -1
    while gone.sum() != before:  # what one sum takes may stand alone in another
        before = gone.sum()
        for names in (*SUMS, tuple(rows["flow"])):
            own = rows["flow"].isin(names).to_numpy()
            gone[own] = hide_money(gone[own], np.zeros(own.sum(), dtype=bool), counts[own])
    return gone
