"""The table of concentration.  A ParetoResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.pareto import ParetoResult


def pareto(result: ParetoResult) -> Table:
    """Tabulate how much of sales the largest customers bring."""
    columns = (
        Column(name="top", label=gettext("Largest customers"), kind="percent"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_sales", label=gettext("Share of net sales"), kind="percent.1"),
    )
    return Table(
        name="top_shares",
        title=say(
            "Share of net sales by the largest customers, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=tuple(result.top_shares[[column.name for column in columns]].itertuples(index=False, name=None)),
    )
