"""Key figures: a shop small enough to check by eye, and every period of a simulated one against plain pandas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpi_units import OPTIONAL, TREND_PERIODS, UNITS
from loyalty_lib.analyses.kpis import kpis
from loyalty_lib.config.analyses import Engagement
from loyalty_lib.periods import Period, parse_period
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

# Quarter 1: a spends 100, b 200.  Quarter 2: a 60 + 60, b gets 50 back, c buys twice on one day, z comes back.
ROWS = [
    ("z", "2023-01-01", 40.0),
    ("a", "2024-01-10", 100.0),
    ("b", "2024-03-31", 200.0),
    ("a", "2024-04-01", 60.0),
    ("a", "2024-06-30", 60.0),
    ("b", "2024-05-05", -50.0),
    ("c", "2024-05-06", 50.0),
    ("c", "2024-05-06", 30.0),
    ("z", "2024-05-07", 20.0),
]


def test_every_figure_of_a_shop_checked_by_eye(shop: Shop) -> None:
    result = kpis(shop(ROWS), parse_period("2024-Q2"))
    expected = {
        "active_customers": 3,  # a, c, z; b had a refund only
        "new_customers": 1,  # c
        "returning_customers": 1,  # a
        "reactivated_customers": 1,  # z
        "lapsed_customers": 1,  # b
        "retention_rate": 1 / 2,
        "churn_rate": 1 / 2,
        "repeat_rate": 1 / 3,  # a, on two days; c's two orders were on one
        "purchase_frequency": 4 / 3,
        "average_order_value": 170 / 5,
        "net_sales": 120 - 50 + 80 + 20,
        "sales_per_customer": 170 / 3,
        "orders": 5,
        "purchase_days": 4,
        "gross_revenue_retention": (100 - 50) / 300,  # min(120, 100) + min(-50, 200)
        "net_revenue_retention": (120 - 50) / 300,
        "revenue_churn": 250 / 300,
        "customer_growth": 1 / 2,
    }
    assert list(result.figures.index) == list(expected) == [key for key in UNITS if key not in OPTIONAL]
    assert result.figures["value"].to_dict() == pytest.approx(expected, rel=1e-14)
    assert result.figures["unit"].to_dict() == {key: UNITS[key] for key in expected}
    assert result.figures["previous"][["active_customers", "net_sales"]].to_list() == [2, 300]
    assert result.figures["year_ago"][["active_customers", "new_customers", "net_sales"]].to_list() == [0, 0, 0]
    assert result.caveats == ()


def test_a_period_that_begins_before_the_data_is_not_observed(shop: Shop) -> None:
    rows = [("a", "2024-01-02", 10.0), ("a", "2024-04-01", 10.0), ("b", "2024-04-02", 10.0)]
    result = kpis(shop(rows), parse_period("2024-Q2"))
    assert result.figures["previous"].isna().all()
    assert result.figures["year_ago"].isna().all()
    value = result.figures["value"]
    assert value["active_customers"] == 2
    assert value["new_customers"] == 1
    assert value[["retention_rate", "lapsed_customers", "customer_growth", "net_revenue_retention"]].isna().all()
    assert result.trend["label"].to_list() == ["2024-Q2"]
    assert result.caveats == ("The data begin on 2 January 2024: customers of earlier days count as new.",)


def test_the_first_day_of_a_period_is_enough_to_observe_it(shop: Shop) -> None:
    rows = [("a", "2024-01-01", 10.0), ("a", "2024-04-01", 10.0)]
    result = kpis(shop(rows), parse_period("2024-Q2"))
    assert result.figures.loc["retention_rate", "value"] == 1
    assert np.isnan(result.figures["previous"]["retention_rate"])
    assert result.trend["label"].to_list() == ["2024-Q1", "2024-Q2"]


def test_a_reporting_period_the_data_begin_in_keeps_its_figures_with_a_caveat(shop: Shop) -> None:
    result = kpis(shop([("a", "2024-04-02", 10.0)]), parse_period("2024-Q2"))
    assert result.figures.loc["net_sales", "value"] == 10
    assert result.trend["label"].to_list() == ["2024-Q2"]
    assert "inside the period" in result.caveats[0]


def test_no_transactions_give_zeros_and_a_caveat(shop: Shop) -> None:
    result = kpis(shop(pd.DataFrame({"customer_id": [], "day": [], "amount": []})), parse_period("2024-Q2"))
    assert result.figures.loc["active_customers", "value"] == 0
    assert np.isnan(result.figures["value"]["average_order_value"])
    assert result.caveats == ("There are no transactions in the data.",)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """The same two years in order lines with a category, or none; refunds name their order, and some cancel it.

    A customer's refund of exactly what a line cost, under the line's order, cancels that order.
    """
    rng = np.random.default_rng(5)
    count = 3000
    customers = rng.integers(0, 500, count)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:03d}" for number in customers],
            "day": pd.Timestamp("2023-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 731, count)), unit="D"),
            "amount": rng.integers(1, 4000, count) / 100,
            "order_id": [f"o{number}" for number in range(count)],
            "category": rng.choice(np.array(["tea", "coffee", "cake", None], dtype=object), count),
        }
    )
    back = frame.sample(200, random_state=2)
    refunds = back.assign(day=back["day"] + pd.to_timedelta(rng.integers(0, 40, 200), unit="D"), category="refunded")
    refunds["amount"] = -refunds["amount"]
    refunds.loc[refunds.index[100:], "amount"] /= 2
    refunds["amount"] = refunds["amount"].round(2)
    return pd.concat([frame, refunds[refunds["day"] <= "2024-12-31"]], ignore_index=True)


PERIODS = ["2024-06", "2024-Q2", "2024-H1", "2024", "2024-W20", "2024-02-10..2024-03-14"]


@pytest.mark.parametrize("text", PERIODS)
def test_every_period_agrees_with_plain_pandas(shop: Shop, orders: pd.DataFrame, text: str) -> None:
    period = parse_period(text)
    result = kpis(shop(orders), period)
    begin = orders["day"].min().date()
    periods = period.back(TREND_PERIODS)
    shown = [key for key in UNITS if key in result.figures.index]
    assert len(result.trend) == sum(one.start >= begin for one in periods)
    for one in (*periods, period.year_ago):
        if one.start >= begin:
            expected = by_hand(orders, one, result.gaps.p80, observed_before=one.previous.start >= begin)[shown]
            found = pd.Series(row(result.by_period, one.label, shown), index=shown, dtype=float)
            pd.testing.assert_series_equal(found, expected, rtol=1e-12)
    for name, one in (("value", period), ("previous", period.previous), ("year_ago", period.year_ago)):
        expected = by_hand(orders, one, result.gaps.p80, observed_before=one.previous.start >= begin)[shown]
        if one.start < begin:
            expected[:] = np.nan
        pd.testing.assert_series_equal(result.figures[name], expected, check_names=False, rtol=1e-12)


@pytest.mark.parametrize("text", PERIODS)
def test_the_trend_holds_every_figure_of_the_table(shop: Shop, orders: pd.DataFrame, text: str) -> None:
    period = parse_period(text)
    result = kpis(shop(orders), period)
    trend = result.trend.set_index("label")
    assert list(trend.columns) == ["start", "end", *result.figures.index]
    assert (trend.index[-1], trend["start"].iloc[-1].date()) == (period.label, period.start)
    assert trend["end"].iloc[-1].date() == period.end
    for name, one in (("value", period), ("previous", period.previous), ("year_ago", period.year_ago)):
        if one.label in trend.index:
            assert row(trend, one.label, list(result.figures.index)) == pytest.approx(
                result.figures[name].to_list(), rel=0, abs=0, nan_ok=True
            )


@pytest.mark.parametrize("text", PERIODS)
def test_categories_agree_with_plain_pandas(shop: Shop, lines: pd.DataFrame, text: str) -> None:
    period = parse_period(text)
    result = kpis(shop(lines), period)
    seen = lines[lines["day"] <= pd.Timestamp(period.end)]
    orders = seen.groupby(["customer_id", "order_id"])["amount"].agg(["min", "sum"]).round(6)
    cancelled = set(orders.index[(orders["min"] < 0) & (orders["sum"] <= 0)])
    left = seen[[key not in cancelled for key in zip(seen["customer_id"], seen["order_id"], strict=True)]]
    bought = left[(left["amount"] >= 0) & left["category"].notna()]
    assert len(cancelled) > 10
    begin = lines["day"].min().date()
    periods = [one for one in period.back(TREND_PERIODS) if one.start >= begin]
    assert periods
    for one in periods:
        categories = within(bought, one).groupby("customer_id")["category"].nunique().to_numpy()
        several = int((categories >= 2).sum())
        found = row(result.by_period, one.label, ["upsell_ratio", "one_to_several"])
        wanted = [ratio(several, len(categories)), ratio(len(categories) - several, several)]
        assert found == pytest.approx(wanted, rel=1e-14, nan_ok=True)


def by_hand(orders: pd.DataFrame, period: Period, gap: float, *, observed_before: bool) -> pd.Series:
    """Compute the figures with sets and dictionaries."""
    bought = orders[orders["amount"] >= 0]
    now, then = within(bought, period), within(bought, period.previous)
    active, before = set(now["customer_id"]), set(then["customer_id"])
    earlier = set(bought.loc[bought["day"] < pd.Timestamp(period.start), "customer_id"])
    last_days = bought[bought["day"] <= pd.Timestamp(period.end)].groupby("customer_id")["day"].max()
    silent = (pd.Timestamp(period.end) - last_days).dt.days > gap
    followed = (pd.Timestamp(period.end) - orders["day"].min()).days > gap
    days = now.drop_duplicates(["customer_id", "day"])
    sales_now = within(orders, period).groupby("customer_id")["amount"].sum().to_dict()
    sales_then = within(orders, period.previous).groupby("customer_id")["amount"].sum().to_dict()
    sales = sum(sales_now.values())
    base = sum(sales_then[one] for one in before)
    kept = sum(min(sales_now.get(one, 0), sales_then[one]) for one in before)
    figures: dict[str, Any] = {
        "active_customers": len(active),
        "new_customers": len(active - earlier),
        "returning_customers": len(active & before),
        "reactivated_customers": len((active & earlier) - before),
        "lapsed_customers": len(before - active),
        "retention_rate": ratio(len(active & before), len(before)),
        "churn_rate": ratio(len(before - active), len(before)),
        "silent_rate": ratio(silent.sum(), len(silent)) if followed else np.nan,
        "repeat_rate": ratio((days["customer_id"].value_counts() >= 2).sum(), len(active)),
        "purchase_frequency": ratio(len(days), len(active)),
        "average_order_value": ratio(sales, len(now)),
        "net_sales": sales,
        "sales_per_customer": ratio(sales, len(active)),
        "orders": len(now),
        "purchase_days": len(days),
        "gross_revenue_retention": ratio(kept, base),
        "net_revenue_retention": ratio(sum(sales_now.get(one, 0) for one in before), base),
        "revenue_churn": ratio(base - kept, base),
        "customer_growth": ratio(len(active) - len(before), len(before)),
    }
    if not observed_before:
        compared = ["returning_customers", "reactivated_customers", "lapsed_customers", "retention_rate", "churn_rate"]
        compared += ["gross_revenue_retention", "net_revenue_retention", "revenue_churn", "customer_growth"]
        figures |= dict.fromkeys(compared, np.nan)
    return pd.Series(figures, dtype=float)


def within(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    return rows[rows["day"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def test_the_four_flows_explain_the_change_in_customers(shop: Shop, orders: pd.DataFrame) -> None:
    result = kpis(shop(orders), parse_period("2024-11"))
    table = result.by_period.dropna(subset=["lapsed_customers"])
    assert len(table) >= 13
    before = table["returning_customers"] + table["lapsed_customers"]
    change = table["new_customers"] + table["reactivated_customers"] - table["lapsed_customers"]
    assert (table["active_customers"] == before + change).all()
    known = table[table["before"].isin(result.by_period.index)]
    assert (before[known.index] == result.by_period.loc[known["before"], "active_customers"].to_numpy()).all()


def test_the_order_of_rows_changes_nothing(shop: Shop, orders: pd.DataFrame) -> None:
    one = kpis(shop(orders), parse_period("2024-Q3"))
    other = kpis(shop(orders.sample(frac=1, random_state=3)), parse_period("2024-Q3"))
    pd.testing.assert_frame_equal(one.figures, other.figures, check_exact=True)
    pd.testing.assert_frame_equal(one.trend, other.trend, check_exact=True)


def test_a_leap_year_period_of_days_is_compared_with_the_same_days(shop: Shop) -> None:
    rows = [("a", "2022-01-01", 1.0), ("a", "2023-02-28", 5.0), ("b", "2024-02-29", 7.0)]
    result = kpis(shop(rows), parse_period("2024-02-28..2024-02-29"))
    assert result.year_ago == Period(dt.date(2023, 2, 28), dt.date(2023, 2, 28), "days")
    assert row(result.figures, "net_sales")[:3] == [7.0, 0.0, 5.0]


def test_categories_of_a_shop_checked_by_eye(shop: Shop) -> None:
    """A bought from two categories, b from one, c from one that is not known; d's second was refunded in full.

    Refunds carry a category too, but nobody bought it: two of three customers have one category, one has two.
    """
    columns = ["customer_id", "day", "amount", "order_id", "category"]
    rows = [
        ("a", "2024-04-02", 9.0, "1", "tea"),
        ("a", "2024-06-30", 9.0, "2", "cake"),
        ("a", "2024-06-30", -2.0, "2", "service"),
        ("b", "2024-04-02", 9.0, "3", "tea"),
        ("b", "2024-04-02", 9.0, "3", "tea"),
        ("b", "2024-03-31", 9.0, "4", "cake"),
        ("c", "2024-05-01", 9.0, "5", None),
        ("d", "2024-05-01", 9.0, "6", "tea"),
        ("d", "2024-05-02", 9.0, "7", "cake"),
        ("d", "2024-05-09", -9.0, "7", "cake"),
    ]
    figures = kpis(shop(pd.DataFrame(rows, columns=columns)), parse_period("2024-Q2")).figures
    assert figures.loc["upsell_ratio", "value"] == 1 / 3
    assert figures.loc["one_to_several", "value"] == 2
    assert np.isnan(figures["year_ago"]["upsell_ratio"])


def test_silent_customers_of_a_shop_checked_by_eye(shop: Shop) -> None:
    """40 customers buy every 10 days from 1 January 2024: the usual gap is 10 days.  On 31 March 2024 ...

    ... those whose last day was 20 March (11 days before) are silent, those of 21 March (10 days) are not.
    """
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", "2024-03-21", freq="10D")]
    rows = [(f"often{n}", day, 1.0) for n in range(40) for day in days]
    rows += [(f"gone{n}", "2024-03-20", 1.0) for n in range(10)]
    result = kpis(shop(rows), parse_period("2024-03"))
    assert (result.gaps.p80, result.gaps.median, result.gaps.gaps, result.gaps.ended) == (10, 10, 370, 320)
    assert result.figures.loc["silent_rate", "value"] == 10 / 50
    # On 29 February the last days were the 20th, on 31 January the 31st: nobody was silent.
    assert result.trend["silent_rate"].to_list() == [0, 0, 10 / 50]


def test_nobody_is_called_silent_before_the_data_are_as_old_as_the_gap(shop: Shop) -> None:
    rows = [(f"c{n}", day, 1.0) for n in range(40) for day in ("2024-01-01", "2024-03-01", "2024-05-02")]
    result = kpis(shop(rows), parse_period("2024-05"))
    assert result.gaps.p80 == 62  # gaps of 60 and 62 days
    assert result.trend["silent_rate"].isna().to_list() == [True, True, False, False, False]


def test_lines_of_an_order_and_the_size_of_amounts_change_no_count(shop: Shop, lines: pd.DataFrame) -> None:
    period = parse_period("2024-Q3")
    whole = kpis(shop(lines), period).figures["value"]
    halves = lines[lines["amount"] >= 0].assign(amount=lambda frame: frame["amount"] / 2)
    split = pd.concat([halves, halves, lines[lines["amount"] < 0]], ignore_index=True)
    pd.testing.assert_series_equal(kpis(shop(split), period).figures["value"], whole, rtol=1e-12)
    hundred = kpis(shop(lines.assign(amount=lambda frame: frame["amount"] * 100)), period).figures["value"]
    money = [key for key in whole.index if UNITS[key] == "money"]
    pd.testing.assert_series_equal(hundred[money], 100 * whole[money], rtol=1e-12)
    pd.testing.assert_series_equal(hundred.drop(money), whole.drop(money), rtol=1e-12)


def test_one_customer_whose_money_went_back_has_figures_of_zero(shop: Shop) -> None:
    value = kpis(shop([("a", "2024-05-01", 10.0), ("a", "2024-05-09", -10.0)]), parse_period("2024-Q2")).figures[
        "value"
    ]
    assert value[["active_customers", "net_sales", "average_order_value", "sales_per_customer"]].to_list() == [
        1,
        0,
        0,
        0,
    ]


def test_optional_figures_are_no_rows_where_the_data_do_not_give_them(shop: Shop, lines: pd.DataFrame) -> None:
    period = parse_period("2024-Q3")
    without = kpis(shop(lines.drop(columns="category")), period)
    assert {"upsell_ratio", "one_to_several", "engagement_index"}.isdisjoint(without.figures.index)
    assert {"upsell_ratio", "one_to_several", "engagement_index"}.isdisjoint(without.trend.columns)
    settings = Engagement.model_validate({"frequency": 1})
    assert list(kpis(shop(lines), period, engagement=settings).figures.index) == list(UNITS)
