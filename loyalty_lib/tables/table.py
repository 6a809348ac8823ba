"""The ``Table``: raw values and how each is written; it can be shown (``html``) and saved (``csv``).

Formatting happens once, when the table is shown.  Units stand in the header and every column has one number of
decimals.  A missing value is an en dash in HTML and an empty cell in CSV.  Beside what is written, a cell on the page
holds its unrounded value in the unit of its column: ``report.js`` sorts and copies by it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import get_currency_symbol

from loyalty_lib import i18n
from loyalty_lib.i18n import gettext, say
from loyalty_lib.templates import fill

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup


SHOWN_ROWS: Final = 50  # a longer table is cut on the page; its CSV is whole
PORTRAIT: Final = 170.0  # mm; the width of the text on an upright A4 page
# What a column takes at 8.5 pt, in mm: a share is at most three figures, and of mixed columns most hold changes.
WIDTHS: Final = {"text": 34.0, "share": 7.0, "mixed": 15.0, "percent": 15.0}
OTHER_WIDTH: Final = 18.0
DETAILED: Final = 9  # columns; with more, and more rows than FEW, a table is to look things up in
FEW: Final = 8  # rows that fit beside the chart they belong to
SORTED_ROWS: Final = 3  # fewer are compared at a glance
EXACT: Final = ".12g"  # of an unrounded value: what a double holds for certain, and no more
WHOLE_MONEY: Final = 1000.0  # a column of money that reaches this is shown without minor units
MISSING: Final = "–"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet runs text that begins with one of these
PHONE: Final = re.compile(r"\+\d{6,15}")  # E.164: a number to a spreadsheet too, and no formula
LINE_BREAKS: Final = re.compile(r"[\r\n]+")
TEXT_KINDS: Final = frozenset({"text", "date", "month"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: name in the CSV, label on the page, and kind.

    Parameters
    ----------
    kind
        ``text``, ``date``, ``month``, ``number``, ``percent`` (a ratio), ``share`` (a ratio whose % sign the title
        gives), ``money``; the last four optionally with decimals (``percent.1``).  ``mixed`` for a column of
        ``Quantity``, each with its own unit.
    """

    name: str
    label: str
    kind: str = "number"

    @property
    def numeric(self) -> bool:
        """Whether its cells are aligned right."""
        return self.kind not in TEXT_KINDS

    @property
    def sort(self) -> str:
        """How its cells are compared: as ``number`` or ``text``; not at all where each has a unit of its own."""
        if self.kind == "mixed":
            return ""
        return "number" if self.numeric else "text"  # days are compared as YYYY-MM-DD


@dataclass(frozen=True)
class Quantity:
    """A value that is not written like the rest of its column: ``kind`` is one of ``i18n.FORMATS``, or ``points``."""

    value: float | dt.date | None
    kind: str


Cell = str | float | int | dt.date | Quantity | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table ready to be shown or saved.

    Parameters
    ----------
    name
        File name of the CSV and identifier on the page: letters, digits and underscores.
    title
        Caption: what the rows are and over which time.
    columns
        The first one names its row.
    rows
        One value a column; raw and unrounded.
    notes
        Sentences under the table.
    lookup
        Whether it is there to look things up in, whatever its size: a chart or another table says the same in short.
    apart
        Positions of the rows that keep their places when a reader sorts the table: totals, and rows outside them.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    lookup: bool = False
    apart: frozenset[int] = frozenset()

    @property
    def wide(self) -> bool:
        """Whether it needs a landscape page."""
        return sum(WIDTHS.get(column.kind.partition(".")[0], OTHER_WIDTH) for column in self.columns) > PORTRAIT

    @property
    def detailed(self) -> bool:
        """Whether it stands at the report's end."""
        return self.wide or self.lookup or (len(self.columns) > DETAILED and len(self.rows) > FEW)

    @property
    def sortable(self) -> bool:
        """Whether a reader may sort it: several rows, and figures of one unit to compare them by."""
        comparable = any(column.sort for column in self.columns[1:])
        return comparable and len(self.rows) - len(self.apart) >= SORTED_ROWS

    def html(self) -> Markup:
        """Return the table as HTML, escaped, at most ``SHOWN_ROWS`` rows of it."""
        notes = self.notes
        if len(self.rows) > SHOWN_ROWS:
            cut = say(
                "The first {shown:number} of {count:number} rows; all of them are in tables/{name:text}.csv.",
                shown=SHOWN_ROWS,
                count=len(self.rows),
                name=self.name,
            )
            notes = (*notes, cut)
        written = [_write(column.kind, cells) for column, cells in zip(self.columns, self._cells(), strict=True)]
        if any(MISSING in cells for cells in written) and not any(note.startswith(MISSING) for note in notes):
            notes = (*notes, gettext("–: no value, or too few customers to show."))
        return fill(
            "table",
            name=self.name,
            title=self.title,
            word=gettext("Table"),
            wide=self.wide,
            dense=len(self.columns) >= DETAILED,
            columns=[
                {
                    "label": column.label,
                    "unit": _unit(column.kind),
                    "numeric": column.numeric,
                    "sort": column.sort if self.sortable else "",
                }
                for column in self.columns
            ],
            rows=[
                {
                    "apart": self.sortable and position in self.apart,
                    "cells": [
                        {"text": text, "value": _exact(column.kind, value)}
                        for column, text, value in zip(self.columns, texts, values, strict=True)
                    ],
                }
                for position, (texts, values) in enumerate(zip(zip(*written, strict=True), self.rows, strict=True))
            ][:SHOWN_ROWS],
            notes=notes,
        )

    def csv(self) -> str:
        """Return all rows as CSV: names in the first line, raw values, dates as YYYY-MM-DD, missing values empty."""
        return write_csv([column.name for column in self.columns], self.rows)

    def _cells(self) -> list[tuple[Cell, ...]]:
        return list(zip(*self.rows, strict=True)) if self.rows else [() for _ in self.columns]


def write_csv(names: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Write CSV that a spreadsheet opens without running any of it.

    Parameters
    ----------
    names
        The header.
    rows
        Raw values.  Numbers stay numbers; text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([_raw(name) for name in names])
    writer.writerows([_raw(value) for value in row] for row in rows)
    return target.getvalue()


def frame_csv(frame: pd.DataFrame) -> str:
    """Write a figure's data as CSV, a named index first."""
    whole = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    return write_csv([str(name) for name in whole.columns], whole.itertuples(index=False, name=None))


def _raw(value: object) -> object:
    if isinstance(value, Quantity):
        value = value.value
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are the values that differ from themselves
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        line = LINE_BREAKS.sub(" ", value)  # a line break inside a cell could begin a line that looks like a formula
        return f"'{line}" if value.startswith(FORMULA_STARTS) and not PHONE.fullmatch(value) else line
    return value.item() if hasattr(value, "item") else value


def _write(kind: str, values: Sequence[Cell]) -> list[str]:
    """Write one column: every cell with the same number of decimals."""
    name, decimals = decimals_of(kind, values)
    return [_write_cell(name, decimals, value) for value in values]


def decimals_of(kind: str, values: Sequence[Cell]) -> tuple[str, int]:
    """Return a column's kind without its decimals, and how many it is written with."""
    name, _, decimals = kind.partition(".")
    if name == "money" and not decimals:
        largest = max((abs(v) for v in values if isinstance(v, (int, float)) and math.isfinite(v)), default=0.0)
        decimals = "0" if largest >= WHOLE_MONEY else "2"
    return name, int(decimals or 0)


def _write_cell(name: str, decimals: int, value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN differs from itself
        return MISSING
    match name:
        case "mixed":
            return _write_quantity(value)
        case "text":
            return str(value)
        case "date" | "month":
            return i18n.FORMATS["date_short" if name == "date" else name](value)
        case "percent" | "share":
            return i18n.number(100 * value, decimals)
        case _:
            return i18n.number(value, decimals)


def _write_quantity(quantity: Quantity) -> str:
    value: Any = quantity.value
    if value is None or value != value:  # noqa: PLR0124 - NaN differs from itself
        return MISSING
    if quantity.kind == "points":
        return say("{points:signed_number.1} pp", points=100 * value)
    name, _, decimals = quantity.kind.partition(".")
    return i18n.FORMATS[name](value, int(decimals)) if decimals else i18n.FORMATS[name](value)


def _exact(kind: str, value: Cell) -> str | None:
    """Return what stands unrounded behind a cell, empty where it is missing; None where that is what it says."""
    if isinstance(value, Quantity):
        kind = value.kind
    name = kind.partition(".")[0]
    raw: Any = _raw(value)
    if raw == "":
        return ""
    match name:
        case "text" | "points":
            return None
        case "date" | "month":
            return str(raw)
        case "percent" | "share" | "signed_percent":
            return format(100 * raw, EXACT) + ("%" if isinstance(value, Quantity) else "")
        case _:
            return format(raw, EXACT)


def _unit(kind: str) -> str:
    language = i18n.active()
    match kind.partition(".")[0]:
        case "percent":
            return "%"
        case "money" if language.currency:
            return str(get_currency_symbol(language.currency, locale=language.locale))
        case _:
            return ""
