"""A Gauss rule over time against the sum it replaces, up to the ends of what customers do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from loyalty_lib.models.beta_geometric import expected_purchases
from loyalty_lib.models.histories import Codes, Floats
from loyalty_lib.models.over_time import NODES, Expected, GaussRule, total_over_times

WEEKS_PER_YEAR = 365.2425 / 7
X = np.array([0, 0, 0, 1, 2, 5, 20, 100, 1_000, 5_000])
AGE = np.array([0, 10, 400, 1 / 7, 5, 50, 20, 100, 300, 400])


def horizon(years: float, yearly_rate: float) -> tuple[Floats, Floats]:
    """Week ends up to the horizon, and the weights of the expectations up to them."""
    end = years * WEEKS_PER_YEAR
    times = np.append(np.arange(1, np.floor(end) + 1), end)
    return times, -np.diff((1 + yearly_rate) ** (-times / WEEKS_PER_YEAR), append=0.0)


def customers(r: float, alpha: float, a: float, b: float, first: int = 0) -> Expected:
    """Expectations of the customers from ``first`` on."""

    def expected(rows: Codes, at: Floats) -> Floats:
        x, age = X[rows + first, None], AGE[rows + first, None]
        return expected_purchases(r + x, alpha + age, a, b + x, at[None, :])

    return expected


@pytest.mark.parametrize(
    "params",
    [
        pytest.param((0.2426, 4.4136, 0.7929, 2.4259), id="CDNOW"),
        pytest.param((0.25, 1e-3, 0.7, 2.0), id="tiny alpha"),
        pytest.param((0.03, 0.02, 0.03, 3.0), id="tiny alpha, hardly anybody buys"),
        pytest.param((0.6, 50.0, 0.05, 0.2), id="a + b below 1"),
        pytest.param((2.0, 10.0, 1 + 1e-7, 4.0), id="a next to 1"),
        pytest.param((2.0, 0.5, 3.0, 0.5), id="most leave at once"),
        pytest.param((3.0, 0.3, 0.2, 0.01), id="frequent and leaving"),
        pytest.param((5e4, 2.5e5, 0.8, 2.4), id="rates alike"),
        pytest.param((5e4, 2.5e5, 1e3, 3e3), id="customers alike"),
        pytest.param((0.2, 5.0, 1e3, 1e5), id="drop-out alike"),
    ],
)
def test_rule_gives_the_sum(params: tuple[float, float, float, float]) -> None:
    """Within 1e-10 at every state from x = 0 to 5,000 and T = 0 to 400 weeks, 12 and 60 months, 10 and 50 %."""
    expected = customers(*params)
    for years, rate in itertools.product((1, 5), (0.1, 0.5)):
        times, weights = horizon(years, rate)
        found = total_over_times(expected, len(X), times, weights, params[1])
        assert found == pytest.approx((expected(np.arange(len(X)), times) * weights).sum(axis=1), rel=1e-10)


def test_ordinary_customers_need_no_more_than_the_rule() -> None:
    """Else the speed is gone without a test failing."""
    asked = []
    inner = customers(0.2426, 4.4136, 0.7929, 2.4259)

    def counted(rows: Codes, at: Floats) -> Floats:
        asked.append(len(at))
        return inner(rows, at)

    total_over_times(counted, len(X), *horizon(1, 0.1), 4.4136)
    assert asked == [NODES]


def test_a_row_that_bends_too_much_is_summed_term_by_term_and_says_so() -> None:
    """A step at the middle of the horizon is no polynomial; its neighbour, a straight line, stays with the rule."""
    times, weights = horizon(1, 0.1)

    def expected(rows: Codes, at: Floats) -> Floats:
        return np.where(np.array([True, False])[rows, None], (at > 26) * 1.0, at)

    found = total_over_times(expected, 2, times, weights, 5.0)
    assert found == pytest.approx([weights[times > 26].sum(), times @ weights], rel=1e-12)
    rule = GaussRule.of(times, weights, 5.0)
    assert rule.apply(expected(np.arange(2), rule.times))[1].tolist() == [False, True]


def test_rule_is_exact_for_polynomials_of_twice_its_degree() -> None:
    times, weights = horizon(1, 0.1)
    rule = GaussRule.of(times, weights, 4.0)
    assert (rule.weights > 0).all()
    for degree in (0, 1, 7, 2 * NODES - 1):
        exact = np.log1p(times / 4.0) ** degree @ weights
        assert np.log1p(rule.times / 4.0) ** degree @ rule.weights == pytest.approx(exact, rel=1e-12)


def test_without_discounting_only_the_horizon_is_asked_for() -> None:
    times, weights = horizon(1, 0.0)
    expected = customers(0.2426, 4.4136, 0.7929, 2.4259)
    found = total_over_times(expected, len(X), times, weights, 4.4136)
    assert found.tolist() == expected(np.arange(len(X)), times[-1:])[:, 0].tolist()


def test_rising_factors_are_summed_term_by_term() -> None:
    """Purchases of the last week only: weights of both signs."""
    times, _ = horizon(1, 0.1)
    factors = np.where(times > 50, 1.0, 0.5)
    expected = customers(0.2426, 4.4136, 0.7929, 2.4259)
    at = expected(np.arange(len(X)), np.concatenate([times[times <= 50][-1:], times[-1:]]))
    found = total_over_times(expected, len(X), times, -np.diff(factors, append=0.0), 4.4136)
    assert found == pytest.approx(at[:, 1] - at[:, 0] / 2, rel=1e-13)


def test_no_row_depends_on_the_others() -> None:
    times, weights = horizon(5, 0.1)
    params = (2.0, 0.5, 3.0, 0.5)
    whole = total_over_times(customers(*params), len(X), times, weights, 0.5)
    for row in range(len(X)):
        alone = total_over_times(customers(*params, first=row), 1, times, weights, 0.5)
        assert alone[0] == whole[row]
