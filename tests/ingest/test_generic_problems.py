"""The generic layout: what it says of what it cannot read, all at once and with lines; and lookups."""

from __future__ import annotations

import datetime as dt
import gzip

import pandas as pd
import pytest

from loyalty_lib.config.ingest import Columns, Ingest
from loyalty_lib.errors import DataError, UsageError
from loyalty_lib.ingest import Origin, Reading
from loyalty_lib.validate import load, read_transactions
from tests.ingest.small_files import HEADER, TWO, TWO_ROWS, complaint, rows

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
