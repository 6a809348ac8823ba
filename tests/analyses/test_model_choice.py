"""The comparison of the models: known hold-outs, the true model among simulated customers, a plain log score."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.model_choice import ModelComparison, compare_models, log_scores
from loyalty_lib.errors import ModelError
from loyalty_lib.models.choose import LABELS, MODELS
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.simulate import simulate_mbgnbd
from loyalty_lib.validate import Transactions, read_transactions
from tests.models import cdnow

AS_OF = dt.date(1998, 6, 30)
START = pd.Timestamp("2022-01-03")
SPAN = 728  # days
HOLDOUT = 364
# Where the models differ: customers who leave right after the first purchase, after a later one, or with time.
LEAVING = {"r": 2.0, "alpha": 8.0, "a": 1.0, "b": 1.0}


def orders(days: pd.DataFrame) -> pd.DataFrame:
    """Purchase days (customer_id, day, amount) as orders."""
    return pd.DataFrame(
        {
            "customer_id": days["customer_id"],
            "order_id": [f"O{i}" for i in range(len(days))],
            "order_date": days["day"],
            "amount": days["amount"],
        }
    )


@pytest.fixture(scope="module")
def master() -> Transactions:
    return read_transactions(orders(cdnow.purchase_days("master")))


@pytest.fixture(scope="module")
def found(master: Transactions) -> ModelComparison:
    return compare_models(master, AS_OF, holdout_days=273)


def histories(n: int, stays: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]) -> Transactions:
    """Simulate a shop purchase by purchase: ``stays`` says how many repeat purchases and how many weeks at most."""
    source = np.random.default_rng(12)
    first = source.integers(0, HOLDOUT, n).astype(float)
    first[0] = 0
    rate = source.gamma(LEAVING["r"], 1 / LEAVING["alpha"], n)
    most, weeks = stays(source, n)
    left = np.minimum(7 * weeks, SPAN - 1 - first)
    many = 120
    gaps = np.cumsum(source.exponential(1.0, (n, many)) / rate[:, None] * 7, axis=1)
    kept = (gaps < left[:, None]) & (np.arange(1, many + 1) <= most[:, None])
    customer, _ = np.nonzero(kept)
    who = np.concatenate([np.arange(n), customer])
    day = np.floor(np.concatenate([first, (first[:, None] + gaps)[kept]]))
    frame = pd.DataFrame(
        {"customer_id": who.astype(str), "day": START + pd.to_timedelta(day, unit="D"), "amount": 20.0}
    )
    return read_transactions(orders(frame))


def after_a_repeat_purchase(source: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return source.geometric(source.beta(LEAVING["a"], LEAVING["b"], n)).astype(float), np.full(n, np.inf)


def after_any_purchase(source: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return source.geometric(source.beta(LEAVING["a"], LEAVING["b"], n)) - 1.0, np.full(n, np.inf)


def with_time(source: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(n, np.inf), source.exponential(1.0, n) / source.gamma(0.7, 1 / 10.0, n)


def row(comparison: ModelComparison, name: str) -> pd.Series:
    return comparison.table[comparison.table["name"] == name].iloc[0]


@pytest.mark.parametrize(
    ("name", "predicted", "mae", "likelihood"),
    [
        ("bgnbd", 16873.73, 0.8187, -95368.4439),
        ("mbgnbd", 15933.60, 0.7945, -95336.9583),
        ("pnbd", 17153.19, 0.7938, -95415.1186),
    ],
)
def test_cdnow_holdout_has_the_known_numbers(
    found: ModelComparison, name: str, predicted: float, mae: float, likelihood: float
) -> None:
    """39 weeks after 39 weeks; numbers of an independent implementation.  The likelihood is that of the cutoff."""
    known = row(found, name)
    assert known["predicted"] == pytest.approx(predicted, abs=6e-3)
    assert known["actual"] == 19_684
    assert known["mean_absolute_error"] == pytest.approx(mae, abs=6e-5)
    assert known["model_error"] == pytest.approx(abs(math.log(19_684 / predicted)), abs=1e-6)
    assert MODELS[name](cdnow.summary_of("master")).log_likelihood == pytest.approx(likelihood, abs=6e-5)


def test_likelihoods_are_those_of_all_customers_at_the_as_of_date(found: ModelComparison) -> None:
    fit = fit_mbgnbd(cdnow.summary_of("master", as_of=cdnow.HOLDOUT_END))
    known = row(found, "mbgnbd")
    for name in ("log_likelihood", "aic", "bic"):
        assert known[name] == pytest.approx(getattr(fit, name), rel=1e-9)
    assert known["parameters"] == 4
    assert found.table["model"].tolist() == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]


def test_log_score_is_that_of_a_plain_computation() -> None:
    """Customer by customer, the probability of exactly what the customer did."""
    summary = simulate_mbgnbd(60, LEAVING, np.linspace(3, 60, 60), seed=3, horizon=20.0)
    fit = fit_mbgnbd(summary)
    slow = [
        math.log(fit.probability_of_purchases(int(made), 20.0, summary.loc[[customer]]).item())
        for customer, made in summary["after"].items()
    ]
    assert log_scores(fit, summary, summary["after"], 20.0).tolist() == pytest.approx(slow, rel=1e-12)


def test_log_scores_are_finite_where_the_forecast_held_the_outcome_impossible() -> None:
    summary = simulate_mbgnbd(60, LEAVING, np.linspace(3, 60, 60), seed=3)
    made = pd.Series(5_000, index=summary.index)
    assert log_scores(fit_mbgnbd(summary), summary, made, 1.0).tolist() == pytest.approx([-708.396] * 60, abs=1e-3)


def test_score_of_the_table_is_the_mean_over_customers_and_cutoffs(found: ModelComparison) -> None:
    summary = cdnow.summary_of("master")
    made = cdnow.holdout_purchases("master")
    scores = {name: log_scores(fit(summary), summary, made, 39.0) for name, fit in MODELS.items()}
    difference = scores["mbgnbd"] - scores["bgnbd"]
    assert row(found, "bgnbd")["log_score"] == pytest.approx(scores["bgnbd"].mean(), rel=1e-9)
    assert row(found, "mbgnbd")["standard_error"] == pytest.approx(
        difference.std(ddof=0) / math.sqrt(len(difference)), rel=1e-9
    )


@pytest.mark.parametrize(
    ("stays", "name"), [(after_a_repeat_purchase, "bgnbd"), (after_any_purchase, "mbgnbd"), (with_time, "pnbd")]
)
def test_the_model_that_customers_follow_is_chosen(
    stays: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]], name: str
) -> None:
    """Or one that forecasts them as well, within the chance between customers."""
    comparison = compare_models(histories(6_000, stays), (START + pd.Timedelta(days=SPAN - 1)).date())
    truth, chosen = row(comparison, name), row(comparison, comparison.chosen)
    assert bool(chosen["chosen"])
    assert comparison.table["chosen"].sum() == 1
    assert comparison.chosen == name or chosen["log_score"] > truth["log_score"] - 2 * truth["standard_error"]
    assert comparison.table["log_score"].max() < truth["log_score"] + 1e-3
    assert str(chosen["model"]) in comparison.reason


def test_a_better_model_takes_the_place_of_the_default() -> None:
    """Half of the customers leave right after the first purchase, which BG/NBD cannot say."""
    comparison = compare_models(histories(6_000, after_any_purchase), (START + pd.Timedelta(days=SPAN - 1)).date())
    assert comparison.chosen == "mbgnbd"
    assert comparison.reason.startswith("MBG/NBD is used: over ")
    assert comparison.reason.endswith("higher than that of BG/NBD on geometric average, more than chance explains.")


def test_origins_are_the_backtest_s(found: ModelComparison) -> None:
    assert found.origins["cutoff"].unique().tolist() == [dt.date(1997, 9, 30)]
    assert found.origins["name"].tolist() == list(MODELS)
    assert found.holdout_days == 273


def test_order_of_the_rows_changes_nothing() -> None:
    frame = orders(cdnow.purchase_days("sample"))
    shuffled = frame.sample(frac=1.0, random_state=5)
    one, other = (compare_models(read_transactions(each), AS_OF, holdout_days=180) for each in (frame, shuffled))
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-12)
    assert len(one.origins) == 2 * len(MODELS)
    assert one.reason == other.reason


def test_models_that_sit_at_a_boundary_are_listed_not_chosen() -> None:
    """Customers who never leave: no model can tell how they differ in leaving, and the default stays."""

    def never(source: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        return np.full(n, np.inf), np.full(n, np.inf)

    comparison = compare_models(histories(800, never), (START + pd.Timedelta(days=SPAN - 1)).date())
    assert comparison.table["at_boundary"].all()
    assert comparison.chosen == "bgnbd"
    assert "determine none of the models fully" in comparison.reason


def test_a_model_that_cannot_be_fitted_is_listed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(summary: pd.DataFrame) -> None:
        msg = "no maximum"
        raise ModelError(msg)

    monkeypatch.setitem(MODELS, "mbgnbd", refuse)
    comparison = compare_models(read_transactions(orders(cdnow.purchase_days("sample"))), AS_OF, holdout_days=273)
    assert row(comparison, "mbgnbd").drop(["name", "model", "chosen"]).isna().all()
    assert comparison.chosen != "mbgnbd"
    assert comparison.caveats == ("MBG/NBD could not be fitted to these data and is left out of the comparison.",)


def test_a_silent_holdout_is_refused() -> None:
    days = cdnow.purchase_days("sample")
    silent = read_transactions(orders(days[days["day"] <= cdnow.CALIBRATION_END]))
    with pytest.raises(ModelError, match="Nobody bought again in the hold-out that ends on 1998-06-30"):
        compare_models(silent, AS_OF, holdout_days=273)


def test_every_model_has_a_name_to_print() -> None:
    assert list(LABELS) == list(MODELS)
