"""Which of a file's columns is which: the layout, the settings' own columns, and the view that says so to the engine.

Leaves the view ``source_rows``: record, line, row_hash (of the whole row), summary (whether it is a line of totals),
and every column of ``layout.FIELDS`` as text, NULL where the file has none.
"""

# ruff: noqa: S608  (columns cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import Problem
from loyalty_lib.ingest import magento, problems, shopify, square, stripe, uci, vipps, woocommerce
from loyalty_lib.ingest.layout import FIELDS, NAMED, Layout, plain
from loyalty_lib.ingest.opening import Known, Refused, Table, is_text, open_table, quoted
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.ingest.text import Mistakes

GENERIC: Final = Layout(
    name="generic", title="a table of orders", signature=(), columns={field: (field,) for field in FIELDS}
)
# The order decides where a file could be two: the longer signature first.
LAYOUTS: Final = tuple(
    sorted(
        (
            *magento.LAYOUTS,
            *shopify.LAYOUTS,
            *square.LAYOUTS,
            *stripe.LAYOUTS,
            *uci.LAYOUTS,
            *vipps.LAYOUTS,
            *woocommerce.LAYOUTS,
        ),
        key=lambda layout: -len(layout.signature),
    )
)
OTHER_DELIMITERS: Final = (";", "\t", "|", ",")
IDENTITY: Final = ("customer_id", "email", "phone")


@dataclass(frozen=True, eq=False, kw_only=True)
class Mapped:
    """A table whose columns are known.

    Attributes
    ----------
    table, layout
        The table, and the layout it has.
    columns
        The file's column behind each of ours; several, joined by " + ", where ours is worked out of them.
    sql
        The SQL of each of ours.
    """

    table: Table
    layout: Layout
    columns: Mapping[str, str]
    sql: Mapping[str, str]

    def shown(self, field: str) -> str:
        """Name a column as the file does."""
        return self.columns.get(field, field)

    def typed(self, field: str, kind: frozenset[str]) -> bool:
        """Tell whether a column was a number (or a moment) before it was text."""
        return self.columns.get(field) in kind


def known(reading: Reading) -> Known:
    """Return what tells a header: the columns that are set, those of a known layout, or our own names."""
    wanted = {plain(name) for name in reading.ingest.columns.model_dump(exclude_none=True).values()}
    wanted = wanted or {"customer_id", "order_date", "amount"}

    def tells(names: Sequence[str]) -> bool:
        there = {plain(name) for name in names}
        return wanted <= there or any(layout.recognises(names) for layout in _candidates(reading))

    return tells


def map_columns(table: Table, origin: Origin, reading: Reading) -> Mapped:
    """Find each of our columns among the file's.

    Raises
    ------
    Refused
        If a column that is needed, or set, is not there; or if the columns are not those of the layout that is set.
    """
    layout = _layout(table, origin, reading)
    chosen: dict[str, str] = {}
    sql: dict[str, str] = {}
    found: list[Problem] = []
    by_plain: dict[str, str] = {}
    for there in table.names:
        by_plain.setdefault(plain(there), there)
    for field in FIELDS:
        wanted: str | None = getattr(reading.ingest.columns, field)
        if wanted is None and (expression := layout.expression(field, table.names)):
            sql[field] = _expression(expression, table, by_plain)
            chosen[field] = " + ".join(by_plain[plain(one)] for one in dict.fromkeys(NAMED.findall(expression)))
            continue
        names = (by_plain.get(plain(one)) for one in layout.columns.get(field, ()))
        name = wanted or next(filter(None, names), None)
        if name is None:
            continue
        try:
            sql[field] = column(table, origin, field, name, reading)
            chosen[field] = name
        except Refused as refused:
            found += refused.found
    found += _missing(sql, table, origin, reading, layout) if not found else []
    if found:
        raise Refused(*(_divided(origin, table, reading) or found))
    return Mapped(table=table, layout=layout, columns=chosen, sql=sql)


def project(engine: Engine, mapped: Mapped) -> None:
    """Make the view ``source_rows``."""
    table = mapped.table
    cells = ", ".join(sql for _, sql in table.fields)
    date = mapped.sql.get("order_date", "NULL::VARCHAR")
    # A line of totals has no day, and one of its cells says what it is; what begins with a digit is none.
    begins = f"left(trim(coalesce({date}, '')), 1)"
    undated = f"{begins} = '' OR ({begins} NOT BETWEEN '0' AND '9' AND says_total({date}))"
    says_so = f"len(list_filter([{cells}], lambda cell: says_total(cell))) > 0"
    columns = [
        f"{table.record} AS record",
        f"{table.record if table.located else 'NULL::BIGINT'} AS line",
        f"hash({cells}) AS row_hash",
        f"CASE WHEN {undated} THEN {says_so} ELSE false END AS summary",
        *(f"{mapped.sql.get(field, 'NULL::VARCHAR')} AS {field}" for field in FIELDS),
    ]
    rows = _expression(mapped.layout.rows or "true", table, {plain(name): name for name in table.names})
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW source_rows AS SELECT {', '.join(columns)} FROM {table.relation} "
        f"WHERE ({table.condition}) AND ({rows})"
    )


def prepare_lookup(engine: Engine, reading: Reading) -> list[Problem]:
    """Load the lookup table, if there is one, into the engine's ``lookup``; return what is wrong with it."""
    if reading.lookup is None:
        return []
    try:
        try:
            return _load_lookup(engine, reading.lookup, reading, None)
        except duckdb.Error as error:
            if not is_text(reading.lookup):
                return [problems.unreadable(reading.lookup, "readable rows", f"Export it again ({error}).")]
        mistakes = Mistakes()
        found = _load_lookup(engine, reading.lookup, reading, mistakes)
        width = len(engine.connection.execute("DESCRIBE lookup").fetchall())
        return problems.structure(reading.lookup, width, ",", mistakes) + found
    except Refused as refused:
        return refused.found


def _load_lookup(engine: Engine, origin: Origin, reading: Reading, mistakes: Mistakes | None) -> list[Problem]:
    own = replace(reading, ingest=Ingest())  # it is a file of its own, written in its own way
    table = open_table(engine, origin, own, lambda names: reading.lookup_key in names, mistakes=mistakes)
    key = column(table, origin, "lookup key", reading.lookup_key, reading)
    columns = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in dict(table.fields).items())
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE lookup AS SELECT {columns} FROM {table.relation} "
        f"WHERE {table.condition} AND {key} <> ''"
    )
    name = quoted(reading.lookup_key)
    repeated = engine.connection.execute(
        f"SELECT {name}, count(*) OVER () FROM lookup GROUP BY {name} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchall()
    return [problems.repeated_key(origin, reading.lookup_key, value, count) for value, count in repeated]


def with_lookup(engine: Engine, table: Table, origin: Origin, reading: Reading) -> Table:
    """Append the lookup's columns that the table itself does not have."""
    if reading.lookup is None:
        return table
    key = column(table, origin, "lookup key", reading.lookup_key, reading)
    names = [row[0] for row in engine.connection.execute("DESCRIBE lookup").fetchall()]
    return replace(
        table,
        relation=f"{table.relation} LEFT JOIN lookup ON lookup.{quoted(reading.lookup_key)} = {key}",
        fields=(*table.fields, *((name, f"lookup.{quoted(name)}") for name in names if name not in table.names)),
    )


def column(table: Table, origin: Origin, setting: str, name: str, reading: Reading) -> str:
    """Return the SQL of the column ``name`` as text.

    Raises
    ------
    Refused
        If there is none of this name, or more than one.
    """
    places = [sql for other, sql in table.fields if other == name]
    if not places:
        raise Refused(problems.missing_column(origin, table.header_line, setting, name, table.names, reading))
    if len(places) > 1:
        raise Refused(problems.duplicate_column(origin, table.header_line, name, len(places)))
    return places[0]


def _candidates(reading: Reading) -> tuple[Layout, ...]:
    wanted = reading.ingest.layout
    return LAYOUTS if wanted == "auto" else tuple(layout for layout in LAYOUTS if layout.name == wanted)


def _layout(table: Table, origin: Origin, reading: Reading) -> Layout:
    for layout in _candidates(reading):
        if layout.recognises(table.names):
            return layout
    if reading.ingest.layout in ("auto", "generic"):
        return GENERIC
    raise Refused(problems.wrong_layout(origin, table.header_line, _candidates(reading), table.names, reading))


def _missing(sql: Mapping[str, str], table: Table, origin: Origin, reading: Reading, layout: Layout) -> list[Problem]:
    """Return what no file can do without: a day, an amount, and in a table of nobody's layout somebody who bought."""
    missing = []
    if layout is GENERIC and not any(field in sql for field in IDENTITY):
        missing.append("customer_id")
    if "order_date" not in sql:
        missing.append("order_date")
    if "amount" not in sql and not {"quantity", "unit_price"} <= sql.keys():
        missing.append("amount")
    return [problems.missing_column(origin, table.header_line, field, field, table.names, reading) for field in missing]


def _expression(sql: str, table: Table, by_plain: Mapping[str, str]) -> str:
    """Put the SQL of the file's columns in the place of their names in double quotes."""
    places = dict(reversed(table.fields))
    return NAMED.sub(lambda match: f"({places[by_plain[plain(match[1])]]})", sql)


def _divided(origin: Origin, table: Table, reading: Reading) -> list[Problem]:
    """Return the one problem behind all missing columns: a header that is divided by another character."""
    if table.header_line is None or len(table.names) > 1:
        return []
    other = max(OTHER_DELIMITERS, key=table.names[0].count)
    if not table.names[0].count(other):
        return []
    return [problems.wrong_delimiter(origin, table.names[0], table.header_line, other, reading)]
