"""What ``metrics.json`` holds of the cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.cohorts import CohortResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: CohortResult, _inputs: Inputs) -> Metrics:
    """Return the cohorts' sizes, the averages by k, what each has brought a customer, and retention by group."""
    last = result.cumulative_revenue.ffill(axis=1).iloc[:, -1] if len(result.sizes) else result.sizes
    return {
        "grain": result.grain,
        "sizes": [{"cohort": cohort, "customers": size} for cohort, size in result.sizes.items()],
        "average": keyed(result.average),
        "revenue_per_customer": [{"cohort": cohort, "to_date": value} for cohort, value in last.items()],
        "by": result.by,
        "groups": rows(result.groups),
        "groups_p_value": result.groups_p_value,
    }
