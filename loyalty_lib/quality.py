"""What a shop's export was found to hold, and what was left out and merged on the way to transactions.

Plain facts, filled in by ``ingest`` and ``validate``; the check page, the data quality notebook and the report's method
page print them.  Amounts are in the client's currency, days in its time zone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from loyalty_lib.i18n import Message

Reason = Literal[
    "status",  # no completed sale: failed, pending, voided, cancelled before payment
    "test",  # orders the shop placed to try itself out
    "staff",  # orders of the shop's own people
    "marketplace",  # orders under a relay address, behind which nobody can be recognised
    "summary row",  # totals that stand below or between the rows
    "drop-list",  # customers who asked to be left out
    "objection",  # customers whose row says that they object to being analysed
    "overlap",  # rows that an overlapping file holds again
    "duplicate",  # rows repeated within a file, where the settings say to remove them
]


@dataclass(frozen=True, kw_only=True)
class FileRead:
    """How one file was read.

    Attributes
    ----------
    name
        Without folders.
    layout
        The layout's name: "shopify", "generic".
    rows
        Rows below the header.
    encoding, delimiter
        Of text; ``None`` of other files.
    header_line
        The line, or the sheet's row, that holds the columns' names; ``None`` where there is none.
    sheet
        Of a workbook.
    decimal
        The decimal mark of amounts that were text; ``None`` where no amount told.
    date_format
        "ISO 8601", a ``strptime`` format, or "excel", "epoch", "epoch_ms".
    columns
        The file's column behind each of ours: ``{"customer_id": "Customer ID"}``.
    """

    name: str
    layout: str
    rows: int
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = None
    sheet: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    columns: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Rows left out for one reason; ``detail`` is what they said, such as a status."""

    reason: Reason
    rows: int
    amount: float
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class GiantOrder:
    """An order far beyond the others, and whether it was taken back in full."""

    order_id: str
    day: dt.date
    amount: float
    cancelled: bool


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days in a row without a single order, both ends included."""

    first_day: dt.date
    last_day: dt.date

    @property
    def days(self) -> int:
        """The length."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the files hold once rows that are no sales are out, rows without a customer included.

    Attributes
    ----------
    rows
        All rows below the headers, those left out too.
    customers
        Distinct customers; guests recognised by e-mail or phone among them.
    orders
        Distinct orders, those that only take back among them; rows without an order id count one each.
    net_sales
        The sum of all amounts.
    first_day, last_day
        ``None`` where nothing is left.
    currency
        ISO 4217, where rows or amounts name one, and one only.
    refunds, refund_amount
        Rows that take back, and their sum (negative).  Where a layout marks them, the marked ones; else all with a
        negative amount.
    lines_without_customer, amount_without_customer
        Rows of nobody known, and their sum.
    duplicates
        Rows that repeat another row of their file in every column; kept unless the settings say otherwise.
    zero_orders
        Orders whose amounts are all zero.
    guests_merged
        Orders placed as a guest that were given to the customer with the same e-mail or phone.
    shared_emails
        E-mail addresses under which more than one customer id stands.
    overlapping_orders, revised_orders
        Orders that more than one file holds; those among them that the files tell differently, taken from the newest.
    refunds_matched
        Refund rows with another order id than the order they take back, matched by customer, product and amount.
    consent_asked, consent_given
        Customers of whom a consent is on record, and those who gave it; ``None`` without such a column.
    fields
        The optional columns that hold anything: "product", "category", "channel", "country", "email", "consent" ...
    """

    rows: int
    customers: int
    orders: int
    net_sales: float
    first_day: dt.date | None
    last_day: dt.date | None
    currency: str | None
    refunds: int
    refund_amount: float
    lines_without_customer: int
    amount_without_customer: float
    duplicates: int
    zero_orders: int
    guests_merged: int
    shared_emails: int
    overlapping_orders: int
    revised_orders: int
    refunds_matched: int
    consent_asked: int | None
    consent_given: int | None
    fields: frozenset[str]
    left_out: tuple[LeftOut, ...] = ()
    giant_orders: tuple[GiantOrder, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Message, ...] = ()
