"""Fit every model to thousands of simulated shops and look for anything that is wrong.

    python -m benchmarks.robust [--sets 2000] [--first 0]

Prints a Markdown summary.  The shops cover a wide grid of true parameters (from customers who differ hardly to
customers who have nothing in common, from those who leave at once to those who never do), of sizes and of calendars;
each comes from one model's simulator, on whole days, and is fitted by all models in days and in weeks.  A fit is held
against its own derivatives, against other starts, against a search without derivatives and against ``lifetimes``.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from loyalty_lib.errors import ModelError
from loyalty_lib.models import pareto_likelihood
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.geometric_likelihood import Likelihood
from loyalty_lib.models.histories import Histories, compress
from loyalty_lib.models.lifetimes_bridge import FITTERS, load_lifetimes
from loyalty_lib.models.maximum_likelihood import LIMIT
from loyalty_lib.models.optimise import Objective, Vector, maximise
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd

if TYPE_CHECKING:
    from loyalty_lib.models.fit import PurchaseFit

SIMULATORS: Final[dict[str, Callable[..., pd.DataFrame]]] = {
    "bgnbd": simulate_bgnbd,
    "mbgnbd": simulate_mbgnbd,
    "pnbd": simulate_pnbd,
}
LIKELIHOODS: Final[dict[str, Callable[[Histories, float], Objective]]] = {
    "bgnbd": Likelihood,
    "mbgnbd": functools.partial(Likelihood, coin_first=True),
    "pnbd": pareto_likelihood.Likelihood,
}
SIZES = ((0, 500), (500, 2_000), (2_000, 30_000))
LEVEL = 0.8
SCORED = 12  # customers whose single intervals are computed
SIMPLEX: Final[Any] = {"xatol": 1e-7, "fatol": 1e-9, "maxfev": 3_000}
EVERY_COMPARED = 11  # shops between two that are compared with lifetimes: it takes a second a fit
EVERY_NELDER_MEAD = 22  # with a search without derivatives: likewise
STARTS = {"bgnbd": 3, "mbgnbd": 3, "pnbd": 1}  # other starts tried
TOLERANCE = 1e-6  # of the log-likelihood


@dataclass(frozen=True, eq=False, kw_only=True)
class Shop:
    """A simulated shop; times of the summary in days."""

    number: int
    simulator: str
    truth: Mapping[str, float]
    summary: pd.DataFrame

    def counted_in(self, unit: str) -> pd.DataFrame:
        """Return the summary in days ("D") or weeks ("W")."""
        days = 7 if unit == "W" else 1
        summary = self.summary.assign(recency=self.summary["recency"] / days, T=self.summary["T"] / days)
        summary.attrs["unit"] = unit
        return summary


@dataclass(kw_only=True)
class Outcome:
    """What one model made of one shop.

    The gaps are by how much the log-likelihood elsewhere is above the fit's, as a share of it; negative where the fit
    is better.  NaN where nothing was compared.
    """

    shop: int
    model: str
    customers: int
    refused: str = ""
    at_boundary: bool = False
    on_wall: bool = False
    slope: float = math.nan  # largest, off the wall, a customer
    attainable: float = math.nan
    largest: float = math.nan  # parameter, times in units of the longest T
    log_error: float = math.nan  # largest standard error of a log-parameter
    other_starts: float = math.nan
    without_derivatives: float = math.nan
    lifetimes: float = math.nan
    lifetimes_failed: bool = False
    units: float = math.nan  # largest relative difference of expectations between the fits in days and in weeks
    seconds: float = math.nan
    wrong: list[str] = field(default_factory=list)


def shop(number: int) -> Shop:
    """Simulate shop ``number``; the same number, the same shop."""
    source = np.random.default_rng([2_026, number])

    def between(low: float, high: float) -> float:
        return float(np.exp(source.uniform(math.log(low), math.log(high))))

    simulator = list(SIMULATORS)[number % len(SIMULATORS)]
    customers = 20_000 if number % 40 == 0 else int(between(200, 2_000))
    days = int(between(8 * 7, 5 * 365))
    ages = {
        0: np.full(customers, days),
        1: source.integers(days * 2 // 3, days + 1, customers),
    }.get(number % 5, source.integers(0, days + 1, customers))
    r = between(0.05, 20)
    truth = {"r": r, "alpha": r * days / between(0.2, min(60, days / 3))}
    if simulator == "pnbd":
        truth |= {"s": between(0.05, 10), "beta": days * between(0.02, 20)}
    else:
        truth |= {"a": between(0.05, 50), "b": between(0.05, 50)}
    summary = SIMULATORS[simulator](customers, truth, ages.astype(float), seed=number, unit="D")
    return Shop(number=number, simulator=simulator, truth=truth, summary=on_whole_days(summary))


def on_whole_days(summary: pd.DataFrame) -> pd.DataFrame:
    """Round to days: purchases of the first day belong to the first purchase, at most one counts a day."""
    last = summary["recency"].round()
    return summary.assign(frequency=np.minimum(summary["frequency"], last).astype(int), recency=last)


def examine(made: Shop, *, others: bool) -> Iterator[Outcome]:
    """Fit every model to a shop.

    Parameters
    ----------
    made
        The shop.
    others
        Whether to compare some shops with ``lifetimes`` and with a search without derivatives, which is slow.

    Yields
    ------
    Outcome
        One a model.
    """
    daily, weekly = made.counted_in("D"), made.counted_in("W")
    for name, fit_model in MODELS.items():
        outcome = Outcome(shop=made.number, model=name, customers=len(daily))
        started = time.perf_counter()
        try:
            fit = fit_model(daily)
        except ModelError as error:
            outcome.refused = str(error)
            outcome.wrong = _refused_in_weeks(name, weekly)
            yield outcome
            continue
        outcome.seconds = time.perf_counter() - started
        _look_at_the_maximum(outcome, fit, np.random.default_rng([7, made.number]))
        outcome.wrong += figures_out_of_range(fit, daily)
        outcome.units = _difference(fit, fit_model(weekly), daily, weekly)
        if others and made.number % EVERY_COMPARED == 0:
            _compare(outcome, fit, nelder_mead=made.number % EVERY_NELDER_MEAD == 0)
        yield outcome


def _refused_in_weeks(name: str, weekly: pd.DataFrame) -> list[str]:
    try:
        MODELS[name](weekly)
    except ModelError:
        return []
    return ["refused in days, fitted in weeks"]


def objective_of(fit: PurchaseFit) -> tuple[Objective, Vector, float]:
    """Return the log-likelihood the fit maximised, the point it found, and what to add for the data's own unit."""
    assert fit.histories is not None
    people = fit.histories.loc[fit.histories.index.repeat(fit.histories["weights"])]
    histories = compress(people, fit.unit)
    scale = float(histories.T.max())
    name = next(name for name, known in NAMES.items() if known == fit.model)
    point = np.log([value / scale if each in fit.times else value for each, value in fit.params.items()])
    shift = -float(histories.counts @ histories.x) * math.log(scale)
    return LIKELIHOODS[name](histories, scale), point, shift


NAMES: Final[dict[str, str]] = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "pnbd": "Pareto/NBD"}


def _look_at_the_maximum(outcome: Outcome, fit: PurchaseFit, source: np.random.Generator) -> None:
    objective, point, shift = objective_of(fit)
    again = maximise(objective, point, LIMIT)
    outcome.at_boundary = fit.at_boundary
    outcome.on_wall = bool(again.on_wall.any())
    _, gradient, _ = objective(point)
    off = np.abs(gradient[~again.on_wall])
    outcome.slope = float(off.max()) / fit.n_customers if off.size else 0.0
    outcome.attainable = max(again.value + shift - fit.log_likelihood, again.attainable)
    outcome.largest = float(np.exp(np.abs(point)).max())
    outcome.log_error = float(np.sqrt(np.diag(fit.log_covariance)).max())
    if not again.converged:
        outcome.wrong.append(f"no maximum: {again.diagnosis}")
    others = [maximise(objective, source.uniform(-4, 4, len(point)), LIMIT) for _ in range(STARTS[outcome.model])]
    best = max(other.value for other in others if np.isfinite(other.value))
    outcome.other_starts = (best + shift - fit.log_likelihood) / abs(fit.log_likelihood)


def figures_out_of_range(fit: PurchaseFit, summary: pd.DataFrame) -> list[str]:
    """Ask a fit for all it can tell, and return what is not a number or not possible.

    Parameters
    ----------
    fit
        Of any model.
    summary
        In the fit's unit.

    Returns
    -------
    list of str
        Empty where all is well.
    """
    longest = float(summary["T"].max())
    few = summary.iloc[np.linspace(0, len(summary) - 1, min(SCORED, len(summary))).astype(int)]
    alive = fit.probability_alive(summary)
    wrong = [] if alive.between(0, 1).all() else ["P(alive) outside 0 to 1"]
    totals = []
    for horizon in (longest / 10, longest, 10 * longest):
        expected = fit.expected_purchases(summary, horizon)
        totals.append([fit.expected_purchases_new(horizon), float(expected.sum())])
        if not (np.isfinite(expected) & (expected >= 0)).all():
            wrong.append(f"expected purchases in {horizon:.0f} are not possible")
    steps = np.diff(np.array(totals), axis=0)
    if not (np.isfinite(totals).all() and (steps >= -1e-9 * np.abs(totals[-1])).all()):
        wrong.append(f"expected purchases do not grow with time: {totals}")
    single = fit.purchase_intervals(few, longest / 4, LEVEL)
    if not (single["low"].between(0, single["high"])).all():
        wrong.append("a customer's interval is none")
    total = fit.total_interval(summary, longest / 4, LEVEL, seed=1, size=20)
    if not (np.isfinite(total.low) and 0 <= total.low <= total.high):
        wrong.append(f"the total's interval is {total}")
    chances = np.array([fit.probability_of_purchases(n, longest / 4, few) for n in range(3)])
    if not (np.isfinite(chances).all() and (chances >= 0).all() and (chances.sum(axis=0) < 1 + 1e-9).all()):
        wrong.append("probabilities of purchases outside 0 to 1")
    estimates = [*fit.params.values(), fit.log_likelihood, *fit.log_covariance.ravel()]
    if not (np.isfinite(estimates).all() and min(fit.params.values()) > 0):
        wrong.append("a parameter is no number")
    if tuple(name for name, error in fit.standard_errors.items() if math.isnan(error)) != fit.undetermined:
        wrong.append("standard errors and the undetermined parameters disagree")
    return wrong


def _difference(one: PurchaseFit, other: PurchaseFit, daily: pd.DataFrame, weekly: pd.DataFrame) -> float:
    horizon = float(daily["T"].max()) / 2
    expected, same = one.expected_purchases(daily, horizon), other.expected_purchases(weekly, horizon / 7)
    return float((expected - same).abs().max() / expected.max())


def _compare(outcome: Outcome, fit: PurchaseFit, *, nelder_mead: bool) -> None:
    objective, point, shift = objective_of(fit)

    def gap(found: Vector) -> float:
        return (objective(found)[0] + shift - fit.log_likelihood) / abs(fit.log_likelihood)

    theirs = lifetimes_point(fit)
    outcome.lifetimes_failed = theirs is None
    if theirs is not None:
        outcome.lifetimes = gap(theirs)
    if nelder_mead:
        source = np.random.default_rng([8, outcome.shop])
        starts = (point, np.log(source.uniform(0.2, 3, len(point))))
        outcome.without_derivatives = max(gap(_without_derivatives(objective, start)) for start in starts)


def _without_derivatives(objective: Objective, start: Vector) -> Vector:
    """Search with Nelder and Mead's simplex, in the same box."""
    search: Any = minimize  # typed for arrays of known dimension
    found = search(lambda at: -objective(np.clip(at, -LIMIT, LIMIT))[0], start, method="Nelder-Mead", options=SIMPLEX)
    return np.asarray(np.clip(found.x, -LIMIT, LIMIT), dtype=float)


def lifetimes_point(fit: PurchaseFit) -> Vector | None:
    """Return where ``lifetimes`` ends on the same data, in the fit's scaled log-parameters; ``None`` where it fails."""
    assert fit.histories is not None
    data = fit.histories
    fitter: Any = getattr(load_lifetimes(), FITTERS[fit.model])()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):  # it prints where it fails
        warnings.simplefilter("ignore")  # its optimiser passes through the logarithm of zero
        try:
            fitter.fit(data["frequency"], data["recency"], data["T"], weights=data["weights"])
        except Exception as error:  # whatever it raises counts as its failure
            if isinstance(error, (TypeError, AttributeError, KeyError)):
                raise
            return None
    scale = float(data["T"].max())
    params = [fitter.params_[name] / (scale if name in fit.times else 1) for name in fit.names]
    return np.log(params) if np.isfinite(params).all() and min(params) > 0 else None


def summarised(outcomes: list[Outcome]) -> str:
    """Return the Markdown summary of many outcomes."""
    frame = pd.DataFrame([vars(each) for each in outcomes])
    lines = [
        (
            "| model | customers | fits | refused | at boundary | of these on the wall | worst slope a customer "
            "| worst still attainable | worst gap: other starts | Nelder-Mead | lifetimes | lifetimes failed "
            "| lifetimes lower by 1e-6 | days against weeks | slowest fit, s |"
        ),
        "|" + "---|" * 15,
    ]
    for model, of_model in frame.groupby("model", sort=False):
        for low, high in SIZES:
            part = of_model[of_model["customers"].between(low, high, inclusive="left")]
            if part.empty:
                continue
            fitted = part[part["refused"] == ""]
            compared = fitted["lifetimes"].notna()
            lower = (fitted["lifetimes"] < -TOLERANCE).sum()
            tried = int(compared.sum() + fitted["lifetimes_failed"].sum())
            cells = [
                NAMES[str(model)],
                f"{low:,} to {high:,}",
                len(part),
                (part["refused"] != "").sum(),
                f"{fitted['at_boundary'].mean():.1%}",
                f"{fitted.loc[fitted['at_boundary'], 'on_wall'].mean():.0%}",
                *(f"{fitted[name].max():.1e}" for name in ("slope", "attainable", "other_starts")),
                *(f"{fitted[name].max():.1e}" for name in ("without_derivatives", "lifetimes")),
                f"{fitted['lifetimes_failed'].sum()} of {tried}",
                f"{lower} of {compared.sum()}",
                f"{fitted['units'].max():.1e}",
                f"{fitted['seconds'].max():.2f}",
            ]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    reasons = frame.loc[frame["refused"] != "", "refused"].str.slice(0, 60).value_counts()
    lines += ["", *(f"- refused, {count}: {reason} ..." for reason, count in reasons.items())]
    lines += [f"- wrong, shop {each.shop}, {each.model}: {what}" for each in outcomes for what in each.wrong]
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    started = time.perf_counter()
    numbers = range(given.first, given.first + given.sets)
    outcomes = [outcome for number in numbers for outcome in examine(shop(number), others=True)]
    print(f"{given.sets} simulated shops from no. {given.first}, {time.perf_counter() - started:.0f} s\n")
    print(summarised(outcomes))


if __name__ == "__main__":
    main()
