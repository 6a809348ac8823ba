"""No hidden count can be worked out, not even by a reader who knows how cells are chosen."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.analyses.suppression import hide, hide_money, small

COUNTS = st.lists(st.one_of(st.integers(0, 7), st.integers(0, 400)), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([20, 9, 0, 40], [False, False, False, False]),
        ([20, 3, 0, 40], [True, True, False, False]),  # the total would give 3 away, so the next smallest goes too
        ([20, 3, 2, 40], [False, True, True, False]),  # 5 together: 1 + 4, 2 + 3, 3 + 2, 4 + 1
        ([20, 1, 1, 40], [True, True, True, False]),  # 2 together could only be 1 + 1
        ([20, 1, 1, 1, 1, 1, 40], [True, True, True, True, True, True, False]),  # five of 5 together
        ([20, 4, 4, 40], [True, True, True, False]),  # 8 is the most that two small cells can have
        ([9, 3, 9, 40], [True, True, True, False]),  # equal cells are treated alike
    ],
)
def test_cells_chosen_by_eye(counts: list[int], hidden: list[bool]) -> None:
    chosen, safe = hide(counts, 5)
    assert chosen.tolist() == hidden
    assert safe


def test_without_anything_left_to_hide_the_total_must_go() -> None:
    chosen, safe = hide([3, 0, 0], 5)
    assert chosen.tolist() == [True, False, False]
    assert not safe


def test_a_minimum_of_one_hides_nothing() -> None:
    assert not hide([1, 2, 0], 1)[0].any()
    assert small([0, 1, 4, 5, np.nan], 5).tolist() == [False, True, True, False, False]


@settings(derandomize=True)
@given(COUNTS, st.integers(2, 10))
def test_small_cells_never_show_and_the_hidden_sum_has_several_solutions(counts: list[int], minimum: int) -> None:
    values = np.array(counts)
    hidden, safe = hide(values, minimum)
    assert hidden[(values > 0) & (values < minimum)].all()
    assert not hidden[values == 0].any()
    if not ((values > 0) & (values < minimum)).any():
        assert not hidden.any()
    if safe and hidden.any():
        # Each at least 1: the smallest a hidden cell can be is 1, the largest what the others leave.
        assert values[hidden].sum() >= minimum
        assert values[hidden].sum() - (hidden.sum() - 1) > 1
    if not safe:
        assert hidden[values > 0].all()


@settings(derandomize=True)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=4), st.integers(2, 5))
def test_a_reader_who_knows_the_rule_learns_no_count(counts: list[int], minimum: int) -> None:
    """Try every table with the same total and the same cells shown; each hidden cell can have more than one count."""
    values = np.array(counts)
    hidden, safe = hide(values, minimum)
    if not safe or not hidden.any():
        return
    rest = values[hidden].sum()
    possible = []
    for guess in product(range(1, rest + 1), repeat=int(hidden.sum())):
        if sum(guess) == rest:
            table = values.copy()
            table[hidden] = guess
            chosen, still_safe = hide(table, minimum)
            if still_safe and (chosen == hidden).all():
                possible.append(guess)
    assert tuple(values[hidden]) in possible
    assert all(len(set(counts_of_one)) > 1 for counts_of_one in zip(*possible, strict=True))


@settings(derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=2, max_size=8), st.integers(2, 6))
def test_one_hidden_sum_of_money_never_stands_alone(cells: list[tuple[int, bool]], minimum: int) -> None:
    counts = np.array([count for count, _ in cells], dtype=float)
    dominated = np.array([flag for _, flag in cells]) & (counts > 0)
    hidden, _safe = hide(counts, minimum)
    money = hide_money(hidden, dominated, counts)
    assert money[hidden | dominated].all()
    assert money.sum() != 1 or (counts > 0).sum() == 1
