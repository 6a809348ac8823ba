"""How text is written down: encoding, delimiter, header line; of files made here, whose truth is known."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.ingest.dialect import Detected, detect

NAMES = ["Kundenr", "Dato", "Beløp", "By"]
ROWS = [
    ["17", "31.01.2024", "1299,50", "Tromsø"],
    ["18", "01.02.2024", "12,00", "Ås"],
    ["17", "13.02.2024", "7,25", "Bodø"],
    ["19", "14.02.2024", "-12,00", ""],
]
TITLES = {
    "first line": [],
    "below a title": ["Salgsrapport"],
    "below a title, a blank line and a period": [
        "Salgsrapport for Fjord & Fjell",
        "",
        "Periode: 01.01.2024 - 31.01.2024",
    ],
    "below blank lines": ["", "", ""],
}
# What stands for each encoding at the beginning of the file, and what it is found to be.
ENCODINGS = {
    "utf-8": (b"", "utf-8"),
    "utf-8-sig": (b"", "utf-8"),
    "cp1252": (b"", "cp1252"),
    "utf-16": (b"", "utf-16"),
    "utf-16-le": (b"", "utf-16-le"),
    "utf-16-be": (b"", "utf-16-be"),
}


def nothing(names: object) -> bool:
    return False


def found(path: Path, ingest: Ingest | None = None) -> Detected:
    return detect(path, ingest or Ingest(), nothing)


def values(path: Path) -> tuple[str | None, str | None, str | None]:
    detected = found(path)
    return detected.encoding.value, detected.delimiter.value, detected.header_line.value


def table(delimiter: str, names: list[str] = NAMES, rows: list[list[str]] = ROWS) -> list[str]:
    return [
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in record) for record in [names, *rows * 3]
    ]


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_dialect_is_found_with_the_header_anywhere(
    tmp_path: Path, encoding: str, delimiter: str, titles: list[str]
) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes("\r\n".join([*titles, *table(delimiter)]).encode(encoding))
    assert values(file) == (ENCODINGS[encoding][1], delimiter, str(len(titles) + 1))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_gzipped_file_is_read_as_any_other(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(gzip.compress("\n".join(table(delimiter)).encode("cp1252")))
    assert values(file) == ("cp1252", delimiter, "1")


def test_decimal_commas_do_not_win_over_semicolons(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("\n".join(["1;2,50;3,75"] * 5), encoding="utf-8")
    assert found(file).delimiter.value == ";"
    file.write_text("\n".join(["a;b", *["2,50;3,75"] * 50]), encoding="utf-8")
    assert found(file).delimiter.value == ";"
    file.write_text("\n".join(["id\tpris", *["4\t1 299,-"] * 50]), encoding="utf-8")
    assert found(file).delimiter.value == "\t"


def test_a_delimiter_within_quotes_divides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text('id,text\n1,"a;b;c"\n2,"d;e;f"\n3,"g;h;i"\n', encoding="utf-8")
    assert values(file) == ("utf-8", ",", "1")


def test_a_known_header_decides_between_delimiters(tmp_path: Path) -> None:
    """Both characters divide every record into two; only one makes of the first record names that are known."""
    file = tmp_path / "orders.csv"
    file.write_text("kunde|x,beløp\n" + "17|y,12\n" * 5, encoding="utf-8")
    by_bar = detect(file, Ingest(), lambda names: "kunde" in names)
    by_comma = detect(file, Ingest(), lambda names: "beløp" in names)
    assert (by_bar.delimiter.value, by_bar.delimiter.sure) == ("|", "certain")
    assert (by_comma.delimiter.value, by_comma.delimiter.sure) == (",", "certain")


def test_a_known_header_is_found_among_sections_of_other_widths(tmp_path: Path) -> None:
    file = tmp_path / "settlement.csv"
    file.write_text(
        "Org,Name\n9187,Shop\nInfo,A,B,C\nInfo,1,2,3\nSales,SalesDate,Gross\nSales,08.04.2021,5.00\n", encoding="utf-8"
    )
    detected = detect(file, Ingest(), lambda names: {"SalesDate", "Gross"} <= set(names))
    assert (detected.header_line.value, detected.header_line.sure) == ("5", "certain")


def test_the_header_line_counts_line_breaks_within_quotes(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text('"Report\nof three\nlines"\n\nid,day,amount\n1,2024-01-31,5\n2,2024-01-31,6\n', encoding="utf-8")
    assert found(file).header_line.value == "5"


def test_a_title_as_wide_as_the_table_is_no_header(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "Rapport;;;\nButikk;Oslo;;\nid;dag;sum;by\n1;2024-01-31;5;Ås\n2;2024-02-01;6;Ås\n", encoding="utf-8"
    )
    assert found(file).header_line.value == "3"


def test_empty_columns_at_the_end_and_repeated_names_are_a_header_still(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("id;dag;sum;sum;;\n1;2024-01-31;5;6;;\n2;2024-02-01;6;7;;\n", encoding="utf-8")
    assert values(file) == ("utf-8", ";", "1")


def test_a_header_of_a_sparse_table_is_found(tmp_path: Path) -> None:
    names = ",".join(f"column {letter}" for letter in "abcdefghijkl")
    file = tmp_path / "orders.csv"
    file.write_text(f"{names}\n" + "1,,,2024-01-31,,,,,,,,\n" * 20, encoding="utf-8")
    found_line = found(file).header_line
    assert (found_line.value, found_line.sure) == ("1", "likely")


def test_records_without_names_are_said_to_be_unsure(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("1,2024-01-31,5\n2,2024-02-01,6\n", encoding="utf-8")
    line = found(file).header_line
    assert (line.value, line.sure) == ("1", "unsure")


def test_runs_of_blanks_divide_only_where_nothing_else_does(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text("id   day  amount\n 00001 19970101  1.5\n 00002 19970102  11\n", encoding="utf-8")
    assert values(file) == ("utf-8", "whitespace", "1")
    file.write_text("id  x,day  x\n1  x,2  x\n", encoding="utf-8")
    assert found(file).delimiter.value == ","


def test_one_column_has_no_delimiter(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("name\nOla Nordmann\nKari Nordmann\n", encoding="utf-8")
    assert values(file) == ("utf-8", ",", "1")


def test_the_line_that_tells_excel_the_delimiter_is_believed_and_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("sep=;\nid;day\n1;2024-01-31\n", encoding="utf-8")
    assert values(file) == ("utf-8", ";", "2")
    assert found(file).delimiter.sure == "certain"


def test_a_tsv_is_divided_by_tabs_where_both_would_do(tmp_path: Path) -> None:
    for name, delimiter in (("a.tsv", "\t"), ("a.tsv.gz", "\t"), ("a.csv", ",")):
        file = tmp_path / name
        text = b"a,x\tb\tc,y,z\n1,x\t2\t3,y,z\n"
        file.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        assert found(file).delimiter.value == delimiter


def test_utf_8_is_told_by_the_last_byte_of_a_large_file(tmp_path: Path) -> None:
    """Three megabytes of ASCII, and one letter behind them: no sample of the beginning tells these apart."""
    file = tmp_path / "orders.csv"
    rows = b"id,city\n" + b"1,Oslo\n" * 450_000
    for letter, encoding in (("Ås".encode(), "utf-8"), ("Ås".encode("cp1252"), "cp1252"), (b"", "utf-8")):
        file.write_bytes(rows + b"2," + letter)
        assert found(file).encoding.value == encoding


def test_a_letter_across_two_chunks_is_one_letter(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(b"x" * ((1 << 20) - 1) + "å\n".encode())
    assert found(file).encoding.value == "utf-8"


def test_bytes_that_cp1252_leaves_undefined_make_it_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
        file.write_bytes(b"id,city\n1,\xc5s" + bytes([byte]))
        assert found(file).encoding.value == codecs.lookup("latin-1").name


def test_utf_8_with_broken_bytes_is_said_to_be_unsure(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes("id,city\n1,Ås\n".encode() + b"2,\xc5s\n")
    assert (found(file).encoding.value, found(file).encoding.sure) == ("cp1252", "unsure")


def test_what_is_set_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes("a;b\n1;å\n".encode("cp1252"))
    detected = found(file, Ingest(encoding="utf-8", delimiter="|", header_line=7))
    assert [guess.value for guess in (detected.encoding, detected.delimiter, detected.header_line)] == [
        "utf-8",
        "|",
        "7",
    ]
    assert {guess.why for guess in (detected.encoding, detected.delimiter, detected.header_line)} == {"set"}


@pytest.mark.parametrize("content", [b"", b"\n\n\r\n", b"\xef\xbb\xbf", b"  \n ; ; \n", codecs.BOM_UTF16_LE])
def test_a_file_that_holds_nothing_has_no_header(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "empty.csv"
    file.write_bytes(content)
    assert found(file).header_line.value is None


def test_what_is_no_gzip_file_is_an_error_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(b"id,day\n1,2024-01-31\n")
    with pytest.raises(OSError, match="gzip"):
        found(file)
    whole = gzip.compress(b"id,day\n" * 1000)
    file.write_bytes(whole[:-20])
    with pytest.raises((OSError, EOFError)):
        found(file)
    file.write_bytes(whole[:12] + b"\xff" * 9 + whole[21:])
    with pytest.raises((OSError, EOFError)):
        found(file)


PIECES = [
    b"a",
    b"b,c",
    b"1",
    b";",
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xfe",
    "å".encode(),
    b" ",
    b"\t",
    b"|",
    b"\x81",
    b'x"y',
]


@given(st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_an_answer(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(content)
    detected = found(file)
    assert detected.delimiter.value
    assert codecs.lookup(detected.encoding.value or "")
