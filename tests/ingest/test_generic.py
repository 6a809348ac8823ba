"""The generic layout: what it reads, and what days and amounts it makes of it."""

from __future__ import annotations

import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.validate import read_transactions
from tests.ingest.small_files import HEADER, TWO, TWO_ROWS, amounts, complaint, days, rows


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
