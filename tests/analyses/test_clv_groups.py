"""Intervals of the value of groups: against the whole's, and on simulated customers whose future is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.clv import CLVResult, customer_lifetime_value, group_intervals
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.simulate import simulate_bgnbd
from tests.models import cdnow

CUSTOMERS, REPETITIONS = 500, 16
PURCHASES = {"r": 0.8, "alpha": 12.0, "a": 0.15, "b": 3.0}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}  # CDNOW's
YEAR = 52.1775  # weeks


def by_frequency(summary: pd.DataFrame) -> pd.Series[str]:
    """Part customers into those who bought once, a few times, and often."""
    frequency = summary["frequency"]
    names = np.select([frequency == 0, frequency <= 2], ["once", "few"], "many")
    return pd.Series(names, index=summary.index, name="group")


def valued(fit: BGNBDFit, spend_fit: GammaGammaFit, summary: pd.DataFrame) -> CLVResult:
    return customer_lifetime_value(fit, spend_fit, summary, horizon_months=12, yearly_discount_rate=0, margin=1)


@pytest.fixture(scope="module")
def year(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> CLVResult:
    return valued(fit, spend_fit, sample)


@pytest.fixture(scope="module")
def intervals(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame, year: CLVResult) -> pd.DataFrame:
    return group_intervals(fit, spend_fit, sample, year, by_frequency(sample))


def test_an_interval_holds_its_group_s_value_and_is_wider_in_proportion_than_the_whole_s(
    year: CLVResult, intervals: pd.DataFrame, sample: pd.DataFrame
) -> None:
    totals = year.customers["clv"].groupby(by_frequency(sample)).sum()
    assert intervals.index.to_list() == totals.index.to_list() == ["few", "many", "once"]
    assert (intervals["low_clv"] < totals).all()
    assert (intervals["high_clv"] > totals).all()
    whole = (year.equity_interval.high - year.equity_interval.low) / year.customer_equity
    width = (intervals["high_clv"] - intervals["low_clv"]) / totals
    assert (width > whole).all()
    # Were groups independent, their variances would add up to the whole's; common parameters make the whole wider.
    spread = math.sqrt(((intervals["high_clv"] - intervals["low_clv"]) ** 2).sum())
    assert year.equity_interval.high - year.equity_interval.low > 0.9 * spread


def test_one_group_of_everybody_has_the_interval_of_the_whole(
    fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame, year: CLVResult
) -> None:
    """Fewer draws and fewer customers simulated: the same but for the simulation's own chance."""
    everybody = pd.Series("all", index=sample.index, name="group")
    (low, high), *_ = group_intervals(fit, spend_fit, sample, year, everybody).to_numpy().tolist()
    width = year.equity_interval.high - year.equity_interval.low
    assert low == pytest.approx(year.equity_interval.low, abs=0.15 * width)
    assert high == pytest.approx(year.equity_interval.high, abs=0.15 * width)


def test_intervals_do_not_depend_on_the_order_of_the_rows(
    fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame, year: CLVResult, intervals: pd.DataFrame
) -> None:
    groups = by_frequency(sample)
    again = group_intervals(
        fit, spend_fit, sample.sample(frac=1, random_state=3), year, groups.sample(frac=1, random_state=5)
    )
    pd.testing.assert_frame_equal(again, intervals, rtol=1e-12)


def test_a_customer_alone_is_far_less_certain_than_many(
    fit: BGNBDFit, spend_fit: GammaGammaFit, year: CLVResult, sample: pd.DataFrame
) -> None:
    alone = sample.index == sample["frequency"].idxmax()
    groups = pd.Series(np.where(alone, "one", "many"), index=sample.index, name="group", dtype="str")
    found = group_intervals(fit, spend_fit, sample, year, groups)
    value = year.customers["clv"].groupby(groups).sum()
    width = (found["high_clv"] - found["low_clv"]) / value
    assert width["one"] > 5 * width["many"]


def test_four_of_five_intervals_hold_what_simulated_customers_then_bring() -> None:
    """Customers of BG/NBD and Gamma-Gamma with known parameters, followed for the year after the fit.

    Of 48 intervals of 80 % the share that holds the truth has a standard error of about 6 points.
    """
    held = []
    for repetition in range(REPETITIONS):
        age = np.linspace(1.0, 52.0, CUSTOMERS)
        summary = simulate_bgnbd(CUSTOMERS, PURCHASES, age, seed=repetition, horizon=YEAR)
        source = np.random.default_rng([repetition, 7])
        rate = source.gamma(SPEND["q"], 1 / SPEND["v"], CUSTOMERS)
        x, after = summary["frequency"].to_numpy(), summary["after"].to_numpy()
        mean = source.gamma(SPEND["p"] * np.maximum(x, 1)) / rate / np.maximum(x, 1)
        summary["monetary_value"] = np.where(x > 0, mean, np.nan)
        sales = pd.Series(np.where(after > 0, source.gamma(SPEND["p"] * np.maximum(after, 1)) / rate, 0.0))
        fit, spend_fit = fit_bgnbd(summary), fit_gamma_gamma(summary)
        groups = by_frequency(summary)
        found = group_intervals(fit, spend_fit, summary, valued(fit, spend_fit, summary), groups)
        truth = sales.set_axis(summary.index).groupby(groups).sum()
        held.append((found["low_clv"] <= truth) & (truth <= found["high_clv"]))
    assert 0.7 <= float(pd.concat(held).mean()) <= 0.9


def test_the_full_cohort_takes_little_longer_with_its_groups() -> None:
    summary = cdnow.summary_of("master")
    fit, spend_fit = fit_bgnbd(summary), fit_gamma_gamma(summary)
    value = valued(fit, spend_fit, summary)
    found = group_intervals(fit, spend_fit, summary, value, by_frequency(summary))
    totals = value.customers["clv"].groupby(by_frequency(summary)).sum()
    assert ((found["low_clv"] < totals) & (totals < found["high_clv"])).all()
