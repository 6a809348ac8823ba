"""Key figures: a shop small enough to check by eye, and every period of a simulated one against plain pandas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpis import TREND, UNITS, kpis
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
    assert list(result.figures.index) == list(expected) == list(UNITS)
    assert result.figures["value"].to_dict() == pytest.approx(expected, rel=1e-14)
    assert result.figures["unit"].to_dict() == UNITS
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


@pytest.mark.parametrize("text", ["2024-06", "2024-Q2", "2024-H1", "2024", "2024-W20", "2024-02-10..2024-03-14"])
def test_every_period_agrees_with_plain_pandas(shop: Shop, orders: pd.DataFrame, text: str) -> None:
    period = parse_period(text)
    result = kpis(shop(orders), period)
    begin = orders["day"].min().date()
    assert len(result.trend) == sum(one.start >= begin for one in period.back(13))
    for one in (*period.back(13), period.year_ago):
        if one.start >= begin:
            expected = by_hand(orders, one, observed_before=one.previous.start >= begin)
            found = pd.Series(row(result.by_period, one.label, list(UNITS)), index=list(UNITS), dtype=float)
            pd.testing.assert_series_equal(found, expected, rtol=1e-12)
    for name, one in (("value", period), ("previous", period.previous), ("year_ago", period.year_ago)):
        expected = by_hand(orders, one, observed_before=one.previous.start >= begin)
        if one.start < begin:
            expected[:] = np.nan
        pd.testing.assert_series_equal(result.figures[name], expected, check_names=False, rtol=1e-12)
    last = result.trend.iloc[-1]
    assert (last["label"], last["start"].date(), last["end"].date()) == (period.label, period.start, period.end)
    pd.testing.assert_series_equal(
        last[list(TREND)].astype(float), result.figures["value"][list(TREND)], check_names=False, check_exact=True
    )


def by_hand(orders: pd.DataFrame, period: Period, *, observed_before: bool) -> pd.Series:
    """Compute the figures with sets and dictionaries."""
    bought = orders[orders["amount"] >= 0]
    now, then = within(bought, period), within(bought, period.previous)
    active, before = set(now["customer_id"]), set(then["customer_id"])
    earlier = set(bought.loc[bought["day"] < pd.Timestamp(period.start), "customer_id"])
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
