"""A table as typed data, for programs that write real numbers and dates: plain JSON that a notebook's output can carry.

A ``Table`` or a figure's data frame goes in.  Out come its columns (name, label, kind) and its rows: raw, unrounded
values, days as YYYY-MM-DD, ``None`` where there is none.  A cell of a mixed column is ``{"value": …, "kind": …}``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.tables.table import Quantity, Table, decimals_of

if TYPE_CHECKING:
    import pandas as pd

Typed = dict[str, Any]
# A figure's data have no kinds but those of their names: shares are ratios, and so are the bounds that follow one.
RATIO: Final = re.compile(r"(?:^|_)(?:share|rate|retention|churn|growth)(?:_|$)|_ratio$|^probability|_probability")
BOUNDS: Final = frozenset({"low", "high"})
WHOLE: Final = "number"
FINE: Final = 1.0  # numbers that all stay under it need four decimals


def typed(table: Table) -> Typed:
    """Return a table's columns and rows as JSON data.

    Returns
    -------
    dict
        ``columns``: name, label and kind of each, with the decimals the page shows; ``rows``: a list of values each.
    """
    columns = []
    for place, column in enumerate(table.columns):
        name, decimals = decimals_of(column.kind, [row[place] for row in table.rows])
        kind = f"{name}.{decimals}" if column.numeric and name != "mixed" else name
        columns.append({"name": column.name, "label": column.label, "kind": kind})
    return {"columns": columns, "rows": [[_plain(value) for value in row] for row in table.rows]}


def typed_frame(frame: pd.DataFrame) -> Typed:
    """Return a figure's data as JSON data; the columns keep the names they have in the CSV, a named index first."""
    whole = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    rows = [[_plain(value) for value in row] for row in whole.itertuples(index=False, name=None)]
    columns: list[dict[str, str]] = []
    for place, label in enumerate(whole.columns):
        name = str(label)
        before = columns[-1]["kind"] if columns else ""
        kind = _kind(name, [row[place] for row in rows if row[place] is not None], before)
        columns.append({"name": name, "label": name, "kind": kind})
    return {"columns": columns, "rows": rows}


def _kind(name: str, values: Sequence[Any], before: str) -> str:
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) < len(values) or not values:
        return "date" if values and all(_is_day(value) for value in values) else "text"
    if RATIO.search(name) or (name in BOUNDS and before.startswith("percent")):
        return "percent.1"
    if all(float(number).is_integer() for number in numbers):
        return f"{WHOLE}.0"
    return f"{WHOLE}.4" if max(map(abs, numbers)) <= FINE else f"{WHOLE}.2"


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it."""
    if isinstance(value, Quantity):
        return {"value": _plain(value.value), "kind": value.kind}
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are the values that differ from themselves
        return None
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d") if not isinstance(value, dt.datetime) else value.date().isoformat()
    if isinstance(value, str):
        return str(value)
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number
