"""Vipps's settlements: sections in one CSV file, payouts between the rows of the workbook, and nobody to recognise."""

from __future__ import annotations

import csv
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from loyalty_lib.errors import DataError
from loyalty_lib.validate import read_transactions
from tests.ingest.layouts.facts import FILES, cents, facts, source_of

HEADER = (
    "Salgsdato", "Salgssted", "Vippsnummer", "Produkt", "Transaksjons-ID", "Ordre-ID", "Brutto", "Gebyr", "Netto",
    "Transaksjonstype", "Oppgjørs-ID", "Oppgjørsdato", "Oppgjørssum", "Oppgjørskonto", "Fornavn", "Etternavn",
    "Melding",
)  # fmt: skip


def section(path, name):
    """Return the records of one section of a CSV report, by a plain reading; a decimal comma may add a field."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = [record for record in csv.reader(stream) if record and record[0] == name]
    return [dict(zip(header, row, strict=False)) for row in rows]


def row(day, product, transaction, order, gross, kind="Salg"):
    """Return a row of the workbook, with a fee of 1.5 % on sales."""
    fee = round(-0.015 * gross, 2) if gross > 0 else 0.0
    return (
        day, "Fjord", "2142", product, transaction, order, gross, fee, gross + fee, kind, "2000461", "16.04.2021", None,
        None, "Kari", "Normann", "Takk",
    )  # fmt: skip


@pytest.fixture
def workbook(tmp_path):
    """Return a report: two blocks with a payout below each, a refund, a correction, a payment without an order id."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Rapport"
    blank = (None,) * len(HEADER)
    payout = ("Til utbetaling netto", "Fjord", "2142", *(None,) * 7, "2000461", "16.04.2021")
    for line in (
        ("Oppgjørsrapport",), ("Bedriften", None, "Fjord"), ("Organisasjonsnummer", None, "900000001"),
        ("Fra dato", None, "01.04.2021"), ("Til dato", None, "30.04.2021"), blank, blank, HEADER,
        row("13.04.2021", "VippsGO", "5691", "A1", 500.0),
        row("13.04.2021", "Vipps Bedrift", "5692", None, 99.9),
        (*payout, 590.9, 99999999999),
        blank,
        row("14.04.2021", "VippsGO", "5693", "A1", -200.0, "Refusjon"),
        row("15.04.2021", "VippsGO", "5694", "A2", 1000.0),
        row("15.04.2021", "VippsGO", "5695", None, -12.0, "Korreksjon"),
        (*payout, 773.0, 99999999999),
    ):  # fmt: skip
        sheet.append(line)
    file = tmp_path / "rapport.xlsx"
    book.save(file)
    return file


def test_the_transactions_section_adds_up():
    """5 rows: 100 + 250.50 + 49.50 + 1000 = 1400.00, less 100 of A1 the day after: 1300.00; 4 orders, nobody known."""
    source = source_of("vipps.csv")
    found = facts(source)
    assert (found["rows"], found["orders"], found["customers"]) == (5, 4, 0)
    assert found["net_sales"] == Decimal("1300.00")
    assert found["refunds"] == (1, Decimal("-100.00"))
    assert found["nobody"][1] == Decimal("1300.00")
    assert found["days"] == ("2021-04-13", "2021-04-15")
    assert source.currency == "NOK"


def test_the_sum_of_the_rows_is_that_of_the_settlement():
    """Gross and refunds of SettlementInfo are those of the rows; its net is less the fees, which no sale knows."""
    found = facts(source_of("vipps.csv"))
    (settlement,) = section(FILES / "vipps.csv", "SettlementInfo")
    assert found["refunds"][1] == Decimal(settlement["Refund"])
    assert found["net_sales"] - found["refunds"][1] == Decimal(settlement["Gross"])
    assert found["net_sales"] + Decimal(settlement["Fee"]) == Decimal(settlement["Net"])


def test_the_workbook_adds_up(workbook):
    """500 + 99.90 + 1000 = 1599.90, less 200 of A1: 1399.90; orders A1, A2 and 5692; no payouts, no correction."""
    source = source_of(workbook)
    found = facts(source)
    assert (found["orders"], found["customers"]) == (3, 0)
    assert found["net_sales"] == Decimal("1399.90")
    assert found["refunds"] == (1, Decimal("-200.00"))
    assert found["nobody"] == (4, Decimal("1399.90"))
    assert found["days"] == ("2021-04-13", "2021-04-15")
    assert found["left_out"][("status", "korreksjon")] == (1, Decimal("-12.00"))
    assert sum(part.rows for part in source.left_out if part.reason == "summary row") == 2


def test_the_reports_beside_the_project_check_themselves(shared):
    """The CSV file's settlement tells gross and refunds; the workbook's payouts are the net of the rows above them."""
    file = shared / "data" / "vipps" / "settlement-report.csv"
    found = facts(source_of(file))
    (settlement,) = section(file, "SettlementInfo")
    assert (found["rows"], found["orders"], found["customers"]) == (7, 7, 0)
    assert found["net_sales"] - found["refunds"][1] == Decimal(settlement["Gross"])
    assert found["refunds"] == (1, Decimal(settlement["Refund"]))
    assert found["days"] == ("2021-04-08", "2021-04-08")

    file = shared / "data" / "vipps" / "vipps-settlement-example.xlsx"
    found = facts(source_of(file))
    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python(skip_empty_area=False)
    rows = [line for line in sheet[8:] if line[9] == "Salg"]
    assert found["orders"] == len(rows) == 70
    assert found["net_sales"] == cents(sum(line[6] for line in rows))
    payouts = [line[12] for line in sheet[8:] if line[0] == "Til utbetaling netto"]
    assert cents(sum(payouts)) == cents(sum(line[8] for line in rows))
    assert found["days"] == ("2019-11-25", "2019-12-08")
    assert {reason: count for (reason, _), (count, _) in found["left_out"].items()} == {"summary row": 4}


def test_a_settlement_carries_no_report(workbook):
    for file in (FILES / "vipps.csv", workbook):
        with pytest.raises(DataError, match="nobody known"):
            read_transactions(file)
