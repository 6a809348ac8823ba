"""WooCommerce's orders: the plugins' exports, refunds on their day, guests; and the report of Analytics."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loyalty_lib.errors import DataError
from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, facts, read, source_of


def refunds(name, **settings):
    """Return what was paid back, as {order: (day, amount)}."""
    data = read_transactions(FILES / name, **settings).data
    back = data[data["amount"] < 0]
    return {row.order_id: (str(row.order_date.date()), row.amount) for row in back.itertuples()}


def test_the_advanced_export_adds_up():
    """12 rows of 9 orders, semicolons and decimal commas.

    Sales: 501 349 (two items, the total on both), 502 100, 503 1299.50, 506 300, 508 80, 509 75 (three items, the total
    on the first): 2203.50; paid back 50 (502) and 300 (506): 1853.50.  Left out: 504 on hold 400, 505 cancelled 250,
    507 failed 60.  Customers: 7, 8 and Berit; 503 is customer 7 as a guest; 508 is nobody's.
    """
    transactions, found = read("woocommerce_advanced.csv")
    assert found == {
        "rows": 12,
        "orders": 6,
        "customers": 3,
        "net_sales": Decimal("1853.50"),
        "days": ("2024-01-05", "2024-03-20"),
        "refunds": (2, Decimal("-350.00")),
        "nobody": (1, Decimal("80.00")),
        "left_out": {
            ("status", "on hold"): (1, Decimal("400.00")),
            ("status", "cancelled"): (1, Decimal("250.00")),
            ("status", "failed"): (1, Decimal("60.00")),
        },
    }
    assert transactions.quality.source.guests_merged == 1
    assert transactions.quality.source.currency == "NOK"
    assert {"product", "category", "country"} <= transactions.quality.source.fields


def test_the_advanced_export_dates_refunds_on_their_day():
    assert refunds("woocommerce_advanced.csv") == {"502": ("2024-02-10", -50), "506": ("2024-03-01", -300)}


def test_guests_stay_guests_when_a_spreadsheet_made_numbers_of_their_ids(tmp_path):
    """0 became 0.0 and 7 became 7.0: still the customers of the file as it was."""
    header, *lines = (FILES / "woocommerce_advanced.csv").read_text(encoding="utf-8").splitlines()
    cells = [line.split(";") for line in lines]
    for cell in cells:
        cell[3] = f"{cell[3]}.0" if cell[3] else ""
    file = tmp_path / "orders.csv"
    file.write_text("\n".join([header, *(";".join(cell) for cell in cells)]), encoding="utf-8")
    assert facts(read_transactions(file).quality.source) == read("woocommerce_advanced.csv")[1]
    assert set(read_transactions(file).data["customer_id"]) >= {"7", "8"}


def test_the_column_style_export_adds_up():
    """8 rows, one an order.

    Sales: 901 55, 902 80, 903 40, 905 30, 907 25, 908 60: 290.00; paid back 20, 5 + 7.50 and 30: 227.50.  Left out: 904
    pending 10, 906 a draft of 0.  Customers: 11 (901, and 908 as a guest), finn (902), 12 (903, 905), a phone (907).
    """
    transactions, found = read("woocommerce_orders.csv")
    assert found == {
        "rows": 8,
        "orders": 6,
        "customers": 4,
        "net_sales": Decimal("227.50"),
        "days": ("2024-05-01", "2024-06-20"),
        "refunds": (3, Decimal("-62.50")),
        "nobody": (0, Decimal("0.00")),
        "left_out": {
            ("status", "pending"): (1, Decimal("10.00")),
            ("status", "checkout-draft"): (1, Decimal("0.00")),
        },
    }
    assert transactions.quality.source.guests_merged == 1


def test_refunds_inside_a_field_are_summed_and_dated_by_the_first():
    assert refunds("woocommerce_orders.csv") == {
        "902": ("2024-05-20", -20),
        "903": ("2024-06-01", -12.5),
        "905": ("2024-06-15", -30),
    }


def test_a_refund_that_is_no_plain_number_is_not_passed_over(tmp_path):
    text = (FILES / "woocommerce_orders.csv").read_text(encoding="utf-8").replace("amount:7.50", "amount:all")
    file = tmp_path / "orders.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="amount:all"):
        read_transactions(file)


def test_the_report_of_analytics_adds_up_but_knows_nobody():
    """6 rows: 701 100 - 20, 702 50, 703 30 - 30: 130.00 in 3 orders; 704 pending 15."""
    found = facts(source_of("woocommerce_analytics.csv"))
    assert found == {
        "rows": 6,
        "orders": 3,
        "customers": 0,
        "net_sales": Decimal("130.00"),
        "days": ("2024-04-01", "2024-04-13"),
        "refunds": (2, Decimal("-50.00")),
        "nobody": (5, Decimal("130.00")),
        "left_out": {("status", "pending"): (1, Decimal("15.00"))},
    }
