"""Tables on the quality of a client's data: what was read, left out and merged, and which pages that leaves.

They stand in reports and on the check page, so they hold no ids, addresses, phones or names: what the data say of a
person is masked, and a giant order is its day and its amount.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from loyalty_lib.i18n import Message, gettext, mark, say
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.errors import Problem
    from loyalty_lib.quality import FileRead, Gap, GiantOrder, Reason, Source
    from loyalty_lib.validate import DataQuality


class Page(Protocol):
    """A page of the report, whether the data can carry it, and why."""

    @property
    def name(self) -> str:
        """In English."""

    @property
    def carried(self) -> bool:
        """Whether it can be made."""

    @property
    def reason(self) -> Message:
        """In plain words."""


REASONS: Final[Mapping[Reason, str]] = {
    "status": mark("Orders that were not completed"),
    "test": mark("Test orders"),
    "staff": mark("Orders of the shop’s own people"),
    "marketplace": mark("Orders through a marketplace, which hides the customer"),
    "summary row": mark("Totals between or below the rows"),
    "drop-list": mark("Customers on the drop-list"),
    "objection": mark("Customers who object to being analysed"),
    "overlap": mark("Rows that another file holds again"),
    "duplicate": mark("Rows repeated within a file"),
}
HIDDEN: Final = "•••"
E_MAIL: Final = re.compile(r"[^\s@<>'\",;:()]+@[^\s@<>'\",;:()]+")
PHONE: Final = re.compile(r"\+\d[\d \-()]{6,}\d|(?<![\d.,/:-])(?!(?:19|20)\d{6}(?!\d))\d{8,}(?![\d.,/:-])")
PERSONAL: Final = re.compile(
    r"mail|phone|telefon|tlf|mobil|puhelin|customer|kund|asiakas|client|user|member|medlem|name|navn|namn|nimi|"
    r"address|adress|osoite",
    re.IGNORECASE,
)
# The words a date or an amount may be written with: what has others may be a name that slipped into the column.
MONTHS: Final = (
    r"jan|feb|mar|m[aä]r|mars|märz|maaliskuu\w*|apr|mai|may|maj|jun|juni?e?|jul|juli|july|aug|sept?|o[ck]t|nov|de[csz]"
)
MEANT: Final = re.compile(
    rf"(?:{MONTHS}|january|february|march|april|august|september|o[ck]tober|november|de[cs]ember|dezember|januar\w?|"
    r"februar\w?|mon|tue|wed|thu|fri|sat|sun|am|pm|t|z|utc|gmt|cet|cest|kr|eur|nok|sek|dkk|usd|gbp|chf|isk|e|nan|null|na|"
    r"true|false|yes|no|ja|nei|nej|fields?)",
    re.IGNORECASE,
)
WORD: Final = re.compile(r"[^\W\d_]+")


def discreet(text: str) -> str:
    """Return a text from the data without the e-mail addresses and phone numbers in it."""
    return PHONE.sub(HIDDEN, E_MAIL.sub(HIDDEN, text))


def _value(problem: Problem, personal: Collection[str]) -> str | None:
    """Return what a problem's line holds; of a person, or in words nobody expects there, nothing."""
    if problem.value is None:
        return None
    column = problem.column or ""
    if column in personal or PERSONAL.search(column):
        return HIDDEN
    if not all(MEANT.fullmatch(word) for word in WORD.findall(problem.value)):
        return HIDDEN
    return discreet(problem.value)


def quality_pages(pages: Sequence[Page]) -> Table:
    """Tabulate which pages of the report the data can carry, and why."""
    yes, no = gettext("Yes"), gettext("No")
    return Table(
        name="pages",
        title=gettext("Pages of the report that the data can carry"),
        columns=(
            Column(name="page", label=gettext("Page"), kind="text"),
            Column(name="carried", label=gettext("Can be made"), kind="text"),
            Column(name="reason", label=gettext("Why"), kind="text"),
        ),
        rows=tuple((gettext(page.name), yes if page.carried else no, page.reason.spoken()) for page in pages),
    )


def quality_rows(found: Source, used: DataQuality | None) -> Table:
    """Tabulate what the files hold, beside what of it is used."""
    columns = (
        Column(name="item", label=gettext("Data quality"), kind="text"),
        Column(name="in_the_files", label=gettext("In the files"), kind="mixed"),
        Column(name="used", label=gettext("Used"), kind="mixed"),
    )

    def row(item: str, kind: str, held: float | dt.date | None, kept: str = "") -> tuple[Cell, ...]:
        return (item, Quantity(held, kind), Quantity(getattr(used, kept, None), kind))

    rows = (
        row(gettext("Rows"), "number", found.rows, "rows_used"),
        row(gettext("Customers"), "number", found.customers, "customers"),
        row(gettext("Orders"), "number", found.orders, "orders"),
        row(gettext("First day"), "date", found.first_day, "first_day"),
        row(gettext("Last day"), "date", found.last_day, "last_day"),
        row(gettext("Net sales"), "money", found.net_sales),
        row(gettext("Rows that are refunds"), "number", found.refunds, "refund_rows"),
        row(gettext("Amount refunded"), "money", found.refund_amount, "refund_amount"),
        row(gettext("Rows repeated within a file"), "number", found.duplicates),
        row(gettext("Orders with an amount of zero"), "number", found.zero_orders),
    )
    return Table(
        name="rows",
        title=gettext("What the files hold, and what of it is used"),
        columns=columns,
        rows=rows,
        notes=(
            gettext("Used: rows of known customers; customers and orders with a purchase. Every figure is about them."),
        ),
    )


def quality_left_out(found: Source) -> Table:
    """Tabulate what is in no figure, and why; rows without a customer first."""
    rows: list[tuple[Cell, ...]] = []
    if found.lines_without_customer:
        nobody = gettext("Rows without a customer")
        rows.append((nobody, None, found.lines_without_customer, found.amount_without_customer))
    rows += [
        (gettext(REASONS[one.reason]), discreet(one.detail) or None, one.rows, one.amount) for one in found.left_out
    ]
    return Table(
        name="left_out",
        title=gettext("What is in no figure, and why"),
        columns=(
            Column(name="reason", label=gettext("Reason"), kind="text"),
            Column(name="detail", label=gettext("As the data say"), kind="text"),
            Column(name="rows", label=gettext("Rows")),
            Column(name="amount", label=gettext("Amount"), kind="money"),
        ),
        rows=tuple(rows),
    )


def quality_merged(found: Source) -> Table:
    """Tabulate what was brought together: guests, overlapping files, refunds."""
    counted = (
        (gettext("Orders of guests recognised as a known customer"), found.guests_merged),
        (gettext("E-mail addresses shared by several customer ids"), found.shared_emails),
        (gettext("Orders that more than one file holds"), found.overlapping_orders),
        (gettext("Of these, told differently: the newest file counts"), found.revised_orders),
        (gettext("Refunds matched with the order they take back"), found.refunds_matched),
    )
    return Table(
        name="merged",
        title=gettext("What was brought together"),
        columns=(
            Column(name="item", label=gettext("What"), kind="text"),
            Column(name="count", label=gettext("Count")),
        ),
        rows=tuple(row for row in counted if row[1]),
    )


def quality_files(files: Sequence[FileRead]) -> Table:
    """Tabulate how each file was read."""
    return Table(
        name="files",
        title=gettext("How the files were read"),
        columns=(
            Column(name="file", label=gettext("File"), kind="text"),
            Column(name="layout", label=gettext("Layout"), kind="text"),
            Column(name="rows", label=gettext("Rows")),
            Column(name="written", label=gettext("Written as"), kind="text"),
            Column(name="columns", label=gettext("Columns used"), kind="text"),
        ),
        rows=tuple(
            (discreet(base_name(file.name)), file.layout, file.rows, _written(file), _columns(file)) for file in files
        ),
    )


DELIMITERS: Final[Mapping[str, str]] = {
    ",": mark("comma"),
    ";": mark("semicolon"),
    "\t": mark("tab"),
    "|": mark("bar"),
    "whitespace": mark("blanks"),
}


def _written(file: FileRead) -> str:
    parts = [file.encoding or ""]
    if file.sheet:
        parts.append(say("sheet {name:text}", name=file.sheet))
    if file.delimiter:
        parts.append(gettext(DELIMITERS.get(file.delimiter, file.delimiter)))
    if file.decimal:
        parts.append(say("decimals {mark:text}", mark=f"0{file.decimal}00"))
    if file.date_format:
        parts.append(say("dates {format:text}", format=file.date_format))
    return ", ".join(part for part in parts if part)


def _columns(file: FileRead) -> str:
    return ", ".join(f"{ours} = {discreet(theirs)}" for ours, theirs in file.columns.items())


def quality_gaps(gaps: Sequence[Gap]) -> Table:
    """Tabulate days in a row without an order, long enough that something may be missing."""
    return Table(
        name="gaps",
        title=gettext("Days in a row without an order"),
        columns=(
            Column(name="first_day", label=gettext("First day"), kind="date"),
            Column(name="last_day", label=gettext("Last day"), kind="date"),
            Column(name="days", label=gettext("Days")),
        ),
        rows=tuple((gap.first_day, gap.last_day, gap.days) for gap in gaps),
        notes=(gettext("A closed shop, or a part of the export that is missing."),),
    )


def quality_giants(orders: Sequence[GiantOrder]) -> Table:
    """Tabulate orders far beyond the others."""
    return Table(
        name="giant_orders",
        title=gettext("Orders far beyond the others"),
        columns=(
            Column(name="day", label=gettext("Day"), kind="date"),
            Column(name="amount", label=gettext("Amount"), kind="money"),
            Column(name="taken_back", label=gettext("Taken back in full"), kind="text"),
        ),
        rows=tuple((one.day, one.amount, gettext("Yes") if one.cancelled else gettext("No")) for one in orders),
        notes=(gettext("One such order can move a page of figures: make sure that it is real."),),
    )


def quality_problems(problems: Sequence[Problem], personal: Collection[str] = ()) -> Table:
    """Tabulate what must be mended first.

    Parameters
    ----------
    problems
        As the reader found them.
    personal
        The files' columns that hold ids, e-mail addresses or phones: their values are masked.
    """
    return Table(
        name="problems",
        title=gettext("What must be mended first"),
        columns=(
            Column(name="file", label=gettext("File"), kind="text"),
            Column(name="lines", label=gettext("Lines"), kind="text"),
            Column(name="found", label=gettext("Found"), kind="text"),
            Column(name="expected", label=gettext("Expected"), kind="text"),
            Column(name="remedy", label=gettext("Remedy"), kind="text"),
        ),
        rows=tuple(
            (
                base_name(one.file),
                _lines(one),
                ": ".join(filter(None, (discreet(one.column or ""), _value(one, personal)))) or None,
                discreet(one.expected),
                discreet(one.remedy),
            )
            for one in problems
        ),
    )


def base_name(file: str) -> str:
    """Return a file's name without its folders, whichever system wrote it."""
    return re.split(r"[/\\]", file.rstrip("/\\"))[-1] or file


def _lines(problem: Problem) -> str | None:
    if not problem.lines:
        return None
    shown = ", ".join(str(line) for line in problem.lines[:3])
    more = max(problem.count, len(problem.lines)) - len(problem.lines[:3])
    return say("{shown:text} and {more:number} more", shown=shown, more=more) if more else shown
