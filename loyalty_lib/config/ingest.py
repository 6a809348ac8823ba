"""Settings of how a client's files are written down: ``ingest`` in ``client.yml``."""

from __future__ import annotations

import codecs
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from loyalty_lib.config.base import Settings, known_time_zone

LayoutName = Literal["auto", "generic", "magento", "shopify", "square", "stripe", "uci", "vipps", "woocommerce"]
DATE_WORDS: Final = ("iso", "excel", "epoch", "epoch_ms")


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        message = "an encoding such as utf-8, cp1252 or utf-16"
        raise ValueError(message) from None


def _delimiter(text: str) -> str:
    if text != "whitespace" and (len(text) != 1 or text in '"\r\n'):
        message = 'one character, such as ";" or "\\t", or whitespace'
        raise ValueError(message)
    return text


def _date_format(text: str) -> str:
    if text in DATE_WORDS:
        return text
    needed = (("%d", "%-d"), ("%m", "%-m", "%b", "%B"), ("%Y", "%y"))
    if not all(any(code in text for code in codes) for codes in needed):
        message = 'a format with day, month and year, such as "%d.%m.%Y", or one of: ' + ", ".join(DATE_WORDS)
        raise ValueError(message)
    return text


class Columns(Settings):
    """Which column of the file is which.

    A column left out is the layout's; in the generic layout it is the file's column of that very name, where it has
    one.  Without an order id every row is an order of its own.

    Attributes
    ----------
    email, phone
        Recognise a customer where there is no id; they never leave ``ingest``.
    quantity, unit_price
        Their product is the amount where there is no column with the amount.
    refunded, refunded_on
        What was paid back of the row's amount, and when; without a day, on the order's.
    refund
        Marks rows that take back: anything but blank, "no", "0" and "false".  Their amount counts as negative.
    currency, status, tags
        ISO 4217; the order's status; words the shop put on the order.
    test
        Marks orders that are tests, as ``refund`` marks refunds.
    consent, objection
        Whether the customer agreed to marketing (lists honour it); whether the customer objects to being analysed (all
        of such a customer's rows are left out).
    """

    customer_id: str | None = None
    order_date: str | None = None
    amount: str | None = None
    email: str | None = None
    phone: str | None = None
    order_id: str | None = None
    order_line: str | None = None
    product: str | None = None
    category: str | None = None
    channel: str | None = None
    country: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    refunded: str | None = None
    refunded_on: str | None = None
    refund: str | None = None
    currency: str | None = None
    status: str | None = None
    test: str | None = None
    tags: str | None = None
    consent: str | None = None
    objection: str | None = None


class Ingest(Settings):
    """How the file is written down.

    What is left out is found out from the whole file; where that cannot be done, the run stops and asks.

    Attributes
    ----------
    layout
        "auto" recognises a known layout by its columns, and is "generic" otherwise.
    delimiter
        One character, or "whitespace" for runs of blanks.
    date_format
        As in ``strptime``, or one of ``DATE_WORDS``: "iso" (2024-03-31, 2024-03-31T01:30:00+01:00), "excel" (serial
        days since 1900), "epoch" and "epoch_ms" (seconds and milliseconds since 1970, UTC).
    time_zone
        Of moments written without an offset.  Left out: the layout's, else the client's own.
    header_line
        The line, or the sheet's row, that holds the columns' names.
    sheet
        The workbook's sheet.
    identity
        What makes a customer: "id", the customer id, and e-mail or phone where a row has none; "email", the e-mail
        before all else, for shops that give out a new id with every order.
    duplicates
        "overlap": rows that another file holds again count once; "all": rows repeated within a file too; "keep": all
        rows count.
    test_orders, staff_orders, marketplace_orders
        Whether such orders count; ``ingest/rules.json`` says how they are known.
    staff_emails
        Addresses, or endings such as "@acme.no", of the shop's own people.
    """

    layout: LayoutName = "auto"
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = None
    decimal: Literal[".", ","] | None = None
    date_format: Annotated[str, AfterValidator(_date_format)] | None = None
    time_zone: Annotated[str, AfterValidator(known_time_zone)] | None = None
    header_line: int | None = Field(default=None, ge=1)
    sheet: str | None = None
    identity: Literal["id", "email"] = "id"
    duplicates: Literal["overlap", "all", "keep"] = "overlap"
    test_orders: Literal["drop", "keep"] = "drop"
    staff_orders: Literal["drop", "keep"] = "drop"
    marketplace_orders: Literal["drop", "keep"] = "drop"
    staff_emails: tuple[str, ...] = ()
    columns: Columns = Columns()
