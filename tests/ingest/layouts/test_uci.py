"""UCI's Online Retail, both editions: lines times prices, "C" invoices, ids with ".0", days in London."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, read

LONDON = "Europe/London"


def test_the_first_edition_adds_up():
    """10 rows of 8 invoices.

    536365 15.30 + 20.34, 536366 15.00, C536379 -27.50, 536380 0, 536381 -10 x 0, 536400 8.50 twice, A563185 -11062.06,
    536500 1.95: -11019.97.  Of nobody: 536366, 536381 and A563185, -11047.06.
    """
    transactions, found = read("uci.csv", time_zone=LONDON)
    assert found == {
        "rows": 10,
        "orders": 8,
        "customers": 3,
        "net_sales": Decimal("-11019.97"),
        "days": ("2010-12-01", "2010-12-31"),
        "refunds": (1, Decimal("-27.50")),
        "nobody": (3, Decimal("-11047.06")),
        "left_out": {},
    }
    assert transactions.quality.source.duplicates == 1
    assert transactions.quality.source.currency is None
    assert set(transactions.data["customer_id"]) == {"12347", "14527", "17850"}


def test_moments_are_those_of_london():
    """23:59 on New Year's Eve in London is the next year in Oslo."""
    source = read_transactions(FILES / "uci.csv", time_zone="Europe/Oslo").quality.source
    assert source.last_day == dt.date(2011, 1, 1)


def test_the_second_edition_adds_up():
    """489434 83.40 + 81.00, C489449 -35.40, 489597 8.65 of nobody: 137.65."""
    transactions, found = read("uci_2.csv", time_zone=LONDON)
    assert found == {
        "rows": 4,
        "orders": 3,
        "customers": 2,
        "net_sales": Decimal("137.65"),
        "days": ("2009-12-01", "2009-12-01"),
        "refunds": (1, Decimal("-35.40")),
        "nobody": (1, Decimal("8.65")),
        "left_out": {},
    }
    assert set(transactions.data["customer_id"]) == {"13085", "16321"}


def test_the_whole_of_online_retail_has_its_known_figures(shared):
    source = read_transactions(
        shared / "data" / "online-retail-2010-2011" / "online_retail.csv.gz", time_zone=LONDON, currency="GBP"
    ).quality.source
    assert source.rows == 541_909
    assert source.orders == 25_900
    assert source.customers == 4_372
    assert source.net_sales == pytest.approx(9_747_747.934, abs=0.0005)
    assert source.lines_without_customer == 135_080
    assert source.refunds == 9_288
    assert source.duplicates == 5_268
    assert (source.first_day, source.last_day) == (dt.date(2010, 12, 1), dt.date(2011, 12, 9))
