"""Protected cohorts: money of a period, averages and groups; what else they hide is in test_protect.py."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.cohorts import Grain, cohorts
from loyalty_lib.analyses.protect import protect
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
JANUARY = "2024-01-01"


def months(customers: dict[str, range], amount: float = 10.0) -> list[tuple[str, str, float]]:
    """Return purchases on the fifth of each month by customers of a range."""
    return [(f"c{n:03d}", f"2024-{month}-05", amount) for month, numbers in customers.items() for n in numbers]


@pytest.mark.parametrize("minimum", [2, 5, 10])
@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_the_money_of_a_period_shows_only_beside_both_its_cells(
    shop: Shop, orders: pd.DataFrame, grain: Grain, minimum: int
) -> None:
    result = cohorts(shop(orders), AS_OF, grain=grain)
    shown = protect(result, minimum)
    some = False
    for cohort in shown.sizes.index:
        for k in map(int, shown.order_value.columns):
            seen = shown.cumulative_revenue.loc[cohort].notna()
            told = shown.revenue_retention.loc[cohort, k] >= -np.inf or shown.order_value.loc[cohort, k] >= -np.inf
            if told:
                some = True
                assert seen[k]
                assert k == 0 or seen[k - 1]
                evidence = result.cells.loc[(cohort, k)]
                assert not 0 < evidence["movers"] < minimum
                assert not 0 < evidence["buyers"] < minimum
                assert evidence["largest_now"] <= max(0.5 * evidence["sales"], 0)
    assert some


def test_the_revenue_of_a_period_that_one_customer_made_is_no_difference_of_two_cells(shop: Shop) -> None:
    """Ten customers of 100 in January; in February six buy for 10 and one for 200: the running total stays theirs."""
    rows = [("before", "2023-12-01", 1.0), *months({"01": range(10)}, 100.0), *months({"02": range(6)})]
    rows += [("c009", "2024-02-07", 200.0), *months({"03": range(10)}, 30.0)]
    shown = protect(cohorts(shop(rows), dt.date(2024, 3, 31)), 5)
    # 200 of February's 260, though only 300 of all 1,260 so far.
    assert row(shown.cumulative_revenue.notna(), JANUARY)[:3] == [True, False, True]
    assert row(shown.revenue_retention.notna(), JANUARY)[:3] == [True, False, False]
    assert row(shown.order_value.notna(), JANUARY)[:3] == [True, False, False]
    assert row(shown.active, JANUARY)[:3] == [10, 7, 10]  # how many bought tells nothing of it


def test_an_average_does_not_give_the_one_hidden_cell_away(shop: Shop) -> None:
    rows = [*months({"01": range(20), "02": range(20), "03": range(20), "04": range(20)})]
    rows += [(f"d{n:03d}", f"2024-{m}-05", 10.0) for n in range(20) for m in ("02", "03")]
    rows += [("d001", "2024-04-05", 10.0), ("a", "2023-12-05", 1.0)]  # in k = 2 one customer of February bought
    result = cohorts(shop(rows), dt.date(2024, 4, 30))
    shown = protect(result, 5)
    assert np.isnan(row(shown.cumulative_revenue, "2024-02-01", [2])).all()
    assert shown.average.loc[2, ["order_value", "revenue_retention", "cumulative_revenue"]].isna().all()
    assert shown.average.loc[1, ["order_value", "revenue_retention", "cumulative_revenue"]].notna().all()
    again = protect(shown, 5)
    assert again.suppressed == shown.suppressed


def channels(counts: dict[str | None, list[int]]) -> pd.DataFrame:
    """Return customers of January by channel and how many of them bought in each later month, in the order of ids."""
    rows = []
    for name, (customers, *later) in counts.items():
        for month, buyers in enumerate([customers, *later], start=1):
            rows += [(f"{name}{n}", f"2024-{month:02d}-05", 10.0, name) for n in range(buyers)]
    return pd.DataFrame(rows, columns=["customer_id", "day", "amount", "channel"])


def test_a_group_s_few_buyers_are_hidden_with_a_second_group_s(shop: Shop) -> None:
    rows = channels({"web": [90, 30, 40], "shop": [60, 3, 20], "phone": [50, 25, 10]})
    shown = protect(cohorts(shop(rows), dt.date(2024, 3, 31), by="channel"), 5)
    seen = shown.groups.pivot(index="group", columns="k", values="buyers").notna()  # noqa: PD010 - a row a pair
    assert row(seen, "web") == [True, True, True]
    assert row(seen, "shop") == [True, False, True]
    assert row(seen, "phone") == [True, False, True]  # 58 in all, less web's 30, would leave shop's 3
    hidden = shown.groups[shown.groups["buyers"].isna()]
    assert hidden[["customers", "retention", "low", "high"]].isna().all(axis=None)
    assert shown.average["retention"].notna().all()
    assert shown.group_cells.empty


def test_the_few_without_a_group_are_not_the_rest_of_the_total(shop: Shop) -> None:
    rows = channels({"web": [90, 30], "shop": [60, 20], None: [3, 1]})
    result = cohorts(shop(rows), dt.date(2024, 2, 29), by="channel")
    assert any("have no channel" in text for text in result.caveats)
    shown = protect(result, 5)
    assert shown.groups[["group", "k"]].assign(seen=shown.groups["buyers"].notna()).to_numpy().tolist() == [
        ["web", 0, True],
        ["web", 1, True],
        ["shop", 0, False],
        ["shop", 1, False],
    ]
    assert not any("have no channel" in text for text in shown.caveats)
    many = cohorts(
        shop(channels({"web": [90, 30], "shop": [60, 20], None: [30, 9]})), dt.date(2024, 2, 29), by="channel"
    )
    assert protect(many, 5).groups.notna().all(axis=None)
    assert any("have no channel" in text for text in protect(many, 5).caveats)


@pytest.mark.parametrize("minimum", [2, 5, 10])
def test_no_group_loses_few_customers_from_one_shown_period_to_the_next(
    shop: Shop, orders: pd.DataFrame, minimum: int
) -> None:
    rows = orders.assign(channel=np.array(["web", "web", "web", "shop", "phone"])[np.arange(len(orders)) % 5])
    result = cohorts(shop(rows), AS_OF, by="channel")
    shown = protect(result, minimum)
    for name, own in shown.groups.groupby("group"):
        counts = own["customers"].dropna().to_list()
        assert len(counts) > 1, name
        assert all(before == after or before - after >= minimum for before, after in pairwise(counts))
    small = shown.groups["buyers"].between(1, minimum - 1)
    assert not small.any()


def test_a_cohort_too_small_to_show_is_in_no_group_either(shop: Shop) -> None:
    """March is left out with February: with all 160 new customers of the quarter, it would give the three away."""
    late = [(f"late{n}", "2024-02-06" if n < 3 else "2024-03-06", 10.0, "web") for n in range(10)]
    rows = pd.concat([channels({"web": [90, 30, 20], "shop": [60, 20, 20]}), pd.DataFrame(
        late, columns=["customer_id", "day", "amount", "channel"]
    )])  # fmt: skip
    shown = protect(cohorts(shop(rows), dt.date(2024, 3, 31), by="channel"), 5)
    assert shown.groups.groupby("k")["customers"].sum().to_list() == shown.average["customers"].to_list() == [150] * 3


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ([20, 3, 9], [20, np.nan, np.nan]),  # 32 new customers in the quarter, less 20 and 9, are 3
        ([20, 2, 2], [np.nan, np.nan, np.nan]),  # the two would be known to be four
        ([20, 30, 9], [20, 30, 9]),
    ],
)
def test_no_small_cohort_follows_from_the_new_customers_of_its_quarter(
    shop: Shop, sizes: list[int], shown: list[float]
) -> None:
    days = [day for month, size in enumerate([8, 9, 10, *sizes], start=1) for day in [f"2024-{month:02d}-05"] * size]
    result = protect(cohorts(shop([(f"c{n:03d}", day, 10.0) for n, day in enumerate(days)]), dt.date(2024, 6, 30)), 5)
    np.testing.assert_array_equal(result.sizes, [8, 9, 10, *shown])
    assert result.retention[0].isna().to_list() == np.isnan([8, 9, 10, *shown]).tolist()


def test_groups_without_the_rows_of_a_small_oldest_cohort_are_protected(shop: Shop) -> None:
    """Only the three of January were observed for three months, so the groups have fewer rows than before."""
    rows = channels({"web": [40, 30, 20], "shop": [40, 20, 20]}).replace({"day": {"2024-03-05": "2024-05-05"}})
    rows["day"] = rows["day"].replace({"2024-02-05": "2024-04-05", "2024-01-05": "2024-03-05"})
    old = pd.DataFrame({"customer_id": ["a", "b", "c"], "day": "2024-01-05", "amount": 10.0, "channel": "web"})
    more = pd.DataFrame(
        {"customer_id": [f"m{n}" for n in range(9)], "day": "2024-02-05", "amount": 10.0, "channel": "web"}
    )
    result = cohorts(shop(pd.concat([rows, old, more])), dt.date(2024, 5, 31), by="channel")
    shown = protect(result, 5)
    assert shown.groups["k"].max() < result.groups["k"].max()
    assert shown.suppressed > 0
