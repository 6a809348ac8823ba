"""The order grid of Magento 2 and Adobe Commerce (Sales > Orders > Export): a row an order.

Documented in Adobe Commerce's guide under "Orders workspace"; a shop chooses which columns the grid has.  What its rows
mean:

- ``Grand Total (Base)`` is the order in the shop's base currency, shipping and tax as the shop's settings have it.
  ``Grand Total (Purchased)`` is the same in the buyer's currency and is never summed.  No column names a currency.
- ``Total Refunded`` is in the base currency and has no day: it counts on the order's.
- ``Customer Email`` recognises a customer, guests too; ``Customer Name`` and ``Bill-to Name`` nobody.  The grid shows
  the e-mail only where it was ticked under "Columns".
- ``Status`` is the label or the code, by version.  Complete, processing and closed (paid back in full) are sales;
  pending (not paid yet), pending payment, payment review, on hold, suspected fraud and canceled are none.
- ``Purchase Point`` is website, store and store view, with line breaks between them: the channel.
- ``Purchase Date`` is local to the shop, as "Mar 31, 2024 11:30:00 PM" or "2024-03-31 23:30:00".
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

LAYOUTS: Final = (
    Layout(
        name="magento",
        title="Magento orders",
        signature=(("ID",), ("Purchase Date",), ("Grand Total (Base)",), ("Status",)),
        columns={
            "email": ("Customer Email",),
            "order_id": ("ID",),
            "order_date": ("Purchase Date",),
            "amount": ("Grand Total (Base)",),
            "refunded": ("Total Refunded",),
            "status": ("Status",),
            "channel": ("Purchase Point",),
        },
        sales=frozenset({"complete", "processing", "closed"}),
    ),
)
