"""Distinct histories against plain pandas, on whole days and on any other times."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.errors import ModelError
from loyalty_lib.models.histories import blocks, compress, distinct, where_changed, whole_days
from tests.models import cdnow


def grouped(summary: pd.DataFrame) -> pd.DataFrame:
    """Count the distinct rows in plain pandas, sorted by T, recency, frequency."""
    columns = ["T", "recency", "frequency"]
    return summary.groupby(columns).size().rename("counts").reset_index().sort_values(columns, ignore_index=True)


def continuous(customers: int) -> pd.DataFrame:
    """Customers whose times are no whole days, each of them twice."""
    source = np.random.default_rng(3)
    age = source.uniform(1, 50, customers)
    x = source.integers(0, 4, customers)
    once = pd.DataFrame(
        {"frequency": x, "recency": np.where(x > 0, age * source.uniform(0.1, 1, customers), 0), "T": age}
    )
    return pd.concat([once, once], ignore_index=True)


@pytest.mark.parametrize("unit", ["D", "W"])
@pytest.mark.parametrize("which", ["sample", "continuous"])
def test_histories_are_those_of_pandas_in_order_with_their_counts(which: str, unit: str) -> None:
    summary = cdnow.summary_of("sample", unit) if which == "sample" else continuous(500)
    expected, found = grouped(summary), compress(summary, unit)
    assert found.x.tolist() == expected["frequency"].tolist()
    assert found.counts.tolist() == expected["counts"].tolist()
    assert found.tx == pytest.approx(expected["recency"].to_numpy(), rel=1e-15)
    assert found.T.tolist() == pytest.approx(expected["T"].tolist(), rel=1e-15)
    assert found.customers == len(summary)


@pytest.mark.parametrize("which", ["sample", "continuous"])
def test_every_customer_finds_the_way_back(which: str) -> None:
    summary = cdnow.summary_of("sample") if which == "sample" else continuous(500)
    found = compress(summary, "W")
    assert found.x[found.row].tolist() == summary["frequency"].tolist()
    assert found.tx[found.row] == pytest.approx(summary["recency"].to_numpy(), rel=1e-15)
    assert found.T[found.row] == pytest.approx(summary["T"].to_numpy(), rel=1e-15)


def test_states_are_the_distinct_pairs_of_frequency_and_age() -> None:
    found = compress(cdnow.summary_of("sample"), "W")
    positions, state = found.states()
    pairs = list(zip(found.x.tolist(), found.T.tolist(), strict=True))
    assert [pairs[p] for p in positions[state]] == pairs
    assert len(positions) == len(set(pairs))


def test_numbers_too_large_to_pack_are_told_apart_all_the_same() -> None:
    """Three columns of up to 2^40 do not fit into one integer."""
    source = np.random.default_rng(8)
    columns = [source.choice(source.integers(0, 2**40, 12), 4_000).astype(float) for _ in range(3)]
    packable = [np.unique(column, return_inverse=True)[1].astype(float) for column in columns]
    for large, small in zip(distinct(*columns), distinct(*packable), strict=True):
        # which of several like rows stands for them is open; that it is like them is not
        assert len(large) == len(small)
    positions, code = distinct(*columns)
    assert code.tolist() == distinct(*packable)[1].tolist()
    for column in columns:
        assert (column[positions][code] == column).all()


def test_a_day_is_a_day_whatever_arithmetic_it_went_through() -> None:
    weeks = np.array([30 / 7, 30 * (1 / 7), np.float64(np.float32(30)) / 7 + 1e-9])
    assert set(whole_days(weeks, "W")) == {30 / 7}
    summary = pd.DataFrame({"frequency": [1, 1, 1], "recency": weeks, "T": [9.0, 9.0, 9.0 + 1e-10]})
    found = compress(summary, "W")
    assert (found.x.tolist(), found.counts.tolist(), found.row.tolist()) == ([1], [3], [0, 0, 0])


def test_rounded_times_stay_as_they_are() -> None:
    """Weeks of two decimals are no whole days, and must not become some."""
    assert whole_days(np.array([30.43, 0.0, 2.0]), "W").tolist() == [30.43 * 7 / 7, 0.0, 2.0]


def test_infinite_times_are_named_not_warned_of() -> None:
    summary = pd.DataFrame({"frequency": [1, 1], "recency": [2.0, 3.0], "T": [4.0, math.inf]})
    with pytest.raises(ModelError, match="1 of 2 customers: a value that is missing or infinite"):
        compress(summary, "W")


def test_blocks_cover_every_row_once() -> None:
    for size in (0, 1, 8_191, 8_192, 8_193, 20_000):
        rows = np.arange(size)
        assert np.concatenate([rows[part] for part in blocks(size)] or [rows]).tolist() == rows.tolist()


def test_changes_are_flagged_from_the_first_value_on() -> None:
    assert where_changed(np.array([3.0, 3.0, 4.0, 4.0, 3.0])).tolist() == [True, False, True, False, True]
