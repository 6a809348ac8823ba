"""The UCI Machine Learning Repository's Online Retail (I, 2010-2011) and Online Retail II (2009-2011).

Documented by Chen, Sain and Guo (2012) and on the repository's pages; the second edition renamed three columns.  What
its rows mean:

- A row is a line of an invoice; its amount is quantity times price, in pounds (no column says so).
- An invoice that begins with "C" takes back; its quantities are negative already.  Other negative quantities (breakage,
  corrections) are on plain invoices without a customer, at no price; "A" invoices write off bad debt.
- A quarter of the rows have no customer.  Customers' numbers became "17850.0" on the way through a spreadsheet.
- The invoice's moment is London time.  Whether prices include VAT is not told.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

LAYOUTS: Final = (
    Layout(
        name="uci",
        title="UCI Online Retail",
        signature=(("InvoiceNo",), ("StockCode",), ("Quantity",), ("InvoiceDate",), ("UnitPrice",), ("CustomerID",)),
        columns={
            "customer_id": ("CustomerID",),
            "order_id": ("InvoiceNo",),
            "order_date": ("InvoiceDate",),
            "quantity": ("Quantity",),
            "unit_price": ("UnitPrice",),
            "product": ("StockCode",),
            "country": ("Country",),
        },
        expressions={"refund": """CASE WHEN upper(trim("InvoiceNo")) LIKE 'C%' THEN 'yes' ELSE 'no' END"""},
        time_zone="Europe/London",
    ),
    Layout(
        name="uci",
        title="UCI Online Retail II",
        signature=(("Invoice",), ("StockCode",), ("Quantity",), ("InvoiceDate",), ("Price",), ("Customer ID",)),
        columns={
            "customer_id": ("Customer ID",),
            "order_id": ("Invoice",),
            "order_date": ("InvoiceDate",),
            "quantity": ("Quantity",),
            "unit_price": ("Price",),
            "product": ("StockCode",),
            "country": ("Country",),
        },
        expressions={"refund": """CASE WHEN upper(trim("Invoice")) LIKE 'C%' THEN 'yes' ELSE 'no' END"""},
        time_zone="Europe/London",
    ),
)
