"""Dividing a budget over lists and segments so that it brings as much as it can.

Takes one row a customer and list with what writing to them costs and brings, returns one row a list and segment in the
order in which money is put into them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS: Final = (
    *("order", "list", "segment", "customers", "cost", "expected_value"),
    *("share", "cumulative_cost", "cumulative_value", "counted", "largest_share"),
)


def divide_budget(customers: pd.DataFrame, amount: float | None, lists: Sequence[str]) -> pd.DataFrame:
    """Divide a budget: cells of the highest expected value per unit of cost first, the last one as far as it goes.

    Parameters
    ----------
    customers
        Those who may be written to, one row each: ``list``, ``segment``, ``cost``, ``gain`` (expected value after
        cost) and ``order_value``.
    amount
        The budget; ``None`` for none.
    lists
        Their order, which settles ties.

    Returns
    -------
    DataFrame
        One row a list and segment whose expected value is above 0: ``order`` (1, 2, ...), ``list``, ``segment``,
        ``customers``, ``cost`` and ``expected_value`` of the whole cell, ``share`` of it that the budget pays for,
        ``cumulative_cost`` and ``cumulative_value`` of what is paid for up to here.  For ``protect``: ``counted``, the
        customers again, and ``largest_share``, one customer's share of the cell's order value.  No rows without a
        budget.

    References
    ----------
    Dantzig (1957), Discrete-variable extremum problems, Operations Research 5(2), 266-288: for the fractional knapsack
    this order is optimal.
    """
    if amount is None or customers.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    groups = customers.groupby(["list", "segment"], observed=True)
    cells = pd.DataFrame(
        {
            "customers": groups.size(),
            "counted": groups.size(),
            "cost": groups["cost"].sum(),
            "expected_value": groups["gain"].sum(),
            "largest_share": groups["order_value"].max() / groups["order_value"].sum(),
        }
    ).reset_index()
    cells = cells[cells["expected_value"] > 0]
    cells["rank"] = [list(lists).index(name) for name in cells["list"]]
    cells["worth"] = cells["expected_value"] / cells["cost"].where(cells["cost"] > 0)
    cells["worth"] = cells["worth"].fillna(np.inf)
    cells = cells.sort_values(["worth", "expected_value", "rank", "segment"], ascending=[False, False, True, True])
    cells = cells.reset_index(drop=True)
    cost = cells["cost"].to_numpy(dtype=float)
    left = np.maximum(amount - (np.cumsum(cost) - cost), 0)
    cells["share"] = np.where(cost > left, left / np.where(cost > 0, cost, 1), 1.0)
    cells["cumulative_cost"] = (cells["share"] * cells["cost"]).cumsum()
    cells["cumulative_value"] = (cells["share"] * cells["expected_value"]).cumsum()
    cells["order"] = np.arange(1, len(cells) + 1)
    return cells[list(COLUMNS)]
