"""The Gamma-Gamma log-likelihood with its gradient and exact Hessian.

References
----------
Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", equation 1a.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from loyalty_lib.models.histories import Floats, blocks
from loyalty_lib.models.optimise import Vector
from loyalty_lib.models.spends import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Likelihood:
    """The Gamma-Gamma log-likelihood of mean spends ``m`` over ``x`` purchases as a function of log-parameters.

    Parameters
    ----------
    x, m
        Shape (n,), positive, sorted by x.
    """

    def __init__(self, x: Floats, m: Floats) -> None:
        self.x, self.total = x, x * m
        starts, counts = runs(x)
        self.frequencies, self.counts = x[starts], counts.astype(float)
        self.customers = float(len(x))
        self.constant = -float(np.log(m).sum())
        # x log(x m), the coefficient of p that does not depend on the parameters
        self.log_totals = float((x * np.log(self.total)).sum())

    def __call__(self, log_params: Vector) -> tuple[float, Vector, NDArray[np.float64]]:
        """Value, gradient (3,) and Hessian (3, 3) in log p, log q, log v."""
        params = np.exp(log_params)
        value, gradient, hessian = self._natural(*params.tolist())
        slope = params * gradient
        return value, slope, np.outer(params, params) * hessian + np.diag(slope)

    def _natural(self, p: float, q: float, v: float) -> tuple[float, Vector, NDArray[np.float64]]:
        n, k, counts = self.customers, self.frequencies, self.counts
        shape, inner = p * k + q, p * k
        (logs, inverses, squares), (x_logs, x_inverses, x_squares) = self._sums(v)
        value = (
            counts @ (gammaln(shape) - gammaln(inner))
            - n * float(gammaln(q))
            + n * q * math.log(v)
            + p * self.log_totals
            + self.constant
            - (p * x_logs + q * logs)
        )
        gradient = np.array(
            [
                counts @ (k * (digamma(shape) - digamma(inner))) + self.log_totals - x_logs,
                counts @ digamma(shape) - n * float(digamma(q)) + n * math.log(v) - logs,
                n * q / v - (p * x_inverses + q * inverses),
            ]
        )
        curve = polygamma(1, shape)
        pp = counts @ (k**2 * (curve - polygamma(1, inner)))
        pq = counts @ (k * curve)
        qq = counts @ curve - n * float(polygamma(1, q))
        pv = -x_inverses
        qv = n / v - inverses
        vv = -n * q / v**2 + p * x_squares + q * squares
        return float(value), gradient, np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])

    def _sums(self, v: float) -> tuple[list[float], list[float]]:
        """Sum the logarithm, the inverse and the squared inverse of v + x m; plain, and weighted by x."""
        plain, by_x = np.zeros(3), np.zeros(3)
        for part in blocks(len(self.x)):
            past = v + self.total[part]
            inverse = 1 / past
            terms = np.stack([np.log(past), inverse, inverse**2])
            plain += terms.sum(axis=1)
            by_x += terms @ self.x[part]
        return plain.tolist(), by_x.tolist()
