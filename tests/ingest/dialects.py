"""A known table written down in any dialect, and the reading of it in an engine that many small files share."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from loyalty_lib.config.ingest import Columns, Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.ingest import Origin, Reading, read_rows
from loyalty_lib.validate import END_OF_TIME

NBSP, NARROW, MINUS = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{MINUS SIGN}"
ZONE: Final = "Europe/Oslo"
OSLO: Final = ZoneInfo(ZONE)
NAMES: Final = {
    "customer_id": "Kundenr",
    "order_id": "Ordrenr",
    "order_date": "Dato",
    "amount": "Beløp",
    "product": "Varenavn",
}
HOURS: Final = (0, 9, 12, 18, 23)  # both ends of the day: there a wrong time zone shows
OPTIONS: Final[Mapping[str, tuple[Any, ...]]] = {
    "delimiter": (";", ",", "\t", "|"),
    "decimal": (",", "."),
    "group": ("", " ", NBSP, NARROW, ".", ",", "'"),
    "minus": ("-", MINUS, "trailing", "parentheses"),
    "currency": ("", "kr ", " kr", "€", "$", "NOK "),
    "date": (
        "%d.%m.%Y", "d.m.yyyy", "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d", "%d.%m.%Y %H:%M", "excel", "epoch",
        "offset",
    ),
    "encoding": ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"),
    "line_end": ("\n", "\r\n"),
    "whole": ("1299", "1299.00"),
    "title": (False, True),
    "blank_lines": (False, True),
    "footer": (False, True),
    "empty_columns": ("none", "header too", "rows only"),
    "float_ids": (False, True),
    "quoting": ("minimal", "all"),
    "ending": (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a sale."""

    customer: str
    order: str
    day: dt.date
    cents: int
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a table is written down; the values are those of ``OPTIONS``.

    ``whole`` shows what becomes of an amount without cents: most exports write them, some do not.
    """

    delimiter: str = ";"
    decimal: str = ","
    group: str = ""
    minus: str = "-"
    currency: str = ""
    date: str = "%d.%m.%Y"
    encoding: str = "utf-8"
    line_end: str = "\n"
    whole: str = "1299.00"
    title: bool = False
    blank_lines: bool = False
    footer: bool = False
    empty_columns: str = "none"
    float_ids: bool = False
    quoting: str = "minimal"
    ending: str = ".csv"

    def __str__(self) -> str:
        """Name what differs from the default."""
        default = Dialect()
        names = [field.name for field in fields(self) if getattr(self, field.name) != getattr(default, field.name)]
        return f"Dialect({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"


def possible(options: Mapping[str, Any]) -> bool:
    """Tell whether options, not necessarily all of them, go together."""
    used = "".join(str(options.get(name, "")) for name in ("group", "currency")) + (
        MINUS if options.get("minus") == MINUS else ""
    )
    try:
        used.encode(options.get("encoding", "utf-8"))
    except UnicodeEncodeError:
        return False
    return options.get("group") != options.get("decimal", "") and (
        ".tsv" not in options.get("ending", "") or options.get("delimiter", "\t") == "\t"
    )


def covering() -> list[Dialect]:
    """Return dialects in which every possible pair of two options' values occurs: each the greedy best of its turn."""
    names = list(OPTIONS)
    missing = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(names, 2)
        for x in OPTIONS[a]
        for y in OPTIONS[b]
        if possible({a: x, b: y})
    }
    ordered = [pair for pair in _pairs() if pair in missing]
    found = []
    while missing:
        first = next(pair for pair in ordered if pair in missing)
        chosen = dict(first)
        for name in names:
            if name not in chosen:
                chosen[name] = max(
                    (value for value in OPTIONS[name] if possible({**chosen, name: value})),
                    key=lambda value: sum(_pair(names, (name, value), other) in missing for other in chosen.items()),
                )
        found.append(Dialect(**chosen))
        missing -= {_pair(names, one, other) for one, other in itertools.combinations(chosen.items(), 2)}
    return found


def _pairs() -> Iterator[tuple[tuple[str, Any], tuple[str, Any]]]:
    for a, b in itertools.combinations(OPTIONS, 2):
        yield from (((a, x), (b, y)) for x in OPTIONS[a] for y in OPTIONS[b])


def _pair(names: Sequence[str], one: tuple[str, Any], other: tuple[str, Any]) -> Any:
    return (one, other) if names.index(one[0]) < names.index(other[0]) else (other, one)


# Values as texts ------------------------------------------------------------------------------------------------------


def amount_text(cents: int, dialect: Dialect) -> str:
    """Write an amount."""
    whole, rest = divmod(abs(cents), 100)
    number = f"{whole:,}".replace(",", dialect.group)
    if rest or dialect.whole == "1299.00":
        number += f"{dialect.decimal}{rest:02}"
    if dialect.minus == "trailing" and cents < 0:
        number += "-"
    before = dialect.currency if not dialect.currency.startswith(" ") else ""
    after = dialect.currency if dialect.currency.startswith(" ") else ""
    text = f"{before}{number}{after}"
    if cents >= 0 or dialect.minus == "trailing":
        return text
    return f"({text})" if dialect.minus == "parentheses" else f"{dialect.minus}{text}"


def date_text(day: dt.date, nr: int, form: str) -> str:
    """Write a day; a form with a time gets one by the row's number."""
    moment = dt.datetime.combine(day, dt.time(HOURS[nr % len(HOURS)], 7 * nr % 60), OSLO)
    if form == "excel":
        return str((day - dt.date(1899, 12, 30)).days)
    if form == "epoch":
        return str(int(moment.timestamp()))
    if form == "offset":
        return moment.isoformat()
    if form == "d.m.yyyy":
        return f"{day.day}.{day.month}.{day.year}"
    return moment.strftime(form)


def cells_of(rows: Sequence[Row], dialect: Dialect) -> list[list[str]]:
    """Write each row's values, in the order of ``NAMES``."""
    dot = ".0" if dialect.float_ids else ""
    return [
        [
            row.customer and row.customer + dot,
            row.order,
            date_text(row.day, nr, dialect.date),
            amount_text(row.cents, dialect),
            row.product,
        ]
        for nr, row in enumerate(rows)
    ]


def numbered_customers(rows: Sequence[Row]) -> list[Row]:
    """Give customers numbers in the place of their ids: only those can become 17850.0."""
    numbers = {name: str(17850 + nr) for nr, name in enumerate(dict.fromkeys(row.customer for row in rows))}
    return [replace(row, customer=row.customer and numbers[row.customer]) for row in rows]


# Files ----------------------------------------------------------------------------------------------------------------


def text_of(header: Sequence[str], cells: Sequence[Sequence[str]], total: str, dialect: Dialect) -> str:
    """Put a table's texts together as a file's text; ``total`` stands in the footer."""
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=dialect.delimiter,
        lineterminator=dialect.line_end,
        quoting=csv.QUOTE_ALL if dialect.quoting == "all" else csv.QUOTE_MINIMAL,
    )
    beyond = ["", ""] if dialect.empty_columns != "none" else []
    if dialect.title:
        stream.write(f"Salgsrapport for Åse & sønner{dialect.line_end}")
        stream.write(f"Skrevet ut 07.04.2025{dialect.line_end}")
    if dialect.blank_lines:
        stream.write(dialect.line_end)
    writer.writerow([*header, *(beyond if dialect.empty_columns == "header too" else [])])
    for row in cells:
        writer.writerow([*row, *beyond])
    if dialect.blank_lines:
        stream.write(dialect.line_end)
    if dialect.footer:
        last = ["Totalt", *("" for _ in header[1:]), *beyond]
        last[list(header).index(NAMES["amount"])] = total
        writer.writerow(last)
    return stream.getvalue()


def packed(text: str, dialect: Dialect) -> bytes:
    """Return a file's bytes."""
    raw = text.encode(dialect.encoding)
    return gzip.compress(raw, mtime=0) if dialect.ending.endswith(".gz") else raw


def file_of(rows: Sequence[Row], dialect: Dialect) -> bytes:
    """Write a table down."""
    total = amount_text(sum(row.cents for row in rows), dialect)
    return packed(text_of(list(NAMES.values()), cells_of(rows, dialect), total, dialect), dialect)


# Reading --------------------------------------------------------------------------------------------------------------

Read = tuple[str | None, str | None, dt.date, Decimal]


def truth(rows: Iterable[Row]) -> Counter[Read]:
    """Return what reading a table should give: customer, order, day and amount of each row, and how often."""
    return Counter((row.customer or None, row.order, row.day, Decimal(row.cents) / 100) for row in rows)


class SharedEngine(Engine):
    """An engine for many small files, which knows the macros once and for all; small files need one thread."""

    def __init__(self) -> None:
        super().__init__()
        self.connection.execute("SET threads = 1")
        super().run("read_macros")

    def run(self, name: str, **values: Any) -> None:
        """Execute a step, but for the one that has been taken."""
        if name != "read_macros":
            super().run(name, **values)

    def clear(self) -> None:
        """Drop what the last file left, whether it was read or refused."""
        query = (
            "SELECT table_name, 'TABLE' FROM duckdb_tables() "
            "UNION ALL SELECT view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal"
        )
        for name, kind in self.connection.execute(query).fetchall():
            self.connection.execute(f'DROP {kind} IF EXISTS "{name}"')


def reading_of(path: Path, columns: Mapping[str, str] = NAMES) -> Reading:
    """Return the reading of one file with nothing set but the columns."""
    return Reading(
        origins=[Origin(name=path.name, path=path)],
        ingest=Ingest(columns=Columns.model_validate(columns)),
        time_zone=ZONE,
        currency=None,
    )


def rows_read(engine: SharedEngine, path: Path) -> Counter[Read]:
    """Read a file and return the rows of customers, as ``truth`` does."""
    engine.clear()
    read_rows(engine, reading_of(path), drop_list=(), until=END_OF_TIME)
    query = "SELECT customer_id, order_id, order_date, amount FROM usable_rows"
    return Counter(engine.connection.execute(query).fetchall())
