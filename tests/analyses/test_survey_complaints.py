"""Complaints: by hand, and the comparison with similar customers against plain pandas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.periods import parse_period
from tests.analyses.surveys import AS_OF, asked, complaints_of, drawn_complaints

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

DAYS = 90


def test_rates_checked_by_eye(shop: Shop) -> None:
    """Five orders in the quarter, two complaints of ann on two days, one of nobody, one of who never bought."""
    rows = [("old", "2020-01-01", 1.0), *[("ann", f"2024-11-{day:02d}", 10.0) for day in range(1, 6)]]
    rows += [("bob", "2024-08-01", 1.0), ("bob", "2023-12-01", 1.0)]
    complaints = complaints_of(
        [
            ("ann", "2024-11-03"),
            ("ann", "2024-11-09"),
            (None, "2024-12-01"),
            ("who", "2024-12-01"),
            ("bob", "2024-08-02"),
            ("bob", "2023-12-02"),
            ("bob", "2023-12-02"),
            ("bob", None),
            ("ann", "2025-01-01"),
        ]
    )
    result = asked(shop(rows), None, complaints=complaints, period=parse_period("2024-Q4"))
    table = result.complaints[["complaints", "unknown", "customers", "repeated", "orders", "rate"]]
    assert table.loc["period"].to_list() == [4, 2, 1, 1, 5, 800]
    assert table.loc["previous"].to_list() == [1, 0, 1, 0, 1, 1000]
    assert table.loc["year_ago"].to_list() == [2, 0, 1, 0, 1, 2000]  # twice on one day is not again
    assert table.loc["now", ["complaints", "orders"]].to_list() == [5, 6]
    assert result.undated_complaints == 1
    assert result.caveats == ("Complaints without a day, left out: 1.",)
    early = asked(shop(rows[1:]), None, complaints=complaints)
    assert np.isnan(early.complaints.loc["before", "rate"])  # the data begin inside that year


def test_similar_customers_are_weighted_like_those_who_complained(shop: Shop) -> None:
    """One purchase 10 days before: three complain, two return; of four others one does.  Two purchases: one and none.

    Expected of the others: 3/4 x 1/4 + 1/4 x 2/2 = 0.4375.  A stranger's complaint has nobody to be compared with.
    """
    rows, complaints = [], []
    for name in ("a1", "a2", "a3", "o1", "o2", "o3", "o4"):
        rows.append((name, "2024-05-01", 10.0))
        if name in {"a1", "a2", "o1"}:
            rows.append((name, "2024-06-20", 10.0))
        if name.startswith("a"):
            complaints.append((name, "2024-05-11"))
    for name in ("b1", "p1", "p2"):
        rows += [(name, "2024-04-01", 10.0), (name, "2024-05-01", 10.0)]
        if name != "b1":
            rows.append((name, "2024-08-09", 10.0))
    complaints += [("b1", "2024-05-11"), ("late", "2024-11-01"), ("lone", "2024-06-11"), ("new", "2024-05-11")]
    rows += [("late", "2024-10-01", 1.0), ("new", "2024-05-12", 1.0)]
    rows += [("lone", f"2024-05-{day}", 1.0) for day in range(20, 30)]
    result = asked(shop(rows), None, complaints=complaints_of(complaints))
    assert result.after_complaint.loc["complained", ["customers", "returned", "share"]].to_list() == [4, 2, 0.5]
    assert result.after_complaint.loc["others", ["customers", "share"]].to_list() == [6, 0.4375]
    assert result.unmatched == 1  # lone: nobody else had bought on ten days
    assert result.after_difference[0] == pytest.approx(0.0625)
    assert result.after_difference[1] < 0 < result.after_difference[2]


def classes(purchases: int, silence: int) -> tuple[int, int]:
    counted = next(low for low in (8, 5, 3, 2, 1) if purchases >= low)
    return counted, next((top for top in (30, 90, 180, 365) if silence <= top), 366)


def test_the_comparison_agrees_with_plain_pandas(shop: Shop, orders: pd.DataFrame) -> None:
    complaints = drawn_complaints(orders)
    result = asked(shop(orders), None, complaints=complaints)
    bought = orders[orders["amount"] >= 0].drop_duplicates(["customer_id", "day"])
    days = {name: np.sort(rows.to_numpy()) for name, rows in bought.groupby("customer_id")["day"]}
    last = pd.Timestamp(AS_OF) - pd.Timedelta(DAYS, unit="D")
    known = complaints[complaints["customer_id"].notna()]
    ever = known.groupby("customer_id")["complained_on"].min()

    def state(name: str, moment: pd.Timestamp) -> tuple[tuple[int, int] | None, bool]:
        own = pd.to_datetime(days[name])
        past = own[own <= moment]
        again = ((own > moment) & (own <= moment + pd.Timedelta(DAYS, unit="D"))).any()
        return (classes(len(past), (moment - past[-1]).days) if len(past) else None), bool(again)

    recent = known[(known["complained_on"] >= pd.Timestamp("2024-01-01")) & (known["complained_on"] <= last)]
    recent = recent[[name in days and pd.Timestamp(days[name][0]) <= day for name, day in recent.to_numpy()]]
    cases = recent.groupby("customer_id")["complained_on"].min()
    strata: dict[object, list[list[bool]]] = {}
    people: dict[object, set[str]] = {}
    for name, moment in cases.items():
        found, again = state(str(name), moment)
        strata.setdefault((moment.month, found), [[], []])[0].append(again)
    for month, moments in cases.groupby(cases.dt.month):
        middle = moments.sort_values().iloc[(len(moments) - 1) // 2]
        for name in days:
            if ever.get(name, pd.Timestamp("2100-01-01")) <= middle:
                continue
            found, again = state(name, middle)
            if (month, found) in strata:
                strata[month, found][1].append(again)
                people.setdefault((month, found), set()).add(name)
    matched = {key: pair for key, pair in strata.items() if pair[1]}
    count = sum(len(pair[0]) for pair in matched.values())
    share = sum(sum(pair[0]) for pair in matched.values()) / count
    others = sum(len(pair[0]) / count * np.mean(pair[1]) for pair in matched.values())
    reached = set.union(*(people[key] for key in matched))
    table = result.after_complaint
    assert table.loc["complained", ["customers", "share"]].to_list() == pytest.approx([count, share], rel=1e-12)
    assert table.loc["others", ["customers", "share"]].to_list() == pytest.approx([len(reached), others], rel=1e-12)
    assert result.unmatched == len(cases) - count > 0


def test_complaints_made_by_lot_change_nothing(shop: Shop) -> None:
    """2,000 customers buy at random and complain at random: the interval of the difference holds zero."""
    rng = np.random.default_rng(8)
    names = np.array([f"c{n}" for n in range(2000)])
    rows = pd.DataFrame(
        {
            "customer_id": np.concatenate([names, rng.choice(names, 6000)]),
            "day": pd.Timestamp("2023-06-01") + pd.to_timedelta(rng.integers(0, 579, 8000), unit="D"),
            "amount": 10.0,
        }
    )
    who = pd.DataFrame({"customer_id": pd.Series(rng.choice(names, 400), dtype="str")})
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 366, 400), unit="D")
    result = asked(shop(rows), None, complaints=who.assign(complained_on=days))
    assert result.after_complaint.loc["complained", "customers"] > 200
    difference, low, high = result.after_difference
    assert low < 0 < high
    assert abs(difference) < 0.08


def test_row_order_does_not_matter_and_without_complaints_there_is_nothing(shop: Shop, orders: pd.DataFrame) -> None:
    complaints = drawn_complaints(orders)
    one = asked(shop(orders), None, complaints=complaints)
    other = asked(
        shop(orders.sample(frac=1, random_state=6)), None, complaints=complaints.sample(frac=1, random_state=7)
    )
    pd.testing.assert_frame_equal(one.complaints, other.complaints, check_exact=True)
    pd.testing.assert_frame_equal(one.after_complaint, other.after_complaint, check_exact=True)
    nothing = asked(shop(orders), None, complaints=complaints_of([]))
    assert nothing.complaints["complaints"].to_list() == [0, 0]
    assert nothing.after_complaint.empty
    assert asked(shop(orders), None).complaints.empty


def test_windows_are_the_years_to_the_as_of_date(shop: Shop, orders: pd.DataFrame) -> None:
    table = asked(shop(orders), None, complaints=drawn_complaints(orders)).complaints
    assert [day.date() for day in table["start"]] == [dt.date(2024, 1, 1), dt.date(2023, 1, 1)]
    assert [day.date() for day in table["end"]] == [AS_OF, dt.date(2023, 12, 31)]
