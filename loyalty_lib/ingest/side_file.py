"""A file beside the orders (answers, complaints, contracts, members): typed, every problem at once.

Goes in: an origin and the fields wanted of it.  Comes out: a DataFrame with one column a field.  Encoding, delimiter,
date format and decimal mark are found out from the whole file, as for orders; each file is written in its own way.
"""

# ruff: noqa: S608  (columns cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError, Problem
from loyalty_lib.ingest import problems, text
from loyalty_lib.ingest.conventions import dates, decimals
from loyalty_lib.ingest.opening import Refused, literal, open_table, quoted
from loyalty_lib.ingest.reading import Origin, Reading

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.ingest.opening import Table
    from loyalty_lib.ingest.trouble import Trouble

Kind = Literal["id", "day", "number", "text"]
EXPECTED: Final = {"id": "an id", "day": "a date", "number": "a number", "text": "text"}
# As in read_rows.sql: dates beyond are slips of the pen.
EARLIEST, LATEST = "DATE '1900-01-01'", "DATE '2200-12-31'"


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is wanted of a file.

    Attributes
    ----------
    name
        Ours; the column of the DataFrame.
    column
        The file's.
    kind
        "id", "day", "number" or "text".
    needed
        Whether the file must have the column; else it may lack it, and all values are missing.
    filled
        Whether every row must hold a value.
    setting
        Where the column's name is set: "survey.customer_id".
    """

    name: str
    column: str
    kind: Kind
    setting: str
    needed: bool = False
    filled: bool = False

    @property
    def sql(self) -> str:
        """Its name as SQL writes it."""
        return quoted(self.name)


def read_side_file(origin: Origin, fields: Sequence[Field], *, settings: str, time_zone: str) -> pd.DataFrame:
    """Read one side file.

    Parameters
    ----------
    origin
        The file.
    fields
        What is wanted of it.
    settings
        The file that names the columns, for remedies: "clients/acme/client.yml".
    time_zone
        In which a moment becomes a day.

    Returns
    -------
    DataFrame
        One row a row of the file that holds anything, in its order: ids and texts as text, days as datetime64, numbers
        as float64; missing values missing.

    Raises
    ------
    DataError
        If anything cannot be read as it stands.
    """
    engine = Engine()
    try:
        return _read(engine, origin, fields, settings, time_zone)
    except Refused as refused:
        raise DataError(refused.found) from None
    finally:
        engine.close()


def _read(engine: Engine, origin: Origin, fields: Sequence[Field], settings: str, time_zone: str) -> pd.DataFrame:
    engine.run("read_macros")
    reading = Reading(origins=[origin], ingest=Ingest(), time_zone=time_zone, settings=settings)
    mistakes = text.Mistakes()
    names = {field.column for field in fields}
    table = open_table(engine, origin, reading, lambda cells: bool(names & set(cells)), mistakes=mistakes)
    found = _missing(origin, fields, table, settings)
    if found:
        raise DataError(found)
    found = problems.structure(origin, len(table.names), table.dialect.delimiter if table.dialect else ",", mistakes)
    engine.connection.execute(f"CREATE TEMP TABLE beside AS {_texts(fields, table)}")
    typed, wrong = _typed(engine, origin, table, fields, time_zone)
    found += wrong
    columns = ", ".join(f"{typed[field.name]} AS {field.sql}" for field in fields)
    engine.connection.execute(f"CREATE TEMP TABLE typed AS SELECT record, {columns} FROM beside")
    if not wrong:
        found += _bad_values(engine, origin, fields)
    if found:
        raise DataError(found)
    names_only = ", ".join(field.sql for field in fields)
    rows = engine.connection.sql(f"SELECT {names_only} FROM typed ORDER BY record").to_arrow_table()
    frame: pd.DataFrame = rows.to_pandas(date_as_object=False)
    kinds = {"id": "str", "text": "str", "day": "datetime64[s]", "number": "float64"}
    return frame.astype({field.name: kinds[field.kind] for field in fields})


def _missing(origin: Origin, fields: Sequence[Field], table: Table, settings: str) -> list[Problem]:
    """Describe the columns that the file does not have, or has twice."""
    found = []
    for field in fields:
        count = table.names.count(field.column)
        if count > 1:
            found.append(problems.duplicate_column(origin, table.header_line, field.column, count))
        elif field.needed and not count:
            here = ", ".join(name for name in table.names if name) or "none"
            remedy = f"Set {field.setting} in {settings} to one of: {here}."
            lines = () if table.header_line is None else (table.header_line,)
            found.append(
                Problem(file=origin.name, lines=lines, count=1, expected=f"a column '{field.column}'", remedy=remedy)
            )
    return found


def _texts(fields: Sequence[Field], table: Table) -> str:
    """Return the SQL of the rows that hold anything, every wanted column as bare text, NULL where it is blank."""
    places = dict(reversed(table.fields))
    columns = [
        f"nullif(bare({places[field.column]}), '') AS {field.sql}"
        if field.column in places
        else f"NULL::VARCHAR AS {field.sql}"
        for field in fields
    ]
    everything = ", ".join(f"bare(coalesce({sql}, ''))" for _, sql in table.fields)
    return (
        f"SELECT {table.record} AS record, {', '.join(columns)} FROM {table.relation} "
        f"WHERE {table.condition} AND concat({everything}) <> ''"
    )


def _typed(
    engine: Engine, origin: Origin, table: Table, fields: Sequence[Field], time_zone: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return the SQL of every field's value, and what is wrong with how the file's columns are written."""
    typed, found = {field.name: field.sql for field in fields}, []
    there = [field for field in fields if field.column in table.names]
    for field in there:
        if field.kind == "id":
            # A spreadsheet that took the ids for numbers gives every one of them ".0".
            engine.connection.execute(
                f"UPDATE beside SET {field.sql} = regexp_replace({field.sql}, '[.]0+$', '') WHERE (SELECT "
                f"bool_and(regexp_full_match({field.sql}, '\\d+[.]0+')) FROM beside WHERE {field.sql} IS NOT NULL)"
            )
    if days := [field for field in there if field.kind == "day"]:
        _together(engine, days, "order_date", "NULL::VARCHAR AS refunded_on")
        form = dates(engine, "order_date", "iso" if all(field.column in table.moments for field in days) else None)
        if form.trouble is not None:
            found.append(_undecided(origin, days[0], form.trouble, "Write dates as YYYY-MM-DD."))
        way = f"{literal(form.kind)}, {literal(form.format)}, {literal(time_zone)}, {literal(time_zone)}"
        for field in days:
            sql = f"day_of({field.sql}, {way})"
            typed[field.name] = f"CASE WHEN {sql} BETWEEN {EARLIEST} AND {LATEST} THEN {sql} END"
    if numbers := [field for field in there if field.kind == "number"]:
        texts = [field for field in numbers if field.column not in table.numbers]
        _together(engine, texts or numbers, "amount", "NULL AS quantity, NULL AS unit_price, NULL AS refunded")
        decided = decimals(engine, ["amount"], None if texts else ".")
        if decided.trouble is not None:
            remedy = "Write numbers without marks between thousands."
            found.append(_undecided(origin, texts[0], decided.trouble, remedy))
        for field in numbers:
            mark = decided.decimal if field in texts else "."
            typed[field.name] = f"CAST(amount_of({field.sql}, '{mark}') AS DOUBLE)"
    return typed, found


def _together(engine: Engine, fields: Sequence[Field], name: str, besides: str) -> None:
    """Lay columns under one another in the view that says how they are written: one file is written in one way."""
    parts = " UNION ALL ".join(f"SELECT record, {field.sql} AS value FROM beside" for field in fields)
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW source_rows AS SELECT record, value AS {name}, {besides} FROM ({parts}) "
        "WHERE value IS NOT NULL"
    )


def _undecided(origin: Origin, field: Field, trouble: Trouble, remedy: str) -> Problem:
    return Problem(
        file=origin.name,
        lines=trouble.records,
        count=trouble.count,
        column=field.column,
        value=trouble.value,
        expected=trouble.expected,
        remedy=remedy,
    )


def _bad_values(engine: Engine, origin: Origin, fields: Sequence[Field]) -> list[Problem]:
    """Describe values that are no date or number, and blanks where every row must hold something."""
    found = []
    for field in fields:
        unread = f"beside.{field.sql} IS NOT NULL AND typed.{field.sql} IS NULL"
        blank = f"beside.{field.sql} IS NULL" if field.filled else "false"
        for condition in (unread, blank):
            query = (
                f"SELECT count(*), min(record, 3), arg_min(beside.{field.sql}, record) "
                f"FROM beside INNER JOIN typed USING (record) WHERE {condition}"
            )
            ((count, lines, value),) = engine.connection.execute(query).fetchall()
            if count:
                found.append(
                    Problem(
                        file=origin.name,
                        lines=tuple(lines),
                        count=count,
                        column=field.column,
                        value=value or "",
                        expected=EXPECTED[field.kind],
                        remedy="Mend the rows in the file, or take them out.",
                    )
                )
    return found
