"""Lifetime value by segment: sums and means by hand, and what protect hides of them."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.value import value_by_segment
from loyalty_lib.errors import ModelError
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
SCHEME = {"once": ["1-5 1"], "again": ["1-5 2-5"]}


def forecast(values: dict[str, tuple[float, float, float]]) -> Any:
    """Stand in for a CLVResult by the one table the analysis reads."""
    columns = ["probability_alive", "expected_purchases", "clv"]
    frame = pd.DataFrame.from_dict(values, orient="index", columns=columns)
    return SimpleNamespace(customers=frame.sort_index())


def test_every_customer_is_in_one_row(shop: Shop) -> None:
    rows = [("a", "2024-02-01", 5.0), ("b", "2024-02-01", 5.0), ("b", "2024-03-01", 5.0), ("c", "2022-01-01", 5.0)]
    rows += [("d", "2024-02-01", 5.0)]
    segments = rfm(shop(rows), AS_OF, scheme=SCHEME)
    values = {"a": (0.5, 1.0, 10.0), "b": (0.9, 4.0, 60.0), "c": (0.1, 0.2, 10.0), "d": (0.7, 2.0, 20.0)}
    table = value_by_segment(forecast(values), segments)
    assert table.index.to_list() == ["once", "again", "inactive"]
    assert table["customers"].to_list() == [2, 1, 1]
    assert table["mean_clv"].to_list() == [15.0, 60.0, 10.0]
    assert table["total_clv"].to_list() == [30.0, 60.0, 10.0]
    assert table["share_of_clv"].to_list() == [0.3, 0.6, 0.1]
    assert table["mean_probability_alive"].to_list() == pytest.approx([0.6, 0.9, 0.1])
    assert table["expected_purchases"].to_list() == [3.0, 4.0, 0.2]


def test_a_segment_without_customers_has_no_means(shop: Shop) -> None:
    segments = rfm(shop([("a", "2024-02-01", 5.0)]), AS_OF, scheme=SCHEME)
    table = value_by_segment(forecast({"a": (0.5, 1.0, 10.0)}), segments)
    assert row(table, "again", ["customers", "total_clv", "share_of_clv"]) == [0, 0, 0]
    assert np.isnan(table["mean_clv"]["again"])


def test_customers_without_a_forecast_are_refused(shop: Shop) -> None:
    segments = rfm(shop([("a", "2024-02-01", 5.0), ("b", "2024-02-01", 5.0)]), AS_OF)
    with pytest.raises(ModelError, match="1 of 2 customers with a segment have no forecast"):
        value_by_segment(forecast({"a": (0.5, 1.0, 10.0)}), segments)


def test_segments_hidden_before_are_hidden_here(shop: Shop) -> None:
    """Segments of 3 and 8 hide each other; with 6 inactive customers beside them, 8 must not show here."""
    rows = [(f"few{n}", "2024-02-01", 5.0) for n in range(3)]
    rows += [(f"more{n}", f"2024-0{month}-01", 5.0) for n in range(8) for month in (2, 3)]
    rows += [(f"most{n}", f"2024-0{month}-01", 5.0) for n in range(20) for month in (2, 3, 4)]
    rows += [(f"gone{n}", "2022-02-01", 5.0) for n in range(6)]
    scheme = {"few": ["1-5 1"], "more": ["1-5 2"], "most": ["1-5 3-5"]}
    segments = protect(rfm(shop(rows), AS_OF, scheme=scheme), 5)
    values = {str(customer): (0.5, 1.0, 10.0) for customer in pd.DataFrame(rows)[0].unique()}
    table = protect(value_by_segment(forecast(values), segments), 5)
    assert table["customers"].isna().to_list() == [True, True, False, False]
    assert table.loc[["few", "more"]].isna().all(axis=None)


def test_value_that_one_customer_dominates_is_hidden_with_a_second(shop: Shop) -> None:
    rows = [(f"one{n}", "2024-02-01", 5.0) for n in range(10)]
    rows += [(f"two{n}", f"2024-0{month}-01", 5.0) for n in range(12) for month in (2, 3)]
    rows += [(f"gone{n}", "2022-02-01", 5.0) for n in range(30)]
    values = {str(customer): (0.5, 1.0, 10.0) for customer in pd.DataFrame(rows)[0].unique()}
    values["two0"] = (0.9, 9.0, 500.0)
    table = protect(value_by_segment(forecast(values), rfm(shop(rows), AS_OF, scheme=SCHEME)), 5)
    assert table["customers"].to_list() == [10, 12, 30]
    assert table[["mean_clv", "total_clv", "share_of_clv"]].isna().all(axis=1).to_list() == [True, True, False]
    assert table["mean_probability_alive"].notna().all()


def test_intervals_stand_beside_the_value_and_are_hidden_with_it(shop: Shop) -> None:
    rows = [(f"few{n}", "2024-02-01", 5.0) for n in range(3)]
    rows += [(f"more{n}", f"2024-0{month}-01", 5.0) for n in range(8) for month in (2, 3)]
    rows += [(f"gone{n}", "2022-02-01", 5.0) for n in range(6)]
    scheme = {"few": ["1-5 1"], "more": ["1-5 2"], "none": ["1-5 3-5"]}
    values = {str(customer): (0.5, 1.0, 10.0) for customer in pd.DataFrame(rows)[0].unique()}
    bounds = pd.DataFrame({"low_clv": [1.0, 60.0, 50.0], "high_clv": [50.0, 90.0, 70.0]}, ["few", "more", "inactive"])
    table = value_by_segment(forecast(values), rfm(shop(rows), AS_OF, scheme=scheme), bounds, 0.8)
    assert table.attrs["level"] == 0.8
    assert table[["low_clv", "high_clv"]].to_numpy().tolist() == [[1, 50], [60, 90], [0, 0], [50, 70]]
    shown = protect(table, 5)
    hidden = shown["total_clv"].isna()
    assert hidden.to_list() == [True, False, False, True]
    assert (shown[["low_clv", "high_clv"]].isna().all(axis=1) == hidden).all()


def test_without_intervals_none_are_made_up(shop: Shop) -> None:
    table = value_by_segment(forecast({"a": (0.5, 1.0, 10.0)}), rfm(shop([("a", "2024-02-01", 5.0)]), AS_OF))
    assert table[["low_clv", "high_clv"]].isna().all(axis=None)


def test_probability_of_being_active_is_of_those_for_whom_it_is_known(shop: Shop) -> None:
    """One-time buyers have none under BG/NBD; the mean of the others is hidden where they are fewer than five."""
    names = [f"c{number:02d}" for number in range(20)]
    rows = [(name, "2024-02-01", 5.0) for name in names] + [(name, "2024-03-01", 5.0) for name in names[:10]]
    segments = rfm(shop(rows), AS_OF, scheme=SCHEME)
    known = dict.fromkeys(names[:10], 0.8) | dict.fromkeys(names[10:14], 0.2)
    table = value_by_segment(forecast({name: (known.get(name, np.nan), 1.0, 10.0) for name in names}), segments)
    assert table["mean_probability_alive"][["once", "again"]].to_list() == pytest.approx([0.2, 0.8])
    shown = protect(table, 5)
    assert shown["mean_probability_alive"][["once", "again"]].isna().to_list() == [True, False]
    assert shown["total_clv"]["once"] == 100.0
