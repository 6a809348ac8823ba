"""PyMC-Marketing's side of benchmarks/models.py: MAP fits of its BG/NBD and Gamma-Gamma, and values over 12 months.

    python benchmarks/pymc_map.py SUMMARY.npz ROUNDS MONTHLY_RATE

Runs in an environment of its own (it needs other versions than this project does) and prints, as JSON, the seconds of
fit and values of each round, and the parameters.  Building and compiling the models is part of a fit, as for those
who use them; importing the library is not.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd


def measure(summary: pd.DataFrame, monthly_rate: float) -> tuple[float, float, dict[str, float]]:
    """Fit and value once; return the seconds of each, and the parameters of the BG/NBD."""
    from pymc_marketing import clv

    started = time.perf_counter()
    purchases = clv.BetaGeoModel()
    purchases.fit(summary, method="map", progressbar=False)
    fitted = time.perf_counter()
    spends = clv.GammaGammaModel()
    spends.fit(summary[summary["frequency"] > 0], method="map", progressbar=False)
    spends.expected_customer_lifetime_value(
        transaction_model=purchases, data=summary, future_t=12, discount_rate=monthly_rate, time_unit="W"
    )
    ended = time.perf_counter()
    found = purchases.fit_summary(var_names=["r", "alpha", "a", "b"])
    return fitted - started, ended - fitted, {str(name): float(value) for name, value in found.items()}


def main(path: str, rounds: str, monthly_rate: str) -> int:
    """Measure and print."""
    columns = np.load(Path(path))
    summary = pd.DataFrame({"customer_id": np.arange(len(columns["T"])), **columns})
    summary["monetary_value"] = summary["monetary_value"].fillna(0)
    with contextlib.redirect_stdout(sys.stderr):  # its progress is not our answer
        taken = [measure(summary, float(monthly_rate)) for _ in range(int(rounds))]
    print(json.dumps({"seconds": [each[:2] for each in taken], "params": taken[-1][2]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
