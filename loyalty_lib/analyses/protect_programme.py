"""Hide small tiers and groups of members, and money that one customer dominates.

Customers and net sales of the window are known to the reader, and so are the rewards: what is hidden must follow from
neither.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.programme import ProgrammeResult

COUNTS: Final = ["customers", "share_of_customers"]
MONEY: Final = ["sales", "share_of_sales", "cost"]
NEAR: Final = ["near_customers", "near_missing", "near_cost"]
SIDE: Final = [*COUNTS, "orders_per_customer", "retention_rate"]
SIDE_MONEY: Final = ["average_order_value", "sales_per_customer"]
JOINING: Final = ["customers", "sales", "sales_per_customer"]


def protect_programme(result: ProgrammeResult, minimum: int, dominance: float) -> ProgrammeResult:
    """Protect the tiers, those just below them, the two sides of the programme, and the sales around joining."""
    if result.tiers.empty:
        return result
    _, safe = hide(result.tiers["customers"], minimum)
    # The sales of all who bought would give the money of the few who did not, from the key figures' net sales.
    bare = result.refunds_alone.would_show(minimum, dominance)
    tiers = _tiers(result.tiers, minimum, dominance, bare=bare)
    members = _members(result.members, minimum, dominance) if len(result.members) else result.members
    if bare and len(members):
        members = members.assign(**dict.fromkeys(SIDE_MONEY, MISSING))
    joining = _joining(result.joining, minimum, dominance) if len(result.joining) else result.joining
    gone = tiers["sales"].isna()
    # Sales and rewards are two sums: with the sales of two tiers hidden, they would give both.
    protected = dataclasses.replace(
        result,
        tiers=tiers,
        members=members,
        joining=joining,
        customers=result.customers if safe else None,
        sales=result.sales if safe and gone.sum() != 1 and not bare else MISSING,
        listed=_listed(result.listed, members, minimum),
        cost=MISSING if gone.any() else result.cost,
        cost_share=MISSING if gone.any() else result.cost_share,
    )
    return dataclasses.replace(protected, suppressed=result.suppressed + _hidden(protected) - _hidden(result))


def _tiers(before: pd.DataFrame, minimum: int, dominance: float, *, bare: bool) -> pd.DataFrame:
    tiers = before.copy()
    counts = tiers["customers"].to_numpy(dtype=float)
    hidden, _safe = hide(counts, minimum)
    hidden = hidden | np.isnan(counts)
    dominated = (tiers["largest_share"] > dominance).to_numpy() | tiers["sales"].isna().to_numpy()
    if bare and (counts > 0).any():
        dominated = dominated | (counts == counts[counts > 0].min())
        tiers["share_of_sales"] = MISSING
    tiers.loc[hidden, COUNTS] = MISSING
    tiers.loc[hide_money(hidden, dominated, counts), MONEY] = MISSING
    near = tiers["near_customers"].to_numpy(dtype=float)
    tier_before = tiers["customers"].shift().to_numpy(dtype=float)  # those near are some of its customers
    few = small(near, minimum) | small(tier_before - near, minimum) | np.isnan(tier_before)
    tiers.loc[few, NEAR] = MISSING
    tiers.loc[tiers["near_largest_share"] > dominance, NEAR[1:]] = MISSING
    return tiers


def _members(before: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    members = before.copy()
    counts = members["customers"].to_numpy(dtype=float)
    hidden, _safe = hide(counts, minimum)
    hidden = hidden | np.isnan(counts)
    dominated = (members["largest_share"] > dominance).to_numpy() | members["sales_per_customer"].isna().to_numpy()
    lapsed = members["before_customers"] - members["again"]
    # Retention of all customers can be known: one side's would give the other's.
    if small(members["again"], minimum).any() or small(lapsed, minimum).any():
        members["retention_rate"] = MISSING
    members.loc[hidden, SIDE] = MISSING
    members.loc[hide_money(hidden, dominated & (counts > 0), counts), SIDE_MONEY] = MISSING
    return members


def _joining(before: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    joining = before.copy()
    if small(joining["customers"], minimum).any() or (joining["largest_share"] > dominance).any():
        joining[JOINING] = MISSING
    return joining


def _listed(listed: int | None, members: pd.DataFrame, minimum: int) -> int | None:
    """Hide the length of the list where few are on it, or all but a few of them bought."""
    if listed is None or members["customers"].isna().any():
        return None
    idle = listed - members["customers"].to_numpy(dtype=float)[0]
    return None if small([float(listed), idle], minimum).any() else listed


def _hidden(result: ProgrammeResult) -> int:
    """Count the cells that are missing."""
    tables = (result.tiers, result.members, result.joining)
    plain = (result.customers, result.sales, result.cost, result.cost_share, result.listed)
    missing = sum(value is None or value != value for value in plain)  # noqa: PLR0124 - NaN differs from itself
    return missing + sum(int(table.isna().to_numpy().sum()) for table in tables)
