"""The table of customer segments.  An RfmResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult


def rfm(result: RfmResult) -> Table:
    """Tabulate the segments, and the customers who bought earlier but not in the window."""
    columns = (
        Column(name="segment", label=gettext("Customer segment"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_customers", label=gettext("Share of customers"), kind="percent.1"),
        Column(name="revenue", label=gettext("Net sales"), kind="money"),
        Column(name="share_of_revenue", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="mean_days_since_last_order", label=gettext("Days since last purchase, mean")),
        Column(name="mean_orders", label=gettext("Orders, mean"), kind="number.1"),
        Column(name="mean_revenue", label=gettext("Net sales per customer"), kind="money"),
    )
    segments = result.segments[[column.name for column in columns[1:]]]
    rows = tuple((segment_name(str(key)), *values) for key, *values in segments.itertuples(name=None))
    inactive = (segment_name("inactive"), result.inactive, *[None] * (len(columns) - 2))
    return Table(
        name="segments",
        title=say("Customers and net sales by segment, last {months:number} months", months=result.window_months),
        columns=columns,
        rows=(*rows, inactive),
        notes=(
            say(
                "{segment:text}: bought earlier, but not in the last {months:number} months; outside the shares.",
                segment=segment_name("inactive"),
                months=result.window_months,
            ),
        ),
    )
