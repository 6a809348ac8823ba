"""What ``metrics.json`` holds of the lists of customers to write to; nothing of any one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.metrics.data import rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.action_lists import ActionListsResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

EVIDENCE: Final = ["largest_share", "earlier", "others", "counted", "new_counted"]


def section(result: ActionListsResult, _inputs: Inputs) -> Metrics:
    """Return lists, value at risk, cross-selling and budget, and the settings behind them."""
    at_risk = result.value_at_risk.drop(columns=EVIDENCE, errors="ignore")
    total = result.total_at_risk.drop(labels=EVIDENCE, errors="ignore")
    share = at_risk["at_risk"] / total.get("at_risk", float("nan"))
    return {
        "lists": rows(result.lists.drop(columns=EVIDENCE, errors="ignore")),
        "value_at_risk": rows(at_risk.assign(share_at_risk=share)),
        "total_at_risk": total.to_dict(),
        "cross_sell": rows(result.cross_sell.drop(columns=EVIDENCE, errors="ignore")),
        "budget": rows(result.budget.drop(columns=EVIDENCE, errors="ignore")),
        "paid_for": result.paid_for.to_dict(),
        "amount": result.amount,
        "listed": result.listed,
        "several": result.several,
        "paying": result.paying,
        "expected_value": result.expected_value,
        "unknown": result.unknown,
        "reason": result.reason,
        "threshold": result.threshold,
        "share_of_control": result.share_of_control,
        "days": result.days,
        "margin": result.margin,
        "second_days": result.second_days,
        "previous": result.previous,
    }
