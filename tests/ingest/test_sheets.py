"""Workbooks: the right sheet, the right header, every cell as a person reads it, and what is said of broken ones."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from itertools import chain

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from loyalty_lib.errors import DataError
from loyalty_lib.ingest import sheets
from loyalty_lib.ingest.sheets import read_sheet

NAMES = ["customer_id", "order_date", "amount"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def ours(names):
    """Know the names of our own test orders, and no others."""
    return set(NAMES) <= set(names)


def nothing(names):
    return False


def read(path, known=nothing, **settings):
    """Return the sheet, and its rows as (line, texts)."""
    sheet = read_sheet(path, known=known, **{"sheet": None, "header_line": None, **settings})
    rows = list(chain.from_iterable(chunk.to_pylist() for chunk in sheet.chunks))
    assert [row.pop("record") for row in rows] == list(range(1, len(rows) + 1))
    return sheet, [(row.pop("line"), list(row.values())) for row in rows]


def refusal(path, known=nothing, **settings):
    with pytest.raises(DataError) as caught:
        read(path, known, **settings)
    (problem,) = caught.value.problems
    return problem


@pytest.fixture
def book(tmp_path):
    """Return a function that writes a workbook of sheets, each a list of rows from A1 on."""

    def book(name="orders.xlsx", epoch=CALENDAR_WINDOWS_1900, hidden=(), **content):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        workbook.epoch = epoch
        for title, rows in content.items():
            sheet = workbook.create_sheet(title)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return book


@pytest.fixture
def raw(tmp_path):
    """Return a function that writes a workbook whose only sheet holds this XML."""

    def raw(rows):
        path = tmp_path / "raw.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "[Content_Types].xml",
                f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
                f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
                f'<Override PartName="/xl/worksheets/one.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/></Types>',
            )
            related = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATED}/'
            archive.writestr("_rels/.rels", f'{related}officeDocument" Target="xl/workbook.xml"/></Relationships>')
            archive.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">'
                '<sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
            )
            archive.writestr(
                "xl/_rels/workbook.xml.rels", f'{related}worksheet" Target="worksheets/one.xml"/></Relationships>'
            )
            archive.writestr(
                "xl/worksheets/one.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            )
        return path

    return raw


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (17850, "17850"),
        (17850.0, "17850"),
        (1299.5, "1299.5"),
        (-49.9, "-49.9"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (0.125, "0.125"),
        (True, "true"),
        (False, "false"),
        ("00417", "00417"),
        (" kr 1 299,00 ", " kr 1 299,00 "),
        ("2024-03-04", "2024-03-04"),
        ("#N/A", "#N/A"),
        (dt.datetime.fromisoformat("2024-03-04T13:45:59"), "2024-03-04T13:45:59"),
        (dt.datetime.fromisoformat("2024-03-04"), "2024-03-04"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
    ],
)
@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904], ids=["1900", "1904"])
def test_a_cell_says_what_a_person_reads_in_both_date_systems(book, epoch, value, text):
    _, rows = read(book(epoch=epoch, One=[["a", "b"], ["x", value]]), header_line=1)
    assert rows == [(2, ["x", text])]


def test_numbers_carry_no_noise_of_their_binary_form(raw):
    """Excel writes 17 digits and shows 15; whole numbers keep every digit, for they may be ids."""
    values = ["59.969999999999999", "0.30000000000000004", "1299.4999999999998", "9007199254740991", "-0"]
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{value}</v></c></row>' for n, value in enumerate(values, 2))
    _, found = read(raw(f'<row r="1">{text_cell("A1", "amount")}</row>{rows}'))
    assert [row[0] for _, row in found] == ["59.97", "0.3", "1299.5", "9007199254740991", "0"]


def test_columns_of_numbers_are_told_from_columns_of_text(book):
    rows = [["a", "b", "c", "d", "e"], [1.5, "1,5", 1, None, dt.date(2024, 1, 2)], [None, 2, 3.25, None, 7]]
    assert read(book(One=rows), header_line=1)[0].numeric == {0, 2}


def test_lines_are_those_of_excel_below_a_title_and_past_blank_rows(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["C3"] = "Orders of Acme"
    for row, values in {5: NAMES, 6: ["A1", dt.date(2024, 1, 2), 10], 9: ["A2", None, 20], 10: [" ", "", None]}.items():
        for column, value in enumerate(values, 3):
            sheet.cell(row, column, value)
    workbook.save(tmp_path / "x.xlsx")
    found, rows = read(tmp_path / "x.xlsx", ours)
    assert (found.header_line, found.names) == (5, tuple(NAMES))
    assert rows == [(6, ["A1", "2024-01-02", "10"]), (9, ["A2", None, "20"])]


def test_a_header_nobody_knows_is_the_first_row_of_text_as_wide_as_most(book):
    rows = [["Rapport"], ["From", "2024-01-01"], [], ["Kunde", "Dato", "Sum"], ["A", "2024-01-02", 10], ["B", None, 20]]
    sheet, found = read(book(One=[*rows, ["C", "2024-01-03", 30]]))
    assert (sheet.header_line, sheet.names) == (4, ("Kunde", "Dato", "Sum"))
    assert [line for line, _ in found] == [5, 6, 7]


def test_a_given_header_line_is_taken_at_its_word(book):
    path = book(One=[NAMES, ["kunde", "dato", "sum"], ["A", "2024-01-02", 10]])
    sheet, rows = read(path, ours, header_line=2)
    assert sheet.names == ("kunde", "dato", "sum")
    assert rows == [(3, ["A", "2024-01-02", "10"])]
    assert refusal(path, header_line=7).lines == (7,)


def test_the_sheet_is_the_named_one_else_the_known_one_else_the_first_with_rows(book):
    other = [["a", "b"], ["x", "y"]]
    path = book(Empty=[], Notes=other, Orders=[NAMES, ["A", "2024-01-02", 10]], Secret=[NAMES], hidden=["Secret"])
    assert read(path, ours)[0].name == "Orders"
    assert read(path)[0].name == "Notes"
    assert read(path, ours, sheet="Secret")[0].name == "Secret"
    assert read(path)[0].all_names == ("Empty", "Notes", "Orders", "Secret")
    problem = refusal(path, sheet="orders", shown="acme.xlsx")
    assert (problem.file, problem.expected) == ("acme.xlsx", "a sheet 'orders'")
    assert "'Empty', 'Notes', 'Orders', 'Secret'" in problem.remedy


def test_columns_at_the_right_end_are_left_out_only_where_they_hold_nothing(book):
    assert read(book(One=[["a", "b", " "], ["x", "y", None]]))[0].names == ("a", "b", " ")
    assert read(book(One=[["a", "b", None], ["x", "y", "z"]]), header_line=1)[1] == [(2, ["x", "y", "z"])]
    sheet, rows = read(book(One=[["title", None, None, None, "printed 2024"], ["a", "b"], ["x", None]]), header_line=2)
    assert (sheet.names, rows) == (("a", "b"), [(3, ["x", None])])


def test_rows_come_in_chunks_whose_records_count_on(book, monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 2)
    path = book(One=[NAMES, *([f"A{n}", None, n] for n in range(5))])
    assert [len(chunk) for chunk in read_sheet(path, known=ours).chunks] == [2, 2, 1]
    assert [row[2] for _, row in read(path)[1]] == ["0", "1", "2", "3", "4"]


def test_errors_and_formulas_without_result_are_not_blanks(raw):
    """A program's "=B2*2" that Excel never opened has no value; a formula whose result is empty text is blank."""
    path = raw(
        f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}{text_cell("C1", "c")}</row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c t="e" r="A3"><v>#REF!</v></c><c r="B3"><f>A2&amp;"x"</f></c><c r="C3"><f>A2*2</f><v/></c></row>'
        '<row r="4"><c r="A4"><v>2</v></c><c r="B4" t="str"><f>""</f><v></v></c><c r="C4"><f>A2*2</f><v>2</v></c></row>'
        '<row r="6"><c r="A6"><f>SUM(A2:A4)</f><v></v></c><c r="B6"><f t="shared" si="0"/></c></row>'
    )
    assert read(path)[1] == [
        (2, ["1", "#DIV/0!", None]),
        (3, ["#REF!", '=A2&"x"', "=A2*2"]),
        (4, ["2", None, "2"]),
        (6, ["=SUM(A2:A4)", "=", None]),
    ]


def test_a_stray_cell_far_away_is_refused_before_memory_runs_out(book, tmp_path):
    workbook = openpyxl.load_workbook(book(One=[NAMES]))
    workbook["One"].cell(1_048_576, 16_384, "stray")
    workbook.save(tmp_path / "far.xlsx")
    problem = refusal(tmp_path / "far.xlsx")
    assert "1,048,576 rows and 16,384 columns" in problem.expected


@pytest.fixture
def ods(tmp_path):
    """Return a function that writes an OpenDocument sheet of cells given as XML."""

    def ods(*rows):
        spaces = "".join(
            f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
            for short in ("office", "table", "text")
        )
        body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
        with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr(
                "content.xml",
                f'<office:document-content{spaces} xmlns:calcext="urn:calcext"><office:body><office:spreadsheet>'
                f'<table:table table:name="Ark1">{body}</table:table></office:spreadsheet></office:body>'
                "</office:document-content>",
            )
            archive.writestr(
                "META-INF/manifest.xml", '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
            )
        return tmp_path / "x.ods"

    return ods


def ods_cell(kind, text="", **value):
    written = "".join(
        f' office:{name}-value="{part}"' if name != "value" else f' office:value="{part}"'
        for name, part in value.items()
    )
    return f'<table:table-cell office:value-type="{kind}"{written}><text:p>{text}</text:p></table:table-cell>'


def test_opendocument_reads_alike_and_its_errors_are_refused(ods):
    head = [ods_cell("string", name) for name in NAMES]
    row = [
        ods_cell("string", "007"),
        ods_cell("date", "4.3.24", date="2024-03-04"),
        ods_cell("currency", "x", value="12.50"),
    ]
    assert read(ods(head, row), ours)[1] == [(2, ["007", "2024-03-04", "12.5"])]
    error = '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"/>'
    assert "without errors" in refusal(ods(head, [*row[:2], error])).expected


def encrypted():
    """Return the outer shell of a workbook with a password: an OLE file with a stream "EncryptedPackage"."""

    def entry(name, kind, child=0xFFFFFFFF):
        text = (name + "\0").encode("utf-16-le")
        rest = struct.pack(
            "<HBBIII16sIQQIQ", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, b"", 0, 0, 0, 0xFFFFFFFE, 0
        )
        return text.ljust(64, b"\0") + rest

    end = 0xFFFFFFFE
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head = struct.pack("<8s16s5H6x9I", magic, b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    table = struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + struct.pack("<128I", 0xFFFFFFFD, end, *[0xFFFFFFFF] * 126)
    return head + table + (entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2)).ljust(512, b"\0")


@pytest.mark.parametrize(
    ("content", "name", "remedy"),
    [
        (b"", "x.xlsx", "The file is empty"),
        (b"a;b\n1;2\n", "x.xls", ".csv"),
        ("a;b\n".encode("utf-8-sig"), "x.xlsx", ".csv"),
        (b"\n<html><table>", "x.xls", "web page"),
        (b"PK\x03\x04 and no more", "x.xlsx", "damaged"),
        (encrypted(), "x.xlsx", "remove the password"),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(tmp_path, content, name, remedy):
    (tmp_path / name).write_bytes(content)
    problem = refusal(tmp_path / name, shown=name)
    assert problem.file == name
    assert problem.expected.startswith("an Excel workbook")
    assert remedy in problem.remedy


def test_a_truncated_an_empty_and_a_missing_workbook_are_refused(book, tmp_path):
    whole = book(One=[NAMES, ["A", "2024-01-02", 10]])
    (tmp_path / "cut.xlsx").write_bytes(whole.read_bytes()[:-700])
    assert "an Excel workbook" in refusal(tmp_path / "cut.xlsx").expected
    assert "rows in it" in refusal(book("none.xlsx", One=[], Two=[])).expected
    assert "No such file" in refusal(tmp_path / "missing.xlsx").remedy


def test_a_sheet_of_broken_xml_is_refused(raw):
    assert "'One' cannot be read" in refusal(raw('<row r="1"><c r="A1"><v>1</v></row>')).expected


def test_a_workbook_under_another_ending_is_read(book):
    path = book(One=[NAMES, ["A", "2024-01-02", 10]])
    assert read(path.rename(path.with_suffix(".xls")), ours)[1] == [(2, ["A", "2024-01-02", "10"])]


def test_sixty_thousand_rows_read_whole(raw):
    cells = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>c{1}</t></is></c><c r="B{0}"><v>{0}.25</v></c></row>'
    lines = range(2, 60_002)
    path = raw(
        f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}</row>'
        + "".join(cells.format(n, n % 7) for n in lines)
    )
    chunks = list(read_sheet(path, known=nothing).chunks)
    assert [len(chunk) for chunk in chunks] == [50_000, 10_000]
    assert sum(float(value) for chunk in chunks for value in chunk["c1"].to_pylist()) == sum(lines) + 15_000
    assert chunks[1]["record"][-1].as_py() == 60_000
    assert chunks[1]["line"][-1].as_py() == 60_001


def test_the_header_of_a_vipps_settlement_is_found_on_row_eight(shared):
    path = shared / "data" / "vipps" / "vipps-settlement-example.xlsx"
    sheet, rows = read(path, lambda names: {"Transaksjons-ID", "Brutto", "Salgsdato"} <= set(names))
    assert (sheet.name, sheet.header_line, len(sheet.names)) == ("Rapport", 8, 17)
    sold = ["25.11.2019", "TEST", "2142", "Vipps Bedrift", "5691969089", None, "500", "-7.5", "492.5", "Salg"]
    assert rows[0] == (9, [*sold, "2000461", "01.12.2019", None, None, "Kari", "Normann", "Vipps"])
