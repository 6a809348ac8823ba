"""Hand-made shops: rows in, an engine with the tables of ``loyalty_lib/engine.py`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd

from loyalty_lib.columns import OPTIONAL

if TYPE_CHECKING:
    from loyalty_lib.engine import Engine

Shop = Callable[[pd.DataFrame | list[tuple[str, str, float]]], Any]

TABLES = """
CREATE OR REPLACE TABLE transactions AS
SELECT
    customer_id, order_id, CAST(day AS DATE) AS order_date, CAST(amount AS DECIMAL(18, 6)) AS amount,
    order_line, product, category, channel, country
FROM rows;
CREATE OR REPLACE TABLE purchase_days AS
SELECT customer_id, order_date AS day, count(DISTINCT order_id) AS orders, sum(amount) AS amount
FROM transactions WHERE amount >= 0 GROUP BY customer_id, order_date;
CREATE OR REPLACE TABLE net_sales AS
SELECT customer_id, order_date AS day, sum(amount) AS amount FROM transactions GROUP BY customer_id, order_date;
"""


def build(engine: Engine, rows: pd.DataFrame | list[tuple[str, str, float]]) -> Any:
    """Fill the engine's tables: a row below zero is a refund, every other one an order of its own unless it has an id.

    Optional columns (``columns.OPTIONAL``) are missing where the rows do not have them.
    """
    if not isinstance(rows, pd.DataFrame):
        rows = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame = rows.astype({"customer_id": "object", "amount": "float64"})
    frame["day"] = pd.to_datetime(frame["day"])
    if "order_id" not in frame:
        frame["order_id"] = [f"o{number}" for number in range(len(frame))]
    for column in OPTIONAL:
        if column.name not in frame:
            frame[column.name] = pd.Series([None] * len(frame), dtype="str")
    engine.connection.register("rows", frame)
    engine.connection.execute(TABLES)
    engine.connection.unregister("rows")
    return SimpleNamespace(engine=engine)


def row(table: Any, label: Any, columns: Sequence[Any] | None = None) -> list[Any]:
    """Return one row of a table, or some columns of it, as a plain list."""
    return list(table.loc[label] if columns is None else table.loc[label, list(columns)])
