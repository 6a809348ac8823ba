"""Where a client's rows come from: databases, rates and lists that its settings name."""

from __future__ import annotations

import sqlite3
import textwrap

import pytest

from loyalty_lib.config import load_config
from loyalty_lib.deliver import make_report
from loyalty_lib.errors import ConfigError, DataError, UsageError
from loyalty_lib.inputs import load_inputs
from loyalty_lib.sources import client_reading, drop_list
from tests.postgres import postgres  # noqa: F401

ORDERS = [
    ("a", "1", "2024-01-05", "100.00", "NOK"),
    ("b", "2", "2024-02-05", "10.00", "SEK"),
    ("c", "1", "2024-09-30", "5.00", "EUR"),
]
COLUMNS = "order_id, customer_id, order_date, amount, currency"


@pytest.fixture
def client(home):
    """Return a function that writes a client's settings and files and returns its name."""

    def client(settings, **files):
        folder = home / "clients" / "small"
        folder.mkdir(exist_ok=True)
        text = f"name: Small\ncurrency: NOK\nobserved_until: 2024-09-30\n{textwrap.dedent(settings)}"
        (folder / "client.yml").write_text(text)
        for name, content in files.items():
            (folder / name.replace("_csv", ".csv")).write_text(content)
        return "small"

    return client


CSV = COLUMNS.replace(" ", "") + "\n" + "\n".join(",".join(row) for row in ORDERS) + "\n"
FILE = "source: {path: orders.csv}\n"


def test_sqlite_file_is_a_source_and_stays_as_it_is(client, home):
    client("")
    path = home / "clients" / "small" / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE orders ({COLUMNS})")
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", ORDERS)
    database.close()
    before = path.read_bytes()
    query = "SELECT order_id, customer_id, order_date, amount FROM orders WHERE currency = 'NOK'"
    inputs = load_inputs(client(f'source: {{kind: sql, path: shop.sqlite, query: "{query}"}}'))
    assert inputs.transactions.data["amount"].tolist() == [100.0]
    assert inputs.quality.sources == ("shop.sqlite",)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("home")
def test_postgresql_is_read_by_the_url_in_the_environment_and_nowhere_else(
    client,
    home,
    postgres,  # noqa: F811
    monkeypatch,
):
    """Three orders around midnight in Oslo; 23:30 UTC on 30 September is 1 October there, after the last day."""
    postgres.run(
        "DROP TABLE IF EXISTS small_orders",
        "CREATE TABLE small_orders (customer int, at timestamptz, total numeric(10, 3))",
        "INSERT INTO small_orders VALUES (1, '2024-01-31 22:30+00', 1.299), (1, '2024-01-31 23:30+00', 2.000), "
        "(2, '2024-09-30 23:30+00', 4.000)",
    )
    query = "SELECT customer AS customer_id, at AS order_date, total AS amount FROM small_orders"
    name = client(f"source: {{kind: sql, url_env: SMALL_DB, query: '{query}'}}")
    monkeypatch.delenv("SMALL_DB", raising=False)
    with pytest.raises(UsageError, match="The environment variable SMALL_DB is not set"):
        load_inputs(name)
    monkeypatch.setenv("SMALL_DB", postgres.url())
    data = load_inputs(name).transactions.data
    assert data["amount"].tolist() == [1.299, 2.0]  # numbers, whose point is no mark between thousands
    assert [str(day.date()) for day in data["order_date"]] == ["2024-01-31", "2024-02-01"]
    assert postgres.url() not in (home / "clients" / "small" / "client.yml").read_text()


def test_rates_of_the_settings_convert_what_is_in_other_currencies(client):
    inputs = load_inputs(client(FILE + "rates: {SEK: 0.5, EUR: 11}", orders_csv=CSV))
    assert dict(inputs.transactions.data[["order_id", "amount"]].itertuples(index=False)) == {"a": 100, "b": 5, "c": 55}


def test_rates_of_a_file_hold_from_their_day_on(client):
    rates = "currency,day,rate\nSEK,2024-01-01,0.9\nSEK,2024-02-01,0.8\nSEK,2024-03-01,0.7\nEUR,,11.5\n"
    inputs = load_inputs(client(FILE + "rates: rates.csv", orders_csv=CSV, rates_csv=rates))
    assert dict(inputs.transactions.data[["order_id", "amount"]].itertuples(index=False)) == {
        "a": 100,
        "b": 8,
        "c": 57.5,
    }


def test_several_currencies_without_rates_are_refused_with_their_sums(client):
    with pytest.raises(DataError) as caught:
        load_inputs(client(FILE, orders_csv=CSV))
    said = str(caught.value)
    assert all(code in said for code in ("NOK", "SEK", "EUR"))
    assert "rates" in said
    assert "clients/small/client.yml" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "expected a CSV file of currency rates"),
        ("code,value\nSEK,1\n", "line 1: expected the columns currency and rate"),
        (
            "currency,rate\nSEK,0\n",
            "line 2: holds 'SEK,0'; expected a currency code of three letters and a rate above 0",
        ),
        ("currency,day,rate\nSEK,1.2.2024,1\n", "line 2: holds 'SEK,1.2.2024,1'; expected a currency, a rate with"),
        ("currency,rate\nSEK,\n", "line 2: holds 'SEK,'; expected a currency, a rate with a decimal point"),
    ],
)
def test_rates_that_cannot_be_read_say_why(content, said, client):
    files = {} if content is None else {"rates_csv": content}
    with pytest.raises((ConfigError, DataError)) as caught:
        client_reading(load_config(client(FILE + "rates: rates.csv", orders_csv=CSV, **files)))
    assert said in str(caught.value)


def test_drop_list_may_name_ids_addresses_and_phones(client):
    lists = "customer_id,email,phone\n1,,\n,kari@example.no,\n,, 900 00 000 \n"
    assert drop_list(load_config(client(FILE + "drop_list: gone.csv", orders_csv=CSV, gone_csv=lists))) == {
        "1",
        "kari@example.no",
        "900 00 000",
    }


def test_report_of_a_live_database_is_made_again_each_time(client, home, postgres, monkeypatch):  # noqa: F811
    """No file tells whether its rows have changed."""
    postgres.run(
        "DROP TABLE IF EXISTS live_orders",
        "CREATE TABLE live_orders AS SELECT n % 60 AS customer_id, date '2023-07-01' + n AS order_date, "
        "100 + n AS amount FROM generate_series(0, 450) AS n",
    )
    name = client("source: {kind: sql, url_env: SMALL_DB, query: SELECT * FROM live_orders}")
    monkeypatch.setenv("SMALL_DB", postgres.url())
    assert [make_report(name, "2024-Q3", notebook="data_quality").status for _ in range(2)] == ["done", "done"]
    folder = home / "reports" / "small" / "2024-Q3-data_quality"
    assert postgres.url() not in (folder / "report.html").read_text(encoding="utf-8")
