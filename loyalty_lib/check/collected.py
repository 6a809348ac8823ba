"""``metrics.json`` of the data quality notebook: the verdict, and what a page needs to know of client and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.metrics import Metrics, client_and_period, plain

if TYPE_CHECKING:
    from loyalty_lib.check.verdict import Verdict
    from loyalty_lib.inputs import Inputs


def collect(inputs: Inputs, verdict: Verdict) -> Metrics:
    """Gather what the data quality notebook says.

    Parameters
    ----------
    inputs
        The client's settings and period.
    verdict
        On the client's data up to the period's end.

    Returns
    -------
    dict
        JSON data.  Of giant orders it holds the day and whether they were taken back: no ids, and no amounts, since
        each would be one customer's.
    """
    period = inputs.period
    found = verdict.json()
    for order in found["giant_orders"]:
        del order["order_id"], order["amount"]
    metrics: Metrics = plain(
        {
            **client_and_period(inputs),
            "title": say("Data quality, {client:text}, {period:text}", client=inputs.config.name, period=period.label),
            "vat_included": verdict.vat_included,
            "quality": found,
            "caveats": [{"page": "quality", **plain(note)} for note in verdict.notes],
        }
    )
    return metrics
