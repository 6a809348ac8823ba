"""The tables of concentration: the largest customers, tenths of all, and sales without the few largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

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
        rows=_rows(result.top_shares, columns),
    )


def pareto_deciles(result: ParetoResult) -> Table:
    """Tabulate tenths of the customers, largest first; no row where there are fewer than ten customers."""
    columns = (
        Column(name="decile", label=gettext("Tenth of customers")),
        Column(name="customers", label=gettext("Customers")),
        Column(name="sales", label=gettext("Net sales"), kind="money"),
        Column(name="share_of_sales", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="mean_sales", label=gettext("Sales per customer"), kind="money"),
        Column(name="smallest_spend", label=gettext("From net sales of"), kind="money"),
    )
    return Table(
        name="deciles",
        lookup=True,
        title=say(
            "Customers in tenths by net sales, largest first, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=_rows(result.deciles, columns) if (result.deciles["customers"] > 0).all() else (),
        notes=(gettext("From net sales of: of the smallest customer in the tenth."),),
    )


def pareto_dependence(result: ParetoResult) -> Table:
    """Tabulate net sales without the few largest customers; rows that are hidden for privacy are left out."""
    columns = (
        Column(name="largest", label=gettext("Largest customers")),
        Column(name="share_of_sales", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="sales_left", label=gettext("Net sales without them"), kind="money"),
    )
    return Table(
        name="dependence",
        title=say(
            "Net sales without the largest customers, all others as they were, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=_rows(result.dependence.dropna(subset="share_of_sales"), columns),
    )


def _rows(table: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[tuple[float, ...], ...]:
    return tuple(table[[column.name for column in columns]].itertuples(index=False, name=None))
