"""How much repeat buyers spend, and how far that goes with how often they buy.

Takes frequencies and mean spends, returns them sorted with their correlations.  Knows no model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from loyalty_lib.models.histories import Codes, Floats, where_changed


@dataclass(frozen=True, eq=False, kw_only=True)
class Spends:
    """Frequencies and mean spends, and how far the two go together.

    Attributes
    ----------
    x, m
        Shape (n,), sorted by x, then m, so that no sum depends on the order of the customers.
    ranks
        Shape (n,): those of m, shared where spends are equal.
    """

    x: Floats
    m: Floats
    ranks: Floats

    @classmethod
    def of(cls, x: Floats, m: Floats) -> Spends:
        """Sort ``x`` and ``m``, shape (n,), n > 0.

        By spend first, which gives the ranks; then by frequency, a short whole number that NumPy sorts digit by digit.
        """
        by_spend = np.argsort(m)
        ranks = _ranks(m[by_spend])
        short = x[by_spend].astype(np.min_scalar_type(int(x.max())))
        by_frequency = np.argsort(short, kind="stable")
        order = by_spend[by_frequency]
        return cls(x=x[order], m=m[order], ranks=ranks[by_frequency])

    def spearman(self) -> float:
        """Correlation of the ranks; NaN where one of them does not vary."""
        return _correlation(_ranks(self.x), self.ranks)

    def pearson(self) -> float:
        """Correlation of the values; NaN where one of them does not vary."""
        return _correlation(self.x, self.m)

    def eta_squared(self) -> float:
        """Variance of the group means (by frequency) over the whole variance; NaN where spend does not vary."""
        starts, counts = runs(self.x)
        deviation = self.m - self.m.mean()
        whole = float((deviation**2).sum())
        between = np.add.reduceat(deviation, starts) ** 2 / counts
        return float(between.sum()) / whole if whole > 0 else math.nan


def runs(ascending: Floats) -> tuple[Codes, Codes]:
    """Return where each distinct value begins, and how often it occurs."""
    starts = np.flatnonzero(where_changed(ascending))
    return starts, np.diff(starts, append=len(ascending))


def _ranks(ascending: Floats) -> Floats:
    starts, counts = runs(ascending)
    return np.repeat(starts + (counts + 1) / 2, counts)


def _correlation(x: Floats, y: Floats) -> float:
    x, y = x - x.mean(), y - y.mean()
    norm = math.sqrt(float((x**2).sum()) * float((y**2).sum()))
    return float((x * y).sum()) / norm if norm > 0 else math.nan
