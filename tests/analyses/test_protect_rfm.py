"""Protected segments: nothing hidden follows from the tables of the page together, nor from those of other pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import RfmResult, rfm
from loyalty_lib.analyses.rfm_scheme import cells_of, named_scheme
from loyalty_lib.analyses.value import value_by_segment
from loyalty_lib.engine import Engine
from loyalty_lib.tables.rfm import rfm as rfm_table
from tests.analyses.shops import build

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
CELLS = list(product(range(1, 6), repeat=3))


def rfm_of(counts: list[int], scheme: str) -> RfmResult:
    """Make a result with the given number of customers in each of the 125 cells, of equal revenue."""
    cells = [cell for cell, count in zip(CELLS, counts, strict=True) for _ in range(count)]
    of_cell = cells_of(named_scheme(scheme))
    order = list(named_scheme(scheme))
    customers = pd.DataFrame(cells, columns=["r", "f", "m"]).astype("int64").assign(revenue=1.0)
    customers["segment"] = [of_cell[cell] for cell in cells]
    segments = pd.DataFrame({"customers": customers.groupby("segment").size()}).reindex(order).fillna(0)
    for column in ("revenue", "share_of_customers", "share_of_revenue", "mean_revenue"):
        segments[column] = segments["customers"]
    segments["mean_orders"] = customers.groupby("segment")["f"].mean()
    grid = pd.DataFrame({"customers": customers.groupby(["r", "f"]).size()})
    index = pd.MultiIndex.from_tuples(list(product(range(1, 6), repeat=2)), names=["r", "f"])
    grid = grid.reindex(index).fillna(0).reset_index()
    grid["revenue"], grid["segment"] = grid["customers"], None
    return RfmResult(
        customers=customers,
        segments=segments,
        grid=grid,
        largest_share=1 / segments["customers"],
        inactive=0,
        known=len(cells),
        scheme=scheme,
        window_months=12,
        start=dt.date(2024, 1, 1),
        as_of=AS_OF,
    )


SPARSE = st.lists(st.integers(0, 40).map(lambda n: n if n < 7 else 0), min_size=125, max_size=125)  # most are empty


@pytest.mark.parametrize("scheme", ["putler_11", "codes_125"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(counts=SPARSE.filter(any), minimum=st.integers(2, 8))
def test_segments_and_grid_together_tell_no_hidden_number(scheme: str, counts: list[int], minimum: int) -> None:
    """By linear programming over the 125 cells of R, F and M: all that is shown holds, and a hidden number is not 0.

    Mean orders times customers are the orders of a segment.
    """
    result = rfm_of(counts, scheme)
    shown = protect(result, minimum, dominance=1.0)
    of_cell = cells_of(named_scheme(scheme))
    members = [np.array([of_cell[cell] == name for cell in CELLS]) for name in result.segments.index]
    members += [np.array([cell[:2] == (r, f) for cell in CELLS]) for r, f in product(range(1, 6), repeat=2)]
    printed = np.append(shown.segments["customers"], shown.grid["customers"])
    true = np.append(result.segments["customers"], result.grid["customers"])
    hidden = np.isnan(printed)
    assert hidden[(true > 0) & (true < minimum)].all()
    rows = np.array(members, dtype=float)
    total = (printed > 0).any()  # a share of all tells how many all are
    frequency = np.array([f for _, f, _ in CELLS], dtype=float)
    ordering = rows[: len(shown.segments)][shown.segments["mean_orders"].notna()] * frequency
    known: dict[str, Any] = {
        "A_eq": np.vstack([rows[~hidden], np.full(125, float(total)), ordering]),
        "b_eq": [*true[~hidden], sum(counts) * total, *ordering @ counts],
        "bounds": (0, 10_000),
        "A_ub": -rows[hidden] if hidden.any() else None,
        "b_ub": -np.ones(hidden.sum()) if hidden.any() else None,
    }
    for row in rows[hidden]:
        low, high = (sign * linprog(sign * row, **known).fun for sign in (1, -1))
        assert high - low > 1 - 1e-6


SIZES = st.tuples(*[st.one_of(st.integers(0, 8), st.integers(0, 30))] * 4)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SIZES.filter(any))
def test_segments_and_their_values_printed_together_tell_no_hidden_number(
    engine: Engine, sizes: tuple[int, int, int, int]
) -> None:
    """Once, twice and often in the window, and inactive: each hidden in both tables or in none, and never one alone.

    The number of all four together is known from the data's page.
    """
    rows = [("begin", "2022-01-01", 5.0)] if not sizes[3] else []
    for kind, (count, days) in enumerate(zip(sizes, ([2], [2, 3], [2, 3, 4], []), strict=True)):
        rows += [(f"{kind}-{n}", f"2024-0{day}-01", 5.0 + n % 3) for n in range(count) for day in days]
        rows += [(f"{kind}-{n}", "2022-02-01", 5.0) for n in range(count) if not days]
    scheme = {"once": ["1-5 1"], "twice": ["1-5 2"], "often": ["1-5 3-5"]}
    result = rfm(build(engine, rows), AS_OF, scheme=scheme)
    ids = sorted({customer for customer, _, _ in rows})
    forecast: Any = SimpleNamespace(
        customers=pd.DataFrame({"probability_alive": 0.5, "expected_purchases": 1.0, "clv": 10.0}, index=ids)
    )
    shown = protect(result, 5)
    value = protect(value_by_segment(forecast, shown), 5)
    true = np.array([*result.segments["customers"], result.inactive], dtype=float)
    inactive = np.nan if shown.inactive is None else shown.inactive
    one = np.array([*shown.segments["customers"], inactive])
    other = value["customers"].to_numpy()
    assert np.isnan(one[(true > 0) & (true < 5)]).all()
    assert (np.isnan(one) <= np.isnan(other)).all()
    # What shows in one table and not in the other would tell a second number, if that were the only one left.
    hidden = np.isnan(one) & np.isnan(other)
    assert hidden.sum() != 1 or not (np.append(one, other) > 0).any()
    if shown.inactive is None:
        assert shown.segments["share_of_customers"].isna().all()
    printed = rfm_table(shown, value).rows
    for row, seen in zip(printed, np.isnan(one), strict=True):
        assert row[0]
        if seen:
            assert all(cell is None or cell != cell for cell in row[1:])  # noqa: PLR0124 - NaN


def test_few_inactive_customers_take_a_segment_and_all_shares_with_them(shop: Shop) -> None:
    """40 customers in all are known: 39 in the window, or the 30 and the 9, would tell the one."""
    rows = [(f"c{n}", "2024-05-01", 1.0) for n in range(30)] + [("old", "2022-01-01", 1.0)]
    rows += [(f"d{n}", f"2024-0{month}-01", 1.0) for n in range(9) for month in (2, 3)]
    shown = protect(rfm(shop(rows), AS_OF, scheme={"once": ["1-5 1"], "again": ["1-5 2-5"]}), 5)
    assert shown.inactive is None
    assert shown.segments["customers"].isna().to_list() == [False, True]
    assert shown.segments["share_of_customers"].isna().all()
    assert shown.segments["revenue"].isna().to_list() == [True, True]


def test_a_segment_with_cells_of_its_own_is_not_told_by_the_other_cells() -> None:
    """Four about to sleep (R 2, F 1, M 1) share no cell of R and F; all 25 cells but theirs would tell their number."""
    counts = [0] * 125
    for cell, count in {(2, 1, 1): 4, (2, 1, 2): 0, (4, 1, 1): 20, (2, 2, 2): 22, (5, 5, 5): 60, (1, 5, 5): 40}.items():
        counts[CELLS.index(cell)] = count
    shown = protect(rfm_of(counts, "putler_11"), 5, dominance=1.0)
    assert shown.segments["customers"][["about_to_sleep", "potential_loyalists"]].isna().all()
    grid = shown.grid.set_index(["r", "f"])["customers"]
    assert np.isnan([grid[2, 1], grid[4, 1]]).all()
    assert grid[5, 5] == 60
