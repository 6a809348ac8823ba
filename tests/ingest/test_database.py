"""Databases: what a query finds, as text and in pieces; nothing is written, and no password is ever said."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
import subprocess
import sys
import traceback
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest

from loyalty_lib.config import SqlSource
from loyalty_lib.errors import DataError, LoyaltyError, MissingToolError, UsageError
from loyalty_lib.ingest.database import resolve, run_query, sqlite_tables
from loyalty_lib.paths import CHECKOUT
from tests.postgres import postgres  # noqa: F401  (a fixture)

VARIABLE = "ACME_DATABASE"
PLANTED = "s3cret-Pa55word"
STATM = Path("/proc/self/statm")
ORDERS = [  # customer, order, when, amount: twelve orders, four within an hour of a midnight in Oslo
    ("A", 1, "2024-03-30 22:59:59+00", "100.00"),
    ("A", 2, "2024-03-30 23:00:00+00", "1299.50"),
    ("B", 3, "2024-03-31 21:59:59+00", "0.10"),
    ("B", 4, "2024-03-31 22:00:00+00", "-49.90"),
    (None, 5, "2024-06-01 12:00:00+02", "20"),
    ("C", 6, "2024-06-01 12:00:00.25+02", "1000000"),
    ("00417", 7, "2024-06-02 00:00:00+02", "19.99"),
    (None, 8, "2024-06-02 08:30:00-04", "0"),
    ("D", 9, "2024-12-31 23:59:59+01", "12.345678"),
    ("D", 10, "2025-01-01 00:00:00+01", "5"),
    ("Æ Ø", 11, "2025-01-01 00:00:01+01", "7.5"),
    ("E", 12, "2025-01-02 10:00:00+01", "3.25"),
]


def rows(url, query, shown=VARIABLE):
    result = run_query(url, query, shown=shown)
    found = list(chain.from_iterable(chunk.to_pylist() for chunk in result.chunks))
    assert [row.pop("record") for row in found] == list(range(1, len(found) + 1))
    assert {row.pop("line") for row in found} == {None}
    return result.names, [tuple(row.values()) for row in found]


def refusal(url, query="SELECT 1 AS one"):
    with pytest.raises(DataError) as caught:
        rows(url, query)
    (problem,) = caught.value.problems
    assert problem.file == VARIABLE
    return problem


@pytest.fixture(scope="module")
def server(request):
    """Return the server, with the twelve orders in the table "orders"."""
    server = request.getfixturevalue("postgres")
    values = ", ".join(
        f"({'NULL' if customer is None else repr(customer)}, {order}, '{when}', {amount})"
        for customer, order, when, amount in ORDERS
    )
    server.run(
        "CREATE TABLE orders (customer text, id int, created timestamptz, amount numeric)",
        f"INSERT INTO orders VALUES {values}",
        "CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS 'DELETE FROM orders RETURNING 1'",
        "CREATE SEQUENCE numbers",
    )
    return server


@pytest.fixture
def shop(tmp_path):
    """Return a SQLite file with three orders."""
    path = tmp_path / "a shop?#100%.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (customer TEXT, day TEXT, amount REAL, picture BLOB)")
        connection.execute("CREATE VIEW spend AS SELECT customer, sum(amount) AS total FROM orders GROUP BY customer")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)",
            [("007", "2024-01-01", 17850.0, b"x"), (None, "2024-01-02", 1299.5, b"x"), ("Ø", "2024-01-03", 1e-7, b"x")],
        )
    connection.close()
    return path


# SQLite


def test_a_sqlite_file_reads_as_text_and_stays_as_it_is(shop):
    before = shop.read_bytes()
    names, found = rows(shop, "SELECT customer, day, amount, 1 AS n FROM orders;")
    assert names == ("customer", "day", "amount", "n")
    assert found == [
        ("007", "2024-01-01", "17850", "1"),
        (None, "2024-01-02", "1299.5", "1"),
        ("Ø", "2024-01-03", "0.0000001", "1"),
    ]
    assert shop.read_bytes() == before
    assert [path.name for path in shop.parent.iterdir()] == [shop.name]


def test_a_sqlite_url_reads_as_its_file(shop):
    plain = shop.rename(shop.with_name("shop.sqlite"))
    assert rows(f"sqlite:///{plain}", "SELECT count(*) FROM orders")[1] == [("3",)]


def test_a_sqlite_file_with_a_write_ahead_log_is_read_up_to_its_last_write(shop):
    writer = sqlite3.connect(shop)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.close()
    before = shop.read_bytes()
    assert rows(shop, "SELECT count(*) FROM orders")[1] == [("3",)]
    assert (shop.read_bytes(), [path.name for path in shop.parent.iterdir()]) == (before, [shop.name])
    writer = sqlite3.connect(shop)
    writer.execute("INSERT INTO orders VALUES ('D', '2024-01-04', 1, NULL)")
    writer.commit()
    assert rows(shop, "SELECT count(*) FROM orders")[1] == [("4",)]
    assert shop.read_bytes() == before
    writer.close()


def test_the_tables_of_a_sqlite_file_are_listed_with_their_columns(shop):
    assert sqlite_tables(shop) == {"orders": ("customer", "day", "amount", "picture"), "spend": ("customer", "total")}


@pytest.mark.parametrize(
    ("query", "expected", "remedy"),
    [
        ("SELECT * FROM ordrs", "no such table: ordrs", "The file has the tables orders, spend."),
        ("SELECT buyer FROM orders", "no such column: buyer", "Mend source.query."),
        ("SELECT FROM", "syntax error", "Mend source.query."),
        ("SELECT * FROM orders WHERE amount < 0", "rows", "it finds none"),
        ("SELECT picture FROM orders", "not bytes", "Leave the column out"),
        ("SELECT 1; SELECT 2", "one SELECT", "nothing after it"),
        ("DELETE FROM orders", "one SELECT", "nothing after it"),
        ("DELETE FROM orders -- SELECT", "one SELECT", "nothing after it"),
        ("WITH gone AS (SELECT 1) DELETE FROM orders", "readonly", "Mend"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_and_changes_nothing(shop, query, expected, remedy):
    before = shop.read_bytes()
    problem = refusal(shop, query)
    assert expected in problem.expected
    assert remedy in problem.remedy
    assert shop.read_bytes() == before


@pytest.mark.parametrize("query", ["SELECT ';' AS x;\n", "select 1 -- one; two", "/* a; b */ VALUES (1)"])
def test_a_semicolon_in_a_text_or_a_comment_ends_no_query(query, shop):
    assert len(rows(shop, query)[1]) == 1


def test_what_is_no_sqlite_file_is_refused(tmp_path):
    (tmp_path / "dump.sqlite").write_text("CREATE TABLE orders (customer TEXT);\n" * 50, encoding="utf-8")
    assert refusal(tmp_path / "dump.sqlite").expected == "a SQLite file"
    assert "No such file" in refusal(tmp_path / "missing.sqlite").remedy
    assert not (tmp_path / "missing.sqlite").exists()


def test_chinook_has_412_invoices_of_2328_60(shared):
    """Sum and count as published with the Chinook sample database."""
    path = shared / "data" / "chinook" / "Chinook_Sqlite.sqlite"
    _, found = rows(path, "SELECT CustomerId, InvoiceDate, Total FROM Invoice")
    assert (len(found), sum(Decimal(total) for _, _, total in found)) == (412, Decimal("2328.60"))
    assert found[0] == ("2", "2021-01-01 00:00:00", "1.98")


def test_columns_of_numbers_are_told_from_columns_of_text(shop):
    query = "SELECT customer, amount, day, NULL AS empty, iif(day > '2024-01-01', 1, '1') AS mixed FROM orders"
    result = run_query(shop, query, shown=VARIABLE)
    assert len(list(result.chunks)) == 1
    assert result.numeric == {1}


# PostgreSQL


def test_postgresql_reads_the_twelve_orders(server):
    names, found = rows(server.url(), "SELECT customer, id, created, amount FROM orders ORDER BY id")
    assert names == ("customer", "id", "created", "amount")
    assert [(customer, int(order), amount) for customer, order, _, amount in found] == [
        (customer, order, amount) for customer, order, _, amount in ORDERS
    ]
    moments = [dt.datetime.fromisoformat(created) for _, _, created, _ in found]
    assert all(moment.tzinfo for moment in moments)
    assert moments == [dt.datetime.fromisoformat(when) for _, _, when, _ in ORDERS]


def test_every_type_of_postgresql_reads_plainly_or_is_refused(server):
    query = (
        "SELECT timestamp '2024-03-31 02:30:00', date '2024-02-29', time '09:30', 1e30::numeric, 1e-10::numeric, "
        "0.1::real, 17850::float8, true, '{5e7f0a3c-0000-4000-8000-000000000001}'::uuid, NULL::int"
    )
    assert rows(server.url("postgres"), query)[1] == [
        (
            *("2024-03-31T02:30:00", "2024-02-29", "09:30:00", "1" + "0" * 30, "0.0000000001", "0.1", "17850", "true"),
            *("5e7f0a3c-0000-4000-8000-000000000001", None),
        )
    ]
    assert refusal(server.url(), "SELECT '\\x00'::bytea AS picture").expected.endswith("not bytes")
    assert refusal(server.url(), "SELECT '{}'::json AS tags").column == "tags"


def test_percent_colon_and_parentheses_in_a_query_mean_themselves(server):
    query = "(SELECT id, id, ':x' AS c FROM orders WHERE customer LIKE '%Ø' AND amount::int > 1 AND $$;$$ = ';')"
    assert rows(server.url(), query) == (("id", "id", "c"), [("11", "11", ":x")])


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO orders VALUES ('Z') RETURNING id",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
        "SELECT sneak()",
        "SELECT nextval('numbers')",
        "SELECT * INTO copied FROM orders",
        "SELECT 1 FROM orders FOR UPDATE",
        "SELECT E'\\''; COMMIT; DELETE FROM orders; --'",
    ],
)
def test_nothing_is_written_to_postgresql(server, query):
    refusal(server.url(), query)
    assert server.value("SELECT count(*) FROM orders") == len(ORDERS)
    assert server.value("SELECT is_called FROM numbers") is False
    assert server.value("SELECT to_regclass('copied')") is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM ordrs", 'relation "ordrs" does not exist'),
        ("SELECT 1 FROM", "syntax error at end of input"),
        ("SELECT id FROM orders WHERE id > 12", "rows"),
        ("SELECT 'infinity'::timestamptz", "timestamp too large"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "a connection that lasts"),
    ],
)
def test_postgresql_says_what_is_wrong_with_a_query(server, query, expected):
    assert expected in refusal(server.url(), query).expected


STREAM = """
import os
from pathlib import Path
from loyalty_lib.errors import DataError
from loyalty_lib.ingest.database import run_query
query = "SELECT i, repeat('x', 1000), 1 / (100000 - i) FROM generate_series(1, 100000) i"
chunks = run_query(os.environ["STREAMED"], query, shown="STREAMED").chunks
try:
    for chunk in chunks:
        print(len(chunk), int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
except DataError as error:
    print(error.problems[0].expected)
"""


@pytest.mark.skipif(not STATM.exists(), reason="this system does not tell how much memory a process uses")
def test_a_hundred_thousand_rows_stream_through_little_memory(server):
    """The rows hold 100 MB of text; the last one fails, which a reader that collects them first would find at once.

    In a process of its own, whose memory holds nothing else.
    """
    environment = {"STREAMED": server.url(), "PYTHONPATH": str(CHECKOUT), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", STREAM], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    *lines, end = done.stdout.splitlines()
    counts, sizes = zip(*(map(int, line.split()) for line in lines), strict=True)
    assert counts == (10_000,) * 9
    assert "division by zero" in end
    assert max(sizes) - sizes[2] < 30e6  # 60 MB of text have passed since


# Passwords


def said(error):
    """Return all that an error may print, its causes and contexts included."""
    texts = ["".join(traceback.format_exception(error))]
    while error is not None:
        texts += [str(error), repr(error), repr(error.args)]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("other", "query", "expected"),
    [
        ({"password": PLANTED}, "SELECT 1", "refused the user or the password"),
        ({"user": "somebody"}, "SELECT 1", "refused the user or the password"),
        ({"database": "nosuch"}, "SELECT 1", "a database of this name"),
        ({"port": 1}, "SELECT 1", "answers within 10 seconds"),
        ({"host": "no-such-host.invalid"}, "SELECT 1", "answers within 10 seconds"),
        ({"host": "x" * 70}, "SELECT 1", "answers within 10 seconds"),
        ({"port": PLANTED}, "SELECT 1", "the URL of a database"),
        ({"scheme": "nosuch"}, "SELECT 1", "known kind of database"),
        ({"database": "postgres?sslmode=" + PLANTED}, "SELECT 1", "answers within 10 seconds"),
        ({"password": "a/" + PLANTED}, "SELECT 1", "refused the user or the password"),
        ({}, "SELECT pg_terminate_backend(pg_backend_pid())", "a connection that lasts"),
        ({}, "SELECT * FROM nosuch", "does not exist"),
        ({}, "SELECT (current_user || 'x')::regrole", "a query that can be answered"),
        ({}, "SELECT FROM WHERE", "syntax error"),
        ({}, "SELECT 1 / 0", "division by zero"),
    ],
)
def test_no_failure_names_password_user_or_host(server, caplog, capfd, other, query, expected):
    url = server.url(**other)
    with caplog.at_level(logging.DEBUG), pytest.raises(LoyaltyError) as caught:
        rows(url, query)
    assert expected in str(caught.value)
    assert VARIABLE in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    everything = said(caught.value) + caplog.text + "".join(capfd.readouterr())
    for secret in (PLANTED, server.password, server.user, server.host, "somebody", "no-such-host", "x" * 70):
        assert secret not in everything


def test_a_missing_driver_says_how_to_install_it(monkeypatch):
    url = f"postgresql://me:{PLANTED}@localhost/shop"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingToolError, match="make setup EXTRA=db") as caught:
        run_query(url, "SELECT 1", shown=VARIABLE)
    assert PLANTED not in said(caught.value)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingToolError, match="make setup EXTRA=db"):
        run_query(url, "SELECT 1", shown=VARIABLE)


def test_the_url_comes_from_the_environment_and_the_file_from_the_clients_folder(monkeypatch, tmp_path):
    by_name = SqlSource(kind="sql", url_env=VARIABLE, query="SELECT 1")
    monkeypatch.setenv(VARIABLE, " postgresql://x ")
    assert resolve(by_name, tmp_path) == ("postgresql://x", VARIABLE)
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(UsageError, match=f"{VARIABLE} is not set. Set it to"):
        resolve(by_name, tmp_path)
    by_path = SqlSource(kind="sql", path="data/shop.sqlite", query="SELECT 1")
    assert resolve(by_path, tmp_path) == (tmp_path / "data" / "shop.sqlite", "data/shop.sqlite")
