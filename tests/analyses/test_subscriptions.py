"""Customers under contract: by hand, day by day in plain Python, on real data, and whatever the order of the rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from loyalty_lib.analyses.subscriptions import subscriptions
from loyalty_lib.analyses.subscriptions_contracts import add_months, day_number, months_between
from loyalty_lib.analyses.subscriptions_flows import MONEY
from loyalty_lib.models.shifted_beta_geometric import residual_lifetimes
from loyalty_lib.periods import parse_period
from tests.analyses.contracts import EIGHT, follow, frame, yearly

AS_OF = dt.date(2024, 12, 31)
DAYS = st.dates(dt.date(1999, 1, 1), dt.date(2032, 12, 31))


def test_every_figure_of_eight_customers_checked_by_eye() -> None:
    """Under contract on 30 September: a b c g h; on 31 December: a b d f g h."""
    result = follow(frame(EIGHT))
    now = result.flows.loc["2024-Q4"]
    counts = now[
        ["customers_at_start", "new_customers", "back_customers", "lost_customers", "customers_at_end"]
    ].to_list()
    assert counts == [5, 1, 1, 1, 6]
    assert now["joined_and_left_customers"] == 1
    assert (now["churn_rate"], now["retention_rate"]) == (0.2, 0.8)
    # 10 + 10 + 10 + 25 + (25 + 10) before, 10 + 25 + 25 + 12 + 10 + 25 after.
    assert (now["revenue_at_start"], now["revenue_at_end"]) == (90, 107)
    assert now[list(MONEY)].to_list() == [25, 12, 15, 25, 10]
    assert now["gross_revenue_retention"] == pytest.approx((90 - 10 - 25) / 90)
    assert now["net_revenue_retention"] == pytest.approx((90 - 10 - 25 + 15) / 90)
    assert now["revenue_per_customer"] == pytest.approx(107 / 6)
    assert (now["expanding_customers"], now["contracting_customers"]) == (1, 2)
    assert (now["largest_revenue_at_start"], now["largest_contraction"]) == (pytest.approx(35 / 90), 0.6)


def test_survival_of_eight_customers_checked_by_eye() -> None:
    """Lost after 2 (e), 20 (c) and 24 months (f): of 7, 4 and 1 still observed; f's return is another life."""
    survival = follow(frame(EIGHT)).survival.set_index("months")
    assert survival.index.to_list() == list(range(25))
    assert survival["share"][[0, 1, 2, 19, 20, 23]].to_list() == pytest.approx([1, 1, 6 / 7, 6 / 7, 9 / 14, 9 / 14])
    assert survival["share"][24] == 0
    assert survival["lost"][survival["lost"] > 0].to_dict() == {2: 1, 20: 1, 24: 1}
    assert survival["at_risk"][[0, 2, 20, 24]].to_list() == [8, 7, 4, 1]


def test_plans_and_renewals_of_eight_customers_checked_by_eye() -> None:
    """First plans: Basic a b c e f, Plus d g h.

    Only f came to a second renewal by the end of 2024, and was lost at it; c, lost before a second renewal due in 2025,
    faced one.
    """
    result = follow(frame(EIGHT), days=31)
    assert result.plans[["plan", "customers", "lost"]].to_numpy().tolist() == [["Basic", 5, 3], ["Plus", 3, 0]]
    assert result.plans["kept"].to_list() == pytest.approx([0.8, 1.0])
    assert result.tally.to_dict("list") == {"faced": [6, 1], "lost": [0, 1]}
    assert result.fit is None
    assert result.reason == (
        "A projection needs customers who came to at least 3 renewals; here the longest came to 2."
    )
    assert result.caveats[-1] == result.reason
    assert result.projection.empty
    assert result.due[["customer_id", "amount", "renews_on", "renewal"]].to_numpy().tolist() == [
        ["a", 10.0, pd.Timestamp("2025-01-01"), 2]
    ]
    assert result.renewals.iloc[0].to_list() == ["Basic", pd.Timestamp("2025-01-01"), 1, 1, 10.0, 1.0]


def test_a_year_of_monthly_contracts_closes_from_month_to_month() -> None:
    table = follow(yearly(), "2024-11").flows
    assert len(table) == 13
    closes = table["new_customers"] + table["back_customers"] - table["lost_customers"]
    assert (table["customers_at_start"] + closes == table["customers_at_end"]).all()
    gains = table["new_revenue"] + table["reactivated_revenue"] + table["expansion"]
    losses = table["contraction"] + table["churned_revenue"]
    np.testing.assert_allclose(table["revenue_at_start"] + gains - losses, table["revenue_at_end"], rtol=1e-12)
    assert (table["customers_at_end"].to_numpy()[:-1] == table["customers_at_start"].to_numpy()[1:]).all()
    assert (table["revenue_at_end"].to_numpy()[:-1] == table["revenue_at_start"].to_numpy()[1:]).all()


@pytest.mark.parametrize("period", ["2024-Q4", "2023-05", "2024-W20", "2024"])
def test_flows_agree_with_a_calendar_filled_in_day_by_day(period: str) -> None:
    contracts = yearly(150, seed=9)
    table = follow(contracts, period).flows
    calendar, paid = filled(contracts, parse_period(period).end)
    assert parse_period(period).year_ago.label in table.index
    for label, row in table.iterrows():
        first, last = parse_period(str(label)).start, parse_period(str(label)).end
        before = {one for one, days in calendar.items() if first - dt.timedelta(1) in days}
        after = {one for one, days in calendar.items() if last in days}
        earlier = {one for one, days in calendar.items() if min(days) < first}
        inside = {one for one, days in calendar.items() if any(first <= day <= last for day in days)}
        assert row["customers_at_start"] == len(before)
        assert row["lost_customers"] == len(before - after)
        assert row["new_customers"] == len(after - before - earlier)
        assert row["back_customers"] == len((after - before) & earlier)
        assert row["joined_and_left_customers"] == len(inside - before - after)
        then = {one: paid.get((one, first - dt.timedelta(1)), 0.0) for one in calendar}
        now = {one: paid.get((one, last), 0.0) for one in calendar}
        kept = before & after
        parts = {
            "revenue_at_start": sum(then.values()),
            "revenue_at_end": sum(now.values()),
            "expansion": sum(max(now[one] - then[one], 0) for one in kept),
            "contraction": sum(max(then[one] - now[one], 0) for one in kept),
            "churned_revenue": sum(then[one] for one in before - after),
            "new_revenue": sum(now[one] for one in after - before - earlier),
        }
        for name, amount in parts.items():
            assert row[name] == pytest.approx(amount, rel=1e-12, abs=1e-9)


def filled(contracts: pd.DataFrame, until: dt.date) -> tuple[dict[str, set[dt.date]], dict[tuple[str, dt.date], float]]:
    """Write each customer's days under contract into a calendar, gaps of up to 31 days too."""
    calendar: dict[str, set[dt.date]] = {}
    paid: dict[tuple[str, dt.date], float] = {}
    for row in contracts.itertuples():
        end = until + dt.timedelta(1) if pd.isna(row.end) else min(row.end.date(), until + dt.timedelta(1))
        for number in range((end - row.start.date()).days):
            day = row.start.date() + dt.timedelta(number)
            calendar.setdefault(row.customer_id, set()).add(day)
            paid[row.customer_id, day] = paid.get((row.customer_id, day), 0.0) + row.amount
    for customer, days in calendar.items():
        for one, other in pairwise(sorted(days)):
            if 1 < (other - one).days <= 32:
                between = [one + dt.timedelta(number) for number in range(1, (other - one).days)]
                days.update(between)
                paid.update({(customer, day): paid[customer, one] for day in between})
    return calendar, paid


def test_survival_agrees_with_scipy_on_days_counted_in_python() -> None:
    contracts = yearly(300, seed=2)
    result = follow(contracts)
    calendar, _ = filled(contracts, AS_OF)
    ended, running = [], []
    for days in calendar.values():
        end = next((day for day in sorted(days) if day + dt.timedelta(1) not in days), AS_OF)
        start = pd.Timestamp(min(days))
        left = end < AS_OF
        months = counted(start, pd.Timestamp(end + dt.timedelta(1) if left else AS_OF))
        (ended if left else running).append(months)
    found = stats.ecdf(stats.CensoredData(uncensored=ended, right=running)).sf
    survival = result.survival.set_index("months")["share"]
    for months in (0, 1, 11, 12, 13, 24, 36, 48):
        assert survival[months] == pytest.approx(float(found.evaluate(months)), rel=1e-12)


def counted(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Count calendar months one by one."""
    whole = 0
    while start + pd.DateOffset(months=whole + 1) <= end:
        whole += 1
    reached, then = (start + pd.DateOffset(months=whole + more) for more in (0, 1))
    return float(whole + (end - reached) / (then - reached))


@given(start=DAYS, end=DAYS)
def test_months_are_those_of_the_calendar(start: dt.date, end: dt.date) -> None:
    start, end = min(start, end), max(start, end)
    one, other = np.array([day_number(start)]), np.array([day_number(end)])
    months = months_between(one, other)[0]
    assert months == pytest.approx(counted(pd.Timestamp(start), pd.Timestamp(end)), rel=1e-12)
    shifted = add_months(one, np.array([int(months)]))[0]
    assert shifted == day_number((pd.Timestamp(start) + pd.DateOffset(months=int(months))).date())


def same(one: object, other: object, scale: float = 1.0) -> None:
    for field in dataclasses.fields(one):  # type: ignore[arg-type]
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame) and scale == 1:
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        elif isinstance(a, pd.DataFrame) and field.name in {"survival", "plans", "tally", "projection", "ahead"}:
            pd.testing.assert_frame_equal(a, b)


def test_the_order_of_rows_plays_no_part() -> None:
    contracts = yearly(300)
    shuffled = contracts.sample(frac=1, random_state=3, ignore_index=True)
    one, other = (follow(table, yearly_discount_rate=0.1) for table in (contracts, shuffled))
    same(one, other)
    assert one.value is not None
    assert other.value is not None
    assert dataclasses.asdict(one.value) == dataclasses.asdict(other.value)
    assert one.fit is not None
    assert other.fit is not None
    assert dict(one.fit.params) == dict(other.fit.params)


def test_a_hundred_times_the_amounts_changes_money_alone() -> None:
    contracts = yearly(300)
    one, other = follow(contracts), follow(contracts.assign(amount=100 * contracts["amount"]))
    same(one, other, 100)
    money = ["revenue_at_start", "revenue_at_end", *MONEY]
    np.testing.assert_allclose(100 * one.flows[money], other.flows[money], rtol=1e-12)
    rates = ["churn_rate", "gross_revenue_retention", "net_revenue_retention"]
    np.testing.assert_allclose(one.flows[rates], other.flows[rates], rtol=1e-12)


def test_a_contract_written_as_two_that_follow_each_other_is_one_stay() -> None:
    contracts = frame([("a", "2023-01-01", None, "Basic", 10), ("b", "2023-01-01", "2024-11-01", "Basic", 10)])
    halves = frame(
        [
            ("a", "2023-01-01", "2024-11-10", "Basic", 10),
            ("a", "2024-11-10", None, "Basic", 10),
            ("b", "2023-01-01", "2024-11-01", "Basic", 10),
        ]
    )
    one, other = follow(contracts), follow(halves)
    pd.testing.assert_frame_equal(one.flows, other.flows)
    pd.testing.assert_frame_equal(one.survival, other.survival)


@pytest.mark.parametrize(("gap", "lost", "back"), [(0, 0, 0), (31, 0, 0), (32, 1, 1)])
def test_a_gap_of_more_than_31_days_is_leaving_and_coming_back(gap: int, lost: int, back: int) -> None:
    again = (pd.Timestamp("2024-10-01") + pd.Timedelta(days=gap)).date().isoformat()
    contracts = frame([("a", "2023-01-01", "2024-10-01", "Basic", 10), ("a", again, None, "Basic", 10)])
    table = follow(contracts, "2024-11").flows
    assert (table["lost_customers"].sum(), table["back_customers"].sum()) == (lost, back)
    assert table["churned_revenue"].sum() == 10 * lost


def test_what_is_wrong_in_the_file_is_left_out_and_said() -> None:
    rows = [
        *EIGHT,
        ("x", "2024-05-01", "2024-04-01", "Basic", 10),
        ("x", "2024-05-01", "2024-05-01", "Basic", 10),
        ("y", None, None, "Basic", 10),
        ("z", "2024-01-01", None, "Basic", -5),
        (None, "2024-01-01", None, "Basic", 5),
        ("later", "2025-01-01", None, "Basic", 5),
    ]
    result, clean = follow(frame(rows)), follow(frame(EIGHT))
    pd.testing.assert_frame_equal(result.flows, clean.flows)
    assert result.caveats[:4] == (
        "1 contract without a customer was left out.",
        "1 contract without a start was left out.",
        "2 contracts that end on or before their first day were left out.",
        "1 contract with an amount below zero was left out.",
    )
    assert result.caveats[4] == "1 customer whose contract ended in the last 31 days counts as lost for now."


def test_an_end_after_the_period_is_notice_given() -> None:
    rows = [*EIGHT, ("n", "2023-01-15", "2025-01-15", "Basic", 10)]
    result = follow(frame(rows), days=31)
    now = result.flows.loc["2024-Q4"]
    assert (now["customers_at_start"], now["customers_at_end"], now["lost_customers"]) == (6, 7, 1)
    assert (result.given_notice, result.going_on) == (1, 6)
    assert result.due["customer_id"].to_list() == ["a"]
    assert "1 customer is still under contract but has given notice: no renewal is expected." in result.caveats


def test_without_amounts_customers_are_still_followed() -> None:
    contracts = frame(EIGHT).assign(amount=np.nan)
    result = follow(contracts)
    assert result.flows.loc["2024-Q4", "churn_rate"] == 0.2
    assert result.flows["revenue_at_end"].isna().all()
    assert result.bridge.empty
    some = frame(EIGHT)
    some.loc[0, "amount"] = np.nan
    assert "1 contract has no amount and counts as bringing nothing." in follow(some).caveats


@pytest.mark.parametrize("contracts", [None, frame([]), frame([("a", "2025-03-01", None, "Basic", 1)])])
def test_without_contracts_everything_is_empty(contracts: pd.DataFrame | None) -> None:
    result = follow(contracts)
    assert result.flows.empty
    assert result.survival.empty
    assert result.renewals.empty
    assert result.fit is None


def test_without_settings_everything_is_empty() -> None:
    assert subscriptions(frame(EIGHT), parse_period("2024-Q4"), None).flows.empty


def test_one_customer_and_contracts_that_all_run_on() -> None:
    result = follow(frame([("a", "2024-06-30", None, "", 10)]))
    assert result.plans.empty
    assert result.flows.loc["2024-Q4", "retention_rate"] == 1
    assert result.survival["share"].to_list() == [1.0] * 7
    assert "No contract in the file has ended." in result.caveats[0]
    assert np.isnan(result.flows.loc["2024-Q2", "churn_rate"])  # nobody was under contract before
    assert "2024-Q1" not in result.flows.index


def test_projection_finds_the_customers_simulated() -> None:
    """Renewals of beta(0.7, 1.8) customers: S(t) is known, and the interval of the projection holds it."""
    result = follow(yearly(5000, seed=8).drop_duplicates("customer_id"))  # the first contracts: nobody returns
    fit = result.fit
    assert fit is not None
    for name, truth in (("alpha", 0.7), ("beta", 1.8)):
        assert abs(fit.params[name] - truth) < 3 * fit.standard_errors[name]
    truth = np.cumprod(np.concatenate([[1.0], (1.8 + np.arange(9)) / (2.5 + np.arange(9))]))
    table = result.projection
    assert (table["low"] <= truth[: len(table)] + 0.01).all()
    assert (table["high"] >= truth[: len(table)] - 0.01).all()
    assert table["months"].to_list() == [12 * renewal for renewal in table["renewal"]]
    assert result.ahead["renewal"].to_list() == [0, 1, 2, 3]


def test_value_is_the_sum_over_customers_of_discounted_renewals() -> None:
    """Every customer's renewals written out as a plain sum of amount x 12 x share still there x discount."""
    contracts = yearly(250)
    contracts = contracts.drop_duplicates("customer_id")
    result = follow(contracts, yearly_discount_rate=0.25, margin=0.5)
    fit, value = result.fit, result.value
    assert fit is not None
    assert value is not None
    total, going_on = 0.0, contracts[contracts["end"].isna()]
    for row in going_on.itertuples():
        months = counted(row.start, pd.Timestamp(AS_OF))
        passed = int(months // 12)
        ahead = np.arange(1, 400)
        still = fit.survival(passed + ahead) / fit.survival(passed)
        years = ((passed + ahead) * 12 - months) / 12
        total += float((row.amount * 12 * 0.5 * still * 1.25**-years).sum())
    assert value.total == pytest.approx(total, rel=1e-9)
    assert value.per_customer == pytest.approx(total / len(going_on), rel=1e-9)
    assert value.low < value.total < value.high
    assert follow(contracts).value is None
    assert follow(contracts, yearly_discount_rate=0.0).value is None


def test_residual_lifetimes_of_customers_alike_are_geometric() -> None:
    draws = pd.DataFrame({"alpha": [2e5], "beta": [8e5]})
    assert residual_lifetimes(draws, 3, 0.1)[0] == pytest.approx(0.8 / (1 - 0.8 / 1.1), rel=1e-4)


def test_telco_customers_stay_as_an_independent_computation_says(shared: Path) -> None:
    """7,043 customers of IBM's sample, 1,869 of them lost (26.54 %): tenure in whole months, observed to one day.

    The product-limit estimate is worked out month by month here: 84.3 % stay a year.
    """
    telco = pd.read_csv(shared / "data" / "telco" / "Telco-Customer-Churn.csv.gz")
    left = telco["Churn"] == "Yes"
    assert (len(telco), int(left.sum()), round(left.mean(), 4)) == (7043, 1869, 0.2654)
    seen = pd.Timestamp("2024-12-15")
    contracts = pd.DataFrame(
        {
            "customer_id": telco["customerID"],
            "start": [seen - pd.DateOffset(months=int(months)) for months in telco["tenure"]],
            "end": pd.Series([seen] * len(telco)).where(left),
            "plan": telco["Contract"],
            "amount": telco["MonthlyCharges"],
        }
    )
    result = follow(contracts, "2024-12", term=1)
    survival = result.survival.set_index("months")["share"]
    share, expected = 1.0, {0: 1.0}
    for months in range(1, 73):
        share *= 1 - (left & (telco["tenure"] == months)).sum() / (telco["tenure"] >= months).sum()
        expected[months] = share
    assert survival.to_list() == pytest.approx([expected[months] for months in survival.index], rel=1e-12)
    assert round(survival[12], 3) == 0.843
    assert result.plans["plan"].to_list() == ["Month-to-month", "Two year", "One year"]
    assert result.plans_p_value < 1e-100
    assert result.tally["faced"].iloc[0] == (telco["tenure"] >= 1).sum()
    assert result.tally["lost"].sum() == 1869
    assert result.fit is not None
    assert float(result.fit.survival(12)) == pytest.approx(0.819, abs=5e-4)  # the model is too low here, and says so
    assert "The model misses the share observed at a renewal by up to 7 percentage points." in result.caveats
    year = result.flows.loc["2024-12"]
    assert (year["lost_customers"], year["customers_at_end"]) == (1869, 7043 - 1869)
