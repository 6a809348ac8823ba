"""The generic layout: what it reads, and what it says of what it cannot read."""

from __future__ import annotations

import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.config import Columns, Ingest
from loyalty_lib.errors import DataError, UsageError
from loyalty_lib.ingest import Origin, Reading
from loyalty_lib.validate import load, read_transactions

HEADER = "customer_id,order_id,order_date,amount\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a file in the current folder and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="orders.csv", encoding="utf-8"):
        raw = content.encode(encoding) if isinstance(content, str) else content
        (tmp_path / name).write_bytes(raw)
        return name

    return write


def rows(source, **settings):
    """Return what was read as (customer, order, day, amount) tuples."""
    data = read_transactions(source, **settings).data
    days = data["order_date"].dt.date
    return list(zip(data["customer_id"], data["order_id"], days, data["amount"], strict=True))


def days(moments, **settings):
    """Return the days that moments become, in the order given."""
    frame = pd.DataFrame({"customer_id": [f"{i:03}" for i in range(len(moments))], "order_date": moments, "amount": 1})
    return [str(day) for _, _, day, _ in rows(frame, **settings)]


def amounts(texts, **settings):
    """Return the amounts that texts become, in the order given."""
    frame = pd.DataFrame(
        {"customer_id": [f"{i:03}" for i in range(len(texts))], "order_date": "2024-01-01", "amount": texts}
    )
    return [amount for _, _, _, amount in rows(frame, **settings)]


def complaint(source, **settings):
    """Return the text of the error that reading raises."""
    with pytest.raises(DataError) as caught:
        read_transactions(source, **settings)
    return str(caught.value)


TWO = [("1", "a", dt.date(2024, 1, 31), 10.5), ("2", "b", dt.date(2024, 2, 1), -3.0)]
TWO_ROWS = "1,a,2024-01-31,10.5\n2,b,2024-02-01,-3\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_reads_with_any_line_end_and_with_a_byte_order_mark(ending, encoding, write):
    name = write((HEADER + TWO_ROWS).replace("\n", ending), encoding=encoding)
    assert rows(name) == TWO


@pytest.mark.parametrize(
    ("delimiter", "name", "setting"),
    [
        (";", "a.csv", ";"),
        ("|", "a.txt", "|"),
        ("\t", "a.tsv", None),
        ("\t", "a.csv", "\t"),
        ("  \t ", "a.txt", "whitespace"),
    ],
)
def test_delimiters(delimiter, name, setting, write):
    name = write((HEADER + TWO_ROWS).replace(",", delimiter), name)
    assert rows(name, ingest=Ingest(delimiter=setting)) == TWO


def test_gzip_reads_as_the_text_within(write):
    assert rows(write(gzip.compress((HEADER + TWO_ROWS).encode()), "a.csv.gz")) == TWO


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_other_encodings_read_when_named(encoding, write):
    name = write(HEADER + "Åse Bjørnær,a,2024-01-31,1\n", encoding=encoding)
    transactions = read_transactions(name, ingest=Ingest(encoding=encoding))
    assert transactions.data.loc[0, "customer_id"] == "Åse Bjørnær"
    assert list(transactions.engine.scratch.iterdir()) == []


def test_files_with_line_ends_of_both_kinds_are_read_and_nothing_is_left_behind(write):
    transactions = read_transactions(write((HEADER + TWO_ROWS).replace("5\n", "5\r\n")))
    tables = transactions.engine.connection.sql("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    assert transactions.quality.rows_used == 2
    assert tables == [("net_sales",), ("purchase_days",), ("transactions",)]


def test_parquet_reads_as_the_csv_does(write, tmp_path):
    frame = pd.DataFrame(
        {
            "customer_id": [1, 2],
            "order_id": ["a", "b"],
            "order_date": pd.to_datetime(["2024-01-31", "2024-02-01"]),
            "amount": [10.5, -3.0],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == rows(frame) == rows(write(HEADER + TWO_ROWS)) == TWO


def test_glob_reads_every_file_by_its_own_header(write):
    write(HEADER + "1,a,2024-01-31,10.5\n", "2024-01.csv")
    write("amount,order_date,note,order_id,customer_id\n-3,2024-02-01,back,b,2\n", "2024-02.csv")
    transactions = read_transactions("2024-*.csv")
    assert rows("2024-*.csv") == TWO
    assert transactions.quality.sources == ("2024-01.csv", "2024-02.csv")


def test_file_whose_name_looks_like_a_glob_is_that_file(write):
    assert rows(write(HEADER + TWO_ROWS, "orders[1].csv")) == TWO


def test_optional_columns_are_taken_by_their_own_name_or_by_the_mapping(write):
    name = write("Customer,order_date,amount,channel,Land\n1,2024-01-31,1,web,NO\n")
    data = read_transactions(name, columns={"customer_id": "Customer", "country": "Land"}).data
    assert data.loc[0, ["channel", "country"]].tolist() == ["web", "NO"]
    assert data["category"].isna().all()


def test_ids_that_became_floating_point_numbers_are_whole_again():
    frame = pd.DataFrame({"customer_id": [17850.0, np.nan], "order_date": "2024-01-01", "amount": 1.0})
    transactions = read_transactions(frame)
    assert transactions.data["customer_id"].tolist() == ["17850"]
    assert transactions.quality.rows_without_customer == 1


def test_object_columns_may_mix_types():
    frame = pd.DataFrame(
        {"customer_id": [1, "A"], "order_date": [dt.date(2024, 1, 1), "2024-01-02"], "amount": [1, "2"]}
    )
    assert [row[0] for row in rows(frame)] == ["1", "A"]


def test_rows_without_an_order_id_are_orders_of_their_own(write):
    name = write(HEADER + "1,,2024-01-31,1\n1,,2024-01-31,1\n1,a,2024-01-31,1\n1,a,2024-01-31,1\n")
    assert read_transactions(name).quality.orders == 3


def test_rows_without_a_customer_are_counted_and_left_out(write):
    transactions = read_transactions(write(HEADER + TWO_ROWS + ",c,2024-03-01,12.25\n  ,d,2024-03-01,2\n"))
    quality = transactions.quality
    assert (quality.rows_read, quality.rows_used, quality.rows_without_customer) == (4, 2, 2)
    assert quality.amount_without_customer == 14.25
    assert str(quality.notes[0]) == "Rows without a customer are in no figure: 2 rows, 14.25 in all."


def test_blank_rows_are_no_rows(write):
    assert rows(write(HEADER + "\n1,a,2024-01-31,10.5\n,,,\n\n2,b,2024-02-01,-3\n\n")) == TWO


# Days ----------------------------------------------------------------------------------------------------------------


def test_moments_become_days_in_the_shops_time_zone_across_midnight_and_daylight_saving():
    """Oslo is at +01:00 up to 31 March 2024, 02:00, and at +02:00 from there to 27 October, 03:00."""
    moments = {
        "2024-03-30T22:59:59Z": "2024-03-30",
        "2024-03-30T23:00:00Z": "2024-03-31",
        "2024-03-31T21:59:59Z": "2024-03-31",
        "2024-03-31T22:00:00Z": "2024-04-01",
        "2024-10-26 22:00:00 UTC": "2024-10-27",
        "2024-10-27 22:59:59+00:00": "2024-10-27",
        "2024-10-27 23:00:00 +0000": "2024-10-28",
        "2024-01-01T00:30:00+02:00": "2023-12-31",
        "2024-01-01T00:30:00.123-05": "2024-01-01",
        "2024-03-31 02:30:00": "2024-03-31",
        "2024-03-31 23:59:59": "2024-03-31",
        "2024-04-01 00:00": "2024-04-01",
        "2024-4-1": "2024-04-01",
    }
    assert days(list(moments)) == list(moments.values())


def test_columns_of_moments_are_read_as_their_text_is():
    zoned = pd.to_datetime(["2024-03-30 22:59:59", "2024-03-30 23:00:00"]).tz_localize("UTC")
    assert days(zoned) == ["2024-03-30", "2024-03-31"]
    assert days(zoned.tz_convert("Asia/Tokyo")) == ["2024-03-30", "2024-03-31"]
    assert days(zoned.tz_localize(None)) == ["2024-03-30", "2024-03-30"]
    assert days([dt.date(2024, 3, 30), dt.date(2024, 3, 31)], ingest=Ingest(date_format="%d.%m.%Y")) == [
        "2024-03-30",
        "2024-03-31",
    ]
    assert days(np.array(["2024-03-30T23:59:59.999999999"], "datetime64[ns]")) == ["2024-03-30"]


def test_naive_moments_may_be_of_another_zone_and_plain_days_are_never_moved():
    settings = Ingest(time_zone="UTC")
    assert days(["2018-01-01 04:01:20", "2018-01-01"], ingest=settings, time_zone="America/New_York") == [
        "2017-12-31",
        "2018-01-01",
    ]


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("%d.%m.%Y", "3.4.2025"),
        ("%m/%d/%Y", "04/03/2025"),
        ("%Y%m%d", "20250403"),
        ("%d %b %Y", "3 Apr 2025"),
        ("%d.%m.%Y %H:%M", "03.04.2025 23:59"),
        ("%d.%m.%Y %H:%M %z", "02.04.2025 22:00 +0000"),
        ("%d.%m.%y", "03.04.25"),
    ],
)
def test_date_formats(date_format, text):
    assert days([text], ingest=Ingest(date_format=date_format)) == ["2025-04-03"]


@pytest.mark.parametrize(
    "text",
    ["2024-02-30", "infinity", "epoch", "2024-01-01 (BC)", "2024-01-01 25:00:00", "now"],
)
def test_what_is_no_iso_date_is_a_problem(text, write):
    said = complaint(write(HEADER + f"1,a,{text},1\n"))
    assert said == (
        "orders.csv: 1 problem; nothing was analysed.\n"
        f"  line 2: 'order_date' holds '{text}'; expected a date as YYYY-MM-DD. Set ingest.date_format."
    )


@pytest.mark.parametrize("text", ["1899-12-31", "2201-01-01", "0024-01-01"])
def test_dates_out_of_range_are_a_problem(text, write):
    assert "expected a date from 1900-01-01 to 2200-12-31" in complaint(write(HEADER + f"1,a,{text},1\n"))


# Amounts -------------------------------------------------------------------------------------------------------------


def test_amounts_with_a_decimal_point():
    texts = ["12", "-12.5", "+0.10", ".5", "1e2", "1 299.00", "1\N{NARROW NO-BREAK SPACE}299", "1,299.00", "1,299,000"]
    assert amounts(texts) == [12, -12.5, 0.1, 0.5, 100, 1299, 1299, 1299, 1_299_000]
    assert amounts(["\N{MINUS SIGN}3.25", " 4\N{NO-BREAK SPACE}"]) == [-3.25, 4]


def test_amounts_with_a_decimal_comma():
    texts = ["12", "-12,5", "0,10", ",5", "1.299,00", "1 299,00", "1\N{NO-BREAK SPACE}299,00", "1.299"]
    assert amounts(texts, ingest=Ingest(decimal=",")) == [12, -12.5, 0.1, 0.5, 1299, 1299, 1299, 1299]


def test_amounts_that_are_numbers_already_do_not_follow_the_setting_for_text():
    assert amounts([1.5, 2.25], ingest=Ingest(decimal=",")) == [1.5, 2.25]


def test_amounts_are_exact_and_do_not_depend_on_the_order_of_rows(write):
    name = write(HEADER + "".join(f"1,{i},2024-01-01,0.1\n" for i in range(10)))
    total = read_transactions(name).engine.connection.sql("SELECT amount FROM purchase_days").fetchall()
    assert str(total[0][0]) == "1.000000"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("nan", "Mend the rows in the export."),
        ("inf", "Mend the rows in the export."),
        ("-Infinity", "Mend the rows in the export."),
        ("1e300", "Mend the rows in the export."),
        ("1000000000000", "Expected less than 1,000,000,000,000."),
        ("12.5.1", "Mend the rows in the export."),
    ],
)
def test_what_is_no_amount_is_a_problem(text, remedy, write):
    said = complaint(write(HEADER + f'1,a,2024-01-01,"{text}"\n'))
    assert said.endswith(f"line 2: 'amount' holds '{text}'; expected a decimal number. {remedy}")


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_numbers_that_are_no_amounts_are_a_problem(value):
    frame = pd.DataFrame({"customer_id": ["1"], "order_date": ["2024-01-01"], "amount": [value]})
    assert "'amount' holds" in complaint(frame)


def test_blank_dates_and_amounts_are_problems(write):
    assert complaint(write(HEADER + "1,a,,1\n1,b,2024-01-01,\n")) == (
        "orders.csv: 2 problems; nothing was analysed.\n"
        "  line 2: 'order_date' holds ''; expected a date as YYYY-MM-DD. Fill it in, or remove the rows.\n"
        "  line 3: 'amount' holds ''; expected a decimal number. Fill it in, or remove the rows."
    )


# Problems, all at once ------------------------------------------------------------------------------------------------


def test_every_problem_is_named_at_once_with_its_lines(tmp_path):
    good = "1,2024-01-01,1\n"
    lines = [good] * 300
    for number in (14, 15, 88, 200):
        lines[number - 2] = "1,31/04/2026,1\n"
    lines[207 - 2] = '1,2024-01-01,"1.299,0o"\n'
    file = tmp_path / "2026-Q2.csv"
    file.write_text("customer_id,order_date,amount\n" + "".join(lines))
    reading = Reading(
        origins=[Origin(name="clients/acme/2026-Q2.csv", path=file)],
        currency="EUR",
        settings="clients/acme/client.yml",
    )
    with pytest.raises(DataError) as caught:
        load(reading, refunds="net", drop_list=(), until=dt.date(2026, 6, 30))
    assert str(caught.value) == (
        "clients/acme/2026-Q2.csv: 2 problems; nothing was analysed.\n"
        "  lines 14, 15, 88 and 1 more: 'order_date' holds '31/04/2026'; expected dates written as the other 296 "
        "(ISO 8601). Write all dates in one form in the export.\n"
        "  line 207: 'amount' holds '1.299,0o'; expected a decimal number in EUR. Mend the rows in the export."
    )


def test_lines_are_physical_also_after_quoted_line_breaks_and_blank_lines(write):
    name = write('customer_id,order_date,"the\nnote",amount\n1,2024-01-01,"a\n\nb",1\n\n1,x,,1\n1,2024-01-01,"\n",y\n')
    said = complaint(name)
    assert "line 7: 'order_date' holds 'x'" in said
    assert "line 8: 'amount' holds 'y'" in said


def test_lines_of_whitespace_files_are_physical(write):
    name = write("\n customer_id order_date amount\n 1 2024-01-01 1\n\n 1 x 1\n 1 2024-01-01\n", "a.txt")
    assert complaint(name, ingest=Ingest(delimiter="whitespace")) == (
        "a.txt: 2 problems; nothing was analysed.\n"
        "  line 5: 'order_date' holds 'x'; expected a date as YYYY-MM-DD. Set ingest.date_format.\n"
        "  line 6: holds '2 fields'; expected 3 fields, as in the header. Mend the rows."
    )


def test_rows_of_frames_and_parquet_are_counted_from_one(tmp_path):
    frame = pd.DataFrame({"customer_id": ["1", "2"], "order_date": ["2024-01-01", "x"], "amount": [1.0, 2.0]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert "line 2: 'order_date' holds 'x'" in complaint(frame)
    assert "line 2: 'order_date' holds 'x'" in complaint(tmp_path / "a.parquet")


def test_wrong_number_of_fields_names_the_lines_beside_other_problems(write):
    name = write(HEADER + "1,a,2024-01-01,1\n1,b,2024-01-01\n1,c,2024-01-01,1,5\n1,d,x,1\n1,e,2024-01-01,1,\n")
    assert complaint(name) == (
        "orders.csv: 2 problems; nothing was analysed.\n"
        "  lines 3, 4 and 6: holds '3 fields'; expected 4 fields, as in the header. Mend the rows. "
        "Put fields that hold ',' in double quotes.\n"
        "  line 5: 'order_date' holds 'x'; expected a date as YYYY-MM-DD. Set ingest.date_format."
    )


def test_empty_fields_beyond_the_header_are_passed_over_where_every_row_has_them(write):
    assert rows(write(HEADER + TWO_ROWS.replace("\n", ",,\n"))) == TWO


def test_half_of_an_unquoted_amount_is_never_read_as_a_whole_one(write):
    """Without its quotes, 1,234.50 before a blank last column would be 1."""
    header = "customer_id,order_date,amount,note\n"
    name = write(header + '1,2024-01-31,1,234.50,\n2,2024-02-01,"1,234.51",\n')
    assert "line 2: holds '5 fields'; expected 4 fields, as in the header" in complaint(name)


def test_lookup_that_cannot_be_read_is_a_problem_like_any_other(write, tmp_path):
    name = write(HEADER + TWO_ROWS)
    write("order_id,category\na,Shoes\nb\n", "products.csv")
    lookup = Origin(name="products.csv", path=tmp_path / "products.csv")
    reading = Reading(origins=[Origin(name=name, path=tmp_path / name)], lookup=lookup, lookup_key="order_id")
    with pytest.raises(DataError) as caught:
        load(reading, refunds="net", drop_list=(), until=dt.date(2024, 12, 31))
    assert "products.csv: 1 problem" in str(caught.value)
    assert "line 3: holds '1 field'; expected 2 fields, as in the header" in str(caught.value)


def test_quote_that_is_never_closed_is_named(write):
    unclosed = complaint(write(HEADER + '1,a,2024-01-01,1\n2,"b,2024-01-01,1\n3,c,2024-01-01,1\n'))
    assert "line 3: expected fields in double quotes to end at the delimiter (unexpected end of data)." in unclosed
    closed_early = complaint(write(HEADER + '1,a,2024-01-01,1\n2,"b" c,2024-01-01,1\n3,c,2024-01-01,1\n'))
    assert "line 3: expected fields in double quotes to end at the delimiter (',' expected after '\"')." in closed_early


def test_quotes_within_unquoted_fields_are_text(write):
    name = write(HEADER.replace("order_id", "product") + '1,Rør 5" svart,2024-01-31,1\n')
    assert read_transactions(name).data.loc[0, "product"] == 'Rør 5" svart'


def test_problems_of_all_files_come_together(write):
    write(HEADER + "1,a,x,1\n", "1.csv")
    write("customer_id,order_date\n1,2024-01-01\n", "2.csv")
    write("", "3.csv")
    said = complaint("*.csv")
    assert [line.split(":")[0] for line in said.splitlines() if not line.startswith(" ")] == ["1.csv", "2.csv", "3.csv"]


def test_missing_columns_name_the_nearest(write):
    assert complaint(write("Customer ID;Order Date;Total\n1;2024-01-01;1\n"), ingest=Ingest(delimiter=";")) == (
        "orders.csv: 3 problems; nothing was analysed.\n"
        "  line 1: expected a column 'customer_id'. Set ingest.columns.customer_id: 'Customer ID'.\n"
        "  line 1: expected a column 'order_date'. Set ingest.columns.order_date: 'Order Date'.\n"
        "  line 1: expected a column 'amount'. Set ingest.columns.amount to one of: Customer ID, Order Date, Total."
    )


def test_header_with_another_delimiter_is_one_problem(write):
    name = write("customer_id;order_date;amount\n1;2024-01-01;1\n")
    assert complaint(name, ingest=Ingest(delimiter=",")) == (
        "orders.csv: 1 problem; nothing was analysed.\n"
        "  line 1: holds 'customer_id;order_date;amount'; expected more than one column. Set ingest.delimiter: ';'."
    )


def test_column_that_occurs_twice_is_a_problem_only_where_it_is_used(write):
    twice = "customer_id,order_date,amount,amount,note,note\n1,2024-01-01,1,2,a,b\n"
    assert complaint(write(twice)) == (
        "orders.csv: 1 problem; nothing was analysed.\n"
        "  line 1: 'amount'; expected one column of this name, found 2. Rename the others in the export."
    )
    assert len(rows(write("customer_id,order_date,amount,note,note\n1,2024-01-01,1,a,b\n"))) == 1


def test_unknown_key_of_columns_is_wrong_usage(write):
    with pytest.raises(UsageError, match="columns names customer; expected some of: customer_id, order_date"):
        read_transactions(write(HEADER + TWO_ROWS), columns={"customer": "Customer"})


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (
            b"",
            "a.csv",
            "1 problem; nothing was analysed.\n  expected a header line and rows below it. Export the file again.",
        ),
        (b"\n\n", "a.csv", "expected a header line and rows below it"),
        (HEADER.encode(), "a.csv", "expected a row of a customer with an amount of 0 or more"),
        (b"PAR1 not really", "a.parquet", "expected a Parquet file"),
        (b"PK\x03\x04", "a.xlsx", "expected an Excel workbook"),
        (b"not gzip", "a.csv.gz", "expected a whole gzip file"),
        (gzip.compress(HEADER.encode() + b"1,a,2024-01-01,1\n" * 9999)[:-20], "a.csv.gz", "expected a whole gzip file"),
    ],
)
def test_files_that_cannot_be_read_say_why(content, name, said, write):
    assert said in complaint(write(content, name))


def test_text_in_another_encoding_than_the_one_that_is_set_says_where(write):
    name = write(HEADER.encode() + b"\xc5se,a,2024-01-01,1\n")
    said = complaint(name, ingest=Ingest(encoding="utf-8"))
    assert "line 2: expected UTF-8 text. Set ingest.encoding: cp1252" in said
    assert rows(name) == [("Åse", "a", dt.date(2024, 1, 1), 1)]


def test_files_that_do_not_exist_are_named(write):
    write("", "x")
    assert complaint("orders.csv") == (
        "orders.csv: 1 problem; nothing was analysed.\n  expected a file of this name. Check the name."
    )
    assert "expected files that match this pattern" in complaint("*.parquet")


# Lookups -------------------------------------------------------------------------------------------------------------


def looked_up(tmp_path, products, **columns):
    (tmp_path / "orders.csv").write_text("customer_id,order_date,amount,sku\n1,2024-01-01,1,a\n1,2024-01-02,2,zz\n")
    (tmp_path / "products.csv").write_text(products)
    reading = Reading(
        origins=[Origin(name="orders.csv", path=tmp_path / "orders.csv")],
        ingest=Ingest(columns=Columns(**columns)),
        lookup=Origin(name="products.csv", path=tmp_path / "products.csv"),
        lookup_key="sku",
    )
    return load(reading, refunds="net", drop_list=(), until=dt.date(2024, 12, 31))


def test_lookup_adds_its_columns_to_the_rows_it_knows(tmp_path):
    data = looked_up(tmp_path, "sku,group\na,Shoes\nb,Hats\n", category="group", product="sku").data
    assert data["category"].fillna("?").tolist() == ["Shoes", "?"]
    assert data["product"].tolist() == ["a", "zz"]


def test_lookup_that_would_repeat_rows_is_a_problem(tmp_path):
    with pytest.raises(DataError, match="'sku' holds 'a'; expected one row a 'sku', 1 have more"):
        looked_up(tmp_path, "sku,group\na,Shoes\na,Hats\n", category="group")
