"""How results become plain JSON data: NaN is ``None``, days are ISO text, tables are lists or dictionaries of rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import Message

if TYPE_CHECKING:
    import pandas as pd

ISO_DAY = len("2024-12-31")
Metrics = dict[str, Any]


def plain(value: Any) -> Any:
    """Turn ``value`` into JSON data.

    NaN becomes ``None``, a day ISO text, a NumPy number Python's, a message its msgid and values.
    """
    if isinstance(value, Message):
        return message(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, dt.date):
        return None if value != value else value.isoformat()[:ISO_DAY]  # noqa: PLR0124 - NaT differs from itself
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


def message(text: str) -> Metrics:
    """Return a sentence as its msgid and values, so that it can be said in another language later."""
    if isinstance(text, Message):
        plural = {} if text.plural is None else {"plural": text.plural}
        return {"msgid": text.msgid, **plural, "values": plain(text.values), "text": str(text)}
    return {"msgid": text, "values": {}, "text": text}


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, columns by name; its index is left out."""
    return frame.to_dict("records")  # type: ignore[return-value]


def keyed(frame: pd.DataFrame) -> dict[Any, Any]:
    """Return the rows of a table by its index, columns by name."""
    return frame.to_dict("index")
