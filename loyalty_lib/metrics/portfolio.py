"""``metrics.json`` of the portfolio: the clients' figures, and what its page needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.config.brand import Brand
from loyalty_lib.fingerprint import versions
from loyalty_lib.i18n import say
from loyalty_lib.metrics import SCHEMA, Metrics, noted, plain, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.portfolio import PortfolioResult


def collect_portfolio(result: PortfolioResult, *, language: str = "en") -> Metrics:
    """Gather what the portfolio says.

    Parameters
    ----------
    result
        The clients' figures.
    language
        Of the page.

    Returns
    -------
    dict
        JSON data.  The period is that from the first day of any report to the last day of any.
    """
    clients = result.clients
    label = clients["period"].iloc[0] if len(set(clients["period"])) == 1 else ""
    kind = clients["kind"].iloc[0] if label else "days"
    metrics: Metrics = plain(
        {
            "schema": SCHEMA,
            "title": say("Portfolio of {count:number} clients", count=len(clients)),
            "client": {"slug": "portfolio", "name": say("{count:number} clients", count=len(clients)), "about": None},
            "period": {"label": label, "kind": kind, "start": clients["start"].min(), "end": clients["end"].max()},
            "as_of": clients["end"].max(),
            "language": language,
            "currency": None,
            "simulated": bool(clients["simulated"].all()),
            "brand": {**Brand().words, "confidentiality": say("Internal: names several clients")},
            "versions": versions(),
            "caveats": noted({"portfolio": result.caveats}),
            "portfolio": {
                "clients": rows(clients),
                "figures": rows(result.figures),
                "medians": result.medians.to_dict(),
            },
        }
    )
    return metrics
