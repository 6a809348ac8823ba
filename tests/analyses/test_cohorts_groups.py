"""Cohorts by group of the first order: by hand, against plain pandas for each grain, and what is no group."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency

from loyalty_lib.analyses.cohorts import By, Grain, cohorts
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
COLUMNS = ["group", "k", "customers", "buyers", "retention", "low", "high"]


def placed(counts: dict[str | None, tuple[int, int]], column: str = "channel") -> pd.DataFrame:
    """Return first orders in January 2024 of so many customers a group, of whom so many buy again in February."""
    rows = []
    for name, (customers, again) in counts.items():
        for number in range(customers):
            rows.append((f"{name}-{number}", "2024-01-05", 10.0, name))
            if number < again:
                rows.append((f"{name}-{number}", "2024-02-05", 10.0, "elsewhere"))
    return pd.DataFrame(rows, columns=["customer_id", "day", "amount", column])


def test_a_group_is_that_of_the_first_order_and_small_ones_are_others(shop: Shop) -> None:
    """Web 40, shop 30; fax 29 and telex 2 are together the others; 5 without a channel are in none."""
    rows = placed({"shop": (30, 15), "fax": (29, 3), "web": (40, 10), "telex": (2, 2), None: (5, 5)})
    result = cohorts(shop(rows), dt.date(2024, 2, 29), by="channel")
    found = result.groups[["group", "k", "customers", "buyers"]].to_numpy().tolist()
    assert found == [
        ["web", 0, 40, 40],
        ["web", 1, 40, 10],
        ["shop", 0, 30, 30],
        ["shop", 1, 30, 15],
        ["other", 0, 31, 31],
        ["other", 1, 31, 5],
    ]
    assert result.groups.columns.to_list() == COLUMNS
    assert result.groups["retention"].to_list() == [1, 0.25, 1, 0.5, 1, 5 / 31]
    interval = binomtest(10, 40).proportion_ci(method="wilson")
    assert row(result.groups, 1, ["low", "high"]) == pytest.approx([interval.low, interval.high])
    expected = chi2_contingency([[10, 30], [15, 15], [5, 26]], correction=False).pvalue
    assert result.groups_p_value == pytest.approx(expected, rel=1e-12)
    assert "4.7% of customers have no channel on their first order and are not compared." in result.caveats  # 5 of 106
    assert any("does not say that the channel is its cause" in text for text in result.caveats)


def test_only_the_eight_largest_stand_alone_and_ties_go_by_the_alphabet(shop: Shop) -> None:
    rows = placed({name: (31 if name == "j" else 30, 1) for name in "jihgfedcba"}, "country")
    groups = cohorts(shop(rows), dt.date(2024, 2, 29), by="country").groups
    assert groups.loc[groups["k"] == 0, "group"].to_list() == [*"jabcdefg", "other"]
    assert groups.loc[groups["group"] == "other", "customers"].to_list() == [60, 60]


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
@pytest.mark.parametrize("as_of", ["2024-11-16", "2024-12-31"])
def test_groups_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame, grain: Grain, as_of: str) -> None:
    rows = orders.assign(channel=np.array(["web", "shop", "phone", None])[np.arange(len(orders)) * 7 % 11 % 4])
    last = 90
    result = cohorts(shop(rows.sample(frac=1, random_state=1)), dt.date.fromisoformat(as_of), grain=grain, last=last,
                     by="channel")  # fmt: skip
    code = {"week": "W-SUN", "month": "M", "quarter": "Q"}[grain]
    bought = rows[(rows["day"] <= as_of) & (rows["amount"] >= 0)]
    first = bought.groupby("customer_id")["day"].transform("min")
    # The value with the largest amount on the first day, of equal ones the first of the alphabet, missing ones last.
    amounts = bought[bought["day"] == first].groupby(["customer_id", "channel"], dropna=False)["amount"].sum()
    ranked = amounts.reset_index().assign(missing=lambda frame: frame["channel"].isna())
    ranked = ranked.sort_values(["missing", "amount", "channel"], ascending=[True, False, True])
    group = ranked.drop_duplicates("customer_id").set_index("customer_id")["channel"]
    born, period = first.dt.to_period(code), bought["day"].dt.to_period(code)
    bought = bought.assign(cohort=born, period=period, group=bought["customer_id"].map(group))
    complete = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    kept = [cohort for cohort in sorted(set(born)) if cohort.end_time < complete][-last:]
    assert len(result.groups)
    for name, k, customers, buyers in result.groups[COLUMNS[:4]].itertuples(index=False):
        own = bought[bought["group"] == name]
        seen = [cohort for cohort in kept if (cohort + k).end_time < complete]
        own = own[own["cohort"].isin(seen)]
        assert customers == own["customer_id"].nunique()
        assert buyers == own.loc[own["period"] == own["cohort"] + k, "customer_id"].nunique()
    assert set(result.groups["group"]) == {"web", "shop", "phone"}
    assert result.groups["k"].max() == len(result.average) - 1


def test_groups_and_those_without_one_are_all_customers(shop: Shop, orders: pd.DataFrame) -> None:
    rows = orders.assign(category=np.array(["a", "b", None])[np.arange(len(orders)) % 3])
    result = cohorts(shop(rows), AS_OF, by="category")
    sums = result.group_cells.groupby(level="k").sum()
    assert sums["customers"].to_list() == result.average["customers"].to_list()
    assert (sums["buyers"] / sums["customers"]).to_list() == result.average["retention"].to_list()


@pytest.mark.parametrize("by", [None, "channel", "country"])
def test_without_a_column_or_a_setting_there_are_no_groups(shop: Shop, orders: pd.DataFrame, by: By | None) -> None:
    result = cohorts(shop(orders.assign(country="NO")), AS_OF, by=by)  # one country is nothing to compare
    assert result.groups.empty
    assert result.groups.columns.to_list() == COLUMNS
    assert np.isnan(result.groups_p_value)
    assert result.group_cells.empty
    assert not any("group" in text for text in result.caveats)


def test_nothing_observed_has_no_groups_and_leaves_no_tables_behind(shop: Shop) -> None:
    transactions = shop(placed({"web": (40, 10), "shop": (40, 10)}))
    assert cohorts(transactions, dt.date(2024, 1, 30), by="channel").groups.empty
    assert not cohorts(transactions, dt.date(2024, 1, 31), by="channel").groups.empty
    tables = transactions.engine.connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    assert {name for (name,) in tables} == {"transactions", "purchase_days", "net_sales"}


def test_the_order_of_rows_changes_no_group(shop: Shop, orders: pd.DataFrame) -> None:
    rows = orders.assign(channel=np.where(np.arange(len(orders)) % 2 == 0, "a", "b"))
    one, other = (cohorts(shop(each), AS_OF, by="channel") for each in (rows, rows.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(one.groups, other.groups, check_exact=True)
    assert one.groups_p_value == other.groups_p_value
