"""Verdicts on real files, written by hand: what they hold is counted below by plain Python."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from loyalty_lib import check
from loyalty_lib.check import check_client, check_data
from loyalty_lib.errors import ConfigError, UsageError
from loyalty_lib.inputs import Inputs

HEADER = "customer_id,order_id,order_date,amount"


def orders(days: int = 120) -> list[tuple[str, str, str, float]]:
    """Return an order a day: ten customers in turn, the tenth row of each ten a refund of 5."""
    first = dt.date(2024, 1, 1)
    return [
        (f"C{n % 7}", f"O{n}", (first + dt.timedelta(days=n)).isoformat(), -5.0 if n % 10 == 9 else 20.25 + n)
        for n in range(days)
    ]


def write(path: Path, rows: list[tuple[object, ...]], header: str = HEADER) -> Path:
    text = "\n".join([header, *(",".join(str(cell) for cell in row) for row in rows)])
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_a_file_is_counted_as_it_is(tmp_path):
    rows = orders()
    told = check_data(str(write(tmp_path / "orders.csv", rows))).json()
    assert told["usable"]
    assert (told["rows"], told["orders"], told["customers"]) == (120, 120, 7)
    assert told["net_sales"] == pytest.approx(sum(row[3] for row in rows), abs=1e-9)
    assert (told["first_day"], told["last_day"]) == ("2024-01-01", "2024-04-29")
    assert told["refunds"] == 12
    assert told["lines_without_customer"] == 0
    assert told["problems"] == []
    pages = {page["name"]: page for page in told["pages"]}
    assert pages["Cohorts"]["carried"]
    assert not pages["Customer lifetime value"]["carried"]
    assert pages["Upsell ratio"]["reason"] == "No category column: no upsell ratio."


def test_rows_of_nobody_are_counted_apart(tmp_path):
    rows = [*orders(), ("", "X1", "2024-02-01", 10.5), ("", "X2", "2024-02-02", 20.0)]
    told = check_data(str(write(tmp_path / "orders.csv", rows))).json()
    assert (told["lines_without_customer"], told["amount_without_customer"]) == (2, 30.5)
    assert told["rows"] == 122
    assert told["used"]["rows"] == 120


def test_every_problem_at_once_with_its_line_and_the_rows_counted(tmp_path):
    rows = orders()
    rows[4] = (*rows[4][:2], "2024-13-45", rows[4][3])
    rows[7] = (*rows[7][:3], "many")
    verdict = check_data(str(write(tmp_path / "orders.csv", rows)))
    told = verdict.json()
    assert (verdict.exit_code, told["usable"], told["rows"]) == (1, False, 120)
    assert told["customers"] is None
    assert {(p["line"], p["value"]) for p in told["problems"]} == {(6, "2024-13-45"), (9, "many")}
    assert not any(page["carried"] for page in told["pages"])


def test_files_that_overlap_are_counted_once(tmp_path):
    rows = orders()
    write(tmp_path / "2024-a.csv", rows[:80])
    write(tmp_path / "2024-b.csv", rows[60:])
    told = check_data(str(tmp_path / "2024-*.csv")).json()
    assert (told["rows"], told["orders"], told["overlapping_orders"]) == (140, 120, 20)
    assert told["net_sales"] == pytest.approx(sum(row[3] for row in rows), abs=1e-9)
    assert [(one["reason"], one["rows"]) for one in told["left_out"]] == [("overlap", 20)]
    assert [file["rows"] for file in told["files"]] == [80, 60]


def test_records_of_the_wrong_length_are_counted_too(tmp_path):
    path = write(tmp_path / "orders.csv", orders())
    path.write_text(path.read_text(encoding="utf-8").replace("C3,O3,", "C3,O3,,,,,"), encoding="utf-8")
    verdict = check_data(str(path))
    assert verdict.exit_code == 1
    assert verdict.problems[0].lines == (5,)
    assert verdict.rows in (119, 120)  # the broken one may or may not count


def test_data_that_can_be_read_may_still_be_too_few(tmp_path):
    verdict = check_data(str(write(tmp_path / "orders.csv", orders(4))))
    assert verdict.exit_code == 1
    assert verdict.problems == ()
    assert verdict.obstacle == "The data can be read, but are too few for any analysis."
    assert verdict.rows == 4


def test_a_statement_alone_is_no_report(acme):
    write(acme / "data" / "orders.csv", orders(3))
    (acme / "client.yml").write_text(CLIENT.replace("2024-04-30", "2024-01-20"), encoding="utf-8")
    verdict = check_client("acme")
    assert [page.name for page in verdict.pages if page.carried] == ["VAT statement"]
    assert verdict.exit_code == 1


def test_a_file_that_is_not_there_is_a_problem():
    verdict = check_data("/nowhere/orders.csv")
    assert verdict.exit_code == 1
    assert verdict.problems
    assert verdict.rows is None


def test_sales_without_customers_carry_no_page(tmp_path):
    text = write(tmp_path / "till.csv", [row[1:] for row in orders()], header="order_id,order_date,amount")
    verdict = check_data(str(text))
    assert verdict.exit_code == 1
    assert verdict.rows == 120
    assert "who bought" in verdict.obstacle


def test_customers_who_only_took_back_carry_no_page(tmp_path):
    rows = [(f"C{n}", f"O{n}", "2024-01-01", -1.0) for n in range(9)]
    verdict = check_data(str(write(tmp_path / "refunds.csv", rows)))
    assert verdict.exit_code == 1
    assert verdict.obstacle == "No customer has bought anything on or before the last day observed."
    assert verdict.json()["net_sales"] == -9.0


def contract(path: Path, said: list[str]) -> Path:
    lines = [f"{n:04}-ABC,{n % 60},{20 + n % 5}.50,{word}" for n, word in enumerate(said)]
    path.write_text("\n".join(["customerID,tenure,MonthlyCharges,Churn", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_list_of_customers_under_contract_tells_churn_and_why_there_is_no_report(tmp_path):
    verdict = check_data(str(contract(tmp_path / "customers.csv", ["Yes"] * 3 + ["No"] * 9)))
    assert verdict.exit_code == 1
    assert (verdict.churn.churned, verdict.churn.customers) == (3, 12)
    assert verdict.obstacle == (
        "A list of customers without dates: no orders, so no cohorts, segments or forecast. For subscriptions, export "
        "each one’s first and last day."
    )
    assert "3 of 12 customers have left (25.00%), says Churn." in [str(note) for note in verdict.notes]


def test_a_column_of_other_words_is_no_churn(tmp_path):
    verdict = check_data(str(contract(tmp_path / "customers.csv", ["Yes", "No", "soon"] * 4)))
    assert verdict.churn is None


CLIENT = """\
name: Acme
currency: NOK
cadence: month
observed_until: 2024-04-30
vat_included: true
source:
  path: data/orders.csv
"""


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """Return the folder of a client with 120 orders."""
    folder = tmp_path / "clients" / "acme"
    (folder / "data").mkdir(parents=True)
    (folder / "client.yml").write_text(CLIENT, encoding="utf-8")
    write(folder / "data" / "orders.csv", orders())
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    return folder


def test_a_client_is_judged_with_its_settings(acme):
    verdict = check_client("acme")
    told = verdict.json()
    assert (told["client"], told["name"], told["currency"], told["vat_included"]) == ("acme", "Acme", "NOK", True)
    assert told["usable"]
    pages = {page["name"]: page["reason"] for page in told["pages"]}
    assert pages["Key figures"].startswith("4 complete periods")
    assert pages["VAT statement"] == "Amounts include VAT."


def test_a_client_without_its_file_is_a_verdict_and_wrong_settings_are_usage(acme):
    (acme / "data" / "orders.csv").unlink()
    assert check_client("acme").exit_code == 1
    (acme / "client.yml").write_text("name: Acme\ncurency: NOK\n", encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        check_client("acme")
    assert wrong.value.exit_code == 2
    with pytest.raises(UsageError):
        check_client("nobody")


def test_what_a_report_has_read_is_judged_without_reading_again(cdnow: Inputs):
    verdict = check.check_inputs(cdnow)
    assert verdict.rows == 69_659
    assert (verdict.used.customers, verdict.client) == (23_570, "cdnow")
    carried = {page.name for page in verdict.pages if page.carried}
    assert {"Key figures", "Cohorts", "Customer segments", "Concentration", "Customer lifetime value"} <= carried


def test_online_retail_is_counted_as_published(shared):
    told = check_data(str(shared / "data" / "online-retail-2010-2011" / "online_retail.csv.gz")).json()
    assert (told["rows"], told["customers"], told["orders"]) == (541_909, 4_372, 25_900)
    assert told["net_sales"] == pytest.approx(9_747_747.934, abs=5e-4)
    assert (told["lines_without_customer"], told["refunds"], told["duplicates"]) == (135_080, 9_288, 5_268)
    assert (told["first_day"], told["last_day"]) == ("2010-12-01", "2011-12-09")
    assert told["usable"]
    cancelled = [order for order in told["giant_orders"] if order["cancelled"]]
    assert {order["order_id"] for order in cancelled} >= {"581483", "541431"}


def test_a_list_of_telephone_customers_tells_the_published_churn(shared, tmp_path):
    verdict = check_data(str(shared / "data" / "telco" / "Telco-Customer-Churn.csv.gz"))
    assert (verdict.exit_code, verdict.rows) == (1, 7_043)
    assert (verdict.churn.churned, verdict.churn.customers) == (1_869, 7_043)
    assert round(verdict.churn.share, 4) == 0.2654
    assert "without dates" in verdict.obstacle


def test_a_settlement_has_sales_and_no_customers(shared):
    verdict = check_data(str(shared / "data" / "vipps" / "settlement-report.csv"))
    assert verdict.exit_code == 1
    assert verdict.source is not None
    assert verdict.source.orders > 0
    assert verdict.used is None
    assert verdict.obstacle == "No row says who bought, and every page is about customers."


def test_payments_that_all_failed_leave_no_sale(shared):
    verdict = check_data(str(shared / "data" / "stripe" / "charge_data.csv"))
    assert (verdict.exit_code, verdict.rows) == (1, 16)
    assert verdict.obstacle == "Every row was left out; no sale remains."


def test_a_broken_archive_is_a_problem(tmp_path):
    whole = gzip.compress("\n".join([HEADER, *("C1,O1,2024-01-01,5.00" for _ in range(2000))]).encode())
    (tmp_path / "orders.csv.gz").write_bytes(whole[: len(whole) // 2])
    verdict = check_data(str(tmp_path / "orders.csv.gz"))
    assert verdict.exit_code == 1
    assert verdict.rows is None
