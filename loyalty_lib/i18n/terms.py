"""The names of the key figures, one term for each, and the recipe of the engagement index, in the report's language.

Terms follow the field; their translations are in the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loyalty_lib.i18n import gettext, mark, say

KPI_NAMES = {
    "active_customers": mark("Active customers"),
    "new_customers": mark("New customers"),
    "returning_customers": mark("Returning customers"),
    "reactivated_customers": mark("Reactivated customers"),
    "lapsed_customers": mark("Lapsed customers"),
    "retention_rate": mark("Retention rate"),
    "churn_rate": mark("Churn rate"),
    "silent_rate": mark("Silent customers"),
    "repeat_rate": mark("Repeat purchase rate"),
    "purchase_frequency": mark("Purchase frequency"),
    "average_order_value": mark("Average order value"),
    "net_sales": mark("Net sales"),
    "sales_per_customer": mark("Sales per customer"),
    "orders": mark("Orders"),
    "purchase_days": mark("Purchase days"),
    "gross_revenue_retention": mark("Gross revenue retention"),
    "net_revenue_retention": mark("Net revenue retention"),
    "revenue_churn": mark("Revenue churn"),
    "customer_growth": mark("Customer growth"),
    "upsell_ratio": mark("Upsell ratio"),
    "one_to_several": mark("One category to several"),
    "engagement_index": mark("Engagement index"),
}
COMPONENTS = {
    "frequency": mark("purchase days"),
    "recency": mark("days since the last purchase, fewer being better"),
    "categories": mark("categories"),
    "nps": mark("the latest answer on recommending"),
}


def kpi_name(key: str) -> str:
    """Return the name of a key figure in the active language."""
    return gettext(KPI_NAMES[key])


def engagement_recipe(components: Iterable[Mapping[Any, Any]], months: float) -> str:
    """Say what the engagement index is made of.

    Parameters
    ----------
    components
        ``name``, ``weight``, ``low`` and ``high``; bounds that do not show are missing.
    months
        Length of the window.
    """
    parts = [_part(component) for component in components]
    if not parts:
        return say("Engagement index: none of its components tells customers apart.")
    return say(
        "Engagement index, 0 to 100: mean of {parts:text}; over the {months:number} months to the period’s end. There "
        "is no standard recipe: it compares this shop with itself only.",
        parts="; ".join(parts),
        months=months,
    )


def _part(component: Mapping[Any, Any]) -> str:
    name = component["name"]
    values = {"name": gettext(COMPONENTS[name]), "weight": component["weight"]}
    low, high = component["low"], component["high"]
    if low is None or high is None or low != low or high != high:  # noqa: PLR0124 - NaN differs from itself
        return say("{name:text} (weight {weight:percent}, from the lowest to the highest value)", **values)
    return say(
        "{name:text} (weight {weight:percent}, from {low:number} to {high:number})", **values, low=low, high=high
    )
