"""The cost of keeping customers: arithmetic by eye, and what is hidden of few of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from loyalty_lib.analyses.kpis import KpiResult, kpis
from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.protect_retention_cost import protect_retention_cost
from loyalty_lib.analyses.retention_cost import retention_cost
from loyalty_lib.config.analyses import Costs, RetentionCost
from loyalty_lib.periods import parse_period

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

NO_FORECAST: Any = SimpleNamespace(forecast=None)


def costs(given: Any) -> Costs:
    settled: Costs = TypeAdapter(RetentionCost).validate_python(given)
    return settled


def forecast(*clv: float, months: float = 12) -> Any:
    value = SimpleNamespace(
        customers=pd.DataFrame({"clv": clv}), customer_equity=float(sum(clv)), horizon_months=months
    )
    return SimpleNamespace(forecast=SimpleNamespace(value=value))


@pytest.fixture
def key_figures(shop: Shop) -> KpiResult:
    """Eight customers bought in the first quarter of 2024, six of them again in the second."""
    rows = [(f"c{n}", "2024-01-01", 10.0) for n in range(8)] + [(f"c{n}", "2024-04-01", 10.0) for n in range(6)]
    return kpis(shop(rows), parse_period("2024-Q2"))


def test_cost_per_retained_customer_and_value_over_cost(key_figures: KpiResult) -> None:
    """1,200 over 6 customers are 200 each; 40 customers are worth 500 each on average: 2.5 times as much."""
    found = retention_cost(key_figures, forecast(*[400.0, 600.0] * 20), costs(1200))
    assert (found.available, found.cost, found.retained_customers, found.cost_per_retained) == (True, 1200, 6, 200)
    assert (found.customers, found.mean_clv, found.horizon_months, found.clv_to_cost) == (40, 500, 12, 2.5)
    assert found.largest_share == 600 / 20_000


def test_amounts_by_period_count_for_their_period_only(key_figures: KpiResult) -> None:
    assert retention_cost(key_figures, NO_FORECAST, costs({"2024-Q2": 60, "2024-Q1": 30})).cost == 60
    other = retention_cost(key_figures, NO_FORECAST, costs({"2024-Q1": 30}))
    assert not other.available
    assert np.isnan([other.cost, other.cost_per_retained, other.retained_customers, other.clv_to_cost]).all()
    assert not retention_cost(key_figures, NO_FORECAST, None).available


def test_one_amount_is_for_periods_of_the_cadence(key_figures: KpiResult) -> None:
    assert retention_cost(key_figures, NO_FORECAST, costs(60), cadence="quarter").cost == 60
    assert not retention_cost(key_figures, NO_FORECAST, costs(60), cadence="month").available
    assert retention_cost(key_figures, NO_FORECAST, costs({"2024-Q2": 60}), cadence="month").cost == 60


def test_without_a_forecast_there_is_no_value_and_without_customers_no_cost_each(
    shop: Shop, key_figures: KpiResult
) -> None:
    found = retention_cost(key_figures, NO_FORECAST, costs(60))
    assert found.cost_per_retained == 10
    assert np.isnan([found.mean_clv, found.clv_to_cost, found.horizon_months]).all()
    lonely = kpis(shop([("a", "2024-01-01", 1.0), ("b", "2024-04-01", 1.0)]), parse_period("2024-Q2"))
    none = retention_cost(lonely, forecast(5.0), costs(60))
    assert (none.retained_customers, none.mean_clv) == (0, 5)
    assert np.isnan([none.cost_per_retained, none.clv_to_cost]).all()


def test_a_cost_of_nothing_has_no_ratio(key_figures: KpiResult) -> None:
    found = retention_cost(key_figures, forecast(5.0), costs(0))
    assert (found.available, found.cost_per_retained, found.mean_clv) == (True, 0, 5)
    assert np.isnan(found.clv_to_cost)


def test_protected_key_figures_hide_the_cost_of_few(key_figures: KpiResult) -> None:
    """Two of eight lapsed, so how many returned is hidden: cost over cost per customer would tell."""
    found = retention_cost(protect(key_figures, 5), forecast(*[500.0] * 40), costs(1200))
    assert (found.cost, found.mean_clv) == (1200, 500)
    assert np.isnan([found.retained_customers, found.cost_per_retained, found.clv_to_cost]).all()


def test_few_retained_customers_and_a_dominated_value_are_hidden(key_figures: KpiResult) -> None:
    value = forecast(*[500.0] * 40)
    few = protect_retention_cost(retention_cost(key_figures, value, costs(1200)), 7, 0.5)
    assert np.isnan([few.retained_customers, few.cost_per_retained, few.clv_to_cost]).all()
    assert (few.cost, few.mean_clv, few.suppressed) == (1200, 500, 3)
    rich = protect_retention_cost(retention_cost(key_figures, forecast(9000.0, *[5.0] * 40), costs(1200)), 5, 0.5)
    assert np.isnan([rich.mean_clv, rich.clv_to_cost]).all()
    assert (rich.cost_per_retained, rich.suppressed) == (200, 2)
    small = protect_retention_cost(retention_cost(key_figures, forecast(5.0, 5.0, 5.0), costs(1200)), 5, 0.5)
    assert np.isnan([small.mean_clv, small.clv_to_cost]).all()
    for once, minimum in ((few, 7), (rich, 5), (small, 5)):
        again = protect_retention_cost(once, minimum, 0.5)
        assert repr(again) == repr(once)
    whole = retention_cost(key_figures, value, costs(1200))
    assert repr(protect_retention_cost(whole, 1, 1.0)) == repr(whole)
