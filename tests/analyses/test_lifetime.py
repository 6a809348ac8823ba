"""The forecast of a report: made of its parts, or a sentence that says why there is none."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import tables
from loyalty_lib.analyses import lifetime as module
from loyalty_lib.analyses.backtest import backtest
from loyalty_lib.analyses.clv import customer_lifetime_value, group_intervals
from loyalty_lib.analyses.lifetime import lifetime
from loyalty_lib.analyses.model_choice import compare_models
from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.value import segment_of, value_by_segment
from loyalty_lib.config.analyses import Clv
from loyalty_lib.errors import ModelError
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.estimate import Interval
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.simulate import simulate_transactions
from loyalty_lib.summary import summarise
from loyalty_lib.validate import Transactions, read_transactions

AS_OF = dt.date(2024, 12, 31)
SETTINGS = Clv(yearly_discount_rate=0.1, margin=0.4, horizon_months=12, holdout_weeks=26)


def shop_of(customers: int, start: dt.date) -> Transactions:
    return read_transactions(simulate_transactions(customers=customers, start=start, end=AS_OF, seed=5))


@pytest.fixture(scope="module")
def shop() -> Transactions:
    """Return two years of 1,200 simulated customers."""
    return shop_of(1200, dt.date(2023, 1, 1))


def test_forecast_is_its_parts_with_the_interval_widened_by_the_errors_seen(shop: Transactions) -> None:
    segments = rfm(shop, AS_OF)
    made = lifetime(shop, AS_OF, segments, SETTINGS)
    summary = summarise(shop, AS_OF)
    value = customer_lifetime_value(
        fit_bgnbd(summary),
        fit_gamma_gamma(summary),
        summary,
        horizon_months=12,
        yearly_discount_rate=0.1,
        margin=0.4,
    )
    check = backtest(shop, AS_OF, holdout_days=26 * 7)
    assert made.forecast is not None
    assert made.forecast.value.customer_equity == value.customer_equity
    assert made.forecast.equity_interval == check.widen(value.equity_interval, "sales", value.level)
    assert made.forecast.purchases_interval == check.widen(value.purchases_interval, "purchases", value.level)
    assert made.forecast.equity_interval.low < value.equity_interval.low
    assert made.forecast.equity_interval.high > value.equity_interval.high
    names = segment_of(value, segments)
    bounds = group_intervals(fit_bgnbd(summary), fit_gamma_gamma(summary), summary, value, names)
    wider = bounds.apply(lambda row: pd.Series(check.widen(Interval(*row), "sales", value.level), row.index), axis=1)
    pd.testing.assert_frame_equal(made.by_segment, value_by_segment(value, segments, wider, value.level))
    shown = made.by_segment[made.by_segment["low_clv"] > 0]
    low, high = made.forecast.equity_interval
    assert ((shown["high_clv"] / shown["low_clv"]) > high / low).all(), "a part is less certain than the whole"
    pd.testing.assert_frame_equal(made.origins, check.origins)
    assert made.reason == ""


@pytest.mark.parametrize("name", ["mbgnbd", "pnbd"])
def test_the_client_chooses_the_model(shop: Transactions, name: str) -> None:
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS.model_copy(update={"model": name}))
    assert made.forecast is not None
    assert made.forecast.fit.params == MODELS[name](summarise(shop, AS_OF)).params
    assert type(made.forecast.check.fit) is type(made.forecast.fit)
    once = made.forecast.value.customers["expected_spend"].notna()
    assert made.forecast.value.customers.loc[once, "probability_alive"].notna().all()
    shown = tables.clv(protect(made, 5).by_segment)
    assert "Probability of being active" in [column.label for column in shown.columns]


def test_auto_takes_the_model_that_forecast_best_and_says_why(shop: Transactions) -> None:
    compared = compare_models(shop, AS_OF, holdout_days=26 * 7)
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS.model_copy(update={"model": "auto"}))
    assert made.forecast is not None
    assert made.forecast.fit.params == MODELS[compared.chosen](summarise(shop, AS_OF)).params
    assert made.caveats[0] == compared.reason
    assert "is used" in made.caveats[0]


def test_a_model_that_the_data_reject_is_said(shop: Transactions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit whose customers buy half as often as those of the shop."""

    def halved(summary: pd.DataFrame) -> BGNBDFit:
        fit = fit_bgnbd(summary)
        return dataclasses.replace(fit, params={**fit.params, "alpha": 2 * fit.params["alpha"]})

    monkeypatch.setitem(module.MODELS, "bgnbd", halved)
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS)
    assert any(caveat.startswith("The model does not reproduce how often") for caveat in made.caveats)


def test_without_rate_and_margin_nothing_is_forecast(shop: Transactions) -> None:
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), None)
    assert made.forecast is None
    assert made.reason == "No margin and discount rate are set for this client, so no value is forecast."
    assert made.by_segment.empty


@pytest.mark.parametrize(("customers", "start"), [(480, dt.date(2023, 1, 1)), (700, AS_OF - dt.timedelta(days=170))])
def test_too_little_data_is_said_with_what_is_there(customers: int, start: dt.date) -> None:
    """Too few customers over two years; enough customers in too short a time."""
    few = shop_of(customers, start)
    made = lifetime(few, AS_OF, rfm(few, AS_OF), SETTINGS)
    days = (AS_OF - few.quality.first_day).days + 1
    assert (few.quality.customers < 500) != (days < 180)
    assert made.forecast is None
    assert made.reason == (
        "A forecast needs at least 500 customers and 180 days of purchases; "
        f"here are {few.quality.customers} customers and {days} days."
    )


def test_a_model_that_does_not_fit_is_a_sentence_and_its_words_are_kept_apart(
    shop: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model says is English and for the analyst; the report prints the sentence."""

    def refuse(_summary: pd.DataFrame) -> GammaGammaFit:
        raise ModelError("q = 0.4")  # noqa: EM101, TRY003

    monkeypatch.setattr(module, "fit_gamma_gamma", refuse)
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS)
    assert made.forecast is None
    assert (made.reason, made.detail) == ("The models do not fit these data, so no value is forecast.", "q = 0.4")


def test_a_value_without_an_upper_limit_is_not_printed(shop: Transactions, monkeypatch: pytest.MonkeyPatch) -> None:
    """q a little above 1 and uncertain: many draws have no mean spend."""

    def edge(summary: pd.DataFrame) -> GammaGammaFit:
        params = {"p": 6.0, "q": 1.05, "v": 15.0}
        return dataclasses.replace(fit_gamma_gamma(summary), params=params, log_covariance=np.diag([0.0, 0.01, 0.0]))

    monkeypatch.setattr(module, "fit_gamma_gamma", edge)
    made = lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS)
    assert made.forecast is None
    assert "has no upper limit" in made.reason
