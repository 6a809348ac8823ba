"""The log-likelihood of Pareto/NBD, whose customers may leave at any moment, and P(alive) under it.

Takes histories, returns value, gradient and exact Hessian at a point of log-parameters.  A customer either is alive at
T or left at some y between the last purchase t_x and T; the likelihood is a sum over both,

    G(r + x) / G(r) alpha^r beta^s [(alpha + T)^-(r + x) (beta + T)^-s
                                    + s integral from t_x to T of (alpha + y)^-(r + x) (beta + y)^-(s + 1) dy].

The integral is evaluated as it stands: its integrand is smooth and positive, in log(c + y), c = min(alpha, beta), it
is analytic within a distance of pi, so a few Gauss nodes carry it to rounding, and derivatives pass under it.  Nothing
is subtracted, alpha = beta is no special case, and everything is relative to the integrand at t_x, so nothing overflows
however often a customer bought.

References
----------
Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33(1), 1-24.
Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from loyalty_lib.models.histories import Codes, Floats, Histories
from loyalty_lib.models.lifetime_pareto import NODES_PER_WIDTH, REACH, rules
from loyalty_lib.models.optimise import Vector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

CHUNK = 8_192  # histories in one go: few enough for the processor's cache, enough to keep it busy
LEAST_NODES = 4.0  # nodes for an integrand that hardly changes,
NODES_PER_ROOT = 2.5  # and for each root of the number of powers of e by which it falls; both for 13 digits
LEAST = 1e-9  # of a divisor
UPPER = tuple((i, j) for i in range(4) for j in range(i, 4))  # of a symmetric 4 x 4 matrix


class Likelihood:
    """The log-likelihood of distinct histories as a function of log r, log alpha, log s, log beta.

    Parameters
    ----------
    histories
        As compressed.
    scale
        Times are divided by it; the log-likelihood is that of the scaled times.

    Notes
    -----
    Frequencies are whole numbers, so the gamma functions are sums of log(r + j): they need the number of customers with
    more than j repeat purchases, and neither cancel nor overflow.
    """

    def __init__(self, histories: Histories, scale: float) -> None:
        self.counts = histories.counts.astype(float)
        self.x = histories.x.astype(float)
        self.last = histories.tx / scale
        self.age = histories.T / scale
        by_frequency = np.bincount(histories.x, weights=self.counts)
        self.beyond = (self.counts.sum() - np.cumsum(by_frequency))[:-1]
        self.j = np.arange(len(self.beyond), dtype=float)

    def __call__(self, log_params: Vector) -> tuple[float, Vector, NDArray[np.float64]]:
        """Value, gradient (4,) and Hessian (4, 4) in log r, log alpha, log s, log beta."""
        r, alpha, s, beta = np.exp(log_params).tolist()
        share = r / (r + self.j)
        value = float(self.beyond @ np.log(r + self.j))
        gradient = np.array([self.beyond @ share, 0.0, 0.0, 0.0])
        hessian = np.zeros((4, 4))
        hessian[0, 0] = self.beyond @ (share * (1 - share))
        for start in range(0, len(self.x), CHUNK):
            part = slice(start, start + CHUNK)
            terms = terms_of(r, alpha, s, beta, self.x[part], self.last[part], self.age[part])
            value += float(terms.value @ self.counts[part])
            gradient += terms.slope @ self.counts[part]
            hessian += terms.curvature @ self.counts[part]
        return value, gradient, hessian


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """Log-likelihoods of histories, without log G(r + x) / G(r), and their derivatives.

    Attributes
    ----------
    value
        Shape (h,).
    slope
        Shape (4, h): in log r, log alpha, log s, log beta.
    curvature
        Shape (4, 4, h).
    """

    value: Floats
    slope: Floats
    curvature: Floats


def terms_of(
    r: ArrayLike, alpha: ArrayLike, s: ArrayLike, beta: ArrayLike, x: ArrayLike, tx: ArrayLike, age: ArrayLike
) -> Terms:
    """Evaluate the log-likelihood history by history.

    Parameters
    ----------
    r, alpha, s, beta
        Positive; one number, or one a history, shape (h,).
    x, tx, age
        Histories, shape (h,), in alpha's and beta's time unit.

    Returns
    -------
    Terms
        Value and derivatives.

    Notes
    -----
    The likelihood is a sum of e^u over the ways the history may have come about: alive at T, or gone at a node of the
    quadrature.  With the mean over those ways, each weighted by its share of the sum, the gradient is the mean of u',
    and the Hessian the mean of u'' plus the covariance of u'.
    """
    silence = _Silence.of(r, alpha, s, beta, x, tx, age)
    moments = _moments_of(silence, silence.outlasted())
    for rows, part, ways in silence.broken():
        sums = np.zeros((len(moments), len(rows)))
        for way in ways:
            sums += _moments_of(part, way)
        moments[:, rows] += sums
    return _terms_from(silence, moments)


def _moments_of(silence: _Silence, way: _Way) -> Floats:
    """Weighted 1, gone, p, q, the bends of u, its four slopes, and their ten products; shape (20, h).

    The slopes are relative to those at the last purchase, but for log beta, so that little is lost when their products
    become a covariance.
    """
    weight, a, b, gap, gone = way
    at = silence.last + gap
    rate, death = silence.alpha + at, silence.beta + at
    p, q = at / rate, at / death
    bought, leaving = silence.r + silence.x, silence.s + gone
    found = np.empty((10 + len(UPPER), len(gap)))
    found[0] = 1.0
    found[1] = gone
    found[2] = p
    found[3] = q
    found[4] = bought * p * silence.alpha / rate
    found[5] = leaving * q * silence.beta / death
    found[6] = -silence.r * a
    found[7] = bought * silence.alpha * gap / (silence.past_rate * rate)
    found[8] = gone - silence.s * b
    found[9] = leaving * q - gone
    for row, (i, j) in enumerate(UPPER, 10):
        np.multiply(found[6 + i], found[6 + j], out=found[row])
    found *= weight
    return found


def _terms_from(silence: _Silence, moments: Floats) -> Terms:
    r, alpha, s, beta, x, last = silence.r, silence.alpha, silence.s, silence.beta, silence.x, silence.last
    total = moments[0]
    means = moments / total
    gone, p, q, bend_of_p, bend_of_q = means[1:6]
    first = means[6:10]
    stayed, outlived = -r * np.log1p(last / alpha), -s * np.log1p(last / beta)
    value = stayed + outlived - x * np.log(silence.past_rate) + np.log(total)
    slope = first.copy()
    slope[0] += stayed
    slope[1] += (r * last - x * alpha) / silence.past_rate
    slope[2] += outlived
    curvature = np.empty((4, 4, len(total)))
    for (i, j), second in zip(UPPER, means[10:], strict=True):
        curvature[i, j] = curvature[j, i] = second - first[i] * first[j]
    curvature[0, 0] += slope[0]
    curvature[0, 1] += r * p
    curvature[1, 0] += r * p
    curvature[1, 1] -= bend_of_p
    curvature[2, 2] += slope[2] - gone
    curvature[2, 3] += s * q
    curvature[3, 2] += s * q
    curvature[3, 3] -= bend_of_q
    return Terms(value=value, slope=slope, curvature=curvature)


def probability_alive(
    r: ArrayLike, alpha: ArrayLike, s: ArrayLike, beta: ArrayLike, x: ArrayLike, tx: ArrayLike, age: ArrayLike
) -> Floats:
    """Return the probability that customers are alive at ``age``.

    Parameters
    ----------
    r, alpha, s, beta, x, tx, age
        As in ``terms_of``.

    Returns
    -------
    ndarray
        Shape (h,).

    References
    ----------
    Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005).
    """
    arrays = np.broadcast_arrays(*(np.atleast_1d(each) for each in (r, alpha, s, beta, x, tx, age)))
    alive = np.empty(arrays[0].shape)
    for start in range(0, len(alive), CHUNK):
        part = slice(start, start + CHUNK)
        alive[part] = _probability_alive(_Silence.of(*(each[part] for each in arrays)))
    return alive


def _probability_alive(silence: _Silence) -> Floats:
    still = silence.outlasted().weight
    left = np.zeros_like(still)
    for rows, _, ways in silence.broken():
        left[rows] = sum(way.weight for way in ways)
    return np.asarray(still / (still + left))


class _Way(NamedTuple):
    """One way in which silences may have come about: the customer left at y, or is still there at y = T."""

    weight: Floats  # its likelihood, relative to that of leaving or staying at t_x
    a: Floats  # log((alpha + y) / (alpha + t_x))
    b: Floats  # log((beta + y) / (beta + t_x))
    gap: Floats  # y - t_x
    gone: float  # 1 where the customer left, 0 where not


class _Silence:
    """The time since the last purchase, in which a customer left or did not; all arrays of shape (h,)."""

    def __init__(self, stack: NDArray[np.float64]) -> None:
        self.stack = stack
        self.r, self.alpha, self.s, self.beta, self.x, self.last, age = stack
        self.gap = age - self.last
        self.past_rate, self.past_death = self.alpha + self.last, self.beta + self.last

    @classmethod
    def of(cls, *arrays: ArrayLike) -> _Silence:
        """Broadcast r, alpha, s, beta, x, t_x and T."""
        return cls(np.stack(np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, dtype=float)) for each in arrays))))

    def outlasted(self) -> _Way:
        """Return the way of those who are still there."""
        a, b = np.log1p(self.gap / self.past_rate), np.log1p(self.gap / self.past_death)
        return _Way(np.exp(-(self.r + self.x) * a - self.s * b), a, b, self.gap, 0.0)

    def broken(self) -> Iterator[tuple[Codes, _Silence, Iterator[_Way]]]:
        """Yield histories that need equally many nodes, and for each node the way of those who left there.

        The integral ends at T, or where all that follows is less than e^-REACH of it.
        """
        bought = self.r + self.x
        a = np.minimum(np.log1p(self.gap / self.past_rate), REACH / np.maximum(bought - 1, LEAST))
        b = np.minimum(np.log1p(self.gap / self.past_death), REACH / self.s)
        reach = np.minimum(self.past_rate * np.expm1(a), self.past_death * np.expm1(b))
        width = np.log1p(reach / np.minimum(self.past_rate, self.past_death))
        fall = bought * a + (self.s + 1) * b
        for rows, nodes, weights in rules(LEAST_NODES + NODES_PER_ROOT * np.sqrt(fall) + NODES_PER_WIDTH * width):
            part = _Silence(self.stack[:, rows])
            yield rows, part, part.ways_out(width[rows], nodes, weights)

    def ways_out(self, width: Floats, nodes: Floats, weights: Floats) -> Iterator[_Way]:
        """Yield the way of those who left at each node; w = log((c + y) / (c + t_x)) is spread over ``width``."""
        near = np.minimum(self.past_rate, self.past_death)  # c + t_x, and dy = (c + t_x) e^w dw
        unit = self.s * width * near / self.past_death
        for node, weight in zip(nodes, weights, strict=True):
            w = node * width
            gap = near * np.expm1(w)
            a, b = np.log1p(gap / self.past_rate), np.log1p(gap / self.past_death)
            yield _Way(weight * unit * np.exp(w - (self.r + self.x) * a - (self.s + 1) * b), a, b, gap, 1.0)
