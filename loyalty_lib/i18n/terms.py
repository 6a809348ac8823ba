"""The names of the key figures, one term for each, in the report's language.

Terms follow the field; their translations are in the catalogues.
"""

from __future__ import annotations

from loyalty_lib.i18n import gettext, mark

KPI_NAMES = {
    "active_customers": mark("Active customers"),
    "new_customers": mark("New customers"),
    "returning_customers": mark("Returning customers"),
    "reactivated_customers": mark("Reactivated customers"),
    "lapsed_customers": mark("Lapsed customers"),
    "retention_rate": mark("Retention rate"),
    "churn_rate": mark("Churn rate"),
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
}


def kpi_name(key: str) -> str:
    """Return the name of a key figure in the active language."""
    return gettext(KPI_NAMES[key])
