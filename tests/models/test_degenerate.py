"""Data that no model can learn from: a refusal with its remedy, or a limit with a caveat; never a made-up figure."""

from __future__ import annotations

import datetime as dt
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.robust import figures_out_of_range, on_whole_days
from loyalty_lib.errors import ModelError
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.simulate import simulate_bgnbd
from loyalty_lib.summary import summarise
from loyalty_lib.validate import read_transactions

N = 300
AGES = np.arange(100, 100 + N)
UNKNOWN = "do not show how much customers differ"


def histories(frequency: object, recency: object, age: object) -> pd.DataFrame:
    """Histories in days."""
    found = pd.DataFrame({"frequency": frequency, "recency": recency, "T": age}, dtype=float)
    found.attrs["unit"] = "D"
    return found


def one_in(customers: int, x: int, recency: int, age: int) -> pd.DataFrame:
    """One customer with repeat purchases among customers with none."""
    alone = np.arange(customers) == customers - 1
    return histories(np.where(alone, x, 0), np.where(alone, recency, 0), np.full(customers, age))


@pytest.fixture(params=sorted(MODELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("summary", "said", "remedy"),
    [
        pytest.param(
            histories(np.zeros(N), np.zeros(N), AGES),
            "None of the 300 customers bought on a second day",
            "Use a longer history, or check that orders of one customer share their customer_id.",
            id="all bought once",
        ),
        pytest.param(histories([3], [40], [90]), "holds one customer", "Use a longer history.", id="one customer"),
        pytest.param(
            histories(np.zeros(N), np.zeros(N), np.zeros(N)),
            "Every customer's first purchase is on the as-of date",
            "Choose a later as-of date.",
            id="all T = 0",
        ),
        pytest.param(
            histories([40, 50], [3, 4], [90, 90]),
            "log-likelihood of",
            "Check the summary's unit",
            id="many purchases a day",
        ),
    ],
)
def test_where_nothing_can_be_learnt_the_refusal_says_what_to_do(
    name: str, summary: pd.DataFrame, said: str, remedy: str
) -> None:
    with pytest.raises(ModelError) as caught:
        MODELS[name](summary)
    assert said in str(caught.value)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param(histories(np.full(N, 3), np.full(N, 40), np.full(N, 90)), None, id="identical histories"),
        pytest.param(histories(np.full(N, 3), np.full(N, 90), np.full(N, 90)), N * 3 / 90 * 30, id="all here today"),
        pytest.param(histories(*[np.arange(20, 50)] * 3), 30 * 30, id="bought every day"),
        pytest.param(one_in(N, 1, 250, 300), N * 1 / (300 * N) * 30, id="one repeat purchase in all"),
        pytest.param(histories([2, 5], [30, 80], [90, 100]), None, id="two customers"),
        pytest.param(one_in(N, 200, 250, 300), None, id="one giant among one-time buyers"),
        pytest.param(one_in(6, 1, 1, 1), 6 * 30 / 6, id="T = 1"),
    ],
)
def test_where_little_can_be_learnt_the_fit_is_a_limit_and_says_so(
    name: str, summary: pd.DataFrame, expected: float | None
) -> None:
    """``expected``: purchases of the next 30 days, where the data leave no doubt about the rate (and who left)."""
    fit = MODELS[name](summary)
    assert fit.at_boundary
    assert any(UNKNOWN in caveat for caveat in fit.caveats)
    assert [name for name, error in fit.standard_errors.items() if math.isnan(error)] == list(fit.undetermined)
    assert figures_out_of_range(fit, summary) == []
    # Nobody is expected to buy more than the busiest customer did.
    most = float((summary["frequency"] / summary["T"]).max()) * 30
    each = fit.expected_purchases(summary, 30)
    assert each.between(0, 1.01 * most).all()
    if expected is not None and name != "bgnbd":  # under BG/NBD one purchase and all gone is as likely
        assert each.sum() == pytest.approx(expected, rel=0.02)


def test_thousands_of_purchases_are_figures_like_others(name: str) -> None:
    """Frequencies from 1,000 to 3,000, the last purchase today: everybody goes on at their own rate."""
    x = np.linspace(1_000, 3_000, N).round()
    summary = histories(x, np.full(N, 3_000), np.full(N, 3_000))
    fit = MODELS[name](summary)
    assert fit.at_boundary
    assert any("when they stop buying" in caveat for caveat in fit.caveats)
    assert (fit.probability_alive(summary) > 0.999).all()
    r, alpha = fit.params["r"], fit.params["alpha"]
    assert fit.expected_purchases(summary, 30).to_numpy() == pytest.approx((r + x) / (alpha + 3_000) * 30, rel=1e-3)
    low, high = fit.total_interval(summary, 30, 0.8, seed=1, size=100)
    assert low < fit.expected_purchases(summary, 30).sum() < high


def test_customers_of_one_age_are_an_ordinary_base(name: str) -> None:
    summary = on_whole_days(
        simulate_bgnbd(4_000, {"r": 0.5, "alpha": 20.0, "a": 1.0, "b": 3.0}, 200.0, seed=1, unit="D")
    )
    fit = MODELS[name](summary)
    assert not fit.at_boundary
    assert figures_out_of_range(fit, summary) == []


def test_chinook_is_told_apart_from_a_shop_one_could_forecast(name: str, shared: Path) -> None:
    """The sample database Chinook: 59 invented customers with six or seven invoices each, all alike; nobody leaves."""
    with closing(sqlite3.connect(shared / "data" / "chinook" / "Chinook_Sqlite.sqlite")) as database:
        invoices = pd.read_sql("SELECT CustomerId, InvoiceId, InvoiceDate, Total FROM Invoice", database)
    columns = {"customer_id": "CustomerId", "order_id": "InvoiceId", "order_date": "InvoiceDate", "amount": "Total"}
    transactions = read_transactions(invoices.astype(str), columns=columns, time_zone="UTC", currency="USD")
    summary = summarise(transactions, dt.date(2025, 12, 31))
    assert (len(summary), summary["frequency"].sum()) == (59, 353)
    fit = MODELS[name](summary)
    assert fit.at_boundary
    assert sum(UNKNOWN in caveat for caveat in fit.caveats) == 2
    assert (fit.probability_alive(summary) > 0.999).all()
    # One rate for all: purchases over time observed.
    rate = summary["frequency"].sum() / summary["T"].sum()
    assert fit.expected_purchases(summary, 52).to_numpy() == pytest.approx(np.full(59, 52 * rate), rel=1e-4)
    spend = fit_gamma_gamma(summary)
    assert spend.at_boundary
    assert spend.mean == pytest.approx(6.03, abs=0.02)


@pytest.mark.parametrize("unit", ["order", "weeks"])
def test_neither_order_nor_unit_changes_a_fit(name: str, sample: pd.DataFrame, unit: str) -> None:
    fit = MODELS[name](sample)
    if unit == "order":
        again = MODELS[name](sample.sample(frac=1, random_state=3))
        assert again.to_json() == fit.to_json()
        return
    days = sample.assign(recency=(sample["recency"] * 7).round(), T=(sample["T"] * 7).round())
    days.attrs["unit"] = "D"
    again = MODELS[name](days)
    scaled = {each: value * (7 if each in fit.times else 1) for each, value in fit.params.items()}
    assert again.params == pytest.approx(scaled, rel=1e-9)
    shift = int(sample["frequency"].sum()) * math.log(7)
    assert again.log_likelihood == pytest.approx(fit.log_likelihood - shift, rel=1e-12)
    assert again.log_covariance == pytest.approx(fit.log_covariance, rel=1e-7)
    expected = fit.expected_purchases(sample, 39).to_numpy()
    assert again.expected_purchases(days, 273).to_numpy() == pytest.approx(expected, rel=1e-9)


def spends(frequency: object, mean: object) -> pd.DataFrame:
    return pd.DataFrame({"frequency": frequency, "monetary_value": mean}, dtype=float)


def of(fit: GammaGammaFit, frequency: int, mean: float) -> float:
    return float(fit.expected_mean_spend(spends([frequency], [mean])).iloc[0])


def test_identical_spends_are_a_limit_at_that_spend() -> None:
    for x in (np.ones(200), np.arange(200) % 5 + 1):
        fit = fit_gamma_gamma(spends(x, np.full(200, 20.0)))
        assert fit.at_boundary
        assert any("how much customers differ in spend" in caveat for caveat in fit.caveats)
        assert [of(fit, 0, math.nan), of(fit, 1, 20.0), of(fit, 9, 20.0)] == pytest.approx([20.0] * 3, rel=1e-5)
        assert math.isnan(fit.spearman)


def test_spends_of_zero_or_less_are_left_out_and_counted() -> None:
    source = np.random.default_rng(4)
    x, m = source.integers(1, 6, 400), source.gamma(3, 5, 400)
    bad = np.arange(400) % 4 == 0
    fit = fit_gamma_gamma(spends(x, np.where(bad, np.where(np.arange(400) % 8 == 0, 0.0, -7.0), m)))
    clean = fit_gamma_gamma(spends(x[~bad], m[~bad]))
    assert fit.params == clean.params
    assert (fit.excluded, fit.n_customers) == (100, 300)
    assert any("zero or negative: 100." in caveat for caveat in fit.caveats)
    assert of(fit, 3, -7.0) == of(fit, 3, 0.0) > 0
    for hopeless in (np.zeros(400), np.full(400, -3.0)):
        with pytest.raises(ModelError, match="0 customers have repeat purchases with a positive mean spend"):
            fit_gamma_gamma(spends(x, hopeless))


def test_where_spend_has_no_mean_none_is_shown() -> None:
    """q below 1: the mean exists for no one-time buyer, and for a repeat buyer only from p x + q > 1 on."""
    source = np.random.default_rng(1)
    x = source.integers(1, 6, 400)
    fit = fit_gamma_gamma(spends(x, np.exp(source.normal(3, 3, 400))))
    p, q, v = fit.params.values()
    assert q < 1
    assert fit.mean is None
    assert any("no mean for one-time customers" in caveat for caveat in fit.caveats)
    assert math.isnan(of(fit, 0, math.nan))
    for frequency in range(1, 9):
        known = p * frequency + q > 1
        found = of(fit, frequency, 10.0)
        assert math.isnan(found) != known
        assert not known or found == pytest.approx(p * (v + frequency * 10) / (p * frequency + q - 1), rel=1e-12)


def test_two_spends_are_too_few_and_said_to_be() -> None:
    fit = fit_gamma_gamma(spends([1, 3], [5.0, 9.0]))
    assert fit.at_boundary
    assert fit.mean == pytest.approx(8.0, rel=1e-4)  # (5 + 3 x 9) / 4: everybody spends alike
