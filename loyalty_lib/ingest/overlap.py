"""Rows that stand in more than one place: repeated within a file, or in files whose days overlap.

Works on the engine's ``settle_rows``, where rows left out get the reason "duplicate" or "overlap".  The newest file is
the one with the latest day, and of two with the same, the one whose name sorts last: the order in which files are named
makes no difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from loyalty_lib.engine import Engine, Value


class Overlap(NamedTuple):
    """Orders that more than one file holds, and those of them that the files tell differently."""

    orders: int
    revised: int


def one(engine: Engine, name: str, **values: Value) -> dict[str, Any]:
    """Return the only row of ``sql/<name>.sql``."""
    (row,) = engine.arrow(name, **values).to_pylist()
    return dict(row)


def count_duplicates(engine: Engine, *, drop: bool) -> int:
    """Count the rows that repeat another row of their file in every column; leave them out where told to."""
    duplicates: int = one(engine, "settle_duplicates")["duplicates"]
    if drop and duplicates:
        engine.run("settle_drop_duplicates")
    return duplicates


def drop_overlap(engine: Engine, names: Sequence[str]) -> Overlap:
    """Leave out of all but the newest file what more than one file holds.

    Parameters
    ----------
    engine
        Holds ``settle_rows``.
    names
        Of the files, by their number.
    """
    last_days: dict[int, dt.date] = {row["file"]: row["last_day"] for row in engine.arrow("settle_files").to_pylist()}
    by_age = sorted(last_days, key=lambda file: (last_days[file], names[file], file))
    engine.connection.execute("CREATE TABLE settle_ages (file INTEGER, age INTEGER)")
    if len(by_age) < 2:  # noqa: PLR2004 - two make an overlap
        return Overlap(0, 0)
    engine.connection.executemany("INSERT INTO settle_ages VALUES (?, ?)", [[f, age] for age, f in enumerate(by_age)])
    for table in ("settle_shared", "settle_common", "settle_cuts", "settle_loose"):
        engine.create(table, table)
    found = one(engine, "settle_overlap")
    if found["orders"]:
        engine.run("settle_drop_shared")
    loose: int = one(engine, "settle_loose_overlap")["orders"]
    if loose:
        engine.run("settle_drop_loose")
    engine.connection.execute("DROP TABLE settle_shared; DROP TABLE settle_loose")  # large where files overlap much
    return Overlap(found["orders"] + loose, found["revised"])
