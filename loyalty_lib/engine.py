"""DuckDB behind one small interface: every pass over transactions is a file in ``sql/``, run here by its name.

The SQL files hold DuckDB's dialect, take named parameters (``$as_of``) and read the tables below; a client's own
analyst can run them too.  Tables of a loaded client:

``transactions``   one row an order or order line: the columns of ``columns.CANONICAL`` (all of them; NULL where absent)
``purchase_days``  one row a customer and calendar day with a purchase: customer_id, day, orders, amount DECIMAL
``net_sales``      one row a customer and day with money moving, refunds by policy: customer_id, day, amount DECIMAL
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MEMORY = "1400MB"  # the process takes up to a third more: ten million lines are read within 2 GB
PULSE = 0.5  # seconds between two looks at how far a query is
SQL = Path(__file__).parent / "sql"
Value = str | int | float | bool | dt.date | dt.datetime | None | list[str] | list[int] | list[dt.date]


@cache
def sql_text(name: str) -> str:
    """Return the text of ``sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Engine:
    """One in-process database, closed with it; spills to disk past its memory limit and never uses the network.

    Parameters
    ----------
    memory_limit
        As DuckDB writes it, "2GB".  ``LOYALTY_MEMORY`` in the environment sets the default.

    Attributes
    ----------
    connection
        The DuckDB connection.  Its session time zone is UTC, so that no result depends on the machine's.
    scratch
        A private folder (mode 0700) for what does not fit in memory; removed with the engine.
    """

    def __init__(self, memory_limit: str | None = None) -> None:
        limit = memory_limit or os.environ.get("LOYALTY_MEMORY", MEMORY)
        self.scratch = Path(tempfile.mkdtemp(prefix="loyalty-"))
        self._remove_scratch = weakref.finalize(self, shutil.rmtree, self.scratch, ignore_errors=True)
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": limit,
                "python_enable_replacements": "false",  # a table name in SQL never means a Python variable
                "temp_directory": str(self.scratch),
            },
        )
        self.connection.execute("SET TimeZone = 'UTC'")

    @contextmanager
    def watched(self, tell: Callable[[float], None]) -> Generator[None]:
        """Tell twice a second how much of the running query is done, from 0 to 1."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(PULSE):
                share = self.connection.query_progress()
                if share >= 0:  # -1 while there is nothing to tell
                    tell(share / 100)

        self.connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def run(self, name: str, **values: Value) -> None:
        """Execute ``sql/<name>.sql`` for its effect."""
        self.connection.execute(sql_text(name), values or None)

    def create(self, table: str, name: str, **values: Value) -> None:
        """Keep the rows of ``sql/<name>.sql`` as ``table``, replacing one of that name."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS\n{sql_text(name)}", values or None)

    def arrow(self, name: str, **values: Value) -> pa.Table:
        """Execute ``sql/<name>.sql`` and return its rows as an Arrow table."""
        return self.connection.sql(sql_text(name), params=values or None).to_arrow_table()

    def frame(self, name: str, **values: Value) -> pd.DataFrame:
        """Execute ``sql/<name>.sql`` and return its rows as a DataFrame, in the order the file asks for."""
        frame: pd.DataFrame = self.arrow(name, **values).to_pandas(date_as_object=False)
        return frame

    def close(self) -> None:
        """Release the database and its temporary files."""
        self.connection.close()
        self._remove_scratch()
