"""What ``metrics.json`` holds of customers under contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from loyalty_lib.analyses.subscriptions_flows import COUNTS, RATES, REVENUE
from loyalty_lib.analyses.survey_intervals import difference_interval, share_interval
from loyalty_lib.metrics.data import rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.subscriptions import SubscriptionsResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

FIGURES = (*COUNTS, *RATES, *REVENUE)
START = "customers_at_start"


def section(result: SubscriptionsResult, _inputs: Inputs) -> Metrics:
    """Return the accounts of customers and revenue, survival, the projection and the renewals ahead."""
    period, table = result.period, result.flows
    known = dict(zip(table.index, rows(table), strict=True))
    now, before, year_ago = (known.get(one.label, {}) for one in (period, period.previous, period.year_ago))
    return {
        "figures": {
            name: {"value": now.get(name), "previous": before.get(name), "year_ago": year_ago.get(name)}
            | (_clear(now, previous=before, year_ago=year_ago) if name == "churn_rate" else {})
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


def _clear(now: Metrics, **others: Metrics) -> dict[str, bool | None]:
    """Tell whether churn differs from that of other periods, by Newcombe's interval of a difference of two shares."""
    counts = pd.DataFrame([now, *others.values()], index=["now", *others], columns=["lost_customers", START])
    counts = counts.astype(float)
    share = counts["lost_customers"] / counts[START].where(counts[START] > 0)
    low, high = share_interval(share, counts[START])
    table = pd.DataFrame({"share": share, "low": low, "high": high})
    clear: dict[str, bool | None] = {}
    for name in others:
        _, least, most = difference_interval(table, "now", name)
        clear[f"clear_{name}"] = None if least != least else least > 0 or most < 0  # noqa: PLR0124 - NaN
    return clear


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
