"""What ``metrics.json`` holds of the cost of keeping customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loyalty_lib.analyses.retention_cost import RetentionCostResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: RetentionCostResult, _inputs: Inputs) -> Metrics:
    """Return the cost, what it is divided by, and the value it is set against."""
    return {
        "available": result.available,
        "cost": result.cost,
        "retained_customers": result.retained_customers,
        "cost_per_retained": result.cost_per_retained,
        "mean_clv": result.mean_clv,
        "horizon_months": result.horizon_months,
        "clv_to_cost": result.clv_to_cost,
    }
