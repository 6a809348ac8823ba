"""Square's items and transactions: "$45.00" strings, refund rows, buyers that are not in the directory."""

from __future__ import annotations

from decimal import Decimal

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, read

EASTERN = "America/New_York"


def test_the_items_add_up():
    """9 rows of 6 transactions.

    Sales: T1 15 + 12, T2 1250, T3 18 + 18, T6 0, T7 5.50: 1318.50; taken back -15 (of T1) and (12) as T5: 1291.50.
    T3 is nobody's, and its two rows are equal: two mugs.
    """
    transactions, found = read("square_items.csv", time_zone=EASTERN, currency="USD")
    assert found == {
        "rows": 9,
        "orders": 6,
        "customers": 3,
        "net_sales": Decimal("1291.50"),
        "days": ("2024-09-13", "2024-09-30"),
        "refunds": (2, Decimal("-27.00")),
        "nobody": (2, Decimal("36.00")),
        "left_out": {},
    }
    source = transactions.quality.source
    assert (source.duplicates, source.zero_orders, source.currency) == (1, 1, "USD")
    assert {"product", "category", "channel"} <= source.fields


def test_items_keep_product_category_and_location():
    data = read_transactions(FILES / "square_items.csv", time_zone=EASTERN, currency="USD").data
    sold = data[(data["order_id"] == "T1") & (data["amount"] > 0)]
    assert sorted(zip(sold["product"], sold["category"], sold["channel"], strict=True)) == [
        ("Fern", "Prints", "Autumn Fair"),
        ("Mug", "Ceramics", "Autumn Fair"),
    ]


def test_the_transactions_add_up():
    """6 rows, days as mm/dd/yyyy and hours with AM and PM.

    Sales: X1 27, X2 12, X3 1040: 1079.00; taken back 12 (X2, items) and 5 (X1, a sum, its net sales 0): 1062.00.  X6 is
    still pending (8).  X2 and its refund are nobody's.
    """
    _, found = read("square_transactions.csv", time_zone=EASTERN, currency="USD")
    assert (found["rows"], found["orders"], found["customers"]) == (6, 3, 2)
    assert found["net_sales"] == Decimal("1062.00")
    assert found["refunds"] == (2, Decimal("-17.00"))
    assert found["nobody"] == (2, Decimal("0.00"))
    assert found["days"] == ("2024-09-13", "2024-09-21")
    assert found["left_out"] == {("status", "pending"): (1, Decimal("8.00"))}


def test_times_in_another_zone_become_the_shops_days():
    """An export in Eastern time of a shop in Oslo: 23:59 on 30 September is 05:59 on 1 October there."""
    source = read_transactions(
        FILES / "square_items.csv", time_zone="Europe/Oslo", ingest=Ingest(time_zone=EASTERN), currency="USD"
    ).quality.source
    assert str(source.last_day) == "2024-10-01"


def test_a_gift_is_a_purchase_and_a_refunded_sum_is_none(tmp_path):
    """Net sales of 0 are a free item where nothing was paid back, and a refund of 5.00 where it was."""
    file = tmp_path / "transactions.csv"
    file.write_text(
        "Date,Gross Sales,Net Sales,Partial Refunds,Total Collected,Transaction ID,Event Type,Customer ID\n"
        "2024-09-13,$9.00,$9.00,$0.00,$9.00,X1,Payment,CUST1\n"
        "2024-09-14,$0.00,$0.00,$0.00,$0.00,X2,Payment,CUST1\n"
        "2024-09-15,$0.00,$0.00,-$5.00,-$5.00,X1,Refund,CUST1\n",
        encoding="utf-8",
    )
    transactions = read_transactions(file, currency="USD")
    assert list(transactions.data["amount"]) == [9, 0, -5]
    days = transactions.engine.connection.execute("SELECT count(*) FROM purchase_days").fetchall()
    assert days == [(2,)]


def test_an_export_from_before_partial_refunds_reads_too(tmp_path):
    file = tmp_path / "transactions.csv"
    file.write_text(
        "Date,Gross Sales,Net Sales,Total Collected,Transaction ID,Customer ID\n"
        "2016-09-13,$9.00,$9.00,$9.00,X1,CUST1\n2016-09-20,-$4.00,-$4.00,-$4.00,X1,CUST1\n",
        encoding="utf-8",
    )
    source = read_transactions(file, currency="USD").quality.source
    assert (source.net_sales, source.refunds, source.refund_amount) == (5, 1, -4)
