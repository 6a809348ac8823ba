"""What the page of the programme shows gives no few customers away."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.programme import ProgrammeResult, programme
from loyalty_lib.analyses.protect_programme import protect_programme
from loyalty_lib.config.analyses import Programme

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
SETTINGS = Programme.model_validate(
    {
        "tiers": [
            {"name": "Bronze", "spend": 100, "reward": 0.01},
            {"name": "Silver", "spend": 500, "reward": 0.02},
            {"name": "Gold", "spend": 1000, "reward": 0.05},
        ]
    }
)
Spend = list[tuple[int, float]]  # customers, and what each of them spent


def result_of(shop: Shop, spend: Spend, members: int = 0, since: str | None = None) -> ProgrammeResult:
    """Return the programme of a shop; the first customers are members, if any."""
    values = [value for count, value in spend for _ in range(count)]
    rows = [(f"c{n:03d}", "2024-05-01", value) for n, value in enumerate(values)]
    listed = pd.DataFrame({"customer_id": [f"c{n:03d}" for n in range(members)], "since": pd.Timestamp(since or "NaT")})
    return programme(shop([*rows, ("old", "2022-01-01", 1.0)]), AS_OF, SETTINGS, listed if members else None)


def hidden(result: ProgrammeResult, column: str) -> list[int]:
    return [place for place, value in enumerate(result.tiers[column]) if np.isnan(value)]


def test_a_large_programme_hides_nothing(shop: Shop) -> None:
    result = result_of(shop, [(30, 20.0), (9, 95.0), (20, 150.0), (8, 700.0), (7, 960.0), (6, 1200.0)], members=40)
    shown = protect_programme(result, 5, 0.5)
    pd.testing.assert_frame_equal(shown.tiers, result.tiers)
    pd.testing.assert_frame_equal(shown.members, result.members)
    assert (shown.customers, shown.cost, shown.listed, shown.suppressed) == (80, result.cost, 40, 0)


def test_a_small_tier_hides_the_next_smallest_and_the_total_cost(shop: Shop) -> None:
    """Two unknown sales of two rates would follow from total sales and total cost."""
    shown = protect_programme(result_of(shop, [(30, 20.0), (20, 150.0), (8, 700.0), (3, 1200.0)]), 5, 0.5)
    assert hidden(shown, "customers") == hidden(shown, "sales") == hidden(shown, "cost") == [2, 3]
    assert np.isnan([shown.cost, shown.cost_share]).all()
    assert (shown.customers, shown.sales) == (61, 30 * 20 + 20 * 150 + 8 * 700 + 3 * 1200)
    assert shown.shares.iloc[2:, 2:].isna().all(axis=None)
    assert shown.suppressed == 2 * 5 + 2 + 3  # two rows of five, the cost and its share, Gold's three of those near it


def test_money_one_customer_dominates_is_hidden_but_not_the_number(shop: Shop) -> None:
    shown = protect_programme(result_of(shop, [(30, 20.0), (20, 150.0), (8, 700.0), (6, 1000.0), (1, 9000.0)]), 5, 0.5)
    assert hidden(shown, "customers") == []
    assert hidden(shown, "sales") == [2, 3]  # Gold, and of the others the one with fewest customers
    assert np.isnan(shown.cost)


def test_those_just_below_are_hidden_where_they_or_the_rest_are_few(shop: Shop) -> None:
    result = result_of(shop, [(30, 20.0), (3, 95.0), (3, 150.0), (9, 460.0), (30, 700.0), (6, 950.0), (9, 1000.0)])
    shown = protect_programme(result, 5, 0.5)
    assert result.tiers["near_customers"].to_list()[1:] == [3, 9, 6]
    assert shown.tiers["near_customers"].isna().to_list() == [True, True, True, False]
    money = shown.tiers[["near_missing", "near_cost"]]
    assert money.isna().all(axis=1).to_list() == [True, True, True, False]
    dominated = result_of(shop, [(30, 20.0), (6, 99.99), (1, 90.0), (9, 150.0), (9, 700.0), (9, 1000.0)])
    shown = protect_programme(dominated, 5, 0.5)
    assert shown.tiers["near_customers"].to_list()[1] == 7
    assert np.isnan(shown.tiers["near_missing"].to_list()[1])


def test_a_population_of_a_few_shows_nothing(shop: Shop) -> None:
    shown = protect_programme(result_of(shop, [(3, 20.0)], members=2), 5, 0.5)
    assert shown.customers is None
    assert np.isnan([shown.sales, shown.cost, shown.cost_share]).all()
    assert hidden(shown, "customers") == [0]
    assert shown.listed is None
    assert shown.members.loc["members"].drop(["before_customers", "again", "largest_share"]).isna().all()


def test_the_only_tier_with_customers_gives_no_total_where_one_dominates(shop: Shop) -> None:
    shown = protect_programme(result_of(shop, [(9, 5.0), (1, 90.0)]), 5, 0.5)
    assert hidden(shown, "sales") == [0]
    assert np.isnan(shown.sales)
    assert shown.customers == 10


@pytest.mark.parametrize(("members", "idle"), [(3, 0), (57, 0), (20, 2)])
def test_few_members_or_few_others_hide_both_sides(shop: Shop, members: int, idle: int) -> None:
    spend: Spend = [(60, 20.0)] if not idle else [(20, 20.0), (40, 30.0)]
    result = result_of(shop, spend, members=members)
    if idle:  # on the list, but not among those who bought
        rows = [(f"c{n:03d}", "2024-05-01", 20.0) for n in range(60)]
        listed = pd.DataFrame({"customer_id": [f"c{n:03d}" for n in range(20)] + ["x", "y"], "since": pd.NaT})
        result = programme(shop(rows), AS_OF, SETTINGS, listed)
    shown = protect_programme(result, 5, 0.5)
    assert shown.listed is None
    assert shown.members["customers"].isna().all() == (idle == 0)
    assert shown.members["sales_per_customer"].isna().all() == (idle == 0)


def test_a_side_one_customer_dominates_hides_the_money_of_both(shop: Shop) -> None:
    shown = protect_programme(result_of(shop, [(1, 900.0), (20, 10.0), (30, 10.0)], members=21), 5, 0.5)
    assert shown.members[["average_order_value", "sales_per_customer"]].isna().all(axis=None)
    assert shown.members["orders_per_customer"].notna().all()


def test_retention_of_a_few_is_hidden_on_both_sides(shop: Shop) -> None:
    rows = [("first", "2022-12-01", 1.0)]
    for n in range(40):
        rows.append((f"c{n:03d}", "2023-05-01", 10.0))
        if n < 17 or n >= 30:  # of 20 members 17 come again, of 20 others 10
            rows.append((f"c{n:03d}", "2024-05-01", 10.0))
    listed = pd.DataFrame({"customer_id": [f"c{n:03d}" for n in range(20)], "since": pd.NaT})
    result = programme(shop(rows), AS_OF, SETTINGS, listed)
    assert result.members["retention_rate"].to_list() == [17 / 20, 10 / 20]
    assert protect_programme(result, 5, 0.5).members["retention_rate"].isna().all()
    assert protect_programme(result, 3, 0.5).members["retention_rate"].notna().all()


def test_sales_around_joining_of_a_few_are_hidden(shop: Shop) -> None:
    def joined(count: int, giant: float = 0.0) -> pd.DataFrame:
        rows = [("first", "2023-01-01", 1.0)]
        for n in range(count):
            rows += [(f"c{n:03d}", "2023-06-01", 10.0), (f"c{n:03d}", "2024-03-01", 10.0 + giant * (n == 0))]
        ids = [f"c{n:03d}" for n in range(count)]
        listed = pd.DataFrame({"customer_id": ids, "since": pd.Timestamp("2024-02-01")})
        return protect_programme(programme(shop(rows), AS_OF, SETTINGS, listed), 5, 0.5).joining

    columns = ["customers", "sales", "sales_per_customer"]
    assert joined(6)["sales"].to_list() == [0, 60]
    assert joined(4)[columns].isna().all(axis=None)
    assert joined(6, giant=100.0)[columns].isna().all(axis=None)


@pytest.mark.parametrize("seed", range(8))
def test_protecting_again_changes_nothing_and_no_tier_follows(shop: Shop, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spend: Spend = [(1, float(np.round(rng.lognormal(5, 1.3), 2))) for _ in range(int(rng.integers(4, 90)))]
    result = result_of(shop, spend, members=int(rng.integers(1, 60)))
    once = protect_programme(result, 5, 0.5)
    twice = protect_programme(once, 5, 0.5)
    for name in ("tiers", "members", "joining"):
        pd.testing.assert_frame_equal(getattr(once, name), getattr(twice, name), check_exact=True)
    assert once.suppressed == twice.suppressed
    true, shown = result.tiers["customers"], once.tiers["customers"]
    assert shown[(true > 0) & (true < 5)].isna().all()
    if once.customers is not None and shown.isna().any():
        rest = true[shown.isna()]
        assert len(rest) > 1
        assert rest.sum() >= 5
