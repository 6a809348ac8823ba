"""A known table reads back to the cent in whatever dialect it was written, with nothing set but the columns."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_lib.validate import read_transactions
from tests.ingest.dialects import (
    NAMES,
    NBSP,
    OPTIONS,
    ZONE,
    Dialect,
    Row,
    SharedEngine,
    covering,
    file_of,
    numbered_customers,
    possible,
    rows_read,
    truth,
)

# A day, a decimal mark and a customer that each could be misread, whatever stands beside them.
PROOFS = (
    Row(customer="00123", order="A-1", day=dt.date(2021, 3, 31), cents=123_456_789, product="Genser"),
    Row(customer="00123", order="A-1", day=dt.date(2021, 3, 31), cents=0, product='Bord 12" "eik"'),
    Row(customer="Åse Bjørnær", order="A-2", day=dt.date(2022, 1, 2), cents=129_900, product="Sko; røde, str. 40"),
    Row(customer='O\'Brien "Bob"', order="A-3", day=dt.date(2023, 12, 13), cents=1_250, product="Café\ncrème"),
    Row(customer="00123", order="A-4", day=dt.date(2024, 2, 29), cents=-123_403, product="Retur | tilbake"),
    Row(customer="7", order="A-5", day=dt.date(2024, 10, 27), cents=5, product="\tTe"),
    Row(customer="", order="A-6", day=dt.date(2024, 3, 31), cents=99_900, product=""),
)

products = st.text("abcÆØÅæøåéü ;,|\t\n\"'=-0123", max_size=12)
customers = st.one_of(
    st.sampled_from(["00123", "0123", "123", "Åse Bjørnær", "Ødegård; Åge", 'O\'Brien "Bob"', "a|b", "c\nd", "1,5"]),
    st.integers(1, 99_999).map("{:06}".format),
)
# Refunds end in 3 cents and purchases do not, so that no refund is given to a purchase of the same amount.
purchases = st.integers(0, 250_000_000).map(lambda cents: cents + 1 if cents % 10 == 3 else cents)
refunds = st.integers(0, 25_000_000).map(lambda tens: -10 * tens - 3)
rows_ = st.builds(
    Row,
    customer=customers,
    order=st.integers(1, 30).map("B-{}".format),
    day=st.dates(dt.date(2015, 1, 1), dt.date(2026, 12, 31)),
    cents=st.one_of(purchases, purchases, st.integers(0, 2_000).map(lambda n: 100 * n), refunds),
    product=products,
)


@st.composite
def dialects(draw):
    """Draw a dialect, each option among what goes together with those drawn before it."""
    chosen = {}
    for name, values in OPTIONS.items():
        chosen[name] = draw(st.sampled_from([value for value in values if possible({**chosen, name: value})]))
    return Dialect(**chosen)


@pytest.fixture(scope="module")
def engine():
    shared = SharedEngine()
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("roundtrip")


def differences(engine, folder, rows, dialect):
    """Write a table, read it, and return the rows that are not the same."""
    rows = numbered_customers(rows) if dialect.float_ids else rows
    path = folder / f"orders{dialect.ending}"
    path.write_bytes(file_of(rows, dialect))
    found = rows_read(engine, path)
    expected = truth(row for row in rows if row.customer)
    return expected - found, found - expected


@pytest.mark.parametrize("dialect", covering(), ids=str)
def test_every_pair_of_options_reads_back(dialect, engine, folder):
    assert differences(engine, folder, PROOFS, dialect) == (Counter(), Counter())


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(rows_, min_size=3, max_size=33), dialect=dialects())
def test_any_table_in_any_dialect_reads_back(engine, folder, rows, dialect):
    assert differences(engine, folder, [*PROOFS, *rows], dialect) == (Counter(), Counter())


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(rows_, min_size=3, max_size=33), dialect=dialects())
def test_a_thousand_tables_in_any_dialect_read_back(engine, folder, rows, dialect):
    assert differences(engine, folder, [*PROOFS, *rows], dialect) == (Counter(), Counter())


def as_frame(rows, *, typed):
    """Return a table as a frame, its days and amounts as such or as Norwegian text."""
    frame = pd.DataFrame([[r.customer, r.order, r.day, r.cents / 100, r.product] for r in rows], columns=NAMES.values())
    if not typed:
        frame["Dato"] = [f"{row.day:%d.%m.%Y}" for row in rows]
        frame["Beløp"] = [f"{row.cents / 100:,.2f}".translate({44: NBSP, 46: ","}) for row in rows]
    return frame


def sums(path):
    """Return what the whole pipeline makes of a file: totals by customer, by order and by day, and the counts."""
    transactions = read_transactions(path, columns=NAMES, time_zone=ZONE)
    query = "SELECT {0}, sum(amount) FROM transactions GROUP BY {0} ORDER BY {0}"
    by = [
        dict(transactions.engine.connection.execute(query.format(name)).fetchall())
        for name in ("customer_id", "order_id", "order_date")
    ]
    quality = transactions.quality
    counts = (quality.rows_used, quality.customers, quality.orders, quality.rows_without_customer)
    transactions.engine.close()
    return (*by, counts)


def expected_sums(rows):
    bought = [row for row in rows if row.customer]
    by = [
        {
            key: sum((Decimal(row.cents) / 100 for row in bought if getattr(row, name) == key), Decimal())
            for key in sorted({getattr(row, name) for row in bought})
        }
        for name in ("customer", "order", "day")
    ]
    purchases = [row for row in bought if row.cents >= 0]
    counts = (
        len(bought),
        len({row.customer for row in purchases}),
        len({(row.customer, row.order) for row in purchases}),
        len(rows) - len(bought),
    )
    return (*by, counts)


def test_text_workbook_and_parquet_of_one_table_agree(tmp_path):
    files = {
        "text.csv": lambda path: path.write_bytes(file_of(PROOFS, Dialect())),
        "american.tsv": lambda path: path.write_bytes(
            file_of(PROOFS, replace(Dialect(), delimiter="\t", decimal=".", group=",", date="%m/%d/%Y", currency="$"))
        ),
        "typed.xlsx": lambda path: as_frame(PROOFS, typed=True).to_excel(path, index=False),
        "text.xlsx": lambda path: as_frame(PROOFS, typed=False).to_excel(path, index=False),
        "titled.xlsx": titled_workbook,
        "typed.parquet": lambda path: as_frame(PROOFS, typed=True).to_parquet(path),
        "text.parquet": lambda path: as_frame(PROOFS, typed=False).to_parquet(path),
    }
    for name, write in files.items():
        write(tmp_path / name)
        assert sums(tmp_path / name) == expected_sums(PROOFS), name


def titled_workbook(path: Path) -> None:
    """Write a workbook as people do: a title, a blank row, the table, its total."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    frame = as_frame(PROOFS, typed=True)
    for row in (["Salgsrapport"], [], list(frame), *frame.itertuples(index=False, name=None)):
        sheet.append(row)
    sheet.append(["Totalt", None, None, frame["Beløp"].sum()])
    workbook.save(path)
