"""The report's tables and the data of its charts as one workbook, ``report.xlsx``, with real numbers and days.

First a sheet of contents with links, then the key figures, the other tables in the order of the page, and the charts,
each picture beside its data.  Text is always written as text: no cell is a formula, and no number is made of letters.
A cell without a value is empty, never zero.  The same report gives the same bytes.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xlsxwriter import Workbook

from loyalty_lib import i18n
from loyalty_lib.exports.archive import without_times
from loyalty_lib.exports.cells import Cell, cell, currency_symbol, date_format
from loyalty_lib.exports.colour import INK, MUTED, RULE, mixed
from loyalty_lib.exports.material import Chart, Material, Sheet
from loyalty_lib.exports.sheet_names import LONGEST, sheet_names
from loyalty_lib.i18n import gettext, mark

EMPTY: Final = mark("An empty cell has no value, or its group is too small to show; it is never zero.")
KEY_FIGURES: Final = "key_figures"  # the table that comes first
TEXT_KINDS: Final = frozenset({"text", "date", "month"})
HEADER: Final = 3  # the row of the columns' names, counted from 0: above it title, client and period, the way back
NARROWEST, WIDEST, WIDEST_HEAD = 9, 52, 18  # characters
PADDING: Final = 2  # characters: the filter's button, and air
LINE_HEIGHT, TITLE_HEIGHT = 15.0, 22.0  # points
NOTE_WIDTH: Final = 100  # characters
MATRIX: Final = 6  # columns of shares; a table with as many is read as a heat map
HEAT: Final = 0.5  # of the accent at most: black figures must read on it
PIXELS: Final = 7  # a character of the sheet's typeface is this wide
FAR: Final = 110  # characters; the picture stands under data that are wider
LONGEST_TEXT: Final = 32_767  # characters in a cell
DAWN: Final = dt.date(1980, 1, 1)  # of a report without a date
FIXED: Final = {  # whatever looks like a formula, a number or an address is the text it is
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def workbook(material: Material) -> bytes:
    """Return the workbook of a report."""
    return contextvars.copy_context().run(_workbook, material)


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A sheet of the workbook: its name, what stands on it, and the picture beside that."""

    name: str
    label: str
    sheet: Sheet
    chart: Chart | None = None


@dataclass(eq=False, kw_only=True)
class _Book:
    """The workbook being written."""

    book: Any
    material: Material
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def look(self, **properties: Any) -> Any:
        """Return a format; the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_color": INK, "valign": "top", **properties})
        return self.formats[key]

    @property
    def contents(self) -> str:
        """The name of the first sheet."""
        return gettext("Contents")


def _workbook(material: Material) -> bytes:
    i18n.activate(material.language, material.currency)
    target = io.BytesIO()
    book = _Book(book=Workbook(target, FIXED), material=material)
    book.book.set_properties(
        {
            "title": material.title,
            "subject": material.cover.get("period", ""),
            "author": material.look.name,
            "comments": material.look.confidentiality,
            "created": dt.datetime.combine(material.as_of or DAWN, dt.time(), dt.UTC),
        }
    )
    pages = _pages(material, book.contents)
    _write_contents(book, pages)
    for page in pages:
        _write_page(book, page)
    book.book.close()
    return without_times(target.getvalue())


def _pages(material: Material, contents: str) -> list[_Page]:
    """Return the sheets after the contents, in order, each with its name."""
    tables = sorted(material.tables, key=lambda table: table.name != KEY_FIGURES)
    in_order = sorted(material.charts, key=lambda chart: chart.position)
    charts = [(chart, chart.data) for chart in in_order if chart.data is not None]
    chapters = {chart.name: chapter.title for chapter in material.chapters for chart in chapter.charts}
    labels = [gettext("Key figures") if table.name == KEY_FIGURES else table.title for table in tables]
    labels += [f"{chart.number or gettext('Figure')} {chapters[chart.name]}" for chart, _ in charts]
    _, *names = sheet_names([contents, *labels])
    pages = [(table, None) for table in tables] + [(data, chart) for chart, data in charts]
    return [
        _Page(name=name, label=f"{chart.number}: {sheet.title}" if chart and chart.number else sheet.title,
              sheet=sheet, chart=chart)
        for name, (sheet, chart) in zip(names, pages, strict=True)
    ]  # fmt: skip


def _write_contents(book: _Book, pages: Sequence[_Page]) -> None:
    """Write the first sheet: what this is, of whom and when, and where to find what."""
    material, cover = book.material, book.material.cover
    sheet = _new_sheet(book, book.contents)
    sheet.set_column(0, 0, LONGEST + PADDING)
    sheet.set_column(1, 1, NOTE_WIDTH)
    _text(sheet, (0, 0), material.title, book.look(bold=True, font_size=16))
    period = cover.get("period", "")
    facts: list[tuple[str, str | dt.date | None]] = [
        (gettext("Client"), cover.get("client")),
        (gettext("Period"), period.partition(",")[0]),
        (gettext("As of"), material.as_of),
        (gettext("Finding"), cover.get("finding")),
        ("", gettext("Simulated data") if cover.get("simulated") else None),
        ("", cover.get("prepared_by")),
        ("", material.look.confidentiality),
    ]
    row = 2
    for label, fact in facts:
        if isinstance(fact, dt.date):
            look = book.look(num_format=date_format(), align="left")
            sheet.write_datetime(row, 1, dt.datetime.combine(fact, dt.time()), look)
        elif fact:
            sheet.set_row(row, _height(fact, NOTE_WIDTH))
            _text(sheet, (row, 1), fact, book.look(text_wrap=True))
        else:
            continue
        _text(sheet, (row, 0), label, book.look(font_color=MUTED))
        row += 1
    head = book.look(bold=True, bottom=1, bottom_color=INK)
    for column, label in enumerate((gettext("Sheet"), gettext("What it shows"))):
        _text(sheet, (row + 1, column), label, head)
    for place, page in enumerate(pages, start=row + 2):
        link = f"internal:'{page.name.replace(chr(39), 2 * chr(39))}'!A1"
        sheet.write_url(place, 0, link, book.look(font_color=book.material.look.accent, underline=1), page.name)
        sheet.set_row(place, _height(page.label, NOTE_WIDTH))
        _text(sheet, (place, 1), page.label, book.look(text_wrap=True))
    caveat = gettext(EMPTY)
    _text(sheet, (row + 3 + len(pages), 0), caveat, book.look(font_color=MUTED))


def _write_page(book: _Book, page: _Page) -> None:
    """Write a table: title, the way back, header, rows, notes; and the picture of a chart."""
    sheet = _new_sheet(book, page.name)
    cover, columns = book.material.cover, page.sheet.columns
    sheet.set_row(0, TITLE_HEIGHT)
    _text(sheet, (0, 0), page.label, book.look(bold=True, font_size=14))
    under = " · ".join(filter(None, [cover.get("client"), cover.get("period")]))
    _text(sheet, (1, 0), page.chart.subtitle if page.chart else under, book.look(font_color=MUTED))
    link = book.look(font_color=book.material.look.accent, underline=1)
    sheet.write_url(2, 0, f"internal:'{book.contents}'!A1", link, f"← {book.contents}")
    rows = [[cell(value, col["kind"]) for value, col in zip(row, columns, strict=True)] for row in page.sheet.rows]
    widths = _write_header(book, sheet, page.sheet, rows)
    for at, row in enumerate(rows, start=HEADER + 1):
        for column, one in enumerate(row):
            _write_cell(book, sheet, (at, column), one, left=columns[column]["kind"] in TEXT_KINDS)
    last = HEADER + len(rows)
    sheet.autofilter(HEADER, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEADER + 1, 1)
    _heat(book, sheet, columns, last)
    below = _write_notes(book, sheet, _notes(page, rows), last + 2, widths)
    if page.chart and page.chart.picture:
        wide = sum(widths) > FAR
        place = (below + 1, 0) if wide else (HEADER, len(columns) + 1)
        options = {
            "image_data": io.BytesIO(page.chart.picture.png),
            "description": page.chart.alt,
            "object_position": 2,  # it keeps its size when rows are filtered
        }
        sheet.insert_image(*place, f"{page.chart.name}.png", options)
    sheet.repeat_rows(HEADER)


def _new_sheet(book: _Book, name: str) -> Any:
    sheet = book.book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    marked = book.material.look.confidentiality.replace("&", "&&")[:120]
    sheet.set_footer(f"&L{book.material.title.replace('&', '&&')[:100]}&R&P / &N", {"margin": 0.3})
    sheet.set_header(f"&R{marked}" if marked else "", {"margin": 0.3})
    return sheet


def _write_header(book: _Book, sheet: Any, data: Sheet, rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Write the columns' names and set the columns as wide as what they hold; return the widths, in characters."""
    widths, lines = [], 1
    symbol = currency_symbol()
    for place, column in enumerate(data.columns):
        unit = f" ({symbol})" if symbol and column["kind"].startswith("money") else ""
        label = column["label"] + unit
        text = column["kind"] in TEXT_KINDS
        look = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "bottom_color": INK}
        _text(sheet, (HEADER, place), label, book.look(align="left" if text else "right", **look))
        longest_word = max(map(len, label.split()), default=0)
        content = max((row[place].width for row in rows), default=0)
        head = max(longest_word, min(len(label), WIDEST_HEAD))
        width = min(max(content, head, NARROWEST) + PADDING, WIDEST)
        lines = max(lines, math.ceil(len(label) / max(width - PADDING, 1)))
        sheet.set_column(place, place, width)
        widths.append(width)
    sheet.set_row(HEADER, lines * LINE_HEIGHT + PADDING)
    return widths


def _write_cell(book: _Book, sheet: Any, place: tuple[int, int], one: Cell, *, left: bool) -> None:
    look: dict[str, Any] = {"bottom": 1, "bottom_color": RULE, "align": "left" if left else "right"}
    if one.number_format:
        look["num_format"] = one.number_format
    match one.value:
        case None:
            sheet.write_blank(*place, None, book.look(**look))
        case dt.date():
            sheet.write_datetime(*place, dt.datetime.combine(one.value, dt.time()), book.look(**look))
        case str():
            _text(sheet, place, one.value, book.look(text_wrap=one.width > WIDEST, **look))
        case _:
            sheet.write_number(*place, one.value, book.look(**look))


def _heat(book: _Book, sheet: Any, columns: Sequence[dict[str, str]], last: int) -> None:
    """Shade a table of many shares by their size, as its heat map does."""
    shares = [place for place, column in enumerate(columns) if column["kind"].startswith("share")]
    if len(shares) >= MATRIX:
        scale = {
            "type": "2_color_scale",
            "min_color": mixed(book.material.look.accent, 0.03),
            "max_color": mixed(book.material.look.accent, HEAT),
        }
        sheet.conditional_format(HEADER + 1, shares[0], last, shares[-1], scale)


def _notes(page: _Page, rows: Sequence[Sequence[Cell]]) -> list[str]:
    empty = any(one.value is None for row in rows for one in row)
    caveat = gettext(EMPTY)
    return [*page.sheet.notes, *([page.chart.source] if page.chart else []), *([caveat] if empty else [])]


def _write_notes(book: _Book, sheet: Any, notes: Sequence[str], row: int, widths: Sequence[int]) -> int:
    """Write sentences under a table, over as many columns as a line of reading takes; return the row after them."""
    across, reach = 0, 0
    while reach < NOTE_WIDTH:
        reach += widths[across] if across < len(widths) else NARROWEST
        across += 1
    look = book.look(font_color=MUTED, text_wrap=True)
    for note in notes:
        if across > 1:
            sheet.merge_range(row, 0, row, across - 1, "", look)
        _text(sheet, (row, 0), note, look)
        sheet.set_row(row, _height(note, reach))
        row += 1
    return row


def _height(text: str, width: int) -> float:
    """Return how high a row is whose text is broken into lines of ``width`` characters."""
    return math.ceil(len(text) / width) * LINE_HEIGHT


def _text(sheet: Any, place: tuple[int, int], text: str, look: Any) -> None:
    sheet.write_string(*place, text[:LONGEST_TEXT], look)
