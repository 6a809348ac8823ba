"""WooCommerce's orders: three exports of plugins, and the report of WooCommerce Analytics.

WooCommerce itself exports no orders with customers; every plugin writes columns of its own.  Known are "Advanced Order
Export For WooCommerce" (labels such as "Order Total Amount"), "Order Export & Order Import" by WebToffee and
"Customer/Order/Coupon Export" by SkyVerge (both: order_id, order_total, billing_email).  Others are read by naming
their columns in the client's settings.  What their rows mean:

- A row is an order, or an item of one with the order's fields repeated (or on its first row only): the total counts
  once.
- The total is what the customer paid, shipping and tax included, before refunds.  The column "Order Total Amount (-
  Refund)" is not read: it has no day of the refund.
- Refunds count on their day where the export tells it: "Date of first refund", or the date within ``refund_items``
  ("amount:20|reason:...|date:..."; of several the first day).  Else on the order's day.
- A guest's user id is 0 (a spreadsheet's 0.0), which is nobody's: e-mail and phone recognise guests.
- Completed, processing and refunded are sales; pending, on hold, failed, cancelled and drafts are none.  Codes may
  begin with "wc-".
- Days are local to the shop.
- Analytics > Orders has no customer but a name: it checks sums and days, and carries no report on loyalty.  Its net
  sales are without tax and shipping; a refund is a row of its own, with the order's number, on the day of the refund;
  ``Product(s)`` lists a whole basket.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

CODES: Final = ("completed", "processing", "refunded")
SALES: Final = frozenset({*CODES, *(f"wc-{code}" for code in CODES)})
# The sum of all "amount:" entries; as it stands where one of them is no plain number, so that reading refuses it.
REFUNDED: Final = r"""
CASE
    WHEN list_bool_and(
        list_transform(
            regexp_extract_all("refund_items", 'amount:([^|;]*)', 1),
            lambda x: try_cast(x AS DECIMAL(18, 4)) IS NOT NULL
        )
    )
        THEN CAST(
            list_sum(
                list_transform(
                    regexp_extract_all("refund_items", 'amount:([^|;]*)', 1),
                    lambda x: abs(try_cast(x AS DECIMAL(18, 4)))
                )
            ) AS VARCHAR
        )
    ELSE "refund_items"
END
"""

LAYOUTS: Final = (
    Layout(
        name="woocommerce",
        title="WooCommerce orders (Advanced Order Export)",
        signature=(("Order Number", "Order ID"), ("Order Status",), ("Order Date",), ("Order Total Amount",)),
        columns={
            "email": ("Email (Billing)", "Customer User Email"),
            "phone": ("Phone (Billing)",),
            "order_id": ("Order Number", "Order ID"),
            "order_line": ("Item #",),
            "order_date": ("Order Date",),
            "amount": ("Order Total Amount",),
            "refunded": ("Order Refund Amount",),
            "refunded_on": ("Date of first refund",),
            "currency": ("Currency",),
            "status": ("Order Status",),
            "product": ("Item Name", "Name", "Product Name", "SKU"),
            "category": ("Category",),
            "country": ("Country Code (Billing)", "Country Name (Billing)"),
        },
        expressions={"customer_id": """nullif(regexp_replace(trim("Customer User ID"), '[.]0+$', ''), '0')"""},
        once=True,
        sales=SALES,
        vat_included=True,
    ),
    Layout(
        name="woocommerce",
        title="WooCommerce orders",
        signature=(
            ("order_id", "order_number"),
            ("order_date", "date"),
            ("status", "order_status"),
            ("order_total",),
            ("billing_email",),
            ("payment_method", "payment_method_title", "shipping_total"),
        ),
        columns={
            "email": ("billing_email", "customer_email"),
            "phone": ("billing_phone",),
            "order_id": ("order_number_formatted", "order_number", "order_id"),
            "order_line": ("item_id",),
            "order_date": ("order_date", "date"),
            "amount": ("order_total",),
            "refunded": ("refunded_total",),
            "currency": ("order_currency", "currency"),
            "status": ("status", "order_status"),
            "product": ("item_name",),
            "country": ("billing_country",),
        },
        expressions={
            "customer_id": """nullif(regexp_replace(trim("customer_id"), '[.]0+$', ''), '0')""",
            "refunded": REFUNDED,
            "refunded_on": r"""regexp_extract("refund_items", 'date:(\d{4}-\d{2}-\d{2}[ T0-9:]*)', 1)""",
        },
        once=True,
        sales=SALES,
        vat_included=True,
    ),
    Layout(
        name="woocommerce",
        title="WooCommerce Analytics orders",
        signature=(("Date",), ("Order #",), ("Status",), ("Product(s)",), ("Items sold",), ("Net Sales", "N. Revenue")),
        columns={
            "order_id": ("Order #",),
            "order_date": ("Date",),
            "amount": ("Net Sales", "N. Revenue"),
            "status": ("Status",),
        },
        sales=SALES,
        vat_included=False,
    ),
)
