"""How often the models' intervals hold what then happens, on customers who behave exactly as the models say.

    python benchmarks/coverage.py [--models bgnbd mbgnbd pnbd] [--customers 500 1000 2000 20000] [--repetitions 500]

Prints Markdown tables.  Every repetition simulates a shop, whose customers joined evenly over a year, and the year
after it; fits the models to the first; predicts the second; and looks whether the intervals hold it.  Each customer's
mean spend is drawn once and stays.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_lib.analyses.clv import MONTHS_PER_YEAR, customer_lifetime_value, units_in
from loyalty_lib.analyses.totals import MEASURES, predict_totals
from loyalty_lib.errors import ModelError
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd

WEEKS = 52.0  # observed at most, and predicted
LEVELS = (0.8, 0.95)
DRAWS = 400  # of an interval; a thousand would cost more and move the coverage by a tenth of a point
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}  # CDNOW's
SIMULATE: Mapping[str, Callable[..., pd.DataFrame]] = {
    "bgnbd": simulate_bgnbd,
    "mbgnbd": simulate_mbgnbd,
    "pnbd": simulate_pnbd,
}
GEOMETRIC = {
    "frequent buyers": {"r": 2.0, "alpha": 4.0, "a": 0.8, "b": 8.0},
    "seldom leaving": {"r": 0.8, "alpha": 12.0, "a": 0.15, "b": 3.0},
}
SHOPS: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "bgnbd": {"like CDNOW": {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426}, **GEOMETRIC},
    "mbgnbd": {"like CDNOW": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, **GEOMETRIC},
    "pnbd": {
        "like CDNOW": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
        "frequent buyers": {"r": 2.0, "alpha": 4.0, "s": 0.8, "beta": 30.0},
        "seldom leaving": {"r": 0.8, "alpha": 12.0, "s": 0.3, "beta": 60.0},
    },
}
SIZES = {"like CDNOW": (500, 1_000, 2_000, 20_000), "frequent buyers": (1_000,), "seldom leaving": (1_000,)}


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What is simulated: a model's customers, so many."""

    model: str
    name: str
    customers: int

    def simulated(self, repetition: int) -> tuple[pd.DataFrame, pd.Series[float]]:
        """Return a summary with ``after``, the purchases of the year after it, and that year's sales."""
        seed = 1_000_000 * self.customers + repetition
        age = np.linspace(1.0, WEEKS, self.customers)
        summary = SIMULATE[self.model](
            self.customers, SHOPS[self.model][self.name], age, seed=seed, horizon=units_in(MONTHS_PER_YEAR, "W")
        )
        source = np.random.default_rng([seed, 7])
        rate = source.gamma(SPEND["q"], 1 / SPEND["v"], self.customers)
        x = summary["frequency"].to_numpy()
        mean = source.gamma(SPEND["p"] * np.maximum(x, 1)) / rate / np.maximum(x, 1)
        summary["monetary_value"] = np.where(x > 0, mean, np.nan)
        after = summary["after"].to_numpy()
        sales = np.where(after > 0, source.gamma(SPEND["p"] * np.maximum(after, 1)) / rate, 0.0)
        return summary, pd.Series(sales, index=summary.index)


def totals(shop: Shop, repetitions: int) -> dict[str, Any]:
    """Return the share of repetitions in which each interval of a total held the truth, in percent."""
    inside: dict[tuple[str, float], list[bool]] = {(name, level): [] for name in MEASURES for level in LEVELS}
    boundary = refused = 0
    for repetition in range(repetitions):
        summary, sales = shop.simulated(repetition)
        try:
            fit, spend_fit = MODELS[shop.model](summary), fit_gamma_gamma(summary)
        except ModelError:
            refused += 1
            continue
        boundary += fit.at_boundary
        after = summary["after"]
        truth = {"purchases": after.sum(), "sales": sales.sum(), "active": (after > 0).sum()}
        predicted = predict_totals(fit, spend_fit, summary, units_in(MONTHS_PER_YEAR, "W"), seed=repetition, size=DRAWS)
        for (name, level), held in inside.items():
            low, high = predicted.interval(name, level)
            held.append(bool(low <= truth[name] <= high))
    shares = {f"{name} {level:.0%}": f"{np.mean(held):.1%}" for (name, level), held in inside.items()}
    return named(shop, repetitions) | shares | {"at boundary": boundary, "not fitted": refused}


def by_customer(shop: Shop, repetitions: int) -> dict[str, Any]:
    """Return the share of customers whose interval held their purchases, and the same with ties broken at random."""
    inside: dict[float, list[float]] = {level: [] for level in LEVELS}
    ranked: dict[float, list[float]] = {level: [] for level in LEVELS}
    for repetition in range(repetitions):
        summary, _ = shop.simulated(repetition)
        fit = MODELS[shop.model](summary)
        after = summary["after"]
        rank = probability_integral_transform(fit, summary, repetition)
        for level in LEVELS:
            bounds = fit.purchase_intervals(summary, units_in(MONTHS_PER_YEAR, "W"), level)
            inside[level].append(float(((bounds["low"] <= after) & (after <= bounds["high"])).mean()))
            ranked[level].append(float((np.abs(rank - 0.5) <= level / 2).mean()))
    found: dict[str, Any] = named(shop, repetitions)
    for level in LEVELS:
        held, nominal = float(np.mean(inside[level])), float(np.mean(ranked[level]))
        found |= {f"interval {level:.0%}": f"{held:.1%}", f"beyond {level:.0%}": f"{100 * (held - level):+.1f}"}
        found |= {f"ties at random {level:.0%}": f"{nominal:.1%}"}
    return found


def probability_integral_transform(fit: PurchaseFit, summary: pd.DataFrame, seed: int) -> np.ndarray[Any, Any]:
    """Return where each outcome lies in its predicted distribution, ties at random: uniform if the model is right."""
    after = summary["after"].to_numpy()
    rank = np.zeros(len(after))
    tie = np.random.default_rng([seed, 8]).random(len(after))
    for count in range(int(after.max()) + 1):
        rows = after >= count
        chance = fit.probability_of_purchases(count, units_in(MONTHS_PER_YEAR, "W"), summary[rows]).to_numpy()
        rank[rows] += np.where(after[rows] == count, tie[rows] * chance, chance)
    return rank


def equity(shop: Shop, repetitions: int) -> dict[str, Any]:
    """Return the share of repetitions in which the interval of the customer equity held the year's sales."""
    inside: dict[float, list[bool]] = {level: [] for level in LEVELS}
    for repetition in range(repetitions):
        summary, sales = shop.simulated(repetition)
        fit, spend_fit = MODELS[shop.model](summary), fit_gamma_gamma(summary)
        for level in LEVELS:
            low, high = customer_lifetime_value(
                fit,
                spend_fit,
                summary,
                horizon_months=MONTHS_PER_YEAR,
                yearly_discount_rate=0.0,
                margin=1.0,
                level=level,
                seed=repetition,
            ).equity_interval
            inside[level].append(bool(low <= sales.sum() <= high))
    return named(shop, repetitions) | {f"equity {level:.0%}": f"{np.mean(held):.1%}" for level, held in inside.items()}


def named(shop: Shop, repetitions: int) -> dict[str, Any]:
    """Return the first columns of a table's row."""
    return {"model": shop.model, "shop": shop.name, "customers": shop.customers, "repetitions": repetitions}


def show(title: str, rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as a Markdown table."""
    print(f"\n{title}\n")
    for number, row in enumerate(rows):
        if number == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(str(value) for value in row.values()) + " |", flush=True)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Coverage of the models' intervals on simulated customers.")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--customers", nargs="+", type=int, default=list(SIZES["like CDNOW"]))
    parser.add_argument("--repetitions", type=int, default=500, help="for totals")
    parser.add_argument("--equity", type=int, default=0, help="repetitions for the customer equity")
    parser.add_argument("--single", type=int, default=0, help="repetitions for single customers")
    given = parser.parse_args()
    shops = [
        Shop(model=model, name=name, customers=size)
        for model in given.models
        for name, sizes in SIZES.items()
        for size in sizes
        if size in given.customers
    ]
    error = 100 * math.sqrt(0.8 * 0.2 / given.repetitions) if given.repetitions else math.nan
    tables = {
        f"Totals (standard error {error:.1f} points at 80 %)": (totals, given.repetitions),
        "Single customers": (by_customer, given.single),
        "Customer equity, no discount, margin 1": (equity, given.equity),
    }
    for title, (row, repetitions) in tables.items():
        if repetitions:
            show(title, (row(shop, repetitions) for shop in shops))


if __name__ == "__main__":
    main()
