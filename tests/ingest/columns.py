"""Columns written by hand, as the view that the conventions are found out from, and what the macros make of texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from loyalty_lib.engine import Engine
from loyalty_lib.ingest.conventions import DateForm, DecimalForm, dates, decimals

NAMES = ("order_date", "refunded_on", "amount", "quantity", "unit_price", "refunded")


@cache
def engine() -> Engine:
    """Return the engine that all these tests share: it knows the macros and holds nothing else."""
    made = Engine()
    made.run("read_macros")
    return made


def source_rows(**columns: Sequence[str | None]) -> None:
    """Make the view ``source_rows`` of columns of equal length; those not named are empty."""
    height = len(next(iter(columns.values())))
    data: dict[str, Any] = {name: pa.array(columns.get(name, [None] * height), pa.string()) for name in NAMES}
    data["record"] = pa.array(range(1, height + 1), pa.int64())
    engine().connection.register("hand_made", pa.table(data))
    engine().connection.execute("CREATE OR REPLACE VIEW source_rows AS SELECT * FROM hand_made")


def date_form(texts: Sequence[str | None]) -> DateForm:
    """Return how a column's dates are found to be written."""
    source_rows(order_date=texts)
    return dates(engine(), "order_date", None)


def decimal_form(*texts: str | None, **others: Sequence[str | None]) -> DecimalForm:
    """Return how a file's numbers are found to be written: amounts, and other columns of the same length."""
    source_rows(amount=texts, **others)
    return decimals(engine(), ["amount", *others], None)


def made(macro: str, texts: Sequence[str | None], **values: str) -> list[Any]:
    """Return what a macro makes of each text."""
    engine().connection.register("texts", pa.table({"text": pa.array(texts, pa.string())}))
    arguments = "".join(f", ${name}" for name in values)
    query = f"SELECT {macro}(text{arguments}) AS made FROM texts"
    found: list[Any] = engine().connection.sql(query, params=values or None).to_arrow_table()["made"].to_pylist()
    return found


def days(
    texts: Sequence[str | None], form: DateForm | str, zone: str = "UTC", naive_zone: str = ""
) -> list[str | None]:
    """Return the days, as ISO dates, that texts of a form become."""
    kind, code = (form, "") if isinstance(form, str) else (form.kind, form.format)
    if "%" in kind:
        kind, code = "strptime", kind
    found = made("day_of", texts, kind=kind, format=code, zone=zone, naive_zone=naive_zone or zone)
    return [None if day is None else day.isoformat() for day in found]


def amounts(texts: Sequence[str | None], decimal: str) -> list[Any]:
    """Return the amounts that texts with a decimal mark become."""
    return made("amount_of", texts, decimal=decimal)
