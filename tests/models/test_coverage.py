"""Intervals hold what happens as often as they say, where customers behave as the model says.

Every repetition simulates a shop and the half-year after it; benchmarks/coverage.py does the same at length.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.totals import MEASURES, predict_totals
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd

HORIZON = 26.0
SPEND = {"p": 6.0, "q": 5.0, "v": 20.0}
GEOMETRIC = {"r": 1.0, "alpha": 6.0, "a": 0.8, "b": 3.0}
SIMULATE: dict[str, tuple[Callable[..., pd.DataFrame], dict[str, float]]] = {
    "bgnbd": (simulate_bgnbd, GEOMETRIC),
    "mbgnbd": (simulate_mbgnbd, GEOMETRIC),
    "pnbd": (simulate_pnbd, {"r": 1.0, "alpha": 6.0, "s": 0.8, "beta": 15.0}),
}


def shop(model: str, customers: int, seed: int) -> pd.DataFrame:
    """A summary with the truth: ``after``, purchases of the half-year, and ``sales``; mean spends persist."""
    simulate, params = SIMULATE[model]
    summary = simulate(customers, params, np.linspace(4, 60, customers), seed=seed, horizon=HORIZON)
    source = np.random.default_rng([seed, 1])
    rate = source.gamma(SPEND["q"], 1 / SPEND["v"], customers)
    x, after = summary["frequency"].to_numpy(), summary["after"].to_numpy()
    mean = source.gamma(SPEND["p"] * np.maximum(x, 1)) / rate / np.maximum(x, 1)
    summary["monetary_value"] = np.where(x > 0, mean, np.nan)
    summary["sales"] = np.where(after > 0, source.gamma(SPEND["p"] * np.maximum(after, 1)) / rate, 0.0)
    return summary


def held(model: str, customers: int, repetitions: int) -> pd.DataFrame:
    """Whether each repetition's 80 % interval held the outcome; one column a measure."""
    rows = []
    for seed in range(repetitions):
        summary = shop(model, customers, seed)
        found = predict_totals(MODELS[model](summary), fit_gamma_gamma(summary), summary, HORIZON, seed=seed, size=200)
        after = summary["after"]
        truth = {"purchases": after.sum(), "sales": summary["sales"].sum(), "active": (after > 0).sum()}
        ends = {measure: found.interval(measure, 0.8) for measure in MEASURES}
        rows.append({measure: ends[measure].low <= truth[measure] <= ends[measure].high for measure in MEASURES})
    return pd.DataFrame(rows)


def within(share: float, repetitions: int, level: float = 0.8) -> bool:
    """Three standard errors."""
    return abs(share - level) < 3 * math.sqrt(level * (1 - level) / repetitions)


def test_totals_fall_into_their_intervals_as_often_as_stated() -> None:
    """Eighty shops of 800 customers; parameters or chance left out would hold far fewer."""
    shares = held("bgnbd", 800, 80).mean()
    assert all(within(share, 80) for share in shares), shares.to_dict()


@pytest.mark.slow
@pytest.mark.parametrize("model", list(MODELS))
def test_totals_of_every_model_fall_into_their_intervals_as_often_as_stated(model: str) -> None:
    shares = held(model, 2_000, 300).mean()
    assert all(within(share, 300) for share in shares), shares.to_dict()


@pytest.mark.slow
def test_totals_of_a_large_base_fall_into_the_intervals_of_its_sample() -> None:
    """Eight thousand customers, of whom 2,500 are simulated."""
    shares = held("bgnbd", 8_000, 200).mean()
    assert all(within(share, 200) for share in shares), shares.to_dict()


@pytest.mark.parametrize("model", list(MODELS))
def test_single_customers_fall_into_their_intervals_at_least_as_often_as_stated(model: str) -> None:
    """Purchases are whole, so the interval holds more; with ties broken at random it holds what it says."""
    summary = shop(model, 6_000, 5)
    fit = MODELS[model](summary)
    after = summary["after"].to_numpy()
    below, chance = np.zeros(len(after)), np.zeros(len(after))
    for count in range(int(after.max()) + 1):
        probability = fit.probability_of_purchases(count, HORIZON, summary).to_numpy()
        below += np.where(count < after, probability, 0.0)
        chance += np.where(count == after, probability, 0.0)
    rank = below + np.random.default_rng(6).random(len(after)) * chance
    for level in (0.8, 0.95):
        bounds = fit.purchase_intervals(summary, HORIZON, level)
        assert ((bounds["low"] <= after) & (after <= bounds["high"])).mean() > level
        assert within(float((np.abs(rank - 0.5) <= level / 2).mean()), len(after), level)
