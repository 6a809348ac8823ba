"""Fits at the end of a parameter's range are told apart from estimates, and predict what the limit predicts.

The limits have fewer parameters and formulas of their own, written down here: all customers leave with one probability,
or at one rate; all buy at one rate; nobody leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln

from benchmarks.robust import on_whole_days
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.models.fit import PurchaseFit

AHEAD = 90.0  # days
AGES = np.repeat(np.arange(60.0, 360.0), 5)
Floats = np.ndarray[Any, np.dtype[np.float64]]


def shop(simulator: Callable[..., pd.DataFrame], seed: int, **truth: float) -> pd.DataFrame:
    """1,500 customers on whole days."""
    summary = on_whole_days(simulator(len(AGES), truth, AGES, seed=seed, unit="D"))
    summary.attrs["unit"] = "D"
    return summary


def columns(summary: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    return tuple(summary[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))  # type: ignore[return-value]


def flagged(fit: PurchaseFit, *names: str) -> bool:
    """Whether the fit says that it is a limit, everywhere it should."""
    evidence = fit.diagnosis.partition("; ")[2]
    return (
        fit.at_boundary
        and all(math.isnan(error) == (name in fit.undetermined) for name, error in fit.standard_errors.items())
        and set(names) <= set(fit.undetermined)
        and any("do not show how much customers differ" in caveat for caveat in fit.caveats)
        and set(names) <= set(evidence.replace(",", " ").split())
    )


def close(fit: PurchaseFit, summary: pd.DataFrame, alive: Floats, if_alive: Floats) -> bool:
    """Whether the fit's answers are the limit's, to a hundred-thousandth."""
    found = fit.probability_alive(summary).to_numpy(), fit.expected_purchases(summary, AHEAD).to_numpy()
    return bool(
        np.allclose(found[0], alive, rtol=1e-5, atol=1e-7) and np.allclose(found[1], alive * if_alive, rtol=2e-5)
    )


def highest(log_likelihood: Callable[[Floats], float], start: list[float]) -> float:
    """The limit's own maximum, over logarithms of positive parameters."""
    search: Any = minimize  # typed for arrays of known dimension
    found = search(
        lambda at: -log_likelihood(np.exp(at)),
        np.log(start),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9},
    )
    return -float(found.fun)


def negative_binomial(x: Floats, since: Floats, r: float, alpha: float) -> Floats:
    """Log-density of x purchases at given moments up to ``since`` at a rate that is Gamma(r, alpha)."""
    return np.asarray(gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + since))


@pytest.mark.parametrize(("name", "simulator", "seed"), [("bgnbd", simulate_bgnbd, 1), ("mbgnbd", simulate_mbgnbd, 1)])
def test_customers_who_leave_with_one_probability(name: str, simulator: Callable[..., pd.DataFrame], seed: int) -> None:
    """a, b -> infinity: p = a / (a + b)."""
    summary = shop(simulator, seed, r=0.8, alpha=100.0, a=3e4, b=9e4)
    fit = MODELS[name](summary)
    assert flagged(fit, "b")
    x, tx, age = columns(summary)
    r, alpha, a, b = fit.params.values()
    p = a / (a + b)
    assert p == pytest.approx(0.25, abs=0.03)
    coin_first = name == "mbgnbd"
    may_have_left = (x > 0) | coin_first

    def gone(r: float, alpha: float, p: float) -> Floats:
        """Log-odds of having left after the last purchase."""
        return np.asarray(
            np.where(may_have_left, (r + x) * np.log((alpha + age) / (alpha + tx)) + np.log(p / (1 - p)), -np.inf)
        )

    if_alive = -np.expm1(-(r + x) * np.log1p(p * AHEAD / (alpha + age))) / p
    assert close(fit, summary, expit(-gone(r, alpha, p)), if_alive)

    def log_likelihood(at: Floats) -> float:
        r, alpha, odds = at.tolist()
        p = odds / (1 + odds)
        stayed = negative_binomial(x, age, r, alpha) + (x + coin_first) * math.log1p(-p)
        return float((stayed + np.logaddexp(0, gone(r, alpha, p))).sum())

    assert fit.log_likelihood == pytest.approx(highest(log_likelihood, [r, alpha, p / (1 - p)]), abs=1e-3)


@pytest.mark.parametrize(("name", "simulator", "seed"), [("bgnbd", simulate_bgnbd, 0), ("mbgnbd", simulate_mbgnbd, 0)])
def test_customers_who_buy_at_one_rate(name: str, simulator: Callable[..., pd.DataFrame], seed: int) -> None:
    """r, alpha -> infinity: purchases are Poisson with rate r / alpha while the customer is active."""
    summary = shop(simulator, seed, r=1e5, alpha=1e7, a=0.8, b=2.0)
    fit = MODELS[name](summary)
    assert flagged(fit, "r")
    x, tx, age = columns(summary)
    r, alpha, a, b = fit.params.values()
    rate = r / alpha
    assert rate == pytest.approx(0.01, rel=0.05)
    coin_first = name == "mbgnbd"
    chances = x + coin_first

    def gone(rate: float, a: float, b: float) -> Floats:
        odds = np.log(a) - np.log(b + np.maximum(chances, 1) - 1) + rate * (age - tx)
        return np.asarray(np.where(chances > 0, odds, -np.inf))

    def leaving_at(logit: float) -> Floats:
        """The expectation's integrand over log-odds of p ~ Beta(a, b + chances)."""
        p = float(expit(logit))
        density = a * np.log(p) + (b + chances) * np.log1p(-p) - betaln(a, b + chances)
        return np.asarray(np.exp(density) * -math.expm1(-rate * p * AHEAD) / p)

    if_alive = quad_vec(leaving_at, -50, 20, epsrel=1e-9)[0]
    assert close(fit, summary, expit(-gone(rate, a, b)), if_alive)

    def log_likelihood(at: Floats) -> float:
        rate, a, b = at.tolist()
        stayed = x * np.log(rate) - rate * age + betaln(a, b + chances) - betaln(a, b)
        return float((stayed + np.logaddexp(0, gone(rate, a, b))).sum())

    assert fit.log_likelihood == pytest.approx(highest(log_likelihood, [rate, a, b]), abs=1e-3)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_customers_who_never_leave(name: str) -> None:
    """a -> 0, or s -> 0: everybody is active and the model is the NBD."""
    summary = shop(simulate_bgnbd, 2, r=0.8, alpha=20.0, a=1e-9, b=1.0)
    fit = MODELS[name](summary)
    assert flagged(fit)
    x, _, age = columns(summary)
    r, alpha = (fit.params[each] for each in ("r", "alpha"))
    assert close(fit, summary, np.ones(len(x)), (r + x) / (alpha + age) * AHEAD)
    nbd = highest(lambda at: float(negative_binomial(x, age, *at.tolist()).sum()), [r, alpha])
    assert fit.log_likelihood == pytest.approx(nbd, abs=1e-3)


def test_customers_who_leave_at_one_rate() -> None:
    """s, beta -> infinity: the time active is exponential with rate s / beta."""
    summary = shop(simulate_pnbd, 1, r=0.8, alpha=100.0, s=1e5, beta=1e7)
    fit = MODELS["pnbd"](summary)
    assert flagged(fit, "s")
    x, tx, age = columns(summary)
    r, alpha, s, beta = fit.params.values()
    leaving = s / beta

    def left_before(share: float) -> Floats:
        y = tx + share * (age - tx)
        return np.asarray((age - tx) * np.exp((r + x) * np.log((alpha + age) / (alpha + y)) + leaving * (age - y)))

    alive = 1 / (1 + leaving * quad_vec(left_before, 0, 1, epsrel=1e-10)[0])
    if_alive = (r + x) / (alpha + age) * -math.expm1(-leaving * AHEAD) / leaving
    assert close(fit, summary, alive, if_alive)


def test_an_ordinary_fit_is_not_taken_for_a_limit(sample: pd.DataFrame) -> None:
    for fit_model in MODELS.values():
        fit = fit_model(sample)
        assert not fit.at_boundary
        assert all(0 < error < fit.params[name] for name, error in fit.standard_errors.items())
        assert not any("do not show" in caveat for caveat in fit.caveats)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_standard_error_is_never_larger_than_its_estimate(name: str) -> None:
    """Ever fewer customers of one shop: either every estimate exceeds its error, or the fit says so."""
    source = simulate_mbgnbd(4_000, {"r": 0.8, "alpha": 20.0, "a": 1.0, "b": 3.0}, 300.0, seed=3, unit="D")
    verdicts = []
    for size in (4_000, 1_000, 400, 200, 100, 50, 25):
        summary = on_whole_days(source.iloc[:size])
        summary.attrs["unit"] = "D"
        fit = MODELS[name](summary)
        verdicts.append(fit.at_boundary)
        assert fit.at_boundary or all(error < fit.params[each] for each, error in fit.standard_errors.items())
        assert fit.at_boundary == ("end of the range" in fit.diagnosis or "the data leave" in fit.diagnosis)
    assert not verdicts[0]
    assert verdicts[-1]
