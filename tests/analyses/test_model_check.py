"""What the technical appendix shows, against CDNOW's published numbers, plain pandas and orders made by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses import model_check as module
from loyalty_lib.analyses.goodness import (
    alive_table,
    calibration_table,
    frequency_misfit,
    frequency_table,
)
from loyalty_lib.analyses.goodness_spend import spend_by_frequency_table, spend_table
from loyalty_lib.analyses.lifetime import Forecast, LifetimeResult, lifetime
from loyalty_lib.analyses.model_check import ModelCheck, model_check
from loyalty_lib.analyses.protect_model_check import protect_model_check
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.config.analyses import Clv
from loyalty_lib.i18n import Message
from loyalty_lib.models.histories import Codes
from loyalty_lib.models.pnbd import fit_pnbd
from loyalty_lib.validate import Transactions, read_transactions
from tests.models import cdnow

AS_OF = dt.date(1998, 6, 30)
CUTOFF = dt.date(1997, 9, 30)
SETTINGS = Clv(yearly_discount_rate=0.1, margin=0.3, horizon_months=12, holdout_weeks=39)
FRAMES = ["parameters", "frequencies", "tracking", "calibration", "alive", "spend", "spend_by_frequency"]
FIGURES = ["chi_squared", "degrees", "p_value", "misplaced", "spearman", "pearson", "eta_squared", "holdout_days"]
HIDDEN = {
    "frequencies": ["customers"],
    "tracking": ["customers", "purchases", "cumulative"],
    "calibration": ["customers", "expected", "actual", "low", "high"],
    "alive": ["customers", "probability_alive", "came_back"],
    "spend": ["customers"],
    "spend_by_frequency": ["customers", "mean_spend", "low", "high"],
}


def read(days: pd.DataFrame) -> Transactions:
    """Read purchase days (customer_id, day, amount) as orders."""
    rows = {"customer_id": days["customer_id"], "order_id": days.index.astype(str)}
    return read_transactions(pd.DataFrame(rows | {"order_date": days["day"], "amount": days["amount"]}))


def value_of(transactions: Transactions) -> LifetimeResult:
    return lifetime(transactions, AS_OF, rfm(transactions, AS_OF), SETTINGS)


@pytest.fixture(scope="module")
def shop() -> Transactions:
    """Return the 2,357 customers of the published CDNOW sample."""
    return read(cdnow.purchase_days("sample"))


@pytest.fixture(scope="module")
def value(shop: Transactions) -> LifetimeResult:
    return value_of(shop)


@pytest.fixture(scope="module")
def forecast(value: LifetimeResult) -> Forecast:
    assert value.forecast is not None
    return value.forecast


@pytest.fixture(scope="module")
def check(shop: Transactions, value: LifetimeResult) -> ModelCheck:
    return model_check(shop, AS_OF, value)


def test_reference_numbers_are_those_of_the_shared_file(shared: Path, check: ModelCheck, forecast: Forecast) -> None:
    """Weeks 20 to 25 from 1 January 1997, expected by the models fitted after 39 weeks.

    The reference lets a customer's age begin a day earlier than T does, and so expects by the end of a week what this
    expects a day later: by the end of weeks that begin on 2 January.
    """
    golden = json.loads((shared / "reference/golden.json").read_text())["cdnow_sample_39w"]
    weeks = check.tracking.set_index("week").loc[20:25]
    assert weeks["until"].tolist() == [dt.date(1997, 5, 20) + dt.timedelta(weeks=k) for k in range(6)]
    assert weeks["cumulative"].tolist() == golden["cum_weeks_20_25_actual"] == [1359, 1414, 1484, 1517, 1573, 1672]
    summary, second = cdnow.summary_of("sample"), dt.date(1997, 1, 2)
    nothing = pd.DataFrame({"customers": [], "purchases": []}, index=pd.Index([], name="week"))
    for fit, name in ((forecast.check.fit, "cum_weeks_20_25_bg"), (fit_pnbd(summary), "cum_weeks_20_25_pnbd")):
        later = module._tracking(fit, summary, nothing, second, CUTOFF, AS_OF).set_index("week").loc[20:25]
        assert later["cumulative_expected"].tolist() == pytest.approx(golden[name], abs=6e-4)
    known = [1301.603, 1376.765, 1450.066, 1521.628, 1591.557, 1659.951]
    assert weeks["cumulative_expected"].tolist() == pytest.approx(known, abs=6e-4)
    counts = check.frequencies["customers"].tolist()
    assert [*counts[:7], sum(counts[7:])] == golden["bins_n"]
    assert check.tracking.loc[~check.tracking["known"], "purchases"].sum() == golden["holdout_sum"]
    assert check.tracking.loc[check.tracking["known"], "purchases"].sum() == golden["sum_x"]


def test_weeks_match_plain_pandas(check: ModelCheck, forecast: Forecast) -> None:
    log = cdnow.purchase_days("sample")
    first = log.groupby("customer_id")["day"].transform("min")
    later = log[(log["day"] > first) & (first <= cdnow.CALIBRATION_END)]
    weeks = later.groupby((later["day"] - pd.Timestamp("1997-01-01")).dt.days // 7 + 1)["customer_id"]
    tracking = check.tracking
    assert tracking["week"].tolist() == list(range(1, 79))
    assert tracking["purchases"].tolist() == weeks.size().reindex(tracking["week"], fill_value=0).tolist()
    assert tracking["customers"].tolist() == weeks.nunique().reindex(tracking["week"], fill_value=0).tolist()
    assert tracking["cumulative"].tolist() == tracking["purchases"].cumsum().tolist()
    assert tracking["expected"].cumsum().tolist() == pytest.approx(tracking["cumulative_expected"].tolist())
    assert tracking["known"].tolist() == [True] * 39 + [False] * 39
    ages = cdnow.summary_of("sample")["T"]
    alone = [sum(forecast.check.fit.expected_purchases_new(max(age + t, 0)) for age in ages) for t in (-38, 0, 39)]
    assert tracking["cumulative_expected"].iloc[[0, 38, 77]].tolist() == pytest.approx(alone, rel=1e-9)


def test_everything_about_the_cutoff_is_of_the_model_fitted_then(check: ModelCheck, forecast: Forecast) -> None:
    fit, summary = forecast.check.fit, cdnow.summary_of("sample")
    after = cdnow.holdout_purchases("sample")
    assert (check.cutoff, check.as_of, check.holdout_days) == (CUTOFF, AS_OF, 273)
    pd.testing.assert_frame_equal(check.frequencies, frequency_table(fit, summary))
    pd.testing.assert_frame_equal(check.calibration, calibration_table(fit.expected_purchases(summary, 39), after))
    pd.testing.assert_frame_equal(check.alive, alive_table(fit, summary, after))
    misfit = frequency_misfit(fit, summary)
    for name in ("chi_squared", "degrees", "p_value", "misplaced"):
        assert getattr(check, name) == getattr(misfit, name)
    total = (check.calibration["customers"] * check.calibration["expected"]).sum()
    assert total == pytest.approx(forecast.check.predicted, rel=1e-12) == pytest.approx(1653.41, abs=6e-3)


def test_parameters_and_spend_are_of_the_models_fitted_to_all_days(check: ModelCheck, forecast: Forecast) -> None:
    table = check.parameters.set_index(["model", "parameter"])
    assert list(table.index) == [
        *(("BG/NBD", name) for name in ("r", "alpha", "a", "b")),
        *(("Gamma-Gamma", name) for name in ("p", "q", "v")),
    ]
    for fit in (forecast.fit, forecast.spend_fit):
        own = table.loc[fit.model]
        assert dict(own["estimate"]) == pytest.approx(dict(fit.params), rel=1e-12)
        assert dict(own["standard_error"]) == pytest.approx(dict(fit.standard_errors), rel=1e-12)
    ratio = 1.959964 * table["standard_error"] / table["estimate"]
    assert np.log(table["high"] / table["estimate"]).tolist() == pytest.approx(ratio.tolist(), rel=1e-6)
    assert np.log(table["estimate"] / table["low"]).tolist() == pytest.approx(ratio.tolist(), rel=1e-6)
    spends: Any = forecast.spend_fit.spends
    later = cdnow.summary_of("sample", as_of=pd.Timestamp(AS_OF))
    assert check.spend["customers"].sum() == ((later["frequency"] > 0) & (later["monetary_value"] > 0)).sum()
    pd.testing.assert_frame_equal(check.spend, spend_table(forecast.spend_fit, spends))
    pd.testing.assert_frame_equal(check.spend_by_frequency, spend_by_frequency_table(spends))
    for name in ("spearman", "pearson", "eta_squared"):
        assert getattr(check, name) == getattr(forecast.spend_fit, name)


def test_a_parameter_the_data_leave_open_has_no_interval(forecast: Forecast) -> None:
    table = module._parameters(dataclasses.replace(forecast.fit, undetermined=forecast.fit.names))
    assert table["estimate"].notna().all()
    assert table[["standard_error", "low", "high"]].isna().all(axis=None)


def test_the_order_of_rows_changes_nothing(check: ModelCheck) -> None:
    shuffled = read(cdnow.purchase_days("sample").sample(frac=1, random_state=2))
    other = model_check(shuffled, AS_OF, value_of(shuffled))
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(check, name), getattr(other, name), check_exact=True)
    for name in FIGURES:
        assert getattr(check, name) == getattr(other, name)


def test_weeks_hold_what_the_forecast_had_seen_and_then_what_was_left() -> None:
    """Cutoff on 14 January, day 14.

    a buys on the 1st and the 3rd, an order cancelled only in February, and again on the 20th; b's first order is
    cancelled in February; c's order of the 16th is; d comes after the cutoff.
    """
    rows = [
        *[("a", "1", "2024-01-01", 10.0), ("a", "2", "2024-01-03", 10.0), ("a", "2", "2024-02-03", -10.0)],
        *[("a", "3", "2024-01-20", 10.0), ("a", "4", "2024-01-20", 10.0)],
        *[("b", "5", "2024-01-08", 10.0), ("b", "5", "2024-02-03", -10.0), ("b", "6", "2024-01-21", 10.0)],
        *[("c", "7", "2024-01-09", 10.0), ("c", "8", "2024-01-14", 10.0)],
        *[("c", "9", "2024-01-16", 10.0), ("c", "9", "2024-02-01", -10.0)],
        *[("d", "10", "2024-01-15", 10.0), ("d", "11", "2024-01-17", 10.0)],
    ]
    shop = read_transactions(pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "amount"]))
    weeks, outcome = module._outcome(shop, dt.date(2024, 1, 14), dt.date(2024, 2, 3))
    assert weeks["purchases"].to_dict() == {1: 1, 2: 1, 3: 2}
    assert weeks["customers"].to_dict() == {1: 1, 2: 1, 3: 2}
    assert outcome.to_dict() == {"a": 1, "b": 1, "d": 2}
    tables = {name for (name,) in shop.engine.connection.execute("SHOW TABLES").fetchall()}
    assert not tables & {"known_days", "purchase_days_as_of"}


def test_weeks_are_whole_and_known_only_if_the_model_saw_them_to_the_end(check: ModelCheck, forecast: Forecast) -> None:
    """Twenty days with the cutoff on the tenth: two weeks, the second straddling."""
    summary = cdnow.summary_of("sample", as_of=pd.Timestamp("1997-01-10"))
    first, cutoff, as_of = (dt.date(1997, 1, day) for day in (1, 10, 20))
    weeks = pd.DataFrame({"customers": [3], "purchases": [4]}, index=pd.Index([2], name="week"))
    found = module._tracking(forecast.check.fit, summary, weeks, first, cutoff, as_of)
    assert found["until"].tolist() == [dt.date(1997, 1, 7), dt.date(1997, 1, 14)]
    assert found["known"].tolist() == [True, False]
    assert found["purchases"].tolist() == [0, 4]
    assert found["cumulative"].tolist() == [0, 4]
    new = forecast.check.fit.expected_purchases_new
    assert found["cumulative_expected"][1] == pytest.approx(sum(new(age + 4 / 7) for age in summary["T"]), rel=1e-9)


def test_caveats_of_the_same_sentence_are_said_once(
    shop: Transactions, value: LifetimeResult, forecast: Forecast
) -> None:
    """That of one-time buyers is in the lifetime value, with the share of another day; a new one is passed on."""
    said = Message("Said of {share:percent}.", share=0.5)
    again, new = Message("Said of {share:percent}.", share=0.6), "New."
    fit = dataclasses.replace(forecast.check.fit, caveats=(again, new))
    changed = dataclasses.replace(forecast, check=dataclasses.replace(forecast.check, fit=fit))
    found = model_check(shop, AS_OF, dataclasses.replace(value, forecast=changed, caveats=(said,)))
    assert found.caveats == ("New.",)


def test_without_a_forecast_there_are_columns_and_no_rows(shop: Transactions, check: ModelCheck) -> None:
    none = model_check(shop, AS_OF, lifetime(shop, AS_OF, rfm(shop, AS_OF), None))
    for name in FRAMES:
        assert len(getattr(none, name)) == 0
        assert getattr(none, name).columns.tolist() == getattr(check, name).columns.tolist()
    assert math.isnan(none.p_value)
    assert math.isnan(none.misplaced)
    assert (none.cutoff, none.as_of, none.holdout_days, none.caveats) == (AS_OF, AS_OF, 0, ())
    shown = protect_model_check(none, 5, 0.5)
    assert all(len(getattr(shown, name)) == 0 for name in FRAMES)


def determined(rows: list[Any], size: int) -> Any:
    """Find the unknowns that linear equations leave one value only."""
    known = np.array(rows).reshape(-1, size)
    rank = np.linalg.matrix_rank(known) if len(known) else 0
    return np.array([np.linalg.matrix_rank(np.vstack([known, unit])) == rank for unit in np.eye(size)])


def weeks_of(check: ModelCheck, customers: Codes, known: int) -> ModelCheck:
    """Put weeks with so many customers, each with one purchase, in place of the check's."""
    tracking = pd.DataFrame(
        {
            "week": np.arange(1, len(customers) + 1),
            "until": [dt.date(2024, 1, 7) + dt.timedelta(weeks=k) for k in range(len(customers))],
            "customers": customers,
            "purchases": customers,
            "expected": 10.0,
            "cumulative": customers.cumsum(),
            "cumulative_expected": 10.0 * np.arange(1, len(customers) + 1),
            "known": np.arange(len(customers)) < known,
        }
    )
    return dataclasses.replace(check, tracking=tracking)


@pytest.mark.parametrize("seed", range(25))
def test_no_small_week_can_be_worked_out_from_totals(check: ModelCheck, seed: int) -> None:
    """From the weeks shown, the running totals shown, and the totals before and after the cutoff."""
    source = np.random.default_rng(seed)
    customers = source.poisson(source.choice([3, 9, 30], 24, p=[0.2, 0.3, 0.5]))
    shown = protect_model_check(weeks_of(check, customers, 12), 5, 0.5).tracking
    told: list[Any] = [np.eye(24)[k] for k in range(24) if shown["purchases"].notna()[k]]
    told += [np.arange(24) <= k for k in range(24) if shown["cumulative"].notna()[k]]
    told += [np.arange(24) < 12, np.arange(24) >= 12]
    small = (customers > 0) & (customers < 5)
    assert not (determined(told, 24) & small).any()
    assert not shown["purchases"].notna()[small].any()
    assert shown[["week", "until", "expected", "cumulative_expected", "known"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("counts", "hidden", "untold"),
    [
        ([3, 4, 20, 30, 40, 50, 60, 70], [1, 2], [1, 2]),
        ([2, 5, 8, 7, 14, 5, 14, 22], [1, 2, 6], [1, 2, 6]),
        ([9, 8, 2, 20, 30, 7, 40, 50], [3, 6], [3, 4, 5, 6]),
    ],
)
def test_running_totals_go_on_after_several_hidden_weeks(
    check: ModelCheck, counts: list[int], hidden: list[int], untold: list[int]
) -> None:
    """Two small weeks; a small one beside its second, another second later; a small one far from its second."""
    customers = np.array(counts)
    shown = protect_model_check(weeks_of(check, customers, 8), 5, 0.5).tracking.set_index("week")
    assert shown.index[shown["purchases"].isna()].tolist() == hidden
    assert shown.index[shown["cumulative"].isna()].tolist() == untold
    told = shown["cumulative"].dropna()
    assert told.tolist() == customers.cumsum()[told.index.to_numpy() - 1].tolist()


@pytest.mark.parametrize("seed", range(25))
def test_no_small_class_or_cell_can_be_worked_out_from_the_other_table(check: ModelCheck, seed: int) -> None:
    """Unknown are the eleven classes and the cells of the grid, whose rows add up to classes; known is the total."""
    source = np.random.default_rng(seed)
    cells = source.poisson(source.choice([0.5, 4, 20], (5, 5), p=[0.2, 0.3, 0.5]))
    parts = {1: [1], 2: [2], 3: [3, 4], 4: [5, 6, 7], 5: [8, 9, 10]}
    counts = np.zeros(11, dtype=np.int64)
    counts[0] = source.choice([3, 200])
    for row, members in parts.items():
        counts[members] = source.multinomial(cells[row - 1].sum(), source.dirichlet(np.ones(len(members))))
    alive = check.alive.assign(customers=cells.ravel())
    frequencies = check.frequencies.assign(customers=counts)
    made = dataclasses.replace(check, alive=alive, frequencies=frequencies)
    shown = protect_model_check(made, 5, 0.5)
    truth = np.concatenate([counts, cells.ravel()])
    showing = pd.concat([shown.frequencies["customers"], shown.alive["customers"]]).notna().to_numpy()
    each = np.eye(36)
    told: list[Any] = [each[k] for k in np.flatnonzero(showing)] + [each[:11].sum(axis=0)]
    for row, members in parts.items():
        told.append(each[members].sum(axis=0) - each[11 + 5 * (row - 1) : 11 + 5 * row].sum(axis=0))
    small = (truth > 0) & (truth < 5)
    assert not (determined(told, 36) & small).any()
    assert not showing[small].any()


def test_small_groups_are_hidden_with_a_second_and_labels_stay(check: ModelCheck) -> None:
    shown = protect_model_check(check, 30, 0.5)
    for name, columns in HIDDEN.items():
        before, after = getattr(check, name), getattr(shown, name)
        others = [column for column in before.columns if column not in columns]
        pd.testing.assert_frame_equal(before[others], after[others])
        small = (before["customers"] > 0) & (before["customers"] < 30)
        assert after.loc[small, columns].isna().all(axis=None)
        hidden = after["customers"].isna()
        assert not hidden.any() or hidden.sum() >= 2
        assert after.attrs["suppressed"] == (after.isna() & before.notna()).sum().sum()
        assert after["customers"][~hidden].tolist() == before["customers"][~hidden].tolist()
    assert shown.frequencies["customers"].isna().any()
    assert shown.alive["customers"].isna().any()


def test_protecting_twice_changes_nothing_more(check: ModelCheck) -> None:
    once = protect_model_check(check, 30, 0.5)
    twice = protect_model_check(once, 30, 0.5)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(once, name), getattr(twice, name))


def test_mean_spend_that_one_customer_dominates_is_hidden_with_a_second(check: ModelCheck) -> None:
    spends = pd.DataFrame({"frequency": [1] * 20 + [2] * 30 + [9] * 40, "monetary_value": 10.0})
    spends.loc[0, "monetary_value"] = 500.0
    table = spend_by_frequency_table(spends)
    shown = protect_model_check(dataclasses.replace(check, spend_by_frequency=table), 5, 0.5).spend_by_frequency
    assert shown["customers"].tolist() == [20, 30, 0, 0, 40]
    assert shown["mean_spend"].isna().tolist() == [True, True, True, True, False]
    assert shown[["mean_spend", "low", "high"]].to_numpy()[4].tolist() == [10.0, 10.0, 10.0]
