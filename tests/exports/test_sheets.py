"""The workbook holds the report's own numbers, as numbers; read back with openpyxl, which did not write it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from loyalty_lib import exports
from loyalty_lib.exports.sheet_names import sheet_names
from loyalty_lib.exports.sheets import workbook
from loyalty_lib.render.carried import payload_of

HEADER = 4  # the row of the columns' names, counted from 1
FORBIDDEN = set("[]:*?/\\")


def midnight(*day: int) -> dt.datetime:
    """Return a day as a spreadsheet holds it: with a time, but of no zone."""
    return dt.datetime.combine(dt.date(*day), dt.time())


def read(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def book(made):
    return read(made.files["report.xlsx"])


def _payloads(made, kind):
    outputs = (output for cell in made.notebook.cells for output in cell.get("outputs", ()))
    found = (payload_of(output) for output in outputs)
    return [payload for payload in found if payload.get("kind") == kind and "typed" in payload]


def _column(sheet, label):
    return next(cell.column for cell in sheet[HEADER] if cell.value == label)


def _row(sheet, label):
    return next(cell.row for cell in sheet["A"] if cell.value == label)


def test_key_figures_are_those_of_the_metrics(book, made) -> None:
    sheet = book["Key figures"]
    figures = made.metrics["kpis"]["figures"]
    net_sales = sheet.cell(_row(sheet, "Net sales"), 2)
    assert net_sales.value == figures["net_sales"]["value"]
    assert round(net_sales.value, 2) == 213_330.48
    assert net_sales.number_format == '"US$"#,##0'
    assert sheet.cell(_row(sheet, "Active customers"), 2).value == 3317
    retention = sheet.cell(_row(sheet, "Retention rate"), 2)
    assert retention.value == figures["retention_rate"]["value"]
    assert retention.number_format == "0.0 %"


def test_segments_are_those_of_the_metrics(book, made) -> None:
    sheet = next(sheet for sheet in book if sheet["A1"].value.startswith("Customers and net sales by segment"))
    customers, sales = _column(sheet, "Customers"), _column(sheet, "Net sales (US$)")
    told = made.metrics["rfm"]["segments"]
    assert len(told) >= 10
    for name, key in (("Champions", "champions"), ("Hibernating", "hibernating"), ("Loyal", "loyal")):
        row = _row(sheet, name)
        assert sheet.cell(row, customers).value == told[key]["customers"]
        assert sheet.cell(row, sales).value == told[key]["revenue"]


def test_every_value_of_every_table_and_figure_is_there_unrounded(book, made) -> None:
    """Row by row, against what the notebook's blocks carry, and that against the CSV beside the report."""
    blocks = [*_payloads(made, "table"), *_payloads(made, "figure")]
    by_title = {re.sub(r"^Figure \d+: ", "", sheet["A1"].value): sheet for sheet in book.worksheets[1:]}
    compared = 0
    for block in blocks:
        sheet, columns = by_title[block["title"]], block["typed"]["columns"]
        for number, row in enumerate(block["typed"]["rows"], start=HEADER + 1):
            for place, (value, column) in enumerate(zip(row, columns, strict=True), start=1):
                kind = value["kind"] if isinstance(value, dict) else column["kind"]
                raw = value["value"] if isinstance(value, dict) else value
                cell = sheet.cell(number, place)
                if raw is None:
                    assert cell.value is None
                elif kind in {"date", "month"}:
                    assert cell.is_date
                    assert cell.value.date().isoformat() == raw
                elif kind == "points":
                    assert cell.value == pytest.approx(100 * raw, abs=1e-12)
                elif isinstance(raw, str):
                    assert (cell.value, cell.data_type) == (raw, "s")
                else:
                    assert cell.value == pytest.approx(raw, rel=1e-15)
                    assert cell.data_type == "n"
                compared += 1
    assert len(blocks) == len(book.worksheets) - 1
    assert compared > 3000


def test_typed_values_are_those_of_the_csv(made) -> None:
    import csv

    for block in [*_payloads(made, "table"), *_payloads(made, "figure")]:
        names, *lines = csv.reader(io.StringIO(block["csv"]))
        assert names == [column["name"] for column in block["typed"]["columns"]]
        assert len(lines) == len(block["typed"]["rows"])
        for line, row in zip(lines, block["typed"]["rows"], strict=True):
            for text, value in zip(line, row, strict=True):
                raw = value["value"] if isinstance(value, dict) else value
                if raw is None:
                    assert text == ""
                elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
                    assert float(text) == raw
                else:
                    assert text.removeprefix("'") == str(raw)


def test_contents_come_first_and_link_to_every_sheet(book, made) -> None:
    first, second, *_ = book.worksheets
    assert (first.title, second.title) == ("Contents", "Key figures")
    assert first["A1"].value == "Customer loyalty · CDNOW"
    day = next(cell for row in first.iter_rows() for cell in row if cell.is_date)
    assert day.value == midnight(1998, 6, 30)
    links = {cell.value: cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}
    assert links == {sheet.title: f"'{sheet.title}'!A1" for sheet in book.worksheets[1:]}
    assert "never zero" in " ".join(str(cell.value) for cell in first["A"])
    assert f"Figure 1: {made.metrics and _payloads(made, 'figure')[0]['title']}" in {c.value for c in first["B"]}


def test_headers_are_bold_and_frozen_and_columns_as_wide_as_what_they_hold(book) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B5"
        assert all(cell.font.b for cell in sheet[HEADER] if cell.value)
        assert sheet.auto_filter.ref.startswith("A4:")
        assert sheet.print_title_rows == "$4:$4"
        width = sheet.column_dimensions["A"].width
        longest = max(len(cell.value) for cell in sheet["A"][4:5] if isinstance(cell.value, str)) if isinstance(
            sheet["A5"].value, str) else 0  # fmt: skip
        assert 11 <= width <= 53
        assert width >= min(longest, 52)


def test_names_of_sheets_are_allowed_and_each_once(book) -> None:
    names = [sheet.title for sheet in book]
    assert all(len(name) <= 31 and not FORBIDDEN & set(name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["Sales", "sales", "SALES"], ["Sales", "sales (2)", "SALES (3)"]),
        (["A/B: [x]*?\\"], ["A B x"]),
        (["History", "'quoted'", ""], ["History (2)", "quoted", "-"]),
        (["Customers and net sales by segment"], ["Customers and net sales by…"]),
        (["Customers and net sales of one", "x" * 40], ["Customers and net sales of one", "x" * 30 + "…"]),
        (["y" * 40, "y" * 40], ["y" * 30 + "…", "y" * 26 + "… (2)"]),
    ],
)
def test_sheet_names(titles: list[str], names: list[str]) -> None:
    assert sheet_names(titles) == names


def test_no_text_becomes_a_formula_or_a_number_or_a_link(material, sheet) -> None:
    hostile = [
        '=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0",
        "00123456789012345678", "1e5", "https://evil.example", "internal:'x'!A1", "<b>&amp;",
    ]  # fmt: skip
    content = workbook(material(sheet(*([text, 1] for text in hostile), title='=1+1 "x"'), client="=2+2"))
    book = read(content)
    (_, written) = book.worksheets
    cells = [written.cell(HEADER + 1 + n, 1) for n in range(len(hostile))]
    assert [cell.value for cell in cells] == hostile
    assert {cell.data_type for cell in cells} == {"s"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                assert b"<f>" not in archive.read(name)
            assert b"evil.example" not in archive.read(name) or name == "xl/sharedStrings.xml"


def test_a_missing_value_is_an_empty_cell_and_said_to_be(material, sheet) -> None:
    _, written = read(workbook(material(sheet(["Oak", None], ["Birch", 0])))).worksheets
    assert (written["B5"].value, written["B6"].value) == (None, 0)
    assert any("never zero" in str(cell.value) for cell in written["A"])
    blank = {"value": None, "kind": "percent"}
    _, mixed = read(workbook(material(sheet(["Oak", blank], kind="mixed")))).worksheets
    assert any("never zero" in str(cell.value) for cell in mixed["A"])
    _, whole = read(workbook(material(sheet(["Oak", 1])))).worksheets
    assert not any("never zero" in str(cell.value) for cell in whole["A"])


@pytest.mark.parametrize(
    ("kind", "value", "stored", "shown"),
    [
        ("percent.1", 0.123, 0.123, "0.0 %"),
        ("share.0", 0.5, 0.5, "0 %"),
        ("money.2", 12.5, 12.5, "#,##0.00"),
        ("mixed", {"value": 1234.5, "kind": "money"}, 1234.5, '#,##0" kr"'),
        ("mixed", {"value": 12.5, "kind": "money"}, 12.5, '#,##0.00" kr"'),
        ("mixed", {"value": 0.25, "kind": "points"}, 25.0, None),
        ("mixed", {"value": -0.1, "kind": "signed_percent.1"}, -0.1, "+0.0 %;-0.0 %;0.0 %"),
        ("date", "2024-03-31", midnight(2024, 3, 31), "dd.mm.yyyy"),
        ("month", "2024-03-01", midnight(2024, 3, 1), "[$-414]mmm yyyy"),
    ],
)
def test_cell_is_shown_as_in_the_report_and_counts_as_what_it_is(kind, value, stored, shown, material, sheet) -> None:
    _, written = read(workbook(material(sheet(["Oak", value], kind=kind), language="nb"))).worksheets
    assert written["B5"].value == stored
    if shown:
        assert written["B5"].number_format == shown


def test_picture_stands_beside_its_data_with_its_alternative_text(book, made) -> None:
    figures = _payloads(made, "figure")
    pictures = [sheet for sheet in book if sheet._images]
    assert len(pictures) == len(figures) >= 14
    with zipfile.ZipFile(io.BytesIO(made.files["report.xlsx"])) as archive:
        drawings = [archive.read(name).decode() for name in archive.namelist() if "drawings/drawing" in name]
    told = {
        element.attrib["descr"]
        for text in drawings
        for element in ET.fromstring(text).iter()
        if "descr" in element.attrib
    }
    assert told == {figure["alt"] for figure in figures}


def test_the_same_report_is_the_same_workbook(made) -> None:
    assert made.again("xlsx") == {"report.xlsx": made.files["report.xlsx"]}
    with zipfile.ZipFile(io.BytesIO(made.files["report.xlsx"])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1998-06-30T00:00:00Z" in archive.read("docProps/core.xml")
    assert len(made.files["report.xlsx"]) < 4_000_000


def test_formats_are_read_from_what_a_user_types() -> None:
    assert exports.chosen("pptx, XLSX") == ("pptx", "xlsx")
    assert exports.chosen("all") == exports.chosen("xlsx charts pptx") == ("charts", "pptx", "xlsx")
    assert exports.chosen(" ") == ()
    assert [exports.format_of(name) for name in ("charts/rfm.png", "report.xlsx", "report.pdf", "tables/a.csv")] == [
        "charts", "xlsx", None, None,
    ]  # fmt: skip
