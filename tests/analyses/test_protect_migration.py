"""No hidden flow between segments can be worked out from the sizes of the segments then and now."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from loyalty_lib.analyses.protect_migration import Margins, choose_cells
from loyalty_lib.analyses.suppression import hide

if TYPE_CHECKING:
    from numpy.typing import NDArray


def margins_of(counts: NDArray[np.int64], minimum: int) -> Margins:
    """Hide the sizes that the tables of then and now would hide."""
    rows, _ = hide(counts.sum(axis=1), minimum)
    columns, _ = hide(counts.sum(axis=0), minimum)
    return known(rows, columns)


def known(rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Margins:
    """Return margins of which nothing more is known than the sums of the hidden."""
    ones = np.ones(len(columns), dtype=np.int64)
    return Margins(rows=rows, columns=columns, groups=0 * ones, least=ones)


def ranges(counts: NDArray[np.int64], hidden: NDArray[np.bool_], margins: Margins) -> list[float]:
    """Solve for how far each hidden cell with customers, and each hidden size, can move while all that is known holds.

    A reader knows that a hidden cell is not empty, for empty cells show; but for cells of a line that is hidden whole.
    """
    places = np.argwhere(hidden)
    equal: list[tuple[NDArray[np.float64], float]] = []
    asked = [(places == place).all(axis=1).astype(float) for place in places if counts[tuple(place)] > 0]
    bounds: list[tuple[NDArray[np.float64], float]] = []
    for axis, (unknown, least) in enumerate(
        ((margins.rows, np.ones(len(margins.rows))), (margins.columns, margins.least))
    ):
        members = np.array([places[:, axis] == line for line in range(counts.shape[axis])], dtype=float)
        totals = (counts * hidden).sum(axis=1 - axis).astype(float)
        equal += [(members[line], totals[line]) for line in np.flatnonzero(~unknown)]
        groups = margins.groups if axis else np.zeros(len(unknown))
        for group in np.unique(groups[unknown]):  # the sum of the hidden sizes is known
            own = unknown & (groups == group)
            equal.append((members[own].sum(axis=0), totals[own].sum()))
        if unknown.any():
            asked += list(members[unknown])
            bounds += [(-members[line], -float(least[line])) for line in np.flatnonzero(unknown)]
    low = [0 if hidden[row].all() or hidden[:, column].all() else 1 for row, column in places]
    facts: dict[str, Any] = {
        "A_eq": np.array([line for line, _ in equal]),
        "b_eq": [total for _, total in equal],
        "bounds": [(least, counts.sum()) for least in low],
    }
    if bounds:
        facts |= {"A_ub": np.array([line for line, _ in bounds]), "b_ub": [total for _, total in bounds]}
    found = []
    for objective in asked:
        ends = [sign * linprog(sign * objective, **facts).fun for sign in (1, -1)]
        found.append(ends[1] - ends[0])
    return found


CELL = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, 40))
TABLES = st.tuples(st.integers(2, 5), st.integers(2, 4)).flatmap(
    lambda shape: st.lists(CELL, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells, dtype=np.int64).reshape(shape)
    )
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(TABLES, st.integers(2, 6))
def test_no_hidden_flow_follows_from_the_sizes(counts: NDArray[np.int64], minimum: int) -> None:
    margins = margins_of(counts, minimum)
    hidden = choose_cells(counts, margins, minimum)
    if hidden is None:
        return
    assert hidden[(counts > 0) & (counts < minimum)].all()
    assert all(span > 1 - 1e-6 for span in ranges(counts, hidden, margins))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TABLES.filter(lambda counts: counts.shape[1] == 4))
def test_nor_where_more_is_known_of_the_hidden_sizes(counts: NDArray[np.int64]) -> None:
    """Two pairs of columns whose sums are known apart, one of them of at least three customers."""
    totals = counts.sum(axis=0)
    margins = Margins(
        rows=hide(counts.sum(axis=1), 5)[0],
        columns=totals > 0,
        groups=np.array([0, 0, 1, 1]),
        least=np.minimum(totals, [1, 1, 1, 3]).clip(1),
    )
    hidden = choose_cells(counts, margins, 5)
    if hidden is not None:
        assert all(span > 1 - 1e-6 for span in ranges(counts, hidden, margins))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 6), min_size=6, max_size=6))
def test_every_hidden_flow_of_a_small_table_has_two_values_at_least(cells: list[int]) -> None:
    """Counted out: every table of 2 x 3 with the same sizes that a reader could take for the true one."""
    counts = np.array(cells, dtype=np.int64).reshape(2, 3)
    margins = known(np.zeros(2, dtype=bool), np.zeros(3, dtype=bool))
    hidden = choose_cells(counts, margins, 3)
    if hidden is None:
        return
    whole = hidden.all(axis=1, keepdims=True) | hidden.all(axis=0)
    tables = []
    for first in product(range(19), repeat=3):  # the second row follows from the sizes of the columns
        table = np.array([first, counts.sum(axis=0) - first])
        fits = (table >= np.where(hidden & ~whole, 1, 0)) & (hidden | (table == counts))
        if fits.all() and (table.sum(axis=1) == counts.sum(axis=1)).all():
            tables.append(table)
    possible = np.array(tables)
    several = possible.max(axis=0) > possible.min(axis=0)
    assert several[hidden & (counts > 0)].all()


def test_cells_chosen_by_eye() -> None:
    """The 3 needs another in its row (9), and one in its column (12); these need one in theirs (20 and 8), and so on.

    In the end every line has two or more, and every hidden cell lies on a closed round: 40, 3, 12 and 8; 9, 3, 60, 20.
    """
    counts = np.array([[40, 9, 3], [8, 30, 12], [0, 20, 60]])
    hidden = choose_cells(counts, margins_of(counts, 5), 5)
    assert hidden is not None
    assert hidden.tolist() == [[True, True, True], [True, False, True], [False, True, True]]


def test_a_line_that_would_tell_its_cells_is_hidden_with_its_empty_ones() -> None:
    """Five customers now, one from each of five segments: five cells of at least one could be nothing else."""
    counts = np.full((6, 3), 50)
    counts[:, 2] = [1, 1, 1, 1, 1, 0]
    hidden = choose_cells(counts, margins_of(counts, 5), 5)
    assert hidden is not None
    assert hidden[:, 2].all()


def test_what_cannot_be_hidden_is_not_shown_at_all() -> None:
    """One column: the sizes of the rows are its cells."""
    margins = known(np.zeros(2, dtype=bool), np.zeros(1, dtype=bool))
    assert choose_cells(np.array([[7], [2]]), margins, 5) is None


def test_large_flows_all_show() -> None:
    counts = np.array([[40, 9, 0], [8, 30, 12], [0, 20, 60]])
    hidden = choose_cells(counts, margins_of(counts, 5), 5)
    assert hidden is not None
    assert not hidden.any()
