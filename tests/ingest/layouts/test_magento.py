"""Magento's order grid: base totals, statuses by label or code, points of purchase with line breaks."""

from __future__ import annotations

from decimal import Decimal

from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, read


def test_the_grid_adds_up():
    """10 orders.

    Sales: 101 129, 102 80, 103 60, 108 15.50, 109 200: 484.50 in base currency; paid back 30 and 60: 394.50.  Left out:
    104 canceled 45, 105 pending payment 20, 106 on hold 25, 107 suspected fraud 999, 110 pending 11.  Customers: ann
    (101, and 103 in capitals) and bob; 108 is nobody's.
    """
    _, found = read("magento.csv")
    assert found == {
        "rows": 10,
        "orders": 5,
        "customers": 2,
        "net_sales": Decimal("394.50"),
        "days": ("2024-03-31", "2024-12-01"),
        "refunds": (2, Decimal("-90.00")),
        "nobody": (1, Decimal("15.50")),
        "left_out": {
            ("status", "canceled"): (1, Decimal("45.00")),
            ("status", "pending payment"): (1, Decimal("20.00")),
            ("status", "on hold"): (1, Decimal("25.00")),
            ("status", "suspected fraud"): (1, Decimal("999.00")),
            ("status", "pending"): (1, Decimal("11.00")),
        },
    }


def test_ids_keep_their_zeros_and_orders_their_store():
    data = read_transactions(FILES / "magento.csv").data
    assert set(data["order_id"]) == {"000000101", "000000102", "000000103", "000000109"}
    stores = {channel.split()[-1] for channel in data["channel"]}
    assert stores == {"View", "Norsk"}
