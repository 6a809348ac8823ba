"""Vipps's settlement reports: the CSV file with its sections, and the workbook "Rapport".

Documented on developer.vippsmobilepay.com under "Settlements".  What their rows mean:

- A row is a payment or a refund, on the day of sale (a day ends at midnight in Oslo); days are written dd.mm.yyyy.
- The amount is gross: what the customer paid.  Fees are between the shop and Vipps; net is what is paid out, so the
  lines "Til utbetaling netto" between the rows hold the sum of ``Netto``, not of ``Brutto``.
- In the CSV file the first field names the section, and each section has a header of its own.  Only TransactionInfo
  holds payments; its header begins with that very name.  A refund has gross 0.00 and a negative ``Refund``.
- In the workbook a row's kind is ``Transaksjonstype``; kinds that are neither sale nor refund (fees, corrections) are
  left out.  Payments in a shop have no ``Ordre-ID``: each is an order of its own.
- Nobody can be recognised: ``Fornavn`` and ``Etternavn`` are names, and many people share them.  Every row is without
  a customer, so these reports check sums and days but carry no report on loyalty.
"""

from __future__ import annotations

from typing import Final

from loyalty_lib.ingest.layout import Layout

# Whether gross is zero: such a row is one refund, not also a purchase of nothing.
NO_SALE: Final = r"""regexp_full_match(trim("Gross"), '\W*0[\W0]*')"""
REFUNDS: Final = ("refund", "refundering", "refusjon", "tilbakebetaling")

LAYOUTS: Final = (
    Layout(
        name="vipps",
        title="Vipps settlement",
        signature=(("TransactionInfo",), ("SalesDate",), ("TransactionId",), ("OrderID",), ("Gross",), ("Refund",)),
        columns={
            "order_id": ("OrderID",),
            "order_line": ("TransactionId",),
            "order_date": ("SalesDate",),
            "amount": ("Gross",),
            "currency": ("Currency",),
            "channel": ("SaleUnitName",),
        },
        expressions={
            "amount": f"""CASE WHEN {NO_SALE} THEN "Refund" ELSE "Gross" END""",
            "refunded": f"""CASE WHEN NOT {NO_SALE} THEN "Refund" END""",
            "refund": f"""CASE WHEN {NO_SALE} THEN 'yes' ELSE 'no' END""",
        },
        rows="""trim("TransactionInfo") = 'TransactionInfo'""",
        date_format="%d.%m.%Y",
        vat_included=True,
    ),
    Layout(
        name="vipps",
        title="Vipps settlement workbook",
        signature=(("Salgsdato",), ("Transaksjons-ID",), ("Brutto",), ("Netto",), ("Transaksjonstype",)),
        columns={
            "order_id": ("Transaksjons-ID",),
            "order_line": ("Transaksjons-ID",),
            "order_date": ("Salgsdato",),
            "amount": ("Brutto",),
            "status": ("Transaksjonstype",),
            "channel": ("Produkt", "Salgssted"),
        },
        expressions={
            "order_id": """coalesce(nullif(trim("Ordre-ID"), ''), "Transaksjons-ID")""",
            "refund": f"""CASE WHEN lower(trim("Transaksjonstype")) IN {REFUNDS} THEN 'yes' ELSE 'no' END""",
        },
        sales=frozenset({"salg", *REFUNDS}),
        date_format="%d.%m.%Y",
        vat_included=True,
    ),
)
