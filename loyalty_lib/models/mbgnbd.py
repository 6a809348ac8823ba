"""The MBG/NBD model of repeat purchases.

Takes a summary (columns.SUMMARY), returns a frozen ``MBGNBDFit``.  The story of BG/NBD with one difference: a customer
may leave right after the first purchase too, so that the model tells how many one-time buyers are gone.

References
----------
Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24, 201-209; Hoppe & Wagner (2007), "Customer Base Analysis: The Case for
a Central Variant of the Betageometric/NBD Model", Marketing - Journal of Research and Management 3(2), 75-90.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import expit

from loyalty_lib.models import beta_geometric
from loyalty_lib.models.bgnbd import NAMES, SHAPES
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.geometric_likelihood import Likelihood
from loyalty_lib.models.histories import Codes, Floats
from loyalty_lib.models.maximum_likelihood import fit_by_maximum_likelihood

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class MBGNBDFit(PurchaseFit):
    """A fitted MBG/NBD model; parameters ``r``, ``alpha`` (in ``unit``), ``a``, ``b``.

    Given that a customer is active, the story goes on as under BG/NBD, with one more chance to leave passed.

    References
    ----------
    Batislam, Denizel & Filiztekin (2007), equations 3 and 4.
    """

    model: ClassVar[str] = "MBG/NBD"
    names: ClassVar[tuple[str, ...]] = NAMES
    times: ClassVar[frozenset[str]] = frozenset({"alpha"})

    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        odds = np.log(a) - np.log(b + x) + (r + x) * np.log((alpha + age) / (alpha + tx))
        return np.asarray(expit(-odds))

    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        return beta_geometric.expected_purchases(r + x, alpha + age, a, b + x + 1, horizon)

    def _probability_if_alive(
        self, params: Mapping[str, float], n: int | Codes, x: Codes, age: Floats, horizon: float | Floats
    ) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        return beta_geometric.probability_of(n, r + x, alpha + age, a, b + x + 1, horizon)

    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        r, alpha, a, b = (params[name] for name in NAMES)
        rate, past, stay = np.asarray(r + x), np.asarray(alpha + age), np.asarray(b + x + 1)
        return beta_geometric.simulate(rate, past, a, stay, horizon, generator)[0]


def fit_mbgnbd(summary: pd.DataFrame, *, unit: str | None = None) -> MBGNBDFit:
    """Fit the MBG/NBD model by maximum likelihood.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T``; times in ``summary.attrs["unit"]``.
    unit
        "D" or "W"; needed where the summary does not say.

    Returns
    -------
    MBGNBDFit
        Parameters in the summary's unit, with the log-likelihood of the data as given.  ``at_boundary`` where the
        data do not determine all parameters.

    Raises
    ------
    ModelError
        Where the summary holds no purchase histories the model could be fitted to, or where no maximum was found.

    References
    ----------
    Batislam, Denizel & Filiztekin (2007), equation 2.
    """
    return fit_by_maximum_likelihood(
        MBGNBDFit,
        summary,
        unit,
        likelihood=partial(Likelihood, coin_first=True),
        starts=lambda rate: [(r, r / rate, a, b) for r, a, b in SHAPES],
    )
