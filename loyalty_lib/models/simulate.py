"""Customers who behave exactly as a model says, for tests and benchmarks with a known truth.

Takes parameters, returns a summary (columns.SUMMARY) with the truth a model has to guess: ``alive`` at T and, where a
horizon is given, ``after``, the purchases that follow in it.  Times are continuous.  Nothing is drawn purchase by
purchase: given how many purchases of a Poisson process fall into a stretch of time, they are uniform on it, so that the
k-th of n is the stretch times a Beta(k, n - k + 1) variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from collections.abc import Mapping

SELDOM = 1e-300  # smallest probability of leaving simulated: never, and its inverse is still a number


def simulate_bgnbd(
    n: int,
    params: Mapping[str, float],
    T: float | Floats,  # noqa: N803 - the summary's column
    seed: int,
    unit: str = "W",
    horizon: float | None = None,
) -> pd.DataFrame:
    """Simulate ``n`` BG/NBD customers from their first purchase on.

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
        Of ``T``, ``alpha`` and ``horizon``.
    horizon
        How far the customers are followed beyond T; ``None`` for not at all.

    Returns
    -------
    DataFrame
        Indexed by customer_id: ``frequency``, ``recency``, ``T``, ``alive``; ``after`` where a horizon is given.
    """
    return _geometric(n, params, T, seed, unit, horizon, coin_first=False)


def simulate_mbgnbd(
    n: int,
    params: Mapping[str, float],
    T: float | Floats,  # noqa: N803 - the summary's column
    seed: int,
    unit: str = "W",
    horizon: float | None = None,
) -> pd.DataFrame:
    """Simulate ``n`` MBG/NBD customers, who may also leave right after the first purchase.

    Parameters
    ----------
    n, params, T, seed, unit, horizon
        As in ``simulate_bgnbd``.

    Returns
    -------
    DataFrame
        As ``simulate_bgnbd``'s.
    """
    return _geometric(n, params, T, seed, unit, horizon, coin_first=True)


def simulate_pnbd(
    n: int,
    params: Mapping[str, float],
    T: float | Floats,  # noqa: N803 - the summary's column
    seed: int,
    unit: str = "W",
    horizon: float | None = None,
) -> pd.DataFrame:
    """Simulate ``n`` Pareto/NBD customers, who may leave at any moment.

    Parameters
    ----------
    n
        Customers.
    params
        ``r``, ``alpha``, ``s``, ``beta``.
    T, seed, unit, horizon
        As in ``simulate_bgnbd``.

    Returns
    -------
    DataFrame
        As ``simulate_bgnbd``'s.
    """
    generator = np.random.default_rng(seed)
    rate = generator.gamma(params["r"], 1 / params["alpha"], n)
    with np.errstate(divide="ignore"):  # a rate of leaving that underflows to zero: never
        leaves_at = generator.exponential(1.0, n) / generator.gamma(params["s"], 1 / params["beta"], n)
    age = np.broadcast_to(np.asarray(T, dtype=float), n)
    stretch = np.minimum(age, leaves_at)
    made = generator.poisson(rate * stretch)
    recency = stretch * generator.beta(np.maximum(made, 1), 1.0)
    truth = {"alive": leaves_at > age}
    if horizon is not None:
        truth["after"] = generator.poisson(rate * np.clip(leaves_at - age, 0.0, horizon))
    return _summary(made, np.where(made > 0, recency, 0.0), age, truth, unit)


def simulate_spend(frequency: Codes, params: Mapping[str, float], seed: int) -> Floats:
    """Simulate mean spends as the Gamma-Gamma model says.

    Parameters
    ----------
    frequency
        Repeat purchases, shape (n,).
    params
        ``p``, ``q``, ``v``.
    seed
        Same seed, same spends.

    Returns
    -------
    ndarray
        Shape (n,): mean spend of the repeat purchases; NaN where there are none.
    """
    generator = np.random.default_rng(seed)
    scale = 1 / generator.gamma(params["q"], 1 / params["v"], len(frequency))
    x = np.maximum(frequency, 1)
    mean = generator.gamma(params["p"] * x) * scale / x
    return np.where(frequency > 0, mean, np.nan)


def _geometric(
    n: int,
    params: Mapping[str, float],
    T: float | Floats,  # noqa: N803 - the summary's column
    seed: int,
    unit: str,
    horizon: float | None,
    *,
    coin_first: bool,
) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    age = np.broadcast_to(np.asarray(T, dtype=float), n)
    rate = generator.gamma(params["r"], 1 / params["alpha"], n)
    leaving = np.clip(generator.beta(params["a"], params["b"], n), SELDOM, 1 - np.finfo(float).eps)
    # The purchase after which the customer leaves: geometric on 1, 2, ... by inversion in floats, since NumPy's
    # integers overflow where the probability is tiny; on 0, 1, ... where the first purchase counts.
    last = 1 - coin_first + np.floor(generator.standard_exponential(n) / -np.log1p(-leaving))
    would_make = generator.poisson(rate * age)
    made = np.minimum(would_make, last).astype(np.int64)
    bought = made > 0
    recency = np.zeros(n)
    recency[bought] = age[bought] * generator.beta(made[bought], would_make[bought] - made[bought] + 1)
    truth = {"alive": would_make < last}
    if horizon is not None:
        left = np.where(truth["alive"], last - made, 0.0)
        truth["after"] = np.minimum(generator.poisson(rate * horizon, n), left).astype(np.int64)
    return _summary(made, recency, age, truth, unit)


def _summary(made: Codes, recency: Floats, age: Floats, truth: Mapping[str, object], unit: str) -> pd.DataFrame:
    summary = pd.DataFrame(
        {"frequency": made, "recency": recency, "T": age, **truth},
        index=pd.Index([f"C{i:07d}" for i in range(len(made))], name="customer_id"),
    )
    summary.attrs["unit"] = unit
    return summary
