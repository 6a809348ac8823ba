"""A source as the engine can select from: text, a workbook, Parquet, a database's rows or a DataFrame, all as text.

Text is read fast first, out of core, by the engine.  The engine cannot say where a value stood, so where something is
wrong the file is opened again, slowly, record by record, with the physical line each record begins on.  Elsewhere a
*line* is the sheet's row, or the row's number from 1.
"""

# ruff: noqa: S608  (columns and files cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError, Problem
from loyalty_lib.ingest import problems, text
from loyalty_lib.ingest.dialect import detect
from loyalty_lib.ingest.reading import Origin, Reading

if TYPE_CHECKING:
    import pandas as pd

SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
UNIT_SEPARATOR = "\x1f"  # a character that text does not hold: divides lines into one field
WHOLE = 2**53  # up to here every whole number has its own floating-point value
Known = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A source as the engine can select from.

    Attributes
    ----------
    relation
        What stands after FROM; its alias is "source".
    condition
        What stands after WHERE: which of its rows stand below the header.
    fields
        Name and SQL expression of each column as text, in the source's order; names may repeat.
    record
        SQL expression of a row's place in the source: ascending, the line where there is one.
    numbers
        The columns that were numbers before they were text: their decimal mark is a point.
    moments
        The columns that were days or moments before they were text: they are ISO 8601.
    located
        Whether ``record`` is the line.
    header_line
        The line that holds the names, where there is one.
    dialect
        Of text.
    sheet
        Of a workbook.
    """

    relation: str
    fields: tuple[tuple[str, str], ...]
    condition: str = "true"
    record: str = "source.record"
    numbers: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    located: bool = True
    header_line: int | None = None
    dialect: text.Dialect | None = None
    sheet: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name, _ in self.fields)


class Refused(Exception):  # noqa: N818  (no error of the program: it carries problems up to where they are collected)
    """A source that cannot be read, with what is wrong."""

    def __init__(self, *found: Problem) -> None:
        super().__init__()
        self.found = list(found)


class NotFast(duckdb.Error):
    """Text that the engine would read otherwise than it is meant."""


def is_text(origin: Origin) -> bool:
    """Tell whether an origin is delimited text."""
    if origin.path is None:
        return False
    return origin.path.suffix.lower() not in SPREADSHEETS | {".parquet", ".pq"}


def open_table(
    engine: Engine, origin: Origin, reading: Reading, known: Known, *, mistakes: text.Mistakes | None = None
) -> Table:
    """Open one origin.

    Parameters
    ----------
    engine
        Gets a table or a registered frame where the source is no file it can scan.
    origin, reading
        What to open, and what is set about it.
    known
        Tells whether the cells of a record are names of columns that can be used: finds the header below a title.
    mistakes
        Given: text is opened slowly, with lines, and this is filled with what is wrong with its records.

    Raises
    ------
    Refused
        If it cannot be opened.
    duckdb.Error
        If text cannot be read fast; it is to be opened again with ``mistakes``.
    """
    try:
        if origin.query is not None:
            return _query(engine, origin)
        if origin.frame is not None:
            return _frame(engine, origin)
        if origin.file.suffix.lower() in SPREADSHEETS:
            return _sheet(engine, origin, reading, known)
        if not is_text(origin):
            return _parquet(engine, origin)
        return _text(engine, origin, reading, known, mistakes)
    except DataError as error:
        raise Refused(*error.problems) from None
    except UnicodeDecodeError:
        encoding = reading.ingest.encoding or "utf-8"
        line = text.undecodable_line(origin.file, encoding)
        raise Refused(problems.wrong_encoding(origin, reading, encoding, line)) from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise Refused(problems.unreadable(origin, "a whole gzip file", f"Export it again ({error}).")) from None
    except OSError as error:
        remedy = f"Look into it: {error.strerror or error}."
        raise Refused(problems.unreadable(origin, "a readable file", remedy)) from None


def _text(engine: Engine, origin: Origin, reading: Reading, known: Known, mistakes: text.Mistakes | None) -> Table:
    found = detect(origin.file, reading.ingest, known)
    if found.header_line.value is None:
        raise Refused(problems.empty(origin))
    dialect = text.Dialect(
        encoding=found.encoding.value or "utf-8",
        delimiter=found.delimiter.value or ",",
        header_line=int(found.header_line.value),
    )
    try:
        header = text.header(origin.file, dialect)
    except text.NotRecords as error:
        raise Refused(problems.unreadable(origin, "a header line", f"Mend the first line: {error}.")) from None
    if header is None:
        raise Refused(problems.empty(origin))
    if mistakes is None:
        path = literal(str(text.utf8(origin.file, dialect.encoding, engine.scratch)))
        table = _fast(path, dialect, header)
        if not _begins_with(engine, table, header) or _has_longer(engine, path, dialect, header):
            message = "the text is to be read record by record"
            raise NotFast(message)
        return table
    return _slow(engine, origin, dialect, header, mistakes)


def _begins_with(engine: Engine, table: Table, header: text.Header) -> bool:
    """Tell whether the engine takes the same record for the header: a title above it may confuse it."""
    columns = ", ".join(sql for _, sql in table.fields)
    first = engine.connection.execute(f"SELECT {columns} FROM {table.relation} LIMIT 1").fetchall()
    return [tuple((cell or "").strip() for cell in row) for row in first] == [header.names]


def _has_longer(engine: Engine, path: str, dialect: text.Dialect, header: text.Header) -> bool:
    """Tell whether a line has more fields than the header: the engine passes over an empty one at its end.

    Where the field before it is half of one ("1,234.50," without its quotes), the amount would be 1.  Lines within a
    quoted field may be taken for longer ones; the slow reading knows better.
    """
    if dialect.delimiter == text.WHITESPACE:
        return False
    lines = (
        f"read_csv({path}, auto_detect = false, header = false, skip = {header.line}, columns = {{'line': 'VARCHAR'}}, "
        f"delim = {literal(UNIT_SEPARATOR)}, quote = '', escape = '')"
    )
    bare = """CASE WHEN contains(line, '"') THEN regexp_replace(line, '"[^"]*"', '', 'g') ELSE line END"""
    divided = f"length(line) - length(replace(line, {literal(dialect.delimiter)}, ''))"
    query = f"SELECT 1 FROM (SELECT {bare} AS line FROM {lines}) WHERE {divided} >= {len(header.names)} LIMIT 1"
    return bool(engine.connection.execute(query).fetchall())


def _slow(engine: Engine, origin: Origin, dialect: text.Dialect, header: text.Header, mistakes: text.Mistakes) -> Table:
    width = len(header.names)
    fill(engine, width, text.numbered(origin.file, dialect, width, mistakes))
    return Table(
        relation="numbered_rows AS source",
        fields=tuple((name, f"source.c{i}") for i, name in enumerate(header.names)),
        header_line=header.line,
        dialect=dialect,
    )


def _fast(path: str, dialect: text.Dialect, header: text.Header) -> Table:
    width = len(header.names)
    common = f"auto_detect = false, header = false, skip = {header.line - 1}"
    if dialect.delimiter == text.WHITESPACE:
        rows = (
            f"SELECT string_split_regex(trim(line, E' \\t\\r\\f'), '\\s+') AS parts FROM read_csv({path}, {common}, "
            f"columns = {{'line': 'VARCHAR'}}, delim = {literal(UNIT_SEPARATOR)}, quote = '', escape = '') "
            f"WHERE trim(line, E' \\t\\r\\f') <> '' AND (len(parts) = {width} OR error('fields'))"
        )
        fields = tuple((name, f"source.parts[{i}]") for i, name in enumerate(header.names, start=1))
    else:
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
        rows = (
            f"SELECT * FROM read_csv({path}, {common}, columns = {{{columns}}}, delim = {literal(dialect.delimiter)}, "
            "quote = '\"', escape = '\"')"
        )
        fields = tuple((name, f"source.c{i}") for i, name in enumerate(header.names))
    return Table(
        # The engine keeps the rows of a file in their order; numbering them costs next to nothing.
        relation=f"(SELECT *, row_number() OVER () AS record FROM ({rows})) AS source",
        fields=fields,
        condition="source.record > 1",
        located=False,
        header_line=header.line,
        dialect=dialect,
    )


def fill(engine: Engine, width: int, chunks: Iterable[pa.Table]) -> None:
    """Keep chunks of text (record, c0, c1, ... and the line, where it is not the record) as ``numbered_rows``."""
    texts = ", ".join(f"c{i}" for i in range(width))
    columns = ", ".join(f"c{i} VARCHAR" for i in range(width))
    engine.connection.execute(f"CREATE OR REPLACE TEMP TABLE numbered_rows (record BIGINT, {columns})")
    for chunk in chunks:
        engine.connection.register("chunk", chunk)
        record = "coalesce(line, record)" if "line" in chunk.column_names else "record"
        engine.connection.execute(f"INSERT INTO numbered_rows SELECT {record}, {texts} FROM chunk")
        engine.connection.unregister("chunk")


def _parquet(engine: Engine, origin: Origin) -> Table:
    scan = f"read_parquet({literal(str(origin.file))}, file_row_number = true)"
    try:
        described = engine.connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    except duckdb.Error:
        raise Refused(problems.unreadable(origin, "a Parquet file", "Export it again.")) from None
    types = {name: kind for name, kind, *_ in described if name != "file_row_number"}
    return _typed(
        f"{scan} AS source",
        [(name, f"source.{quoted(name)}", kind) for name, kind in types.items()],
        record="source.file_row_number + 1",
    )


def _frame(engine: Engine, origin: Origin) -> Table:
    frame = origin.frame
    assert frame is not None  # the caller looked
    names = [str(name) for name in frame.columns]
    columns = [_as_arrow(frame.iloc[:, i]) for i in range(len(names))]
    lines = pa.array(np.arange(1, len(frame) + 1))
    arrow = pa.table([*columns, lines], names=[*(f"c{i}" for i in range(len(names))), "record"])
    engine.connection.register("frame_rows", arrow)
    kinds = [kind for _, kind, *_ in engine.connection.execute("DESCRIBE frame_rows").fetchall()]
    fields = [(name, f"source.c{i}", kind) for i, (name, kind) in enumerate(zip(names, kinds, strict=False))]
    return _typed("frame_rows AS source", fields, record="source.record")


def _typed(relation: str, fields: Sequence[tuple[str, str, str]], *, record: str) -> Table:
    return Table(
        relation=relation,
        fields=tuple((name, _as_text(sql, kind)) for name, sql, kind in fields),
        record=record,
        numbers=frozenset(name for name, _, kind in fields if kind.startswith(_NUMBERS)),
        moments=frozenset(name for name, _, kind in fields if kind.startswith(("DATE", "TIMESTAMP"))),
    )


_NUMBERS = ("BIGINT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT", "U")


def _sheet(engine: Engine, origin: Origin, reading: Reading, known: Known) -> Table:
    from loyalty_lib.ingest.sheets import read_sheet

    ingest = reading.ingest
    sheet = read_sheet(origin.file, sheet=ingest.sheet, header_line=ingest.header_line, known=known, shown=origin.name)
    fill(engine, len(sheet.names), sheet.chunks)
    return Table(
        relation="numbered_rows AS source",
        fields=tuple((name, f"source.c{i}") for i, name in enumerate(sheet.names)),
        numbers=_numbers(sheet.names, sheet.numeric),
        header_line=sheet.header_line,
        sheet=sheet.name,
    )


def _query(engine: Engine, origin: Origin) -> Table:
    assert origin.query is not None  # the caller looked
    result = origin.query()
    fill(engine, len(result.names), result.chunks)
    return Table(
        relation="numbered_rows AS source",
        fields=tuple((name, f"source.c{i}") for i, name in enumerate(result.names)),
        numbers=_numbers(result.names, result.numeric),
    )


def _numbers(names: Sequence[str], numeric: Collection[int]) -> frozenset[str]:
    """Name the columns, told by their place, that hold numbers only."""
    return frozenset(names[place] for place in numeric)


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


def literal(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
