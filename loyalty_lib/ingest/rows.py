"""One origin into typed rows: opened, its columns found, its conventions decided, every value a date or a number.

Leaves the engine's table ``read_rows``.  Text is read fast first; where that fails or finds mistakes, a second reading
finds every mistake and its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

import duckdb
from babel.core import get_global
from babel.numbers import get_currency_precision, list_currencies

from loyalty_lib.engine import Engine
from loyalty_lib.errors import Problem
from loyalty_lib.ingest import problems, text
from loyalty_lib.ingest.conventions import DateForm, DecimalForm, Trouble, dates, decimals
from loyalty_lib.ingest.mapping import Mapped, known, map_columns, project, with_lookup
from loyalty_lib.ingest.opening import Refused, is_text, literal, open_table
from loyalty_lib.ingest.passes import Passes
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.quality import FileRead

NUMBERS: Final = ("amount", "quantity", "unit_price", "refunded")
NO_DAY: Final = "NULL::DATE"
MARKS: Final = ("refund", "test", "consent", "objection")


@dataclass(frozen=True, eq=False, kw_only=True)
class Conventions:
    """How a file's dates and numbers are written: decided by whole columns."""

    order_date: DateForm
    refunded_on: DateForm
    numbers: DecimalForm

    def troubles(self) -> dict[str, Trouble]:
        """Return what the columns do not tell, or tell twice, by column; for all numbers as that of the amount."""
        found = {
            "order_date": self.order_date.trouble,
            "refunded_on": self.refunded_on.trouble,
            "amount": self.numbers.trouble,
        }
        return {field: trouble for field, trouble in found.items() if trouble is not None}


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What became of one origin.

    Attributes
    ----------
    file
        How it was read; ``None`` where it could not even be opened.
    problems
        What is wrong with it.
    undecided
        Whether all that is wrong is that its columns do not tell how they are written.
    located
        Whether the problems name lines.
    conventions
        How it is written; ``None`` where it could not even be opened.
    """

    file: FileRead | None
    problems: list[Problem]
    undecided: bool = False
    located: bool = True
    conventions: Conventions | None = None


def read(engine: Engine, origin: Origin, reading: Reading, until: dt.date, passes: Passes | None = None) -> Result:
    """Read one origin into the engine's ``read_rows``; rows after ``until`` are read, and not counted."""
    passes = passes or Passes()
    try:
        try:
            result = _read(engine, origin, reading, until, passes, None)
        except duckdb.Error as error:
            if not is_text(origin):
                raise Refused(problems.unreadable(origin, "readable rows", f"Export it again ({error}).")) from error
        else:
            if result.located or not result.problems:
                return result
        mistakes = text.Mistakes()
        result = _read(engine, origin, reading, until, passes, mistakes)
        width = len(engine.connection.execute("DESCRIBE numbered_rows").fetchall()) - 1
        delimiter = result.file.delimiter if result.file else None
        broken = problems.structure(origin, width, delimiter or ",", mistakes)
        return replace(result, problems=broken + result.problems, undecided=result.undecided and not broken)
    except Refused as refused:
        return Result(file=None, problems=refused.found)


def _read(
    engine: Engine,
    origin: Origin,
    reading: Reading,
    until: dt.date,
    passes: Passes,
    mistakes: text.Mistakes | None,
) -> Result:
    name = origin.path.name if origin.path else origin.name
    passes.begin(f"{name}: dates")
    table = open_table(engine, origin, reading, known(reading), mistakes=mistakes)
    table = with_lookup(engine, table, origin, reading)
    mapped = map_columns(table, origin, reading)
    project(engine, mapped)
    wrong: list[Problem] = []
    if mapped.layout.once:
        engine.run("read_spread")
        wrong = problems.differing_totals(engine, origin, mapped)
    conventions = _conventions(engine, mapped, reading, lambda: passes.begin(f"{name}: amounts"))
    troubles = conventions.troubles()
    for field, trouble in troubles.items():
        wrong.append(problems.undecided(trouble, origin, mapped.shown(field), reading, located=table.located))
    passes.begin(f"{name}: ids")
    (ids,) = engine.arrow("read_id_points").to_pylist()
    if any(ids.values()):
        (ids,) = engine.arrow("read_ids").to_pylist()
    passes.begin(f"{name}: rows")
    _type(engine, mapped, conventions, reading, ids)
    wrong += problems.values(
        engine,
        origin,
        mapped,
        reading,
        date_shown=conventions.order_date.shown,
        decimal=conventions.numbers.decimal,
        besides=[*troubles, *(NUMBERS if "amount" in troubles else ())],
    )
    wrong = wrong or problems.totals(engine, origin, mapped, reading)
    file = _file(engine, origin, mapped, conventions, until)
    asks = [trouble for trouble in troubles.values() if trouble.kind == "ambiguous"]
    return Result(
        file=file,
        problems=wrong,
        undecided=0 < len(asks) == len(wrong),
        located=table.located,
        conventions=conventions,
    )


def _conventions(engine: Engine, mapped: Mapped, reading: Reading, next_pass: Callable[[], None]) -> Conventions:
    ingest, table = reading.ingest, mapped.table
    columns = [field for field in NUMBERS if field in mapped.sql and not mapped.typed(field, table.numbers)]

    def written(field: Literal["order_date", "refunded_on"]) -> DateForm:
        moment = mapped.typed(field, table.moments) or field not in mapped.sql
        return dates(engine, field, "iso" if moment else ingest.date_format or mapped.layout.date_format)

    order_date, refunded_on = written("order_date"), written("refunded_on")
    next_pass()
    return Conventions(
        order_date=order_date,
        refunded_on=refunded_on,
        numbers=decimals(engine, columns, ingest.decimal),
    )


def _type(engine: Engine, mapped: Mapped, conventions: Conventions, reading: Reading, ids: Mapping[str, bool]) -> None:
    """Give the rows their types, in ``read_rows``."""
    engine.connection.execute(";".join(_macros(mapped, conventions, reading)))
    engine.run(
        "read_rows",
        has_amount="amount" in mapped.sql,
        minor_units=mapped.layout.minor_units,
        no_decimals=_currencies(0),
        three_decimals=_currencies(3),
        sales=sorted(mapped.layout.sales),
        **ids,
    )


def _macros(mapped: Mapped, conventions: Conventions, reading: Reading) -> Iterator[str]:
    """Yield the macros of ``read_rows.sql``: what the file does not have is not looked for, which costs time."""
    naive = reading.ingest.time_zone or mapped.layout.time_zone or reading.time_zone
    for macro, field, form in (
        ("day_read", "order_date", conventions.order_date),
        ("refund_day_read", "refunded_on", conventions.refunded_on),
    ):
        yield _macro(macro, _day(form, literal(reading.time_zone), literal(naive)) if field in mapped.sql else NO_DAY)
    for macro, field in zip(("amount_read", "quantity_read", "price_read", "refunded_read"), NUMBERS, strict=True):
        mark = "." if mapped.typed(field, mapped.table.numbers) else conventions.numbers.decimal
        there = field in mapped.sql
        yield _macro(macro, f"amount_of(value, {literal(mark)})" if there else "NULL::DECIMAL(18, 6)")
    yield _macro("currency_read", "currency_of(value)" if conventions.numbers.currencies else "NULL::VARCHAR")
    marked = any(field in mapped.sql for field in MARKS)
    yield _macro("mark_read", "flag_of(value)" if marked else "NULL::BOOLEAN")


def _day(form: DateForm, zone: str, naive_zone: str) -> str:
    """Return the SQL of a day: ``day_of`` would have the engine plan the ways of writing that it is not, too."""
    ways = {
        "iso": f"iso_day(bare(value), {zone}, {naive_zone})",
        "excel": f"excel_day(bare(value), {zone}, {naive_zone})",
        "epoch": f"epoch_day(bare(value), 1, {zone})",
        "epoch_ms": f"epoch_day(bare(value), 1000, {zone})",
        "strptime": f"strptime_day(bare(value), {literal(form.format)}, {zone}, {naive_zone})",
    }
    return ways[form.kind]


def _macro(name: str, sql: str) -> str:
    return f"CREATE OR REPLACE TEMP MACRO {name}(value) AS {sql}"


@cache
def _currencies(decimals_: int) -> list[str]:
    """Return the currencies whose amounts have that many decimals (ISO 4217, from CLDR)."""
    known_ones = get_global("currency_fractions").keys() & list_currencies()
    return sorted(code for code in known_ones if get_currency_precision(code) == decimals_)


def _file(engine: Engine, origin: Origin, mapped: Mapped, conventions: Conventions, until: dt.date) -> FileRead:
    table = mapped.table
    rows = engine.connection.execute(
        "SELECT count(*) FROM read_rows WHERE order_date <= $1 IS NOT FALSE", [until]
    ).fetchall()
    return FileRead(
        name=origin.path.name if origin.path else origin.name,
        layout=mapped.layout.name,
        rows=rows[0][0],
        encoding=table.dialect.encoding if table.dialect else None,
        delimiter=table.dialect.delimiter if table.dialect else None,
        header_line=table.header_line,
        sheet=table.sheet,
        decimal=conventions.numbers.decimal,
        date_format=conventions.order_date.shown,
        columns=dict(mapped.columns),
    )
