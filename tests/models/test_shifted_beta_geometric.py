"""The shifted-beta-geometric model: published estimates, closed forms, limits and refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import beta as beta_function
from scipy.special import hyp2f1
from scipy.stats import chi2

from loyalty_lib.errors import ModelError
from loyalty_lib.models.shifted_beta_geometric import SBGFit, fit_shifted_beta_geometric, tally_cohorts

# Customers of 1,000 left after each of 12 years: Fader and Hardie (2007), table 1; years 0 to 7 are fitted.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
PUBLISHED = {"high end": (HIGH_END, 0.668, 3.806, -1611.2), "regular": (REGULAR, 0.704, 1.182, -1680.3)}


@pytest.fixture(scope="module")
def high_end() -> SBGFit:
    return fit_shifted_beta_geometric(tally_cohorts([HIGH_END[:8]]))


@pytest.mark.parametrize("segment", PUBLISHED)
def test_fit_matches_the_published_estimates(segment: str) -> None:
    """Fader and Hardie (2007): alpha, beta and the log-likelihood with the digits printed there."""
    survivors, alpha, beta, log_likelihood = PUBLISHED[segment]
    fit = fit_shifted_beta_geometric(tally_cohorts([survivors[:8]]))
    assert fit.params["alpha"] == pytest.approx(alpha, abs=5e-4)
    assert fit.params["beta"] == pytest.approx(beta, abs=5e-4)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.05)
    assert fit.aic == pytest.approx(4 - 2 * fit.log_likelihood)
    assert fit.converged
    assert not fit.undetermined


@pytest.mark.parametrize(("segment", "projected", "actual"), [("high end", 0.378, 0.394), ("regular", 0.170, 0.173)])
def test_projection_to_year_12_holds_what_then_happened(segment: str, projected: float, actual: float) -> None:
    """Fitted on seven years, the projection is within two points of the twelfth and its interval holds it."""
    survivors = PUBLISHED[segment][0]
    fit = fit_shifted_beta_geometric(tally_cohorts([survivors[:8]]))
    table = fit.projected_survival(12)
    assert survivors[12] / 1000 == actual
    assert table["renewal"].to_list() == list(range(13))
    assert table["share"].iloc[12] == pytest.approx(projected, abs=5e-4)
    assert table["low"].iloc[12] < actual < table["high"].iloc[12]
    assert np.abs(table["share"] - np.array(survivors) / 1000).max() < 0.02


def test_closed_forms_agree_with_beta_functions_and_with_each_other(high_end: SBGFit) -> None:
    alpha, beta = high_end.params.values()
    t = np.arange(1, 30)
    survival, lost = high_end.survival(t), high_end.probability_of_loss(t)
    np.testing.assert_allclose(survival, beta_function(alpha, beta + t) / beta_function(alpha, beta), rtol=1e-12)
    np.testing.assert_allclose(lost, beta_function(alpha + 1, beta + t - 1) / beta_function(alpha, beta), rtol=1e-12)
    np.testing.assert_allclose(lost, -np.diff(high_end.survival(np.arange(30))), rtol=1e-10)
    np.testing.assert_allclose(high_end.retention_rate(t), survival / high_end.survival(t - 1), rtol=1e-12)
    assert (np.diff(high_end.retention_rate(t)) > 0).all()


@pytest.mark.parametrize("rate", [0.005, 0.1, 0.4])
def test_discounted_lifetimes_are_the_published_hypergeometric_functions_and_plain_sums(
    high_end: SBGFit, rate: float
) -> None:
    """Fader and Hardie (2010), eq. 4 and 6."""
    alpha, beta = high_end.params.values()
    discount = 1 / (1 + rate)
    assert high_end.discounted_lifetime(rate) == pytest.approx(hyp2f1(1, beta, alpha + beta, discount), rel=1e-9)
    t = np.arange(20_000)
    assert high_end.discounted_lifetime(rate) == pytest.approx((high_end.survival(t) * discount**t).sum(), rel=1e-9)
    renewals = np.array([[1, 2], [5, 9]])
    expected = (beta + renewals - 1) / (alpha + beta + renewals - 1)
    expected *= hyp2f1(1, beta + renewals, alpha + beta + renewals, discount)
    np.testing.assert_allclose(high_end.discounted_residual_lifetime(renewals, rate), expected, rtol=1e-9)


def test_discounted_lifetime_of_the_published_segment() -> None:
    """5.92 years for High End at 10 % a year, as public implementations of the 2010 paper print it."""
    fit = fit_shifted_beta_geometric(tally_cohorts([HIGH_END[:8]]))
    assert fit.discounted_lifetime(0.1) == pytest.approx(5.92, abs=5e-3)


def test_cohorts_of_different_length_are_one_likelihood() -> None:
    """The multi-cohort log-likelihood written out customer by customer: P(T = t) of the lost, S(t) of the others."""
    cohorts = [HIGH_END[:8], [400, 340, 300, 270], [250, 214]]
    fit = fit_shifted_beta_geometric(tally_cohorts(cohorts))
    total = 0.0
    for cohort in cohorts:
        for t in range(1, len(cohort)):
            total += (cohort[t - 1] - cohort[t]) * np.log(fit.probability_of_loss(t))
        total += cohort[-1] * np.log(fit.survival(len(cohort) - 1))
    assert fit.log_likelihood == pytest.approx(float(total), rel=1e-12)
    alone = fit_shifted_beta_geometric(tally_cohorts([HIGH_END[:8]]))
    twice = fit_shifted_beta_geometric(tally_cohorts([HIGH_END[:8], HIGH_END[:8]]))
    assert dict(twice.params) == pytest.approx(dict(alone.params), rel=1e-6)
    assert twice.n_customers == 2000


def test_truth_of_simulated_customers_lies_in_the_intervals() -> None:
    """Wald test of the true parameters in logarithms, 60 simulations: 95 % of them below the 95 % point, about."""
    inside = 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        lost_at = generator.geometric(generator.beta(0.8, 2.5, 1500))
        cohort = [1500, *((lost_at > t).sum() for t in range(1, 9))]
        fit = fit_shifted_beta_geometric(tally_cohorts([cohort]))
        away = np.log(np.fromiter(fit.params.values(), dtype=float)) - np.log([0.8, 2.5])
        inside += int(away @ np.linalg.solve(fit.log_covariance, away) < chi2.ppf(0.95, 2))
    assert 52 <= inside <= 60


def test_base_of_one_age_is_the_conditional_survival_and_its_interval_knows_chance(high_end: SBGFit) -> None:
    base = high_end.projected_base({2: 40}, 3, level=0.9, seed=3)
    np.testing.assert_allclose(base["share"], high_end.survival(np.arange(2, 6)) / high_end.survival(2), rtol=1e-12)
    chance = 1.645 * np.sqrt(base["share"] * (1 - base["share"]) / 40)
    assert (base["high"] - base["low"]).iloc[1:].to_numpy() == pytest.approx(2 * chance.iloc[1:].to_numpy(), rel=0.25)
    assert base.iloc[0, 1:].to_list() == [1.0, 1.0, 1.0]
    mixed = high_end.projected_base({0: 30, 4: 10}, 1)["share"].iloc[1]
    assert mixed == pytest.approx(0.75 * high_end.retention_rate(1) + 0.25 * high_end.retention_rate(5))
    pd.testing.assert_frame_equal(base, high_end.projected_base({2: 40}, 3, level=0.9, seed=3))


def test_customers_alike_are_the_geometric_limit() -> None:
    """Retention that falls from renewal to renewal: no spread of customers makes that; 174 of 270 were made."""
    fit = fit_shifted_beta_geometric(tally_cohorts([[100, 90, 60, 20, 4]]))
    kept, faced = 90 + 60 + 20 + 4, 100 + 90 + 60 + 20
    assert fit.undetermined == ("alpha", "beta")
    assert "equally likely to leave" in fit.caveats[0]
    assert all(np.isnan(value) for value in fit.standard_errors.values())
    np.testing.assert_allclose(fit.survival([1, 2, 3]), (kept / faced) ** np.arange(1, 4), rtol=1e-4)
    table = fit.projected_survival(3)
    assert table["low"].iloc[3] < table["share"].iloc[3] < table["high"].iloc[3]


def test_nobody_lost_after_the_first_renewal_is_a_limit_too() -> None:
    fit = fit_shifted_beta_geometric(tally_cohorts([[1000, 500, 500, 500, 500]]))
    assert fit.undetermined
    np.testing.assert_allclose(fit.survival([1, 2, 20]), 0.5, atol=1e-4)


@pytest.mark.parametrize(
    ("survivors", "said"),
    [
        ([[100, 80, 70]], "at least 3"),
        ([[100]], "at least 3"),
        ([[100, 100, 100, 100]], "No customer left"),
        ([[100, 0, 0, 0]], "at least 3"),
        ([[100, 90, 95, 80]], "never more"),
    ],
)
def test_cohorts_that_teach_nothing_are_refused_in_words(survivors: list[list[int]], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        fit_shifted_beta_geometric(tally_cohorts(survivors))


def test_more_lost_than_faced_and_all_lost_are_refused() -> None:
    with pytest.raises(ModelError, match="More customers were lost"):
        fit_shifted_beta_geometric(pd.DataFrame({"faced": [9, 8, 7], "lost": [1, 9, 0]}))
    with pytest.raises(ModelError, match="No customer passed"):
        fit_shifted_beta_geometric(pd.DataFrame({"faced": [9, 8, 7], "lost": [9, 8, 7]}))


@pytest.mark.parametrize("rate", [0.0, -0.1])
def test_lifetimes_without_discounting_are_refused(high_end: SBGFit, rate: float) -> None:
    with pytest.raises(ModelError, match="above 0"):
        high_end.discounted_lifetime(rate)


def test_a_stored_fit_comes_back(high_end: SBGFit) -> None:
    again = SBGFit.from_json(json.loads(json.dumps(high_end.to_json(), allow_nan=False)))
    assert dict(again.params) == dict(high_end.params)
    pd.testing.assert_frame_equal(again.draw(5, 1), high_end.draw(5, 1))
