"""Hide small groups in the tables of a ``ModelCheck``, so that none gives another away.

What the model expects of everybody tells of nobody and stays, as do the labels of rows.  The grid of activity counts
the customers of the classes of frequency once more, so that its rows are printed totals of its cells.  The purchases of
a week are the difference of two running totals, so after a small week a total shows only where the hidden weeks since
the last one shown are several and hold enough customers together.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loyalty_lib.analyses.goodness import REPEATS
from loyalty_lib.analyses.model_check import ModelCheck
from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small, went_missing

Flags = NDArray[np.bool_]
Counts = NDArray[np.float64]


def protect_model_check(result: ModelCheck, minimum: int, dominance: float) -> ModelCheck:
    """Return ``result`` with small groups hidden; ``protect`` says the rest."""
    frequencies_hidden, alive_hidden = _choose(result.frequencies, result.alive, minimum)
    calibration, _ = hide(_counts(result.calibration), minimum)
    spend, _ = hide(_counts(result.spend), minimum)
    return dataclasses.replace(
        result,
        frequencies=_without(result.frequencies, {"customers": frequencies_hidden}),
        tracking=_tracking(result.tracking, minimum),
        calibration=_without(
            result.calibration, dict.fromkeys(("customers", "expected", "actual", "low", "high"), calibration)
        ),
        alive=_without(result.alive, dict.fromkeys(("customers", "probability_alive", "came_back"), alive_hidden)),
        spend=_without(result.spend, {"customers": spend}),
        spend_by_frequency=_spend_by_frequency(result.spend_by_frequency, minimum, dominance),
    )


def _tracking(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide weeks among those known to the fit and among the others: the totals of both are printed elsewhere."""
    customers, known = _counts(table), table["known"].to_numpy(dtype=bool)
    hidden, untold = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
    for part in (known, ~known):
        hidden[part], _ = hide(customers[part], minimum)
        untold[part] = _untold(customers[part], hidden[part], minimum)
    return _without(table, {"customers": hidden, "purchases": hidden, "cumulative": untold})


def _untold(customers: Counts, hidden: Flags, minimum: int) -> Flags:
    """Find the weeks whose running total would give a hidden week away, the totals at both ends being known."""
    untold = hidden.copy()
    before: list[float] = []  # hidden weeks since the last total that is told
    for week in range(len(customers)):
        if hidden[week]:
            before.append(customers[week])
        elif _gives_away(before, minimum):
            untold[week] = True
        else:
            before = []
    after: list[float] = []  # and hidden weeks from a total to the next one told, or to the end
    for week in reversed(range(len(customers))):
        if _gives_away(after, minimum):
            untold[week] = True
        elif not untold[week]:
            after = []
        if hidden[week]:
            after.append(customers[week])
    return untold


def _gives_away(hidden: list[float], minimum: int) -> bool:
    """Judge whether the sum of some hidden weeks would tell of a small one."""
    return bool(small(hidden, minimum).any()) and not hide(hidden, minimum, also=True)[1]


def _choose(frequencies: pd.DataFrame, alive: pd.DataFrame, minimum: int) -> tuple[Flags, Flags]:
    """Choose the classes of frequency and the cells of the grid.

    Either table gives the total of a row of the grid, so both must hide a second within the row; where that does not
    help, the whole row is hidden in both, and with it a second row.
    """
    counts, cells = _counts(frequencies), _counts(alive)
    starts = np.array(list(REPEATS.values()))
    row_of_class = np.searchsorted(starts, np.arange(len(counts)), side="right") - 1
    row_of_cell = alive["frequency"].map(list(REPEATS).index).to_numpy(dtype=np.int64)
    totals = np.bincount(row_of_class, weights=counts, minlength=len(starts))
    unsafe = np.zeros(len(starts), dtype=bool)
    while True:
        rows, _ = hide(totals, minimum, also=unsafe)
        classes_hidden, cells_hidden = rows[row_of_class] & (counts > 0), rows[row_of_cell] & (cells > 0)
        for row in np.flatnonzero(~rows):
            for owner, values, hidden in ((row_of_class, counts, classes_hidden), (row_of_cell, cells, cells_hidden)):
                own = owner == row
                hidden[own], safe = hide(values[own], minimum)
                unsafe[row] |= not safe
        if not unsafe[~rows].any():
            return classes_hidden, cells_hidden


def _spend_by_frequency(table: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    customers = _counts(table)
    hidden = hide(customers, minimum)[0] | np.isnan(customers)
    largest = pd.Series(table.attrs.get("largest_share", {}), dtype=float).reindex(table.index).to_numpy()
    money = hide_money(hidden, largest > dominance, customers)
    return _without(table, {"customers": hidden} | dict.fromkeys(table.attrs.get("money", []), money))


def _counts(table: pd.DataFrame) -> Counts:
    return table["customers"].to_numpy(dtype=float)


def _without(table: pd.DataFrame, hidden: dict[str, Flags]) -> pd.DataFrame:
    """Return the table without the ``hidden`` rows of each column."""
    shown = table.astype(dict.fromkeys(hidden, float))
    for column, rows in hidden.items():
        shown.loc[rows, column] = MISSING
    shown.attrs = dict(table.attrs)
    shown.attrs["suppressed"] = table.attrs.get("suppressed", 0) + went_missing(shown, table)
    return shown
