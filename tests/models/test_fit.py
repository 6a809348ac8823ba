"""What every model of purchases answers, whichever it is: intervals, tracking, distributions, value, stored fits."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.errors import ModelError
from loyalty_lib.models.bgnbd import BGNBDFit
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.lifetimes_bridge import load_lifetimes
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd
from tests.models import cdnow

SIMULATORS: dict[str, Callable[..., pd.DataFrame]] = {
    "bgnbd": simulate_bgnbd,
    "mbgnbd": simulate_mbgnbd,
    "pnbd": simulate_pnbd,
}
YEAR = 52.0  # weeks; the convention of the published discounting example
RATE = 1.1  # a year


@pytest.fixture(scope="module", params=sorted(MODELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def one(name: str, sample: pd.DataFrame) -> PurchaseFit:
    """Each model in turn, fitted to the CDNOW sample."""
    return MODELS[name](sample)


@pytest.fixture(scope="module")
def certain(one: PurchaseFit) -> PurchaseFit:
    """Return the same with parameters known for certain, so that chance alone is left."""
    return dataclasses.replace(one, log_covariance=np.zeros((4, 4)))


@pytest.fixture(scope="module")
def few(sample: pd.DataFrame) -> pd.DataFrame:
    """A few customers of every kind, the most frequent among them."""
    chosen = sample.sort_values(["frequency", "recency", "T"]).iloc[[*range(0, 2357, 100), -1]]
    chosen.attrs["unit"] = "W"
    return chosen


def test_intervals_of_customers_are_quantiles_of_the_distribution(certain: PurchaseFit, few: pd.DataFrame) -> None:
    """With certain parameters the range is that of the summed probabilities, found here customer by customer."""
    chances = np.array([certain.probability_of_purchases(n, 26, few) for n in range(150)])
    below = chances.cumsum(axis=0)
    for level in (0.5, 0.8, 0.95):
        found = certain.purchase_intervals(few, 26, level)
        assert found.index.equals(few.index)
        assert found["low"].tolist() == (below < (1 - level) / 2).sum(axis=0).tolist()
        assert found["high"].tolist() == (below < (1 + level) / 2).sum(axis=0).tolist()
    assert found["high"].max() > 10


def test_intervals_of_customers_hold_what_follows(name: str) -> None:
    """Fitted to simulated customers and asked about what they did next: at least the share promised, not all."""
    truth = {"r": 0.8, "alpha": 4.0, "a": 0.9, "b": 3.0, "s": 0.7, "beta": 12.0}
    known = SIMULATORS[name](8_000, truth, np.linspace(10, 60, 8_000), seed=3, horizon=26)
    found = MODELS[name](known).purchase_intervals(known, 26, 0.8)
    held = known["after"].between(found["low"], found["high"])
    assert 0.8 - 4 * 0.4 / math.sqrt(8_000) < held.mean() < 0.95
    # Both ends are used: a tenth at most lies beyond each.
    some = found["low"] > 0
    below = (known["after"] < found["low"])[some].mean()
    above = (known["after"] > found["high"])[some].mean()
    assert 0.03 < below < 0.1 + 4 * 0.3 / math.sqrt(some.sum())
    assert 0.03 < above < 0.1 + 4 * 0.3 / math.sqrt(some.sum())


def test_uncertain_parameters_enter_the_intervals(one: PurchaseFit) -> None:
    """A newcomer of whom nothing is known, the rates of all newcomers known to a factor of two only: wider."""
    spread = np.zeros((4, 4))
    spread[1, 1] = math.log(2) ** 2  # alpha
    frequent = dict(one.params) | {"r": 50.0, "alpha": 100.0, "a": 0.01, "s": 0.01}
    params = {name: frequent[name] for name in one.params}
    ranges = [
        dataclasses.replace(one, params=params, log_covariance=each).purchase_intervals(cdnow.history(0, 0, 0), 39, 0.8)
        for each in (np.zeros((4, 4)), spread)
    ]
    certain, doubtful = (int((each["high"] - each["low"]).iloc[0]) for each in ranges)
    # 19.5 purchases with a coefficient of variation of 0.27; then a factor of 2^1.28 up and down.
    assert 11 <= certain <= 16
    assert 30 <= doubtful <= 60


def test_a_level_is_a_share(one: PurchaseFit, few: pd.DataFrame) -> None:
    for level in (0.0, 1.0, 80.0, math.nan):
        with pytest.raises(ModelError, match="between 0 and 1"):
            one.purchase_intervals(few, 26, level)


def test_intervals_do_not_depend_on_the_batch(one: PurchaseFit, few: pd.DataFrame) -> None:
    part = few.iloc[3:9]
    assert one.purchase_intervals(part, 26, 0.8).equals(one.purchase_intervals(few, 26, 0.8).loc[part.index])


def test_tracking_curve_is_the_sum_over_customers(one: PurchaseFit, sample: pd.DataFrame) -> None:
    """Every customer contributes from the first purchase on, and nothing before it."""
    times = np.array([-50.0, -39.0, -30.5, -10.0, 0.0, 13.0, 39.0])
    by_hand = [
        math.fsum(one.expected_purchases_new(age + time) for age in sample["T"] if age + time > 0) for time in times
    ]
    found = one.expected_cumulative(sample, times)
    assert found == pytest.approx(by_hand, rel=1e-9)
    assert found[:2].tolist() == [0, 0]


def test_tracking_curve_matches_the_recomputed_weeks(name: str, one: PurchaseFit, shared: Path) -> None:
    """Weeks 20 to 25 of the CDNOW sample, the first of which began with 1997, beside what was bought in them."""
    golden = json.loads((shared / "reference" / "golden.json").read_text(encoding="utf-8"))["cdnow_sample_39w"]
    key = {"bgnbd": "cum_weeks_20_25_bg", "pnbd": "cum_weeks_20_25_pnbd"}.get(name)
    if key is None:
        pytest.skip("no reference for this model")
    summary = cdnow.summary_of("sample")
    start = pd.Timestamp("1997-01-01")
    weeks = np.arange(20, 26)
    from_as_of = np.asarray(weeks - (cdnow.CALIBRATION_END - start).days / 7, dtype=np.float64)
    assert one.expected_cumulative(summary, from_as_of) == pytest.approx(golden[key], abs=6e-4)
    log = cdnow.purchase_days("sample")
    repeat = log["day"] > log.groupby("customer_id")["day"].transform("min")
    bought = [int((repeat & (log["day"] < start + pd.Timedelta(weeks=int(week)))).sum()) for week in weeks]
    assert bought == golden["cum_weeks_20_25_actual"]


def test_the_curve_beyond_the_data_is_what_all_customers_are_expected_to_buy(name: str) -> None:
    """The law of total expectation: averaged over histories, scores are the new customer's expectation."""
    truth = {"r": 0.8, "alpha": 4.0, "a": 0.9, "b": 3.0, "s": 0.7, "beta": 12.0}
    customers = SIMULATORS[name](40_000, truth, 40.0, seed=8)
    fit = MODELS[name](customers.iloc[:4_000])
    exact = dataclasses.replace(fit, params={each: truth[each] for each in fit.params})
    scores = exact.expected_purchases(customers, 30)
    ahead = exact.expected_purchases_new(70) - exact.expected_purchases_new(40)
    assert scores.mean() == pytest.approx(ahead, abs=4 * float(scores.std()) / 200)
    alive = exact.probability_alive(customers)
    assert alive.mean() == pytest.approx(customers["alive"].mean(), abs=4 * 0.5 / 200)


def test_frequencies_are_summed_over_customers(one: PurchaseFit, sample: pd.DataFrame) -> None:
    people = sample.iloc[::40]
    found = one.frequency_distribution(people, 5)
    by_hand = [math.fsum(one.probability_of_purchases(n, age) for age in people["T"]) for n in range(5)]
    assert found[:5] == pytest.approx(by_hand, rel=1e-12)
    assert found.sum() == pytest.approx(len(people), rel=1e-12)
    # 1,411 of 2,357 bought once; every model is within two per cent of them.
    assert one.frequency_distribution(sample, 7)[0] == pytest.approx(1411, rel=0.02)


def test_a_stored_fit_answers_as_before(name: str, one: PurchaseFit, few: pd.DataFrame) -> None:
    stored = type(one).from_json(json.loads(json.dumps(one.to_json())))
    assert stored.histories is None
    plain = [each.name for each in dataclasses.fields(one) if each.name not in {"histories", "log_covariance"}]
    assert [getattr(stored, each) for each in plain] == [getattr(one, each) for each in plain]
    assert stored.purchase_intervals(few, 26, 0.8).equals(one.purchase_intervals(few, 26, 0.8))
    assert stored.total_interval(few, 26, 0.8, seed=2, size=50) == one.total_interval(few, 26, 0.8, seed=2, size=50)
    assert stored.standard_errors == one.standard_errors
    assert "histories" not in one.to_json()
    others = [other for other in MODELS if other != name]
    for other in others:
        with pytest.raises(ModelError, match="Fit the model again"):
            type(MODELS[other](cdnow.summary_of("sample"))).from_json(one.to_json())


def test_value_from_the_acquisition_on_sums_the_intervals(one: PurchaseFit) -> None:
    """A new customer's first purchase is not in it; an interval's purchases count at the factor of its end."""
    ends = np.array([1.0, 5.0, 20.0, 52.0])
    factors = np.array([0.99, 0.97, 0.9, 0.8])
    expected = [one.expected_purchases_new(end) for end in ends]
    by_hand = math.fsum(factor * step for factor, step in zip(factors, np.diff([0.0, *expected]), strict=True))
    assert one.discounted_purchases_new(ends, factors) == pytest.approx(by_hand, rel=1e-12)
    newcomer = cdnow.history(0, 0, 0)
    assert one.discounted_purchases(newcomer, ends, factors).item() == one.discounted_purchases_new(ends, factors)
    assert one.probability_of_purchases(2, 30, newcomer).item() == one.probability_of_purchases(2, 30)


def customer_of_the_example(unit: str = "W") -> pd.DataFrame:
    """x = 2, t_x = 30.43, T = 38.86 weeks; the paper's two decimals, not whole days."""
    days = {"W": 1, "D": 7}[unit]
    return cdnow.history(2, 30.43 * days, 38.86 * days, unit)


@pytest.fixture(scope="module")
def printed(fit: BGNBDFit) -> BGNBDFit:
    """BG/NBD with the estimates printed by Fader, Hardie & Lee (2005)."""
    params = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}
    return dataclasses.replace(fit, params=params)


def ends_of(steps: int, length: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Ends of equal intervals that fill a year, in weeks of ``length`` each, and factors at the end of each."""
    k = np.arange(1.0, steps + 1)
    return k * length, RATE ** (-k / steps)


@pytest.mark.parametrize(
    ("convention", "steps", "length"),
    [
        pytest.param("weekly_end", 52, 1.0, id="each of 52 weeks at its end"),
        pytest.param("monthly_end", 12, YEAR / 12, id="each of 12 months of 52/12 weeks at its end"),
        pytest.param("annual_end", 1, YEAR, id="the whole year at its end"),
        pytest.param("lifetimes_W", 12, 4.345, id="lifetimes' months of 4.345 weeks, 52.14 weeks in all"),
        pytest.param("lifetimes_D30", 12, 30 / 7, id="lifetimes' months of 30 days, 360 days in all"),
    ],
)
def test_discounting_conventions_give_their_figures(
    printed: BGNBDFit, shared: Path, convention: str, steps: int, length: float
) -> None:
    """Discounted purchases of a customer (x = 2, t_x = 30.43, T = 38.86) over a year at 10 % a year.

    The conventions differ in when a purchase counts and how long a month is; the same call makes each of them.
    """
    golden = json.loads((shared / "reference" / "golden.json").read_text(encoding="utf-8"))
    known = golden["det_52w_10pct_customer_x2"][convention]
    found = printed.discounted_purchases(customer_of_the_example(), *ends_of(steps, length))
    assert found.item() == pytest.approx(known, abs=6e-7)


def test_continuous_discounting_is_the_limit_of_ever_shorter_intervals(printed: BGNBDFit, shared: Path) -> None:
    """Continuous: the integral of 1.1^(-t / 52) dE(t); undiscounted: E(52).

    Purchases counted at the middle of short intervals come within the square of their length.
    """
    golden = json.loads((shared / "reference" / "golden.json").read_text(encoding="utf-8"))["det_52w_10pct_customer_x2"]
    customer = customer_of_the_example()
    steps = 5_200
    ends = np.arange(1.0, steps + 1) / 100
    continuous = printed.discounted_purchases(customer, ends, RATE ** (-(ends - 0.005) / YEAR)).item()
    assert continuous == pytest.approx(golden["continuous"], abs=6e-7)
    assert printed.expected_purchases(customer, YEAR).item() == pytest.approx(golden["undiscounted"], abs=6e-7)
    # In between lies every convention that counts within the year.
    assert golden["annual_end"] < golden["monthly_end"] < golden["weekly_end"] < continuous < golden["undiscounted"]


@pytest.mark.parametrize(("freq", "convention"), [("W", "lifetimes_W"), ("D", "lifetimes_D30")])
def test_the_lifetimes_conventions_are_those_of_lifetimes(
    printed: BGNBDFit, shared: Path, freq: str, convention: str
) -> None:
    """Its own ``_customer_lifetime_value`` of a customer who spends 1 a purchase, monthly rate 1.1^(1/12) - 1."""
    golden = json.loads((shared / "reference" / "golden.json").read_text(encoding="utf-8"))
    customer = customer_of_the_example(freq)
    days = {"W": 1, "D": 7}[freq]
    fitter = printed.to_lifetimes()
    fitter.params_["alpha"] *= days
    load_lifetimes()
    from lifetimes.utils import _customer_lifetime_value

    columns = (customer["frequency"], customer["recency"], customer["T"])
    spend = pd.Series(1.0, index=customer.index)
    theirs = _customer_lifetime_value(fitter, *columns, spend, 12, RATE ** (1 / 12) - 1, freq)
    assert float(theirs.iloc[0]) == pytest.approx(golden["det_52w_10pct_customer_x2"][convention], abs=6e-7)


def test_a_constant_factor_comes_out_of_the_sum(one: PurchaseFit, few: pd.DataFrame) -> None:
    times = np.array([3.0, 26.0, 39.0])
    halved = one.discounted_purchases(few, times, np.full(3, 0.5))
    assert halved.to_numpy() == pytest.approx(one.expected_purchases(few, 39).to_numpy() / 2, rel=1e-12)


def test_the_total_is_the_sum_of_the_scores_and_its_interval_holds_it(one: PurchaseFit, sample: pd.DataFrame) -> None:
    expected = one.expected_purchases(sample, 39).sum()
    low, high = one.total_interval(sample, 39, 0.95, seed=2, size=200)
    assert low < expected < high
    assert (high - low) / expected < 0.4
    narrow = one.total_interval(sample, 39, 0.5, seed=2, size=200)
    assert low < narrow.low < narrow.high < high
