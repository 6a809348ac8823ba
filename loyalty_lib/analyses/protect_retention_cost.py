"""Hide the cost per retained customer where they are few, and a mean value that one customer dominates.

The cost itself is the client's own figure and tells of nobody.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import pandas as pd

from loyalty_lib.analyses.retention_cost import RetentionCostResult
from loyalty_lib.analyses.suppression import MISSING, small, went_missing

OF_RETAINED: Final = ("retained_customers", "cost_per_retained", "clv_to_cost")
OF_VALUE: Final = ("mean_clv", "clv_to_cost")


def protect_retention_cost(result: RetentionCostResult, minimum: int, dominance: float) -> RetentionCostResult:
    """Hide each figure with those that would give it away: cost, cost per customer and ratio make each other."""
    hidden: set[str] = set()
    if small(result.retained_customers, minimum):
        hidden |= {*OF_RETAINED}
    if small(result.customers, minimum):
        hidden |= {"customers", *OF_VALUE}
    if result.largest_share > dominance:
        hidden |= {*OF_VALUE}
    before = pd.Series({name: getattr(result, name) for name in sorted(hidden)}, dtype=float)
    missing: dict[str, Any] = dict.fromkeys(hidden, MISSING)
    protected = dataclasses.replace(result, **missing)
    after = pd.Series({name: getattr(protected, name) for name in sorted(hidden)}, dtype=float)
    return dataclasses.replace(protected, suppressed=result.suppressed + went_missing(after, before))
