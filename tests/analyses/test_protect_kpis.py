"""Protected key figures: the trend as the table, and what depends on all customers, on categories and on the recipe."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpi_units import UNITS
from loyalty_lib.analyses.kpis import KpiResult, kpis
from loyalty_lib.analyses.protect_kpis import protect_kpis
from loyalty_lib.config.analyses import Engagement
from loyalty_lib.periods import parse_period
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

RECIPE = Engagement.model_validate({"frequency": 1, "recency": {"weight": 1, "low": 0, "high": 365}, "categories": 1})
FLOWS = ["new_customers", "returning_customers", "reactivated_customers", "lapsed_customers"]


@pytest.fixture
def result(shop: Shop, orders: pd.DataFrame) -> KpiResult:
    rng = np.random.default_rng(4)
    rows = orders.assign(category=rng.choice(np.array(["x", "y", None], dtype=object), len(orders), p=[0.6, 0.2, 0.2]))
    return kpis(shop(rows), parse_period("2024-11"), engagement=RECIPE)


@pytest.mark.parametrize("minimum", [2, 5, 10, 30])
def test_the_trend_hides_what_the_table_hides(result: KpiResult, minimum: int) -> None:
    shown = protect_kpis(result, minimum, 0.5)
    trend = shown.trend.set_index("label")
    assert list(shown.figures.index) == list(UNITS)
    for name, period in (("value", shown.period), ("previous", shown.previous), ("year_ago", shown.year_ago)):
        assert shown.figures[name].to_list() == pytest.approx(row(trend, period.label, list(UNITS)), abs=0, nan_ok=True)
    assert shown.suppressed > 0


@pytest.mark.parametrize("minimum", [2, 5, 10])
def test_no_few_customers_show_in_any_period_of_the_trend(result: KpiResult, minimum: int) -> None:
    shown = protect_kpis(result, minimum, 0.5).trend.set_index("label")
    true = result.by_period.loc[shown.index]

    def few(counts: pd.Series) -> pd.Series:
        return counts.between(1, minimum - 1)

    for key in ["active_customers", *FLOWS]:
        assert shown.loc[few(true[key]), key].isna().all()
    silent, so_far = true["silent_customers"], true["customers_so_far"]
    assert shown.loc[few(silent) | few(so_far - silent), "silent_rate"].isna().all()
    several, known = true["several_customers"], true["category_customers"]
    hidden = few(several) | few(known - several) | few(known) | few(true["active_customers"] - known)
    assert shown.loc[hidden, ["upsell_ratio", "one_to_several"]].isna().all(axis=None)
    further = true["purchase_days"] - true["active_customers"]
    assert shown.loc[few(further), ["purchase_days", "purchase_frequency"]].isna().all(axis=None)
    assert shown.loc[~hidden, "upsell_ratio"].notna().sum() >= 2


def test_the_active_customers_who_are_not_new_are_not_few_where_the_period_before_is_unknown(shop: Shop) -> None:
    """The data begin inside the first quarter: 10 are active in the second, of whom 7 are new and 3 are not."""
    rows = [(f"a{n}", "2024-01-15", 10.0) for n in range(20)] + [(f"a{n}", "2024-04-15", 10.0) for n in range(3)]
    rows += [(f"b{n}", "2024-05-15", 10.0) for n in range(7)] + [(f"b{n}", "2024-08-15", 10.0) for n in range(7)]
    trend = protect_kpis(kpis(shop(rows), parse_period("2024-Q3")), 5, 1.0).trend.set_index("label")
    assert trend.loc["2024-Q2", "active_customers"] == 10
    assert np.isnan(trend.loc["2024-Q2", "new_customers"])


def test_protecting_twice_changes_nothing(result: KpiResult) -> None:
    for minimum in (2, 5, 30):
        once = protect_kpis(result, minimum, 0.5)
        twice = protect_kpis(once, minimum, 0.5)
        pd.testing.assert_frame_equal(once.figures, twice.figures)
        pd.testing.assert_frame_equal(once.trend, twice.trend)
        assert once.engagement is not None
        assert twice.engagement is not None
        pd.testing.assert_frame_equal(once.engagement.components, twice.engagement.components)
        assert once.suppressed == twice.suppressed


def test_a_minimum_of_one_hides_nothing(result: KpiResult) -> None:
    shown = protect_kpis(result, 1, 1.0)
    assert shown.suppressed == 0
    pd.testing.assert_frame_equal(shown.trend, result.trend)


def new_customers(shop: Shop, *counts: int) -> KpiResult:
    """Make a shop with so many new customers in each month of 2024; all buy every 20 days until the year's end."""
    rows = [
        (f"{month}-{n}", f"{day:%Y-%m-%d}", 1.0)
        for month, count in enumerate(counts, start=1)
        for n in range(count)
        for day in pd.date_range(f"2024-{month:02d}-01", f"2024-{len(counts):02d}-28", freq="20D")
    ]
    return kpis(shop(rows), parse_period(f"2024-{len(counts):02d}"))


def test_new_customers_of_one_month_are_not_what_all_customers_leave_of_the_others(shop: Shop) -> None:
    """The data begin with the trend, so new customers add up to all there are: a second month is hidden with April."""
    shown = protect_kpis(new_customers(shop, 40, 9, 20, 3, 8, 12), 5, 0.5).trend.set_index("label")
    assert shown["new_customers"].isna().to_dict() == {
        "2024-01": False, "2024-02": False, "2024-03": False, "2024-04": True, "2024-05": True, "2024-06": False,
    }  # fmt: skip
    assert shown.loc["2024-05", FLOWS].isna().all()


def test_the_share_of_silent_customers_does_not_give_new_ones_away(shop: Shop) -> None:
    """A share tells of how many it is: of periods before the hidden one none shows, later ones do."""
    result = new_customers(shop, 40, 9, 20, 3, 8, 12)
    silent = result.trend.set_index("label")["silent_rate"]
    assert silent["2024-02":].notna().all()
    shown = protect_kpis(result, 5, 0.5).trend.set_index("label")["silent_rate"]
    assert shown[:"2024-04"].isna().all()
    assert shown["2024-05":].notna().all()


def test_few_new_customers_after_long_history_hide_the_shares_before_them_only(shop: Shop) -> None:
    """40 customers of 2022 buy every 20 days; 3 new ones come in October 2024, 9 in November."""
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2022-01-01", "2024-12-28", freq="20D")]
    rows = [(f"c{n}", day, 1.0) for n in range(40) for day in days]
    rows += [(f"gone{n}", "2022-01-01", 1.0) for n in range(6)]
    rows += [(f"few{n}", "2024-10-05", 1.0) for n in range(3)] + [(f"more{n}", "2024-11-05", 1.0) for n in range(9)]
    result = kpis(shop(rows), parse_period("2024-12"))
    shown = protect_kpis(result, 5, 0.5).trend.set_index("label")
    assert np.isnan(shown["new_customers"]["2024-10"])
    assert shown["silent_rate"].isna().to_list() == [True] * 10 + [False] * 3


def test_a_bound_of_the_recipe_that_one_customer_has_is_hidden(result: KpiResult) -> None:
    """The largest number of purchase days is one customer's; the bounds of the settings are nobody's."""
    assert result.engagement is not None
    held = result.engagement.components["high_customers"]["frequency"]
    assert 0 < held < 5
    shown = protect_kpis(result, 5, 0.5).engagement
    assert shown is not None
    assert np.isnan(shown.components["high"]["frequency"])
    assert shown.components["low"]["frequency"] == 1
    assert row(shown.components, "recency", ["low", "high"]) == [0, 365]
    assert shown.components["weight"].to_dict() == dict.fromkeys(["frequency", "recency", "categories"], 1 / 3)


def test_the_index_of_few_customers_is_hidden(result: KpiResult) -> None:
    few = result.by_period.assign(rated_customers=4.0)
    shown = protect_kpis(dataclasses.replace(result, by_period=few), 5, 0.5)
    assert shown.figures.loc["engagement_index"].drop("unit").isna().all()
    assert shown.trend["engagement_index"].isna().all()


@pytest.mark.parametrize("minimum", [2, 5, 10, 30])
def test_changes_are_hidden_with_their_figures_and_stay_so(result: KpiResult, minimum: int) -> None:
    shown = protect_kpis(result, minimum, 0.5)
    for against in ("previous", "year_ago"):
        hidden = shown.figures[["value", against]].isna().any(axis=1)
        changes = shown.changes.xs(against, level="against")
        assert changes.loc[hidden[hidden].index].isna().all(axis=None)
        assert changes.loc[hidden[~hidden].index, "change"].notna().all()
    pd.testing.assert_frame_equal(protect_kpis(shown, minimum, 0.5).changes, shown.changes)


def test_bounds_do_not_tell_how_few_customers_came_back(shop: Shop) -> None:
    """40 buy in the third quarter of 2024, 37 of these and 20 new ones in the fourth: 3 did not come back.

    The bounds of the change in active customers can be solved for those active in both, so none of them is shown.
    """
    then = [(f"c{n}", "2024-08-15", 10.0) for n in range(40)]
    now = [(f"c{n}", "2024-11-15", 10.0) for n in range(37)] + [(f"new{n}", "2024-11-20", 10.0) for n in range(20)]
    result = kpis(shop([*then, *now, *((f"old{n}", "2022-01-01", 1.0) for n in range(9))]), parse_period("2024-Q4"))
    row = result.changes.loc[("active_customers", "previous")].astype(float)
    variance = (np.log((1 + row["high"]) / (1 + row["low"])) / (2 * 1.959964)) ** 2
    one, other = 57.0, 40.0
    solved = (1 / one + 1 / other - variance) * one * other / 2
    assert solved == pytest.approx(37, abs=0.5)
    shown = protect_kpis(result, 5, 0.5)
    assert shown.changes.xs("previous", level="against")[["low", "high"]].isna().all(axis=None)
    assert (
        shown.changes.loc[("active_customers", "previous"), "clear"]
        == result.changes.loc[("active_customers", "previous"), "clear"]
    )
    assert protect_kpis(result, 3, 0.5).changes.xs("previous", level="against")["low"].notna().any()
