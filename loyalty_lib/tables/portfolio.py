"""The tables of the portfolio: sales and loyalty by client, and value by client.  A PortfolioResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark
from loyalty_lib.i18n.terms import kpi_name
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.portfolio import PortfolioResult

# How a figure is written, by unit; without a currency, for the clients' differ.
KINDS_OF_UNITS: Final = {
    "customers": "number",
    "orders": "number",
    "ratio": "percent.1",
    "money": "number.2",
    "number": "number.2",
}
KINDS: Final = {"net_sales": "number", "purchase_days": "number"}
TRUST: Final = {"good": mark("Good"), "fair": mark("Fair"), "poor": mark("Rough")}


def portfolio(result: PortfolioResult) -> Table:
    """Tabulate sales, customers and loyalty, one row a client."""
    columns = (
        _who(),
        Column(name="net_sales", label=kpi_name("net_sales")),
        Column(name="net_sales_change", label=gettext("Change"), kind="percent.1"),
        Column(name="active_customers", label=kpi_name("active_customers")),
        Column(name="active_customers_change", label=gettext("Change"), kind="percent.1"),
        Column(name="retention_rate", label=kpi_name("retention_rate"), kind="percent.1"),
        Column(name="repeat_rate", label=kpi_name("repeat_rate"), kind="percent.1"),
    )
    notes = (
        gettext("Change: against the same period last year where the data hold it, else against the previous period."),
    )
    return _table("portfolio", gettext("Sales, customers and loyalty by client"), columns, result, notes)


def portfolio_value(result: PortfolioResult) -> Table:
    """Tabulate orders, concentration and value, one row a client."""
    columns = (
        _who(),
        Column(name="average_order_value", label=kpi_name("average_order_value"), kind="number.2"),
        Column(name="purchase_frequency", label=kpi_name("purchase_frequency"), kind="number.2"),
        Column(name="top_20", label=gettext("Share of the top 20%"), kind="percent.1"),
        Column(name="customer_equity", label=gettext("Value of the customer base")),
        Column(name="equity_per_customer", label=gettext("Value per customer"), kind="number.2"),
        Column(name="trust", label=gettext("Forecast"), kind="text"),
    )
    return _table("portfolio_value", gettext("Orders, concentration and value by client"), columns, result)


def portfolio_figures(result: PortfolioResult) -> Table:
    """Tabulate every key figure, one row a figure and one column a client; money in the client's own currency."""
    clients = result.clients
    columns = (
        Column(name="figure", label=gettext("Key figure"), kind="text"),
        *(
            Column(name=slug, label=f"{name}, {currency}", kind="mixed")
            for slug, name, currency in clients[["client", "name", "currency"]].itertuples(index=False, name=None)
        ),
    )
    slugs = clients["client"].to_list()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (kpi_name(str(key)), *(Quantity(value, KINDS.get(key, KINDS_OF_UNITS[unit])) for value in values))
        for key, unit, *values in result.figures[["key", "unit", *slugs]].itertuples(index=False, name=None)
    )
    title = gettext("Every key figure by client; amounts in each client’s own currency")
    return Table(name="portfolio_figures", title=title, columns=columns, rows=rows, lookup=True)


def _who() -> Column:
    return Column(name="name", label=gettext("Client, period, currency"), kind="text")


def _table(
    name: str, title: str, columns: tuple[Column, ...], result: PortfolioResult, notes: tuple[str, ...] = ()
) -> Table:
    clients = result.clients[[column.name for column in columns]].copy()
    about = result.clients[["name", "period", "currency"]]
    clients["name"] = [", ".join(values) for values in about.itertuples(index=False, name=None)]
    if "trust" in clients:
        clients["trust"] = [gettext(TRUST[trust]) if trust in TRUST else None for trust in clients["trust"]]
    rows = tuple(clients.itertuples(index=False, name=None))
    return Table(name=name, title=title, columns=columns, rows=rows, notes=notes)
