"""A weighted sum of expected purchases over many times, from the expectation at a few.

Takes times with weights and a function of time for each of many rows (customers' states), returns the sum of each row.
The expectation is smooth in time, so a Gauss rule for those very times and weights gives the sum at a quarter of the
cost or less.  Each row shows by itself whether the rule was good enough; where not, it is summed term by term.  No row
depends on another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np
from numpy.polynomial.chebyshev import chebvander

from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

Expected: TypeAlias = Callable[[Codes, Floats], Floats]  # rows (m,) and times (k,) to values (m, k)

NODES = 12
WORTH_IT = 2 * NODES  # times from which on a rule is cheaper than the sum
SETTLED = 1e-6  # largest last coefficient, to the first; the rule's error is of the order of its square
CHUNK = 65_536  # values in one go; bounds memory at about 50 MB


def total_over_times(expected: Expected, rows: int, times: Floats, weights: Floats, scale: float) -> Floats:
    """Sum ``weights[k] * expected(row, times[k])`` over k for every row.

    Parameters
    ----------
    expected
        Positions of rows, shape (m,), and times, shape (k,), to values, shape (m, k).
    rows
        Their number, n.
    times, weights
        Shape (k,); times ascending.
    scale
        The function of time may have singularities at ``-scale`` and below, on the real axis; in the times' unit.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    everybody = np.arange(rows)
    times, weights = times[weights != 0], weights[weights != 0]  # without discounting only the last one counts
    if len(times) < WORTH_IT or weights.min() < 0:
        return _term_by_term(expected, everybody, times, weights)
    rule = GaussRule.of(times, weights, scale)
    totals, settled = np.empty(rows), np.empty(rows, dtype=np.bool_)
    for part in _parts(everybody, NODES):
        totals[part], settled[part] = rule.apply(expected(part, rule.times))
    rest = everybody[~settled]
    totals[rest] = _term_by_term(expected, rest, times, weights)
    return totals


@dataclass(frozen=True, eq=False, kw_only=True)
class GaussRule:
    """A few times and weights that replace many.

    Attributes
    ----------
    times, weights
        Shape (NODES,).
    last
        Shape (2, NODES): values to their last two coefficients in the polynomials orthonormal under the weights, of
        which the first is the weighted mean.
    """

    times: Floats
    weights: Floats
    last: Floats

    @classmethod
    def of(cls, times: Floats, weights: Floats, scale: float) -> Self:
        """Find the rule that is exact for polynomials of degree 2 NODES - 1 in log(scale + t).

        On that scale an expectation that bends early and flattens later is close to a polynomial.

        References
        ----------
        Golub & Welsch (1969), "Calculation of Gauss Quadrature Rules", Mathematics of Computation 23.
        """
        logs = np.log1p(times / scale)
        middle, half = (logs[-1] + logs[0]) / 2, (logs[-1] - logs[0]) / 2
        place = (logs - middle) / half
        basis = np.linalg.qr(np.sqrt(weights)[:, None] * chebvander(place, NODES - 1)).Q
        nodes, vectors = np.linalg.eigh(basis.T @ (place[:, None] * basis))
        return cls(
            times=scale * np.expm1(middle + half * nodes),
            weights=weights.sum() * vectors[0] ** 2,
            last=vectors[-2:] * vectors[0],
        )

    def apply(self, values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the sums of ``values``, shape (m, NODES), and whether each can be relied upon; shape (m,) each."""
        totals = (values * self.weights).sum(axis=1)
        allowed = SETTLED / self.weights.sum() * np.abs(totals)
        settled = [np.abs((values * row).sum(axis=1)) <= allowed for row in self.last]
        return totals, np.logical_and(*settled)


def _term_by_term(expected: Expected, rows: Codes, times: Floats, weights: Floats) -> Floats:
    totals = [(expected(part, times) * weights).sum(axis=1) for part in _parts(rows, len(times))]
    return np.concatenate([*totals, np.empty(0)])


def _parts(rows: Codes, columns: int) -> list[Codes]:
    size = max(1, CHUNK // columns)
    return [rows[start : start + size] for start in range(0, len(rows), size)]
