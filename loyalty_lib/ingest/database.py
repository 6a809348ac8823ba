"""Databases: one SELECT in, its rows out as text, in chunks.

A SQLite file is opened read-only with Python's own driver; every other database through SQLAlchemy, PostgreSQL in a
read-only transaction and with a cursor on the server, so that no more than a chunk is ever held.  An URL holds a
password: neither it nor any part of it stands in a message, and no error of a driver is kept as another's cause or
context.  Messages name the environment variable the URL came from.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import os
import re
import sqlite3
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from loyalty_lib.config import SqlSource
from loyalty_lib.errors import DataError, LoyaltyError, MissingToolError, Problem, UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

CHUNK = 10_000  # rows; larger ones take more memory and no less time
PATIENCE = 10  # seconds to wait for a connection
EXAMPLE = "postgresql://user:password@host/database"
NUMBERS = frozenset({int, float, Decimal})
PSYCOPG = "postgresql+psycopg"
WRITE_AHEAD = (2, 2)  # bytes 18 and 19 of a SQLite file whose changes go to a second file first

Page = Sequence[tuple[object, ...]]
Pages = Generator[Page, None, None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What a query finds, as text.

    Attributes
    ----------
    names
        The columns' names, as the query gives them; they may repeat.
    chunks
        The rows, to be read once: tables of record (int64, from 1), line (int64, null: a database has no lines), and
        c0, c1, ... (string).  The connection closes at their end.
    numeric
        Places in ``names`` of the columns that hold numbers, not text: their decimal mark is a point.  Complete once
        the chunks are read.
    """

    names: tuple[str, ...]
    chunks: Iterator[pa.Table]
    numeric: AbstractSet[int]


def resolve(source: SqlSource, folder: Path) -> tuple[str | Path, str]:
    """Return where a client's database is: for ``run_query``, and as messages may name it.

    Parameters
    ----------
    source
        The client's settings.
    folder
        What a relative path begins at.

    Raises
    ------
    UsageError
        If the environment variable is not set.
    """
    if source.path is not None:
        return folder / source.path, source.path
    name = source.url_env or ""
    url = os.environ.get(name, "").strip()
    if not url:
        message = f"The environment variable {name} is not set. Set it to the database's URL, such as {EXAMPLE}."
        raise UsageError(message)
    return url, name


def run_query(url: str | Path, query: str, *, shown: str) -> Result:
    """Ask a database.

    Parameters
    ----------
    url
        A SQLite file, or the URL of any database SQLAlchemy knows.  ``postgres://`` and ``postgresql://`` mean the
        driver psycopg.
    query
        One SELECT, or WITH ... SELECT.
    shown
        What messages call the database: the environment variable, or the file.

    Returns
    -------
    The columns' names and the rows.  Moments are ISO 8601 with their offset, numbers plain decimals.

    Raises
    ------
    DataError
        If the database cannot be reached or does not let us in, or the query is refused or finds no row.  A query can
        fail at a late row: reading the chunks may raise it, too.
    MissingToolError
        If SQLAlchemy or the database's driver is not installed.
    """
    statement = _one_select(query, shown)
    if isinstance(url, Path):
        pages = _ask_file(url, statement, shown)
    else:
        parsed = _parsed(url, shown)
        lite = parsed.get_backend_name() == "sqlite" and parsed.database
        pages = _ask_file(Path(lite), statement, shown) if lite else _ask_server(parsed, statement, shown)
    (header,) = next(pages)
    names = tuple(str(name) for name in header)
    first = next(pages, None)
    if first is None:
        raise DataError([Problem(file=shown, expected="rows", remedy="Check source.query: it finds none.")])
    numeric: set[int] = set()
    return Result(names=names, chunks=_chunks(names, first, pages, shown, numeric), numeric=numeric)


def sqlite_tables(path: Path, *, shown: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table and view of a SQLite file, by their names.

    Raises
    ------
    DataError
        If it is no SQLite file.
    """
    query = (
        "SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c "
        "WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name, c.cid"
    )
    pages = _ask_file(path, query, shown or str(path))
    next(pages)
    tables: dict[str, tuple[str, ...]] = {}
    for table, column in itertools.chain.from_iterable(pages):
        tables[str(table)] = (*tables.get(str(table), ()), str(column))
    return tables


# The query

_NO_CODE = re.compile(  # comments, texts and names in quotes
    r"""(?isx) --[^\n]* | /\*.*?\*/ | \be'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "[^"]*" | `[^`]*` | (\$\w*\$).*?\1"""
)


def _one_select(query: str, shown: str) -> str:
    """Return the query without the semicolon behind it; refuse what is more than one question."""
    code = _NO_CODE.sub(" ", query).strip().rstrip("; \t\r\n")
    if not re.match(r"(?i)[(\s]*(?:select|with|values)\b", code) or ";" in code:
        remedy = "Write one SELECT (or WITH ... SELECT) there, and nothing after it."
        raise DataError([Problem(file=shown, expected="one SELECT in source.query", remedy=remedy)])
    return query.strip().rstrip("; \t\r\n")


# SQLite


def _ask_file(path: Path, query: str, shown: str) -> Pages:
    """Give the columns' names of what a SQLite file answers, as one row, and then its rows."""
    problem: Problem | None = None
    try:
        yield from _file_pages(path, query)
    except (sqlite3.Error, OSError) as error:
        problem = _file_problem(error, path, shown)
    if problem is not None:  # out of the handler: no error of the driver comes along
        raise DataError([problem])


def _file_pages(path: Path, query: str) -> Pages:
    with path.open("rb") as stream:
        head = stream.read(20)
    # Such a file is read with a second file beside it, which is made anew where nobody has the database open.
    alone = tuple(head[18:20]) == WRITE_AHEAD and not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' * alone}"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema")  # fails where the file is something else
        cursor = connection.execute(query)
        yield [tuple(column[0] for column in cursor.description)]
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def _file_problem(error: sqlite3.Error | OSError, path: Path, shown: str) -> Problem:
    if isinstance(error, OSError):
        return Problem(
            file=shown, expected="a SQLite file", remedy=f"Look into it: {error.strerror or 'no such file'}."
        )
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_NOTADB:
        return Problem(file=shown, expected="a SQLite file", remedy="Export it again; a dump in SQL is none.")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Problem(file=shown, expected="a SQLite file nobody writes to", remedy="Close the program that uses it.")
    remedy = "Mend source.query."
    if str(error).startswith("no such table"):
        remedy = f"Mend source.query. The file has the tables {', '.join(sqlite_tables(path, shown=shown)) or 'none'}."
    return Problem(file=shown, expected=f"a query that can be answered ({error})", remedy=remedy)


# Every other database


def _parsed(url: str, shown: str) -> URL:
    """Return the parts of an URL, with the driver PostgreSQL is reached by."""
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ModuleNotFoundError:
        message = "A database's URL needs SQLAlchemy. Install it with: make setup EXTRA=db"
        raise MissingToolError(message) from None
    parsed: URL | None = None
    with suppress(ArgumentError, ValueError):
        parsed = make_url(url)
    if parsed is None:
        remedy = (
            f"Set it to an URL such as {EXAMPLE}; in a password, @ : / ? # and % are written %40 %3A %2F %3F %23 %25."
        )
        raise DataError([Problem(file=shown, expected="the URL of a database", remedy=remedy)])
    return parsed.set(drivername=PSYCOPG) if parsed.drivername in ("postgres", "postgresql") else parsed


def _engine(url: URL, shown: str) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # its log names hosts and users
    postgres = url.drivername == PSYCOPG
    waiting = {"connect_timeout": PATIENCE} if postgres and "connect_timeout" not in url.query else {}
    failure: LoyaltyError
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=waiting)
    except NoSuchModuleError:
        remedy = f"It begins with an unknown name; set it to an URL such as {EXAMPLE}."
        failure = DataError([Problem(file=shown, expected="the URL of a known kind of database", remedy=remedy)])
    except ModuleNotFoundError as error:
        how = "make setup EXTRA=db" if postgres else f"pip install {error.name}"
        failure = MissingToolError(f"The database of {shown} needs the driver {error.name}. Install it with: {how}")
    except (SQLAlchemyError, TypeError, ValueError):
        remedy = f"Set it to an URL such as {EXAMPLE}."
        failure = DataError([Problem(file=shown, expected="an URL that can be understood", remedy=remedy)])
    raise failure


def _ask_server(url: URL, query: str, shown: str) -> Pages:
    """Give the columns' names of what a server answers, as one row, and then its rows."""
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(url, shown)
    connection: Connection | None = None
    problem: Problem | None = None
    try:
        connection = engine.connect()
    except Exception as error:  # noqa: BLE001  (whatever went wrong, the driver's text may hold a part of the URL)
        problem = _closed_door(str(error), shown)
    if connection is None:
        raise DataError([problem] if problem else [])
    try:
        with closing(connection):
            yield from _server_pages(connection, query)
    except SQLAlchemyError as error:
        problem = _refused_query(error, url, shown)
    if problem is not None:  # out of the handler: no error of the driver comes along
        raise DataError([problem])


def _server_pages(connection: Connection, query: str) -> Pages:
    from sqlalchemy.exc import SQLAlchemyError

    options = {"stream_results": True, "no_parameters": True}
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    result = connection.exec_driver_sql(query, execution_options=options)
    try:
        yield [tuple(result.keys())]
        for rows in result.partitions(CHUNK):
            yield [tuple(row) for row in rows]
    finally:
        with suppress(SQLAlchemyError):  # where the query failed there may be nothing left to close
            result.close()


def _closed_door(said: str, shown: str) -> Problem:
    """Describe a connection that failed; the driver's own words name the user and the host, and are not repeated."""
    if re.search("authentication failed|access denied|no password|role .* does not exist", said, re.IGNORECASE):
        return Problem(
            file=shown,
            expected="a database that lets us in; it refused the user or the password",
            remedy=f"Check both in the environment variable {shown}.",
        )
    if re.search("database .* does not exist|unknown database", said, re.IGNORECASE):
        return Problem(
            file=shown,
            expected="a database of this name on the server",
            remedy=f"Check the last part of the URL in the environment variable {shown}.",
        )
    return Problem(
        file=shown,
        expected=f"a database that answers within {PATIENCE} seconds",
        remedy=f"Check host and port in the environment variable {shown}, and that the database is up.",
    )


def _refused_query(error: SQLAlchemyError, url: URL, shown: str) -> Problem:
    """Describe a query that failed, in the database's own words where they name nothing of the URL."""
    if getattr(error, "connection_invalidated", False):
        return Problem(file=shown, expected="a connection that lasts; the database cut it", remedy="Try again.")
    cause = getattr(error, "orig", None)
    said = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause or "").partition("\n")[0]
    parts = {url.username, url.password, url.host, url.render_as_string(hide_password=False)} - {None, ""}
    told = f" ({said})" if said and not any(str(part) in said for part in parts) else ""
    return Problem(file=shown, expected=f"a query that can be answered{told}", remedy="Mend source.query.")


# Rows as text


def _chunks(names: Sequence[str], first: Page, pages: Pages, shown: str, numeric: set[int]) -> Iterator[pa.Table]:
    record = 1
    kinds: list[set[type]] = [set() for _ in names]
    with closing(pages):
        for rows in itertools.chain([first], pages):
            table = {
                "record": pa.array(range(record, record + len(rows)), pa.int64()),
                "line": pa.nulls(len(rows), pa.int64()),
            }
            for place, values in enumerate(zip(*rows, strict=True)):
                writers = {kind: _writer(kind, names[place], shown) for kind in set(map(type, values))}
                kinds[place].update(writers)
                table[f"c{place}"] = pa.array((writers[type(value)](value) for value in values), pa.string())
            yield pa.table(table)
            record += len(rows)
    blank = type(None)
    numeric.update(place for place, found in enumerate(kinds) if {blank} < found | {blank} <= {blank, *NUMBERS})


def _writer(kind: type, name: str, shown: str) -> Callable[[Any], str | None]:
    """Return what writes values of a type as text; refuse a type that has no text."""
    for known in kind.__mro__:
        if known in _TEXT:
            return _TEXT[known]
    problem = Problem(
        file=shown,
        column=name,
        expected=f"text, numbers, moments or nothing, not {kind.__name__}",
        remedy="Leave the column out of source.query, or write CAST(... AS text) there.",
    )
    raise DataError([problem])


def _number(value: float) -> str:
    """Write a number without an exponent; 17850.0 is 17850."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text


_TEXT: Mapping[type, Callable[[Any], str | None]] = {
    type(None): lambda _: None,
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    Decimal: lambda value: f"{value:f}",
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: str,
    uuid.UUID: str,
}
