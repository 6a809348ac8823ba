"""Retention by where customers came from: the channel, category or country of their first order.

All cohorts are pooled; at each k those count whose k-th period is complete.  A customer's group never changes.  Groups
that are small or many are one, called "other"; customers whose first order has no value are in none.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from loyalty_lib.analyses.cohorts_tables import wilson
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

OTHER: Final = "other"
WITHOUT: Final = ""  # the name of those without a value; never in a table
FEWEST: Final = 30  # customers of a group that stands alone
MOST: Final = 8  # groups that stand alone
COLUMNS: Final = ("group", "k", "customers", "buyers", "retention", "low", "high")
NO_CELLS: Final = pd.DataFrame(
    {"customers": [], "buyers": []},
    index=pd.MultiIndex.from_arrays([[], [], []], names=["group", "cohort", "k"]),
    dtype="int64",
)
CAUSE: Final = {
    "channel": mark("A difference between groups is an association; it does not say that the channel is its cause."),
    "category": mark("A difference between groups is an association; it does not say that the category is its cause."),
    "country": mark("A difference between groups is an association; it does not say that the country is its cause."),
}
LEFT_OUT: Final = {
    "channel": mark("{share:percent.1} of customers have no channel on their first order and are not compared."),
    "category": mark("{share:percent.1} of customers have no category on their first order and are not compared."),
    "country": mark("{share:percent.1} of customers have no country on their first order and are not compared."),
}


def group_cells(
    transactions: Transactions, as_of: dt.date, by: str | None, grain: str, observed: pd.Series
) -> pd.DataFrame:
    """Count customers and buyers by group, cohort and complete period.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day observed.
    by
        "channel", "category" or "country"; ``None`` for no groups.
    grain
        "week", "month" or "quarter".
    observed
        Complete periods of each cohort, its own included; index: its first day, ascending.

    Returns
    -------
    DataFrame
        Index ``group``, ``cohort``, ``k``; ``customers``, ``buyers``.  Those without a value are the group "".  Empty
        where there are not two groups to compare.
    """
    if by is None or observed.empty:
        return NO_CELLS
    engine = transactions.engine
    try:
        engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
        engine.create("first_order_values", "first_order", as_of=as_of, by=by)
        found = engine.frame(
            "cohorts_groups",
            grain=grain,
            as_of=as_of,
            fewest=FEWEST,
            most=MOST,
            other=OTHER,
            begin=observed.index[0].date(),
            end=observed.index[-1].date(),
        )
    finally:
        for table in ("purchase_days_as_of", "first_order_values"):
            engine.connection.execute(f"DROP TABLE IF EXISTS {table}")
    if found.loc[found["name"] != WITHOUT, "name"].nunique() < 2:  # noqa: PLR2004 - a comparison is of two
        return NO_CELLS
    found = found.rename(columns={"name": "group"})
    own = found[found["k"] == 0].set_index(["group", "cohort"])["customers"]  # all of them buy in their own period
    length = observed.reindex(own.index.get_level_values("cohort")).to_numpy()
    index = pd.MultiIndex.from_arrays(
        [
            *(own.index.get_level_values(level).repeat(length) for level in ("group", "cohort")),
            np.concatenate([np.arange(count) for count in length]),
        ],
        names=["group", "cohort", "k"],
    )
    buyers = found.set_index(["group", "cohort", "k"])["buyers"].reindex(index, fill_value=0)
    return pd.DataFrame({"customers": own.to_numpy().repeat(length), "buyers": buyers})


def group_table(cells: pd.DataFrame) -> pd.DataFrame:
    """Pool the cohorts: one row a group and k, largest group first, "other" last.

    Parameters
    ----------
    cells
        As ``group_cells`` returns them.

    Returns
    -------
    DataFrame
        ``group``, ``k``, ``customers``, ``buyers``, ``retention`` and its Wilson interval ``low``, ``high`` (95 %).
    """
    sums = cells.groupby(level=["group", "k"]).sum().reset_index()
    sums = sums[sums["group"] != WITHOUT]
    sizes = sums[sums["k"] == 0].set_index("group")["customers"]
    by_size = sizes.drop(OTHER, errors="ignore").sort_values(ascending=False, kind="stable").index.to_list()
    order = {name: place for place, name in enumerate([*by_size, OTHER])}
    sums = sums.sort_values(["group", "k"], key=lambda column: column.map(order) if column.name == "group" else column)
    low, high = wilson(sums["buyers"], sums["customers"])
    sums = sums.assign(retention=sums["buyers"] / sums["customers"], low=low, high=high)
    return sums[[*COLUMNS]].reset_index(drop=True)


def groups_p_value(table: pd.DataFrame) -> float:
    """Return how likely groups differ so much in the first period after their own if they are all alike.

    Pearson's chi-squared test of buyers and others by group at k = 1; NaN where it cannot be made.
    """
    first = table[table["k"] == 1]
    counts = np.column_stack([first["buyers"], first["customers"] - first["buyers"]])
    if len(counts) < 2 or not counts.sum(axis=0).all():  # noqa: PLR2004 - a comparison is of two
        return float("nan")
    return float(chi2_contingency(counts, correction=False).pvalue)


def group_caveats(cells: pd.DataFrame, by: str | None) -> tuple[str, ...]:
    """Say what a comparison of groups does not show, and who is in none."""
    if by is None or cells.empty:
        return ()
    sizes = cells.xs(0, level="k")["customers"].groupby(level="group").sum()
    caveats = [Message(CAUSE[by])]
    if WITHOUT in sizes:
        caveats.append(Message(LEFT_OUT[by], share=float(sizes[WITHOUT] / sizes.sum())))
    return tuple(caveats)
