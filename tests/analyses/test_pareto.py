"""Concentration: by hand, against definitions, on real data with a known share."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.pareto import pareto

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)


def spenders(amounts: list[float]) -> list[tuple[str, str, float]]:
    return [(f"c{n:04d}", "2024-05-01", amount) for n, amount in enumerate(amounts)]


def test_every_figure_of_ten_customers_checked_by_eye(shop: Shop) -> None:
    """Spend 40, 20, 10, 10, 5, 5, 4, 3, 2, 1: a total of 100."""
    result = pareto(shop(spenders([3, 40, 10, 1, 20, 5, 4, 10, 2, 5])), AS_OF)
    assert (result.customers, result.negative_customers, result.sales) == (10, 0, 100)
    assert result.curve["share_of_customers"].to_list() == pytest.approx([k / 10 for k in range(11)])
    running = [0, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97, 0.99, 1]
    assert result.curve["share_of_sales"].to_list() == pytest.approx(running)
    assert result.lorenz["share_of_sales"].to_list() == pytest.approx([1 - share for share in reversed(running)])
    assert result.top_shares["top"].to_list() == [0.01, 0.05, 0.1, 0.2, 0.5]
    assert result.top_shares["customers"].to_list() == [1, 1, 1, 2, 5]
    assert result.top_shares["share_of_sales"].to_list() == pytest.approx([0.4, 0.4, 0.4, 0.6, 0.85])
    assert result.share_for_80 == 0.4
    assert (result.cr1, result.cr10) == (0.4, 1.0)
    assert result.hhi == pytest.approx(0.16 + 0.04 + 2 * 0.01 + 2 * 0.0025 + 0.0016 + 0.0009 + 0.0004 + 0.0001)
    assert result.effective_number == pytest.approx(1 / result.hhi)
    # Ranks from the smallest: 1 x 1 + 2 x 2 + 3 x 3 + 4 x 4 + 5 x 5 + 6 x 5 + 7 x 10 + 8 x 10 + 9 x 20 + 10 x 40 = 815.
    assert result.gini == pytest.approx(2 * 815 / (10 * 100) - 11 / 10)
    assert np.isnan([result.gini_low, result.gini_high]).all()  # ten customers are too few for an interval
    assert result.deciles["decile"].to_list() == list(range(1, 11))
    assert result.deciles["customers"].to_list() == [1] * 10
    for column in ("sales", "mean_sales", "smallest_spend"):
        assert result.deciles[column].to_list() == [40, 20, 10, 10, 5, 5, 4, 3, 2, 1]
    assert result.deciles["share_of_sales"].to_list() == pytest.approx(
        [0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.04, 0.03, 0.02, 0.01]
    )
    # The ten largest are all there are; without the five largest 4 + 3 + 2 + 1 + 5 = 15 would be left.
    assert result.dependence["largest"].to_list() == [1, 5]
    assert result.dependence["share_of_sales"].to_list() == pytest.approx([0.4, 0.85])
    assert result.dependence["sales_left"].to_list() == [60, 15]


def test_gini_is_the_mean_absolute_difference_over_twice_the_mean(shop: Shop) -> None:
    spend = np.round(np.random.default_rng(4).lognormal(3, 1.3, 300), 2)
    result = pareto(shop(spenders(spend.tolist())), AS_OF)
    difference = np.abs(spend[:, None] - spend[None, :]).mean()
    assert result.gini == pytest.approx(difference / (2 * spend.mean()), rel=1e-12)
    area = np.trapezoid(result.lorenz["share_of_sales"], result.lorenz["share_of_customers"])
    assert result.gini == pytest.approx(1 - 2 * area, abs=2e-4)  # the thinned curve encloses nearly the same area


def test_gini_of_equal_spend_is_zero_and_of_one_buyer_among_n_is_its_bound(shop: Shop) -> None:
    assert pareto(shop(spenders([7.0] * 40)), AS_OF).gini == pytest.approx(0, abs=1e-15)
    lonely = pareto(shop(spenders([9.0] + [0.0] * 9)), AS_OF)
    assert lonely.gini == pytest.approx(0.9)
    assert lonely.share_for_80 == 0.1
    assert lonely.effective_number == pytest.approx(1)
    assert "One customer brings more than half of sales" in lonely.caveats[-1]


def test_customers_below_zero_are_counted_apart(shop: Shop) -> None:
    rows = [
        ("a", "2024-05-01", 80.0),
        ("b", "2024-05-01", 20.0),
        ("back", "2024-05-01", 10.0),
        ("back", "2024-06-01", -30.0),
        ("refund_only", "2023-05-01", 50.0),
        ("refund_only", "2024-06-01", -50.0),
        ("even", "2024-05-01", 5.0),
        ("even", "2024-05-02", -5.0),
        ("outside", "2023-12-31", 900.0),
    ]
    result = pareto(shop(rows), AS_OF)
    assert (result.customers, result.negative_customers, result.sales) == (3, 2, 100)
    assert result.curve["share_of_sales"].to_list() == pytest.approx([0, 0.8, 1, 1])


def test_an_order_cancelled_in_full_makes_no_customer(shop: Shop) -> None:
    transactions = shop([("a", "2024-05-01", 80.0), ("gone", "2024-05-01", 20.0), ("gone", "2024-05-01", -20.0)])
    transactions.engine.connection.execute("DELETE FROM purchase_days WHERE customer_id = 'gone'")
    result = pareto(transactions, AS_OF)
    assert (result.customers, result.negative_customers) == (1, 0)


@pytest.mark.parametrize("n", [10, 25, 30, 70, 100, 300, 700])
def test_top_shares_take_the_ceiling_exactly(shop: Shop, n: int) -> None:
    result = pareto(shop(spenders([float(k) for k in range(1, n + 1)])), AS_OF)
    assert result.top_shares["customers"].to_list() == [-(-n * percent // 100) for percent in (1, 5, 10, 20, 50)]


@pytest.mark.parametrize("n", [1, 3, 9, 10, 11, 25, 104, 300, 1005])
def test_tenths_part_the_customers_and_agree_with_the_top_shares(shop: Shop, n: int) -> None:
    spend = np.round(np.random.default_rng(n).lognormal(3, 1.5, n), 2)
    result = pareto(shop(spenders(spend.tolist())), AS_OF)
    ordered = np.sort(spend)[::-1]
    ends = [-(-tenth * n // 10) for tenth in range(11)]
    parts = [ordered[a:b] for a, b in pairwise(ends)]
    deciles = result.deciles
    assert deciles["customers"].to_list() == [len(part) for part in parts]
    assert deciles["sales"].to_numpy() == pytest.approx([part.sum() for part in parts], abs=1e-6)
    assert deciles["share_of_sales"].sum() == pytest.approx(1, rel=1e-12)
    for part, mean, smallest in zip(parts, deciles["mean_sales"], deciles["smallest_spend"], strict=True):
        if len(part):
            assert (mean, smallest) == (pytest.approx(part.mean(), rel=1e-9), part[-1])
        else:
            assert np.isnan([mean, smallest]).all()
    for position, tenths in ((2, 1), (3, 2), (4, 5)):
        top = result.top_shares.iloc[position]
        assert top["customers"] == deciles["customers"].head(tenths).sum()
        assert top["share_of_sales"] == pytest.approx(deciles["share_of_sales"].head(tenths).sum(), rel=1e-12)


def test_what_is_left_without_the_largest_is_the_others_sum(shop: Shop) -> None:
    spend = np.round(np.random.default_rng(8).lognormal(3, 1.5, 60), 2)
    result = pareto(shop(spenders(spend.tolist())), AS_OF)
    others = [np.sort(spend)[: 60 - count].sum() for count in (1, 5, 10)]
    assert result.dependence["sales_left"].to_list() == pytest.approx(others, abs=1e-6)
    assert result.dependence["share_of_sales"].iloc[[0, 2]].to_list() == [result.cr1, result.cr10]


def test_eighty_percent_is_reached_exactly_where_the_sum_says_so(shop: Shop) -> None:
    """Ten times 0.1: the running sum of floats stays below 0.8 of the total at the eighth customer."""
    assert pareto(shop(spenders([0.1] * 10)), AS_OF).share_for_80 == 0.8


@pytest.mark.parametrize("n", [199, 200, 201, 202, 5000])
def test_the_curve_is_thinned_without_changing_what_is_printed(shop: Shop, n: int) -> None:
    spend = np.sort(np.round(np.random.default_rng(n).lognormal(3, 1.5, n), 2))[::-1]
    result = pareto(shop(spenders(spend.tolist())), AS_OF)
    exact = np.concatenate([[0], np.cumsum(spend)]) / spend.sum()
    assert len(result.curve) <= 201
    assert len(result.curve) >= min(n + 1, 180)
    assert (result.curve.iloc[0] == 0).all()
    assert (result.curve.iloc[-1] == 1).all()
    points = (result.curve["share_of_customers"] * n).round().astype(int)
    assert points.is_unique
    assert result.curve["share_of_sales"].to_numpy() == pytest.approx(exact[points], rel=1e-12)
    assert set(result.top_shares["customers"]) <= set(points)
    on_curve = result.curve.set_index(points)["share_of_sales"]
    assert (on_curve[result.top_shares["customers"]].to_numpy() == result.top_shares["share_of_sales"]).all()
    assert result.cr10 == on_curve[10]
    assert result.lorenz["share_of_sales"].is_monotonic_increasing


def test_figures_agree_with_plain_pandas_in_any_row_order(shop: Shop, orders: pd.DataFrame) -> None:
    one, other = (pareto(shop(rows), AS_OF) for rows in (orders, orders.sample(frac=1, random_state=2)))
    for name in ("curve", "lorenz", "top_shares", "deciles", "dependence", "evidence"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert (one.gini, one.hhi, one.sales) == (other.gini, other.hhi, other.sales)
    assert (one.gini_low, one.gini_high) == (other.gini_low, other.gini_high)
    assert one.gini_low < one.gini < one.gini_high
    year = orders[orders["day"] >= "2024-01-01"]
    net = year.groupby("customer_id")["amount"].sum().round(6)
    kept = net[net >= 0].sort_values(ascending=False)
    assert (one.customers, one.negative_customers) == (len(kept), len(net) - len(kept))
    assert one.negative_customers
    assert one.sales == pytest.approx(kept.sum(), rel=1e-12)
    for top, customers, share in one.top_shares.itertuples(index=False):
        assert customers == int(np.ceil(round(top * len(kept), 9)))
        assert share == pytest.approx(kept.head(customers).sum() / kept.sum(), rel=1e-12)
    assert one.hhi == pytest.approx(((kept / kept.sum()) ** 2).sum(), rel=1e-12)
    assert one.cr10 == pytest.approx(kept.head(10).sum() / kept.sum(), rel=1e-12)


def test_amounts_in_another_currency_change_no_share(shop: Shop, orders: pd.DataFrame) -> None:
    one = pareto(shop(orders), AS_OF)
    other = pareto(shop(orders.assign(amount=orders["amount"] * 100)), AS_OF)
    for column in ("sales", "mean_sales", "smallest_spend"):
        assert other.deciles[column].to_numpy() == pytest.approx(100 * one.deciles[column].to_numpy(), rel=1e-9)
    for table in ("deciles", "dependence", "top_shares"):
        shares = [getattr(result, table)["share_of_sales"].to_numpy() for result in (one, other)]
        assert shares[0] == pytest.approx(shares[1], rel=1e-12)
    assert (other.gini_low, other.gini_high) == pytest.approx((one.gini_low, one.gini_high), rel=1e-9)


def test_a_window_longer_than_the_data_has_a_caveat(shop: Shop) -> None:
    assert pareto(shop(spenders([1, 2, 3])), AS_OF).caveats[0] == (
        "The data begin on 1 May 2024, inside the window: shares over a whole window may differ."
    )


@pytest.mark.parametrize("amounts", [[], [0.0, 0.0], [-5.0]])
def test_without_sales_there_are_no_shares(shop: Shop, amounts: list[float]) -> None:
    rows = [("old", "2020-01-01", 1.0), *spenders(amounts)]
    result = pareto(shop(rows), AS_OF)
    assert result.customers == sum(amount >= 0 for amount in amounts)
    figures = (result.gini, result.share_for_80, result.cr1, result.cr10, result.hhi, result.effective_number)
    assert np.isnan(figures).all()
    assert result.top_shares["share_of_sales"].isna().all()
    assert result.deciles["share_of_sales"].isna().all()
    assert (result.deciles["sales"] == 0).all()


def test_the_top_fifth_of_online_retail_holds_74_6_percent(online_retail: Any) -> None:
    """Thirteen months, 1 December 2010 to 31 December 2011: the whole file, as in the published description."""
    result = pareto(online_retail, dt.date(2011, 12, 31), months=13)
    assert (result.start, result.customers) == (dt.date(2010, 12, 1), 4338)
    assert result.sales == pytest.approx(8_911_407.904, abs=1e-6)
    top, customers, share = result.top_shares.iloc[3]
    assert (top, customers, round(share, 3)) == (0.2, 868, 0.746)
