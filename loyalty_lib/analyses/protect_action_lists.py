"""Hide small lists, small parts of them, and money that one customer dominates, on the page of actions.

The page's tables hang together.  The customers of the cross-sell table add up to their list; the cells of the budget
can add up to theirs; those at risk less those to win back are a group of their own; and a total over all segments makes
the value at risk of a single hidden one known.  What the budget pays for is added up over the cells that show, so that
its total tells nothing of the others.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small, went_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.analyses.action_lists import ActionListsResult

    Cells = NDArray[np.bool_]

ORDERS: Final = ("order_value", "one_order", "extra_sales", "expected_value", "break_even")
GROUPS: Final = ("treated", "control", "smallest_effect")
AT_RISK: Final = ("clv", "clv_if_active", "at_risk")
NEW: Final = ("new_customers", "new_at_risk")
TABLES: Final = ("lists", "value_at_risk", "budget")
PLAIN: Final = ("listed", "several", "paying", "expected_value", "unknown")


def protect_action_lists(result: ActionListsResult, minimum: int, dominance: float) -> ActionListsResult:
    """Return ``result`` with small groups hidden in every table of the page; ``protect`` says the rest."""
    cross_sell, pairs_safe = _pairs(result.cross_sell, minimum)
    at_risk, total = _at_risk(result, minimum, dominance)
    lists, lists_safe = _lists(result, minimum, dominance, pairs_safe=pairs_safe)
    several = _plain(result.several, minimum)
    # The lists' sizes added up, less the customers on any, is how often customers are on one more list.
    apart = result.listed is not None and bool(small(result.listed - (result.several or 0), minimum))
    paying = _plain(result.paying, minimum)
    protected = dataclasses.replace(
        result,
        lists=lists,
        value_at_risk=at_risk,
        total_at_risk=total,
        cross_sell=cross_sell,
        budget=_budget(result, minimum, dominance),
        listed=result.listed if lists_safe and several is result.several and not apart else None,
        several=None if apart else several,
        paying=paying,
        expected_value=MISSING if paying is None or _one_pays(result, dominance) else result.expected_value,
        unknown=_plain(result.unknown, minimum),
    )
    return _counted(protected, result)


def _counted(after: ActionListsResult, before: ActionListsResult) -> ActionListsResult:
    plain = [pd.Series([getattr(one, name) for name in PLAIN], dtype=float) for one in (after, before)]
    count = went_missing(*plain) + went_missing(after.total_at_risk, before.total_at_risk)
    count += sum(went_missing(getattr(after, name), getattr(before, name)) for name in TABLES)
    # Rows of the cross-sell table move when hidden, and so are counted by themselves.
    count += int(after.cross_sell.isna().sum().sum() - before.cross_sell.isna().sum().sum())
    return dataclasses.replace(after, suppressed=before.suppressed + count)


def _plain(count: int | None, minimum: int) -> int | None:
    return None if count is None or small(count, minimum) else count


def _one_pays(result: ActionListsResult, dominance: float) -> bool:
    """Say whether one customer weighs too much in the sum of what it pays to write."""
    people = result.customers
    gains = people.loc[people["first"] & ~people["control"] & (people["gain"] > 0), "gain"]
    return bool(gains.max() > dominance * gains.sum())


def _lists(result: ActionListsResult, minimum: int, dominance: float, *, pairs_safe: bool) -> tuple[pd.DataFrame, bool]:
    """Hide small lists; say whether the number of customers on any list may show."""
    lists = result.lists
    counts = _sizes(result.customers, lists["list"])
    also = np.zeros(len(lists), dtype=bool)
    also |= (lists["list"] == "cross_sell").to_numpy() & (not pairs_safe)
    if len(result.total_at_risk):
        gone = np.abs(result.total_at_risk["counted"] - counts)
        also |= (lists["list"] == "win_back").to_numpy() & small(gone, minimum)
    hidden, safe = hide(counts, minimum, also=also)
    money = hide_money(hidden, lists["largest_share"].to_numpy(dtype=float) > dominance, counts)
    control = result.customers[result.customers["control"]]
    left = _sizes(control, lists["list"])
    few = small(left, minimum) | small(counts - left, minimum)
    bought = (lists["baseline"] * lists["earlier"]).round()
    told = small(lists["earlier"], minimum) | small(bought, minimum) | small(lists["earlier"] - bought, minimum)
    table = _floats(lists)
    table.loc[few | hidden, list(GROUPS)] = MISSING
    table.loc[money, list(ORDERS)] = MISSING
    table.loc[told | hidden, ["baseline", "smallest_effect"]] = MISSING
    table.loc[hidden, "customers"] = MISSING
    return table, safe


def _sizes(customers: pd.DataFrame, lists: pd.Series) -> NDArray[np.float64]:
    return np.asarray(customers.groupby("list").size().reindex(lists, fill_value=0), dtype=float)


def _pairs(cross_sell: pd.DataFrame, minimum: int) -> tuple[pd.DataFrame, bool]:
    """Hide small rows of the cross-sell table, whose sum the lists show; hidden ones go last, so they have no rank."""
    hidden, safe = hide(cross_sell["counted"], minimum)
    table = _floats(cross_sell)
    table.loc[hidden, "customers"] = MISSING
    table.loc[small(table["both"], minimum), ["lift", "support", "both"]] = MISSING
    table = table.sort_values(["customers", "category"], ascending=[False, True]).reset_index(drop=True)
    return table, safe


def _at_risk(result: ActionListsResult, minimum: int, dominance: float) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Hide small segments of the value at risk, and among those shown small numbers of newly lost customers."""
    table, total = _floats(result.value_at_risk), result.total_at_risk.copy()
    counts, new, others = (table[name].to_numpy(dtype=float) for name in ("counted", "new_counted", "others"))
    dominated = table["largest_share"].to_numpy(dtype=float) > dominance
    elsewhere = table["segment"].isin(result.hidden_segments).to_numpy()
    hidden, safe = hide(counts, minimum, also=elsewhere | small(others, minimum))
    parts, parts_safe = _both_hidden(new, counts - new, hidden, minimum)
    money = hide_money(hidden, dominated, counts)
    table.loc[hidden, "customers"] = MISSING
    table.loc[money, list(AT_RISK)] = MISSING
    table.loc[parts, "new_customers"] = MISSING
    table.loc[hide_money(parts, money, new), "new_at_risk"] = MISSING
    if len(total):
        old = total["customers"] - total["new_customers"]
        if not safe or small(total["customers"], minimum) or total["largest_share"] > dominance:
            total[["customers", *AT_RISK, *NEW]] = MISSING
        if not parts_safe or small(total["new_customers"], minimum) or small(old, minimum):
            total[list(NEW)] = MISSING
    return table, total


def _both_hidden(
    one: NDArray[np.float64], other: NDArray[np.float64], hidden: Cells, minimum: int
) -> tuple[Cells, bool]:
    """Hide the cells of two parts of known sums, so that neither part tells of a few; both in the same rows."""
    chosen = hidden
    while True:
        first, first_safe = hide(one, minimum, also=chosen | small(other, minimum))
        second, second_safe = hide(other, minimum, also=chosen | first)
        found = chosen | first | second
        if (found == chosen).all():
            return chosen, first_safe and second_safe
        chosen = found


def _budget(result: ActionListsResult, minimum: int, dominance: float) -> pd.DataFrame:
    """Hide small cells of the budget, list by list, and how much is left for the last one where any before it hides."""
    table = _floats(result.budget)
    counts = table["counted"].to_numpy(dtype=float)
    dominated = table["largest_share"].to_numpy(dtype=float) > dominance
    elsewhere = table["segment"].isin(result.hidden_segments).to_numpy()
    hidden, money = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
    for name in table["list"].unique():
        own = (table["list"] == name).to_numpy()
        hidden[own], _ = hide(counts[own], minimum, also=elsewhere[own])
        money[own] = hide_money(hidden[own], dominated[own], counts[own])
    table.loc[hidden, ["customers", "cost"]] = MISSING
    table.loc[money, "expected_value"] = MISSING
    if (hidden | money).any():
        table[["cumulative_cost", "cumulative_value"]] = MISSING
        table.loc[table["share"].between(0, 1, inclusive="neither"), "share"] = MISSING
    return table


def _floats(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(dict.fromkeys(table.select_dtypes("number").columns, float))
