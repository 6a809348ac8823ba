"""Refunds under an order id of their own find the order they take back."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.ingest.settle import settle
from tests.ingest.settling import row, settled


def taken_back(result):
    """Return the order id and day of each refund, sorted."""
    return [(order, on) for _, order, on, amount in result.rows if amount < 0]


def test_the_last_purchase_of_the_same_product_and_amount_is_taken_back():
    """Bought on days 1, 3 and 9: the refund of day 5 takes back day 3's."""
    rows = [row("A", "1", 1), row("A", "3", 3), row("A", "9", 9), row("A", "r", 5, -100)]
    result = settled(rows)
    assert taken_back(result) == [("3", 5)]
    assert result.source.refunds_matched == 1
    assert result.source.orders == 4  # as the files have them
    (note,) = result.source.notes
    assert note.endswith("same product and amount: 1.")


@pytest.mark.parametrize(
    "other",
    [
        row("B", "1", 1),
        row("A", "1", 1, product="pot"),
        row("A", "1", 1, 99),
        row("A", "1", 6),
        row("A", None, 1),
    ],
)
def test_what_differs_in_customer_product_or_amount_or_comes_later_is_not(other):
    """Nor can an order without an id be named."""
    result = settled([other, row("A", "r", 5, -100)])
    assert (taken_back(result), result.source.refunds_matched) == ([("r", 5)], 0)


def test_each_purchase_is_taken_back_once():
    """Two purchases and three refunds in a row: the first refund takes the last purchase, the third finds none; a later
    purchase is there for the next."""
    rows = [
        row("A", "1", 1),
        row("A", "2", 2),
        *(row("A", f"r{on}", on, -100) for on in (3, 4, 5, 7)),
        row("A", "6", 6),
    ]
    assert taken_back(settled(rows)) == [("1", 4), ("2", 3), ("6", 7), ("r5", 5)]


def test_what_the_order_s_own_refund_took_is_gone():
    rows = [row("A", "1", 1), row("A", "2", 2), row("A", "2", 3, -100), row("A", "r", 5, -100)]
    assert taken_back(settled(rows)) == [("1", 5), ("2", 3)]


def test_a_refund_of_its_own_order_stays_whatever_the_amount():
    rows = [row("A", "1", 1), row("A", "2", 2, 30), row("A", "1", 3, -30)]
    result = settled(rows)
    assert (taken_back(result), result.source.refunds_matched) == ([("1", 3)], 0)


def test_another_customer_s_order_of_the_same_id_does_not_count_as_its_own():
    rows = [row("B", "r", 1), row("A", "1", 1), row("A", "r", 2, -100)]
    assert taken_back(settled(rows)) == [("1", 2)]


def test_within_a_day_purchases_come_first_and_a_refund_without_an_id_is_matched_too():
    rows = [row("A", None, 1, -100, product="cup"), row("A", "9", 1, 100, product="cup")]
    assert taken_back(settled(rows)) == [("9", 1)]


def test_rows_of_nobody_are_not_matched():
    result = settled([row(None, "1", 1), row(None, "r", 2, -100)])
    assert (result.source.refunds_matched, result.source.lines_without_customer) == (0, 2)


def test_amounts_are_compared_before_they_are_converted():
    """Bought at 1.1 and paid back at 1.2: the same 100 SEK."""
    rates = [("SEK", None, 1.1), ("SEK", settled([row()]).source.first_day, 1.2)]
    rows = [row("A", "1", -3, currency="SEK"), row("A", "r", 4, -100, currency="SEK"), row("A", "2", 0, 120)]
    result = settled(rows, currency="NOK", rates=rates)
    assert result.rows == [("A", "1", -3, 110), ("A", "1", 4, -120), ("A", "2", 0, 120)]


def by_hand(rows):
    """Match by walking through the days with a stack a customer, product and amount; return (day, order) of refunds."""
    bought = {(r["customer_id"], r["order_id"]) for r in rows if r["amount"] >= 0}
    own = Counter()
    for r in rows:
        key = (r["customer_id"], r["order_id"])
        if r["amount"] < 0 and key in bought:
            own[(*key, r["product"], -r["amount"])] += 1
    stacks, found = {}, []
    ordered = sorted(rows, key=lambda r: (r["order_date"], r["amount"] < 0, r["order_id"]))
    for r in ordered:
        key = (r["customer_id"], r["product"], abs(r["amount"]))
        stack = stacks.setdefault(key, [])
        if r["amount"] > 0:
            mine = (r["customer_id"], r["order_id"], r["product"], r["amount"])
            if own[mine] > 0:
                own[mine] -= 1
            else:
                stack.append(r["order_id"])
        elif r["amount"] < 0:
            orphan = (r["customer_id"], r["order_id"]) not in bought
            order = stack.pop() if orphan and stack else r["order_id"]
            found.append((r["customer_id"], order, (r["order_date"]).isoformat(), r["amount"], r["product"]))
    return sorted(found, key=str)


@pytest.mark.parametrize("seed", range(6))
def test_matching_agrees_with_a_walk_through_the_days(seed):
    """400 rows of 3 customers with 2 products and 2 amounts: refunds of own orders, of others', too many, too early."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(400):
        refund = rng.random() < 0.45
        order = f"r{number:03}" if refund and rng.random() < 0.7 else f"o{rng.integers(120):03}"
        on = int(rng.integers(40)) if order[0] == "r" else int(order[1:]) // 3
        amount = float(rng.choice([10, 20])) * (-1 if refund else 1)
        product = [None, "cup"][rng.integers(2)]
        rows.append(row(f"c{rng.integers(3)}", order, on, amount, product=product))
    result = settled(rows)
    query = "SELECT customer_id, order_id, order_date, amount::DOUBLE, product FROM usable_rows WHERE amount < 0"
    found = [
        (who, order, on.isoformat(), amount, product)
        for who, order, on, amount, product in result.engine.connection.execute(query).fetchall()
    ]
    assert sorted(found, key=str) == by_hand(rows)
    assert 20 < result.source.refunds_matched < 180


@pytest.fixture(scope="module")
def online_retail(shared):
    """Return the engine and the source of the published file of a British wholesaler."""
    file = shared / "data" / "online-retail-2010-2011" / "online_retail.csv.gz"
    engine = Engine("1GB")
    engine.run("read_macros")
    engine.run("file_rows")
    engine.connection.execute(
        """INSERT INTO file_rows BY NAME
        SELECT
            0 AS file, row_number() OVER () AS record, regexp_replace(CustomerID, '[.]0$', '') AS customer_id,
            InvoiceNo AS order_id, InvoiceDate::TIMESTAMP::DATE AS order_date,
            Quantity::DECIMAL(18, 6) * UnitPrice::DECIMAL(18, 6) AS amount, starts_with(InvoiceNo, 'C') AS refund,
            StockCode AS product, Country AS country,
            hash(InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country) AS row_hash
        FROM read_csv($file, all_varchar = true, quote = '"')""",
        {"file": str(file)},
    )
    source = settle(
        engine, ingest=Ingest(), names=["online_retail.csv.gz"], drop_list=(), currency="GBP", rates=None, there=""
    )
    return engine, source


def test_online_retail_comes_to_its_known_figures(online_retail):
    _, source = online_retail
    assert (source.rows, source.customers, source.orders) == (541_909, 4_372, 25_900)
    assert source.net_sales == pytest.approx(9_747_747.934, abs=1e-6)
    assert (source.lines_without_customer, source.refunds, source.duplicates) == (135_080, 9_288, 5_268)
    assert (source.left_out, source.currency) == ((), "GBP")


def test_online_retail_s_two_mistyped_orders_are_taken_back(online_retail):
    """Invoice 541431 (74,215 of product 23166) is cancelled by C541433, 581483 (80,995 of 23843) by C581484."""
    engine, source = online_retail
    query = (
        "SELECT customer_id, order_id, sum(amount), count(*) FROM usable_rows WHERE order_id IN ('541431', '581483') "
    )
    orders = engine.connection.execute(query + "GROUP BY ALL ORDER BY ALL").fetchall()
    assert orders == [("12346", "541431", 0, 2), ("16446", "581483", 0, 2)]
    giants = [(giant.order_id, giant.amount, giant.cancelled) for giant in source.giant_orders[:3]]
    assert giants == [("581483", 168_469.6, True), ("541431", 77_183.6, True), ("556444", 38_970.0, False)]
