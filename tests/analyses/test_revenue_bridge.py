"""The bridge of net sales: the published example, a shop checked by eye, every period against plain pandas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpis import kpis
from loyalty_lib.analyses.revenue_bridge import DRIVERS, FLOWS, RevenueBridgeResult, log_mean, revenue_bridge
from loyalty_lib.periods import Period, parse_period

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

# Quarter 1: a spends 100, b 200, k 80.  Quarter 2: a 60 + 60, b gets 50 back, c is new with 50 + 30, k spends 30,
# z comes back with 20.
ROWS = [
    ("z", "2023-01-01", 40.0),
    ("a", "2024-01-10", 100.0),
    ("b", "2024-03-31", 200.0),
    ("k", "2024-02-01", 80.0),
    ("a", "2024-04-01", 60.0),
    ("a", "2024-06-30", 60.0),
    ("b", "2024-05-05", -50.0),
    ("c", "2024-05-06", 50.0),
    ("c", "2024-05-06", 30.0),
    ("k", "2024-05-06", 30.0),
    ("z", "2024-05-07", 20.0),
]


def regular(customers: int, orders: int, value: float, month: str) -> list[tuple[str, str, float]]:
    """Spread orders of one value over customers, so that each has at least one."""
    return [(f"c{n % customers}", f"{month}-{1 + n // customers:02d}", value) for n in range(orders)]


def against(result: RevenueBridgeResult, name: str, column: str) -> dict[Any, Any]:
    """Return one column of drivers or flow, by name, of one comparison."""
    table = result.drivers if column == "part" else result.flow
    key = "driver" if column == "part" else "flow"
    rows = table[table["against"] == name]
    return dict(zip(rows[key], rows[column], strict=True))


def test_parts_are_those_of_the_definition(shop: Shop) -> None:
    """1000 x 2.0 x 500 -> 1100 x 1.9 x 520 of the reference: +99,389 - 53,489 + 40,899 = +86,800 (rounding 1)."""
    rows = [
        ("first", "2023-11-01", 1.0),
        *regular(1000, 2000, 500.0, "2024-01"),
        *regular(1100, 2090, 520.0, "2024-02"),
    ]
    result = revenue_bridge(shop(rows), parse_period("2024-02"))
    part = against(result, "previous", "part")
    assert [round(value) for value in part.values()] == [99389, -53489, 40899]
    assert sum(part.values()) == pytest.approx(86_800, rel=1e-12)
    assert result.totals.loc["previous", "change"] == 86_800
    rows_previous = result.drivers[result.drivers["against"] == "previous"]
    assert rows_previous[["then", "now"]].to_numpy() == pytest.approx(np.array([[1000, 1100], [2, 1.9], [500, 520]]))
    assert list(result.bridge["against"].unique()) == ["previous"]  # the data begin after February 2023


def test_the_flow_of_a_shop_checked_by_eye(shop: Shop) -> None:
    result = revenue_bridge(shop(ROWS), parse_period("2024-Q2"))
    assert against(result, "previous", "customers") == {
        "new": 1,  # c
        "reactivated": 1,  # z
        "kept_more": 1,  # a
        "kept_less": 1,  # k
        "lapsed": 1,  # b, who had a refund only
        "other": 1,  # b's refund
    }
    assert against(result, "previous", "amount") == {
        "new": 80, "reactivated": 20, "kept_more": 20, "kept_less": -50, "lapsed": -200, "other": -50,
    }  # fmt: skip
    # Net sales 380 -> 200; customers 3 -> 4, orders 3 -> 6.
    assert result.totals[["sales_then", "sales_now", "change"]].iloc[0].to_list() == [380, 200, -180]
    mean = 180 / math.log(380 / 200)
    assert against(result, "previous", "part") == pytest.approx(
        {
            "active_customers": mean * math.log(4 / 3),
            "orders_per_customer": mean * math.log((6 / 4) / (3 / 3)),
            "average_order_value": mean * math.log((200 / 6) / (380 / 3)),
        },
        rel=1e-12,
    )
    # Nobody bought in the second quarter of 2023: nothing to split, and the chart shows the previous quarter.
    assert against(result, "year_ago", "customers") == {
        "new": 1, "reactivated": 3, "kept_more": 0, "kept_less": 0, "lapsed": 0, "other": 1,
    }  # fmt: skip
    assert np.isnan(list(against(result, "year_ago", "part").values())).all()
    (caveat,) = result.caveats
    assert caveat.startswith("Net sales against the same period last year cannot be split into customers, orders and")
    assert result.bridge["against"].to_list() == ["previous"] * 3
    assert result.flows["against"].to_list() == ["previous"] * 6


def test_money_without_a_purchase_stands_apart(shop: Shop) -> None:
    """A refund then and a purchase now: the purchase is a new customer's, the refund is no sale of theirs."""
    rows = [
        ("x", "2023-12-01", 5.0),
        ("n", "2024-01-10", -30.0),  # of an order before the data
        ("n", "2024-02-10", 70.0),
        ("o", "2024-01-10", -10.0),  # never buys
        ("k", "2024-01-10", 40.0),
        ("k", "2024-02-10", 40.0),
    ]
    result = revenue_bridge(shop(rows), parse_period("2024-02"))
    found = against(result, "previous", "amount"), against(result, "previous", "customers")
    assert found[0] == {"new": 70, "reactivated": 0, "kept_more": 0, "kept_less": 0, "lapsed": 0, "other": 40}
    assert found[1] == {"new": 1, "reactivated": 0, "kept_more": 0, "kept_less": 1, "lapsed": 0, "other": 2}
    assert result.totals.loc["previous", "change"] == 110


@pytest.mark.parametrize("text", ["2024-06", "2024-Q2", "2024-H1", "2024", "2024-W20", "2024-02-10..2024-03-14"])
def test_every_comparison_agrees_with_plain_pandas(shop: Shop, orders: pd.DataFrame, text: str) -> None:
    period = parse_period(text)
    result = revenue_bridge(shop(orders), period)
    compared = {"previous": period.previous, "year_ago": period.year_ago}
    assert list(result.totals.index) == (["year_ago"] if text == "2024" else ["previous", "year_ago"])
    for name in result.totals.index:
        counts, amounts, parts = by_hand(orders, period, compared[name])
        assert against(result, name, "customers") == counts
        assert against(result, name, "amount") == pytest.approx(amounts, rel=1e-9, abs=1e-9)
        assert against(result, name, "part") == pytest.approx(parts, rel=1e-12)
        change = result.totals.loc[name, "change"]
        assert sum(parts.values()) == pytest.approx(change, rel=1e-9)
        assert sum(amounts.values()) == pytest.approx(change, rel=1e-9)
    assert result.bridge["against"].to_list() == ["year_ago"] * 3


def by_hand(
    orders: pd.DataFrame, now: Period, then: Period
) -> tuple[dict[str, int], dict[str, float], dict[str, float]]:
    """Count with sets and dictionaries."""
    bought = orders[orders["amount"] >= 0]
    active, before = (set(within(bought, one)["customer_id"]) for one in (now, then))
    earlier = set(bought.loc[bought["day"] < pd.Timestamp(now.start), "customer_id"])
    money_now, money_then = (within(orders, one).groupby("customer_id")["amount"].sum().round(6) for one in (now, then))
    counts, amounts = dict.fromkeys(FLOWS, 0), dict.fromkeys(FLOWS, 0.0)
    for one in sorted(active | before | set(money_now.index) | set(money_then.index)):
        new, old = float(money_now.get(one, 0.0)), float(money_then.get(one, 0.0))
        if one in active & before:
            flow, amount, rest = ("kept_more" if new > old else "kept_less"), new - old, 0.0
        elif one in active:
            flow, amount, rest = ("reactivated" if one in earlier else "new"), new, -old
        elif one in before:
            flow, amount, rest = "lapsed", -old, new
        else:
            flow, amount, rest = "", 0.0, new - old
        for name, value in ((flow, amount), ("other", rest)):
            if name and (name != "other" or value):
                counts[name] += 1
                amounts[name] += value
    sizes = [len(active), len(before)]
    numbers = [len(within(bought, one)) for one in (now, then)]
    sales = [float(money_now.sum()), float(money_then.sum())]
    mean = (sales[0] - sales[1]) / math.log(sales[0] / sales[1])
    ratios = [
        sizes[0] / sizes[1],
        (numbers[0] / sizes[0]) / (numbers[1] / sizes[1]),
        (sales[0] / numbers[0]) / (sales[1] / numbers[1]),
    ]
    return counts, amounts, {name: mean * math.log(ratio) for name, ratio in zip(DRIVERS, ratios, strict=True)}


def within(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    return rows[rows["day"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]


def test_counts_and_sums_are_those_of_the_key_figures(shop: Shop, orders: pd.DataFrame) -> None:
    transactions, period = shop(orders), parse_period("2024-Q3")
    result, figures = revenue_bridge(transactions, period), kpis(transactions, period).figures
    count, value = against(result, "previous", "customers"), figures["value"].astype(float)
    assert count["new"] == value["new_customers"]
    assert count["reactivated"] == value["reactivated_customers"]
    assert count["kept_more"] + count["kept_less"] == value["returning_customers"]
    assert count["lapsed"] == value["lapsed_customers"]
    for name in ("previous", "year_ago"):
        then = figures[name].astype(float)
        assert result.totals["sales_then"][name] == then["net_sales"]
        assert result.totals["sales_now"][name] == value["net_sales"]
        customers = result.drivers.query("against == @name and driver == 'active_customers'")
        assert customers[["then", "now"]].to_numpy()[0].tolist() == [
            then["active_customers"],
            value["active_customers"],
        ]


def test_nothing_depends_on_the_order_of_rows_and_sums_scale(shop: Shop, orders: pd.DataFrame) -> None:
    period = parse_period("2024-Q3")
    one, other, large = (
        revenue_bridge(shop(rows), period)
        for rows in (orders, orders.sample(frac=1, random_state=3), orders.assign(amount=orders["amount"] * 100))
    )
    for name in ("totals", "drivers", "flow"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    pd.testing.assert_frame_equal(one.flow.assign(amount=one.flow["amount"] * 100), large.flow, rtol=1e-12)
    np.testing.assert_allclose(large.drivers["part"], one.drivers["part"] * 100, rtol=1e-9)


def test_an_order_split_into_lines_changes_nothing(shop: Shop, orders: pd.DataFrame) -> None:
    bought = orders[orders["amount"] >= 0]
    cents = (bought["amount"] * 100).round().astype(int)
    halves = [bought.assign(amount=part / 100) for part in (cents // 2, cents - cents // 2)]
    rows, period = pd.concat([*halves, orders[orders["amount"] < 0]]), parse_period("2024-Q3")
    one, lines = revenue_bridge(shop(orders), period), revenue_bridge(shop(rows), period)
    for name in ("totals", "drivers", "flow"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(lines, name), check_exact=True)


def test_a_period_that_begins_before_the_data_is_not_observed(shop: Shop) -> None:
    rows = [("a", "2024-01-02", 10.0), ("a", "2024-04-01", 10.0), ("b", "2024-04-02", 10.0)]
    result = revenue_bridge(shop(rows), parse_period("2024-Q2"))
    assert not result.totals["observed"].any()
    assert result.totals[["sales_then", "sales_now", "change"]].isna().all(axis=None)
    assert result.drivers[["then", "now", "part"]].isna().all(axis=None)
    assert result.flow[["customers", "amount"]].isna().all(axis=None)
    assert result.bridge.empty
    assert result.flows.empty
    assert result.caveats == ()


@pytest.mark.parametrize("amounts", [(10.0, -10.0), (10.0, 0.0), (0.0, 10.0), (-10.0, 10.0)])
def test_sales_not_above_zero_are_not_split(shop: Shop, amounts: tuple[float, float]) -> None:
    then, now = amounts
    rows = [("x", "2023-12-01", 50.0), ("x", "2024-01-01", then), ("x", "2024-02-01", now)]
    result = revenue_bridge(shop(rows), parse_period("2024-02"))
    assert np.isnan(list(against(result, "previous", "part").values())).all()
    assert sum(against(result, "previous", "amount").values()) == now - then
    assert "previous period cannot be split" in result.caveats[0]
    assert result.bridge.empty
    assert len(result.flows) == 6


def test_no_data_and_one_customer(shop: Shop) -> None:
    empty = pd.DataFrame({"customer_id": [], "day": [], "amount": []})
    assert revenue_bridge(shop(empty), parse_period("2024-02")).bridge.empty
    rows = [("x", "2024-01-01", 20.0), ("x", "2024-02-01", 20.0)]
    result = revenue_bridge(shop(rows), parse_period("2024-02"))
    assert against(result, "previous", "part") == dict.fromkeys(DRIVERS, 0)
    assert against(result, "previous", "customers")["kept_less"] == 1


def test_the_logarithmic_mean() -> None:
    assert log_mean(3.0, 3.0) == 3.0
    assert log_mean(1.0, math.e) == pytest.approx(math.e - 1, rel=1e-14)
    assert log_mean(1e9 + 1e-4, 1e9) == pytest.approx(1e9, rel=1e-12)
    assert log_mean(2.0, 5.0) == pytest.approx(log_mean(5.0, 2.0), rel=1e-14)
