"""What is wrong with a file, in the words of the person who can mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from loyalty_lib.engine import Engine
from loyalty_lib.errors import Problem
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.ingest.text import WHITESPACE, Mistakes

RANGE = "a date from 1900-01-01 to 2200-12-31"  # as in read_rows.sql
LARGEST = 10**12  # what the engine's DECIMAL(18, 6) holds
_SPELLED = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%H": "HH", "%M": "MM", "%S": "SS", "%z": "+HHMM"}
_NUMBER = re.compile(r"[+-]?[\d., '\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*\d")


def empty(origin: Origin) -> Problem:
    """Describe a file that holds nothing."""
    return Problem(file=origin.name, expected="a header line and rows below it", remedy="Export the file again.")


def unreadable(origin: Origin, expected: str, remedy: str) -> Problem:
    """Describe a file that is not what its name says."""
    return Problem(file=origin.name, expected=expected, remedy=remedy)


def wrong_encoding(origin: Origin, reading: Reading, line: int | None) -> Problem:
    """Describe text in another encoding; ``line`` is the first that cannot be decoded."""
    encoding = reading.ingest.encoding
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
    if mistakes.lines:
        holding = "" if delimiter == WHITESPACE else f" Put fields that hold {delimiter!r} in double quotes."
        found.append(
            Problem(
                file=origin.name,
                lines=tuple(mistakes.lines[:3]),
                count=len(mistakes.lines),
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


def values(engine: Engine, origin: Origin, reading: Reading) -> list[Problem]:
    """Describe what ``check_rows.sql`` finds in the engine's ``read_rows``: dates and amounts that are none."""
    return [_value(origin, reading, **row) for row in engine.arrow("check_rows").to_pylist()]


def _value(origin: Origin, reading: Reading, kind: str, count: int, lines: list[int] | None, value: str) -> Problem:
    ingest = reading.ingest
    a_date = _spelled(ingest.date_format)
    currency = f" in {reading.currency}" if reading.currency else ""
    an_amount = f"a decimal number{currency}"
    mend = "Mend the rows in the export."
    column, expected, remedy = {
        "no date": (ingest.columns.order_date, a_date, "Fill it in, or remove the rows."),
        "not a date": (ingest.columns.order_date, a_date, f"Set ingest.date_format{reading.there}."),
        "date out of range": (
            ingest.columns.order_date,
            RANGE,
            f"{mend[:-1]}, or set ingest.date_format{reading.there}.",
        ),
        "no amount": (ingest.columns.amount, an_amount, "Fill it in, or remove the rows."),
        "not an amount": (ingest.columns.amount, an_amount, _decimal_remedy(value, reading) or mend),
    }[kind]
    return Problem(
        file=origin.name,
        lines=tuple(line for line in lines or ()),
        count=count,
        column=column,
        value=value,
        expected=expected,
        remedy=remedy,
    )


def _decimal_remedy(value: str, reading: Reading) -> str | None:
    """Name the other decimal mark where it would make a number of ``value``."""
    if not _NUMBER.fullmatch(value):
        return None
    other = "," if reading.ingest.decimal == "." else "."
    place = value.rfind(other)
    if place == -1 or value.count(other) > 1:
        whole = re.sub(r"\D", "", value)
        return f"Expected less than {LARGEST:,}." if len(whole) > len(str(LARGEST)) - 1 else None
    return f"Set ingest.decimal: '{other}'"


def _spelled(date_format: str | None) -> str:
    if date_format is None:
        return "a date as YYYY-MM-DD"
    spelled = re.sub(r"%-?[A-Za-z]", lambda code: _SPELLED.get(code[0].replace("-", ""), code[0]), date_format)
    return f"a date as {spelled}"


def _simple(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()
