"""Side by side with lifetimes 0.11.3: BG/NBD fit with standard errors, and every customer's value over 12 months.

    python benchmarks/models.py [--customers 2000 20000 200000] [--rounds 5]

Prints a Markdown table of medians in seconds.  Both libraries run in this process on the same simulated summary in
memory; lifetimes is given one row a customer, as its users do.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from loyalty_lib.analyses.clv import units_in
from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
from loyalty_lib.models.lifetimes_bridge import load_lifetimes
from loyalty_lib.models.simulate import simulate_bgnbd

if TYPE_CHECKING:
    import pandas as pd

PARAMS = {"r": 0.25, "alpha": 4.8, "a": 0.72, "b": 2.2}  # close to CDNOW's
MONTHLY_RATE = 0.01


def shop(customers: int) -> pd.DataFrame:
    """Simulate a summary on whole days: first purchases spread over two years, gamma-distributed spend."""
    source = np.random.default_rng(1)
    summary = simulate_bgnbd(customers, PARAMS, source.integers(7, 730, customers) / 7, seed=2)
    days = np.minimum(np.ceil(summary["recency"] * 7), np.round(summary["T"] * 7))
    x = summary["frequency"].to_numpy()
    spend = source.gamma(6.25 * np.maximum(x, 1)) / source.gamma(3.74, 1 / 15.4, customers) / np.maximum(x, 1)
    return summary.assign(recency=days / 7, monetary_value=np.where(x > 0, spend, np.nan))


def ours(summary: pd.DataFrame) -> tuple[float, float]:
    """Fit and value with this library; seconds of each."""
    started = time.perf_counter()
    fit = fit_bgnbd(summary)
    errors = fit.standard_errors
    fitted = time.perf_counter()
    times = np.append(np.arange(1.0, 53.0), units_in(12, "W"))
    factors = (1 + MONTHLY_RATE) ** (-12 * times / units_in(12, "W"))
    spend_fit = fit_gamma_gamma(summary)
    value = fit.discounted_purchases(summary, times, factors) * spend_fit.expected_mean_spend(summary)
    ended = time.perf_counter()
    _require(finite=bool(np.isfinite([*errors.values(), value.sum()]).all()))
    return fitted - started, ended - fitted


def theirs(summary: pd.DataFrame) -> tuple[float, float]:
    """Fit and value with lifetimes; seconds of each."""
    lifetimes: Any = load_lifetimes()
    x, recency, age, spend = (summary[name] for name in ("frequency", "recency", "T", "monetary_value"))
    repeat = x > 0
    with warnings.catch_warnings():
        # its optimiser passes through the logarithm of zero; not what is measured here
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        fit = lifetimes.BetaGeoFitter().fit(x, recency, age)
        fitted = time.perf_counter()
        spend_fit = lifetimes.GammaGammaFitter().fit(x[repeat], spend[repeat])
        value = spend_fit.customer_lifetime_value(
            fit, x, recency, age, spend.fillna(0), time=12, discount_rate=MONTHLY_RATE, freq="W"
        )
        ended = time.perf_counter()
    _require(finite=bool(np.isfinite([*fit.standard_errors_, value.sum()]).all()))
    return fitted - started, ended - fitted


def _require(*, finite: bool) -> None:
    if not finite:
        sys.exit("A fit or a value is not finite; its time means nothing.")


def medians(run: Callable[[pd.DataFrame], tuple[float, float]], summary: pd.DataFrame, rounds: int) -> list[float]:
    """Median seconds of fit, value, and both together."""
    taken = [run(summary) for _ in range(rounds)]
    rows = [(fit, value, fit + value) for fit, value in taken]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main() -> None:
    """Measure every size asked for and print the table."""
    parser = argparse.ArgumentParser(description="Time our models against lifetimes 0.11.3.")
    parser.add_argument("--customers", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print("| customers | step | lifetimes 0.11.3, s | ours, s | ratio |")
    print("|---:|---|---:|---:|---:|")
    for customers in options.customers:
        summary = shop(customers)
        pairs = zip(medians(theirs, summary, options.rounds), medians(ours, summary, options.rounds), strict=True)
        for step, (other, own) in zip(("fit", "value of 12 months", "both"), pairs, strict=True):
            print(f"| {customers:,} | {step} | {other:.3f} | {own:.4f} | {other / own:.0f} |", flush=True)


if __name__ == "__main__":
    main()
