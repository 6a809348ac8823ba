"""The log-likelihood of BG/NBD and MBG/NBD, whose customers may leave after a purchase.

Takes distinct histories, returns value, gradient and exact Hessian at a point of log-parameters.  The two models differ
in one thing: how often a customer with x repeat purchases has had the chance to leave and stayed, x times under BG/NBD,
x + 1 times under MBG/NBD.

References
----------
Fader, Hardie & Lee (2005), equation 6; Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of
models for customer base analysis", International Journal of Research in Marketing 24, equation 2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_lib.models.histories import Floats, Histories, blocks, where_changed
from loyalty_lib.models.optimise import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Likelihood:
    """The log-likelihood of distinct histories as a function of log r, log alpha, log a, log b.

    Parameters
    ----------
    histories
        As compressed.
    scale
        Times are divided by it; the log-likelihood is that of the scaled times.
    coin_first
        Whether a customer may leave right after the first purchase (MBG/NBD), not only after repeat purchases
        (BG/NBD).

    Notes
    -----
    With u the log-probability weight of being alive and w that of having left, a customer's term is
    log(e^u + e^w) = u + log(1 + e^d), d = w - u.  Frequencies are whole numbers, so the gamma functions of the
    likelihood are sums of log(z + j): they need the number of customers with more than j repeat purchases (or chances
    to leave), and neither cancel nor overflow.  Only d is needed history by history, and only for customers who may
    have left.
    """

    def __init__(self, histories: Histories, scale: float, *, coin_first: bool = False) -> None:
        counts = histories.counts.astype(float)
        by_frequency = np.bincount(histories.x, weights=counts)
        self.beyond = (counts.sum() - np.cumsum(by_frequency))[:-1]
        self.j = np.arange(len(self.beyond), dtype=float)
        self.stayed = np.append(counts.sum(), self.beyond) if coin_first else self.beyond
        self.k = np.arange(len(self.stayed), dtype=float)
        new_age = where_changed(histories.T)  # histories are sorted by T
        age_codes = np.cumsum(new_age) - 1
        self.ages = histories.T[new_age] / scale
        self.of_age = np.bincount(age_codes, weights=counts)
        self.bought_at_age = np.bincount(age_codes, weights=counts * histories.x)
        may_have_left = histories.x >= (0 if coin_first else 1)
        self.x = histories.x[may_have_left]
        # By frequency: the chances to leave that were not taken by a customer who has left.
        self.passed = np.maximum(np.arange(len(by_frequency)) + (0 if coin_first else -1), 0)
        self.weights = counts[may_have_left]
        self.age_codes = age_codes[may_have_left]
        self.last_codes, last = pd.factorize(histories.tx[may_have_left])
        self.last = np.asarray(last) / scale

    def __call__(self, log_params: Vector) -> tuple[float, Vector, NDArray[np.float64]]:
        """Value, gradient (4,) and Hessian (4, 4) in log r, log alpha, log a, log b."""
        params = np.exp(log_params)
        value, gradient, hessian = self._natural(*params.tolist())
        slope = params * gradient
        return value, slope, np.outer(params, params) * hessian + np.diag(slope)

    def _natural(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector, NDArray[np.float64]]:
        age, last, passed = _Elapsed(self.ages, alpha), _Elapsed(self.last, alpha), b + self.passed
        value, gradient, hessian = self._without_leaving(r, alpha, a, b, age)
        start = math.log(a) - np.log(passed)
        for part in blocks(len(self.x)):
            x, weights, at_age, at_last = (
                values[part] for values in (self.x, self.weights, self.age_codes, self.last_codes)
            )
            log_gap = age.log[at_age] - last.log[at_last]
            gap = last.inverse[at_last] - age.inverse[at_age]
            gap_of_squares = last.square[at_last] - age.square[at_age]
            bought, inverse = r + x, (1 / passed)[x]
            log_sum, left = _log_sum_and_share(start[x] + bought * log_gap)
            weight = weights * left
            slopes = np.stack([log_gap, bought * gap, np.full_like(gap, 1 / a), -inverse])
            value += float(weights @ log_sum)
            gradient += slopes @ weight
            hessian += (slopes * (weight * (1 - left))) @ slopes.T
            hessian[0, 1] += weight @ gap
            hessian[1, 1] -= weight @ (bought * gap_of_squares)
            hessian[2, 2] -= weight.sum() / a**2
            hessian[3, 3] += weight @ inverse**2
        hessian[1, 0] = hessian[0, 1]
        return value, gradient, hessian

    def _without_leaving(
        self, r: float, alpha: float, a: float, b: float, age: _Elapsed
    ) -> tuple[float, Vector, NDArray[np.float64]]:
        """Everything but log(1 + e^d)."""
        beyond, j, stayed, k = self.beyond, self.j, self.stayed, self.k
        past, bought = alpha + self.ages, self.bought_at_age
        value = beyond @ np.log(r + j) + stayed @ (np.log(b + k) - np.log(a + b + k))
        value -= r * (self.of_age @ age.log) + bought @ np.log(past)
        apart, together = stayed @ (1 / (b + k)), stayed @ (1 / (a + b + k))
        gradient = np.array(
            [
                beyond @ (1 / (r + j)) - self.of_age @ age.log,
                r * (self.of_age @ age.inverse) - bought @ (1 / past),
                -together,
                apart - together,
            ]
        )
        together_squared = stayed @ (1 / (a + b + k) ** 2)
        hessian = np.zeros((4, 4))
        hessian[0, 0] = -(beyond @ (1 / (r + j) ** 2))
        hessian[0, 1] = hessian[1, 0] = self.of_age @ age.inverse
        hessian[1, 1] = bought @ (1 / past**2) - r * (self.of_age @ age.square)
        hessian[2:, 2:] = together_squared
        hessian[3, 3] -= stayed @ (1 / (b + k) ** 2)
        return float(value), gradient, hessian


def _log_sum_and_share(d: Floats) -> tuple[Floats, Floats]:
    """Return log(1 + e^d) and e^d / (1 + e^d), both from one exponential that cannot overflow."""
    smaller = np.exp(-np.abs(d))
    return np.maximum(d, 0) + np.log1p(smaller), np.where(d > 0, 1, smaller) / (1 + smaller)


class _Elapsed:
    """Differences between alpha and alpha + t, shape of t, that keep their digits when alpha is huge.

    ``log`` is log(1 + t / alpha), ``inverse`` 1 / alpha - 1 / (alpha + t), ``square`` the same of the squares.
    """

    def __init__(self, t: Floats, alpha: float) -> None:
        self.log = np.log1p(t / alpha)
        self.inverse = t / (alpha * (alpha + t))
        self.square = self.inverse * (1 / alpha + 1 / (alpha + t))
