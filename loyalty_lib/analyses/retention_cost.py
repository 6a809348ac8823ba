"""What it cost to keep a customer, beside what a customer is expected to bring.

Takes key figures, the forecast and the client's cost, returns a ``RetentionCostResult``.  The cost is the client's own;
without one for the period there is nothing to divide, and every figure is NaN.  The cost is that of one period, the
value that of the forecast's months.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.config.analyses import Costs
    from loyalty_lib.periods import Cadence, Period

NOTHING = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True)
class RetentionCostResult:
    """Cost of keeping customers in a period.

    Attributes
    ----------
    cost
        Spent on keeping customers in the period; NaN where the settings have none for it.
    retained_customers
        Customers who bought in the period and in the one before; NaN where hidden or not observed.
    cost_per_retained
        Cost over retained customers; NaN without any.
    customers, mean_clv
        Customers with a forecast, and their mean residual lifetime value; NaN without a forecast.
    horizon_months
        Months of that value.
    clv_to_cost
        Mean lifetime value over cost per retained customer; NaN where either is missing, or the cost is 0.
    largest_share
        Of the lifetime value, by one customer; what ``protect`` judges by, not printed.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    cost: float
    retained_customers: float
    cost_per_retained: float
    customers: float
    mean_clv: float
    horizon_months: float
    clv_to_cost: float
    largest_share: float
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """Whether there is a cost for the period."""
        return not math.isnan(self.cost)


def retention_cost(
    key_figures: KpiResult, value: LifetimeResult, costs: Costs | None, cadence: Cadence | None = None
) -> RetentionCostResult:
    """Divide the cost of keeping customers by the customers kept.

    Parameters
    ----------
    key_figures
        Of the period; protected ones, where the result is to be shown.
    value
        The forecast, or why there is none.
    costs
        One amount for every period, or amounts by period; ``None`` without.
    cadence
        The length of period that one amount is for: one of another length then has no cost.  ``None`` for any.

    Returns
    -------
    RetentionCostResult
        All NaN where the period has no cost.
    """
    cost = _cost_of(key_figures.period, costs, cadence)
    if cost is None:
        return RetentionCostResult(
            cost=NOTHING,
            retained_customers=NOTHING,
            cost_per_retained=NOTHING,
            customers=NOTHING,
            mean_clv=NOTHING,
            horizon_months=NOTHING,
            clv_to_cost=NOTHING,
            largest_share=NOTHING,
        )
    retained = float(key_figures.figures["value"]["returning_customers"])
    per_retained = cost / retained if retained > 0 else NOTHING
    customers = mean = months = largest = NOTHING
    if value.forecast is not None:
        clv = value.forecast.value
        customers, months = float(len(clv.customers)), clv.horizon_months
        mean = clv.customer_equity / customers
        largest = float(clv.customers["clv"].max() / clv.customer_equity) if clv.customer_equity > 0 else NOTHING
    return RetentionCostResult(
        cost=cost,
        retained_customers=retained,
        cost_per_retained=per_retained,
        customers=customers,
        mean_clv=mean,
        horizon_months=months,
        clv_to_cost=mean / per_retained if per_retained > 0 else NOTHING,
        largest_share=largest,
    )


def _cost_of(period: Period, costs: Costs | None, cadence: Cadence | None) -> float | None:
    if costs is None:
        return None
    if isinstance(costs.by_period, dict):
        return costs.by_period.get(period.label)
    return costs.by_period if cadence in (None, period.kind) else None
