"""Who is simulated when a total is predicted: everybody in a small base, an even sample of a large one.

Takes a summary (columns.SUMMARY), returns a Sample that scales simulated outcomes up to everybody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loyalty_lib.models.histories import Codes, Floats, unit_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MAX_SIMULATED = 2_500  # customers simulated a draw; beyond, an even sample of them stands for all


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """Customers to simulate: all of a small base, an even sample of a large one.

    Attributes
    ----------
    customers
        Rows of the summary sorted by their values, so that a simulation does not depend on the order of the rows.
    positions
        Their places in the summary, shape (m,).
    share
        Of all customers.
    """

    customers: pd.DataFrame
    positions: Codes
    share: float

    @classmethod
    def of(cls, summary: pd.DataFrame, unit: str, most: int | None = None) -> Sample:
        """Sample a summary whose time unit is ``unit``: ``most`` customers, ``MAX_SIMULATED`` by default, or fewer."""
        most = MAX_SIMULATED if most is None else most
        unit_of(summary, unit)
        names = [name for name in ("monetary_value", "T", "recency", "frequency") if name in summary.columns]
        order = np.lexsort([summary[name].to_numpy(dtype=float) for name in names])
        if len(order) > most:
            # The middle of each of equal stretches: the ends would give the most frequent buyer the weight of many.
            order = order[((np.arange(most) + 0.5) * len(order) / most).astype(np.int64)]
        return cls(
            customers=summary.iloc[order],
            positions=order.astype(np.int64),
            share=len(order) / len(summary),
        )

    @property
    def is_everybody(self) -> bool:
        """Whether nobody was left out."""
        return self.share == 1

    def total(self, outcome: Floats | Codes, expected: Floats | None, known: NDArray[np.floating[Any]]) -> float:
        """Scale the sample's simulated outcome up to everybody.

        Parameters
        ----------
        outcome, expected
            Shape (m,): as simulated, and as expected under the same parameters (``None``: the sample is everybody).
        known
            Shape (n,): every customer's expected outcome at the estimate; ties the sample to the known total.

        Returns
        -------
        float
            The outcome's total.  The expected part is scaled by the known total; chance by the square root of the
            size, as sums of independent customers are.
        """
        if expected is None:
            return float(outcome.sum())
        sampled = float(known[self.positions].sum())
        scale = float(known.sum()) / sampled if sampled else 0.0
        return scale * float(expected.sum()) + float((outcome - expected).sum()) / math.sqrt(self.share)
