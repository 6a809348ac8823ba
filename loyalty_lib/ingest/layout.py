"""What a layout is: data that say which column of an export is which, and what its rows mean.

One module a system (``shopify.py``, ``stripe.py``, ...) holds its ``LAYOUTS``, one for each kind of file it exports;
``mapping.py`` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from loyalty_lib.config.ingest import Columns

FIELDS = tuple(Columns.model_fields)  # every column a layout can fill
NAMED = re.compile(r'"([^"]+)"')  # the file's columns in a layout's SQL


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One system's export.  Columns' names are compared without regard to case and to blanks around them.

    Attributes
    ----------
    name, title
        As in the settings, and as people call it: "shopify", "Shopify orders".
    signature
        A file has this layout if it has, of each of these groups, at least one column.
    columns
        For each of ours the names it goes by, the best first; the first that the file has is taken.
    expressions
        Where a name is not enough: SQL over the file's columns, each a text named as in the file, in double quotes.
        Goes before ``columns`` where the file has all the columns it names, and is passed over where it has not.
    rows
        SQL over the file's columns, as in ``expressions``: which rows are rows of it, where a file has other kinds too.
    once
        The order's own fields stand on the first of its rows only (or are repeated on each): they are spread over the
        order's rows, and its amounts counted once.
    sales
        The statuses, in lower case, of orders that are sales; empty where all are.  Rows of another status are left
        out and counted, those with a blank status stay.
    minor_units
        Amounts are whole numbers of the currency's smallest unit (cents).
    date_format
        How days are written, where the layout tells: as in the settings.
    time_zone
        Of moments written without an offset, where it is not the client's.
    vat_included
        Whether the amounts include VAT, where the layout tells.
    """

    name: str
    title: str
    signature: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]
    expressions: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    once: bool = False
    sales: frozenset[str] = frozenset()
    minor_units: bool = False
    date_format: str | None = None
    time_zone: str | None = None
    vat_included: bool | None = None

    def recognises(self, names: Collection[str]) -> bool:
        """Tell whether a file with these columns has this layout."""
        there = {plain(name) for name in names}
        return all(any(plain(name) in there for name in group) for group in self.signature)

    def expression(self, field: str, names: Collection[str]) -> str | None:
        """Return the SQL behind one of our columns, if there is one and the file has the columns it names."""
        sql = self.expressions.get(field)
        there = {plain(name) for name in names}
        return sql if sql and all(plain(name) in there for name in NAMED.findall(sql)) else None


def plain(name: str) -> str:
    """Return a column's name as names are compared."""
    return name.strip().casefold()
