"""The Pareto/NBD model of repeat purchases.

Takes a summary (columns.SUMMARY), returns a frozen ``PNBDFit``.  A customer buys at a rate that is Gamma(r, alpha)
across customers and leaves, at any moment and unseen, at a rate that is Gamma(s, beta) across customers; one-time
buyers may have left too.

References
----------
Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33(1), 1-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from loyalty_lib.models import lifetime_pareto, pareto_likelihood
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import Codes, Floats
from loyalty_lib.models.maximum_likelihood import fit_by_maximum_likelihood

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NAMES = ("r", "alpha", "s", "beta")
# r, s, and beta as a share of the longest T, to start from; alpha follows from the mean purchase rate, a customer
# being active for about half of the time.  The likelihood of few customers often has a second summit, on which many
# leave at once (beta small): the later starts look for it.
SHAPES = ((0.5, 0.6, 0.3), (0.8, 0.5, 0.02), (2.0, 0.3, 0.1), (0.3, 0.05, 0.01), (50.0, 0.8, 0.05))
ACTIVE = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class PNBDFit(PurchaseFit):
    """A fitted Pareto/NBD model; parameters ``r``, ``alpha``, ``s``, ``beta``, alpha and beta in ``unit``.

    References
    ----------
    Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions"; of a customer with a
    history, its expressions for a new customer with the parameters of the posterior given alive.
    """

    model: ClassVar[str] = "Pareto/NBD"
    names: ClassVar[tuple[str, ...]] = NAMES
    times: ClassVar[frozenset[str]] = frozenset({"alpha", "beta"})

    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        r, alpha, s, beta = (params[name] for name in NAMES)
        return pareto_likelihood.probability_alive(r, alpha, s, beta, x, tx, age)

    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        r, alpha, s, beta = (params[name] for name in NAMES)
        return lifetime_pareto.expected_purchases(r + x, alpha + age, s, beta + age, horizon)

    def _probability_if_alive(
        self, params: Mapping[str, float], n: int | Codes, x: Codes, age: Floats, horizon: float | Floats
    ) -> Floats:
        r, alpha, s, beta = (params[name] for name in NAMES)
        return lifetime_pareto.probability_of(n, r + x, alpha + age, s, beta + age, horizon)

    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        r, alpha, s, beta = (params[name] for name in NAMES)
        return lifetime_pareto.simulate(r + x, alpha + age, s, beta + age, horizon, generator)[0]


def fit_pnbd(summary: pd.DataFrame, *, unit: str | None = None) -> PNBDFit:
    """Fit the Pareto/NBD model by maximum likelihood.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T``; times in ``summary.attrs["unit"]``.
    unit
        "D" or "W"; needed where the summary does not say.

    Returns
    -------
    PNBDFit
        Parameters in the summary's unit, with the log-likelihood of the data as given.  ``at_boundary`` where the
        data do not determine all parameters.

    Raises
    ------
    ModelError
        Where the summary holds no purchase histories the model could be fitted to, or where no maximum was found.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related
    Expressions".
    """
    return fit_by_maximum_likelihood(
        PNBDFit,
        summary,
        unit,
        likelihood=pareto_likelihood.Likelihood,
        starts=lambda rate: [(r, ACTIVE * r / rate, s, beta) for r, s, beta in SHAPES],
    )
