"""The generic layout: one table, one row an order or an order line, columns named in the client's settings.

Reads delimited text (``.csv``, ``.tsv``, ``.txt``, each also ``.gz``), Parquet, and a DataFrame.  Every value passes
through text, so that one file of SQL (``read_rows.sql``) decides for all of them what a date and an amount are.  In
messages a *line* is the physical line a record of a text file begins on; in Parquet and a DataFrame it is the row's
number, from 1.
"""

# ruff: noqa: S608  (columns and files cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from loyalty_lib.columns import CANONICAL
from loyalty_lib.engine import Engine
from loyalty_lib.errors import Problem
from loyalty_lib.ingest import problems, text
from loyalty_lib.ingest.reading import Origin, Reading

if TYPE_CHECKING:
    import pandas as pd

ALWAYS = frozenset({"customer_id", "order_date", "amount"})  # the columns no file can do without
SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods", ".numbers"})
OTHER_DELIMITERS = (";", "\t", "|", ",")
UNIT_SEPARATOR = "\x1f"  # a character that text does not hold: divides lines into one field
MOMENTS = ("DATE", "TIMESTAMP")  # how the names of the engine's types of days and moments begin
WHOLE = 2**53  # up to here every whole number has its own floating-point value


@dataclass(frozen=True, kw_only=True)
class Table:
    """A source as the engine can select from.

    Attributes
    ----------
    relation
        What stands after FROM; its alias is "source".
    fields
        Name and SQL expression of each column as text, in the source's order; names may repeat.
    types
        The engine's type of the columns that were not text.
    line
        SQL expression of a row's line; ``None`` where the engine does not know it.
    header_line
        The line that holds the names, where there is one.
    """

    relation: str
    fields: tuple[tuple[str, str], ...]
    types: Mapping[str, str] = field(default_factory=dict)
    line: str | None = None
    header_line: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name, _ in self.fields)


class _Refused(Exception):  # noqa: N818  (no error of the program: it carries problems up to where they are collected)
    def __init__(self, *found: Problem) -> None:
        super().__init__()
        self.found = list(found)


def prepare(engine: Engine, reading: Reading) -> list[Problem]:
    """Load the lookup table, if there is one, into the engine's ``lookup``; return what is wrong with it."""
    if reading.lookup is None:
        return []
    try:
        table = _open(engine, reading.lookup, reading, fast=True)
        key = _expression(table, reading.lookup, "lookup key", reading.lookup_key, reading)
    except _Refused as refused:
        return refused.found
    columns = ", ".join(f"{sql} AS {_quoted(name)}" for name, sql in dict(table.fields).items())
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE lookup AS SELECT {columns} FROM {table.relation} WHERE {key} <> ''"
    )
    name = _quoted(reading.lookup_key)
    repeated = engine.connection.execute(
        f"SELECT {name}, count(*) OVER () FROM lookup GROUP BY {name} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchall()
    return [problems.repeated_key(reading.lookup, reading.lookup_key, value, count) for value, count in repeated]


def read(engine: Engine, origin: Origin, reading: Reading) -> list[Problem]:
    """Read one file or DataFrame into the engine's ``read_rows``; return what is wrong with it.

    Text is read fast first.  Where that fails or finds mistakes, a second reading finds every mistake and its line.
    """
    try:
        try:
            table = _open(engine, origin, reading, fast=True)
            found = _type(engine, origin, table, reading)
        except duckdb.Error as error:
            if not _is_text(origin):
                raise _Refused(problems.unreadable(origin, "readable rows", f"Export it again ({error}).")) from error
        else:
            if table.line or not found:
                return found
        mistakes = text.Mistakes()
        table = _open(engine, origin, reading, fast=False, mistakes=mistakes)
        found = _type(engine, origin, table, reading)
        return problems.structure(origin, len(table.fields), _dialect(origin, reading).delimiter, mistakes) + found
    except _Refused as refused:
        return refused.found


def tidy(engine: Engine) -> None:
    """Remove what reading leaves behind: columns no analysis may see, and customers who are to be forgotten."""
    engine.connection.execute(
        "DROP VIEW IF EXISTS source_rows; DROP TABLE IF EXISTS numbered_rows; DROP TABLE IF EXISTS lookup"
    )
    engine.connection.unregister("frame_rows")
    for copy in engine.scratch.glob(text.COPY):
        copy.unlink()


def _type(engine: Engine, origin: Origin, table: Table, reading: Reading) -> list[Problem]:
    """Give the rows their types, in ``read_rows``; return the values that have none."""
    ingest = reading.ingest
    _project(engine, origin, table, reading)
    date_format = ingest.date_format or "%Y-%m-%d"
    engine.run(
        "read_rows",
        iso=ingest.date_format is None or table.types.get(ingest.columns.order_date, "").startswith(MOMENTS),
        date_format=date_format,
        has_time=any(code in date_format for code in ("%H", "%-H", "%I", "%-I")),
        has_offset=any(code in date_format for code in ("%z", "%Z")),
        zone=reading.time_zone,
        naive_zone=ingest.time_zone or reading.time_zone,
        decimal="." if ingest.columns.amount in table.types else ingest.decimal,
    )
    return problems.values(engine, origin, reading)


def _project(engine: Engine, origin: Origin, table: Table, reading: Reading) -> None:
    """Make the view ``source_rows``: the canonical columns as text, under the names the SQL files know."""
    if reading.lookup is not None:
        table = _with_lookup(engine, origin, table, reading)
    found: list[Problem] = []
    columns = [f"{table.line or 'NULL::BIGINT'} AS line"]
    for column in CANONICAL:
        name = getattr(reading.ingest.columns, column.name)
        if name is None and column.name not in table.names:
            columns.append(f"NULL::VARCHAR AS {column.name}")
            continue
        try:
            columns.append(f"{_expression(table, origin, column.name, name or column.name, reading)} AS {column.name}")
        except _Refused as refused:
            found += refused.found
    if found:
        raise _Refused(*(_divided(origin, table, reading) or found))
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW source_rows AS SELECT {', '.join(columns)} FROM {table.relation}"
    )


def _with_lookup(engine: Engine, origin: Origin, table: Table, reading: Reading) -> Table:
    """Append the lookup's columns that the table itself does not have."""
    key = _expression(table, origin, "lookup key", reading.lookup_key, reading)
    names = [row[0] for row in engine.connection.execute("DESCRIBE lookup").fetchall()]
    return replace(
        table,
        relation=f"{table.relation} LEFT JOIN lookup ON lookup.{_quoted(reading.lookup_key)} = {key}",
        fields=(*table.fields, *((name, f"lookup.{_quoted(name)}") for name in names if name not in table.names)),
    )


def _expression(table: Table, origin: Origin, setting: str, name: str, reading: Reading) -> str:
    """Return the SQL of the column ``name`` as text."""
    places = [sql for column, sql in table.fields if column == name]
    if not places:
        raise _Refused(problems.missing_column(origin, table.header_line, setting, name, table.names, reading))
    if len(places) > 1:
        raise _Refused(problems.duplicate_column(origin, table.header_line, name, len(places)))
    return places[0]


def _divided(origin: Origin, table: Table, reading: Reading) -> list[Problem]:
    """Return the one problem behind all missing columns: a header that is divided by another character."""
    if table.header_line is None or len(table.names) > 1:
        return []
    other = max(OTHER_DELIMITERS, key=table.names[0].count)
    if not table.names[0].count(other):
        return []
    return [problems.wrong_delimiter(origin, table.names[0], table.header_line, other, reading)]


def _open(
    engine: Engine, origin: Origin, reading: Reading, *, fast: bool, mistakes: text.Mistakes | None = None
) -> Table:
    if origin.frame is not None:
        return _frame(engine, origin)
    path = origin.file
    if path.suffix.lower() in SPREADSHEETS:
        remedy = "Save the sheet as CSV (UTF-8) and name that file."
        raise _Refused(problems.unreadable(origin, "delimited text or Parquet", remedy))
    if not _is_text(origin):
        return _parquet(engine, origin)
    try:
        return _text(engine, origin, reading, fast=fast, mistakes=mistakes or text.Mistakes())
    except UnicodeDecodeError:
        line = text.undecodable_line(path, reading.ingest.encoding)
        raise _Refused(problems.wrong_encoding(origin, reading, line)) from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise _Refused(problems.unreadable(origin, "a whole gzip file", f"Export it again ({error}).")) from None
    except OSError as error:
        raise _Refused(problems.unreadable(origin, "a readable file", f"Look into it: {error.strerror}.")) from None


def _is_text(origin: Origin) -> bool:
    return origin.path is not None and origin.path.suffix.lower() != ".parquet"


def _dialect(origin: Origin, reading: Reading) -> text.Dialect:
    tabs = origin.path is not None and ".tsv" in origin.path.suffixes[-2:]
    return text.Dialect(encoding=reading.ingest.encoding, delimiter=reading.ingest.delimiter or ("\t" if tabs else ","))


def _text(engine: Engine, origin: Origin, reading: Reading, *, fast: bool, mistakes: text.Mistakes) -> Table:
    dialect = _dialect(origin, reading)
    try:
        header = text.header(origin.file, dialect)
    except text.NotRecords as error:
        raise _Refused(problems.unreadable(origin, "a header line", f"Mend the first line: {error}.")) from None
    if header is None:
        raise _Refused(problems.empty(origin))
    width = len(header.names)
    if not fast:
        engine.connection.execute(text.numbered_table(width))
        for chunk in text.numbered(origin.file, dialect, width, mistakes):
            engine.connection.register("chunk", chunk)
            engine.connection.execute("INSERT INTO numbered_rows SELECT * FROM chunk")
            engine.connection.unregister("chunk")
        fields = tuple((name, f"source.c{i}") for i, name in enumerate(header.names))
        return Table(relation="numbered_rows AS source", fields=fields, line="source.line", header_line=header.line)
    path = _literal(str(text.utf8(origin.file, dialect.encoding, engine.scratch)))
    common = f"auto_detect = false, header = true, skip = {header.line - 1}"
    if dialect.delimiter == text.WHITESPACE:
        relation = (
            f"(SELECT string_split_regex(trim(line, E' \\t\\r\\f'), '\\s+') AS parts FROM read_csv({path}, {common}, "
            f"columns = {{'line': 'VARCHAR'}}, delim = {_literal(UNIT_SEPARATOR)}, quote = '', escape = '') "
            f"WHERE trim(line, E' \\t\\r\\f') <> '' AND (len(parts) = {width} OR error('fields'))) AS source"
        )
        fields = tuple((name, f"source.parts[{i}]") for i, name in enumerate(header.names, start=1))
        return Table(relation=relation, fields=fields, header_line=header.line)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    relation = (
        f"read_csv({path}, {common}, columns = {{{columns}}}, delim = {_literal(dialect.delimiter)}, "
        "quote = '\"', escape = '\"') AS source"
    )
    fields = tuple((name, f"source.c{i}") for i, name in enumerate(header.names))
    return Table(relation=relation, fields=fields, header_line=header.line)


def _parquet(engine: Engine, origin: Origin) -> Table:
    scan = f"read_parquet({_literal(str(origin.file))}, file_row_number = true)"
    try:
        described = engine.connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    except duckdb.Error:
        raise _Refused(problems.unreadable(origin, "a Parquet file", "Export it again.")) from None
    types = {name: kind for name, kind, *_ in described if name != "file_row_number"}
    return Table(
        relation=f"{scan} AS source",
        fields=tuple((name, _as_text(f"source.{_quoted(name)}", kind)) for name, kind in types.items()),
        types={name: kind for name, kind in types.items() if kind != "VARCHAR"},
        line="source.file_row_number + 1",
    )


def _frame(engine: Engine, origin: Origin) -> Table:
    frame = origin.frame
    assert frame is not None  # the caller looked
    names = [str(name) for name in frame.columns]
    columns = [_as_arrow(frame.iloc[:, i]) for i in range(len(names))]
    lines = pa.array(np.arange(1, len(frame) + 1))
    arrow = pa.table([*columns, lines], names=[*(f"c{i}" for i in range(len(names))), "line"])
    engine.connection.register("frame_rows", arrow)
    kinds = [kind for _, kind, *_ in engine.connection.execute("DESCRIBE frame_rows").fetchall()]
    return Table(
        relation="frame_rows AS source",
        fields=tuple(
            (name, _as_text(f"source.c{i}", kind)) for i, (name, kind) in enumerate(zip(names, kinds, strict=False))
        ),
        types={name: kind for name, kind in zip(names, kinds, strict=False) if kind != "VARCHAR"},
        line="source.line",
    )


def _as_arrow(column: pd.Series) -> pa.Array:
    """Return a column for the engine, missing values as NULL; one of mixed Python objects as their text."""
    try:
        return pa.Array.from_pandas(column)
    except pa.ArrowException:
        return pa.Array.from_pandas(column.astype("string"))


def _as_text(sql: str, kind: str) -> str:
    """Return the SQL that writes a value of the engine's type ``kind`` as text; 17850.0 is 17850, NaN is nothing."""
    if kind == "VARCHAR":
        return sql
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"isfinite({sql}) AND {sql} = trunc({sql}) AND abs({sql}) < {WHOLE}"
        return f"CASE WHEN {whole} THEN {sql}::BIGINT::VARCHAR ELSE nullif({sql}::VARCHAR, 'nan') END"
    return f"{sql}::VARCHAR"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
