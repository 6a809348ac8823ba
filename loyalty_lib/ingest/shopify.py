"""Shopify's order export (Orders > Export): a row a line item, the order's own fields on the first of its rows only.

Documented in Shopify's help centre under "Exporting orders".  What its rows mean:

- ``Total`` is what the customer paid for the order, shipping and taxes included, before any refund.  It stands once an
  order.  Spreadsheet users fill it down; it is still counted once.
- ``Refunded Amount`` is the sum of the order's refunds.  Their days are not exported: they count on the order's day.
- ``Name`` ("#1001") is the order.  ``Id`` is the order's internal number, on the first row only; never a customer.
- There is no customer id (an app may add ``Customer ID``): the e-mail recognises a customer, then the phone.
- ``Financial Status``: paid, partially_paid, partially_refunded and refunded are sales.  Of "authorized" the money is
  reserved but not taken, so it counts from the export on in which it is paid; pending, expired and voided are no sales.
  A cancelled order that was never paid back is still paid.
- ``Payment Method`` names the bogus gateway on test orders.
- ``Created at`` has the shop's offset ("2024-03-31 23:30:00 -0500").
- ``Vendor`` is a supplier, not a category.  The columns differ from year to year.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

LAYOUTS: Final = (
    Layout(
        name="shopify",
        title="Shopify orders",
        signature=(("Name",), ("Created at",), ("Total",), ("Lineitem name",)),
        columns={
            "customer_id": ("Customer ID",),
            "email": ("Email",),
            "phone": ("Phone", "Billing Phone", "Shipping Phone"),
            "order_id": ("Name",),
            "order_date": ("Created at",),
            "amount": ("Total",),
            "refunded": ("Refunded Amount",),
            "currency": ("Currency",),
            "status": ("Financial Status",),
            "product": ("Lineitem name",),
            "channel": ("Source",),
            "country": ("Billing Country", "Shipping Country"),
            "tags": ("Tags",),
            "consent": ("Accepts Marketing",),
        },
        expressions={
            "phone": """coalesce(nullif(trim("Phone"), ''), nullif(trim("Billing Phone"), ''), "Shipping Phone")""",
            "country": """coalesce(nullif(trim("Billing Country"), ''), "Shipping Country")""",
            "test": """CASE WHEN "Payment Method" ILIKE '%bogus%' THEN 'yes' END""",
        },
        once=True,
        sales=frozenset({"paid", "partially_paid", "partially_refunded", "refunded"}),
        vat_included=True,
    ),
)
