"""What can still be said of files that cannot be read as they stand: their rows, and whether dates or customers lack.

A list of customers under contract has no orders; where it says who has left, that share is the one thing it tells.
"""

# ruff: noqa: S608  (columns cannot be parameters of a query; the reader has quoted every one of them)

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

from loyalty_lib.check.verdict import Churned
from loyalty_lib.engine import Engine
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest import Origin, Reading
from loyalty_lib.ingest.layout import plain
from loyalty_lib.ingest.mapping import IDENTITY, LAYOUTS, known
from loyalty_lib.ingest.opening import Refused, Table, is_text, open_table
from loyalty_lib.ingest.text import Mistakes

CHURN: Final = frozenset({"churn", "churned", "exited", "attrition"})
LEFT: Final = frozenset({"yes", "y", "true", "1", "ja"})
STAYED: Final = frozenset({"no", "n", "false", "0", "nei", "nej"})


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is known of files that could not be read.

    Attributes
    ----------
    rows
        Below the headers; ``None`` where a file could not even be counted.
    names
        The columns of all files.
    dated, identified
        Whether every file that could be opened has a column of dates, and one that says who bought.
    churn
        Where there is one file and it says who has left.
    """

    rows: int | None
    names: frozenset[str]
    dated: bool
    identified: bool
    churn: Churned | None = None

    @property
    def reason(self) -> Message | None:
        """Why no page can be made, where it is not a matter of mending values."""
        if not self.dated and self.churn:
            return Message(
                mark(
                    "A list of customers without dates: no orders, so no cohorts, segments or forecast. For "
                    "subscriptions, export each one’s first and last day."
                )
            )
        if not self.dated:
            return Message(mark("There is no column of dates, so nothing can be followed over time."))
        if not self.identified:
            return Message(mark("There is no column that says who bought, and every page is about customers."))
        return None


def survey(reading: Reading) -> Survey:
    """Open every file of a reading and count what can be counted."""
    engine = Engine()
    try:
        looked = [_look(engine, origin, reading) for origin in reading.origins]
    finally:
        engine.close()
    opened = [one for one in looked if one is not None]
    return Survey(
        rows=sum(one.rows or 0 for one in opened) if opened and len(opened) == len(looked) else None,
        names=frozenset().union(*(one.names for one in opened)),
        dated=all(one.dated for one in opened),
        identified=all(one.identified for one in opened),
        churn=opened[0].churn if len(looked) == len(opened) == 1 else None,
    )


def _look(engine: Engine, origin: Origin, reading: Reading) -> Survey | None:
    try:
        try:
            return _open(engine, origin, reading, None)
        except duckdb.Error:
            # The engine's own reader stops at a record of the wrong length; ours goes on.
            return _open(engine, origin, reading, Mistakes()) if is_text(origin) else None
    except (Refused, duckdb.Error):
        return None


def _open(engine: Engine, origin: Origin, reading: Reading, mistakes: Mistakes | None) -> Survey:
    table = open_table(engine, origin, reading, known(reading), mistakes=mistakes)
    count = f"SELECT count(*) FROM {table.relation} WHERE {table.condition}"
    rows: int = engine.connection.execute(count).fetchall()[0][0]
    there = {plain(name) for name in table.names}
    columns = reading.ingest.columns
    known_layout = any(layout.recognises(table.names) for layout in LAYOUTS)

    def has(field: str) -> bool:
        return plain(getattr(columns, field) or field) in there

    return Survey(
        rows=rows,
        names=frozenset(table.names),
        dated=known_layout or has("order_date"),
        identified=known_layout or any(has(field) for field in IDENTITY),
        churn=_churn(engine, table),
    )


def _churn(engine: Engine, table: Table) -> Churned | None:
    """Count who has left, if a column named so says yes or no on every row that says anything."""
    for name, sql in table.fields:
        if plain(name) not in CHURN:
            continue
        said = engine.connection.execute(
            f"SELECT lower(trim({sql})), count(*) FROM {table.relation} WHERE {table.condition} "
            f"AND trim(coalesce({sql}, '')) <> '' GROUP BY ALL LIMIT 9"
        ).fetchall()
        if said and {word for word, _ in said} <= LEFT | STAYED:
            churned = sum(rows for word, rows in said if word in LEFT)
            return Churned(column=name, customers=sum(rows for _, rows in said), churned=churned)
    return None
