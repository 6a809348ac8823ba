"""Customers who behave exactly as the BG/NBD model says, for tests with a known truth.

Takes parameters, returns a summary (columns.SUMMARY without money).  Times are continuous.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from loyalty_lib.models import beta_geometric
from loyalty_lib.models.histories import Floats


def simulate_bgnbd(n: int, params: Mapping[str, float], T: float | Floats, seed: int, unit: str = "W") -> pd.DataFrame:  # noqa: N803 - the summary's column
    """Simulate ``n`` customers from their first purchase on.

    Parameters
    ----------
    n
        Customers.
    params
        ``r``, ``alpha``, ``a``, ``b``.
    T
        Time observed since the first purchase; one number, or shape (n,).
    seed
        Same seed, same customers.
    unit
        Of ``T`` and ``alpha``.

    Returns
    -------
    DataFrame
        Indexed by customer_id: ``frequency``, ``recency``, ``T``, and ``alive``, the truth a model has to guess.

    Notes
    -----
    Given their number, the purchases of a Poisson process are uniform on [0, T], so the k-th of n is T times a
    Beta(k, n - k + 1) variable: no purchase needs to be drawn one by one.
    """
    generator = np.random.default_rng(seed)
    r, alpha, b = (np.full(n, params[name]) for name in ("r", "alpha", "b"))
    age = np.broadcast_to(np.asarray(T, dtype=float), n)
    made, would_make, stayed = beta_geometric.simulate(r, alpha, params["a"], b, age, generator)
    bought = made > 0
    recency = np.zeros(n)
    recency[bought] = age[bought] * generator.beta(made[bought], would_make[bought] - made[bought] + 1)
    summary = pd.DataFrame(
        {"frequency": made, "recency": recency, "T": age, "alive": stayed},
        index=pd.Index([f"C{i:07d}" for i in range(n)], name="customer_id"),
    )
    summary.attrs["unit"] = unit
    return summary
