"""Hide small flows of customers and money that one customer dominates, period by period.

Each period is judged by itself, then the tables are laid out anew, so that a figure is hidden in both or in neither.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from loyalty_lib.analyses.kpis import COMPARING, UNITS, KpiResult, figures_table, trend_table
from loyalty_lib.analyses.suppression import MISSING, small, went_missing

FLOWS: Final = ("new_customers", "returning_customers", "reactivated_customers", "lapsed_customers")
SALES: Final = ("net_sales", "average_order_value", "sales_per_customer")
KEPT_SALES: Final = ("gross_revenue_retention", "net_revenue_retention", "revenue_churn")


def protect_kpis(result: KpiResult, minimum: int, dominance: float) -> KpiResult:
    """Judge each period by itself, then lay the tables out anew.

    The four flows hang together (active = new + returning + reactivated; active before = returning + lapsed), so one
    small flow hides all four and the rates made of them.
    """
    table = result.by_period.copy()
    before = table["returning_customers"] + table["lapsed_customers"]
    repeaters = table["repeat_customers"]
    # A few refunds can be all there is, of customers who bought nothing in the period.
    dominated = (table["largest_share"] > dominance) | small(table["moving_customers"], minimum)
    then_dominated = table["before"].map(dominated).fillna(value=False).astype(bool)
    few = small(table["active_customers"], minimum)
    few_before = small(before, minimum)
    few_returned = small(table["returning_customers"], minimum)
    small_flow = small(table[list(FLOWS)], minimum).any(axis=1)
    few_repeat = small(repeaters, minimum) | small(table["active_customers"] - repeaters, minimum)
    table.loc[few, list(UNITS)] = MISSING
    table.loc[few_before, list(COMPARING)] = MISSING
    table.loc[small_flow, [*FLOWS, "retention_rate", "churn_rate"]] = MISSING
    table.loc[few_repeat, ["repeat_rate", "repeat_customers"]] = MISSING
    table.loc[dominated, list(SALES)] = MISSING
    table.loc[few_returned | dominated | then_dominated, list(KEPT_SALES)] = MISSING
    figures = figures_table(table, result.period)
    trend = trend_table(table, result.period, result.data_begin)
    return dataclasses.replace(
        result,
        figures=figures,
        trend=trend,
        by_period=table,
        suppressed=result.suppressed + went_missing(figures, result.figures) + went_missing(trend, result.trend),
    )
