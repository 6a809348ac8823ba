"""All clients side by side, from what their finished reports printed.

Takes the ``metrics.json`` of the reports, returns a ``PortfolioResult``.  No client's data is read: what a report hides
is hidden here.  Money stays in each client's currency, so amounts are listed and never added; rates compare, and those
that depend on the length of the period only between periods of one length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from loyalty_lib.analyses.kpi_units import UNITS
from loyalty_lib.i18n import Message, mark
from loyalty_lib.i18n.collation import in_order

Metrics = Mapping[str, Any]
# Figures of every report: where each stands in metrics.json.
KEY_FIGURES: Final = (
    "net_sales",
    "active_customers",
    "retention_rate",
    "repeat_rate",
    "purchase_frequency",
    "average_order_value",
    "sales_per_customer",
    "net_revenue_retention",
)
CHANGES: Final = ("net_sales", "active_customers")
# Rates whose level does not depend on currency or size, so that a median over clients means something.
COMPARED: Final = ("retention_rate", "repeat_rate", "net_sales_change", "active_customers_change", "top_20")
TOP: Final = 0.2


@dataclass(frozen=True, eq=False, kw_only=True)
class PortfolioResult:
    """The clients' figures.

    Attributes
    ----------
    clients
        One row a client, by name: ``client``, ``name``, ``period`` (label), ``kind`` (of the period), ``start``,
        ``end``, ``currency``, ``simulated``, the figures of ``KEY_FIGURES``, ``net_sales_change`` and
        ``active_customers_change`` (against the same period last year, else the previous one), ``net_sales_clear``
        (whether chance leaves that change of net sales; missing where not tested), ``against`` ("year_ago", "previous"
        or missing), ``lapsed_customers``, ``gained_customers`` (new and reactivated), ``top_20``, ``gini``,
        ``customer_equity``, ``equity_per_customer``, ``trust``.
    figures
        Every key figure any client has: ``key``, ``unit``, and a column a client, of the client's slug; NaN where a
        client does not have it or its report hides it.
    medians
        Of the columns of ``COMPARED`` over the clients that have them; NaN where fewer than three do.
    caveats
        Sentences the page prints.
    """

    clients: pd.DataFrame
    figures: pd.DataFrame
    medians: pd.Series
    caveats: tuple[str, ...] = ()


def portfolio(reports: Sequence[Metrics]) -> PortfolioResult:
    """Lay the figures of several clients side by side.

    Parameters
    ----------
    reports
        The ``metrics.json`` of one report a client.

    Returns
    -------
    PortfolioResult
        One row a client, their names in the order of the active language.
    """
    ordered = in_order(reports, lambda report: str(report["client"]["name"]))
    clients = pd.DataFrame([_row(report) for report in ordered])
    known = clients[list(COMPARED)].astype(float)
    medians = known.median().where(known.notna().sum() >= 3)  # noqa: PLR2004  (of two, a median is their mean)
    return PortfolioResult(clients=clients, figures=_figures(ordered), medians=medians, caveats=_caveats(clients))


def _row(report: Metrics) -> dict[str, Any]:
    figures, period, clv = report["kpis"]["figures"], report["period"], report["clv"]
    against = next(
        (name for name in ("year_ago", "previous") if figures["net_sales"][f"change_{name}"] is not None), None
    )
    gained = [figures[key]["value"] for key in ("new_customers", "reactivated_customers")]
    customers = clv.get("customers")
    equity = clv.get("customer_equity")
    return {
        "client": report["client"]["slug"],
        "name": report["client"]["name"],
        "period": period["label"],
        "kind": period["kind"],
        "start": pd.Timestamp(period["start"]),
        "end": pd.Timestamp(period["end"]),
        "currency": report["currency"],
        "simulated": bool(report["simulated"]),
        **{key: figures[key]["value"] for key in KEY_FIGURES},
        **{f"{key}_change": figures[key][f"change_{against}"] if against else None for key in CHANGES},
        "net_sales_clear": figures["net_sales"].get(f"clear_{against}"),
        "against": against,
        "lapsed_customers": figures["lapsed_customers"]["value"],
        "gained_customers": None if None in gained else sum(gained),
        "top_20": _top(report["pareto"]["top_shares"]),
        "gini": report["pareto"]["gini"],
        "customer_equity": equity,
        "equity_per_customer": equity / customers if equity is not None and customers else None,
        "trust": clv["backtest"]["trust"] if clv["available"] else None,
    }


def _figures(reports: Sequence[Metrics]) -> pd.DataFrame:
    """Lay every key figure of every client out, in the order of the reports."""
    by_client = {report["client"]["slug"]: report["kpis"]["figures"] for report in reports}
    keys = [key for key in UNITS if any(key in figures for figures in by_client.values())]
    table = pd.DataFrame({"key": keys, "unit": [UNITS[key] for key in keys]})
    for client, figures in by_client.items():
        table[client] = pd.Series([figures.get(key, {}).get("value") for key in keys], dtype=float)
    return table


def _top(shares: Sequence[Metrics]) -> float | None:
    return next((row["share_of_sales"] for row in shares if row["top"] == TOP), None)


def _caveats(clients: pd.DataFrame) -> tuple[str, ...]:
    caveats = []
    if len(set(clients["kind"])) > 1:
        text = mark(
            "The periods differ in length: retention, repeat purchase rate and purchase frequency of a longer period "
            "are higher and do not compare."
        )
        caveats.append(Message(text))
    if len(set(clients["end"])) > 1:
        caveats.append(Message(mark("The periods do not end on the same day: seasons differ between the clients.")))
    if len(set(clients["currency"])) > 1:
        caveats.append(Message(mark("Amounts are in each client’s own currency and are not added up.")))
    if clients["simulated"].any():
        text = mark("Simulated data: {names:text}.")
        caveats.append(Message(text, names=", ".join(clients.loc[clients["simulated"], "name"])))
    return tuple(caveats)
