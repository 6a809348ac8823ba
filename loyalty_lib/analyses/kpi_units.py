"""The key figures: their order in the report, their units, and which of them need more than orders."""

from __future__ import annotations

from typing import Final

# Every key figure in the order of the report, with its unit.
UNITS: Final = {
    "active_customers": "customers",
    "new_customers": "customers",
    "returning_customers": "customers",
    "reactivated_customers": "customers",
    "lapsed_customers": "customers",
    "retention_rate": "ratio",
    "churn_rate": "ratio",
    "silent_rate": "ratio",
    "repeat_rate": "ratio",
    "purchase_frequency": "number",
    "average_order_value": "money",
    "net_sales": "money",
    "sales_per_customer": "money",
    "orders": "orders",
    "purchase_days": "number",
    "gross_revenue_retention": "ratio",
    "net_revenue_retention": "ratio",
    "revenue_churn": "ratio",
    "customer_growth": "ratio",
    "upsell_ratio": "ratio",
    "one_to_several": "number",
    "engagement_index": "number",
}
# Figures that need the period before; missing where that one was not wholly observed.
COMPARING: Final = (
    "returning_customers",
    "reactivated_customers",
    "lapsed_customers",
    "retention_rate",
    "churn_rate",
    "gross_revenue_retention",
    "net_revenue_retention",
    "revenue_churn",
    "customer_growth",
)
# Figures that some clients' data or settings do not give; left out of the table where they are missing throughout.
OPTIONAL: Final = ("silent_rate", "upsell_ratio", "one_to_several", "engagement_index")
# What ``protect`` judges by besides; not printed.
EVIDENCE: Final = (
    "repeat_customers",
    "moving_customers",
    "largest_share",
    "spent_more",
    "spent_less",
    "share_of_more",
    "share_of_less",
    "customers_so_far",
    "silent_customers",
    "category_customers",
    "several_customers",
    "rated_customers",
)
TREND_PERIODS: Final = 13  # a year of months and the same month last year
