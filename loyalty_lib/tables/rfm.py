"""The table of customer segments.  An RfmResult goes in, and the values by segment where there is a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.analyses.rfm_scheme import INACTIVE
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.rfm import RfmResult


def rfm(result: RfmResult, value_by_segment: pd.DataFrame | None = None) -> Table:
    """Tabulate the segments, and the customers who bought earlier but not in the window.

    Parameters
    ----------
    result
        The segments.
    value_by_segment
        Of the forecast (``analyses/value.py``); none, or one without rows, where there is none.
    """
    columns: tuple[Column, ...] = (
        Column(name="segment", label=gettext("Customer segment"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_customers", label=gettext("Share of customers"), kind="percent.1"),
        Column(name="revenue", label=gettext("Net sales"), kind="money"),
        Column(name="share_of_revenue", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="mean_days_since_last_order", label=gettext("Days since last purchase, mean")),
        Column(name="mean_orders", label=gettext("Orders, mean"), kind="number.1"),
    )
    table = result.segments
    last: tuple[Cell, ...] = (result.inactive, *[None] * (len(columns) - 2))
    if value_by_segment is None or value_by_segment.empty:
        columns += (Column(name="mean_revenue", label=gettext("Net sales per customer"), kind="money"),)
        last += (None,)
    else:
        columns += _of_forecast(value_by_segment)
        values = value_by_segment[[column.name for column in columns[-2:]]]
        table = table.join(values)
        last += next(values.loc[[INACTIVE]].itertuples(index=False, name=None))
    segments = table[[column.name for column in columns[1:]]]
    rows = tuple((segment_name(str(key)), *values) for key, *values in segments.itertuples(name=None))
    return Table(
        name="segments",
        title=say("Customers and net sales by segment, last {months:number} months", months=result.window_months),
        columns=columns,
        rows=(*rows, (segment_name(INACTIVE), *last)),
        apart=frozenset({len(rows)}),
        notes=(
            say(
                "{segment:text}: bought earlier, but not in the last {months:number} months; outside the shares.",
                segment=segment_name(INACTIVE),
                months=result.window_months,
            ),
        ),
    )


def _of_forecast(value_by_segment: pd.DataFrame) -> tuple[Column, ...]:
    everybody = value_by_segment.attrs.get("one_time_buyers", False)  # whether the model tells of them too
    alive = (
        gettext("Probability of being active") if everybody else gettext("Probability of being active, repeat buyers")
    )
    return (
        Column(name="mean_clv", label=gettext("Lifetime value per customer"), kind="money"),
        Column(name="mean_probability_alive", label=alive, kind="percent.0"),
    )
