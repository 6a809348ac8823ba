"""Purchases of a customer alive now, against 60-digit arithmetic, numerical integration and simulation.

The 60-digit values were computed with mpmath: the definition of each quantity as an integral over the moment of
leaving, by Gauss-Legendre quadrature on subintervals that halve towards zero.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from loyalty_lib.models.lifetime_pareto import expected_purchases, probability_of, simulate

# Number n, story r, alpha, s, beta, t, probability of n, and expectation.
PRECISE = [
    pytest.param(0, (0.5533, 10.578, 0.6062, 11.669, 39), 0.59351517032104686, 1.2134656128166475, id="none"),
    pytest.param(3, (0.5533, 10.578, 0.6062, 11.669, 39), 0.049055086113480917, 1.2134656128166475, id="CDNOW"),
    pytest.param(1000, (5000.5, 50, 0.6, 50, 39), 8.962192020878187e-5, 3242.9805681645235, id="thousands"),
    pytest.param(2, (0.05, 0.001, 0.3, 1000, 100), 0.014783637406162714, 4928.074636880928, id="alpha << beta"),
    pytest.param(40, (0.5, 1e6, 0.3, 0.001, 1e6), 1.1582618274398267e-16, 0.0014251866545468309, id="beta << alpha"),
    pytest.param(20, (2e5, 1e6, 5e4, 1e6, 39), 1.9368634207828247e-5, 3.4309284968896865, id="customers alike"),
    pytest.param(5, (0.6, 5, 1, 12, 10_000), 0.02469978027388623, 9.6863515239796769, id="s = 1"),
    pytest.param(60, (2000, 0.01, 400, 3, 0.001), 0.000640338747867569, 187.24136217257348, id="a moment"),
]


@pytest.mark.parametrize(("n", "story", "probability", "mean"), PRECISE)
def test_kernel_matches_60_digit_arithmetic(n: int, story: tuple[float, ...], probability: float, mean: float) -> None:
    assert float(probability_of(n, *story)) == pytest.approx(probability, rel=5e-12)
    assert float(expected_purchases(*story)) == pytest.approx(mean, rel=1e-13)


@pytest.mark.parametrize("seed", range(6))
def test_distribution_matches_numerical_integration(seed: int) -> None:
    """NB(n; r, alpha, y) averaged over the moment of leaving, on the scale of log y, by an adaptive rule."""
    generator = np.random.default_rng(seed)
    r, s = 10 ** generator.uniform(-1, 1.5, 2)
    alpha, beta, t = 10 ** generator.uniform(-2, 3, 3)

    def count(n: int, y: float) -> float:
        ways = math.lgamma(r + n) - math.lgamma(r) - math.lgamma(n + 1)
        return math.exp(ways - r * math.log1p(y / alpha) - n * math.log1p(alpha / y))

    def density(u: float, n: int) -> float:
        y = math.exp(u)
        return float(count(n, y) * s * math.exp(-(s + 1) * math.log1p(y / beta)) * y / beta)

    found = probability_of(np.array([0, 1, 2, 7, 30]), r, alpha, s, beta, t)
    for n, each in zip((0, 1, 2, 7, 30), found, strict=True):
        end = math.log(t)
        edges = [end - 60, end - 20, end - 8, end - 3, end]
        pieces = itertools.pairwise(edges)
        left = math.fsum(quad(density, *ends, args=(n,), epsabs=0, epsrel=1e-11, limit=200)[0] for ends in pieces)
        stayed = count(n, t) * math.exp(-s * math.log1p(t / beta))
        assert each == pytest.approx(left + stayed, rel=1e-9)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param((0.5533, 10.578, 0.6062, 11.669, 39), id="CDNOW"),
        pytest.param((0.5533, 10.578, 1.0, 10.578, 39), id="alpha = beta and s = 1"),
        pytest.param((0.5, 1.0, 1.0, 4.0, 10), id="at first customers leave as evenly as they buy"),
        pytest.param((1.2, 80.0, 3.0, 0.05, 200), id="soon gone"),
        pytest.param((26.6, 40.0, 0.6, 40.0, 52), id="a loyal customer"),
        pytest.param((0.5, 2.0, 1e6, 1e7, 30), id="one rate of leaving"),
    ],
)
def test_distribution_sums_to_one_and_has_the_expectation(story: tuple[float, ...]) -> None:
    n = np.arange(3_000)
    probabilities = probability_of(n, *story)
    assert probabilities.min() >= 0
    assert probabilities.sum() == pytest.approx(1, abs=2e-13)
    assert n @ probabilities == pytest.approx(float(expected_purchases(*story)), rel=1e-12)


def test_expectation_is_smooth_through_s_equal_to_one() -> None:
    """At s = 1 mean time alive is beta log(1 + t / beta); nearby it changes in proportion to s."""
    at = [float(expected_purchases(0.7, 3.0, s, 11.0, 300.0)) for s in (1 - 1e-9, 1.0, 1 + 1e-9)]
    assert at[1] == pytest.approx(0.7 / 3 * 11 * math.log1p(300 / 11), rel=1e-14)
    assert (at[0] - at[1]) / (at[1] - at[2]) == pytest.approx(1, abs=1e-5)


def test_expectation_grows_with_time_from_nothing() -> None:
    times = np.array([0.0, 1e-9, 0.1, 1.0, 40.0, 1e4, 1e8])
    for s in (0.2, 1.0, 5.0):
        expected = expected_purchases(0.55, 10.6, s, 11.7, times)
        assert expected[0] == 0
        assert expected[1] == pytest.approx(1e-9 * 0.55 / 10.6, rel=1e-9)
        assert (np.diff(expected) > 0).all()


def test_nobody_has_bought_at_the_beginning() -> None:
    assert probability_of(np.arange(3), 0.5, 4.0, 0.7, 2.0, 0.0).tolist() == [1, 0, 0]


def test_arguments_broadcast_to_the_values_of_each() -> None:
    """Neither the shape nor the neighbours of a value change a digit of it."""
    r, age = np.array([[0.5], [30.5], [4000.5]]), np.array([[0.0], [30.0], [38.0]])
    times = np.array([[0.5, 10.0, 1000.0, 1e6]])
    for n in (0, 3):
        found = probability_of(n, r, 10 + age, 0.7, 12 + age, times)
        expected = expected_purchases(r, 10 + age, 0.7, 12 + age, times)
        assert found.shape == expected.shape == (3, 4)
        for i, j in np.ndindex(3, 4):
            alone = (r[i, 0], 10 + age[i, 0], 0.7, 12 + age[i, 0], times[0, j])
            assert (found[i, j], expected[i, j]) == (probability_of(n, *alone), expected_purchases(*alone))


@pytest.mark.parametrize("story", [(0.8, 4.0, 0.9, 6.0), (3.0, 5.0, 40.0, 300.0)])
def test_simulation_has_the_distribution(story: tuple[float, float, float, float]) -> None:
    """Chi-squared of 200,000 customers over ten classes; 99.9 % of such tests lie below 27.9."""
    n = 200_000
    r, alpha, s, beta = story
    made, stayed = simulate(np.full(n, r), np.full(n, alpha), s, np.full(n, beta), 12.0, np.random.default_rng(6))
    probabilities = probability_of(np.arange(9), *story, 12.0)
    expected = n * np.append(probabilities, 1 - probabilities.sum())
    observed = np.bincount(np.minimum(made, 9), minlength=10)
    assert ((observed - expected) ** 2 / expected).sum() < 27.9
    assert stayed.mean() == pytest.approx((beta / (beta + 12)) ** s, abs=4 * 0.5 / math.sqrt(n))
    # Given that they stay, purchases are negative binomial.
    assert (made[stayed] == 0).mean() == pytest.approx((alpha / (alpha + 12)) ** r, abs=5 * 0.5 / math.sqrt(n))
