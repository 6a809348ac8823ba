"""What ``metrics.json`` holds of customers under contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from loyalty_lib.analyses.subscriptions_flows import COUNTS, RATES, REVENUE
from loyalty_lib.metrics.data import rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.subscriptions import SubscriptionsResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

FIGURES = (*COUNTS, *RATES, *REVENUE)


def section(result: SubscriptionsResult, _inputs: Inputs) -> Metrics:
    """Return the accounts of customers and revenue, survival, the projection and the renewals ahead."""
    period, table = result.period, result.flows
    known = dict(zip(table.index, rows(table), strict=True))
    now, before, year_ago = (known.get(one.label, {}) for one in (period, period.previous, period.year_ago))
    return {
        "figures": {
            name: {"value": now.get(name), "previous": before.get(name), "year_ago": year_ago.get(name)}
            for name in FIGURES
        }
        if now
        else {},
        "trend": rows(table.reset_index()[["label", "kind", "start", "end", *FIGURES]]),
        "survival": rows(result.curve),
        "plans": rows(result.plans[["plan", "customers", "lost", "kept", "low", "high"]]),
        "plans_p_value": result.plans_p_value,
        "model": _model(result),
        "projection": rows(result.projection),
        "ahead": rows(result.ahead),
        "value": _of_value(result),
        "renewals": rows(result.renewals.drop(columns="largest_share")),
        "renewing_contracts": len(result.due) if _enough(result) else None,
        "days": result.days,
        "renewal_months": result.renewal_months,
        "customers": result.customers,
        "given_notice": result.given_notice,
        "going_on": result.going_on,
    }


def _of_value(result: SubscriptionsResult) -> dict[str, Any] | None:
    """Return the lifetime value without what only ``protect`` judges by."""
    if result.value is None:
        return None
    return {name: value for name, value in asdict(result.value).items() if name != "largest_share"}


def _model(result: SubscriptionsResult) -> dict[str, Any]:
    fit = result.fit
    if fit is None:
        return {"reason": result.reason}
    return {
        "reason": "",
        "params": dict(fit.params),
        "standard_errors": dict(fit.standard_errors),
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "customers": fit.n_customers,
        "undetermined": list(fit.undetermined),
    }


def _enough(result: SubscriptionsResult) -> bool:
    """Whether the contracts that renew can be counted: not where each of their groups is hidden, or there are none."""
    return bool(len(result.renewals)) and bool(result.renewals["customers"].notna().any())
