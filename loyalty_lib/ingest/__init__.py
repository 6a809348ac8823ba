"""Source files into the engine: raw text rows with file and line, typed, settled, and every problem at once.

Goes in: a ``Reading``, which says where rows come from and what is set about how they are written down.  Comes out: the
engine's table ``usable_rows`` (dated, priced, with a customer), how each file was read, and what the source was found
to hold.  One module a layout; ``rows.py`` reads one file, ``settle.py`` makes one shop's sales of all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError
from loyalty_lib.ingest import rows, text
from loyalty_lib.ingest.mapping import prepare_lookup
from loyalty_lib.ingest.passes import OVER_A_FILE, Passes
from loyalty_lib.ingest.reading import Origin, Reading, files
from loyalty_lib.ingest.settle import settle
from loyalty_lib.progress import silent
from loyalty_lib.quality import FileRead, Source

__all__ = ["Origin", "Reading", "files", "read_rows"]


def read_rows(
    engine: Engine, reading: Reading, *, drop_list: Collection[str], until: dt.date
) -> tuple[Source, tuple[FileRead, ...]]:
    """Read every file of ``reading`` into the engine's ``usable_rows``.

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

    Returns
    -------
    tuple
        What the source holds, and how each of its files was read.

    Raises
    ------
    DataError
        If anything cannot be read as it stands; all problems of all files together.
    """
    passes = Passes(step=reading.step, count=OVER_A_FILE * len(reading.origins) + 1)
    if reading.step is silent:
        return _read_rows(engine, reading, drop_list, until, passes)
    with engine.watched(passes.within):
        return _read_rows(engine, reading, drop_list, until, passes)


def _read_rows(
    engine: Engine, reading: Reading, drop_list: Collection[str], until: dt.date, passes: Passes
) -> tuple[Source, tuple[FileRead, ...]]:
    engine.run("read_macros")
    engine.run("file_rows")
    engine.run("read_tables")
    engine.connection.executemany("INSERT INTO drop_list VALUES (?)", [[i] for i in drop_list] or [[None]])
    found = prepare_lookup(engine, reading)
    results = [_read(engine, number, reading, reading.ingest, until, passes) for number in range(len(reading.origins))]
    settled = _settled(results, reading.ingest)
    for number, result in enumerate(results):
        if result.undecided and settled is not None:
            again = _read(engine, number, reading, settled, until, passes)
            results[number] = result if again.problems else again
    for result in results:
        found += result.problems
    if found:
        raise DataError(found)
    _tidy(engine)
    passes.begin("orders, customers and refunds")
    source = settle(
        engine,
        ingest=reading.ingest,
        names=[origin.name for origin in reading.origins],
        drop_list=drop_list,
        currency=reading.currency,
        rates=reading.rates,
        there=reading.there,
    )
    engine.connection.execute("DROP TABLE file_rows; DROP TABLE drop_list")
    return source, tuple(result.file for result in results if result.file is not None)


def _read(engine: Engine, number: int, reading: Reading, ingest: Ingest, until: dt.date, passes: Passes) -> rows.Result:
    result = rows.read(engine, reading.origins[number], replace(reading, ingest=ingest), until, passes)
    if not result.problems:
        engine.run("read_append", file=number, until=until)
    return result


def _settled(results: Sequence[rows.Result], ingest: Ingest) -> Ingest | None:
    """Return what the files that tell how they are written agree on, for those beside them that do not tell."""
    files = [result.file for result in results if result.file is not None and not result.problems]
    dates = {file.date_format for file in files if file.date_format and file.date_format.startswith("%")}
    marks = {file.decimal for file in files if file.decimal}
    if len(dates) > 1 or len(marks) > 1 or not files:
        return None
    return ingest.model_copy(
        update={
            "date_format": ingest.date_format or next(iter(dates), None),
            "decimal": ingest.decimal or next(iter(marks), None),
        }
    )


def _tidy(engine: Engine) -> None:
    """Remove what reading leaves behind: columns no analysis may see, and customers who are to be forgotten."""
    engine.connection.execute(
        "DROP VIEW IF EXISTS source_rows; DROP TABLE IF EXISTS spread_rows; DROP TABLE IF EXISTS read_rows; "
        "DROP TABLE IF EXISTS numbered_rows; DROP TABLE IF EXISTS lookup"
    )
    engine.connection.unregister("frame_rows")
    for copy in engine.scratch.glob(text.COPY):
        copy.unlink()
