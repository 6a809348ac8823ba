"""The Gini coefficient's interval: against SciPy, against Davidson's variance, and by how often it holds the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap

from loyalty_lib.analyses.pareto_gini import RESAMPLED, gini, gini_interval, leave_one_out

Floats = NDArray[np.float64]


def lognormal(seed: int, n: int, sigma: float = 1.2) -> Floats:
    return np.round(np.random.default_rng(seed).lognormal(3, sigma, n), 2)


def davidson(spend: Floats) -> float:
    """Return the standard error of Davidson (2009), whose Z_i he gives for the sorted sample."""
    x = np.sort(spend)
    n = len(x)
    rank = np.arange(1, n + 1)
    z = -(gini(x) + 1) * x + (2 * rank - 1) / n * x - 2 / n * np.cumsum(x)
    return float(np.sqrt(np.sum((z - z.mean()) ** 2)) / (n * x.mean()))


def test_spend_of_four_by_hand() -> None:
    """1, 2, 3, 4: ranks times spend are 1 + 4 + 9 + 16 = 30; 2 x 30 / (4 x 10) - 5 / 4."""
    assert gini(np.array([3.0, 1, 4, 2])) == pytest.approx(0.25, rel=1e-14)
    # Without the 4: 2 x 14 / (3 x 6) - 4 / 3 = 2 / 9.  Without the 1: 2 x (2 + 6 + 12) / (3 x 9) - 4 / 3 = 4 / 27.
    assert leave_one_out(np.array([1.0, 2, 3, 4]))[[0, 3]] == pytest.approx([4 / 27, 2 / 9], rel=1e-13)


def test_the_coefficient_without_each_customer_is_that_of_the_others() -> None:
    spend = np.sort(np.append(lognormal(2, 60), [0, 0, 5, 5]))
    others = [gini(np.delete(spend, i)) for i in range(len(spend))]
    assert leave_one_out(spend) == pytest.approx(others, rel=1e-11)


@pytest.mark.parametrize("n", [60, 400])
def test_the_interval_is_that_of_scipy_s_bootstrap(n: int) -> None:
    spend = lognormal(5, n)

    def of(sample: Floats, axis: int) -> Floats:
        x = np.sort(sample, axis=axis)
        rank = np.arange(1, x.shape[-1] + 1)
        size = x.shape[-1]
        found: Floats = 2 * (rank * x).sum(axis) / (size * x.sum(axis)) - (size + 1) / size
        return found

    drawn = bootstrap((spend,), of, n_resamples=9999, method="BCa", rng=np.random.default_rng(1), batch=1000)
    found = gini_interval(spend, repetitions=9999)
    width = drawn.confidence_interval.high - drawn.confidence_interval.low
    # Two sets of 9,999 draws: the ends differ by chance, by a few hundredths of the interval's length.
    assert found == pytest.approx(tuple(drawn.confidence_interval), abs=0.05 * width)


def test_the_jackknife_of_many_customers_is_davidson_s_variance_and_the_bootstrap_s_interval() -> None:
    many = lognormal(3, RESAMPLED + 1, 1.0)
    low, high = gini_interval(many)
    assert (low + high) / 2 == pytest.approx(gini(many), rel=1e-12)
    assert high - low == pytest.approx(2 * 1.959964 * davidson(many), rel=5e-3)
    fewer = gini_interval(many[:RESAMPLED], repetitions=1999)
    assert fewer == pytest.approx((low, high), abs=0.1 * (high - low))


@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda random: random.exponential(50, 200), 0.5),
        (lambda random: random.lognormal(3, 0.8, 200), math.erf(0.8 / 2)),
        (lambda random: random.exponential(50, 200) * (random.random(200) < 0.8), 1 - 0.8 * 0.5),
    ],
    ids=["exponential", "lognormal", "a fifth of the customers at zero"],
)
def test_the_interval_holds_the_truth_about_as_often_as_it_says(draw: object, truth: float) -> None:
    """Of 200 shops 190 should be right; 178 allows for chance and for small samples of skewed spend."""
    held = 0
    for seed in range(200):
        low, high = gini_interval(draw(np.random.default_rng(seed)), repetitions=599)  # type: ignore[operator]
        held += low <= truth <= high
    assert 178 <= held <= 199


def test_the_interval_depends_neither_on_the_order_nor_on_the_currency() -> None:
    spend = lognormal(9, 300)
    shuffled = np.random.default_rng(0).permutation(spend)
    assert gini_interval(spend) == gini_interval(shuffled) == gini_interval(spend)
    assert gini_interval(100 * spend) == pytest.approx(gini_interval(spend), rel=1e-12)


@pytest.mark.parametrize(
    "spend",
    [np.zeros(50), np.full(50, 7.1), np.append(np.zeros(49), 9.0), lognormal(1, 29), np.zeros(0)],
    ids=["no sales", "all alike", "one buyer", "29 customers", "nobody"],
)
def test_where_there_is_nothing_to_draw_from_there_is_no_interval(spend: Floats) -> None:
    assert np.isnan(gini_interval(spend)).all()


def test_thirty_customers_have_an_interval_round_the_estimate() -> None:
    spend = lognormal(1, 30)
    low, high = gini_interval(spend)
    assert 0 < low < gini(spend) < high < 1


def test_a_million_customers_take_seconds() -> None:
    low, high = gini_interval(lognormal(4, 1_000_000, 1.0))
    assert low < math.erf(0.5) < high
    assert high - low < 0.003
