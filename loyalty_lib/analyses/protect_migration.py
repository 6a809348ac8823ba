"""Hide small flows between segments: a two-way table of customers whose margins are known from elsewhere.

The sizes of the segments now stand in the report's own table, those of then in the report before.  A line (row or
column) whose size is known must not give a hidden cell of its own away (``suppression.hide``), and no hidden cell may
follow from all lines together.  Whether one does is exact: the hidden counts are a flow from rows to columns, and a
flow through one cell can change exactly if it lies on a cycle of the residual network (Gusfield 1988, A graph theoretic
approach to statistical data security, SIAM Journal on Computing 17(3), extended by lower bounds).

A hidden cell is known to hold at least one customer, for empty cells show.  Where even hiding all of a line would tell
what is in it, its empty cells are hidden too.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Place: TypeAlias = "tuple[int | None, int | None]"  # row and column of a cell; None: the size of the other


@dataclass(frozen=True, eq=False, kw_only=True)
class Margins:
    """What a reader knows of the sizes of rows and columns.

    Attributes
    ----------
    rows, columns
        Which sizes are hidden, bool; the sum of those hidden is known.
    groups
        Number of each column: the sum of the hidden ones is known of each number apart.
    least
        Customers that a column of hidden size is known to hold at least.
    """

    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]
    groups: NDArray[np.int64]
    least: NDArray[np.int64]


def protect_flows(
    flows: pd.DataFrame, evidence: pd.DataFrame, columns: Margins, money: NDArray[np.bool_], rules: tuple[int, float]
) -> pd.DataFrame | None:
    """Return the flows with small ones hidden, and what would give them away.

    Parameters
    ----------
    flows, evidence
        Of ``rfm_migration``.
    columns
        Which of the segments now have a hidden size.  Its rows are not read.
    money
        Which of them have hidden revenue, shape (m,).
    rules
        The smallest count that may show, and the largest share of a flow's money that one customer may hold.

    Returns
    -------
    DataFrame or None
        ``None`` where no flow can be shown.
    """
    minimum, dominance = rules
    shape = (-1, len(columns.columns))
    counts = evidence["customers"].to_numpy().reshape(shape)
    rows, safe = hide(counts.sum(axis=1), minimum)
    hidden = choose_cells(counts, dataclasses.replace(columns, rows=rows), minimum) if safe else None
    if hidden is None or not (counts[~hidden] > 0).any():
        return None
    heavy = (evidence["largest_share"].to_numpy() > dominance).reshape(shape)
    poor = hidden | (money & (counts > 0))
    for column in np.flatnonzero(~money):
        poor[:, column] |= hide_money(hidden[:, column], heavy[:, column], counts[:, column])
    shown = flows.astype({"customers": float, "customers_then": float})
    shown.loc[hidden.ravel(), ["customers", "share_of_then"]] = MISSING
    shown.loc[np.repeat(rows, shape[1]), "customers_then"] = MISSING
    shown.loc[poor.ravel(), "revenue"] = MISSING
    return shown


def choose_cells(counts: NDArray[np.int64], margins: Margins, minimum: int) -> NDArray[np.bool_] | None:
    """Choose the cells to hide.

    Parameters
    ----------
    counts
        Customers by row and column, shape (n, m).
    margins
        What is known of rows and columns.
    minimum
        Smallest count that may show.

    Returns
    -------
    ndarray of bool, shape (n, m), or None
        ``None`` where the table cannot be shown, however much of it is hidden.
    """
    unknown = margins.rows[:, np.newaxis] | margins.columns
    hidden = (small(counts, minimum) | unknown) & (counts > 0)
    veiled = np.zeros_like(hidden)  # cells of lines hidden whole: they may be empty for all a reader knows
    while True:
        before = hidden.sum() + veiled.sum()
        _close(counts, hidden, veiled, margins, minimum)
        if hidden.sum() + veiled.sum() > before:
            continue
        told = _determined(counts, hidden, veiled, margins)
        if not told:
            return hidden
        more = [_hide_beside(counts, hidden, veiled, place) for place in told]
        if not any(more):
            return None


def _close(
    counts: NDArray[np.int64], hidden: NDArray[np.bool_], veiled: NDArray[np.bool_], margins: Margins, minimum: int
) -> None:
    """Hide, in place, what the known size of a line would give away."""
    for axis, unknown in enumerate((margins.rows, margins.columns)):
        # Views: what is written to a line is written to the table.
        tables = (counts, hidden, veiled) if axis == 0 else (counts.T, hidden.T, veiled.T)
        for line in np.flatnonzero(~unknown & ~tables[2].all(axis=1)):
            values, chosen, whole = (table[line] for table in tables)
            more, safe = hide(values, minimum, also=chosen)
            chosen |= more
            if not safe:
                chosen[:] = whole[:] = True


def _hide_beside(counts: NDArray[np.int64], hidden: NDArray[np.bool_], veiled: NDArray[np.bool_], place: Place) -> bool:
    """Hide, in place, the smallest cells of a row and a column that still show; say whether anything was left to do."""
    beside = np.zeros_like(hidden)
    for axis, line in enumerate(place):
        if line is not None:
            np.moveaxis(beside, axis, 0)[line] = True
    shown = beside & ~hidden & (counts > 0)
    if shown.any():
        hidden |= shown & (counts == counts[shown].min())
        return True
    left = bool((beside & ~veiled).any())
    hidden |= beside
    veiled |= beside
    return left


def _determined(
    counts: NDArray[np.int64], hidden: NDArray[np.bool_], veiled: NDArray[np.bool_], margins: Margins
) -> list[Place]:
    """Return the hidden cells with customers, and the hidden sizes, that can have one value only."""
    rows, columns = counts.shape
    arcs: dict[tuple[int, int], tuple[int, int, Place]] = {
        (row, rows + column): (counts[row, column], 0 if veiled[row, column] else 1, (row, column))
        for row, column in np.argwhere(hidden).tolist()
    }
    of_rows = rows + columns  # where the hidden sizes of the rows come together, and after it those of the columns
    for row in np.flatnonzero(margins.rows).tolist():
        arcs[of_rows, row] = (counts[row].sum(), 1, (row, None))
    for column in np.flatnonzero(margins.columns).tolist():
        arcs[rows + column, of_rows + 1 + margins.groups[column]] = (
            counts[:, column].sum(),
            margins.least[column],
            (None, column),
        )
    nodes = of_rows + 2 + int(margins.groups.max(initial=0))
    residual = np.zeros((nodes, nodes), dtype=bool)
    for (tail, head), (value, least, _) in arcs.items():
        residual[tail, head] = True
        residual[head, tail] = value > least
    return [
        place
        for (tail, head), (value, _, place) in arcs.items()
        if value > 0 and not (_around(residual, tail, head) or (residual[head, tail] and _around(residual, head, tail)))
    ]


def _around(residual: NDArray[np.bool_], tail: int, head: int) -> bool:
    """Say whether what flows from tail to head can come back another way than it went."""
    ways = residual.copy()
    ways[head, tail] = False
    seen = np.zeros(len(ways), dtype=bool)
    front = seen.copy()
    front[head] = True
    while front.any() and not seen[tail]:
        seen |= front
        front = ways[front].any(axis=0) & ~seen
    return bool(seen[tail])
