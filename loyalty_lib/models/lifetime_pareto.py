"""Purchases of a customer who leaves at a moment of its own: the Pareto/NBD story from a customer alive now.

Everything here is about a customer known to be alive at time 0 whose purchase rate is Gamma(r, alpha) (shape, rate) and
whose rate of leaving is Gamma(s, beta), so that the remaining lifetime is Pareto of the second kind.  A new customer
has the fitted parameters.  A customer with x repeat purchases in T who is still alive has (r + x, alpha + T, s,
beta + T): the posterior factorises, so one set of functions serves both.

References
----------
Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33(1), 1-24.
Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions".
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import exprel, gammaln, xlogy

from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

RULES = (8, 12, 16, 20, 24, 32, 48, 64, 96, 128)  # nodes of the Gauss-Legendre rules to choose from
REACH = 40.0  # e^-40 of an integral is below the rounding of the rest
# Nodes that carry the integrals to twelve digits, found by trying: for an integrand that hardly changes; for each root
# of the number of powers of e by which it falls; for each unit of log(c + y), whose nearest singularity is pi away; for
# each power of y; and instead of these for a smooth peak with e^-REACH on both sides.
LEAST_NODES, NODES_PER_ROOT, NODES_PER_WIDTH, NODES_PER_POWER, NODES_OF_A_PEAK = 6.0, 3.0, 2.3, 0.75, 42.0
FEW = 24  # purchases; up to so many, a polynomial's rise from nothing needs fewer nodes than a peak
HALVINGS_BELOW = 10  # to the edge of a peak: below it, widths are a share of the peak's place;
HALVINGS_ABOVE = 40  # above it, a share of nothing known
LARGE = 40.0  # from here on three terms of Stirling's series carry all digits
CHUNK = 65_536  # integrals in one go; bounds memory at about 10 MB


def expected_purchases(r: ArrayLike, alpha: ArrayLike, s: ArrayLike, beta: ArrayLike, horizon: ArrayLike) -> Floats:
    """Return the expected number of purchases up to ``horizon``.

    Parameters
    ----------
    r, alpha, s, beta, horizon
        Broadcast against each other; ``alpha``, ``beta`` and ``horizon`` in the same time unit.  All are positive, the
        horizon may be zero.

    Returns
    -------
    ndarray
        Of the broadcast shape.

    Notes
    -----
    Mean rate times mean time alive.  The latter, beta / (s - 1) (1 - (beta / (beta + t))^(s - 1)), is 0/0 at s = 1;
    with L = log(1 + t / beta) it is beta L exprel((1 - s) L), where exprel(z) = (e^z - 1) / z.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005).
    """
    rate = np.asarray(r, dtype=float) / np.asarray(alpha, dtype=float)
    past = np.asarray(beta, dtype=float)
    length = np.log1p(np.asarray(horizon, dtype=float) / past)
    return np.asarray(rate * past * length * exprel((1 - np.asarray(s, dtype=float)) * length))


def probability_of(
    n: ArrayLike, r: ArrayLike, alpha: ArrayLike, s: ArrayLike, beta: ArrayLike, horizon: ArrayLike
) -> Floats:
    """Return the probability of exactly ``n`` purchases up to ``horizon``.

    Parameters
    ----------
    n
        Whole and non-negative.
    r, alpha, s, beta, horizon
        As in ``expected_purchases``; all broadcast against each other.

    Returns
    -------
    ndarray
        Of the broadcast shape.

    Notes
    -----
    The number of purchases up to y is negative binomial; the probability is its average over the moment of leaving, or
    t where that is earlier.  Every term is positive, where the closed form subtracts series.

    References
    ----------
    Fader & Hardie (2006), "Deriving an Expression for P(X(t) = x) Under the Pareto/NBD Model".
    """
    arrays = np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in (n, r, alpha, s, beta, horizon)))
    flat = [each.ravel() for each in arrays]
    found = np.empty(flat[0].shape)
    for start in range(0, len(found), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = _probability_of(*(each[part] for each in flat))
    return found.reshape(arrays[0].shape)


def _probability_of(n: Floats, r: Floats, alpha: Floats, s: Floats, beta: Floats, t: Floats) -> Floats:
    log_ways = _log_rising(r, n) - gammaln(n + 1)
    found = np.exp(log_ways + _log_count(t, n, r, alpha) - s * np.log1p(t / beta))
    story = np.stack([n, r, alpha, s, beta, log_ways + np.log(s * np.minimum(alpha, beta) / beta)])
    low, high, needed = _where_left(story, t)
    for rows, nodes, weights in rules(needed):
        part, begin, width = story[:, rows], low[rows], (high - low)[rows]
        for node, weight in zip(nodes, weights, strict=True):
            found[rows] += weight * width * np.exp(_log_density(begin + node * width, part))
    return found


def _where_left(story: NDArray[np.float64], t: Floats) -> tuple[Floats, Floats, Floats]:
    """Range of w in [0, log(1 + t / c)] outside of which the density of leaving is negligible, and the nodes it needs.

    The density's logarithm is concave in w, and its slope times y (alpha + y) (beta + y) / (c + y) is a quadratic in y.
    """
    n, r, alpha, s, beta, _ = story
    c = np.minimum(alpha, beta)
    linear = (n - s) * alpha - r * beta + np.maximum(beta - alpha, 0)
    root = np.sqrt(linear**2 + 4 * (r + s) * n * alpha * beta)
    # Of the two forms of the solution the one that does not cancel.
    falling = 2 * n * alpha * beta / np.where((linear > 0) | (root == 0), 1, root - linear)
    y = np.where(linear > 0, (linear + root) / (2 * (r + s)), falling)
    end = np.log1p(t / c)
    peak = np.minimum(np.log1p(y / c), end)
    highest = _log_density(peak, story)
    low = np.zeros_like(end)
    many = np.flatnonzero(n > FEW)
    low[many] = _edge(story[:, many], highest[many] - REACH, peak[many], low[many], HALVINGS_BELOW)
    high = _edge(story, highest - REACH, peak, end, HALVINGS_ABOVE)
    possible = np.isfinite(highest)  # it is not where purchases are asked for and no time has passed
    fall = np.subtract(highest, _log_density(high, story), out=np.zeros_like(end), where=possible)
    smooth = LEAST_NODES + NODES_PER_ROOT * np.sqrt(np.maximum(fall, 0)) + NODES_PER_POWER * n
    return low, high, np.minimum(smooth, NODES_OF_A_PEAK) + NODES_PER_WIDTH * (high - low)


def _edge(story: NDArray[np.float64], least: Floats, inside: Floats, outside: Floats, halvings: int) -> Floats:
    """Return a point between ``inside`` and ``outside`` just beyond where the log-density falls below ``least``."""
    found = outside.copy()
    beyond = np.flatnonzero(_log_density(outside, story) < least)
    if not beyond.size:
        return found
    story, least, inside, outside = story[:, beyond], least[beyond], inside[beyond], outside[beyond]
    for _ in range(halvings):
        middle = (inside + outside) / 2
        within = _log_density(middle, story) >= least
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    found[beyond] = outside
    return found


def _log_density(w: Floats, story: NDArray[np.float64]) -> Floats:
    """Log-density of leaving at y = c (e^w - 1), c = min(alpha, beta), after n purchases; with respect to w."""
    n, r, alpha, s, beta, log_unit = story
    y = np.minimum(alpha, beta) * np.expm1(w)
    return np.asarray(_log_count(y, n, r, alpha) + log_unit + w - (s + 1) * np.log1p(y / beta))


def _log_count(y: Floats, n: Floats, r: Floats, alpha: Floats) -> Floats:
    """Log-probability of n purchases up to y of a customer who stays, but for the factor without y."""
    return np.asarray(xlogy(n, y / (alpha + y)) - r * np.log1p(y / alpha))


def _log_rising(r: Floats, n: Floats) -> Floats:
    """Return log G(r + n) / G(r); from Stirling's series where the difference of two logarithms loses digits."""
    large = np.maximum(r, LARGE)
    by_series = (large - 0.5) * np.log1p(n / large) + n * (np.log(large + n) - 1)
    by_series += _stirling_rest(large + n) - _stirling_rest(large)
    return np.asarray(np.where(r < LARGE, gammaln(r + n) - gammaln(r), by_series))


def _stirling_rest(z: Floats) -> Floats:
    """Return log G(z) - ((z - 1/2) log z - z + log(2 pi) / 2), to rounding for z >= LARGE."""
    return np.asarray((1 / 12 - (1 / 360 - 1 / (1260 * z**2)) / z**2) / z)


def rules(needed: Floats) -> Iterator[tuple[Codes, Floats, Floats]]:
    """Choose a Gauss-Legendre rule on [0, 1] for each of many integrals.

    Parameters
    ----------
    needed
        Shape (h,): nodes each integral needs; beyond the largest rule that one has to do.

    Yields
    ------
    rows, nodes, weights
        The integrals a rule is for, and the rule.
    """
    choice = np.minimum(np.searchsorted(RULES, needed), len(RULES) - 1)
    for index in np.unique(choice).tolist():
        nodes, weights = _rule(RULES[index])
        yield np.flatnonzero(choice == index), nodes, weights


@cache
def _rule(size: int) -> tuple[Floats, Floats]:
    # NumPy's rule: the weights of SciPy's are good to 1e-12 only near the ends
    nodes, weights = np.polynomial.legendre.leggauss(size)
    return np.asarray((nodes + 1) / 2), np.asarray(weights / weights.sum())


def simulate(
    r: ArrayLike,
    alpha: ArrayLike,
    s: ArrayLike,
    beta: ArrayLike,
    horizon: ArrayLike,
    generator: np.random.Generator,
) -> tuple[Codes, NDArray[np.bool_]]:
    """Draw purchases up to ``horizon``.

    Parameters
    ----------
    r, alpha, s, beta, horizon
        As in ``expected_purchases``.
    generator
        Source of randomness.

    Returns
    -------
    made, stayed
        Of the broadcast shape each: purchases made, and who is still there.

    Notes
    -----
    Averaged over its rate of leaving, a lifetime y is such that s log(1 + y / beta) is a standard exponential.
    """
    each = (np.asarray(value, dtype=float) for value in (r, alpha, s, beta, horizon))
    shape, past_rate, leaving, past, ahead = np.broadcast_arrays(*each)
    end = np.log1p(ahead / past)
    lifetime = generator.standard_exponential(shape.shape) / leaving
    stayed = np.asarray(lifetime >= end)
    active = np.where(stayed, ahead, past * np.expm1(np.minimum(lifetime, end)))
    return generator.poisson(generator.standard_gamma(shape) / past_rate * active), stayed
