"""What is wrong with a file, in the words of the person who can mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from loyalty_lib.engine import Engine, sql_text
from loyalty_lib.errors import Problem
from loyalty_lib.ingest.layout import Layout, plain
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.ingest.text import WHITESPACE, Mistakes

if TYPE_CHECKING:
    from loyalty_lib.ingest.conventions import Trouble
    from loyalty_lib.ingest.mapping import Mapped

RANGE = "a date from 1900-01-01 to 2200-12-31"  # as in read_rows.sql
LARGEST = 10**12  # what the engine's DECIMAL(18, 6) holds
DATES = ("order_date", "refunded_on")
WORDS = {
    "ISO 8601": "a date as YYYY-MM-DD",
    "iso": "a date as YYYY-MM-DD",
    "excel": "a date as a spreadsheet's serial number",
    "epoch": "a moment in seconds since 1970",
    "epoch_ms": "a moment in milliseconds since 1970",
}
_SPELLED = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%H": "HH", "%M": "MM", "%S": "SS", "%z": "+HHMM"}
_NUMBER = re.compile(r"[+-]?[\d., '\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*\d")


def empty(origin: Origin) -> Problem:
    """Describe a file that holds nothing."""
    return Problem(file=origin.name, expected="a header line and rows below it", remedy="Export the file again.")


def unreadable(origin: Origin, expected: str, remedy: str) -> Problem:
    """Describe a file that is not what its name says."""
    return Problem(file=origin.name, expected=expected, remedy=remedy)


def wrong_encoding(origin: Origin, reading: Reading, encoding: str, line: int | None) -> Problem:
    """Describe text in another encoding than ``encoding``; ``line`` is the first that cannot be decoded."""
    other = "cp1252" if encoding == "utf-8" else "utf-8"
    return Problem(
        file=origin.name,
        lines=() if line is None else (line,),
        count=1,
        expected=f"{encoding.upper()} text",
        remedy=f"Set ingest.encoding: {other}{reading.there}, or whatever the file was saved as.",
    )


def wrong_delimiter(origin: Origin, header: str, line: int, other: str, reading: Reading) -> Problem:
    """Describe a file whose header has one column because it is divided by something else."""
    written = r'"\t"' if other == "\t" else f"'{other}'"
    return Problem(
        file=origin.name,
        lines=(line,),
        count=1,
        value=header,
        expected="more than one column",
        remedy=f"Set ingest.delimiter: {written}{reading.there}.",
    )


def structure(origin: Origin, width: int, delimiter: str, mistakes: Mistakes) -> list[Problem]:
    """Describe the records that do not have ``width`` fields, and the quote that was never closed."""
    found = []
    if mistakes.count:
        holding = "" if delimiter == WHITESPACE else f" Put fields that hold {delimiter!r} in double quotes."
        found.append(
            Problem(
                file=origin.name,
                lines=tuple(mistakes.lines),
                count=mistakes.count,
                value=f"{mistakes.fields} field{'s' * (mistakes.fields != 1)}",
                expected=f"{width} fields, as in the header",
                remedy=f"Mend the rows.{holding}",
            )
        )
    if mistakes.stopped:
        found.append(
            Problem(
                file=origin.name,
                lines=(mistakes.stopped.line,),
                count=1,
                expected=f"fields in double quotes to end at the delimiter ({mistakes.stopped})",
                remedy="Write a double quote inside a quoted field twice.",
            )
        )
    return found


def missing_column(
    origin: Origin, line: int | None, setting: str, name: str, present: Sequence[str], reading: Reading
) -> Problem:
    """Describe a column that the file does not have; the remedy names the nearest that it has."""
    names = [column for column in present if column]
    simple = {_simple(column): column for column in names}
    near = difflib.get_close_matches(_simple(name), simple, 3, cutoff=0.5)
    if near:
        others = f" (or {', '.join(repr(simple[key]) for key in near[1:])})" if near[1:] else ""
        remedy = f"Set ingest.columns.{setting}: '{simple[near[0]]}'{others}{reading.there}."
    else:
        remedy = f"Set ingest.columns.{setting}{reading.there} to one of: {', '.join(names) or 'none'}."
    return Problem(
        file=origin.name,
        lines=() if line is None else (line,),
        count=1,
        expected=f"a column '{name}'",
        remedy=remedy,
    )


def duplicate_column(origin: Origin, line: int | None, name: str, count: int) -> Problem:
    """Describe a column name that occurs more than once."""
    return Problem(
        file=origin.name,
        lines=() if line is None else (line,),
        count=1,
        column=name,
        expected=f"one column of this name, found {count}",
        remedy="Rename the others in the export.",
    )


def repeated_key(origin: Origin, key: str, value: str, count: int) -> Problem:
    """Describe a lookup table with more than one row for a key."""
    return Problem(
        file=origin.name,
        column=key,
        value=value,
        expected=f"one row a '{key}', {count} have more",
        remedy="Remove the repeated rows.",
    )


def wrong_layout(
    origin: Origin, line: int | None, layouts: Sequence[Layout], present: Sequence[str], reading: Reading
) -> Problem:
    """Describe a file that does not have the columns of the layout that is set."""
    missing = [
        " or ".join(f"'{name}'" for name in group)
        for group in layouts[0].signature
        if not {plain(name) for name in group} & {plain(name) for name in present}
    ]
    return Problem(
        file=origin.name,
        lines=() if line is None else (line,),
        count=1,
        expected=f"the columns of {layouts[0].title}: {', '.join(missing)}",
        remedy=f"Leave ingest.layout out{reading.there}, or export the file again.",
    )


def undecided(trouble: Trouble, origin: Origin, column: str, reading: Reading, *, located: bool) -> Problem:
    """Describe a column whose convention the whole column does not tell, or tells twice."""
    return Problem(
        file=origin.name,
        lines=trouble.records if located else (),
        count=trouble.count,
        column=column,
        value=trouble.value,
        expected=trouble.expected,
        remedy=trouble.remedy.rstrip(".") + f"{reading.there if trouble.kind != 'mixed' else ''}.",
    )


def differing_totals(engine: Engine, origin: Origin, mapped: Mapped) -> list[Problem]:
    """Describe orders whose rows tell different totals, where an order has one total only."""
    found = engine.connection.execute(
        "SELECT count(DISTINCT order_id), min(record, 3), arg_min(order_id, record) FROM spread_rows WHERE amounts > 1"
    ).fetchall()
    (count, lines, order), *_ = found
    if not count:
        return []
    return [
        Problem(
            file=origin.name,
            lines=tuple(lines) if mapped.table.located else (),
            count=count,
            column=mapped.shown("amount"),
            expected=f"one total an order, as order {order!r} does not have",
            remedy="Export the orders again, or set ingest.layout: generic and the columns.",
        )
    ]


def totals(engine: Engine, origin: Origin, mapped: Mapped, reading: Reading) -> list[Problem]:
    """Describe a line of totals that is not the sum of the rows above it: rows are missing, or are read wrongly."""
    return [
        Problem(
            file=origin.name,
            lines=() if line is None else (line,),
            count=1,
            column=mapped.shown("amount"),
            value=_plain(amount),
            expected=f"the total of the rows above it, {_plain(above)}",
            remedy=f"Export the file again; or check ingest.decimal and ingest.columns{reading.there}.",
        )
        for line, amount, above in engine.connection.execute(sql_text("read_totals")).fetchall()
    ]


def values(
    engine: Engine,
    origin: Origin,
    mapped: Mapped,
    reading: Reading,
    *,
    date_shown: str,
    decimal: str,
    besides: Collection[str] = (),
) -> list[Problem]:
    """Describe what ``check_rows.sql`` finds in the engine's ``read_rows``: dates and numbers that are none.

    Parameters
    ----------
    engine, origin, mapped, reading
        Where the rows come from.
    date_shown, decimal
        How dates and numbers are written there.
    besides
        Our columns that another problem speaks of already.
    """
    found = []
    for row in engine.arrow("check_rows").to_pylist():
        field, kind, value = row["field"], row["kind"], row["value"]
        if field in besides and kind != "missing":
            continue
        currency = f" in {reading.currency}" if reading.currency and field != "quantity" else ""
        expected = _spelled(date_shown) if field in DATES else f"a decimal number{currency}"
        remedy = {
            "missing": "Fill it in, or remove the rows.",
            "no date": f"Set ingest.date_format{reading.there}.",
            "out of range": f"Mend the rows in the export, or set ingest.date_format{reading.there}.",
            "no number": _decimal_remedy(value, decimal) or "Mend the rows in the export.",
            "too large": f"Expected less than {LARGEST:,}.",
        }[kind]
        found.append(
            Problem(
                file=origin.name,
                lines=tuple(row["lines"] or ()),
                count=row["count"],
                column=mapped.shown(field),
                value=value,
                expected=RANGE if kind == "out of range" else expected,
                remedy=remedy,
            )
        )
    return found


def _plain(number: str) -> str:
    return f"{Decimal(number).normalize():f}"


def _decimal_remedy(value: str, decimal: str) -> str | None:
    """Name the other decimal mark where it would make a number of ``value``."""
    if not _NUMBER.fullmatch(value):
        return None
    other = "," if decimal == "." else "."
    place = value.rfind(other)
    if place == -1 or value.count(other) > 1:
        whole = re.sub(r"\D", "", value)
        return f"Expected less than {LARGEST:,}." if len(whole) > len(str(LARGEST)) - 1 else None
    return f"Set ingest.decimal: '{other}'"


def _spelled(date_format: str) -> str:
    if date_format in WORDS:
        return WORDS[date_format]
    spelled = re.sub(r"%-?[A-Za-z]", lambda code: _SPELLED.get(code[0].replace("-", ""), code[0]), date_format)
    return f"a date as {spelled}"


def _simple(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()
