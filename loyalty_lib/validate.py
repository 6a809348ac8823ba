"""Transactions: what a shop's export becomes before anything is computed from it.

Goes in: a file, a glob of files, or a DataFrame.  Comes out: ``Transactions``, whose engine holds the tables of
``engine.py`` (typed, net of refunds, without the drop-list's customers), and ``DataQuality``, which says what was read
and what was left out.  Data that cannot be read as it stands raises ``DataError`` with every problem; nothing is
guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError

from loyalty_lib.config.ingest import Columns, Ingest, LayoutName
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError, Problem, UsageError
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest import Origin, Reading, files, read_rows
from loyalty_lib.quality import FileRead, Source

if TYPE_CHECKING:
    import pandas as pd

Refunds = Literal["net", "order_day", "drop"]
END_OF_TIME: Final = dt.date(2200, 12, 31)  # the last day a date may be, as in read_rows.sql


@dataclass(frozen=True, eq=False, kw_only=True)
class DataQuality:
    """What was read, used, left out and merged.  Amounts in the client's currency.

    Attributes
    ----------
    rows_read
        Rows of the source dated up to the last day asked for; the drop-list's rows are not among them.
    rows_used
        Rows of the source that became transactions.
    customers, orders, purchase_days
        Customers with a purchase; their orders; customer-days with a purchase.
    first_day, last_day
        Of the rows used.
    rows_without_customer, amount_without_customer
        Left out of every figure, since every figure is about customers.
    refund_rows, refund_amount
        Rows with a negative amount and their sum; read, whatever the refund policy makes of them.
    refund_rows_without_purchase
        Those of customers without a purchase day: in net sales, in nothing else.
    cancelled_orders
        Orders that their own refunds cancel in full: no purchases.
    zero_rows
        Orders of zero value; they count as purchases.
    same_day_merged
        Orders beyond a customer's first on the same day: one purchase day.
    dropped_rows
        Rows of customers on the drop-list.
    notes
        What a reader should know, in sentences.
    sources
        Names of the files, without folders.
    source
        What the files hold before anything is about customers.
    files
        How each file was read.
    """

    rows_read: int
    rows_used: int
    customers: int
    orders: int
    purchase_days: int
    first_day: dt.date
    last_day: dt.date
    rows_without_customer: int
    amount_without_customer: float
    refund_rows: int
    refund_amount: float
    refund_rows_without_purchase: int
    cancelled_orders: int
    zero_rows: int
    same_day_merged: int
    dropped_rows: int
    notes: tuple[Message, ...] = ()
    sources: tuple[str, ...] = ()
    source: Source
    files: tuple[FileRead, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Transactions:
    """A shop's transactions, in the engine.

    Attributes
    ----------
    engine
        Holds ``transactions``, ``purchase_days`` and ``net_sales``, as ``engine.py`` describes them.
    quality
        What was read and left out.
    """

    engine: Engine
    quality: DataQuality

    @cached_property
    def data(self) -> pd.DataFrame:
        """The canonical rows (``columns.CANONICAL``), sorted; ``order_date`` as datetime64, ``amount`` as float64."""
        return self.engine.frame("transactions_frame")


class NoPurchaseError(DataError):
    """Rows that can be read, and in which nobody known has bought anything.

    Attributes
    ----------
    source, files
        What they hold, and how they were read.
    """

    def __init__(self, problem: Problem, source: Source, read: tuple[FileRead, ...]) -> None:
        self.source = source
        self.files = read
        super().__init__([problem])


def read_transactions(
    source: str | Path | pd.DataFrame,
    *,
    layout: LayoutName = "auto",
    columns: Columns | Mapping[str, str] | None = None,
    ingest: Ingest | None = None,
    refunds: Refunds = "net",
    time_zone: str = "Europe/Oslo",
    currency: str | None = None,
    drop_list: Collection[str] | None = None,
    until: dt.date | None = None,
) -> Transactions:
    """Read transactions from a file, a glob of files, or a DataFrame.

    Parameters
    ----------
    source
        Delimited text (``.csv``, ``.tsv``, ``.txt``, each also ``.gz``), Parquet, or a DataFrame.
    layout
        The source's layout; "auto" recognises it.
    columns
        Which column is which: ``{"customer_id": "Customer", "amount": "Total"}``; those left out have their own names.
    ingest
        How text is written down: encoding, delimiter, decimal mark, date format, time zone, columns.
    refunds
        What becomes of rows with a negative amount.  "net": money counts on the refund's own day; "order_day": on the
        day of the order it refunds; "drop": not at all.
    time_zone
        The shop's; a moment becomes a day there.
    currency
        ISO 4217, for messages.
    drop_list
        Customers to remove before anything else.
    until
        The last day to read; later rows are as if they had never been written.

    Returns
    -------
    Transactions
        Of all rows with a customer.

    Raises
    ------
    DataError
        If anything cannot be read as it stands; all problems at once.
    UsageError
        If ``columns`` names a column that does not exist here.
    """
    ingest = (ingest or Ingest()).model_copy(update={"layout": layout} if layout != "auto" else {})
    if columns is not None:
        ingest = ingest.model_copy(update={"columns": _columns(columns)})
    origins = files(source) if isinstance(source, (str, Path)) else [Origin(name="DataFrame", frame=source)]
    reading = Reading(origins=origins, ingest=ingest, time_zone=time_zone, currency=currency)
    return load(reading, refunds=refunds, drop_list=drop_list or (), until=until or END_OF_TIME)


def load(reading: Reading, *, refunds: Refunds, drop_list: Collection[str], until: dt.date) -> Transactions:
    """Read what ``reading`` names into an engine of its own.

    Parameters
    ----------
    reading
        Where rows come from and how they are written down.
    refunds, drop_list, until
        As in ``read_transactions``.

    Raises
    ------
    DataError
        If anything cannot be read as it stands, or there is no purchase.
    """
    engine = Engine()
    try:
        source, read = read_rows(engine, reading, drop_list=drop_list, until=until)
        engine.create("transactions", "canonical", with_refunds=refunds != "drop")
        engine.create("purchase_days", "purchase_days", as_of=until)
        engine.create("net_sales", "net_sales", refunds_on_order_day=refunds == "order_day")
        _require_purchase(engine, reading, source, read, until)
        quality = _quality(engine, source, read, refunds)
        engine.connection.execute("DROP TABLE usable_rows")
    except BaseException:
        engine.close()
        raise
    return Transactions(engine=engine, quality=quality)


def _columns(columns: Columns | Mapping[str, str]) -> Columns:
    try:
        return Columns.model_validate(columns)
    except ValidationError:
        unknown = sorted(set(dict(columns)) - set(Columns.model_fields))
        message = f"columns names {', '.join(unknown)}; expected some of: {', '.join(Columns.model_fields)}."
        raise UsageError(message) from None


def _require_purchase(
    engine: Engine, reading: Reading, source: Source, read: tuple[FileRead, ...], until: dt.date
) -> None:
    if engine.connection.execute("SELECT 1 FROM purchase_days LIMIT 1").fetchall():
        return
    name = ", ".join(origin.name for origin in reading.origins)
    if source.orders and source.lines_without_customer and not source.customers:
        expected = f"rows with a customer, found {source.lines_without_customer} of nobody known"
        remedy = f"Set ingest.columns.customer_id or ingest.columns.email{reading.there}, or export customers too."
    elif source.left_out and not source.orders:
        why = ", ".join(f"{out.rows} by {out.reason} {out.detail}".rstrip() for out in source.left_out)
        expected, remedy = f"a sale; every row was left out ({why})", "Export completed orders."
    elif until < END_OF_TIME:
        expected, remedy = f"a customer's purchase on or before {until}", "Choose a later period."
    else:
        expected, remedy = "a row of a customer with an amount of 0 or more", "Check the columns, or export again."
    raise NoPurchaseError(Problem(file=name, expected=expected, remedy=remedy), source, read)


def _quality(engine: Engine, source: Source, read: tuple[FileRead, ...], refunds: Refunds) -> DataQuality:
    counts: dict[str, Any] = engine.arrow("quality").to_pylist()[0]
    dropped = sum(out.rows for out in source.left_out if out.reason == "drop-list")
    left_out = sum(out.rows for out in source.left_out)
    counts |= {
        # What was paid back of a row's amount is a transaction of its own, and no row of the source.
        "rows_used": min(counts["rows_used"], source.rows - left_out - source.lines_without_customer),
        "rows_read": source.rows - dropped,
        "rows_without_customer": source.lines_without_customer,
        "amount_without_customer": source.amount_without_customer,
        "dropped_rows": dropped,
    }
    return DataQuality(
        **counts,
        notes=(*source.notes, *_notes(counts, refunds)),
        sources=tuple(dict.fromkeys(file.name for file in read)),
        source=source,
        files=read,
    )


REFUND_NOTES: Final[Mapping[str, str]] = {
    "net": mark("Refunds count on the day they were paid: {rows:number} rows, {amount:money} in all."),
    "order_day": mark("Refunds count on the day of their order: {rows:number} rows, {amount:money} in all."),
    "drop": mark("Refunds are left out of every figure: {rows:number} rows, {amount:money} in all."),
}


def _notes(counts: Mapping[str, Any], refunds: Refunds) -> tuple[Message, ...]:
    notes = []
    if counts["rows_without_customer"]:
        notes.append(
            Message(
                mark("Rows without a customer are in no figure: {rows:number} rows, {amount:money} in all."),
                rows=counts["rows_without_customer"],
                amount=counts["amount_without_customer"],
            )
        )
    if counts["refund_rows"]:
        notes.append(Message(REFUND_NOTES[refunds], rows=counts["refund_rows"], amount=abs(counts["refund_amount"])))
    if counts["cancelled_orders"] and refunds != "drop":
        notes.append(
            Message(
                mark("Orders that were refunded in full are no purchases: {count:number}."),
                count=counts["cancelled_orders"],
            )
        )
    return tuple(notes)
