"""Shopify's orders: the total once an order, e-mail or phone as the customer, statuses, tests, the shop's own days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loyalty_lib.errors import DataError
from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, facts, read

NEW_YORK = "America/New_York"


def test_the_totals_are_those_added_up_by_hand():
    """18 rows of 13 orders.

    Sales: 1001 60, 1002 100, 1003 40, 1004 15, 1005 12 (blank status), 1009 0, 1010 30, 1011 20, 1013 45: 322.00 in 9
    orders; paid back 25 (1002) and 40 (1003): 257.00.  Left out: 1006 pending (1 row, 99), 1007 voided (2 rows, 80),
    1012 authorized (1 row, 70), 1008 of the bogus gateway (1 row, 1).  Customers: ann (1001, and 1003 in capitals),
    bob, the phone of 1004 (billing) and 1011 (shipping), carl, dina.  Nobody: 1005.
    """
    _, found = read("shopify.csv", time_zone=NEW_YORK)
    assert found == {
        "rows": 18,
        "orders": 9,
        "customers": 5,
        "net_sales": Decimal("257.00"),
        "days": ("2024-03-31", "2024-11-06"),
        "refunds": (2, Decimal("-65.00")),
        "nobody": (1, Decimal("12.00")),
        "left_out": {
            ("status", "pending"): (1, Decimal("99.00")),
            ("status", "voided"): (2, Decimal("80.00")),
            ("status", "authorized"): (1, Decimal("70.00")),
            ("test", "marker"): (1, Decimal("1.00")),
        },
    }


def test_consent_currency_and_zero_orders_are_told():
    """Accepts Marketing: ann yes, bob no, the phone's yes, carl no, dina yes; #1009 is free of charge."""
    transactions, _ = read("shopify.csv", time_zone=NEW_YORK)
    source = transactions.quality.source
    assert (source.consent_asked, source.consent_given) == (5, 3)
    assert source.currency == "USD"
    assert source.zero_orders == 1
    assert source.duplicates == 0
    assert {"product", "channel", "country"} <= source.fields
    assert "category" not in source.fields  # a vendor is none


def test_an_order_keeps_its_lines_and_counts_its_total_once():
    """#1013 has its fields filled down: 45 on both rows, and yet 45 in all; #1003 has three products and 40."""
    data = read_transactions(FILES / "shopify.csv", time_zone=NEW_YORK).data
    orders = data[data["amount"] >= 0].groupby("order_id")
    assert dict(orders["amount"].sum()) == {
        "#1001": 60, "#1002": 100, "#1003": 40, "#1004": 15, "#1009": 0, "#1010": 30, "#1011": 20, "#1013": 45,
    }  # fmt: skip
    assert set(orders["product"].get_group("#1003")) == {"Mug", "Bowl", "Spoon"}
    assert set(orders["product"].get_group("#1013")) == {"Mug", "Bowl"}


def test_a_moment_with_an_offset_becomes_the_shops_own_day():
    """23:30 -0400 on 31 March is that day in New York, and 05:30 on 1 April in Oslo."""
    there = read_transactions(FILES / "shopify.csv", time_zone=NEW_YORK).quality.source
    here = read_transactions(FILES / "shopify.csv", time_zone="Europe/Oslo").quality.source
    assert (there.first_day, there.last_day) == (dt.date(2024, 3, 31), dt.date(2024, 11, 6))
    assert (here.first_day, here.last_day) == (dt.date(2024, 4, 1), dt.date(2024, 11, 7))


def test_two_totals_within_one_order_are_refused(tmp_path):
    text = (FILES / "shopify.csv").read_text(encoding="utf-8")
    file = tmp_path / "orders.csv"
    file.write_text(text.replace("45.00,0.00,0.00,45.00", "45.00,0.00,0.00,45.50", 1), encoding="utf-8")
    with pytest.raises(DataError, match="#1013"):
        read_transactions(file, time_zone=NEW_YORK)


def test_the_order_of_the_orders_does_not_matter(tmp_path):
    """Orders from last to first, each with its rows as they were."""
    header, *lines = (FILES / "shopify.csv").read_text(encoding="utf-8").split("\n#")
    blocks: list[list[str]] = []
    for line in lines:
        if blocks and blocks[-1][0][:4] == line[:4]:
            blocks[-1].append(line.rstrip("\n"))
        else:
            blocks.append([line.rstrip("\n")])
    turned = "\n#".join([header, *(line for block in reversed(blocks) for line in block)]) + "\n"
    file = tmp_path / "orders.csv"
    file.write_text(turned, encoding="utf-8")
    assert (
        facts(read_transactions(file, time_zone=NEW_YORK).quality.source) == read("shopify.csv", time_zone=NEW_YORK)[1]
    )


def test_the_samples_beside_the_project_add_up(shared):
    """The small one: 8 orders, 995.00 less 10.00 paid back, 970.00 of four customers and 25.00 less nothing of nobody.

    The large one, by a plain sum: 127 totals of 15,063.00, 423.75 paid back, 57 addresses, 5 orders without one.
    """
    _, small = read(shared / "data" / "shopify" / "shopify_orders.csv", time_zone=NEW_YORK)
    assert small == {
        "rows": 9,
        "orders": 8,
        "customers": 4,
        "net_sales": Decimal("985.00"),
        "days": ("2025-01-05", "2025-04-02"),
        "refunds": (1, Decimal("-10.00")),
        "nobody": (1, Decimal("25.00")),
        "left_out": {},
    }
    _, large = read(shared / "data" / "shopify" / "shopify_orders_sample.csv", time_zone=NEW_YORK)
    assert large["rows"] == 249
    assert large["orders"] == 127
    assert large["customers"] == 57
    assert large["net_sales"] == Decimal("14639.25")
    assert large["refunds"][1] == Decimal("-423.75")
    assert large["days"] == ("2025-01-01", "2025-07-27")
