"""Goodness of fit against published figures, plain pandas, and simulated customers whose truth is known."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import chi2, chisquare

from loyalty_lib.analyses.goodness import alive_table, calibration_table, frequency_misfit, frequency_table
from loyalty_lib.analyses.goodness_spend import spend_by_frequency_table, spend_table
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_spend
from tests.models import cdnow

PARAMS = {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.5}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
REPEATS = ["0", "1", "2", "3-4", "5-7", "8+"]
REPEAT_EDGES = [-1, 0, 1, 2, 4, 7, np.inf]


def two_kinds_of_shoppers(n: int = 1000) -> pd.DataFrame:
    """Half buy every twenty weeks, half every other week, and nobody leaves: two humps no gamma rate has."""
    source = np.random.default_rng(3)
    made = source.poisson(np.repeat([0.05, 0.6], n // 2) * 52)
    last = 52 * source.beta(np.maximum(made, 1), 1)
    summary = pd.DataFrame({"frequency": made, "recency": np.where(made > 0, last, 0.0), "T": 52.0})
    summary.attrs["unit"] = "W"
    return summary


def test_frequencies_of_cdnow_deviate_as_published(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    """Fader, Hardie & Lee (2005), figure 1: chi-squared 4.82 in the classes 0 to 7+, p = .19 at 3 degrees."""
    table = frequency_table(fit, sample)
    assert table["frequency"].tolist() == [*map(str, range(10)), "10+"]
    actual, expected = ([*table[column][:7], table[column][7:].sum()] for column in ("customers", "expected"))
    assert actual == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert sum(expected) == pytest.approx(2357, rel=1e-12)
    found = chisquare(actual, expected, ddof=4)
    assert found.statistic == pytest.approx(4.82, abs=6e-3)
    assert found.pvalue == pytest.approx(0.19, abs=6e-3)


def test_misfit_is_pearsons_test_in_classes_that_expect_five(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    """The last class, 20 to 29 purchases (the most anyone made), expects fewer and joins its neighbour."""
    each = fit.frequency_distribution(sample, 40)
    assert each[20:].sum() < 5 < each[15:].sum()
    expected = [*each[:10], each[10:15].sum(), each[15:].sum()]
    bins = [*range(11), 15, np.inf]
    actual = pd.cut(sample["frequency"], bins, right=False).value_counts(sort=False).to_numpy()
    found = frequency_misfit(fit, sample)
    known = chisquare(actual, expected, ddof=4)
    assert found.degrees == 12 - 1 - 4
    assert found.chi_squared == pytest.approx(known.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-9)
    assert found.misplaced == pytest.approx(np.abs(actual - np.array(expected)).sum() / 2 / 2357, rel=1e-9)
    assert found.caveats == ()


def test_a_true_model_is_seldom_rejected() -> None:
    """Of 30 simulated customer bases; at 1 % it should be one in 50 to one in 100."""
    rejected = 0
    for seed in range(30):
        ages = np.random.default_rng(seed).uniform(5, 60, 1500)
        summary = simulate_bgnbd(1500, PARAMS, ages, seed)
        rejected += frequency_misfit(fit_bgnbd(summary), summary).p_value < 0.01
    assert rejected < 3


def test_a_model_that_is_plainly_wrong_is_rejected_and_a_manager_told() -> None:
    summary = two_kinds_of_shoppers()
    found = frequency_misfit(fit_bgnbd(summary), summary)
    assert found.p_value < 1e-9
    assert found.misplaced > 0.15
    (told,) = found.caveats
    assert told == (
        f"The model does not reproduce how often customers have bought so far: {found.misplaced:.0%} of them would "
        "have to have bought more or less often than they did. Read its forecast with care."
    )


def test_the_wrong_model_of_two_like_ones_is_told_apart() -> None:
    """Nobody leaves after the first purchase; MBG/NBD, which lets many, misplaces them."""
    summary = simulate_bgnbd(5000, {"r": 0.83, "alpha": 12.5, "a": 0.83, "b": 5.0}, 80.0, seed=1)
    right, wrong = (frequency_misfit(fit(summary), summary) for fit in (fit_bgnbd, fit_mbgnbd))
    assert right.p_value > 0.01
    assert wrong.p_value < 1e-6
    assert right.misplaced < 0.02 < wrong.misplaced


def test_a_small_deviation_of_many_customers_is_no_caveat() -> None:
    """All 23,570 customers of CDNOW: rejected beyond doubt, for 1.5 % of them."""
    summary = cdnow.summary_of("master")
    found = frequency_misfit(fit_bgnbd(summary), summary)
    assert found.p_value < 1e-6
    assert found.misplaced == pytest.approx(0.0148, abs=6e-5)
    assert found.caveats == ()


def test_too_few_classes_are_no_test(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    found = frequency_misfit(fit, sample.head(12))
    assert found.degrees == 0
    assert math.isnan(found.p_value)
    assert found.caveats == ()


def test_misfit_does_not_depend_on_the_order_of_rows(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    shuffled = sample.sample(frac=1, random_state=1)
    one, other = frequency_misfit(fit, sample), frequency_misfit(fit, shuffled)
    assert vars(one) == vars(other)
    pd.testing.assert_frame_equal(frequency_table(fit, sample), frequency_table(fit, shuffled))


def test_calibration_matches_plain_pandas(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    expected = fit.expected_purchases(sample, 39)
    actual = cdnow.holdout_purchases("sample")
    table = calibration_table(expected, actual)
    tenth = np.floor((expected.rank(method="min") - 1) * 10 / len(expected))
    groups = pd.DataFrame({"expected": expected, "actual": actual}).groupby(tenth)
    assert table["group"].tolist() == list(range(1, 11))
    assert table["customers"].tolist() == groups.size().tolist()
    means = groups.mean()
    assert table["expected"].tolist() == pytest.approx(means["expected"].tolist(), rel=1e-12)
    assert table["actual"].tolist() == pytest.approx(means["actual"].tolist(), rel=1e-12)
    half = 1.959964 * groups["actual"].sem()
    assert table["low"].tolist() == pytest.approx((means["actual"] - half).clip(lower=0).tolist(), rel=1e-6)
    assert table["high"].tolist() == pytest.approx((means["actual"] + half).tolist(), rel=1e-6)
    assert (table["customers"] * table["expected"]).sum() == pytest.approx(1653.41, abs=6e-3)
    assert (table["customers"] * table["actual"]).sum() == pytest.approx(1882, rel=1e-12)


def test_equal_forecasts_stay_together_whatever_the_order() -> None:
    """Seventy of a hundred customers with one forecast fill seven tenths: one group."""
    forecast = pd.Series([1.0] * 70 + [2.0] * 15 + [3.0] * 15)
    outcome = pd.Series(np.arange(100) % 4)
    table = calibration_table(forecast, outcome)
    assert table["group"].tolist() == [1, 2, 3]
    assert table["customers"].tolist() == [70, 15, 15]
    assert table["expected"].tolist() == [1.0, 2.0, 3.0]
    order = np.random.default_rng(5).permutation(100)
    pd.testing.assert_frame_equal(calibration_table(forecast.iloc[order], outcome.iloc[order]), table)
    alone = calibration_table(pd.Series([1.0]), pd.Series([2]))
    assert alone[["customers", "actual"]].iloc[0].tolist() == [1, 2]
    assert alone[["low", "high"]].isna().all(axis=None)


def test_forecasts_of_a_true_model_are_calibrated() -> None:
    """Of ten 95 % intervals at least eight hold the forecast."""
    summary = simulate_mbgnbd(20_000, PARAMS, np.linspace(10, 60, 20_000), seed=2, horizon=30.0)
    table = calibration_table(fit_mbgnbd(summary).expected_purchases(summary, 30.0), summary["after"])
    inside = (table["low"] <= table["expected"]) & (table["expected"] <= table["high"])
    assert inside.sum() >= 8
    assert table["group"].tolist() == list(range(1, 11))
    assert table["expected"].is_monotonic_increasing


@pytest.mark.parametrize("unit", ["W", "D"])
def test_alive_grid_matches_plain_pandas(unit: str) -> None:
    summary = cdnow.summary_of("sample", unit)
    fit = fit_bgnbd(summary)
    actual = cdnow.holdout_purchases("sample")
    table = alive_table(fit, summary, actual).set_index(["frequency", "silent"])
    weeks = ((summary["T"] - summary["recency"]) * {"W": 7, "D": 1}[unit]).round() // 7
    rows = pd.DataFrame(
        {
            "frequency": pd.cut(summary["frequency"], REPEAT_EDGES, labels=REPEATS).astype(str),
            "silent": pd.cut(weeks, [-1, 4, 8, 13, 26, 39], labels=["0-4", "5-8", "9-13", "14-26", "27-39"]).astype(
                str
            ),
            "probability_alive": fit.probability_alive(summary),
            "came_back": (actual > 0).astype(float),
        }
    )
    cells = rows[rows["frequency"] != "0"].groupby(["frequency", "silent"])
    known = cells.mean().reindex(table.index)
    assert table["customers"].tolist() == cells.size().reindex(table.index, fill_value=0).tolist()
    assert table["customers"].sum() == 946
    for column in ("probability_alive", "came_back"):
        assert table[column].tolist() == pytest.approx(known[column].tolist(), rel=1e-12, nan_ok=True)
    assert table.index.get_level_values("frequency").unique().tolist() == ["1", "2", "3-4", "5-7", "8+"]
    assert table["customers"].eq(0).equals(table["came_back"].isna())


def test_one_time_buyers_are_shown_where_the_model_tells_of_them() -> None:
    """MBG/NBD at 80 weeks: silences past 40 weeks exist, and each cell's mean P(alive) is the share truly alive."""
    summary = simulate_mbgnbd(40_000, PARAMS, 80.0, seed=4, horizon=20.0)
    table = alive_table(fit_mbgnbd(summary), summary, summary["after"])
    assert table["frequency"].unique().tolist() == REPEATS
    assert table["silent"].unique().tolist() == ["0-4", "5-8", "9-13", "14-26", "27-39", "40+"]
    once = table[(table["frequency"] == "0") & (table["silent"] == "40+")].iloc[0]
    assert once["customers"] == (summary["frequency"] == 0).sum()
    assert once["probability_alive"] == pytest.approx(summary["alive"][summary["frequency"] == 0].mean(), abs=0.02)
    full = table[table["customers"] > 0]
    assert (full["customers"] * full["probability_alive"]).sum() == pytest.approx(summary["alive"].sum(), rel=0.02)
    assert (full["customers"] * full["came_back"]).sum() == (summary["after"] > 0).sum()


def test_nobody_to_tell_of_is_an_empty_grid(sample: pd.DataFrame, fit: BGNBDFit) -> None:
    """BG/NBD knows nothing of one-time buyers; with no others no silence exists."""
    once = sample[sample["frequency"] == 0]
    table = alive_table(fit, once, pd.Series(0, index=once.index))
    assert table.empty
    assert table.columns.tolist() == ["frequency", "silent", "customers", "probability_alive", "came_back"]


def density(m: float, x: int, p: float, q: float, v: float) -> float:
    """Fader & Hardie (2013), equation 1a."""
    shape = p * x
    constant = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * math.log(v) + shape * math.log(x)
    return math.exp(constant + (shape - 1) * math.log(m) - (shape + q) * math.log(v + m * x))


def test_spend_bins_hold_the_density_of_the_model(spend_fit: GammaGammaFit) -> None:
    spends: Any = spend_fit.spends
    table = spend_table(spend_fit, spends)
    assert table["expected"].sum() == pytest.approx(946, rel=1e-12)
    for place in (0, 3, 9):
        low, high = table[["low", "high"]].to_numpy()[place]
        each = {x: quad(partial(density, x=x, **spend_fit.params), low, high)[0] for x in set(spends["frequency"])}
        assert table["expected"][place] == pytest.approx(spends["frequency"].map(each).sum(), rel=1e-7)


def test_spend_bins_count_every_repeat_buyer_once(spend_fit: GammaGammaFit) -> None:
    spends: Any = spend_fit.spends
    table = spend_table(spend_fit, spends)
    assert table["high"].tolist()[:-1] == table["low"].tolist()[1:]
    assert table["low"].iloc[0] == 0
    assert table["high"].iloc[-1] == math.inf
    inside = [
        ((spends["monetary_value"] >= a) & (spends["monetary_value"] < b)).sum()
        for a, b in table[["low", "high"]].itertuples(index=False)
    ]
    assert table["customers"].tolist() == inside
    assert table["customers"].sum() == 946
    assert 0 < table["customers"].iloc[-1] <= 0.02 * 946


@pytest.mark.parametrize(
    ("scale", "edges"),
    [(0.01, [0, 0.05, 0.1, 0.15, 0.2]), (1.0, [0, 5, 10, 15, 20]), (10.0, [0, 50, 100, 150, 200])],
)
def test_spend_bins_are_round_in_any_currency(scale: float, edges: list[float]) -> None:
    """Two hundredths of the customers past 72: fifteen bins of five, and one without end."""
    spends = pd.DataFrame({"frequency": 1, "monetary_value": scale * np.arange(1.0, 74.5, 0.25)})
    table = spend_table(fit_gamma_gamma(spends), spends)
    assert table["low"].tolist()[:5] == edges
    assert len(table) == 16


def test_spend_of_customers_who_behave_as_the_model_says_fills_the_bins_as_expected() -> None:
    """Chi-squared at the true parameters; the last bins pooled until each expects five."""
    x = np.random.default_rng(6).integers(1, 12, 20_000)
    spends = pd.DataFrame({"frequency": x, "monetary_value": simulate_spend(x, SPEND, seed=7)})
    table = spend_table(fit_gamma_gamma(spends), spends)
    assert table["expected"].min() > 5
    statistic = ((table["customers"] - table["expected"]) ** 2 / table["expected"]).sum()
    assert statistic < chi2.ppf(0.999, len(table) - 1)


def test_spend_by_frequency_matches_plain_pandas(spend_fit: GammaGammaFit) -> None:
    spends: Any = spend_fit.spends
    table = spend_by_frequency_table(spends)
    classes = pd.cut(spends["frequency"], REPEAT_EDGES[1:], labels=REPEATS[1:])
    groups = spends["monetary_value"].groupby(classes, observed=False)
    assert table["frequency"].tolist() == REPEATS[1:]
    assert table["customers"].tolist() == groups.size().tolist()
    assert table["mean_spend"].tolist() == pytest.approx(groups.mean().tolist(), rel=1e-12)
    half = 1.959964 * groups.sem()
    assert table["low"].tolist() == pytest.approx((groups.mean() - half).tolist(), rel=1e-6)
    assert table["high"].tolist() == pytest.approx((groups.mean() + half).tolist(), rel=1e-6)
    assert list(table.attrs["largest_share"].values()) == pytest.approx((groups.max() / groups.sum()).tolist())


def test_a_class_of_frequency_without_customers_has_no_mean() -> None:
    spends = pd.DataFrame({"frequency": [1, 1, 8], "monetary_value": [10.0, 20.0, 30.0]})
    table = spend_by_frequency_table(spends)
    assert table["customers"].tolist() == [2, 0, 0, 0, 1]
    assert table["mean_spend"].tolist() == pytest.approx([15.0, np.nan, np.nan, np.nan, 30.0], nan_ok=True)
    assert table["low"].isna().tolist() == [False, True, True, True, True]
    assert table.attrs["largest_share"] == pytest.approx({0: 2 / 3, 4: 1.0})
