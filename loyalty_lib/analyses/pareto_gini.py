"""The Gini coefficient of spend and how far chance may have moved it.

Takes spend per customer (0 or more, in any order), returns the coefficient and a 95 % interval.  Customers are drawn
again with replacement, as if the shop had met others of the same kind; spend is sorted first, so the order of the rows
plays no part.  Above ``RESAMPLED`` customers the jackknife's standard error says the same at no cost.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL: Final = 0.95
FEWEST: Final = 30  # customers; an interval from fewer is itself a matter of chance
RESAMPLED: Final = 10_000  # customers up to which they are drawn again
REPETITIONS: Final = 999
SEED: Final = 80
UNEVEN: Final = 1e-9  # spread of the coefficient below which all spend the same and floating point makes the rest


def gini(spend: NDArray[np.float64]) -> float:
    """Return the Gini coefficient: 0 where all spend the same, NaN without sales.

    Parameters
    ----------
    spend
        Per customer, 0 or more, shape (n,).

    References
    ----------
    G = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n for x_1 <= ... <= x_n, which equals the mean absolute difference over
    twice the mean (Sen 1973, On Economic Inequality, ch. 2; Damgaard and Weiner 2000, Ecology 81).
    """
    values = np.sort(spend)
    n, total = len(values), values.sum()
    if not total > 0:
        return float("nan")
    return float(2 * np.dot(np.arange(1, n + 1, dtype=float), values) / (n * total) - (n + 1) / n)


def gini_interval(
    spend: NDArray[np.float64], *, level: float = LEVEL, repetitions: int = REPETITIONS
) -> tuple[float, float]:
    """Return an interval for the Gini coefficient: bootstrap (BCa), or the jackknife's for many customers.

    Parameters
    ----------
    spend
        Per customer, 0 or more, shape (n,).
    level
        Confidence level.
    repetitions
        How often customers are drawn again.

    Returns
    -------
    low : float
        Lower end.
    high : float
        Upper end.  In simulations the two hold the truth nearly as often as they say, and nine times in ten where spend
        is very skewed (lognormal with sigma 1.2) and customers are a few hundred.  NaN with fewer than 30 customers,
        and where all spend the same or one spends everything.

    References
    ----------
    Efron (1987), Journal of the American Statistical Association 82, p. 171: bias-corrected and accelerated bootstrap.
    Yitzhaki (1991), Journal of Business and Economic Statistics 9, p. 235: the jackknife of the Gini in one pass;
    it agrees in large samples with the asymptotic variance of Davidson (2009), Journal of Econometrics 150, p. 30.
    """
    values = np.sort(spend)
    n = len(values)
    unknown = float("nan"), float("nan")
    if n < FEWEST or not values[:-1].sum() > 0:
        return unknown
    without = leave_one_out(values)
    distance = without.mean() - without
    squares = float(np.sum(distance**2))
    error = float(np.sqrt((n - 1) / n * squares))
    if error < UNEVEN:
        return unknown
    estimate = gini(values)
    if n > RESAMPLED:
        reach = NormalDist().inv_cdf((1 + level) / 2) * error
        return max(estimate - reach, 0.0), min(estimate + reach, 1.0)
    drawn = _resampled(values, repetitions)
    return _bca(drawn, estimate, float(np.sum(distance**3)) / (6 * squares**1.5), level)


def leave_one_out(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the coefficient without each customer in turn.

    Parameters
    ----------
    values
        Spend in ascending order, two of them above zero at least.
    """
    n = len(values)
    rank = np.arange(1, n + 1, dtype=float)
    running = np.cumsum(values)
    # Without the i-th, its own term goes and every larger one moves down a rank.
    ranked = np.dot(rank, values) - rank * values - (running[-1] - running)
    found: NDArray[np.float64] = 2 * ranked / ((n - 1) * (running[-1] - values)) - n / (n - 1)
    return found


def _resampled(values: NDArray[np.float64], repetitions: int) -> NDArray[np.float64]:
    """Return the coefficient of samples drawn from ``values``; those without sales are left out.

    A value drawn c times that ends at rank C holds the ranks C - c + 1 to C, whose sum is c (2 C - c + 1) / 2.
    """
    random = np.random.default_rng(SEED)
    n = len(values)
    found = np.empty(repetitions)
    for repetition in range(repetitions):
        count = np.bincount(random.integers(0, n, n), minlength=n)
        weighted = count * values
        twice_ranks = 2 * np.cumsum(count) - count + 1
        total = weighted.sum()
        found[repetition] = np.dot(weighted, twice_ranks) / (n * total) - (n + 1) / n if total > 0 else np.nan
    return found[np.isfinite(found)]


def _bca(drawn: NDArray[np.float64], estimate: float, acceleration: float, level: float) -> tuple[float, float]:
    """Return the quantiles of the draws, shifted for bias and skewness; Efron (1987), equation 3.9."""
    normal = NormalDist()
    below = (np.sum(drawn < estimate) + np.sum(drawn <= estimate)) / 2
    # At least half a draw on either side, so that the normal quantile exists.
    bias = normal.inv_cdf(min(max(float(below), 0.5), len(drawn) - 0.5) / len(drawn))
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        shifted = bias + normal.inv_cdf(tail)
        ends.append(normal.cdf(bias + shifted / (1 - acceleration * shifted)))
    low, high = np.quantile(drawn, ends)
    return float(low), float(high)
