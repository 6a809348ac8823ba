"""Stripe's payments: decimals in the Dashboard, cents in the API; failed, test and uncaptured ones; UTC."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loyalty_lib.errors import DataError
from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import facts, read, source_of


def test_the_dashboards_export_adds_up():
    """10 payments.

    Sales: 01 100, 02 250, 04 40, 07 60, 08 20, 09 1299, 10 10: 1779.00; paid back 50 (02) and 40 (04): 1689.00.  Left
    out: 03 failed 99, 06 paid but not captured 75, 05 in test mode 1.  Customers: cus_A (07 is hers as a guest) and
    cus_B; 08 is nobody's.  23:30 UTC on 31 January and 22:30 UTC on 30 June are the next day in Oslo.
    """
    transactions, found = read("stripe_payments.csv")
    assert found == {
        "rows": 10,
        "orders": 7,
        "customers": 2,
        "net_sales": Decimal("1689.00"),
        "days": ("2024-02-01", "2024-07-01"),
        "refunds": (2, Decimal("-90.00")),
        "nobody": (1, Decimal("20.00")),
        "left_out": {
            ("status", "failed"): (1, Decimal("99.00")),
            ("status", "uncaptured"): (1, Decimal("75.00")),
            ("test", "marker"): (1, Decimal("1.00")),
        },
    }
    assert transactions.quality.source.currency == "NOK"
    assert transactions.quality.source.guests_merged == 1


def test_the_newer_heading_and_fewer_columns_are_known(tmp_path):
    """Without Mode and Captured: 19.00 - 4.00, and 30.00 that succeeded; 5.00 failed."""
    file = tmp_path / "unified_payments.csv"
    file.write_text(
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer Email\n"
        "py_1,2026-06-30 22:15:00,19.00,4.00,eur,Paid,ann@example.com\n"
        "py_2,2026-06-05 20:38:34,30.00,0.00,eur,succeeded,bob@example.com\n"
        "py_3,2026-06-06 20:38:34,5.00,0.00,eur,Failed,bob@example.com\n",
        encoding="utf-8",
    )
    found = facts(read_transactions(file).quality.source)
    assert (found["orders"], found["customers"], found["net_sales"]) == (2, 2, Decimal("45.00"))
    assert found["days"] == ("2026-06-05", "2026-07-01")
    assert found["left_out"] == {("status", "failed"): (1, Decimal("5.00"))}


def test_the_apis_charges_are_cents():
    """8 charges.

    Sales: a 123.45, e 2000, g 15, h 0.50: 2138.95; paid back 3.45: 2135.50.  Left out: b failed 50, f pending 9.99, d
    not captured 70, c not live 1.  Customers: cus_1, cus_2 and gina by e-mail; h is nobody's.  04:30 UTC on 1 January
    is 31 December in New York.
    """
    _, found = read("stripe_charges.csv", time_zone="America/New_York")
    assert found == {
        "rows": 8,
        "orders": 4,
        "customers": 3,
        "net_sales": Decimal("2135.50"),
        "days": ("2023-12-31", "2024-01-17"),
        "refunds": (1, Decimal("-3.45")),
        "nobody": (1, Decimal("0.50")),
        "left_out": {
            ("status", "failed"): (1, Decimal("50.00")),
            ("status", "pending"): (1, Decimal("9.99")),
            ("status", "uncaptured"): (1, Decimal("70.00")),
            ("test", "marker"): (1, Decimal("1.00")),
        },
    }


def test_the_apis_intents_count_what_was_received():
    """5 intents: a 123.45 and e 8.00 (gina); b awaits capture and c was canceled, both received 0; d is a test."""
    _, found = read("stripe_intents.csv")
    assert (found["orders"], found["customers"], found["net_sales"]) == (2, 2, Decimal("131.45"))
    assert found["left_out"] == {
        ("status", "requires_capture"): (1, Decimal("0.00")),
        ("status", "canceled"): (1, Decimal("0.00")),
        ("test", "marker"): (1, Decimal("99.00")),
    }


@pytest.mark.parametrize(("currency", "unit"), [("jpy", 1), ("krw", 1), ("eur", 100), ("nok", 100), ("kwd", 1000)])
def test_the_smallest_unit_is_the_currencys(tmp_path, currency, unit):
    file = tmp_path / "charges.csv"
    file.write_text(
        "id,amount,amount_refunded,captured,created,currency,customer_id,livemode,status\n"
        f"ch_1,129900,9900,true,2024-01-15 12:00:00,{currency},cus_1,true,succeeded\n",
        encoding="utf-8",
    )
    source = read_transactions(file).quality.source
    assert source.net_sales == pytest.approx(120000 / unit, abs=1e-9)
    assert source.currency == currency.upper()


def test_the_apis_own_seconds_are_days_too(tmp_path):
    """1704083400 is 04:30 UTC on 1 January 2024, still the year before in New York."""
    file = tmp_path / "charges.csv"
    file.write_text(
        "id,amount,amount_refunded,captured,created,currency,customer,livemode,status\n"
        "ch_1,1000,0,true,1704083400,usd,cus_1,true,succeeded\n"
        "ch_2,1000,0,true,1704369600,usd,cus_1,true,succeeded\n",
        encoding="utf-8",
    )
    source = read_transactions(file, time_zone="America/New_York").quality.source
    assert (str(source.first_day), str(source.last_day)) == ("2023-12-31", "2024-01-04")
    assert source.customers == 1


def test_two_currencies_are_not_summed(tmp_path):
    file = tmp_path / "charges.csv"
    file.write_text(
        "id,amount,amount_refunded,captured,created,currency,customer_id,livemode,status\n"
        "ch_1,1000,0,true,2024-01-15 12:00:00,usd,cus_1,true,succeeded\n"
        "ch_2,1000,0,true,2024-01-16 12:00:00,eur,cus_1,true,succeeded\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="rates"):
        read_transactions(file)


def test_the_tables_beside_the_project_add_up(shared):
    """Eleven intents of 3,960,875 cents, 3,764,300 of them of nobody (hashed addresses); 16 failed charges."""
    _, intents = read(shared / "data" / "stripe" / "payment_intent_data.csv", time_zone="America/New_York")
    assert (intents["rows"], intents["orders"], intents["customers"]) == (11, 11, 2)
    assert intents["net_sales"] == Decimal("39608.75")
    assert intents["nobody"] == (4, Decimal("37643.00"))
    charges = facts(source_of(shared / "data" / "stripe" / "charge_data.csv"))
    assert (charges["rows"], charges["orders"], charges["net_sales"]) == (16, 0, Decimal("0.00"))
    assert [(reason, rows) for (reason, _), (rows, _) in charges["left_out"].items()] == [("status", 16)]


@pytest.mark.parametrize(
    "table",
    [
        "balance_transaction_data",
        "customer_data",
        "invoice_data",
        "invoice_line_item_data",
        "plan_data",
        "refund_data",
        "subscription_data",
        "subscription_history_data",
    ],
)
def test_tables_that_are_no_payments_are_refused(shared, table):
    with pytest.raises(DataError):
        read_transactions(shared / "data" / "stripe" / f"{table}.csv")
