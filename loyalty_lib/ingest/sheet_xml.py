"""What the reader of workbooks leaves unsaid: errors in cells, formulas without a result, and sheets too large to hold.

It gives back a blank for "#REF!" and for a formula that a program wrote and nobody calculated.  In .xlsx such cells are
found in the sheet's own XML; an .ods with errors is refused; .xls and .xlsb are not text and are not looked into.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

from loyalty_lib.errors import DataError, Problem

MOST_CELLS = 50_000_000  # of a sheet, the blanks between values included; each takes 32 bytes
PIECE = 4_000_000  # bytes of a sheet's XML looked at in one go
MORE = "Open it in Excel, save it as .xlsx, and name that file."
DAMAGED = zipfile.BadZipFile | zlib.error | ET.ParseError | EOFError | LookupError | ValueError | RuntimeError

Found = dict[int, dict[int, str]]  # what a seemingly blank cell says, by line (from 1) and column (from 0)

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_UNSAID = re.compile(rb"""\bt=["']e["']|</(?:\w+:)?f>\s*<(?:/|[^>]*/>|[^>]*></)|<(?:\w+:)?f\b[^>]*/>""")
_COLUMN = re.compile(rb""" r=["']([A-Z]{2,3})\d+["'][^>]*(?<!/)>""")  # AA and beyond, of cells that hold something
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br=["'](\d{1,9})["']""")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,9})["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)<")


def refuse(file: str, expected: str, remedy: str, **where: Any) -> NoReturn:
    """Raise the one problem of a workbook that is not read."""
    raise DataError([Problem(file=file, expected=expected, remedy=remedy, **where)]) from None


def unsaid(path: Path, file: str, sheet: str) -> Found:
    """Return the errors ("#REF!") and the formulas without a result ("=A1*2") of a sheet, where its XML can be read.

    Refuses a sheet that is too large to hold, so that the reader of workbooks is not asked to.
    """
    found: Found = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        if "mimetype" in parts and "content.xml" in parts:
            _refuse_errors(archive, file)
        if "xl/workbook.xml" not in parts:
            return found
        columns = {b"Z"}
        height = 0
        for piece in _pieces(archive, _part(archive, sheet)):
            columns.update(_COLUMN.findall(piece))
            height = max([height, *map(int, _ROW.findall(piece))])
            if (b'"e"' in piece or b"'e'" in piece or b"f>" in piece or b"<f" in piece) and _UNSAID.search(piece):
                for line, column, text in filter(None, map(_said, _CELL.finditer(piece))):
                    found.setdefault(line, {})[column] = text
    width = max(map(_column, columns)) + 1
    if width * height > MOST_CELLS:
        expected = f"a sheet of at most {MOST_CELLS:,} cells; '{sheet}' has {height:,} rows and {width:,} columns"
        refuse(file, expected, "Delete what stands far right or below the orders, or save the sheet as CSV.")
    return found


def _said(cell: re.Match[bytes]) -> tuple[int, int, str] | None:
    """Return line, column and text of a cell that the reader of workbooks takes for blank."""
    attributes, content = cell.groups()
    place = _PLACE.search(attributes)
    if place is None:
        return None
    value = _VALUE.search(content)
    if re.search(rb"""\bt=["']e["']""", attributes):
        text = value[1] if value else b"#VALUE!"
    elif value is None and re.search(rb"<(?:\w+:)?f\b", content) and not re.search(rb"""\bt=["']str["']""", attributes):
        formula = _FORMULA.search(content)
        text = b"=" + (formula[1] if formula else b"")
    else:
        return None
    return int(place[2]), _column(place[1]), unescape(text.decode(errors="replace"))


def _column(letters: bytes) -> int:
    """Return the number (from 0) of a column: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Give a sheet's XML in pieces of whole rows."""
    with archive.open(part) as stream:
        rest = b""
        while piece := stream.read(PIECE):
            whole, mark, rest = (rest + piece).rpartition(b"row>")
            yield whole + mark
        yield rest


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part that holds a sheet's XML."""
    workbook, relations = (_tree(archive.read(f"xl/{name}")) for name in ("workbook.xml", "_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for entry in workbook.iterfind(".//{*}sheet"):
        if entry.get("name") == sheet:
            key = next((value for name, value in entry.items() if name.endswith("}id")), "")
            return str(PurePosixPath("/xl") / targets[key]).lstrip("/")
    raise KeyError(sheet)


def _tree(xml: bytes) -> ET.Element:
    if b"<!" in xml.replace(b"<!--", b""):  # a workbook declares no entities; an attack does
        raise KeyError
    return ET.fromstring(xml)  # noqa: S314  (see above)


def _refuse_errors(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse a sheet of OpenDocument with errors in it: the reader of workbooks takes them for blanks."""
    with archive.open("content.xml") as stream:
        rest = b""
        while piece := stream.read(PIECE):
            if b':value-type="error"' in rest + piece:
                refuse(file, "cells without errors such as #REF!", f"Mend them, or see where they are. {MORE}")
            rest = piece[-32:]
