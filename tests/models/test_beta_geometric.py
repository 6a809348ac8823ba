"""The expectation against numerical integration over the drop-out probability, in every branch of the code."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln

from loyalty_lib.models.beta_geometric import expected_purchases, probability_of, simulate


def integrated(r: float, alpha: float, a: float, b: float, t: float) -> float:
    """Average of (1 - (1 + p t / alpha)^-r) / p over p ~ Beta(a, b), on the scale of log(p / (1 - p))."""

    def density(u: float) -> float:
        p = math.exp(-float(np.logaddexp(0, -u)))
        weight = math.exp(-a * float(np.logaddexp(0, -u)) - b * float(np.logaddexp(0, u)) - float(betaln(a, b)))
        # at p = 0 the average is the mean number of purchases of somebody who never leaves
        return weight * (-math.expm1(-r * math.log1p(p * t / alpha)) / p if p > 1e-200 else r * t / alpha)

    middle, spread = math.log(a / b), math.sqrt(1 / a + 1 / b)
    low, high = middle - 60 / a - 60 * spread, middle + 60 / b + 60 * spread
    inner = [middle + spread * k for k in (-8, -4, -2, 0, 2, 4, 8)]
    edges = sorted([low, 0.9 * middle + 0.1 * low, *inner, 0.9 * middle + 0.1 * high, high])
    parts = [quad(density, *ends, epsabs=0, epsrel=1e-12, limit=200)[0] for ends in itertools.pairwise(edges)]
    return math.fsum(parts)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "t"),
    [
        pytest.param(0.24, 4.4, 0.79, 2.43, 39, id="CDNOW"),
        pytest.param(2.24, 34.8, 0.3, 0.2, 500, id="a + b below 1"),
        pytest.param(2.24, 34.8, 0.4, 0.6, 50, id="a + b equal to 1"),
        pytest.param(2.24, 34.8, 0.4, 0.6 + 1e-5, 50, id="a + b next to 1"),
        pytest.param(3.2, 40.0, 1.0, 4.0, 60, id="a equal to 1"),
        pytest.param(3.2, 40.0, 1.0 + 1e-7, 4.0, 20_000, id="a next to 1, far ahead"),
        pytest.param(800.0, 40.0, 0.8, 900.0, 39, id="hundreds of purchases"),
        pytest.param(5e4, 2.5e5, 1e3, 3e3, 39, id="customers alike"),
        pytest.param(5e4, 2.5e5, 0.8, 2.4, 39, id="rates alike"),
        pytest.param(0.24, 4.4, 1e4, 3e4, 39, id="drop-out alike"),
        pytest.param(0.03, 0.02, 0.03, 3e3, 11, id="the series fails"),
        pytest.param(0.6, 50.0, 1e-4, 2.0, 365, id="nobody leaves"),
    ],
)
def test_expectation_matches_numerical_integration(r: float, alpha: float, a: float, b: float, t: float) -> None:
    assert float(expected_purchases(r, alpha, a, b, t)) == pytest.approx(integrated(r, alpha, a, b, t), rel=1e-9)


def test_arguments_broadcast_to_the_values_of_each() -> None:
    """Two customers at three times; the second customer's second time falls into the quadrature, the others do not."""
    r, b = np.array([[0.5], [130.0]]), np.array([[2.0], [3.0]])
    times = np.array([[1.0, 10.0, 100.0]])
    found = expected_purchases(r, 20.0, 0.7, b, times)
    assert found.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert found[i, j] == expected_purchases(r[i, 0], 20.0, 0.7, b[i, 0], times[0, j])


def test_nobody_has_bought_at_the_beginning() -> None:
    assert float(expected_purchases(0.5, 4.0, 0.7, 2.0, 0.0)) == 0
    assert [float(probability_of(n, 0.5, 4.0, 0.7, 2.0, 0.0)) for n in range(3)] == [1, 0, 0]


def test_simulation_has_the_distribution() -> None:
    """Chi-squared of 200,000 customers over ten classes; 99.9 % of such tests lie below 27.9."""
    n = 200_000
    ones = np.ones(n)
    made, would_make, stayed = simulate(0.8 * ones, 4.0 * ones, 0.9, 2.1 * ones, 12.0, np.random.default_rng(6))
    probabilities = np.array([float(probability_of(k, 0.8, 4.0, 0.9, 2.1, 12.0)) for k in range(9)])
    expected = n * np.append(probabilities, 1 - probabilities.sum())
    observed = np.bincount(np.minimum(made, 9), minlength=10)
    assert ((observed - expected) ** 2 / expected).sum() < 27.9
    assert (made <= would_make).all()
    assert (made[stayed] == would_make[stayed]).all()
    assert made.mean() == pytest.approx(float(expected_purchases(0.8, 4.0, 0.9, 2.1, 12.0)), rel=0.02)
