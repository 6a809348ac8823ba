"""The loyalty programme: a shop checked by eye, and a simulated one against plain pandas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.programme import SIDES, programme
from loyalty_lib.config.analyses import Programme

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
TIERS = [
    {"name": "Silver", "spend": 100, "reward": 0.02},
    {"name": "Gold", "spend": 1000, "reward": 0.05},
]
SETTINGS = Programme.model_validate({"tiers": TIERS})
# Spend in 2024: a 1,000; b 999.99 of two orders; c 899.99; d 100; e 90; f 89.99; g 50 less 60; h nothing but a refund.
ROWS = [
    ("a", "2024-01-01", 1000.0),
    ("a", "2023-12-31", 5000.0),
    ("b", "2024-02-01", 900.0),
    ("b", "2024-03-01", 99.99),
    ("c", "2024-02-01", 899.99),
    ("d", "2024-12-31", 100.0),
    ("e", "2024-02-01", 90.0),
    ("f", "2024-02-01", 89.99),
    ("g", "2024-02-01", 50.0),
    ("g", "2024-02-02", -60.0),
    ("h", "2023-02-02", 70.0),
    ("h", "2024-02-02", -70.0),
]
SALES = 1000 + 999.99 + 899.99 + 100 + 90 + 89.99 - 10


def members(**since: str | None) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": list(since), "since": pd.to_datetime(pd.Series(list(since.values())))})


def column(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].to_list()


def test_every_tier_of_a_shop_checked_by_eye(shop: Shop) -> None:
    result = programme(shop(ROWS), AS_OF, SETTINGS, None)
    tiers = result.tiers
    assert column(tiers, "tier") == ["", "Silver", "Gold"]
    assert column(tiers, "customers") == [3, 3, 1]  # e, f, g; b, c, d; a
    assert column(tiers, "share_of_customers") == pytest.approx([3 / 7, 3 / 7, 1 / 7])
    money = [90 + 89.99 - 10, 999.99 + 899.99 + 100, 1000]
    assert column(tiers, "sales") == pytest.approx(money, rel=1e-12)
    assert column(tiers, "share_of_sales") == pytest.approx([one / SALES for one in money], rel=1e-12)
    assert column(tiers, "cost") == pytest.approx([0, 0.02 * money[1], 50], rel=1e-12)
    # Just below Silver, from 90: e, who misses 10.  Just below Gold, from 900: b, who misses one cent.
    assert column(tiers, "near_customers")[1:] == [1, 1]
    assert column(tiers, "near_missing")[1:] == pytest.approx([10, 0.01])
    assert column(tiers, "near_cost")[1:] == pytest.approx([2, 50 - 0.02 * 999.99])
    assert tiers[["near_customers", "near_missing", "near_cost", "threshold"]].iloc[0].isna().all()
    assert result.customers == 7
    assert result.sales == pytest.approx(SALES, rel=1e-12)
    assert result.cost == pytest.approx(50 + 0.02 * money[1], rel=1e-12)
    assert result.cost_share == pytest.approx(result.cost / SALES, rel=1e-12)
    assert (result.start, result.as_of, result.near, result.listed) == (dt.date(2024, 1, 1), AS_OF, 0.1, None)
    assert result.members.empty
    assert result.joining.empty
    assert result.caveats == ()


def test_members_and_others_checked_by_eye(shop: Shop) -> None:
    """The list: a twice, b without a day, d from after the as-of date, x who never bought."""
    rows = [*ROWS, ("first", "2022-01-01", 1.0), ("h", "2023-03-03", 1.0), ("c", "2023-03-03", 1.0)]
    listed = pd.concat([members(a="2024-06-01", b=None, d="2025-01-01", x="2020-01-01"), members(a="2023-12-30")])
    result = programme(shop(rows), AS_OF, SETTINGS, listed)
    assert result.listed == 3
    table = result.members
    assert list(table.index) == list(SIDES)
    assert column(table, "customers") == [2, 5]
    assert column(table, "share_of_customers") == pytest.approx([2 / 7, 5 / 7])
    assert column(table, "orders_per_customer") == [3 / 2, 1]
    spent = [1999.99, SALES - 1999.99]
    assert column(table, "average_order_value") == pytest.approx([spent[0] / 3, spent[1] / 5], rel=1e-12)
    assert column(table, "sales_per_customer") == pytest.approx([spent[0] / 2, spent[1] / 5], rel=1e-12)
    assert column(table, "retention_rate") == [1, 1 / 2]  # a came again; of c and h, c
    assert result.caveats[0].startswith("Who joins a programme often bought more to begin with")


def test_retention_needs_two_whole_years(shop: Shop) -> None:
    rows = [("a", "2023-01-02", 1.0), *ROWS]
    assert programme(shop(rows), AS_OF, SETTINGS, members(a=None)).members["retention_rate"].isna().all()
    whole = programme(shop([("a", "2023-01-01", 1.0), *ROWS]), AS_OF, SETTINGS, members(a=None))
    assert whole.members["retention_rate"].notna().all()


def test_sales_before_and_after_joining_checked_by_eye(shop: Shop) -> None:
    """Joined on 1 March 2024: 3 September 2023 to 29 February, and 2 March to 28 August."""
    rows = [("first", "2023-09-03", 1.0)]
    for customer, start in (("in", "2023-09-03"), ("late", "2023-09-04")):
        rows += [(customer, start, 100.0), (customer, "2024-02-29", 10.0), (customer, "2024-03-01", 1000.0)]
        rows += [(customer, "2024-03-02", 7.0), (customer, "2024-08-28", 30.0), (customer, "2024-08-29", 5000.0)]
        rows += [(customer, "2024-08-28", -2.0)]
    rows += [("young", "2023-09-03", 5.0), ("soon", "2023-09-03", 5.0), ("unknown", "2023-09-03", 5.0)]
    joined = {"in": "2024-03-01", "late": "2024-03-01", "young": "2024-02-29", "soon": "2024-07-05", "unknown": None}
    result = programme(shop(rows), dt.date(2024, 12, 31), SETTINGS, members(**joined))
    # "late" first bought after the 180 days began; "young" joined too near the data's first day, "soon" the last.
    assert column(result.joining, "customers") == [1, 1]
    assert column(result.joining, "sales") == [110, 35]
    assert column(result.joining, "sales_per_customer") == [110, 35]
    joined["soon"] = "2024-07-04"
    more = programme(shop(rows), dt.date(2024, 12, 31), SETTINGS, members(**joined))
    assert column(more.joining, "customers") == [2, 2]
    assert more.caveats[1].startswith("Customers often join when they are buying much anyway")


def test_tiers_and_members_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame) -> None:
    settings = Programme.model_validate(
        {
            "tiers": [
                {"name": "I", "spend": 20, "reward": 0.01},
                {"name": "II", "spend": 60.5, "reward": 0.03},
                {"name": "III", "spend": 150, "reward": 0.1},
            ],
            "near": 0.2,
        }
    )
    ids = sorted(orders["customer_id"].unique())
    first = orders.groupby("customer_id")["day"].min()
    listed = members(**{one: None if n % 5 == 0 else "2023-08-15" for n, one in enumerate(ids) if n % 3})
    listed["since"] += pd.to_timedelta([n % 400 for n in range(len(listed))], unit="D")
    result = programme(shop(orders), AS_OF, settings, listed)

    year, bought = orders[orders["day"] >= "2024-01-01"], orders[orders["amount"] >= 0]
    now = bought[bought["day"] >= "2024-01-01"]
    buyers = sorted(now["customer_id"].unique())
    spend = year.groupby("customer_id")["amount"].sum().round(6).reindex(buyers)
    bounds = [-np.inf, 20, 60.5, 150, np.inf]
    tier = pd.cut(spend, bounds, right=False, labels=False)
    assert column(result.tiers, "customers") == tier.value_counts().reindex(range(4), fill_value=0).to_list()
    money = spend.groupby(tier).sum()
    assert column(result.tiers, "sales") == pytest.approx(money.to_list(), rel=1e-12)
    for place, (threshold, reward, lower) in enumerate([(20, 0.01, 0), (60.5, 0.03, 0.01), (150, 0.1, 0.03)], start=1):
        near = spend[(tier == place - 1) & (spend >= round(threshold * 0.8, 6))]
        row = result.tiers.iloc[place]
        assert row["near_customers"] == len(near)
        assert len(near)
        assert row["near_missing"] == pytest.approx((threshold - near).sum(), rel=1e-12)
        assert row["near_cost"] == pytest.approx(reward * threshold * len(near) - lower * near.sum(), rel=1e-12)
        assert row["near_largest_share"] == pytest.approx(
            (threshold - near).max() / (threshold - near).sum(), rel=1e-12
        )
        own = spend[tier == place].abs()
        assert row["largest_share"] == pytest.approx(own.max() / own.sum(), rel=1e-12)

    is_member = {
        one
        for one, since in zip(listed["customer_id"], listed["since"], strict=True)
        if not since > pd.Timestamp(AS_OF)
    }
    assert result.listed == len(is_member)
    before = set(bought.loc[bought["day"].between("2023-01-01", "2023-12-31"), "customer_id"])
    for side, group in (("members", is_member), ("others", set(ids) - is_member)):
        own_buyers = [one for one in buyers if one in group]
        count = now["customer_id"].isin(group).sum()
        row = result.members.T[side]
        assert row["customers"] == len(own_buyers)
        assert row["orders_per_customer"] == pytest.approx(count / len(own_buyers), rel=1e-12)
        assert row["average_order_value"] == pytest.approx(spend[own_buyers].sum() / count, rel=1e-12)
        assert row["sales_per_customer"] == pytest.approx(spend[own_buyers].mean(), rel=1e-12)
        assert row["before_customers"] == len(before & group)
        assert row["again"] == len(before & group & set(buyers))

    days, sums, used = pd.Timedelta(days=180), np.zeros(2), 0
    for one, since in zip(listed["customer_id"], listed["since"], strict=True):
        if pd.isna(since) or since - days < orders["day"].min() or since + days > pd.Timestamp(AS_OF):
            continue
        if bought.loc[bought["customer_id"] == one, "day"].min() <= since - days and first[one] <= since - days:
            own = orders[orders["customer_id"] == one]
            sums[0] += own.loc[(own["day"] >= since - days) & (own["day"] < since), "amount"].sum()
            sums[1] += own.loc[(own["day"] > since) & (own["day"] <= since + days), "amount"].sum()
            used += 1
    assert used > 10
    assert column(result.joining, "customers") == [used, used]
    assert column(result.joining, "sales") == pytest.approx(list(sums), rel=1e-12)


def test_nothing_depends_on_the_order_of_rows_on_lines_or_the_unit_of_money(shop: Shop, orders: pd.DataFrame) -> None:
    listed = members(**dict.fromkeys(sorted(orders["customer_id"].unique())[::2], "2023-12-01"))
    one = programme(shop(orders), AS_OF, SETTINGS, listed)
    other = programme(shop(orders.sample(frac=1, random_state=1)), AS_OF, SETTINGS, listed.iloc[::-1])
    cents = Programme.model_validate({"tiers": [{**tier, "spend": float(str(tier["spend"])) * 100} for tier in TIERS]})
    large = programme(shop(orders.assign(amount=orders["amount"] * 100)), AS_OF, cents, listed)
    bought = orders[orders["amount"] > 0]
    cents_of = (bought["amount"] * 100).round().astype(int)
    halves = [bought.assign(amount=part / 100) for part in (cents_of // 2, cents_of - cents_of // 2)]
    lines = programme(shop(pd.concat([*halves, orders[orders["amount"] <= 0]])), AS_OF, SETTINGS, listed)
    for name in ("tiers", "members", "joining"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
        pd.testing.assert_frame_equal(getattr(one, name), getattr(lines, name), check_exact=True)
    assert column(large.tiers, "customers") == column(one.tiers, "customers")
    assert column(large.tiers, "cost") == pytest.approx([100 * cost for cost in column(one.tiers, "cost")], rel=1e-12)


def test_without_settings_or_customers_there_is_nothing(shop: Shop) -> None:
    for rows, settings in ((ROWS, None), ([("a", "2022-01-01", 5.0)], SETTINGS), ([], SETTINGS)):
        frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"]).astype({"amount": float})
        result = programme(shop(frame), AS_OF, settings, members(a="2024-01-01"))
        assert result.tiers.empty
        assert result.members.empty
        assert result.shares.empty
        assert (result.customers, result.sales, result.caveats) == (0, 0, ())


def test_an_empty_list_has_no_members(shop: Shop) -> None:
    result = programme(shop(ROWS), AS_OF, SETTINGS, members())
    assert result.listed == 0
    assert column(result.members, "customers") == [0, 7]
    assert result.joining.empty


def test_everything_refunded_has_no_shares_of_sales(shop: Shop) -> None:
    result = programme(shop([("a", "2024-05-01", 5.0), ("a", "2024-05-02", -5.0)]), AS_OF, SETTINGS, None)
    assert column(result.tiers, "customers") == [1, 0, 0]
    assert result.tiers["share_of_sales"].isna().all()
    assert np.isnan(result.cost_share)


def test_data_that_begin_inside_the_window_have_a_caveat(shop: Shop) -> None:
    result = programme(shop([("a", "2024-05-01", 5.0)]), AS_OF, SETTINGS, None)
    assert result.caveats == (
        "The data begin on 1 May 2024, inside the 12 months: over a whole year more customers reach a tier.",
    )


def test_the_list_of_members_does_not_stay_in_the_database(shop: Shop) -> None:
    transactions = shop(ROWS)
    programme(transactions, AS_OF, SETTINGS, members(a="2024-01-01"))
    tables = transactions.engine.connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    assert ("programme_list",) not in tables
