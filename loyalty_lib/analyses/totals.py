"""What all customers together will do in a horizon: purchases, sales and active customers, each with an interval.

Takes fitted models and a summary, returns Totals.  The simulation holds the uncertainty of the parameters and chance,
in single purchases and in single amounts; not the models being wrong, which a backtest measures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_lib.models.estimate import DRAWS, Interval, interval_of, records
from loyalty_lib.models.future_sales import simulate_sales
from loyalty_lib.models.gamma_gamma import GammaGammaFit, expected_spend
from loyalty_lib.models.histories import Floats
from loyalty_lib.models.sample import Sample

if TYPE_CHECKING:
    from loyalty_lib.models.fit import PurchaseFit

MEASURES = ("purchases", "sales", "active")
ACTIVE_DRAWS = 100  # of the parameters, for active customers; chance is added to each ten times


@dataclass(frozen=True, eq=False, kw_only=True)
class Totals:
    """Expectation of every customer, and simulated totals.

    Attributes
    ----------
    customers
        On the summary's index: expected ``purchases`` and ``sales`` (NaN where spend is not modelled), and the
        probability of being ``active``, of buying at all.
    draws
        Simulated totals by the same names, shape (draws,) each; NaN where there is no total.
    """

    customers: pd.DataFrame
    draws: Mapping[str, Floats]

    def expected(self, measure: str) -> float:
        """Return the expected total of "purchases", "sales" or "active"."""
        return math.fsum(self.customers[measure])

    def interval(self, measure: str, level: float) -> Interval:
        """Return the range that holds the total with probability ``level``, if the models are right."""
        return interval_of(self.draws[measure], level)


def predict_totals(
    fit: PurchaseFit,
    spend_fit: GammaGammaFit | None,
    summary: pd.DataFrame,
    horizon: float,
    *,
    seed: int,
    size: int = DRAWS,
) -> Totals:
    """Predict the totals of the next ``horizon`` units.

    Parameters
    ----------
    fit
        Model of purchases, fitted in the summary's unit.
    spend_fit
        Model of spend; ``None`` where there is none, and then no sales are predicted.
    summary
        n customers.
    horizon
        In the fit's unit.
    seed
        Same seed, same draws, whatever the order of the rows; the purchases are those of ``fit.total_interval``.
    size
        Draws.

    Returns
    -------
    Totals
        Money in the data's currency.
    """
    purchases = fit.expected_purchases(summary, horizon)
    spend = math.nan if spend_fit is None else spend_fit.expected_mean_spend(summary)
    customers = pd.DataFrame(
        {
            "purchases": purchases,
            "sales": purchases * spend,
            "active": 1 - fit.probability_of_purchases(0, horizon, summary),
        }
    )
    sample = Sample.of(summary, fit.unit)
    modelled = spend_fit is not None and bool(customers["sales"].notna().all())
    bought, sales = _simulated(fit, spend_fit if modelled else None, sample, horizon, customers, size, seed)
    active = _simulated_active(fit, sample, horizon, customers["active"].to_numpy(dtype=float), size, seed)
    return Totals(
        customers=customers,
        draws={"purchases": bought, "sales": sales, "active": active},
    )


def _simulated(
    fit: PurchaseFit,
    spend_fit: GammaGammaFit | None,
    sample: Sample,
    horizon: float,
    customers: pd.DataFrame,
    size: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Simulate totals of purchases and of sales, shape (size,) each."""
    outcomes = fit.simulated_purchases(sample, horizon, size=size, seed=seed)
    known = {name: customers[name].to_numpy(dtype=float) for name in ("purchases", "sales")}
    if spend_fit is None:
        totals = [sample.total(bought, mean, known["purchases"]) for bought, mean in outcomes]
        return np.array(totals), np.full(size, np.nan)
    x = sample.customers["frequency"].to_numpy(dtype=float)
    m = np.where(x > 0, sample.customers["monetary_value"].to_numpy(dtype=float), 0.0)
    generator = np.random.default_rng([seed, 2])
    purchases, sales = np.empty(size), np.empty(size)
    spends = records(spend_fit.draw(size, seed + 1))
    for draw, ((bought, mean), params) in enumerate(zip(outcomes, spends, strict=True)):
        purchases[draw] = sample.total(bought, mean, known["purchases"])
        brought = simulate_sales(params, x, m, bought, generator)
        value = sample.total(brought, None if mean is None else mean * expected_spend(params, x, m), known["sales"])
        # Without a finite mean spend under this draw the sales have no upper bound, and the interval must show it.
        sales[draw] = math.inf if math.isnan(value) else value
    return purchases, sales


def _simulated_active(fit: PurchaseFit, sample: Sample, horizon: float, active: Floats, size: int, seed: int) -> Floats:
    """Simulate the number of customers who buy, shape (size,).

    Given the parameters it is a sum of independent yes-or-no variables, so normal to all purposes, with their variance.
    """
    sampled = float(active[sample.positions].sum())
    expected = [
        math.fsum(1 - replace(fit, params=params).probability_of_purchases(0, horizon, sample.customers))
        for params in records(fit.draw(min(size, ACTIVE_DRAWS), seed))
    ]
    centres = np.resize(expected, size) * (float(active.sum()) / sampled if sampled else 0.0)
    chance = math.sqrt(float((active * (1 - active)).sum()))
    noise = np.random.default_rng([seed, 3]).standard_normal(size)
    return np.asarray(np.clip(centres + chance * noise, 0.0, len(active)))
