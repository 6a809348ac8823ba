"""The BG/NBD model of repeat purchases.

Takes a summary (columns.SUMMARY), returns a frozen ``BGNBDFit``.  A customer buys at a rate that is Gamma(r, alpha)
across customers and, after each repeat purchase, leaves for good with a probability that is Beta(a, b) across
customers.  The model lets nobody leave before the first repeat purchase: P(alive) of one-time buyers is 1 by
construction, which is no finding.

References
----------
Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24(2), 275-284.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import expit

from loyalty_lib.models import beta_geometric
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.geometric_likelihood import Likelihood
from loyalty_lib.models.histories import Codes, Floats
from loyalty_lib.models.maximum_likelihood import fit_by_maximum_likelihood

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("r", "alpha", "a", "b")
# r, a, b to start from; alpha follows from the mean rate.  The likelihood often has several maxima: any one start
# misses the highest for a few in a hundred of the shops of benchmarks/robust.py, all together for next to none.
SHAPES = ((0.5, 0.5, 2.5), (10.0, 0.05, 1.0), (2.0, 0.1, 0.1), (1.0, 50.0, 50.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class BGNBDFit(PurchaseFit):
    """A fitted BG/NBD model; parameters ``r``, ``alpha`` (in ``unit``), ``a``, ``b``.

    References
    ----------
    Fader, Hardie & Lee (2005), equations 8 to 10; of a customer with a history, equations 8 and 9 with the parameters
    of the posterior given alive.
    """

    model: ClassVar[str] = "BG/NBD"
    names: ClassVar[tuple[str, ...]] = NAMES
    times: ClassVar[frozenset[str]] = frozenset({"alpha"})
    identifies_one_time_buyers: ClassVar[bool] = False

    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        repeated = x > 0
        odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * np.log((alpha + age) / (alpha + tx))
        return np.where(repeated, expit(-odds), 1.0)

    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        return beta_geometric.expected_purchases(r + x, alpha + age, a, b + x, horizon)

    def _probability_if_alive(
        self, params: Mapping[str, float], n: int | Codes, x: Codes, age: Floats, horizon: float | Floats
    ) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        return beta_geometric.probability_of(n, r + x, alpha + age, a, b + x, horizon)

    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        r, alpha, a, b = (params[name] for name in NAMES)
        rate, past, stay = np.asarray(r + x), np.asarray(alpha + age), np.asarray(b + x)
        return beta_geometric.simulate(rate, past, a, stay, horizon, generator)[0]


def fit_bgnbd(summary: pd.DataFrame, *, unit: str | None = None) -> BGNBDFit:
    """Fit the BG/NBD model by maximum likelihood.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T``; times in ``summary.attrs["unit"]``.
    unit
        "D" or "W"; needed where the summary does not say.

    Returns
    -------
    BGNBDFit
        Parameters in the summary's unit, with the log-likelihood of the data as given.  ``at_boundary`` where the
        data do not determine all parameters.

    Raises
    ------
    ModelError
        Where the summary holds no purchase histories the model could be fitted to, or where no maximum was found.

    Notes
    -----
    Newton's method in log-parameters with analytic gradient and Hessian, on distinct histories; time is scaled by the
    longest T inside and scaled back.

    References
    ----------
    Fader, Hardie & Lee (2005), equation 6.
    """
    return fit_by_maximum_likelihood(
        BGNBDFit, summary, unit, likelihood=Likelihood, starts=lambda rate: [(r, r / rate, a, b) for r, a, b in SHAPES]
    )
