"""MBG/NBD against recomputed numbers of the CDNOW cohort, against lifetimes, and against the story itself.

No paper prints MBG/NBD estimates of this cohort to more than three digits; the numbers here are those of an independent
implementation on the raw logs (the shared file golden.json), which agrees with the printed digits.
"""

from __future__ import annotations

import dataclasses
import json
import math
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, gammaln

from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.geometric_likelihood import Likelihood
from loyalty_lib.models.histories import compress
from loyalty_lib.models.lifetimes_bridge import load_lifetimes
from loyalty_lib.models.mbgnbd import MBGNBDFit, fit_mbgnbd
from loyalty_lib.models.simulate import simulate_mbgnbd
from tests.models import cdnow
from tests.models.stories import agree_with_the_story, distribution_is_whole

TRUTH = {"r": 0.8, "alpha": 5.0, "a": 0.9, "b": 2.0}


@pytest.fixture(scope="module")
def golden(shared: Path) -> Any:
    return json.loads((shared / "reference" / "golden.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mbg(sample: pd.DataFrame) -> MBGNBDFit:
    return fit_mbgnbd(sample)


def test_fit_matches_the_printed_estimates(mbg: MBGNBDFit) -> None:
    """As printed: .525, 6.183, .891, 1.614 with a log-likelihood of -9582.136."""
    assert mbg.params == pytest.approx({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, abs=5.001e-4)
    assert mbg.log_likelihood == pytest.approx(-9582.136, abs=5e-4)


def test_fit_matches_an_independent_fit(mbg: MBGNBDFit, sample: pd.DataFrame, golden: Any) -> None:
    known = golden["cdnow_sample_39w"]["mbgnbd"]
    assert list(mbg.params.values()) == pytest.approx([known[name] for name in ("r", "alpha", "a", "b")], abs=6e-7)
    assert list(mbg.standard_errors.values()) == pytest.approx(known["se"], abs=6e-7)
    assert mbg.log_likelihood == pytest.approx(known["ll"], abs=6e-5)
    expected = mbg.expected_purchases(sample, cdnow.WEEKS)
    assert expected.sum() == pytest.approx(known["holdout_pred"], abs=6e-3)
    error = (expected - cdnow.holdout_purchases("sample")).abs().mean()
    assert error == pytest.approx(known["mae"], abs=6e-5)
    assert (mbg.converged, mbg.at_boundary, mbg.caveats) == (True, False, ())


def test_holdout_means_by_calibration_frequency_match(mbg: MBGNBDFit, sample: pd.DataFrame, golden: Any) -> None:
    classes = sample["frequency"].clip(upper=7)
    predicted = mbg.expected_purchases(sample, cdnow.WEEKS).groupby(classes).mean()
    assert predicted.tolist() == pytest.approx(golden["cdnow_sample_39w"]["bins_mbg"], abs=6e-6)


def test_fit_of_the_full_cohort_matches_an_independent_fit(golden: Any) -> None:
    known = golden["cdnow_master_39w"]["mbgnbd"]
    summary = cdnow.summary_of("master")
    found = fit_mbgnbd(summary)
    assert list(found.params.values()) == pytest.approx([known[name] for name in ("r", "alpha", "a", "b")], abs=6e-6)
    assert found.log_likelihood == pytest.approx(known["ll"], abs=6e-5)
    expected = found.expected_purchases(summary, cdnow.WEEKS)
    assert expected.sum() == pytest.approx(known["holdout_pred"], abs=6e-3)
    assert (expected - cdnow.holdout_purchases("master")).abs().mean() == pytest.approx(known["mae"], abs=6e-5)


def test_both_libraries_find_the_same_model(mbg: MBGNBDFit, sample: pd.DataFrame) -> None:
    """Lifetimes' own search stops a little below the maximum; its predictions from our fit are ours."""
    columns = (sample["frequency"], sample["recency"], sample["T"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its optimiser takes a logarithm of zero on its way
        theirs = load_lifetimes().ModifiedBetaGeoFitter().fit(*columns)
    assert dict(theirs.params_) == pytest.approx(dict(mbg.params), rel=2e-3)
    likelihood = Likelihood(compress(sample, "W"), 1.0, coin_first=True)
    below = mbg.log_likelihood - likelihood(np.log(theirs.params_.to_numpy()))[0]
    assert 0 <= below < 1e-3
    fitter = mbg.to_lifetimes()
    assert fitter.predict(39, *columns).to_numpy() == pytest.approx(
        mbg.expected_purchases(sample, 39).to_numpy(), rel=1e-9
    )
    alive = np.asarray(fitter.conditional_probability_alive(*columns))
    assert alive == pytest.approx(mbg.probability_alive(sample).to_numpy(), rel=1e-12)
    assert float(fitter.expected_number_of_purchases_up_to_time(52)) == pytest.approx(
        mbg.expected_purchases_new(52), rel=1e-9
    )
    assert fitter.probability_of_n_purchases_up_to_time(39, 3) == pytest.approx(
        mbg.probability_of_purchases(3, 39), rel=1e-8
    )


def test_log_likelihood_matches_the_formula_summed_customer_by_customer(mbg: MBGNBDFit, sample: pd.DataFrame) -> None:
    """Batislam, Denizel & Filiztekin (2007), equation 2, in plain Python."""
    r, alpha, a, b = mbg.params.values()

    def beta(p: float, q: float) -> float:
        return math.exp(math.lgamma(p) + math.lgamma(q) - math.lgamma(p + q))

    def likelihood(x: int, tx: float, age: float) -> float:
        gamma = math.exp(math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha))
        stayed = beta(a, b + x + 1) / beta(a, b) * math.pow(alpha + age, -r - x)
        left = beta(a + 1, b + x) / beta(a, b) * math.pow(alpha + tx, -r - x)
        return gamma * (stayed + left)

    rows = sample[["frequency", "recency", "T"]].itertuples(index=False, name=None)
    assert mbg.log_likelihood == pytest.approx(math.fsum(math.log(likelihood(*row)) for row in rows), abs=1e-8)


def test_log_likelihood_derivatives_match_finite_differences(sample: pd.DataFrame) -> None:
    likelihood = Likelihood(compress(sample, "W"), 38.86, coin_first=True)
    point = np.log([0.4, 0.2, 0.7, 3.0])
    _, gradient, hessian = likelihood(point)
    step = 1e-5
    for i, direction in enumerate(np.eye(4) * step):
        (up, up_gradient, _), (down, down_gradient, _) = likelihood(point + direction), likelihood(point - direction)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-6)
        assert hessian[i] == pytest.approx((up_gradient - down_gradient) / (2 * step), rel=1e-6)


def event_by_event(seed: int, n: int, age: float, horizon: float) -> pd.DataFrame:
    """The story told one purchase at a time in plain Python: a coin after every purchase, the first one included."""
    source = random.Random(seed)
    rows = []
    for _ in range(n):
        rate = source.gammavariate(TRUTH["r"], 1 / TRUTH["alpha"])
        leaving = source.betavariate(TRUTH["a"], TRUTH["b"])
        day, last, before, after = 0.0, 0.0, 0, 0
        active, active_now = source.random() >= leaving, False
        while active:
            day += source.expovariate(rate) if rate > 0 else math.inf
            active_now = active_now or day > age
            if day > age + horizon:
                break
            if day <= age:
                before, last = before + 1, day
            else:
                after += 1
            active = source.random() >= leaving
        rows.append((before, last, age, after, active_now))
    summary = pd.DataFrame(rows, columns=["frequency", "recency", "T", "after", "alive"])
    summary.attrs["unit"] = "W"
    return summary


def test_scores_match_the_story_told_event_by_event(mbg: MBGNBDFit) -> None:
    told = event_by_event(seed=2, n=40_000, age=40, horizon=30)
    agree_with_the_story(dataclasses.replace(mbg, params=TRUTH), told)


@pytest.mark.parametrize("a", [0.5, 1.0, 3.0])
def test_distribution_sums_to_one_and_has_the_expectation(mbg: MBGNBDFit, a: float) -> None:
    distribution_is_whole(dataclasses.replace(mbg, params=TRUTH | {"a": a}), 500, 1e-9)


def test_expectation_is_the_sum_over_the_drop_out_probability(mbg: MBGNBDFit) -> None:
    """The closed form against the mean of (1 - p)(1 - (1 + p t / alpha)^-r) / p over p ~ Beta(a, b)."""
    r, alpha, a, b = mbg.params.values()
    grid = np.linspace(-60, 40, 200_001)  # log odds of p
    density = np.exp(-a * np.logaddexp(0, -grid) - b * np.logaddexp(0, grid) - betaln(a, b))
    p = 1 / (1 + np.exp(-grid))
    for t in (1.0, 39.0, 520.0):
        purchases = (1 - p) * -np.expm1(-r * np.log1p(p * t / alpha)) / p
        assert mbg.expected_purchases_new(t) == pytest.approx(np.trapezoid(density * purchases, grid), rel=1e-9)


def test_expectation_grows_with_time(mbg: MBGNBDFit, sample: pd.DataFrame) -> None:
    times = np.array([0.0, 0.1, 1, 10, 39, 100, 1_000, 100_000])
    new = [mbg.expected_purchases_new(t) for t in times]
    known = np.array([mbg.expected_purchases(sample, t).to_numpy() for t in times])
    assert new[0] == 0
    assert (np.diff(new) > 0).all()
    assert (np.diff(known, axis=0) > 0).all()


def test_one_time_buyers_may_have_left(mbg: MBGNBDFit, sample: pd.DataFrame) -> None:
    """P(alive) of a one-time buyer is 1 / (1 + a / b ((alpha + T) / alpha)^r), falling with time since the purchase."""
    once = sample[sample["frequency"] == 0]
    r, alpha, a, b = mbg.params.values()
    by_hand = 1 / (1 + a / b * ((alpha + once["T"]) / alpha) ** r)
    assert mbg.probability_alive(once).to_numpy() == pytest.approx(by_hand.to_numpy(), rel=1e-12)
    assert mbg.probability_alive(once).max() < 0.5


def test_fit_finds_the_truth_of_simulated_customers() -> None:
    ages = np.repeat(np.arange(10.0, 60.0), 400)
    found = fit_mbgnbd(simulate_mbgnbd(len(ages), TRUTH, ages, seed=6))
    distance = {name: (found.params[name] - TRUTH[name]) / found.standard_errors[name] for name in TRUTH}
    assert max(abs(z) for z in distance.values()) < 3
    assert max(found.standard_errors[name] / TRUTH[name] for name in TRUTH) < 0.25


def test_simulated_frequencies_have_the_distribution(mbg: MBGNBDFit) -> None:
    """Chi-squared of 50,000 customers over nine classes; 99.9 % of such tests lie below 26.1."""
    customers = simulate_mbgnbd(50_000, TRUTH, 30.0, seed=9)
    expected = dataclasses.replace(mbg, params=TRUTH).frequency_distribution(customers, 8)
    observed = np.bincount(np.minimum(customers["frequency"], 8), minlength=9)
    assert ((observed - expected) ** 2 / expected).sum() < 26.1


def test_without_a_chance_to_leave_both_geometric_models_are_the_nbd(sample: pd.DataFrame, mbg: MBGNBDFit) -> None:
    """a -> 0: the frequencies are negative binomial under either."""
    faithful = {"r": 0.5, "alpha": 6.0, "a": 1e-12, "b": 1.0}
    n = np.arange(12)
    r, p = 0.5, 20 / 26
    negative_binomial = np.exp(gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * math.log(1 - p) + n * math.log(p))
    for fit in (mbg, fit_bgnbd(sample)):
        staying = dataclasses.replace(fit, params=faithful)
        found = [staying.probability_of_purchases(int(k), 20) for k in n]
        assert found == pytest.approx(negative_binomial.tolist(), rel=1e-9)
