"""What ``metrics.json`` holds of the loyalty programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.analyses.programme import JOINING_DAYS, TIERS
from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.programme import ProgrammeResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

EVIDENCE: Final = ["before_customers", "again", "largest_share"]


def section(result: ProgrammeResult, _inputs: Inputs) -> Metrics:
    """Return the tiers, their cost, and members against others."""
    tiers = result.tiers[list(TIERS)]
    outside = tiers[tiers["tier"] == ""]  # one row, or none where there is no programme
    return {
        "tiers": rows(tiers),
        "share_in_tiers": 1 - outside["share_of_customers"].sum(min_count=1),
        "sales_in_tiers": 1 - outside["share_of_sales"].sum(min_count=1),
        "members": keyed(result.members.drop(columns=EVIDENCE, errors="ignore")),
        "joining": keyed(result.joining.drop(columns=EVIDENCE, errors="ignore")),
        "joining_days": JOINING_DAYS,
        "customers": result.customers,
        "sales": result.sales,
        "cost": result.cost,
        "cost_share": result.cost_share,
        "listed": result.listed,
        "near": result.near,
        "start": result.start,
    }
