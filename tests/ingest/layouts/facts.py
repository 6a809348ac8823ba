"""What a reading found, as plain values to compare with a truth computed by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from loyalty_lib.engine import Engine
from loyalty_lib.ingest import Reading, files, read_rows
from loyalty_lib.quality import Source
from loyalty_lib.validate import END_OF_TIME, Transactions, read_transactions

FILES = Path(__file__).parent / "files"


def facts(source: Source) -> dict[str, Any]:
    """Return a source's main figures; rows left out as {(reason, detail): (rows, amount)}."""
    return {
        "rows": source.rows,
        "orders": source.orders,
        "customers": source.customers,
        "net_sales": cents(source.net_sales),
        "days": (str(source.first_day), str(source.last_day)),
        "refunds": (source.refunds, cents(source.refund_amount)),
        "nobody": (source.lines_without_customer, cents(source.amount_without_customer)),
        "left_out": {(part.reason, part.detail): (part.rows, cents(part.amount)) for part in source.left_out},
    }


def read(name: str | Path, **settings: Any) -> tuple[Transactions, dict[str, Any]]:
    """Read a file of this folder, or of any; return the transactions and the figures."""
    transactions = read_transactions(FILES / name, **settings)
    return transactions, facts(transactions.quality.source)


def source_of(name: str | Path) -> Source:
    """Read a file in which nobody need be known, of which there are no transactions."""
    engine = Engine()
    try:
        source, _ = read_rows(engine, Reading(origins=files(FILES / name)), drop_list=(), until=END_OF_TIME)
    finally:
        engine.close()
    return source


def cents(amount: float) -> Decimal:
    """Return an amount to the cent, exactly."""
    return Decimal(repr(round(amount, 2))).quantize(Decimal("0.01"))
