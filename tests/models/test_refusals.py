"""What a model refuses to be fitted to or asked, and where it is a limit: BG/NBD for all of them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.errors import ModelError
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.simulate import simulate_bgnbd


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"frequency": [0, 0], "recency": [0, 0], "T": [5, 9]}, "None of the 2 customers bought on a second day"),
        ({"frequency": [0, 0], "recency": [0, 0], "T": [0, 0]}, "first purchase is on the as-of date"),
        ({"frequency": [2], "recency": [3], "T": [9]}, "holds one customer"),
        ({"frequency": [], "recency": [], "T": []}, "holds no customers"),
        ({"frequency": [1, 1], "recency": [3, math.nan], "T": [9, 9]}, "1 of 2 customers: a value that is missing"),
        ({"frequency": [1, -1], "recency": [3, 3], "T": [9, 9]}, "1 of 2 customers: a negative value"),
        ({"frequency": [1, 2.5], "recency": [3, 3], "T": [9, 9]}, "not a whole number"),
        ({"frequency": [1, 1], "recency": [3, 10], "T": [9, 9]}, "1 of 2 customers: a recency beyond T"),
        ({"frequency": [1, 1], "recency": [3, 0], "T": [9, 9]}, "repeat purchases at recency 0"),
        ({"frequency": [1, 0], "recency": [3, 3], "T": [9, 9]}, "a recency without repeat purchases"),
        ({"frequency": [1, 1], "recency": [3, 3]}, "lacks 'T'"),
    ],
)
def test_impossible_data_are_refused_in_plain_words(columns: dict[str, list[float]], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        fit_bgnbd(pd.DataFrame(columns), unit="W")


def test_more_purchases_than_days_are_not_fitted() -> None:
    """Thirty purchases a week cannot be purchase days: the density passes one and the log-likelihood zero."""
    hourly = simulate_bgnbd(400, {"r": 30.0, "alpha": 1.0, "a": 0.5, "b": 20.0}, 40.0, seed=1)
    with pytest.raises(ModelError, match="expected one below zero"):
        fit_bgnbd(hourly)


def test_all_kinds_of_impossible_rows_are_named_at_once() -> None:
    summary = pd.DataFrame({"frequency": [1, 1, 0], "recency": [0.0, 10, 3], "T": [9.0, 9, 9]})
    with pytest.raises(ModelError) as caught:
        fit_bgnbd(summary, unit="W")
    assert [said in str(caught.value) for said in ("at recency 0", "beyond T", "without repeat")] == [True] * 3


def test_customers_who_do_not_differ_are_a_boundary_not_an_estimate() -> None:
    """Everybody buys at one rate and leaves with one probability: a and b, r and alpha, run off together."""
    alike = {"r": 1e5, "alpha": 5e5, "a": 2e4, "b": 8e4}
    found = fit_bgnbd(simulate_bgnbd(300, alike, 50.0, seed=2))
    assert found.at_boundary
    assert all(math.isnan(error) for error in found.standard_errors.values())
    assert sum("do not show how much customers differ" in caveat for caveat in found.caveats) == 2
    assert found.params["r"] / found.params["alpha"] == pytest.approx(0.2, rel=0.1)
    assert found.params["a"] / (found.params["a"] + found.params["b"]) == pytest.approx(0.2, rel=0.15)
    # At one rate and one probability the expectation is elementary: (1 - exp(-rate p t)) / p.
    rate, p = found.params["r"] / found.params["alpha"], found.params["a"] / (found.params["a"] + found.params["b"])
    assert found.expected_purchases_new(30) == pytest.approx(-math.expm1(-rate * p * 30) / p, rel=2e-2)
    low, high = found.total_interval(simulate_bgnbd(300, alike, 50.0, seed=2), 30, 0.8, seed=0)
    assert 0 < low < high < 300


def test_customers_who_never_leave_are_a_boundary() -> None:
    """Regular customers, each bought in the last week: no drop-out to be seen."""
    ages = np.arange(20.0, 60.0)
    summary = pd.DataFrame({"frequency": ages // 4, "recency": ages - 1 / 7, "T": ages})
    found = fit_bgnbd(summary, unit="W")
    assert found.at_boundary
    assert found.probability_alive(summary.set_axis(range(40))).min() > 0.99
    assert any("when they stop buying" in caveat for caveat in found.caveats)


def test_a_horizon_must_be_a_length_of_time(fit: BGNBDFit, sample: pd.DataFrame) -> None:
    for horizon in (-1.0, math.nan, math.inf):
        with pytest.raises(ModelError, match="expected a number of weeks, zero or more"):
            fit.expected_purchases(sample, horizon)
        with pytest.raises(ModelError, match="expected a number of weeks, zero or more"):
            fit.total_interval(sample, horizon, 0.8, seed=1)
        with pytest.raises(ModelError, match="expected a number of weeks, zero or more"):
            fit.probability_of_purchases(1, horizon)
    with pytest.raises(ModelError, match="expected a whole number"):
        fit.probability_of_purchases(-1, 39)
    with pytest.raises(ModelError, match="between 0 and 1"):
        fit.total_interval(sample, 39, 80, seed=1, size=2)
    assert fit.expected_purchases(sample, 0).abs().max() == 0
