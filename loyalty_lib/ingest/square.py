"""Square's exports "Items detail" (a row an item sold) and "Transactions" (a row a payment).

Documented in Square's support centre under "Download sales reports".  What their rows mean:

- ``Net Sales`` is gross sales less discounts, before tax and tips; written "$45.00", "-$45.00" or "($45.00)".
- A row of Event Type "Refund" takes back, on its own day, and is negative already.
- In the transactions, a refund of a sum rather than of items stands in ``Partial Refunds``, and its net sales are 0.
- ``Date`` and ``Time`` are local to the ``Time Zone`` beside them, which is the one chosen for the export.
- ``Customer ID`` is empty unless the buyer is in the customer directory; ``Customer Name`` recognises nobody.
- ``Location`` is the shop or the market where it was sold: the channel.
- ``Transaction Status`` is "Complete" where the payment went through; older exports do not have it.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

MOMENT: Final = """concat_ws(' ', nullif(trim("Date"), ''), nullif(trim("Time"), ''))"""
REFUND: Final = """CASE WHEN lower(trim("Event Type")) = 'refund' THEN 'yes' ELSE 'no' END"""
# Whether net sales are zero: a refund of a sum.  Such a row is one refund, not also a purchase of nothing.
NO_ITEMS: Final = r"""regexp_full_match(trim("Net Sales"), '\W*0[\W0]*')"""
COMMON: Final = {
    "customer_id": ("Customer ID",),
    "order_id": ("Transaction ID",),
    "order_date": ("Date",),
    "amount": ("Net Sales",),
    "channel": ("Location",),
}

LAYOUTS: Final = (
    Layout(
        name="square",
        title="Square items",
        signature=(("Date",), ("Item",), ("Qty",), ("Gross Sales",), ("Net Sales",), ("Transaction ID",)),
        columns={**COMMON, "product": ("Item",), "category": ("Category",)},
        expressions={"order_date": MOMENT, "refund": REFUND},
        vat_included=False,
    ),
    Layout(
        name="square",
        title="Square transactions",
        signature=(("Date",), ("Gross Sales",), ("Net Sales",), ("Total Collected",), ("Transaction ID",)),
        columns={
            **COMMON,
            "order_line": ("Payment ID",),
            "status": ("Transaction Status",),
        },
        expressions={
            "order_date": MOMENT,
            "refund": REFUND,
            "amount": f"""CASE WHEN {NO_ITEMS} THEN "Partial Refunds" ELSE "Net Sales" END""",
            "refunded": f"""CASE WHEN NOT {NO_ITEMS} THEN "Partial Refunds" END""",
        },
        sales=frozenset({"complete", "completed"}),
        vat_included=False,
    ),
)
