"""Purchases of a customer who drops out after each one with probability p: the BG/NBD story from a customer alive now.

Everything here is about a customer known to be alive at time 0 whose purchase rate is Gamma(r, alpha) (shape, rate) and
whose drop-out probability is Beta(a, b).  A new customer has the fitted parameters.  A customer with x repeat purchases
in T who is still alive has (r + x, alpha + T, a, b + x): the posterior factorises, so one set of functions serves both.

References
----------
Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2), equations 8 to 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import betainc, betaln, gammaln, hyp2f1, xlogy

from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NODES = 64
NEAR_ONE = 1e-3  # |a - 1| below which the closed form, 0/0 at a = 1, loses digits
STENCIL = 2e-3 * np.array([-2.0, -1.0, 1.0, 2.0])  # where a is moved to instead; both sides, away from 1
NEAR_POLE = 1e-6  # |a + b - 1| below which the hypergeometric function is next to its pole
LARGE_A = 50.0  # beyond these two the hypergeometric series loses its digits to cancellation or overflows
LARGE_R = 100.0
SELDOM = 1e-300  # smallest drop-out probability simulated: never, and its inverse is still a number


def expected_purchases(r: ArrayLike, alpha: ArrayLike, a: float, b: ArrayLike, horizon: ArrayLike) -> Floats:
    """Return the expected number of purchases up to ``horizon``.

    Parameters
    ----------
    r, alpha, a, b, horizon
        ``a`` is one number, the others broadcast against each other; ``alpha`` and ``horizon`` in the same time unit.
        All are positive, the horizon may be zero.

    Returns
    -------
    ndarray
        Of the broadcast shape.

    Notes
    -----
    Equation 9 of the paper after Euler's transformation of its 2F1, which keeps the series short and positive for
    frequent customers.  At a = 1 the closed form is 0/0 although the expectation is smooth in a: there it is
    interpolated between values on both sides.  Where the parameters are so large that the series fails (a maximum at
    the boundary), the drop-out probability has hardly any spread and a Gauss-Jacobi rule over it is exact to rounding.
    """
    rate, past, stay, ahead = np.broadcast_arrays(
        np.asarray(r, dtype=float),
        np.asarray(alpha, dtype=float),
        np.asarray(b, dtype=float),
        np.asarray(horizon, dtype=float),
    )
    expected = _near_closed_form(rate, past, a, stay, ahead)
    failed = ~np.isfinite(expected)
    if failed.any():
        expected[failed] = _by_quadrature(rate[failed], past[failed], a, stay[failed], ahead[failed])
    return expected


def _near_closed_form(r: Floats, alpha: Floats, a: float, b: Floats, t: Floats) -> Floats:
    if abs(a - 1) >= NEAR_ONE:
        return _closed_form(r, alpha, a, b, t)
    places = 1 + STENCIL
    expected = np.zeros(r.shape)
    for place in places:
        others = places[places != place]
        expected += np.prod((a - others) / (place - others)) * _closed_form(r, alpha, float(place), b, t)
    return expected


def _closed_form(r: Floats, alpha: Floats, a: float, b: Floats, t: Floats) -> Floats:
    """Equation 9, NaN where double precision cannot carry it."""
    c = a + b - 1
    z = t / (alpha + t)
    # Overflow and inf - inf mark the places where quadrature takes over; they are results here, not accidents.
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        found = c / (a - 1) * (1 - (1 - z) ** (a - 1) * hyp2f1(c - r, a - 1, c, z))
    lost = (a > LARGE_A) | (c - r < -LARGE_R) | (np.abs(c) < NEAR_POLE)
    return np.asarray(np.where(lost, np.nan, found))


def _by_quadrature(r: Floats, alpha: Floats, a: float, b: Floats, t: Floats) -> Floats:
    """Average (1 - (1 + p t / alpha)^-r) / p over p ~ Beta(a, b); flat arrays."""
    expected = np.empty(r.shape)
    for stay in np.unique(b):
        rows = b == stay
        p, weights = _beta_nodes(a, float(stay))
        reach = np.log1p(p * (t[rows] / alpha[rows])[:, None])
        expected[rows] = (weights * -np.expm1(-r[rows, None] * reach) / p).sum(axis=1)
    return expected


def _beta_nodes(a: float, b: float) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights (sum 1) of the Gauss rule for the Beta(a, b) density.

    References
    ----------
    Golub & Welsch (1969), "Calculation of Gauss Quadrature Rules", Mathematics of Computation 23.
    """
    k = np.arange(1, NODES, dtype=float)
    total = 2 * k + a + b - 2
    centre = np.empty(NODES)
    centre[0] = (a - b) / (a + b)
    centre[1:] = (a - b) * (a + b - 2) / (total * (total + 2))
    square = np.empty(NODES - 1)
    square[0] = 4 * a * b / ((a + b) ** 2 * (a + b + 1))
    k, total = k[1:], total[1:]
    square[1:] = 4 * k * (k + b - 1) * (k + a - 1) * (k + a + b - 2) / (total**2 * (total + 1) * (total - 1))
    off = np.sqrt(square)
    roots, vectors = eigh_tridiagonal(centre, off)
    return np.maximum((roots + 1) / 2, np.finfo(float).tiny), vectors[0] ** 2


def probability_of(n: ArrayLike, r: ArrayLike, alpha: ArrayLike, a: float, b: ArrayLike, horizon: ArrayLike) -> Floats:
    """Return the probability of exactly ``n`` purchases up to ``horizon``.

    Parameters
    ----------
    n
        Whole and non-negative.
    r, alpha, a, b, horizon
        As in ``expected_purchases``; all but ``a`` broadcast against each other.

    Returns
    -------
    ndarray
        Of the broadcast shape.

    References
    ----------
    Fader, Hardie & Lee (2005), equation 8; its finite sum is a regularised incomplete beta function, which does not
    cancel.
    """
    made, rate, past, stay, ahead = (np.asarray(each, dtype=float) for each in (n, r, alpha, b, horizon))
    z = ahead / (past + ahead)
    count = gammaln(rate + made) - gammaln(rate) - gammaln(made + 1) + rate * np.log1p(-z) + xlogy(made, z)
    survived = np.exp(betaln(a, stay + made) - betaln(a, stay) + count)
    last = np.maximum(made, 1)  # nobody leaves after no purchase
    left_at_n = np.exp(betaln(a + 1, stay + last - 1) - betaln(a, stay)) * betainc(last, rate, z)
    return np.asarray(survived + np.where(made > 0, left_at_n, 0.0))


def simulate(
    r: Floats, alpha: Floats, a: float, b: Floats, horizon: float | Floats, generator: np.random.Generator
) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Draw purchases up to ``horizon``.

    Parameters
    ----------
    r, alpha, a, b
        Shape (n,); ``a`` one number.
    horizon
        In alpha's time unit; one number, or shape (n,).
    generator
        Source of randomness.

    Returns
    -------
    made, would_make, stayed
        Shape (n,) each: purchases made, those there would have been without drop-out, and who is still there.
    """
    would_make = generator.negative_binomial(r, alpha / (alpha + horizon))
    leaving = np.clip(generator.beta(a, b), SELDOM, 1 - np.finfo(float).eps)
    # Geometric on 1, 2, ... by inversion in floats: numpy's integers overflow where p is tiny.
    last = 1 + np.floor(generator.standard_exponential(len(leaving)) / -np.log1p(-leaving))
    return np.minimum(would_make, last).astype(np.int64), would_make.astype(np.int64), would_make < last
