"""Stripe's payments: the Dashboard's export, and the API's tables of charges and payment intents.

Documented on docs.stripe.com: "Exporting reports" and the API reference of Charge and PaymentIntent; the tables' names
are those in which Fivetran and others copy them.  What its rows mean:

- A row is an attempt to pay; there are no products.  Failed, pending, uncaptured and cancelled ones are no sales: they
  are left out by ``Status``, and a charge that was reserved but not captured counts as "uncaptured".
- The Dashboard writes 19.00, the API 1900 cents; yen and their like have no cents.
- ``Amount`` and ``Currency`` are what the customer paid.  ``Converted Amount`` is the same in the account's own
  currency and is not read: with several currencies, rates are to be set.
- ``Amount Refunded`` is the sum of refunds; their days stand in another export.  They count on the payment's day.
- Moments are UTC ("Created (UTC)", later "Created date (UTC)").
- Mode "Test" or a false ``livemode`` marks tests.
- Payment intents do not tell refunds: read charges where there are both, and never both together.
- A dispute that was lost still counts as paid.

Customers, invoices, plans, subscriptions, balance transactions, refunds and payouts are no orders, and are not of this
layout.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

# The API's boolean columns, as databases and exports write them.
NOT_LIVE: Final = """CASE WHEN lower(trim("livemode")) IN ('false', 'f', '0', 'no') THEN 'yes' END"""
CAPTURED: Final = """
CASE
    WHEN lower(trim("captured")) IN ('false', 'f', '0', 'no') AND lower(trim("status")) IN ('paid', 'succeeded')
        THEN 'uncaptured'
    ELSE "status"
END
"""

LAYOUTS: Final = (
    Layout(
        name="stripe",
        title="Stripe payments",
        signature=(("id",), ("Created (UTC)", "Created date (UTC)"), ("Amount",), ("Amount Refunded",), ("Status",)),
        columns={
            "customer_id": ("Customer ID",),
            "email": ("Customer Email",),
            "order_id": ("id",),
            "order_date": ("Created (UTC)", "Created date (UTC)"),
            "amount": ("Amount",),
            "refunded": ("Amount Refunded",),
            "currency": ("Currency",),
            "status": ("Status",),
            "country": ("Card Address Country",),
        },
        expressions={
            "status": CAPTURED,
            "test": """CASE WHEN lower(trim("Mode")) = 'test' THEN 'yes' END""",
        },
        sales=frozenset({"paid", "succeeded", "refunded", "partially refunded", "partial refund"}),
        time_zone="UTC",
        vat_included=True,
    ),
    Layout(
        name="stripe",
        title="Stripe charges",
        signature=(("id",), ("amount",), ("amount_refunded",), ("created",), ("currency",), ("status",), ("captured",)),
        columns={
            "customer_id": ("customer_id", "customer"),
            "email": ("billing_details_email", "billing_detail_email", "receipt_email"),
            "phone": ("billing_details_phone", "billing_detail_phone"),
            "order_id": ("id",),
            "order_date": ("created",),
            "amount": ("amount",),
            "refunded": ("amount_refunded",),
            "currency": ("currency",),
            "country": ("shipping_address_country",),
        },
        expressions={"status": CAPTURED, "test": NOT_LIVE},
        sales=frozenset({"succeeded", "paid"}),
        minor_units=True,
        time_zone="UTC",
        vat_included=True,
    ),
    Layout(
        name="stripe",
        title="Stripe payment intents",
        signature=(("id",), ("amount",), ("amount_received",), ("created",), ("currency",), ("status",)),
        columns={
            "customer_id": ("customer_id", "customer"),
            "email": ("receipt_email",),
            "order_id": ("id",),
            "order_date": ("created",),
            "amount": ("amount_received",),
            "currency": ("currency",),
            "status": ("status",),
        },
        expressions={"test": NOT_LIVE},
        sales=frozenset({"succeeded"}),
        minor_units=True,
        time_zone="UTC",
        vat_included=True,
    ),
)
