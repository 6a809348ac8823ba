"""Verdicts made by hand, whose truth is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from loyalty_lib.check import Facts, Known, Verdict, pages_of
from loyalty_lib.errors import Problem
from loyalty_lib.i18n import Message
from loyalty_lib.quality import FileRead, Gap, GiantOrder, LeftOut, Source
from loyalty_lib.validate import DataQuality

FIRST, LAST = dt.date(2010, 12, 1), dt.date(2011, 12, 9)


def source(**changes: Any) -> Source:
    """Return what Online Retail holds, a gap and two giant orders among it."""
    facts: dict[str, Any] = {
        "rows": 541_909,
        "customers": 4_372,
        "orders": 25_900,
        "net_sales": 9_747_747.934,
        "first_day": FIRST,
        "last_day": LAST,
        "currency": None,
        "refunds": 9_288,
        "refund_amount": -896_812.49,
        "lines_without_customer": 135_080,
        "amount_without_customer": 1_447_682.12,
        "duplicates": 5_268,
        "zero_orders": 7,
        "guests_merged": 0,
        "shared_emails": 0,
        "overlapping_orders": 0,
        "revised_orders": 0,
        "refunds_matched": 8_012,
        "consent_asked": None,
        "consent_given": None,
        "fields": frozenset({"product", "country"}),
        "left_out": (
            LeftOut(reason="status", rows=12, amount=310.5, detail="pending"),
            LeftOut(reason="test", rows=3, amount=1.0),
        ),
        "giant_orders": (
            GiantOrder(order_id="581483", day=LAST, amount=168_469.6, cancelled=True),
            GiantOrder(order_id="556444", day=dt.date(2011, 6, 10), amount=38_970.0, cancelled=False),
        ),
        "gaps": (Gap(first_day=dt.date(2010, 12, 24), last_day=dt.date(2011, 1, 3)),),
        "notes": (Message("Refunds were matched with the order they take back: {count:number}.", count=8_012),),
    }
    return Source(**{**facts, **changes})


def read(**changes: Any) -> FileRead:
    """Return how Online Retail's file was read."""
    facts: dict[str, Any] = {
        "name": "online_retail.csv.gz",
        "layout": "uci",
        "rows": 541_909,
        "encoding": "utf-8",
        "delimiter": ",",
        "header_line": 1,
        "decimal": ".",
        "date_format": "ISO 8601",
        "columns": {"customer_id": "CustomerID", "order_date": "InvoiceDate", "product": "StockCode"},
    }
    return FileRead(**{**facts, **changes})


def used(found: Source, files: tuple[FileRead, ...]) -> DataQuality:
    """Return what became usable of Online Retail."""
    return DataQuality(
        rows_read=found.rows,
        rows_used=406_829,
        customers=4_339,
        orders=18_532,
        purchase_days=16_766,
        first_day=FIRST,
        last_day=LAST,
        rows_without_customer=found.lines_without_customer,
        amount_without_customer=found.amount_without_customer,
        refund_rows=8_905,
        refund_amount=-611_342.09,
        refund_rows_without_purchase=40,
        cancelled_orders=3,
        zero_rows=2,
        same_day_merged=1_766,
        dropped_rows=0,
        notes=found.notes,
        sources=tuple(file.name for file in files),
        source=found,
        files=files,
    )


def facts(**changes: Any) -> Facts:
    """Return what the pages of Online Retail depend on."""
    made: dict[str, Any] = {
        "customers": 4_339,
        "orders": 18_532,
        "repeat_buyers": 2_845,
        "first_day": FIRST,
        "last_day": LAST,
        "net_sales": 8_300_065.81,
        "products": 3_665,
        "countries": 37,
        "mixed_baskets": 16_800,
    }
    return Facts(**{**made, **changes})


def usable(**changes: Any) -> Verdict:
    """Return the verdict on Online Retail, as ``check`` would have it."""
    found, files = source(), (read(),)
    made: dict[str, Any] = {
        "name": "/home/consultant/clients/secret/online_retail.csv.gz",
        "usable": True,
        "rows": found.rows,
        "source": found,
        "used": used(found, files),
        "files": files,
        "pages": pages_of(facts(), Known()),
        "currency": "GBP",
        "time_zone": "Europe/London",
        "personal": frozenset({"CustomerID"}),
        "notes": found.notes,
    }
    return Verdict(**{**made, **changes})


def problem(**changes: Any) -> Problem:
    """Return a date that does not exist, on three lines of a file."""
    made: dict[str, Any] = {
        "file": "/home/consultant/clients/secret/orders.csv",
        "lines": (14, 15, 88),
        "count": 5,
        "column": "order_date",
        "value": "31/04/2026",
        "expected": "a date as YYYY-MM-DD",
        "remedy": "Set ingest.date_format.",
    }
    return Problem(**{**made, **changes})
