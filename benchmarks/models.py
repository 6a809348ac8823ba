"""Side by side: BG/NBD fit with standard errors, Gamma-Gamma fit, and every customer's value over 12 months.

    python benchmarks/models.py [--customers 1000 2357 ...] [--rounds 5] [--alone 10000000] [--pymc PYTHON]

Prints Markdown tables: medians in seconds, then peak memory.  All start from the same summary in memory, one row a
customer, whole days counted in weeks, and take turns within a round, so that a busy machine is busy for all of them:

- ours: ``fit_bgnbd``, ``fit_gamma_gamma``, ``discounted_purchases`` over 53 week ends, times ``expected_mean_spend``;
- lifetimes 0.11.3 on rows, as its users run it: ``BetaGeoFitter``, ``GammaGammaFitter``, ``customer_lifetime_value``;
- the same with ``weights=``: its BG/NBD fitted to the distinct histories, which counts finding them; there is no other
  way to its values than by rows;
- PyMC-Marketing's MAP fits and values, where ``--pymc`` names the Python of an environment that holds it (and up to
  1,000,000 customers).

The values are not quite the same: the other two discount by the month, each of 4.345 weeks, from a purchase count at 12
month ends; ours by the week over a year of 365.2425 days.  "fit" is the BG/NBD and its standard errors (MAP has none),
"values" all the rest.  Memory is the largest resident size of a fresh process that reads the summary and does it all.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

ROOT: Final = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from loyalty_lib.analyses.clv import units_in  # noqa: E402 - found through the line above
from loyalty_lib.models.bgnbd import fit_bgnbd  # noqa: E402
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma  # noqa: E402
from loyalty_lib.models.histories import compress  # noqa: E402
from loyalty_lib.models.lifetimes_bridge import load_lifetimes  # noqa: E402
from loyalty_lib.models.simulate import simulate_bgnbd  # noqa: E402

Seconds: TypeAlias = tuple[float, float]  # of the fit, and of the values

PARAMS: Final = {"r": 0.25, "alpha": 4.8, "a": 0.72, "b": 2.2}  # close to CDNOW's
MONTHLY_RATE: Final = 0.01
AT_ONCE: Final = 1_000_000  # customers simulated in one go
MEGABYTE: Final = 1 << 20
MEMORY_OF: Final = 1_000_000  # customers from which on memory is compared
MOST_FOR_MAP: Final = 1_000_000  # customers; a round takes minutes beyond
COLUMNS: Final = ("frequency", "recency", "T", "monetary_value")
STEPS: Final = ("fit", "values", "both")


def shop(customers: int) -> pd.DataFrame:
    """Simulate a summary on whole days: first purchases spread over two years, gamma-distributed spend."""
    parts = [min(AT_ONCE, customers - start) for start in range(0, customers, AT_ONCE)]
    summary = pd.concat([_cohort(size, seed) for seed, size in enumerate(parts)], ignore_index=True)
    summary.attrs["unit"] = "W"
    return summary


def _cohort(customers: int, seed: int) -> pd.DataFrame:
    source = np.random.default_rng([1, seed])
    told = simulate_bgnbd(customers, PARAMS, source.integers(7, 730, customers) / 7, seed=2 + seed)
    days = np.minimum(np.ceil(told["recency"] * 7), np.round(told["T"] * 7))
    x = told["frequency"].to_numpy()
    spend = source.gamma(6.25 * np.maximum(x, 1)) / source.gamma(3.74, 1 / 15.4, customers) / np.maximum(x, 1)
    return told.assign(recency=days / 7, monetary_value=np.where(x > 0, spend, np.nan))[list(COLUMNS)]


def ours(summary: pd.DataFrame) -> Seconds:
    """Fit and value with this library."""
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


def lifetimes_on_rows(summary: pd.DataFrame) -> Seconds:
    """Fit and value with lifetimes, one row a customer."""
    return _lifetimes(summary, lambda fitter: fitter.fit(summary["frequency"], summary["recency"], summary["T"]))


def lifetimes_with_weights(summary: pd.DataFrame) -> Seconds:
    """Fit lifetimes to distinct histories, and value row by row."""

    def fit(fitter: Any) -> Any:
        distinct = summary.groupby(["frequency", "recency", "T"], sort=False).size().reset_index(name="customers")
        return fitter.fit(distinct["frequency"], distinct["recency"], distinct["T"], weights=distinct["customers"])

    return _lifetimes(summary, fit)


def _lifetimes(summary: pd.DataFrame, fit_to: Callable[[Any], Any]) -> Seconds:
    lifetimes: Any = load_lifetimes()
    x, recency, age, spend = (summary[name] for name in COLUMNS)
    repeat = x > 0
    with warnings.catch_warnings():
        # its optimiser passes through the logarithm of zero; not what is measured here
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        fit = fit_to(lifetimes.BetaGeoFitter())
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


SIDES: Final[dict[str, Callable[[pd.DataFrame], Seconds]]] = {
    "lifetimes rows": lifetimes_on_rows,
    "lifetimes weights": lifetimes_with_weights,
    "ours": ours,
}


def pymc_marketing(summary: pd.DataFrame, python: str, rounds: int) -> list[Seconds]:
    """Fit and value with PyMC-Marketing in its own environment; the first round, which compiles, is left out."""
    with tempfile.TemporaryDirectory() as folder:
        stored = _store(summary, Path(folder))
        script = ROOT / "benchmarks" / "pymc_map.py"
        answer = _run(python, str(script), str(stored), str(rounds + 1), str(MONTHLY_RATE))
    return [(fit, values) for fit, values in answer["seconds"][1:]]


def medians(taken: Sequence[Seconds]) -> list[float]:
    """Median seconds of fit, values, and both together."""
    rows = [(fit, values, fit + values) for fit, values in taken]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def compared(customers: int, rounds: int, pymc: str | None) -> Iterator[str]:
    """Measure all sides at one size; yield the lines of the table."""
    summary = shop(customers)
    taken: dict[str, list[Seconds]] = {name: [] for name in SIDES}
    for _ in range(rounds):
        for name, side in SIDES.items():
            gc.collect()  # nobody clears up after the one before
            taken[name].append(side(summary))
    found = {name: medians(each) for name, each in taken.items()}
    if pymc and customers <= MOST_FOR_MAP:
        found["PyMC-Marketing MAP"] = medians(pymc_marketing(summary, pymc, min(rounds, 3)))
    yield from _lines(customers, len(compress(summary, "W").x), found)


def _lines(customers: int, distinct: int, found: dict[str, list[float]]) -> Iterator[str]:
    others = ("lifetimes rows", "lifetimes weights", "PyMC-Marketing MAP")
    for step, name in enumerate(STEPS):
        own = found["ours"][step]
        seconds = [f"{found[other][step]:.3f}" if other in found else "" for other in others]
        ratios = [f"{found[other][step] / own:.0f}" if other in found else "" for other in others]
        yield _row([f"{customers:,}", f"{distinct:,}", name, *seconds, f"{own:.4f}", *ratios])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _store(summary: pd.DataFrame, folder: Path) -> Path:
    path = folder / "summary.npz"
    columns: dict[str, Any] = {name: summary[name].to_numpy() for name in COLUMNS}
    np.savez(path, **columns)
    return path


def apart(side: str, summary: pd.DataFrame, rounds: int) -> dict[str, Any]:
    """Run one side in a process of its own; its seconds, peak memory in bytes, and the number of histories."""
    with tempfile.TemporaryDirectory() as folder:
        stored = _store(summary, Path(folder))
        return _run(sys.executable, __file__, "--child", side, str(stored), "--rounds", str(rounds))


def _run(*command: str) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def child(side: str, path: str, rounds: int) -> None:
    """Measure one side on a stored summary, and print what came of it as JSON."""
    with np.load(path) as columns:
        summary = pd.DataFrame({name: columns[name] for name in COLUMNS}, copy=False)
    summary.attrs["unit"] = "W"
    seconds = [SIDES[side](summary) for _ in range(rounds)]
    peak = _peak()
    print(json.dumps({"seconds": seconds, "peak": peak, "distinct": len(compress(summary, "W").x)}))


def _peak() -> int:
    """Return the largest resident size this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def memory(customers: int, rounds: int, sides: Sequence[str]) -> Iterator[str]:
    """Measure sides in processes of their own; yield the lines of the table of memory."""
    summary = shop(customers)
    for side in sides:
        found = apart(side, summary, rounds)
        fit, values, both = medians([(fit, values) for fit, values in found["seconds"]])
        cells = [f"{customers:,}", f"{found['distinct']:,}", side, f"{fit:.2f}", f"{values:.2f}", f"{both:.2f}"]
        yield _row([*cells, f"{found['peak'] / MEGABYTE:,.0f}"])


def _print_table(header: Sequence[str], lines: Iterator[str]) -> None:
    print(_row(header))
    print(_row(["---:"] * len(header)))
    for line in lines:
        print(line, flush=True)
    print()


def main() -> int:
    """Measure every size asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[1_000, 2_357, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", type=int, nargs="*", default=[10_000_000], help="sizes for ours alone")
    here = sys.executable if find_spec("pymc_marketing") else None
    parser.add_argument("--pymc", metavar="PYTHON", default=here, help="the Python that can import pymc_marketing")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        side, stored = options.child
        child(side, stored, options.rounds)
        return 0
    if options.customers:
        sides = ["lifetimes rows, s", "lifetimes weights, s", "PyMC-Marketing MAP, s", "ours, s"]
        header = ["customers", "distinct histories", "what", *sides, "rows / ours", "weights / ours", "MAP / ours"]
        _print_table(
            header,
            (line for size in options.customers for line in compared(size, options.rounds, options.pymc)),
        )
    largest = [size for size in options.customers if size >= MEMORY_OF]
    header = ["customers", "distinct histories", "side", "fit, s", "values, s", "both, s", "peak MB"]
    lines = [memory(size, 1, list(SIDES)) for size in largest]
    lines += [memory(size, min(options.rounds, 3), ["ours"]) for size in options.alone]
    _print_table(header, (line for each in lines for line in each))
    return 0


if __name__ == "__main__":
    sys.exit(main())
