"""The tables of key figures and of the cost of keeping customers."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pandas as pd

from loyalty_lib import i18n
from loyalty_lib.analyses.engagement import EngagementResult
from loyalty_lib.analyses.retention_cost import RetentionCostResult
from loyalty_lib.periods import Period
from loyalty_lib.tables.kpis import kpis, kpis_main
from loyalty_lib.tables.retention_cost import retention_cost
from loyalty_lib.tables.table import Quantity

NAN = float("nan")


def cost(**values: float) -> RetentionCostResult:
    given: dict[str, Any] = {
        "cost": 12_000.0,
        "retained_customers": 480.0,
        "cost_per_retained": 25.0,
        "customers": 900.0,
        "mean_clv": 110.0,
        "horizon_months": 12.0,
        "clv_to_cost": 4.4,
        "largest_share": 0.01,
    }
    return RetentionCostResult(**{**given, **values})


def test_the_cost_of_keeping_customers_is_five_rows() -> None:
    i18n.activate("en", "EUR")
    assert retention_cost(cost()).rows == (
        ("Cost of keeping customers", Quantity(12_000, "money")),
        ("Returning customers", Quantity(480, "number")),
        ("Cost per retained customer", Quantity(25, "money")),
        ("Customer lifetime value, mean, 12 months", Quantity(110, "money")),
        ("Lifetime value over cost per retained customer", Quantity(4.4, "number.1")),
    )
    assert "€12,000" in retention_cost(cost()).html()


def test_without_a_forecast_there_is_no_value_and_without_a_cost_no_row() -> None:
    assert len(retention_cost(cost(mean_clv=NAN, horizon_months=NAN, clv_to_cost=NAN)).rows) == 3
    assert retention_cost(cost(cost=NAN)).rows == ()


def test_the_recipe_stands_under_the_table_of_key_figures() -> None:
    i18n.activate("en", "EUR")
    period = Period(dt.date(2024, 10, 1), dt.date(2024, 12, 31), "quarter")
    figures = pd.DataFrame(
        {
            "unit": ["ratio", "ratio", "number", "number"],
            "value": [0.3, 0.25, 3.0, 41.26],
            "previous": [0.2, 0.25, 3.0, NAN],
            "year_ago": [NAN, NAN, NAN, NAN],
        },
        index=["silent_rate", "upsell_ratio", "one_to_several", "engagement_index"],
    )
    pairs = pd.MultiIndex.from_product([figures.index, ["previous", "year_ago"]])
    components = pd.DataFrame({"weight": [1.0], "low": [0.0], "high": [NAN]}, index=["recency"])
    result: Any = SimpleNamespace(
        figures=figures,
        changes=pd.DataFrame(NAN, index=pairs, columns=["change", "low", "high"]),
        period=period,
        previous=period.previous,
        year_ago=period.year_ago,
        gaps=SimpleNamespace(p80=136.0),
        engagement=EngagementResult(index=pd.DataFrame(), components=components, window_months=12),
    )
    table = kpis(result)
    assert kpis_main(result).notes == (
        "pp: percentage points.",
        "Silent customers: no purchase for more than 136 days, of all customers so far.",
        "Upsell ratio: customers who bought from two categories or more, of those whose category is known.",
    )
    assert table.notes == (
        "pp: percentage points.",
        "Interval: of the change, 95%. Where it holds zero, there is no clear change.",
        (
            "Engagement index, 0 to 100: mean of days since the last purchase, fewer being better (weight 100%, from "
            "the lowest to the highest value); over the 12 months to the period’s end. There is no standard recipe: it "
            "compares this shop with itself only."
        ),
    )
    assert [row[0] for row in kpis_main(result).rows] == ["Silent customers", "Upsell ratio", "Engagement index"]
    assert table.rows[-1][:3] == ("Engagement index", Quantity(41.26, "number.1"), table.rows[-1][2])
    assert table.rows[2][1] == Quantity(3.0, "number.2")
