"""Tables: what a reader sees, what a spreadsheet opens."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from types import SimpleNamespace

import lxml.html
import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n, tables
from loyalty_lib.analyses.kpi_change import relative_change
from loyalty_lib.i18n.terms import KPI_NAMES
from loyalty_lib.periods import Period
from loyalty_lib.tables import Column, Quantity, Table

AS_OF = dt.date(2024, 12, 31)


def one_column(kind, *values, name="x"):
    return Table(
        name="t",
        title="T",
        columns=(Column(name="row", label="Row", kind="text"), Column(name=name, label="X", kind=kind)),
        rows=tuple((f"r{number}", value) for number, value in enumerate(values)),
    )


def parsed(table):
    return lxml.html.fromstring(str(table.html()))


def shown(table):
    """Return the header and the body as text."""
    tree = parsed(table)
    head = [" ".join(cell.text_content().split()) for cell in tree.xpath("//thead//th")]
    body = [[cell.text_content().strip() for cell in row.xpath("th|td")] for row in tree.xpath("//tbody/tr")]
    return head, body


def read(table):
    return list(csv.reader(io.StringIO(table.csv())))


@pytest.mark.parametrize(
    ("kind", "values", "header", "cells"),
    [
        ("number", (1234, None, float("nan"), -5), "X", ["1,234", "–", "–", "−5"]),
        ("number.1", (2.0, 3.25), "X", ["2.0", "3.2"]),
        ("percent", (0.256, 1), "X (%)", ["26", "100"]),
        ("percent.1", (0.2564, -0.0001), "X (%)", ["25.6", "0.0"]),
        ("share", (0.256, None), "X", ["26", "–"]),
        ("money", (12.5, 3), "X (€)", ["12.50", "3.00"]),
        ("money", (12.5, 5000), "X (€)", ["12", "5,000"]),
        ("month", (dt.date(2024, 6, 1),), "X", ["Jun 2024"]),
        ("date", (dt.date(2024, 6, 30),), "X", ["30/06/2024"]),
        ("text", ("a", None), "X", ["a", "–"]),
    ],
)
def test_a_column_has_its_unit_in_the_header_and_one_number_of_decimals(kind, values, header, cells):
    head, body = shown(one_column(kind, *values))
    assert head == ["Row", header]
    assert [row[1] for row in body] == cells


def test_quantities_of_one_column_carry_their_own_units():
    table = one_column(
        "mixed",
        Quantity(0.4567, "percent.1"),
        Quantity(-0.0125, "points"),
        Quantity(0.25, "signed_percent.1"),
        Quantity(math.nan, "points"),
        Quantity(None, "number"),
        Quantity(AS_OF, "date"),
    )
    _, body = shown(table)
    assert [row[1] for row in body] == ["45.7%", "−1.2 pp", "+25.0%", "–", "–", "31 December 2024"]
    assert [row[1] for row in read(table)[1:]] == ["0.4567", "-0.0125", "0.25", "", "", "2024-12-31"]


def test_the_active_language_writes_the_figures():
    i18n.activate("nb", "NOK")
    head, body = shown(one_column("money", 1234567.0))
    assert head[1] == "X (kr)"
    assert body[0][1].replace("\xa0", " ") == "1 234 567"


def test_rows_and_columns_have_header_cells_a_caption_and_a_labelled_scroll_box():
    tree = parsed(one_column("number", 1, 2))
    assert [cell.get("scope") for cell in tree.xpath("//thead//th")] == ["col", "col"]
    assert [cell.get("scope") for cell in tree.xpath("//tbody/tr/th")] == ["row", "row"]
    (box,) = tree.xpath("//*[@role='region']")
    assert box.get("tabindex") == "0"
    assert tree.xpath(f"//caption[@id='{box.get('aria-labelledby')}']")
    assert tree.xpath("//td/@class") == ["n", "n"]


def test_text_from_data_never_becomes_an_element():
    evil = "<script>alert(1)</script>"
    table = Table(
        name="t",
        title=evil,
        columns=(Column(name="a", label=evil, kind="text"), Column(name="b", label="B", kind="text")),
        rows=((evil, '"><link rel=attachment href=file:///etc/passwd>'),),
        notes=(evil,),
    )
    tree = parsed(table)
    assert not tree.xpath("//script|//link")
    assert tree.text_content().count(evil) == 4


def test_a_spreadsheet_runs_nothing_and_numbers_stay_numbers():
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1"]
    table = one_column("text", *evil, "a\r\n=1", name="=cmd")
    harmless = ["'=cmd", "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "' x", "' =1", "a =1"]
    assert [row[1] for row in read(table)] == harmless
    numbers = one_column("number", -1.5, -2, np.float64(-0.25), np.int64(7), None, float("nan"))
    assert [row[1] for row in read(numbers)[1:]] == ["-1.5", "-2", "-0.25", "7", "", ""]


def test_csv_of_a_frame_has_raw_values_and_a_named_index_first():
    frame = pd.DataFrame(
        {"customers": [3, 4], "share": [1 / 3, np.nan], "day": pd.to_datetime(["2024-01-31", None])},
        index=pd.Index(["=a", "b"], name="segment"),
    )
    expected = f"segment,customers,share,day\n'=a,3,{1 / 3!r},2024-01-31\nb,4,,\n"
    assert tables.frame_csv(frame) == expected
    assert tables.frame_csv(frame.reset_index(drop=True)).startswith("customers,share,day\n")


def test_a_long_table_is_cut_on_the_page_and_whole_in_its_csv():
    table = one_column("number", *range(60))
    _, body = shown(table)
    assert len(body) == 50
    assert "The first 50 of 60 rows; all of them are in tables/t.csv." in parsed(table).text_content()
    assert len(read(table)) == 61


def test_only_a_table_that_does_not_fit_upright_is_wide():
    def cohorts_of(months):
        return tables.cohorts(_cohorts(months))

    assert not cohorts_of(7).detailed
    assert cohorts_of(13).detailed
    assert not cohorts_of(13).wide
    assert cohorts_of(25).wide


def _cohorts(months):
    starts = pd.date_range("2022-12-01", periods=months, freq="MS")
    shares = np.tril(np.full((months, months), 0.125))[:, ::-1].T
    retention = pd.DataFrame(np.where(shares > 0, shares, np.nan), index=starts, columns=range(months))
    return SimpleNamespace(sizes=pd.Series(range(100, 100 + months), index=starts), retention=retention, grain="month")


def test_cohorts_show_unobserved_periods_as_missing():
    table = tables.cohorts(_cohorts(3))
    head, body = shown(table)
    assert head == ["Cohort", "Customers", "0", "1", "2"]
    missing = sum(cell == "–" for row in body for cell in row)
    assert missing == 3
    assert body[0][0] == "Dec 2022"
    assert read(table)[1][0] == "2022-12-01"


def test_key_figures_change_in_percent_and_ratios_in_points():
    figures = pd.DataFrame(
        {
            "value": [110.0, 0.46, 250.0, 0.0, 1.5, 165.0],
            "previous": [100.0, 0.44, 500.0, 0.0, 1.6, 150.0],
            "year_ago": [np.nan, 0.5, 200.0, 5.0, 1.25, 160.0],
            "unit": ["customers", "ratio", "money", "customers", "number", "number"],
        },
        index=[
            "active_customers",
            "retention_rate",
            "average_order_value",
            "new_customers",
            "purchase_frequency",
            "purchase_days",
        ],
    )
    period = Period(dt.date(2024, 10, 1), AS_OF, "quarter")
    changes = pd.concat(
        {
            against: pd.DataFrame(
                {
                    "change": relative_change(figures["value"], figures[against], figures["unit"]),
                    "low": -0.1,
                    "high": 0.2,
                }
            )
            for against in ("previous", "year_ago")
        }
    ).swaplevel()
    about = {"period": period, "previous": period.previous, "year_ago": period.year_ago, "engagement": None}
    table = tables.kpis(SimpleNamespace(figures=figures, changes=changes, **about))
    head, body = shown(table)
    between = ["Change", "Interval from (%)", "Interval to (%)"]
    assert head == ["Key figure", "4th quarter 2024", "3rd quarter 2024", *between, "4th quarter 2023", *between]
    bounds = ["−10.0", "20.0"]
    assert [[cell.replace("\xa0", " ") for cell in row] for row in body] == [
        ["Active customers", "110", "100", "+10.0%", *bounds, "–", "–", *bounds],
        ["Retention rate", "46.0%", "44.0%", "+2.0 pp", *bounds, "50.0%", "−4.0 pp", *bounds],
        ["Average order value", "€250.00", "€500.00", "−50.0%", *bounds, "€200.00", "+25.0%", *bounds],
        ["New customers", "0", "0", "–", *bounds, "5", "−100.0%", *bounds],
        ["Purchase frequency", "1.50", "1.60", "−6.3%", *bounds, "1.25", "+20.0%", *bounds],
        ["Purchase days", "165", "150", "+10.0%", *bounds, "160", "+3.1%", *bounds],
    ]
    assert set(figures.index) <= set(KPI_NAMES)


def test_segments_end_with_the_customers_outside_the_window():
    segments = pd.DataFrame(
        {
            "customers": [30, np.nan],
            "share_of_customers": [0.6, np.nan],
            "revenue": [9000.0, np.nan],
            "share_of_revenue": [0.9, np.nan],
            "mean_days_since_last_order": [12.4, np.nan],
            "mean_orders": [4.25, np.nan],
            "mean_revenue": [300.0, np.nan],
        },
        index=["champions", "cant_lose"],
    )
    _, body = shown(tables.rfm(SimpleNamespace(segments=segments, inactive=70, window_months=12)))
    assert body == [
        ["Champions", "30", "60.0", "9,000", "90.0", "12", "4.2", "300.00"],
        ["Can't lose", *["–"] * 7],
        ["Inactive", "70", *["–"] * 6],
    ]


def test_every_analysis_has_a_table_with_a_row_for_each_of_its_rows():
    top = pd.DataFrame({"top": [0.01, 0.2], "customers": [1, 20], "share_of_sales": [0.1, 0.65]})
    pareto = tables.pareto(SimpleNamespace(top_shares=top, start=dt.date(2024, 1, 1), as_of=AS_OF))
    assert shown(pareto)[1] == [["1", "1", "10.0"], ["20", "20", "65.0"]]
    assert "1 January 2024 to 31 December 2024" in pareto.title

    value = pd.DataFrame(
        {
            "expected_purchases": [120.6],
            "customers": [30],
            "mean_clv": [80.0],
            "total_clv": [2400.0],
            "share_of_clv": [1.0],
            "mean_probability_alive": [0.925],
        },
        index=["inactive"],
    )
    assert shown(tables.clv(value))[1] == [["Inactive", "30", "92", "121", "80.00", "2,400", "100.0"]]

    origins = pd.DataFrame(
        {
            "cutoff": [AS_OF],
            "predicted": [90.0],
            "actual": [100],
            "low": [80.0],
            "high": [110.0],
            "relative_error": [-0.1],
        }
    )
    assert shown(tables.backtest(SimpleNamespace(origins=origins)))[1] == [
        ["31/12/2024", "90", "80", "110", "100", "−10.0"]
    ]


def test_data_quality_says_what_was_left_out():
    quality = SimpleNamespace(
        rows_read=100, rows_used=90, customers=40, orders=80, purchase_days=75, first_day=dt.date(2023, 1, 1),
        last_day=AS_OF, rows_without_customer=7, amount_without_customer=1250.5, refund_rows=4, refund_amount=-99.5,
        zero_rows=2, same_day_merged=5, dropped_rows=3,
    )  # fmt: skip
    _, body = shown(tables.quality(quality))
    values = dict(body)
    assert len(values) == 14
    assert values["Rows without a customer"] == "7"
    assert values["Amount refunded"].replace("\xa0", " ") == "−€99.50"
    assert values["Last day"] == "31 December 2024"
