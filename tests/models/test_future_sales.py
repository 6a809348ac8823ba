"""What simulated purchases bring, against the moments of the Gamma-Gamma model."""

from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib.models.future_sales import simulate_sales

PARAMS = {"p": 6.0, "q": 8.0, "v": 15.0}
SIZE = 200_000


def draws(x: float, m: float, bought: int) -> np.ndarray:
    ones = np.ones(SIZE)
    return simulate_sales(PARAMS, x * ones, m * ones, np.full(SIZE, bought), np.random.default_rng(3))


@pytest.mark.parametrize(("x", "m", "bought"), [(0, 0.0, 1), (0, 0.0, 4), (3, 40.0, 2)])
def test_sales_have_the_model_s_mean_and_variance(x: float, m: float, bought: int) -> None:
    """The sum of n gamma(p) purchases over a rate that is gamma(px + q, v + xm): mean and variance by hand."""
    shape, scale = 6.0 * x + 8.0, 15.0 + x * m
    mean = 6 * bought * scale / (shape - 1)
    second = (6 * bought) * (6 * bought + 1) * scale**2 / ((shape - 1) * (shape - 2))
    found = draws(x, m, bought)
    assert found.mean() == pytest.approx(mean, rel=0.005)
    assert found.var() == pytest.approx(second - mean**2, rel=0.03)


def test_a_customer_s_mean_spend_is_drawn_once_for_all_purchases() -> None:
    """Ten purchases of one customer are more than twice as uncertain as ten of ten customers."""
    together = draws(0, 0.0, 10)
    apart = draws(0, 0.0, 1).reshape(-1, 10).sum(axis=1)
    assert together.mean() == pytest.approx(apart.mean(), rel=0.01)
    assert together.std() > 2 * apart.std()


def test_nothing_bought_brings_nothing() -> None:
    found = simulate_sales(PARAMS, np.zeros(3), np.zeros(3), np.array([0, 2, 0]), np.random.default_rng(1))
    assert found.tolist() == [0.0, found[1], 0.0]
    assert found[1] > 0


def test_a_mean_spend_below_zero_counts_as_zero() -> None:
    """Refunds can exceed what is left; the expectation treats them the same way."""
    refunded, nothing = (
        simulate_sales(PARAMS, np.ones(1), np.array([m]), np.array([1]), np.random.default_rng(2)) for m in (-5.0, 0.0)
    )
    assert refunded == nothing
