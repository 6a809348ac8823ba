"""What ``metrics.json`` holds of the concentration of sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.pareto import ParetoResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: ParetoResult, _inputs: Inputs) -> Metrics:
    """Return shares, Gini and the other measures of concentration."""
    return {
        "top_shares": rows(result.top_shares),
        "deciles": rows(result.deciles),
        "dependence": rows(result.dependence),
        "gini": result.gini,
        "gini_low": result.gini_low,
        "gini_high": result.gini_high,
        "share_for_80": result.share_for_80,
        "cr1": result.cr1,
        "cr10": result.cr10,
        "hhi": result.hhi,
        "effective_number": result.effective_number,
        "customers": result.customers,
        "negative_customers": result.negative_customers,
        "sales": result.sales,
        "start": result.start,
    }
