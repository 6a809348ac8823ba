"""Transactions and their quality: refunds by every policy, merged days, the drop-list, the last day read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.columns import CANONICAL
from loyalty_lib.errors import DataError
from loyalty_lib.quality import LeftOut
from loyalty_lib.validate import read_transactions

# customer, order, day (January unless said), amount; the truth below is worked out by hand.
SHOP = [
    ("A", "o1", "2024-01-10", 100),  # refunded in part, later
    ("A", "o1", "2024-02-05", -30),
    ("A", "o2", "2024-01-20", 50),
    ("B", "o3", "2024-01-05", 40),  # a refund that names no order of theirs
    ("B", "r9", "2024-01-25", -15),
    ("C", "r1", "2024-01-15", -20),  # nothing but a refund
    ("D", "o4", "2024-01-10", 60),  # refunded in full
    ("D", "o4", "2024-03-01", -60),
    ("D", "o5", "2024-02-02", 25),
    ("E", "o6", "2024-01-01", 10),  # a refund of no order, on a day of a purchase
    ("E", "o7", "2024-01-08", 20),
    ("E", "r2", "2024-01-08", -5),
    ("F", "r3", "2024-01-02", -7),  # a refund of no order, before any purchase
    ("F", "o8", "2024-01-09", 30),
    ("G", "o9", "2024-01-03", 0),  # free of charge
]
PURCHASE_DAYS = {
    "A": {"01-10": 70, "01-20": 50},
    "B": {"01-05": 25},
    "D": {"02-02": 25},
    "E": {"01-01": 10, "01-08": 15},
    "F": {"01-09": 30},
    "G": {"01-03": 0},
}
GROSS = PURCHASE_DAYS | {
    "A": {"01-10": 100, "01-20": 50},
    "B": {"01-05": 40},
    "D": {"01-10": 60, "02-02": 25},
    "E": {"01-01": 10, "01-08": 20},
}
NET_SALES = PURCHASE_DAYS | {
    "A": {"01-10": 100, "01-20": 50, "02-05": -30},
    "B": {"01-05": 40, "01-25": -15},
    "C": {"01-15": -20},
    "D": {"01-10": 60, "02-02": 25, "03-01": -60},
    "F": {"01-02": -7, "01-09": 30},
}
ON_ORDER_DAY = NET_SALES | {"A": {"01-10": 70, "01-20": 50}, "D": {"01-10": 0, "02-02": 25}}


def frame(rows):
    return pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "amount"])


def table(transactions, name):
    """Return a table of the engine as {customer: {month-day: amount}}."""
    found = defaultdict(dict)
    for customer, day, amount in transactions.engine.connection.sql(
        f"SELECT customer_id, day, amount FROM {name}"
    ).fetchall():
        found[customer][f"{day:%m-%d}"] = amount
    return dict(found)


@pytest.mark.parametrize(
    ("refunds", "purchase_days", "net_sales"),
    [("net", PURCHASE_DAYS, NET_SALES), ("order_day", PURCHASE_DAYS, ON_ORDER_DAY), ("drop", GROSS, GROSS)],
)
def test_refund_policies(refunds, purchase_days, net_sales):
    transactions = read_transactions(frame(SHOP), refunds=refunds)
    assert table(transactions, "purchase_days") == purchase_days
    assert table(transactions, "net_sales") == net_sales


def test_quality_counts_refunds_whatever_becomes_of_them():
    for refunds in ("net", "order_day", "drop"):
        quality = read_transactions(frame(SHOP), refunds=refunds).quality
        assert (quality.refund_rows, quality.refund_amount, quality.zero_rows) == (6, -137, 1)
        assert quality.rows_read == 15
    assert quality.rows_used == 9
    assert str(quality.notes[0]) == "Refunds are left out of every figure: 6 rows, 137.00 in all."


def test_quality_of_the_hand_made_shop():
    quality = read_transactions(frame(SHOP)).quality
    assert (quality.customers, quality.orders, quality.purchase_days) == (6, 8, 8)
    assert (quality.cancelled_orders, quality.refund_rows_without_purchase) == (1, 1)
    assert (quality.first_day, quality.last_day) == (dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    assert [str(note) for note in quality.notes] == [
        "Refunds count on the day they were paid: 6 rows, 137.00 in all.",
        "Orders that were refunded in full are no purchases: 1.",
    ]


def test_refund_of_part_of_a_day_leaves_the_other_order():
    rows = [("A", "1", "2024-01-01", 10), ("A", "2", "2024-01-01", 5), ("A", "1", "2024-01-09", -10)]
    transactions = read_transactions(frame(rows))
    assert transactions.engine.connection.sql("SELECT orders, amount FROM purchase_days").fetchall() == [(1, 5)]


def test_same_order_id_of_two_customers_is_two_orders():
    rows = [("A", "1", "2024-01-01", 10), ("B", "1", "2024-01-01", 10), ("B", "1", "2024-01-02", -10)]
    assert table(read_transactions(frame(rows)), "purchase_days") == {"A": {"01-01": 10}}


def test_orders_of_one_day_merge_and_lines_of_one_order_are_one():
    rows = [("A", "1", "2024-01-01", 10), ("A", "1", "2024-01-01", 5), ("A", "2", "2024-01-01", 1)]
    transactions = read_transactions(frame(rows))
    assert transactions.engine.connection.sql("FROM purchase_days").fetchall() == [
        ("A", dt.date(2024, 1, 1), 2, Decimal(16))
    ]
    assert transactions.quality.same_day_merged == 1


def expected_purchase_days(rows):
    """Work out purchase days row by row, by the definition: slow, plain, and not in SQL."""
    orders = defaultdict(list)
    for customer, order, day, amount in rows:
        orders[customer, order].append((day, amount))
    days = defaultdict(int)
    loose = []
    for (customer, _), moves in orders.items():
        bought = [(day, amount) for day, amount in moves if amount >= 0]
        refunded = [(day, amount) for day, amount in moves if amount < 0]
        if not bought:
            loose += [(customer, day, amount) for day, amount in refunded]
        elif not refunded or sum(amount for _, amount in moves) > 0:
            for day, amount in bought:
                days[customer, day] += amount
            days[customer, min(bought)[0]] += sum(amount for _, amount in refunded)
    known = sorted(days)
    for customer, day, amount in loose:
        earlier = [key for key in known if key[0] == customer and key[1] <= day]
        if earlier:
            days[earlier[-1]] += amount
    return dict(days)


def test_purchase_days_agree_with_the_definition_worked_out_row_by_row():
    rng = np.random.default_rng(11)
    start = dt.date(2024, 1, 1)
    rows = [
        # Refunds are odd and purchases even, so that no refund is one of a whole other order's.
        (
            f"c{rng.integers(60)}",
            f"o{rng.integers(8)}",
            str(start + dt.timedelta(int(rng.integers(20)))),
            int(2 * amount) if amount >= 0 else int(2 * amount + 1),
        )
        for amount in rng.integers(-12, 20, size=900)
    ]
    found = {
        (customer, str(day)): int(amount)
        for customer, day, amount in read_transactions(frame(rows))
        .engine.connection.sql("SELECT customer_id, day, amount FROM purchase_days")
        .fetchall()
    }
    assert found == expected_purchase_days(rows)


def test_the_order_of_rows_changes_nothing():
    shuffled = frame(SHOP).sample(frac=1, random_state=3)
    plain, mixed = read_transactions(frame(SHOP)), read_transactions(shuffled)
    pd.testing.assert_frame_equal(plain.data, mixed.data, check_exact=True)
    assert vars(plain.quality) == vars(mixed.quality)


def test_the_order_of_rows_changes_nothing_without_order_ids():
    rows = frame(SHOP).drop(columns="order_id")
    pd.testing.assert_frame_equal(read_transactions(rows).data, read_transactions(rows[::-1]).data, check_exact=True)


def test_data_has_the_canonical_columns_and_float_amounts():
    data = read_transactions(frame(SHOP)).data
    assert list(data.columns) == [column.name for column in CANONICAL]
    assert data["amount"].dtype == np.float64
    assert data["order_date"].dtype.kind == "M"


def test_customers_on_the_drop_list_are_nowhere():
    rows = [*SHOP, ("X", "o99", "2024-01-01", 1_000)]
    transactions = read_transactions(frame(rows), drop_list=["X", "not a customer"])
    plain = read_transactions(frame(SHOP))
    pd.testing.assert_frame_equal(transactions.data, plain.data)
    connection = transactions.engine.connection
    tables = [name for (name,) in connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert sorted(tables) == ["net_sales", "purchase_days", "transactions"]
    assert connection.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []
    assert not any(connection.sql(f"SELECT 1 FROM {name} WHERE customer_id = 'X'").fetchall() for name in tables)
    found, without = vars(transactions.quality).copy(), vars(plain.quality).copy()
    (file,), (other,) = found.pop("files"), without.pop("files")
    dropped = LeftOut(reason="drop-list", rows=1, amount=1_000.0)
    assert (file.rows, found.pop("source")) == (
        other.rows + 1,
        replace(without.pop("source"), rows=other.rows + 1, left_out=(dropped,)),
    )
    assert found == without | {"dropped_rows": 1}


def test_mistakes_in_rows_of_the_drop_list_are_not_looked_at():
    rows = [*SHOP, ("X", "o99", "some day", 1)]
    assert read_transactions(frame(rows), drop_list=["X"]).quality.rows_used == 15


def test_rows_after_the_last_day_are_as_if_never_written():
    until = dt.date(2024, 1, 31)
    early = [row for row in SHOP if row[2] <= "2024-01-31"]
    cut, plain = read_transactions(frame(SHOP), until=until), read_transactions(frame(early))
    pd.testing.assert_frame_equal(cut.data, plain.data)
    assert table(cut, "purchase_days") == table(plain, "purchase_days")
    assert vars(cut.quality) == vars(plain.quality)


def test_nobody_who_bought_is_a_problem():
    with pytest.raises(DataError, match=r"expected a customer's purchase on or before 2023-12-31\. Choose a later"):
        read_transactions(frame(SHOP), until=dt.date(2023, 12, 31))
    with pytest.raises(DataError, match="expected a row of a customer with an amount of 0 or more"):
        read_transactions(frame([("C", "r1", "2024-01-15", -20)]))


def test_what_was_paid_back_of_a_row_is_a_transaction_and_no_row_of_the_source():
    rows = pd.DataFrame(
        {
            "customer_id": ["A", "B", None],
            "order_date": ["2024-01-01", "2024-01-02", "2024-01-03"],
            "amount": [10, 20, 30],
            "refunded": [4, 0, 0],
        }
    )
    transactions = read_transactions(rows)
    assert (transactions.quality.rows_read, transactions.quality.rows_used, len(transactions.data)) == (3, 2, 3)
    assert transactions.data["amount"].sum() == 26
