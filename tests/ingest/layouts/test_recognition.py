"""Every export is recognised as what it is, and as nothing else."""

from __future__ import annotations

import csv

import pytest

from loyalty_lib.config.ingest import Columns
from loyalty_lib.ingest import magento, shopify, square, stripe, uci, vipps, woocommerce
from loyalty_lib.ingest.layout import FIELDS, NAMED, Layout, plain
from tests.ingest.layouts.facts import FILES
from tests.ingest.layouts.test_vipps import HEADER as VIPPS_WORKBOOK

LAYOUTS = [
    layout for module in (magento, shopify, square, stripe, uci, vipps, woocommerce) for layout in module.LAYOUTS
]
TITLES = {
    "magento.csv": "Magento orders",
    "shopify.csv": "Shopify orders",
    "square_items.csv": "Square items",
    "square_transactions.csv": "Square transactions",
    "stripe_charges.csv": "Stripe charges",
    "stripe_intents.csv": "Stripe payment intents",
    "stripe_payments.csv": "Stripe payments",
    "uci.csv": "UCI Online Retail",
    "uci_2.csv": "UCI Online Retail II",
    "vipps.csv": "Vipps settlement",
    "woocommerce_advanced.csv": "WooCommerce orders (Advanced Order Export)",
    "woocommerce_analytics.csv": "WooCommerce Analytics orders",
    "woocommerce_orders.csv": "WooCommerce orders",
}


# Headings of other years and settings, one a line, each after its layout's title.
YEARS = [line.split(": ", 1) for line in (FILES.parent / "headings.txt").read_text(encoding="utf-8").splitlines()]


def header(name):
    """Return the names in a fixture's header: its first record, in the settlement the transactions'."""
    with (FILES / name).open(encoding="utf-8", newline="") as stream:
        delimiter = ";" if name == "woocommerce_advanced.csv" else ","
        wanted = "TransactionInfo" if name == "vipps.csv" else ""
        return next(record for record in csv.reader(stream, delimiter=delimiter) if record[0].startswith(wanted))


def recognised(names):
    """Return the titles of the layouts that a header has."""
    return [layout.title for layout in LAYOUTS if layout.recognises(names)]


def test_every_file_of_the_folder_is_expected():
    assert {file.name for file in FILES.iterdir()} == set(TITLES)


@pytest.mark.parametrize("name", TITLES)
def test_a_file_has_exactly_one_layout(name):
    assert recognised(header(name)) == [TITLES[name]]
    assert recognised([f" {column.upper()} " for column in header(name)]) == [TITLES[name]]


@pytest.mark.parametrize(("title", "names"), YEARS)
def test_headings_of_other_years_are_known(title, names):
    assert recognised(names.split(",")) == [title]


def test_the_workbook_has_exactly_one_layout():
    assert recognised(VIPPS_WORKBOOK) == ["Vipps settlement workbook"]


@pytest.mark.parametrize(
    "names",
    [
        tuple(Columns.model_fields),
        ("customer_id", "order_id", "order_date", "amount"),
        ("order_id", "order_date", "status", "order_total", "customer_email"),  # anybody's table
        ("id", "amount", "created", "currency", "customer_id", "status", "livemode"),  # another table of Stripe's
        ("id", "Amount", "Created (UTC)", "Currency", "Livemode", "Arrival Date (UTC)", "Status"),  # Stripe's payouts
        ("Date", "Description", "Amount", "Balance"),  # a bank's
        ("ID", "Name", "Email", "Group", "Phone", "ZIP", "Country", "Customer Since"),  # Magento's customers
        ("SettlementInfo", "SalesUnitName", "Gross", "Currency", "Fee", "Refund", "Net"),
        ("Month", "Spend"),
    ],
)
def test_tables_that_are_none_of_these_are_recognised_by_none(names):
    assert recognised(names) == []


def test_stripes_other_tables_are_recognised_by_none(shared):
    payments = {"charge_data": ["Stripe charges"], "payment_intent_data": ["Stripe payment intents"]}
    for file in sorted((shared / "data" / "stripe").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            assert recognised(next(csv.reader(stream))) == payments.get(file.stem, []), file.name


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.title)
def test_a_layout_is_sound(layout: Layout):
    """It fills known columns, finds a day and an amount by its signature alone, and its settings go together."""
    assert set(layout.columns) | set(layout.expressions) <= set(FIELDS)
    sure = {plain(name) for group in layout.signature for name in group}
    amounts = [field for field in ("amount", "quantity", "unit_price") if field in layout.columns]
    assert amounts in (["amount"], ["quantity", "unit_price"])
    for field in ("order_id", "order_date", *amounts):
        assert sure & {plain(name) for name in layout.columns[field]}, field
    assert not layout.once or "order_id" in layout.columns
    assert not layout.sales or "status" in layout.columns or "status" in layout.expressions
    assert all(status == status.lower().strip() for status in layout.sales)
    assert {plain(name) for name in NAMED.findall(layout.rows)} <= sure
    assert all(NAMED.findall(sql) for sql in layout.expressions.values())


def test_an_expression_needs_the_columns_it_names():
    (layout,) = shopify.LAYOUTS
    assert layout.expression("test", ["Name", " payment method"]) == layout.expressions["test"]
    assert layout.expression("test", ["Name", "Total"]) is None
    assert layout.expression("amount", ["Name", "Total"]) is None
