"""Opening files nobody has described, and reading them as proposed: what ``sniff.py`` looks at.

``look`` opens one file and shows what its columns hold; ``try_out`` reads every row of all files with the proposed
settings, as a report will, so that dates and numbers are decided by whole columns.
"""

# ruff: noqa: S608  (columns cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError, Problem
from loyalty_lib.ingest import problems, rows
from loyalty_lib.ingest.dialect import Detected, detect
from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.layout import Layout
from loyalty_lib.ingest.mapping import LAYOUTS
from loyalty_lib.ingest.naming import Sample, is_header
from loyalty_lib.ingest.opening import Table, is_text, open_table
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.ingest.text import Mistakes

FIRST: Final = 10_000  # rows that show what columns hold
SHOWN: Final = 5
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
END_OF_TIME: Final = dt.date(2200, 12, 31)  # the last day a date may be, as in read_rows.sql
WORDS: Final = {"ISO 8601": "iso"}  # how the settings name it
SYSTEM: Final = "the system that made the file writes dates so"
PREVIEW: Final = ("customer_id", "email", "phone", "order_id", "order_date", "amount", "currency", "product", "status")


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """One origin, opened.

    Attributes
    ----------
    origin, table
        The table is gone from the engine as soon as the next is opened; its names and kinds stay.
    samples
        Its columns with their first values.
    layout
        ``None`` where no layout recognises it.
    dialect
        How it is written down: "encoding", "delimiter", "header_line" of text, "header_line" and "sheet" of a workbook.
    """

    origin: Origin
    table: Table
    samples: tuple[Sample, ...]
    layout: Layout | None
    dialect: Mapping[str, Guess]


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """What came of reading all rows.

    Attributes
    ----------
    settings
        "date_format" and "decimal", where there is anything to decide; without a value where a person must.
    currencies
        ISO codes that rows name, sorted.
    rows, last_day
        Of all files; ``None`` where no file could be read.
    first_rows
        As understood; as the file writes them where it could not be understood.
    problems
        Of all files.
    """

    settings: Mapping[str, Guess]
    currencies: tuple[str, ...] = ()
    rows: int | None = None
    last_day: dt.date | None = None
    first_rows: tuple[Mapping[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def look(engine: Engine, origin: Origin) -> Seen:
    """Open one origin and see what its columns are called and hold.

    Raises
    ------
    Refused, DataError
        If it cannot be opened.
    """
    if is_text(origin):
        return _look_at_text(engine, origin)
    reading = Reading(origins=[origin])
    table = open_table(engine, origin, reading, _is_of_a_layout)
    layout = recognised(table.names)
    if layout is None and table.sheet is not None:
        table = open_table(engine, origin, reading, is_header)
    dialect = {}
    if table.sheet is not None:
        known = layout is not None or is_header(table.names)
        why = "its names are known" if known else "the first row that is all text and as wide as the table"
        dialect = {
            "sheet": Guess(value=table.sheet, sure="certain" if known else "likely", why="the sheet with the names"),
            "header_line": Guess(value=str(table.header_line), sure="certain" if known else "likely", why=why),
        }
    return Seen(origin=origin, table=table, samples=_samples(engine, table), layout=layout, dialect=dialect)


def recognised(names: Sequence[str]) -> Layout | None:
    """Return the layout that has these columns."""
    return next((layout for layout in LAYOUTS if layout.recognises(names)), None)


def _is_of_a_layout(names: Sequence[str]) -> bool:
    return recognised(names) is not None


def _look_at_text(engine: Engine, origin: Origin) -> Seen:
    found = _detected(origin)
    dialect = {"encoding": found.encoding, "delimiter": found.delimiter, "header_line": found.header_line}
    ingest = Ingest.model_validate({name: guess.value for name, guess in dialect.items()})
    reading = Reading(origins=[origin], ingest=ingest)
    try:
        table = open_table(engine, origin, reading, is_header)
        samples = _samples(engine, table)
    except duckdb.Error:  # some record is no record; reading slowly finds which
        table = open_table(engine, origin, reading, is_header, mistakes=Mistakes())
        samples = _samples(engine, table)
    if any(CONTROL.search(name) for name in table.names):
        remedy = "It holds bytes that no text has: name a file of text, a workbook (.xlsx) or Parquet."
        raise DataError([problems.unreadable(origin, "delimited text", remedy)])
    return Seen(origin=origin, table=table, samples=samples, layout=recognised(table.names), dialect=dialect)


def _detected(origin: Origin) -> Detected:
    try:
        found = detect(origin.file, Ingest(), _is_of_a_layout)
        if found.header_line.sure != "certain":
            other = detect(origin.file, Ingest(encoding=found.encoding.value), is_header)
            found = replace(other, encoding=found.encoding)
    except (OSError, EOFError) as error:
        problem = problems.unreadable(origin, "a readable file", f"Export it again ({error}).")
        raise DataError([problem]) from None
    if found.header_line.value is None:
        raise DataError([problems.empty(origin)])
    return found


def _samples(engine: Engine, table: Table) -> tuple[Sample, ...]:
    columns = ", ".join(sql for _, sql in table.fields)
    found = engine.connection.execute(
        f"SELECT {columns} FROM {table.relation} WHERE {table.condition} LIMIT {FIRST}"
    ).fetchall()
    cells = list(zip(*found, strict=True)) or [()] * len(table.fields)
    return tuple(
        Sample(name=name, cells=tuple(cell or "" for cell in column))
        for name, column in zip(table.names, cells, strict=True)
    )


def try_out(engine: Engine, seen: Sequence[Seen], reading: Reading) -> Trial:
    """Read every row of all origins with the proposed settings.

    Parameters
    ----------
    engine
        With the macros of ``read_macros.sql``.
    seen
        The origins of ``reading``, in its order.
    """
    engine.run("read_tables")
    trials = [_try_one(engine, one, reading) for one in seen]
    settings = _agreed([trial.settings for trial in trials])
    told = {name: guess.value for name, guess in settings.items() if guess.value is not None}
    if told and len(seen) > 1:  # what some files tell holds for those beside them that do not
        again = replace(reading, ingest=reading.ingest.model_copy(update=told))
        trials = [
            _try_one(engine, one, again) if trial.problems else trial for one, trial in zip(seen, trials, strict=True)
        ]
    days = [trial.last_day for trial in trials if trial.last_day]
    counted = [trial.rows for trial in trials if trial.rows is not None]
    return Trial(
        settings=settings,
        currencies=tuple(sorted({code for trial in trials for code in trial.currencies})),
        rows=sum(counted) if counted else None,
        last_day=max(days, default=None),
        first_rows=next((trial.first_rows for trial in trials if trial.first_rows), ()),
        problems=tuple(problem for trial in trials for problem in trial.problems),
    )


def _try_one(engine: Engine, one: Seen, reading: Reading) -> Trial:
    result = rows.read(engine, one.origin, reading, END_OF_TIME)
    if result.file is None:
        return Trial(settings={}, problems=tuple(result.problems))
    conventions = _told(one, result)
    if result.problems:
        return Trial(
            settings=conventions,
            rows=result.file.rows,
            first_rows=_first_rows(engine, "source_rows"),
            problems=tuple(result.problems),
        )
    (codes, last_day), *_ = engine.connection.execute(
        "SELECT list_sort(list(DISTINCT currency) FILTER (regexp_full_match(currency, '[A-Z]{3}'))), max(order_date) "
        "FROM read_rows WHERE left_out IS DISTINCT FROM 'summary row'"
    ).fetchall()
    if "date_format" in conventions and conventions["date_format"].value is None:  # the rows were read all the same
        form = result.file.date_format or ""
        conventions["date_format"] = Guess(value=WORDS.get(form, form), sure="certain", why=SYSTEM)
    return Trial(
        settings=conventions,
        currencies=tuple(codes or ()),
        rows=result.file.rows,
        last_day=last_day,
        first_rows=_first_rows(engine, "read_rows"),
    )


def _told(one: Seen, result: rows.Result) -> dict[str, Guess]:
    """Return what the columns tell of how they are written: of text, since numbers and moments are what they are."""
    found: dict[str, Guess] = {}
    if result.file is None or result.conventions is None:
        return found
    columns, written = result.file.columns, result.conventions
    if "order_date" in columns and columns["order_date"] not in one.table.moments:
        form = written.order_date
        found["date_format"] = form.guess if form.trouble is None else _open(form.trouble.expected)
    if any(our in columns and columns[our] not in one.table.numbers for our in rows.NUMBERS):
        marks = written.numbers
        found["decimal"] = marks.guess if marks.trouble is None else _open(marks.trouble.expected)
    return found


def _open(why: str) -> Guess:
    return Guess(value=None, sure="unsure", why=why)


def _agreed(several: Sequence[Mapping[str, Guess]]) -> dict[str, Guess]:
    """Return what the files that tell agree on; where they differ each is read in its own way."""
    found: dict[str, Guess] = {}
    for name in ("date_format", "decimal"):
        guesses = [settings[name] for settings in several if name in settings]
        told = [guess for guess in guesses if guess.value is not None]
        if len({guess.value for guess in told}) > 1:
            found[name] = Guess(value=None, sure="certain", why="each file has its own, and is read with it")
        elif guesses:
            found[name] = (told or guesses)[0]
    return found


def _first_rows(engine: Engine, table: str) -> tuple[Mapping[str, str], ...]:
    found = engine.connection.execute(
        f"SELECT {', '.join(f'{our}::VARCHAR' for our in PREVIEW)} FROM {table} ORDER BY record LIMIT {SHOWN}"
    ).fetchall()
    shown = ({our: cell for our, cell in zip(PREVIEW, row, strict=True) if cell} for row in found)
    return tuple({our: _plain(cell) if our == "amount" else cell for our, cell in row.items()} for row in shown)


def _plain(amount: str) -> str:
    """Leave out the zeros an exact amount ends in, but for two decimals."""
    return re.sub(r"(\.\d\d\d*?)0+$", r"\1", amount)
