"""What ``metrics.json`` holds of the time to the second purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: SecondPurchaseResult, _inputs: Inputs) -> Metrics:
    """Return shares by day, days, groups and the tests between them."""
    return {
        "at_days": rows(result.at_days.drop(columns="returned")),
        "steps": keyed(result.steps),
        "groups": rows(result.groups_shown),
        "tests": keyed(result.tests),
        "waiting": result.waiting,
        "late": result.late,
        "day": result.day,
        "by": result.by,
        "grain": result.grain,
        "level": result.level,
    }
