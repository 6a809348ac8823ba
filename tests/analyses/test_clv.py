"""Customer lifetime value against sums written out week by week."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.clv import CLVResult, customer_lifetime_value, units_in
from loyalty_lib.errors import ModelError, UsageError
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from tests.models import cdnow

RATE, MARGIN = 0.1, 0.4


@pytest.fixture(scope="module")
def year(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> CLVResult:
    return customer_lifetime_value(fit, spend_fit, sample, horizon_months=12, yearly_discount_rate=RATE, margin=MARGIN)


def test_twelve_months_are_a_mean_gregorian_year() -> None:
    assert units_in(12, "D") == 365.2425
    assert units_in(12, "W") == pytest.approx(52.1775, abs=1e-12)
    assert units_in(1, "W") == pytest.approx(4.348125, abs=1e-12)


def test_value_is_the_sum_over_weeks_with_the_last_part_of_a_week_at_its_end(
    year: CLVResult, fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    """Written out from the fit's expectations, one week at a time."""
    ends = [float(week) for week in range(1, 53)] + [52.1775]
    value = pd.Series(0.0, index=sample.index)
    before = value
    for end in ends:
        until = fit.expected_purchases(sample, end)
        value = value + (until - before) / (1 + RATE) ** (end / 52.1775)
        before = until
    expected = value * spend_fit.expected_mean_spend(sample) * MARGIN
    assert year.customers["clv"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
    assert year.customers["expected_purchases"].to_numpy() == pytest.approx(before.to_numpy(), rel=1e-12)
    assert year.customer_equity == pytest.approx(expected.sum(), rel=1e-10)
    assert year.unit == "W"
    assert year.horizon == pytest.approx(52.1775)
    assert "end of that week" in year.timing


def test_whole_weeks_have_no_part_left_over(fit: BGNBDFit, spend_fit: GammaGammaFit) -> None:
    """52 weeks of a year of 52.1775, for the paper's customer with two repeat purchases."""
    paper = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}
    customer = cdnow.history(2, 30.43, 38.86).assign(monetary_value=30.0)
    result = customer_lifetime_value(
        dataclasses.replace(fit, params=paper),
        spend_fit,
        customer,
        horizon_months=12 * 52 / 52.1775,
        yearly_discount_rate=RATE,
        margin=1,
    )
    only = result.customers.iloc[0]
    assert only["expected_purchases"] == pytest.approx(1.558577, abs=6e-7)
    # At 10 % per 52 weeks the published sum is 1.490267; a year of 52.1775 weeks discounts a little less.
    discounted = only["clv"] / only["expected_spend"]
    assert 1.490267 < discounted < 1.490267 * 1.1 ** (1 - 52 / 52.1775)


def test_without_discounting_value_is_purchases_times_spend(
    fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    result = customer_lifetime_value(fit, spend_fit, sample, horizon_months=6, yearly_discount_rate=0, margin=1)
    product = result.customers["expected_purchases"] * result.customers["expected_spend"]
    assert result.customers["clv"].to_numpy() == pytest.approx(product.to_numpy(), rel=1e-12)


def test_days_and_weeks_value_customers_alike(year: CLVResult) -> None:
    """The unit changes the timing of purchases within a week, and nothing else."""
    summary = cdnow.summary_of("sample", "D")
    daily = customer_lifetime_value(
        fit_bgnbd(summary),
        fit_gamma_gamma(summary),
        summary,
        horizon_months=12,
        yearly_discount_rate=RATE,
        margin=MARGIN,
    )
    assert daily.expected_purchases_total == pytest.approx(year.expected_purchases_total, rel=1e-9)
    half_a_week = (1 + RATE) ** (3 / 365.2425)
    assert daily.customer_equity == pytest.approx(year.customer_equity * half_a_week, rel=2e-5)


def test_intervals_hold_the_estimate_and_are_as_wide_as_their_parts(
    year: CLVResult, fit: BGNBDFit, sample: pd.DataFrame
) -> None:
    low, high = year.purchases_interval
    assert low < year.expected_purchases_total < high
    expected = fit.total_interval(sample, year.horizon, 0.8, seed=99)
    assert high - low == pytest.approx(expected.high - expected.low, rel=0.15)
    low, high = year.equity_interval
    assert low < year.customer_equity < high
    # Money is at least as uncertain as the number of purchases it comes from.
    purchases = (year.purchases_interval.high - year.purchases_interval.low) / year.expected_purchases_total
    assert (high - low) / year.customer_equity > 0.95 * purchases
    assert year.level == 0.8


def test_nothing_depends_on_the_order_of_the_rows(
    year: CLVResult, fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    shuffled = sample.sample(frac=1, random_state=3)
    again = customer_lifetime_value(
        fit, spend_fit, shuffled, horizon_months=12, yearly_discount_rate=RATE, margin=MARGIN
    )
    assert again.customers.reindex(sample.index).equals(year.customers)
    assert again.customer_equity == year.customer_equity
    assert again.purchases_interval == year.purchases_interval
    assert again.equity_interval == pytest.approx(year.equity_interval, rel=1e-12)


def test_the_full_cohort_takes_less_than_two_seconds() -> None:
    summary = cdnow.summary_of("master")
    fit, spend_fit = fit_bgnbd(summary), fit_gamma_gamma(summary)
    started = time.process_time()
    result = customer_lifetime_value(
        fit, spend_fit, summary, horizon_months=12, yearly_discount_rate=RATE, margin=MARGIN
    )
    assert time.process_time() - started < 2
    assert len(result.customers) == 23_570
    assert result.equity_interval.low < result.customer_equity < result.equity_interval.high


def test_caveats_of_both_models_travel_with_the_value(year: CLVResult, fit: BGNBDFit, spend_fit: GammaGammaFit) -> None:
    assert year.caveats == fit.caveats + spend_fit.caveats


def test_all_senseless_settings_are_named_at_once(
    fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    with pytest.raises(UsageError) as caught:
        customer_lifetime_value(fit, spend_fit, sample, horizon_months=0, yearly_discount_rate=math.nan, margin=40)
    assert [word in str(caught.value) for word in ("horizon", "discount rate", "margin")] == [True] * 3


def test_without_a_mean_spend_there_is_no_value(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    heavy = dataclasses.replace(spend_fit, params={"p": 2.0, "q": 0.8, "v": 20.0})
    with pytest.raises(ModelError, match=r"no mean for one-time buyers \(q = 0.8"):
        customer_lifetime_value(fit, heavy, sample, horizon_months=12, yearly_discount_rate=RATE, margin=MARGIN)


def test_an_upper_end_that_the_data_do_not_bound_is_infinite(
    fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame
) -> None:
    """q a little above 1 and uncertain: many draws have no mean spend, so the equity has no upper end."""
    edge = dataclasses.replace(
        spend_fit, params={"p": 6.0, "q": 1.05, "v": 15.0}, log_covariance=np.diag([0.0, 0.01, 0.0])
    )
    result = customer_lifetime_value(fit, edge, sample, horizon_months=12, yearly_discount_rate=RATE, margin=MARGIN)
    assert math.isfinite(result.equity_interval.low)
    assert result.equity_interval.high == math.inf


def test_probability_of_being_active_is_not_made_up_for_one_time_buyers(
    year: CLVResult, fit: BGNBDFit, sample: pd.DataFrame
) -> None:
    """Under BG/NBD a customer with one purchase is active with certainty: the model cannot tell, so nothing is said."""
    repeated = sample["frequency"] > 0
    alive = year.customers["probability_alive"]
    assert alive[~repeated].isna().all()
    pd.testing.assert_series_equal(alive[repeated], fit.probability_alive(sample)[repeated], check_names=False)
