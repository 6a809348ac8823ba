"""Segment migration: flows by hand, against plain pandas, and sums that are the segments of both dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.rfm_migration import columns_of, rows_of
from tests.analyses.shops import row

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
PREVIOUS = dt.date(2024, 9, 30)
SCHEME = {"once": ["1-5 1"], "again": ["1-5 2-5"]}


def table(result: RfmResult, column: str = "customers") -> pd.DataFrame:
    """Return the flows as rows by columns."""
    order = list(result.segments.index)
    cells = result.migration[column].to_numpy().reshape(len(order) + 2, len(order) + 1)
    keys = result.migration.drop_duplicates("segment_then")["segment_then"]
    assert keys.to_list() == rows_of(order)
    assert result.migration["segment_now"].to_list() == columns_of(order) * len(keys)
    return pd.DataFrame(cells, index=rows_of(order), columns=columns_of(order))


def test_flows_of_seven_customers_checked_by_eye(shop: Shop) -> None:
    """Once or again in the twelve months to 30 September, and in those to 31 December."""
    rows = [
        ("begin", "2022-01-01", 1.0),  # inactive at both dates
        ("stays", "2024-02-01", 5.0),  # once at both
        ("grows", "2024-02-01", 5.0), ("grows", "2024-11-01", 7.0),  # once, then again
        ("fades", "2023-11-01", 5.0), ("fades", "2024-02-01", 6.0),  # again, then once: November has left the window
        ("leaves", "2023-12-01", 5.0),  # once, then inactive
        ("back", "2022-05-01", 5.0), ("back", "2024-10-01", 9.0),  # inactive, then once
        ("new", "2024-10-05", 4.0), ("new", "2024-10-06", 4.0), ("new", "2024-10-07", -3.0),  # not yet, then again
    ]  # fmt: skip
    result = rfm(shop(rows), AS_OF, previous=PREVIOUS, scheme=SCHEME)
    assert result.previous == PREVIOUS
    # To:                                 once, again, inactive
    assert table(result).to_numpy().tolist() == [
        [1, 1, 1],  # of once
        [1, 0, 0],  # of again
        [1, 0, 1],  # of inactive
        [0, 1, 0],  # of not yet
    ]
    assert table(result, "revenue").to_numpy().tolist() == [[5, 12, 0], [6, 0, 0], [9, 0, 0], [0, 5, 0]]
    assert row(table(result, "share_of_then"), "inactive") == [0.5, 0.0, 0.5]
    assert table(result, "customers_then")["once"].to_list() == [3, 1, 2, 1]
    # Of once to again: grows has all 12; of new: 4 + 4 - 3 is one customer's, too.
    assert result.evidence["largest_share"].dropna().to_list() == [1.0, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("scheme", ["rf_grid_10", "putler_11"])
def test_every_customer_is_once_in_the_flows_and_their_sums_are_the_segments(
    shop: Shop, orders: pd.DataFrame, scheme: str
) -> None:
    transactions = shop(orders)
    result = rfm(transactions, AS_OF, previous=PREVIOUS, scheme=scheme)
    then = rfm(shop(orders[orders["day"] <= pd.Timestamp(PREVIOUS)]), PREVIOUS, scheme=scheme)
    flows = table(result)
    assert flows.to_numpy().sum() == orders["customer_id"].nunique() == result.known
    assert flows.sum().to_list() == [*result.segments["customers"], result.inactive]
    assert flows.sum(axis=1).to_list() == [*then.segments["customers"], then.inactive, result.known - then.known]
    assert table(result, "revenue").sum().to_list()[:-1] == pytest.approx(result.segments["revenue"], rel=1e-12)
    # Independently, customer by customer.
    before = then.customers["segment"].reindex(sorted(set(orders["customer_id"])))
    known = orders.loc[orders["day"] <= pd.Timestamp(PREVIOUS), "customer_id"].unique()
    before = before.mask(before.isna() & before.index.isin(known), "inactive").fillna("not_yet")
    after = result.customers["segment"].reindex(before.index).fillna("inactive")
    expected = pd.crosstab(before, after).reindex(index=flows.index, columns=flows.columns, fill_value=0)
    assert flows.to_numpy().tolist() == expected.to_numpy().tolist()
    moved = result.customers.groupby([before.reindex(result.customers.index), "segment"])["revenue"]
    largest = moved.agg(lambda money: money.abs().max() / money.abs().sum())
    found = result.migration.assign(largest=result.evidence["largest_share"], one=1).set_index(
        ["segment_then", "segment_now"]
    )
    assert found.loc[largest.index, "largest"].to_list() == pytest.approx(largest.to_list(), rel=1e-12)
    assert found.loc[largest.index, "revenue"].to_list() == pytest.approx(moved.sum().to_list(), rel=1e-12)


def test_segments_then_are_those_known_then(shop: Shop) -> None:
    """A refund of October does not undo an order of June; afterwards, the customer is none any more."""
    rows = pd.DataFrame(
        [
            ("a", "2024-06-01", 5.0, "1"),
            ("b", "2024-06-01", 5.0, "2"),
            ("b", "2024-07-01", 5.0, "3"),
            ("b", "2024-10-01", -5.0, "3"),
            ("c", "2024-06-02", 5.0, "4"),
            ("c", "2024-10-02", -5.0, "4"),
        ],
        columns=["customer_id", "day", "amount", "order_id"],
    )
    result = rfm(shop(rows), AS_OF, previous=PREVIOUS, scheme=SCHEME)
    assert result.known == 2
    flows = table(result)
    assert row(flows, "once") == [1, 0, 0]
    assert row(flows, "again") == [1, 0, 0]
    assert flows.to_numpy().sum() == 2


def test_neither_the_order_of_rows_nor_order_lines_nor_the_currency_change_the_flows(
    shop: Shop, orders: pd.DataFrame
) -> None:
    def flows(rows: pd.DataFrame) -> Any:
        return rfm(shop(rows), AS_OF, previous=PREVIOUS).migration

    whole = flows(orders)
    pd.testing.assert_frame_equal(flows(orders.sample(frac=1, random_state=3)), whole, check_exact=True)
    first = (orders["amount"] * 100).round() // 2 / 100
    halves = pd.concat([orders.assign(amount=first), orders.assign(amount=(orders["amount"] - first).round(2))])
    split = flows(halves)
    assert split["customers"].to_list() == whole["customers"].to_list()
    assert split["revenue"].to_list() == pytest.approx(whole["revenue"].to_list(), rel=1e-12)
    hundred = flows(orders.assign(amount=orders["amount"] * 100))
    assert hundred["customers"].to_list() == whole["customers"].to_list()
    assert hundred["revenue"].to_list() == pytest.approx((whole["revenue"] * 100).to_list(), rel=1e-12)


def test_without_an_earlier_date_or_data_there_is_no_migration(shop: Shop) -> None:
    transactions = shop([("a", "2024-10-01", 5.0)])
    for previous in (None, PREVIOUS):
        result = rfm(transactions, AS_OF, previous=previous)
        assert result.previous is None
        assert result.migration.empty
    assert rfm(shop(pd.DataFrame({"customer_id": [], "day": [], "amount": []})), AS_OF, previous=PREVIOUS).known == 0


def test_an_earlier_window_that_the_data_do_not_fill_is_told(shop: Shop) -> None:
    rows = [("a", "2024-01-05", 5.0), ("b", "2024-02-01", 5.0)]
    told = rfm(shop(rows), AS_OF, previous=PREVIOUS).caveats[-1]
    assert told.startswith("The data begin on 5 January 2024, so that the segments of 30 September 2024 rest on less")
    whole = rfm(shop([*rows, ("a", "2023-10-01", 5.0)]), AS_OF, previous=PREVIOUS).caveats
    assert not any(text.startswith("The data begin") for text in whole)


@pytest.mark.parametrize("minimum", [2, 5, 10])
def test_protected_flows_are_either_right_or_missing(shop: Shop, orders: pd.DataFrame, minimum: int) -> None:
    result = rfm(shop(orders), AS_OF, previous=PREVIOUS)
    shown = protect(result, minimum)
    true, seen = result.migration, shown.migration
    kept = seen["customers"].notna()
    assert not true.loc[kept, "customers"].between(1, minimum - 1).any()
    for column in ("customers", "share_of_then", "customers_then", "revenue"):
        known = seen[column].notna()
        assert seen.loc[known, column].to_list() == true.loc[known, column].to_list()
    assert seen.loc[~kept, ["share_of_then", "revenue"]].isna().all(axis=None)
    assert (kept & (true["customers"] > 0)).sum() > 5
    # In no column is the money of a single flow left out: the segment's sales would tell it.
    missing = (seen["revenue"].isna() & (true["customers"] > 0)).groupby(seen["segment_now"]).sum()
    several = (true["customers"] > 0).groupby(true["segment_now"]).sum() > 1
    assert (missing[several] != 1).all()
    again = protect(shown, minimum)
    pd.testing.assert_frame_equal(again.migration, seen, check_exact=True)
    assert again.suppressed == shown.suppressed


def test_flows_of_a_shop_too_small_for_them_are_left_out(shop: Shop) -> None:
    rows = [(f"c{n}", f"2024-{month:02d}-01", 5.0) for n in range(6) for month in (2, 5 + n)]
    shown = protect(rfm(shop(rows), AS_OF, previous=PREVIOUS), 5)
    assert shown.migration.empty
    assert shown.previous is None
    assert shown.caveats == rfm(shop(rows), AS_OF).caveats
    assert protect(shown, 5).suppressed == shown.suppressed
