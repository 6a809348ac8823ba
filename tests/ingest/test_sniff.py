"""What is found out about files nobody has described; the truth of each is made by hand."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from loyalty_lib.errors import DataError
from loyalty_lib.ingest.naming import Sample, choose, is_header, match_name, vat_included
from loyalty_lib.ingest.reading import Origin, Reading, files
from loyalty_lib.ingest.sniff import Proposal, propose
from loyalty_lib.validate import END_OF_TIME, load

NORWEGIAN = (
    "Kundenr;Ordrenr;Ordredato;Beløp;Varegruppe\n"
    "0017;1001;31.01.2024;1 299,50;Sko\n"
    "0018;1002;01.02.2024;12,00;Sko\n"
    "0017;1003;13.02.2024;7,25;Jakker\n"
    "0019;1004;14.02.2024;kr 100,00;Jakker\n"
)


def offered(path: Path) -> Proposal:
    return propose(files(path))


def columns(proposal: Proposal) -> dict[str, str | None]:
    return {ours: guess.value for ours, guess in proposal.columns.items()}


def net_sales(proposal: Proposal) -> float:
    reading = Reading(
        origins=proposal.origins,
        ingest=proposal.ingest,
        time_zone=proposal.time_zone.value or "",
        currency=proposal.currency.value,
    )
    transactions = load(reading, refunds="net", drop_list=(), until=END_OF_TIME)
    try:
        return transactions.quality.source.net_sales
    finally:
        transactions.engine.close()


@pytest.fixture
def norwegian(tmp_path: Path) -> Path:
    file = tmp_path / "ordrer.csv"
    file.write_bytes(NORWEGIAN.encode("cp1252"))
    return file


def test_a_norwegian_export_is_understood_whole(norwegian: Path) -> None:
    """1,299.50 + 12.00 + 7.25 + 100.00 = 1,418.75."""
    found = offered(norwegian)
    assert found.problems == ()
    assert columns(found) == {
        "customer_id": "Kundenr",
        "order_id": "Ordrenr",
        "order_date": "Ordredato",
        "amount": "Beløp",
        "category": "Varegruppe",
    }
    assert {name: guess.value for name, guess in found.settings.items()} == {
        "encoding": "cp1252",
        "delimiter": ";",
        "header_line": "1",
        "date_format": "%d.%m.%Y",
        "decimal": ",",
    }
    assert (found.currency.value, found.currency.sure) == ("NOK", "likely")
    assert found.time_zone.value == "Europe/Oslo"
    assert (found.rows, str(found.last_day)) == (4, "2024-02-14")
    assert net_sales(found) == 1418.75


def test_the_first_rows_are_shown_as_understood(norwegian: Path) -> None:
    first = offered(norwegian).first_rows[0]
    assert first == {"customer_id": "0017", "order_id": "1001", "order_date": "2024-01-31", "amount": "1299.50"}


def test_days_that_could_be_months_are_for_a_person_to_choose(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer_id,order_date,amount\n1,03/04/2024,5.00\n1,05/06/2024,7.50\n", encoding="utf-8")
    found = offered(file)
    assert found.ingest.date_format is None
    assert (found.settings["date_format"].value, found.settings["date_format"].sure) == (None, "unsure")
    (problem,) = found.problems
    assert problem.column == "order_date"
    assert '"%d/%m/%Y"' in problem.remedy
    assert '"%m/%d/%Y"' in problem.remedy


def test_what_one_file_tells_holds_for_those_beside_it(tmp_path: Path) -> None:
    """The first file's days could be months; the second's could not."""
    (tmp_path / "a.csv").write_text("customer_id,order_date,amount\n1,03/04/2024,5.00\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("customer_id,order_date,amount\n1,13/04/2024,7.00\n", encoding="utf-8")
    found = offered(tmp_path / "*.csv")
    assert found.problems == ()
    assert found.ingest.date_format == "%d/%m/%Y"
    assert (str(found.last_day), found.rows) == ("2024-04-13", 2)
    assert net_sales(found) == 12.0


def test_files_in_different_encodings_keep_their_own(tmp_path: Path) -> None:
    text = "Kundenr;Dato;Beløp\n1;31.01.2024;5,50\n1;01.02.2024;4,50\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    (tmp_path / "b.csv").write_bytes(text.replace("31.01", "30.01").encode("utf-8-sig"))
    found = offered(tmp_path / "*.csv")
    assert found.ingest.encoding is None
    assert found.ingest.delimiter == ";"
    assert found.problems == ()
    assert found.rows == 4


def test_a_list_of_contracts_without_dates_is_said_to_have_none(tmp_path: Path) -> None:
    file = tmp_path / "churn.csv"
    file.write_text("customerID,tenure,MonthlyCharges,Churn\nA1,1,29.85,No\nA2,34,56.95,Yes\n", encoding="utf-8")
    found = offered(file)
    assert "order_date" not in found.columns
    message = "\n".join(map(str, found.problems))
    assert "no cohorts, no RFM segments and no forecast" in message
    assert "a row seems to be a customer" in message


def test_a_column_of_addresses_is_no_column_of_ids(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("Customer,Date,Total\na@x.no,2024-01-31,5.00\nb@x.no,2024-02-01,6.00\n", encoding="utf-8")
    found = offered(file)
    assert columns(found) == {"email": "Customer", "order_date": "Date", "amount": "Total"}
    assert found.columns["email"].sure == "unsure"
    assert net_sales(found) == 11.0


def test_the_second_best_column_is_named_where_it_is_close(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "Customer ID,Order date,Subtotal,Total\n7,2024-01-31,4.00,5.00\n7,2024-02-01,5.00,6.25\n", encoding="utf-8"
    )
    amount = offered(file).columns["amount"]
    assert (amount.value, amount.sure) == ("Total", "likely")
    assert amount.why.startswith("'Total' or 'Subtotal'")


def test_an_order_total_on_every_row_of_its_order_is_not_summed(tmp_path: Path) -> None:
    """Four orders of two rows each; the total stands on both.  2 x 10 + 1 x 5 for each order is 25, 100 in all."""
    rows = "".join(
        f"7,{order},2024-01-3{order % 2},{total},2,10.00\n7,{order},2024-01-3{order % 2},{total},1,5.00\n"
        for order, total in ((1, "25.00"), (2, "25.50"), (3, "25.00"), (4, "25.00"))
    )
    file = tmp_path / "orders.csv"
    file.write_text(f"customer id,order id,date,total,quantity,unit price\n{rows}", encoding="utf-8")
    found = offered(file)
    assert "amount" not in found.columns
    assert "order's total" in found.notes[0]
    assert net_sales(found) == 100.0


def test_a_new_id_with_every_order_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    rows = "".join(f"{n},2024-01-{n:02},{n % 7}@x.no,5.00\n" for n in range(1, 29))
    file.write_text(f"customer id,order date,email,amount\n{rows}", encoding="utf-8")
    found = offered(file)
    assert found.ingest.identity == "email"
    assert "new id with every order" in found.notes[0]


def test_two_currencies_are_for_a_person_to_decide(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "customer id,order date,amount,currency\n1,2024-01-31,5.00,NOK\n1,2024-02-01,5.00,NOK\n2,2024-02-01,5.00,EUR\n",
        encoding="utf-8",
    )
    money = offered(file).currency
    assert (money.value, money.sure) == ("NOK", "unsure")
    assert "EUR, NOK" in money.why


@pytest.mark.parametrize(
    ("amounts", "names", "code"),
    [
        (["€ 5.00", "€ 6.00"], "customer id,order date,amount", "EUR"),
        (["5.00 SEK", "6.00 SEK"], "customer id,order date,amount", "SEK"),
        (["5.00", "6.00"], "customer id,order date,amount (DKK)", "DKK"),
        (["5:-", "6:-"], "kundnummer,orderdatum,belopp", "SEK"),
        (["5.00", "6.00"], "asiakasnumero,päivämäärä,summa", "EUR"),
        (["5.00", "6.00"], "customer id,order date,amount", None),
    ],
)
def test_the_currency_is_in_values_names_or_language(
    tmp_path: Path, amounts: list[str], names: str, code: str | None
) -> None:
    file = tmp_path / "orders.csv"
    rows = "".join(f"7,2024-01-3{day},{amount}\n" for day, amount in enumerate(amounts))
    file.write_text(f"{names}\n{rows}", encoding="utf-8")
    assert offered(file).currency.value == code


def test_a_workbook_is_understood_with_its_sheet_and_row(tmp_path: Path) -> None:
    file = tmp_path / "orders.xlsx"
    table = pd.DataFrame({"Kundenr": [17, 17], "Dato": pd.to_datetime(["2024-01-31", "2024-02-01"]), "Sum": [1.5, 2]})
    with pd.ExcelWriter(file) as writer:
        pd.DataFrame({"Rapport": ["laget av butikken"]}).to_excel(writer, sheet_name="Forside", index=False)
        table.to_excel(writer, sheet_name="Ordrer", index=False, startrow=3)
    found = offered(file)
    assert found.problems == ()
    assert (found.ingest.sheet, found.ingest.header_line) == ("Ordrer", 4)
    assert columns(found) == {"customer_id": "Kundenr", "order_date": "Dato", "amount": "Sum"}
    assert net_sales(found) == 3.5


def test_parquet_needs_no_dialect(tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    days = pd.to_datetime(["2024-01-31 10:00", "2024-02-01 11:00"])
    pd.DataFrame({"Customer ID": ["a", "a"], "Order Date": days, "Amount": [1.5, 2.0]}).to_parquet(file)
    found = offered(file)
    assert found.problems == ()
    assert "encoding" not in found.settings
    assert net_sales(found) == 3.5


def test_of_a_database_the_table_with_the_orders_is_proposed(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(
            'CREATE TABLE Kunde (KundeId INTEGER, Navn TEXT); INSERT INTO Kunde VALUES (1, "Kari");'
            "CREATE TABLE Tom (x TEXT);"
            "CREATE TABLE Ordre (OrdreId INTEGER, KundeId INTEGER, Ordredato TEXT, Sum REAL, Bilde BLOB);"
            "INSERT INTO Ordre VALUES (1, 1, '2024-01-31', 5.5, NULL), (2, 1, '2024-02-01', 4.5, NULL);"
        )
    connection.close()
    before = file.read_bytes()
    found = offered(file)
    assert found.query == 'SELECT "Ordredato", "OrdreId", "KundeId", "Sum" FROM "Ordre"'
    assert net_sales(found) == 10.0
    assert file.read_bytes() == before


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    broken = tmp_path / "orders.csv.gz"
    broken.write_bytes(b"no gzip at all")
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    for file in (empty, broken, picture):
        with pytest.raises(DataError, match=file.name):
            offered(file)


def test_a_name_that_stands_twice_is_never_chosen() -> None:
    twice = [Sample(name="amount", cells=["1", "2"]), Sample(name="amount", cells=["3", "4"])]
    assert "amount" not in choose([*twice, Sample(name="date", cells=["2024-01-31", "2024-02-01"])]).columns


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("customer_id", "Kundenr|KUNDE_ID|KundeID|Kundenummer|Kund-id|Asiakasnumero|Kd.-Nr.|customerID|Customer No."),
        ("order_id", "Ordrenr.|Fakturanr|Bilagsnr|Tilausnumero|Belegnummer|Order #|order_number|InvoiceNo"),
        ("order_date", "Dato|Ordredato|Fakturadato|Päivämäärä|PAIVAMAARA|Bestelldatum|Created (UTC)|order-date"),
        ("amount", "Beløp|Sum|Summa|Belopp|Loppusumma|Netto|Beløp eks. mva|Sum inkl. MVA|Total (NOK)|Gesamtbetrag"),
        ("email", "E-post|e-mail|Email|Sähköposti|E-Mail-Adresse"),
        ("quantity", "Antall|Antal|Määrä|Menge|Qty"),
    ],
)
def test_names_in_six_languages_are_known(field: str, names: str) -> None:
    for name in names.split("|"):
        match = match_name(field, name)
        assert match is not None, name
        assert not match.loose, name


@pytest.mark.parametrize(
    "name", ["Fødselsdato", "Birth date", "Forfallsdato", "Due date", "updated_at", "Leveringsdato"]
)
def test_days_that_are_no_order_days_are_passed_over(name: str) -> None:
    assert match_name("order_date", name) is None


def test_a_record_is_a_header_only_with_two_of_the_names_that_make_one() -> None:
    assert is_header(["Kundenr", "Ordredato", "x"])
    assert is_header(["", "E-post", "Beløp", ""])
    assert not is_header(["Sum"])
    assert not is_header(["Rapport for", "Acme", "2024"])


def test_names_say_whether_vat_is_in() -> None:
    said = {"Beløp eks. mva": False, "Sum inkl. MVA": True, "Net sales": None, "Brutto": True, "Veroton summa": False}
    assert {name: vat_included(name) for name in said} == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer id,order date,amount\n", "a header line and rows below it"),
        ("1,2024-01-31,5.00\n2,2024-02-01,6.00\n", "a line with the columns' names; this one holds values"),
        ("customer id,order date,amount,amount\n1,2024-01-31,5,6\n", "one column of this name, found 2"),
        ("a,b,c\n1,2024-01-31,5\n2,2024-02-01,6\n", "Set ingest.columns.customer_id to one of: a, b, c."),
    ],
)
def test_what_is_missing_is_said_in_plain_words(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(text, encoding="utf-8")
    assert expected in "\n".join(map(str, offered(file).problems))


def test_a_line_of_totals_below_a_short_table_hides_no_column(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "Rapport\n\nKundenr;Dato;Sum\n1;31.01.2024;5,00\n1;01.02.2024;6,00\n;Totalt;11,00\n", encoding="utf-8"
    )
    found = offered(file)
    assert columns(found) == {"customer_id": "Kundenr", "order_date": "Dato", "amount": "Sum"}
    assert net_sales(found) == 11.0


def test_the_rows_of_the_only_order_are_one_order(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("Order ID,Customer ID,Date,Amount\n1,7,2024-01-31,2.00\n1,7,2024-01-31,5.00\n", encoding="utf-8")
    assert columns(offered(file))["order_id"] == "Order ID"


def test_published_files_are_understood(shared: Path) -> None:
    """Chinook: 412 invoices, 2,328.60 in all.  Telco: contracts, no dates.  Vipps: the header is on line 8."""
    chinook = offered(shared / "data" / "chinook" / "Chinook_Sqlite.sqlite")
    assert net_sales(chinook) == 2328.60
    assert chinook.rows == 412
    telco = offered(shared / "data" / "telco" / "Telco-Customer-Churn.csv.gz")
    assert "order_date" not in telco.columns
    vipps = offered(shared / "data" / "vipps" / "settlement-report.csv")
    assert (vipps.layout.value, vipps.ingest.header_line) == ("vipps", 8)
    shop = offered(shared / "data" / "shopify" / "shopify_orders.csv")
    assert (shop.layout.value, shop.currency.value, shop.ingest.columns.amount) == ("shopify", "USD", None)


def test_a_frame_is_understood_as_a_file_is() -> None:
    frame = pd.DataFrame({"customer id": ["a", "a"], "order date": ["2024-01-31", "2024-02-01"], "amount": [1.5, 2]})
    assert net_sales(propose([Origin(name="frame", frame=frame)])) == 3.5
