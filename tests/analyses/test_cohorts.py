"""Cohorts: by hand, against plain pandas for each grain, on real data with known counts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from loyalty_lib.analyses.cohorts import Grain, cohorts
from loyalty_lib.analyses.cohorts_tables import wilson
from loyalty_lib.errors import UsageError
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

NAN = float("nan")
TABLES = ("active", "retention", "cumulative_revenue", "returning_revenue", "order_value", "revenue_retention")
# January: a, b.  February: c.  a returns in March, b gets money back in February, c comes again in its own month.
ROWS = [
    ("a", "2024-01-05", 100.0),
    ("b", "2024-01-31", 50.0),
    ("a", "2024-03-01", 30.0),
    ("b", "2024-02-10", -20.0),
    ("c", "2024-02-01", 10.0),
    ("c", "2024-02-29", 5.0),
]


def test_every_cell_of_a_shop_checked_by_eye(shop: Shop) -> None:
    result = cohorts(shop(ROWS), dt.date(2024, 3, 31))
    assert result.sizes.to_dict() == {pd.Timestamp("2024-01-01"): 2, pd.Timestamp("2024-02-01"): 1}
    table(result.active, [[2, 0, 1], [1, 0, NAN]])  # on, not on or after: nobody of January bought in February
    table(result.retention, [[1, 0, 0.5], [1, 0, NAN]])
    table(result.cumulative_revenue, [[75, 65, 80], [15, 15, NAN]])
    table(result.returning_revenue, [[0, -10, 5], [5, 5, NAN]])
    table(result.order_value, [[75, NAN, 30], [7.5, NAN, NAN]])  # no orders in February, so no average of them
    table(result.revenue_retention, [[1, -20 / 150, 30 / 150], [1, 0, NAN]])
    # 165 of 4 orders; 30 of 1.  In k = 1 both cohorts: -20 of 150 + 15; in k = 2 the first: 30 of 150.
    np.testing.assert_allclose(result.average["order_value"], [165 / 4, NAN, 30])
    np.testing.assert_allclose(result.average["revenue_retention"], [1, -20 / 165, 0.2])
    np.testing.assert_allclose(result.average["cumulative_revenue"], [55, 145 / 3, 80])
    assert result.average["retention"].to_list() == [1, 0, 0.5]
    assert result.average["cohorts"].to_list() == [2, 2, 1]
    assert result.average["customers"].to_list() == [3, 3, 2]
    assert result.active.columns.equals(pd.RangeIndex(3))


def table(found: pd.DataFrame, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(found.to_numpy(), np.array(expected, dtype=float))


def test_a_period_not_complete_is_missing_and_a_cohort_still_forming_left_out(shop: Shop) -> None:
    result = cohorts(shop(ROWS), dt.date(2024, 3, 30))  # a day short of March
    table(result.active, [[2, 0], [1, NAN]])
    forming = cohorts(shop(ROWS), dt.date(2024, 2, 28))  # a leap year's February has one day to go
    assert forming.sizes.to_list() == [2]
    table(forming.active, [[2]])
    nothing = cohorts(shop(ROWS), dt.date(2024, 1, 30))
    assert nothing.sizes.empty
    assert nothing.active.empty
    assert nothing.average.empty
    assert nothing.caveats == ("No cohort has been observed for a whole period yet.",)


def test_days_after_as_of_do_not_exist(shop: Shop) -> None:
    early = cohorts(shop(ROWS), dt.date(2024, 2, 29))
    assert early.sizes.to_list() == [2, 1]
    table(early.cumulative_revenue, [[75, 65], [15, NAN]])


def test_money_before_the_first_purchase_belongs_to_no_cohort(shop: Shop) -> None:
    rows = [("a", "2024-01-03", -40.0), ("a", "2024-01-05", 100.0), ("z", "2024-01-01", 1.0)]
    result = cohorts(shop(rows), dt.date(2024, 1, 31))
    table(result.cumulative_revenue, [[50.5]])


def test_only_the_last_cohorts_are_shown_and_gaps_are_no_cohort(shop: Shop) -> None:
    rows = [("a", "2023-01-01", 1.0), ("b", "2023-05-01", 1.0), ("c", "2024-01-01", 1.0)]
    result = cohorts(shop(rows), dt.date(2024, 2, 29), last=2)
    assert [day.strftime("%Y-%m") for day in result.sizes.index] == ["2023-05", "2024-01"]
    assert result.active.shape == (2, 10)
    assert not any("where the data begin" in caveat for caveat in result.caveats)


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
@pytest.mark.parametrize("as_of", ["2024-09-30", "2024-11-16", "2024-12-31"])
def test_tables_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame, grain: Grain, as_of: str) -> None:
    last = 12 if grain == "week" else 100  # 100 weeks would take plain pandas long
    result = cohorts(shop(orders.sample(frac=1, random_state=1)), dt.date.fromisoformat(as_of), grain=grain, last=last)
    code = {"week": "W-SUN", "month": "M", "quarter": "Q"}[grain]
    rows = orders[orders["day"] <= as_of]
    first = rows[rows["amount"] >= 0].groupby("customer_id")["day"].min()
    rows = rows.assign(first=rows["customer_id"].map(first))
    rows = rows[rows["day"] >= rows["first"]]
    born, period = rows["first"].dt.to_period(code), rows["day"].dt.to_period(code)
    rows = rows.assign(cohort=born, k=[(p - b).n for p, b in zip(period, born, strict=True)])
    sizes = first.dt.to_period(code).value_counts().sort_index()
    complete = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    sizes = sizes[sizes.index.end_time < complete].iloc[-last:]
    assert result.sizes.to_list() == sizes.to_list()
    assert result.sizes.index.equals(pd.DatetimeIndex(sizes.index.start_time, name="cohort"))
    for position, (cohort, size) in enumerate(sizes.items()):
        found: dict[str, Any] = {name: getattr(result, name).iloc[position] for name in TABLES}
        own = rows[rows["cohort"] == cohort]
        for k in result.active.columns:
            if (cohort + k).end_time >= complete:
                assert all(np.isnan(values[k]) for values in found.values())
                continue
            buyers = own[(own["k"] == k) & (own["amount"] >= 0)]["customer_id"].nunique()
            sofar = own[own["k"] <= k]
            later = sofar[sofar["day"] > sofar["first"]]
            assert found["active"][k] == buyers
            assert found["retention"][k] == pytest.approx(buyers / size, rel=1e-14)
            now = own[own["k"] == k]
            sales, start = now["amount"].sum(), own.loc[own["k"] == 0, "amount"].sum()
            made = (now["amount"] >= 0).sum()
            assert found["order_value"][k] == pytest.approx(sales / made if made else NAN, rel=1e-12, nan_ok=True)
            kept = sales / start if start > 0 else NAN
            assert found["revenue_retention"][k] == pytest.approx(kept, rel=1e-12, abs=1e-12, nan_ok=True)
            sums = (sofar["amount"].sum() / size, later["amount"].sum() / size)
            revenue = (found["cumulative_revenue"][k], found["returning_revenue"][k])
            assert revenue == pytest.approx(sums, rel=1e-12, abs=1e-10)
    assert not result.active.iloc[:, -1].isna().all()


def test_the_order_of_rows_changes_nothing(shop: Shop, orders: pd.DataFrame) -> None:
    shuffled = orders.sample(frac=1, random_state=9)
    one, other = (cohorts(shop(rows), dt.date(2024, 12, 31)) for rows in (orders, shuffled))
    for name in (*TABLES, "average", "cells"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_the_average_is_weighted_over_the_cohorts_observed(shop: Shop, orders: pd.DataFrame) -> None:
    result = cohorts(shop(orders), dt.date(2024, 12, 31))
    for k, found in result.average.iterrows():
        seen = result.active[k].notna()
        assert found["cohorts"] == seen.sum()
        assert found["customers"] == result.sizes[seen].sum()
        assert found["retention"] == pytest.approx(result.active[k].sum() / result.sizes[seen].sum(), rel=1e-14)
        interval = binomtest(int(result.active[k].sum()), int(found["customers"])).proportion_ci(method="wilson")
        size, money = result.sizes[seen], result.cumulative_revenue[k][seen]
        assert found["cumulative_revenue"] == pytest.approx((money * size).sum() / size.sum(), rel=1e-12)
        start = result.cumulative_revenue[0][seen] * size
        kept = (result.revenue_retention[k][seen] * start).sum() / start.sum()
        assert found["revenue_retention"] == pytest.approx(kept, rel=1e-12)
        assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_wilson_s_interval_of_none_and_of_all_ends_at_zero_and_one() -> None:
    low, high = wilson(pd.Series([0, 10]), pd.Series([10, 10]))
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(0.27753279, abs=1e-8)  # z2 / (n + z2)
    assert low[1] == pytest.approx(1 - 0.27753279, abs=1e-8)


def test_caveats_name_the_first_cohort_and_small_ones(shop: Shop) -> None:
    result = cohorts(shop(ROWS), dt.date(2024, 3, 31))
    assert result.caveats == (
        "The first cohort, of 1 January 2024, is where the data begin: it may also hold customers who bought before.",
        "Cohorts with fewer than 30 customers: 2 of 2. Their rates vary by chance.",
    )


def test_a_cohort_whose_first_sales_were_all_refunded_keeps_no_share_of_them(shop: Shop) -> None:
    rows = [("a", "2024-01-05", 10.0), ("a", "2024-01-20", -10.0), ("a", "2024-02-05", 8.0), ("z", "2023-12-31", 1.0)]
    result = cohorts(shop(rows), dt.date(2024, 2, 29))
    assert row(result.order_value, "2024-01-01", [0, 1]) == [0, 8]
    assert np.isnan(row(result.revenue_retention, "2024-01-01", [0, 1])).all()


def test_amounts_in_another_currency_change_no_rate(shop: Shop, orders: pd.DataFrame) -> None:
    as_of = dt.date(2024, 12, 31)
    one = cohorts(shop(orders), as_of)
    other = cohorts(shop(orders.assign(amount=orders["amount"] * 100)), as_of)
    pd.testing.assert_frame_equal(other.retention, one.retention, check_exact=True)
    pd.testing.assert_frame_equal(other.revenue_retention, one.revenue_retention, rtol=1e-12)
    pd.testing.assert_frame_equal(other.order_value, 100 * one.order_value, rtol=1e-12)


def test_an_order_s_lines_are_one_order(shop: Shop) -> None:
    rows = pd.DataFrame(ROWS, columns=["customer_id", "day", "amount"])
    rows["order_id"] = [f"o{number}" for number in range(len(rows))]
    lines = pd.concat([rows.assign(amount=rows["amount"] * 0.25), rows.assign(amount=rows["amount"] * 0.75)])
    one, other = (cohorts(shop(each), dt.date(2024, 3, 31)) for each in (rows, lines))
    for name in (*TABLES, "average"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.parametrize("wrong", [{"grain": "day"}, {"last": 0}, {"by": "colour"}])
def test_a_setting_that_cannot_be_used_is_refused(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"expected (grain week, month or quarter|channel, category, country)"):
        cohorts(shop(ROWS), dt.date(2024, 3, 31), **wrong)


def test_the_first_cohort_of_online_retail_has_the_published_counts(online_retail: Any) -> None:
    """The file ends on 9 December 2011: 235 counts nine days, and shows only where as_of is taken as 31 December."""
    counts = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    whole = cohorts(online_retail, dt.date(2011, 12, 31))
    assert row(whole.active, "2010-12-01") == counts
    observed = cohorts(online_retail, dt.date(2011, 12, 9))
    assert row(observed.active, "2010-12-01") == counts[:-1]
    assert observed.sizes.sum() == 4338 - 41  # the 41 customers of December 2011 are a cohort still forming
    last = whole.cumulative_revenue.ffill(axis=1).iloc[:, -1]
    assert (last * whole.sizes).sum() == pytest.approx(8_911_407.904, abs=1e-6)
