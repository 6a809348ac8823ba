"""Gamma-Gamma against the numbers of Fader & Hardie (2013) and against customers whose truth is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from loyalty_lib.errors import ModelError
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.gamma_gamma_likelihood import Likelihood
from tests.models import cdnow


def spending(n: int, p: float, q: float, v: float, seed: int) -> pd.DataFrame:
    """Customers as the model tells it: nu ~ Gamma(q, rate v), each purchase ~ Gamma(p, rate nu)."""
    source = np.random.default_rng(seed)
    x = source.integers(1, 9, n)
    mean = source.gamma(p * x) / source.gamma(q, 1 / v, n) / x
    return pd.DataFrame({"frequency": x, "monetary_value": mean})


def test_fit_matches_published_cdnow_estimates(spend_fit: GammaGammaFit) -> None:
    """Fader & Hardie (2013), section 3: p 6.25, q 3.74, v 15.44; six digits from an independent implementation."""
    assert spend_fit.params == pytest.approx({"p": 6.249572, "q": 3.744225, "v": 15.443522}, rel=1e-6)
    assert spend_fit.log_likelihood == pytest.approx(-4055.9177, abs=6e-5)
    assert (spend_fit.n_customers, spend_fit.excluded, spend_fit.at_boundary) == (946, 0, False)


def test_fit_of_the_full_cohort_leaves_out_the_customer_without_spend() -> None:
    found = fit_gamma_gamma(cdnow.summary_of("master"))
    assert found.params == pytest.approx({"p": 6.275361, "q": 3.62445, "v": 14.983681}, rel=1e-6)
    assert found.log_likelihood == pytest.approx(-40763.4763, abs=6e-5)
    assert (found.n_customers, found.excluded) == (9450, 1)
    assert any("zero or negative: 1." in caveat for caveat in found.caveats)
    assert (found.pearson, found.spearman) == pytest.approx((0.0802, 0.1981), abs=6e-5)


def test_expected_spend_of_the_first_ten_customers_matches_the_paper(
    spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    found = spend_fit.expected_mean_spend(sample.head(10))
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert found.tolist() == pytest.approx(published, abs=0.0051)


def test_population_mean_is_that_of_one_time_buyers(spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    once = sample[sample["frequency"] == 0]
    assert set(spend_fit.expected_mean_spend(once)) == {spend_fit.mean}
    assert spend_fit.mean == pytest.approx(6.249572 * 15.443522 / 2.744225, rel=1e-6)


def test_association_of_spend_and_frequency_is_measured_and_told(
    spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    repeaters = sample[sample["frequency"] > 0]
    assert spend_fit.pearson == pytest.approx(repeaters["frequency"].corr(repeaters["monetary_value"]), rel=1e-12)
    assert spend_fit.spearman == pytest.approx(
        spearmanr(repeaters["frequency"], repeaters["monetary_value"]).statistic, rel=1e-12
    )
    assert (spend_fit.pearson, spend_fit.spearman) == pytest.approx((0.1139, 0.2063), abs=6e-5)
    between = repeaters.groupby("frequency")["monetary_value"].transform("mean").var(ddof=0)
    assert spend_fit.eta_squared == pytest.approx(between / repeaters["monetary_value"].var(ddof=0), rel=1e-10)
    assert any("somewhat related (rank correlation 0.21)" in caveat for caveat in spend_fit.caveats)


def test_strong_association_is_told_as_strong() -> None:
    summary = spending(2_000, 6, 4, 15, seed=1)
    summary["monetary_value"] *= summary["frequency"]
    assert any("strongly related" in caveat for caveat in fit_gamma_gamma(summary).caveats)


def test_derivatives_match_finite_differences(sample: pd.DataFrame) -> None:
    repeaters = sample[sample["frequency"] > 0].sort_values("frequency")
    likelihood = Likelihood(
        repeaters["frequency"].to_numpy(dtype=float), repeaters["monetary_value"].to_numpy(dtype=float) / 30
    )
    point = np.log([4.0, 2.5, 0.7])
    _, gradient, hessian = likelihood(point)
    step = 1e-5
    for i, direction in enumerate(np.eye(3) * step):
        (up, up_gradient, _), (down, down_gradient, _) = likelihood(point + direction), likelihood(point - direction)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-6)
        assert hessian[i] == pytest.approx((up_gradient - down_gradient) / (2 * step), rel=1e-6)


def test_log_likelihood_matches_the_formula_summed_customer_by_customer(
    spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    """Fader & Hardie (2013), equation 1a, in plain Python."""
    p, q, v = spend_fit.params.values()

    def term(x: int, m: float) -> float:
        gammas = math.lgamma(p * x + q) - math.lgamma(p * x) - math.lgamma(q)
        powers = q * math.log(v) + (p * x - 1) * math.log(m) + p * x * math.log(x)
        return gammas + powers - (p * x + q) * math.log(x * m + v)

    repeaters = sample.loc[sample["frequency"] > 0, ["frequency", "monetary_value"]]
    total = math.fsum(term(*row) for row in repeaters.itertuples(index=False, name=None))
    assert spend_fit.log_likelihood == pytest.approx(total, abs=1e-8)


def test_fit_finds_the_truth_of_simulated_customers() -> None:
    truth = {"p": 3.0, "q": 4.0, "v": 60.0}
    found = fit_gamma_gamma(spending(20_000, **truth, seed=3))
    distance = {name: (found.params[name] - truth[name]) / found.standard_errors[name] for name in truth}
    assert max(abs(z) for z in distance.values()) < 3
    assert max(found.standard_errors[name] / truth[name] for name in truth) < 0.1


def test_the_currency_changes_nothing_but_v_and_the_density(spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    in_cents = fit_gamma_gamma(sample.assign(monetary_value=sample["monetary_value"] * 100))
    assert in_cents.params == pytest.approx(dict(spend_fit.params) | {"v": 100 * spend_fit.params["v"]}, rel=1e-9)
    assert in_cents.log_likelihood == pytest.approx(spend_fit.log_likelihood - 946 * math.log(100), abs=1e-7)


def test_nothing_depends_on_the_order_of_the_rows(spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    again = fit_gamma_gamma(sample.sample(frac=1, random_state=5))
    assert again.params == spend_fit.params
    assert (again.log_likelihood, again.spearman, again.eta_squared) == (
        spend_fit.log_likelihood,
        spend_fit.spearman,
        spend_fit.eta_squared,
    )


def test_without_a_mean_none_is_made_up() -> None:
    """q below 1: the means of customers have no mean; frequent customers still have theirs."""
    summary = spending(3_000, 2.0, 0.5, 20.0, seed=2)
    found = fit_gamma_gamma(summary)
    assert found.params["q"] < 1
    assert found.mean is None
    assert any("no mean for one-time customers" in caveat for caveat in found.caveats)
    customers = pd.DataFrame({"frequency": [0, 3], "monetary_value": [math.nan, 50.0]})
    once, often = found.expected_mean_spend(customers)
    assert math.isnan(once)
    p, q, v = found.params.values()
    assert often == pytest.approx(p * (v + 150) / (3 * p + q - 1), rel=1e-12)


def test_customers_who_spend_the_same_are_a_boundary() -> None:
    source = np.random.default_rng(1)
    x = source.integers(1, 6, 200)
    summary = pd.DataFrame({"frequency": x, "monetary_value": source.gamma(4.0 * x) / x})
    found = fit_gamma_gamma(summary)
    assert found.at_boundary
    assert math.isnan(found.standard_errors["q"])
    assert found.mean == pytest.approx(4.0, rel=0.05)
    assert any("how much customers differ in spend" in caveat for caveat in found.caveats)


def test_stored_fit_is_the_same_fit(spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    stored = GammaGammaFit.from_json(json.loads(json.dumps(spend_fit.to_json())))
    assert stored.expected_mean_spend(sample).equals(spend_fit.expected_mean_spend(sample))
    assert (stored.caveats, stored.spearman, stored.excluded) == (
        spend_fit.caveats,
        spend_fit.spearman,
        spend_fit.excluded,
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"frequency": [0, 0], "monetary_value": [math.nan, math.nan]}, "0 customers have repeat purchases"),
        ({"frequency": [1, 2], "monetary_value": [5.0, -3.0]}, "1 customers have repeat purchases"),
        ({"frequency": [1, 2], "monetary_value": [5.0, math.nan]}, "1 of 2 customers have a frequency"),
        ({"frequency": [1, 2]}, "lacks 'monetary_value'"),
    ],
)
def test_impossible_data_are_refused_in_plain_words(columns: dict[str, list[float]], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        fit_gamma_gamma(pd.DataFrame(columns))
