"""Hand-made ``file_rows`` for the tests of what settling makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.ingest.settle import settle
from loyalty_lib.quality import Source

DAY = dt.date(2024, 1, 1)


def day(number: int) -> dt.date:
    """Return the day this many days after 1 January 2024."""
    return DAY + dt.timedelta(days=number)


def row(
    customer: str | None = "A", order: str | None = "o1", on: int = 0, amount: float = 100, **more: Any
) -> dict[str, Any]:
    """Return a row of ``file_rows``: of file 0 on 1 January, unless told otherwise."""
    return {"customer_id": customer, "order_id": order, "order_date": day(on), "amount": amount} | more


class Settled:
    """What settling made of some rows."""

    def __init__(self, engine: Engine, source: Source) -> None:
        self.engine = engine
        self.source = source

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """(customer, order, day as a number, amount) of each usable row, sorted."""
        query = "SELECT customer_id, order_id, order_date - $day, amount::DOUBLE FROM usable_rows ORDER BY ALL"
        return self.engine.connection.execute(query, {"day": DAY}).fetchall()

    @property
    def left_out(self) -> dict[str, tuple[int, float]]:
        """Rows and amount by reason."""
        totals: dict[str, tuple[int, float]] = {}
        for left in self.source.left_out:
            rows, amount = totals.get(left.reason, (0, 0.0))
            totals[left.reason] = (rows + left.rows, amount + left.amount)
        return totals

    @property
    def facts(self) -> dict[str, Any]:
        """Everything found, to compare two ways of telling the same."""
        facts = dict(vars(self.source))
        facts["gaps"] = [vars(gap) for gap in self.source.gaps]
        return facts | {"usable": self.contents}

    @property
    def contents(self) -> list[tuple[Any, ...]]:
        """Every usable row in full, sorted."""
        return self.engine.connection.execute("SELECT * FROM usable_rows ORDER BY ALL").fetchall()


def settled(
    rows: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str] = ("a.csv", "b.csv", "c.csv", "d.csv"),
    drop_list: Sequence[str] = (),
    currency: str | None = None,
    rates: Any = None,
    there: str = "",
    **ingest: Any,
) -> Settled:
    """Settle these rows; records are numbered in the order given, and equal rows have equal hashes."""
    engine = Engine("1GB")
    engine.run("read_macros")
    engine.run("file_rows")
    columns = [name for name, *_ in engine.connection.execute("DESCRIBE file_rows").fetchall()]
    frame = pd.DataFrame([dict.fromkeys(columns) | {"file": 0} | dict(r) for r in rows], dtype=object)
    frame["record"] = frame["record"].where(frame["record"].notna(), pd.Series(range(1, len(frame) + 1)))
    engine.connection.register("given", frame)
    stated = ", ".join(name for name in columns if name not in {"file", "record", "line", "row_hash"})
    engine.connection.execute(
        f"""INSERT INTO file_rows BY NAME SELECT * REPLACE (
            CASE WHEN row_hash IS DISTINCT FROM 'none' THEN hash({stated}) END AS row_hash,
            amount::DECIMAL(18, 6) AS amount
        ) FROM given"""
    )
    engine.connection.unregister("given")
    source = settle(
        engine,
        ingest=Ingest(**ingest),
        names=names,
        drop_list=drop_list,
        currency=currency,
        rates=rates,
        there=there,
    )
    result = Settled(engine, source)
    left = engine.connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    assert left == [("file_rows",), ("usable_rows",)]
    _adds_up(result, converted=rates is not None)
    return result


def _adds_up(result: Settled, *, converted: bool) -> None:
    """Rows and money kept, rows and money left out: together all that was read."""
    source, query = result.source, result.engine.connection.execute
    total, made, amount = query(
        "SELECT count(row_hash), count(*) - count(row_hash), sum(amount)::DOUBLE FROM file_rows"
    ).fetchall()[0]
    usable = query("SELECT count(*) FROM usable_rows").fetchall()[0][0]
    assert (
        query("SELECT count(*) FROM usable_rows WHERE amount = 0").fetchall()
        <= query("SELECT count(*) FROM file_rows WHERE amount = 0 AND refund IS NOT TRUE").fetchall()
    )
    left_out = sum(left.rows for left in source.left_out)
    assert source.rows == total
    # A refund of nothing is a row read, and no row of the report: with no sign to it, it would pass for a purchase.
    empty = query("SELECT count(*) FROM file_rows WHERE refund AND amount = 0 AND left_out IS NULL").fetchall()[0][0]
    assert usable - made <= total - left_out - source.lines_without_customer - empty <= usable
    if not converted:
        assert abs(source.net_sales + sum(left.amount for left in source.left_out) - amount) < 1e-6
