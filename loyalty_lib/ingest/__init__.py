"""Source files into the engine: raw text rows with file and line, typed, and every problem of all files at once.

Goes in: a ``Reading``, which says where rows come from and how they are written down.  Comes out: the engine's table
``usable_rows`` (dated, priced, with a customer) and ``files_read`` (what was left out).  One module a layout; this one
chooses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError
from loyalty_lib.ingest import generic
from loyalty_lib.ingest.reading import Origin, Reading, files

__all__ = ["Origin", "Reading", "files", "read_rows"]


def read_rows(engine: Engine, reading: Reading, *, drop_list: Collection[str], until: dt.date) -> None:
    """Read every file of ``reading`` into the engine's ``usable_rows`` and ``files_read``.

    Parameters
    ----------
    engine
        Without tables yet.
    reading
        Where rows come from and how they are written down.
    drop_list
        Customers whose rows are removed before anything else looks at them; they are only counted.
    until
        Rows after this day are as if they had never been written.

    Raises
    ------
    DataError
        If anything cannot be read as it stands; all problems of all files together.
    """
    engine.run("read_tables")
    engine.connection.executemany("INSERT INTO drop_list VALUES (?)", [[i] for i in drop_list] or [[None]])
    problems = generic.prepare(engine, reading)
    for origin in reading.origins:
        found = generic.read(engine, origin, reading)
        if not found:
            engine.run("read_count", until=until)
            engine.run("read_keep", until=until)
            engine.connection.execute("DROP TABLE read_rows")
        problems += found
    if problems:
        raise DataError(problems)
    generic.tidy(engine)
    engine.connection.execute("DROP TABLE drop_list")
