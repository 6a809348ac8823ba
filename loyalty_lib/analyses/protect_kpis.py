"""Hide small flows of customers and money that one customer dominates, period by period.

Each period is judged by itself, then the tables are laid out anew, so that a figure is hidden in both or in neither.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import pandas as pd

from loyalty_lib.analyses.engagement import EngagementResult
from loyalty_lib.analyses.kpi_change import AGAINST, ORDERS_PER_CUSTOMER
from loyalty_lib.analyses.kpi_units import COMPARING, TREND_PERIODS, UNITS
from loyalty_lib.analyses.kpis import KpiResult, figures_table, trend_table
from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing

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
    # Net less gross retention is what those spend more who do, and the rest of gross retention what others spend less.
    few_moved = (table[["share_of_more", "share_of_less"]] > dominance).any(axis=1)
    few_moved |= small(table["spent_more"], minimum) | small(table["spent_less"], minimum)
    small_flow = _flows(result, minimum)
    few_repeat = small(repeaters, minimum) | small(table["active_customers"] - repeaters, minimum)
    # So few further days are of as few customers.
    few_further = small(table["purchase_days"] - table["active_customers"], minimum)
    silence = _few(table, "silent_customers", "customers_so_far", minimum) | _would_tell_new(
        result, small_flow, minimum
    )
    # Those whose categories are not known are the active customers less the others.
    breadth = _few(table, "several_customers", "category_customers", minimum)
    breadth |= _few(table, "category_customers", "active_customers", minimum)
    table.loc[few, list(UNITS)] = MISSING
    table.loc[few_before, list(COMPARING)] = MISSING
    table.loc[small_flow, [*FLOWS, "retention_rate", "churn_rate"]] = MISSING
    table.loc[few_repeat, ["repeat_rate", "repeat_customers"]] = MISSING
    table.loc[few_further, ["purchase_days", "purchase_frequency"]] = MISSING
    table.loc[dominated, list(SALES)] = MISSING
    table.loc[few_returned | few_moved | dominated | then_dominated, list(KEPT_SALES)] = MISSING
    table.loc[silence, ["silent_rate", "silent_customers"]] = MISSING
    table.loc[breadth, ["upsell_ratio", "one_to_several", "several_customers"]] = MISSING
    table.loc[small(table["rated_customers"], minimum), ["engagement_index", "rated_customers"]] = MISSING
    keys = list(result.figures.index)
    figures = figures_table(table, result.period, keys)
    trend = trend_table(table, result.period, result.data_begin, keys)
    changes, both = _changes(result, figures, minimum)
    return dataclasses.replace(
        result,
        figures=figures,
        trend=trend,
        by_period=table,
        changes=changes,
        customers_in_both=both,
        engagement=_recipe(result.engagement, minimum),
        suppressed=result.suppressed + went_missing(figures, result.figures) + went_missing(trend, result.trend),
    )


def _changes(result: KpiResult, figures: pd.DataFrame, minimum: int) -> tuple[pd.DataFrame, pd.Series]:
    """Hide the changes of hidden figures; and all intervals of a comparison that would tell of a few customers.

    The interval of active customers depends on how many of them were active in both periods.  With the figures shown,
    that gives the customers who came back and those who did not: where one of these groups is small, bounds are hidden.
    """
    changes, both = result.changes.copy(), result.customers_in_both.copy()
    hidden = pd.DataFrame({name: figures[["value", name]].isna().any(axis=1) for name in AGAINST})
    hidden.loc[ORDERS_PER_CUSTOMER] = hidden.loc[["orders", "active_customers"]].any()
    changes[[hidden.loc[key, name] for key, name in changes.index]] = MISSING
    table = result.by_period
    now = table.loc[result.period.label]
    for against, then in (("previous", result.previous), ("year_ago", result.year_ago)):
        kept = both[against]
        groups = pd.Series(
            [
                kept,
                now["active_customers"] - kept,
                table.loc[then.label, "active_customers"] - kept,
                now["new_customers"],
                now["active_customers"] - now["new_customers"] - kept,
            ]
        )
        if small(groups, minimum).any() or groups.isna().any():
            changes.loc[(slice(None), against), ["low", "high"]] = MISSING
            both[against] = MISSING
    return changes, both


def _few(table: pd.DataFrame, part: str, whole: str, minimum: int) -> pd.Series:
    """Find the periods in which a part, or what is left of the whole, is of a few customers."""
    rest = table[whole] - table[part]
    return pd.Series(small(table[part], minimum) | small(rest, minimum), index=table.index)


def _flows(result: KpiResult, minimum: int) -> pd.Series:
    """Find the periods whose flows are hidden.

    Where the trend goes back to the first purchases of all, its new customers add up to all customers there are, which
    the method page prints: one hidden period would be what the others leave.
    """
    table = result.by_period
    found = pd.Series(small(table[list(FLOWS)], minimum).any(axis=1), index=table.index)
    # The active customers who are not new are told even where the previous period was not wholly observed.
    found |= small(table["active_customers"] - table["new_customers"], minimum)
    if _goes_back(result):
        labels = [one.label for one in result.period.back(TREND_PERIODS)]
        found.loc[labels] |= hide(table.loc[labels, "new_customers"], minimum, also=found.loc[labels])[0]
    return found


def _goes_back(result: KpiResult) -> bool:
    """Tell whether the trend begins with the data or before."""
    return result.data_begin is not None and result.period.back(TREND_PERIODS)[0].start <= result.data_begin


def _would_tell_new(result: KpiResult, hidden: pd.Series, minimum: int) -> pd.Series:
    """Find the periods whose share of silent customers would give a few new ones, or a few others, away.

    A share tells of how many it is, here of all customers so far.  Together with all there are now, and the new ones of
    the periods in between that show, that leaves those of the hidden one.
    """
    table = result.by_period
    if not _goes_back(result):
        hidden = _few(table, "new_customers", "active_customers", minimum)
    return pd.Series(table["end"] < table.loc[hidden, "start"].max())


def _recipe(engagement: EngagementResult | None, minimum: int) -> EngagementResult | None:
    """Hide a measured bound that only a few customers have: it tells of them."""
    if engagement is None:
        return None
    components = engagement.components.copy()
    for bound in ("low", "high"):
        components.loc[small(components[f"{bound}_customers"], minimum), bound] = MISSING
    return dataclasses.replace(engagement, components=components)
