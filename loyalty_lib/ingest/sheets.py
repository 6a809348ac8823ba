"""Workbooks (.xlsx, .xls, .xlsb, .ods): which sheet, which row holds the names, and every cell as text.

The text of a cell says to a program what the cell says to a person: 17850.0 is "17850", a day is "2024-03-04", a cell
with an error is "#REF!".  A *line* is the row's number as Excel shows it.  The reader of workbooks gives back blanks
for errors and for formulas nobody calculated; in .xlsx such cells are found in the sheet's own XML (and in .ods
refused), so that no value disappears in silence.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from loyalty_lib.ingest.sheet_xml import DAMAGED, MORE, Found, refuse, unsaid

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
CHUNK = 50_000  # rows
HEADER_ROWS = 100  # the names stand within these

_Row = list[Any]  # text, number, truth value, moment or duration


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """One sheet of a workbook, as text.

    Attributes
    ----------
    name, all_names
        The sheet's name, and those of all sheets of the workbook.
    header_line
        The row that holds the columns' names, from 1, as Excel numbers it.
    names
        The columns' names, blank and repeated ones as they are.  Columns at the right end that hold nothing are left
        out.
    chunks
        The rows below, to be read once: tables of record (int64, from 1), line (int64), and c0, c1, ... (string; null
        where the cell is blank).  Blank rows are left out.
    numeric
        Places in ``names`` of the columns whose cells are numbers, not text: their decimal mark is a point, whatever
        the sheet's texts use.  Complete once the chunks are read.
    """

    name: str
    all_names: tuple[str, ...]
    header_line: int
    names: tuple[str, ...]
    chunks: Iterator[pa.Table]
    numeric: AbstractSet[int]


def read_sheet(
    path: Path,
    *,
    sheet: str | None = None,
    header_line: int | None = None,
    known: Callable[[Sequence[str]], bool],
    shown: str | None = None,
) -> Sheet:
    """Read the sheet of a workbook that holds the orders.

    Parameters
    ----------
    path
        The file.
    sheet
        Its name; ``None``: the first with a row that ``known`` accepts, else the first that is not empty.  Hidden
        sheets are read only where named, or where all are.
    header_line
        The row that holds the names; ``None``: the first that ``known`` accepts, else the first that is all text and
        as wide as most rows are.
    known
        Whether a row's texts are the names of an export we know.
    shown
        The file's name in messages; left out, ``path``.

    Returns
    -------
    The sheet's names, and its rows in chunks.

    Raises
    ------
    DataError
        If the file is no workbook, is protected by a password, is too large, or has no such sheet or row.
    """
    file = shown or str(path)
    with _open(path, file) as workbook:
        there = tuple(workbook.sheet_names)
        if sheet is not None and sheet not in there:
            refuse(file, f"a sheet '{sheet}'", f"Set ingest.sheet to one of: {', '.join(map(repr, there))}.")
        choice = [sheet] if sheet is not None else _visible(workbook)
        cells, line = _choose(file, (_load(path, file, workbook, name) for name in choice), header_line, known)
    names = _texts(next(row for number, row in cells.rows() if number == line))
    used = _used(cells, line, names)
    numeric: set[int] = set()
    return Sheet(
        name=cells.name,
        all_names=there,
        header_line=line,
        names=tuple(names[:used]),
        chunks=_chunks(cells, line, used, numeric),
        numeric=numeric,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Cells:
    """A sheet's cells, from the column ``first`` (from 0) up to the line ``height``; blank ones are empty text."""

    name: str
    sheet: CalamineSheet
    found: Found
    first: int
    width: int
    height: int

    def rows(self) -> Iterator[tuple[int, _Row]]:
        """Give every row that is not blank, with its line."""
        start = self.sheet.start
        left: _Row = [""] * (start[1] - self.first if start else 0)
        values = self.sheet.iter_rows()
        for line in range(1, self.height + 1):
            row = left + next(values, [])
            row += [""] * (self.width - len(row))
            for column, text in self.found.get(line, {}).items():
                row[column - self.first] = text
            if any(type(value) is not str or (value and not value.isspace()) for value in row):
                yield line, row


def _open(path: Path, file: str) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        try:
            return CalamineWorkbook.from_path(path)
        except PasswordError:
            raise
        except CalamineError:  # its name may promise another kind of workbook than it is
            return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except PasswordError:
        refuse(file, "an Excel workbook without a password", "Open it in Excel, remove the password, and save it.")
    except CalamineError:
        with path.open("rb") as start:
            refuse(file, "an Excel workbook", _what_it_is(start.read(512)))
    except OSError as error:
        refuse(file, "a file that can be read", f"Look into it: {error.strerror or error}.")
    except BaseException as error:
        if not _is_panic(error):
            raise
        refuse(file, "an Excel workbook", "It is damaged. Export it again.")


def _is_panic(error: BaseException) -> bool:
    """Tell whether the reader of workbooks gave up; its exception has no name of its own to import."""
    return type(error).__name__ == "PanicException"


def _what_it_is(head: bytes) -> str:
    """Return what to do with a file that is no workbook, by its first bytes."""
    if not head:
        return "The file is empty: export it again."
    if head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<"):
        return f"It is a web page or XML under another name. {MORE}"
    if b"\0" not in head and not head.startswith(b"PK"):
        return "It is text under another name: change the ending of its name to .csv."
    return "It is damaged, or of another kind. Export it again."


def _visible(workbook: CalamineWorkbook) -> list[str]:
    """Return the names of the sheets a person sees; where none is to be seen, of all."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return visible or [sheet.name for sheet in sheets]


def _load(path: Path, file: str, workbook: CalamineWorkbook, name: str) -> _Cells:
    """Read a sheet's cells."""
    from python_calamine import CalamineError

    try:
        found = unsaid(path, file, name)
        sheet = workbook.get_sheet_by_name(name)
    except BaseException as error:
        if not (isinstance(error, DAMAGED | CalamineError) or _is_panic(error)):
            raise
        refuse(file, f"a whole workbook; its sheet '{name}' cannot be read", "Export it again.")
    end = sheet.end or (-1, -1)
    columns = {column for row in found.values() for column in row} | (
        {sheet.start[1], end[1]} if sheet.start else set()
    )
    first = min(columns, default=0)
    width = max(columns, default=-1) - first + 1
    return _Cells(name=name, sheet=sheet, found=found, first=first, width=width, height=max(end[0] + 1, *found, 0))


def _choose(
    file: str, sheets: Iterable[_Cells], header_line: int | None, known: Callable[[Sequence[str]], bool]
) -> tuple[_Cells, int]:
    """Return the sheet to read, and the line of its header."""
    other: tuple[_Cells, int] | None = None
    for cells in sheets:
        if header_line is None:
            rows = list(itertools.islice(cells.rows(), HEADER_ROWS))
        else:
            rows = [(line, row) for line, row in cells.rows() if line == header_line]
        for line, row in rows:
            if known(_texts(row)):
                return cells, line
        if rows and other is None:
            other = cells, _likely_header(rows)
    if other is not None:
        return other
    if header_line is None:
        refuse(file, "a workbook with rows in it", "Export it again, or name the sheet in ingest.sheet.")
    remedy = "Set ingest.header_line to the row that holds them."
    return refuse(file, "the columns' names", remedy, lines=(header_line,), count=1)


def _likely_header(rows: Sequence[tuple[int, _Row]]) -> int:
    """Return the first line that is all text and as wide as most are; else the first as wide; else the first."""
    texts = [(line, [text for text in _texts(row) if text]) for line, row in rows]
    widths = Counter(len(row) for _, row in texts)
    usual = max(widths, key=lambda width: (widths[width], width))
    wide = [(line, row) for line, row in texts if len(row) >= usual]
    return next((line for line, row in wide if not any(map(_NO_NAME.fullmatch, row))), wide[0][0])


def _used(cells: _Cells, line: int, names: Sequence[str]) -> int:
    """Return how many columns are left without those at the right end that hold nothing."""
    named = max(column for column, text in enumerate(names, 1) if text)
    if named == cells.width:
        return named
    right = (
        max((column for column, value in enumerate(row[named:], named + 1) if value != ""), default=named)
        for number, row in cells.rows()
        if number > line
    )
    return max(right, default=named)


def _chunks(cells: _Cells, line: int, used: int, numeric: set[int]) -> Iterator[pa.Table]:
    rows = (row for row in cells.rows() if row[0] > line)
    record = 1
    names = ["record", "line", *(f"c{place}" for place in range(used))]
    kinds: list[set[type]] = [set() for _ in range(used)]
    while chunk := list(itertools.islice(rows, CHUNK)):
        columns = [
            pa.array(range(record, record + len(chunk)), pa.int64()),
            pa.array((number for number, _ in chunk), pa.int64()),
        ]
        for found, values in zip(kinds, zip(*(row for _, row in chunk), strict=True), strict=False):
            found.update(type(value) for value in values if value != "")
            columns.append(pa.array((_TEXT[type(value)](value) or None for value in values), pa.string()))
        yield pa.table(columns, names=names)
        record += len(chunk)
    numeric.update(place for place, found in enumerate(kinds) if found and found <= {int, float})


def _texts(row: _Row) -> list[str]:
    return [_TEXT[type(value)](value) for value in row]


# A cell's value as text

_NO_NAME = re.compile(r"(?i)[-+−(]?[\d\s.,:/T%-]+[Z)]?|true|false")  # numbers and moments: no name of a column


def _number(value: float) -> str:
    """Write a number with the 15 digits Excel shows, whole ones with all; never with an exponent."""
    if value.is_integer():
        return str(int(value))
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e" in text else text


def _moment(value: dt.datetime) -> str:
    return value.isoformat() if value.time() != dt.time.min or value.tzinfo else value.date().isoformat()


def _duration(value: dt.timedelta) -> str:
    seconds = round(abs(value).total_seconds())
    return f"{'-' * (value < dt.timedelta())}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_TEXT: Mapping[type, Callable[[Any], str]] = {
    str: str,
    float: _number,
    int: str,
    bool: lambda value: "true" if value else "false",
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: _duration,
}
