"""The table of data quality on the method page.  A DataQuality goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.validate import DataQuality


def quality(found: DataQuality) -> Table:
    """Tabulate what was read, and what was left out or merged."""
    rows: tuple[tuple[Cell, ...], ...] = (
        (gettext("Rows read"), Quantity(found.rows_read, "number")),
        (gettext("Rows used"), Quantity(found.rows_used, "number")),
        (gettext("Customers"), Quantity(found.customers, "number")),
        (gettext("Orders"), Quantity(found.orders, "number")),
        (gettext("Purchase days"), Quantity(found.purchase_days, "number")),
        (gettext("First day"), Quantity(found.first_day, "date")),
        (gettext("Last day"), Quantity(found.last_day, "date")),
        (gettext("Rows without a customer"), Quantity(found.rows_without_customer, "number")),
        (gettext("Net sales without a customer"), Quantity(found.amount_without_customer, "money")),
        (gettext("Rows that are refunds"), Quantity(found.refund_rows, "number")),
        (gettext("Amount refunded"), Quantity(found.refund_amount, "money")),
        (gettext("Orders with an amount of zero"), Quantity(found.zero_rows, "number")),
        (gettext("Orders merged with another on the same day"), Quantity(found.same_day_merged, "number")),
        (gettext("Rows of customers on the drop-list"), Quantity(found.dropped_rows, "number")),
    )
    return Table(
        name="data_quality",
        title=gettext("What was read, left out and merged"),
        columns=(
            Column(name="item", label=gettext("Data quality"), kind="text"),
            Column(name="value", label=gettext("Count or amount"), kind="mixed"),
        ),
        rows=rows,
    )
