"""The engagement index: a shop checked by eye, and every customer of a simulated one by plain pandas."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.engagement import EngagementResult, engagement_index, valid_answers
from loyalty_lib.analyses.kpis import kpis
from loyalty_lib.config.analyses import Engagement
from loyalty_lib.periods import parse_period

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
WEIGHTS = {"frequency": 2, "recency": 1, "categories": 1, "nps": 4}


def settings(**values: Any) -> Engagement:
    return Engagement.model_validate(values)


def answers(*rows: tuple[str | None, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "answered_on", "nps"])
    return frame.assign(answered_on=pd.to_datetime(frame["answered_on"], format="ISO8601"))


ROWS = pd.DataFrame(
    [
        ("a", "2024-12-31", "tea"),  # two days, 0 days ago, two categories, answers 10
        ("a", "2024-12-01", "cake"),
        ("b", "2024-12-11", "tea"),  # one day, 20 days ago, one category, no answer
        ("c", "2023-12-31", "tea"),  # the day before the window
    ],
    columns=["customer_id", "day", "category"],
).assign(amount=5.0)


def test_the_index_of_a_shop_checked_by_eye(shop: Shop) -> None:
    """A: (2 x 1 + 1 x 1 + 1 x 1 + 4 x 0.6) / 8 = 0.8.  B, who did not answer: (2 x 0 + 1 x 0 + 1 x 0) / 4 = 0.

    The answer 6 is 0.6 of the way from 0 to 10, the bounds given; the mean of 80 and 0 is 40.
    """
    recipe = settings(frequency=2, recency=1, categories=1, nps={"weight": 4, "low": 0, "high": 10})
    found = engagement_index(shop(ROWS), [AS_OF], AS_OF, recipe, answers(("a", "2024-05-01", "6")))
    assert found.index.loc[AS_OF].to_dict() == {"engagement_index": pytest.approx(40, rel=1e-14), "rated_customers": 2}
    assert found.components["weight"].to_dict() == {
        "frequency": 0.25,
        "recency": 0.125,
        "categories": 0.125,
        "nps": 0.5,
    }
    assert found.components["low"].to_dict() == {"frequency": 1, "recency": 0, "categories": 1, "nps": 0}
    assert found.components["high"].to_dict() == {"frequency": 2, "recency": 20, "categories": 2, "nps": 10}
    assert found.components["low_customers"].to_list()[:3] == [1, 1, 1]
    assert np.isnan(found.components["low_customers"]["nps"])
    assert found.caveats == ()


def test_values_outside_the_bounds_count_as_the_bounds(shop: Shop) -> None:
    """Bounds 0 to 10 days: a, 0 days ago, has 1; b, 20 days ago, has 0, not -1."""
    recipe = settings(recency={"weight": 1, "low": 0, "high": 10})
    assert engagement_index(shop(ROWS), [AS_OF], AS_OF, recipe).index["engagement_index"].to_list() == [50]


def test_the_latest_valid_answer_counts(shop: Shop) -> None:
    given = answers(
        ("a", "2024-02-01", "3"),
        ("a", "2024-03-01 17:00", "9"),
        ("a", "2024-03-01", "8"),  # of two on one day the lower
        ("a", "2024-04-01", "11"),
        ("a", "2024-05-01", "Blank"),
        ("a", "2024-06-01", ""),
        ("a", "2024-07-01", "7.5"),
        ("a", "2024-08-01", None),
        ("a", "2024-12-31 23:59", "8"),  # on the last day
        ("a", "2025-01-01", "0"),  # after the period
        (None, "2024-09-01", "1"),
    )
    assert valid_answers(given)["nps"].to_list() == [3, 8, 8, 0]
    recipe = settings(nps={"weight": 1, "low": 0, "high": 10})
    found = engagement_index(shop(ROWS), [AS_OF, dt.date(2024, 2, 28)], AS_OF, recipe, given)
    assert found.index["engagement_index"].to_list() == [80, pytest.approx(np.nan, nan_ok=True)]
    assert found.index["rated_customers"].to_list() == [1, 0]  # c, alone in the window to February, did not answer


def test_a_component_that_tells_nobody_apart_is_left_out_and_said(shop: Shop) -> None:
    found = engagement_index(shop(ROWS.drop(columns="category")), [AS_OF], AS_OF, settings(**WEIGHTS))
    assert found.components["weight"].to_dict() == {"frequency": 2 / 3, "recency": 1 / 3}
    assert [caveat.split(":")[0] for caveat in found.caveats] == [
        "The engagement index is without categories",
        "The engagement index is without answers on recommending",
    ]
    only = engagement_index(shop(ROWS.drop(columns="category")), [AS_OF], AS_OF, settings(nps=1))
    assert only.components.empty
    assert np.isnan(only.index["engagement_index"].iloc[0])


def test_no_transactions_give_no_index(shop: Shop) -> None:
    found = engagement_index(shop(ROWS.iloc[:0]), [AS_OF], AS_OF, settings(**WEIGHTS))
    assert (found.index["rated_customers"].iloc[0], found.components.empty, found.caveats) == (0, True, ())


@pytest.fixture(scope="module")
def shopped(orders: pd.DataFrame) -> pd.DataFrame:
    """The two years with categories, one order in three without, and refunds of their own order or of none."""
    rng = np.random.default_rng(4)
    return orders.assign(category=rng.choice(np.array(["x", "y", "z", None], dtype=object), len(orders)))


@pytest.fixture(scope="module")
def asked(orders: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    customers = rng.choice(orders["customer_id"].unique(), 300)
    days = pd.Timestamp("2023-06-01") + pd.to_timedelta(rng.integers(0, 570, 300), unit="D")
    given = rng.choice(np.array([*map(str, range(12)), "Blank"], dtype=object), 300)
    return pd.DataFrame({"customer_id": customers, "answered_on": days, "nps": given})


@pytest.mark.parametrize("months", [3, 12])
def test_the_index_agrees_with_plain_pandas(
    shop: Shop, shopped: pd.DataFrame, asked: pd.DataFrame, months: int
) -> None:
    ends = [AS_OF, dt.date(2024, 9, 30), dt.date(2024, 6, 30)]
    recipe = settings(**WEIGHTS, window_months=months)
    found = engagement_index(shop(shopped), ends, AS_OF, recipe, asked)
    tables = {end: values_by_hand(shopped, asked, end, months) for end in ends}
    low, high = tables[AS_OF].min(), tables[AS_OF].max()
    assert found.components["low"].to_dict() == low.to_dict()
    assert found.components["high"].to_dict() == high.to_dict()
    for end, table in tables.items():
        scaled = ((table - low) / (high - low)).clip(0, 1)
        scaled["recency"] = 1 - scaled["recency"]
        weights = scaled.notna() * pd.Series(WEIGHTS)
        index = (scaled.fillna(0) * weights).sum(axis=1) / weights.sum(axis=1)
        assert table["nps"].notna().sum() > 30
        assert found.index["rated_customers"][end] == len(table)
        assert found.index["engagement_index"][end] == pytest.approx(100 * index.mean(), rel=1e-12)


def values_by_hand(orders: pd.DataFrame, asked: pd.DataFrame, end: dt.date, months: int) -> pd.DataFrame:
    """Give every customer of the window the four values; every order is one row here, none is cancelled."""
    last = pd.Timestamp(end)
    start = last + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    bought = orders[(orders["amount"] >= 0) & orders["day"].between(start, last)]
    groups = bought.groupby("customer_id")
    table = pd.DataFrame({"frequency": groups["day"].nunique(), "recency": (last - groups["day"].max()).dt.days})
    categories = groups["category"].nunique()
    valid = asked[asked["nps"].isin([str(answer) for answer in range(11)]) & (asked["answered_on"] <= last)]
    latest = valid.assign(nps=valid["nps"].astype(int)).sort_values(["answered_on", "nps"], ascending=[True, False])
    table["categories"] = categories.where(categories > 0)
    table["nps"] = latest.groupby("customer_id")["nps"].last().reindex(table.index)
    return table.astype(float)


def same(one: EngagementResult, other: EngagementResult) -> None:
    pd.testing.assert_frame_equal(one.index, other.index, check_exact=True)
    pd.testing.assert_frame_equal(one.components, other.components, check_exact=True)


def test_rows_in_another_order_and_other_amounts_change_nothing(
    shop: Shop, shopped: pd.DataFrame, asked: pd.DataFrame
) -> None:
    recipe = settings(**WEIGHTS)
    one = engagement_index(shop(shopped), [AS_OF], AS_OF, recipe, asked)
    shuffled = shopped.sample(frac=1, random_state=1)
    same(one, engagement_index(shop(shuffled), [AS_OF], AS_OF, recipe, asked.sample(frac=1, random_state=2)))
    hundred = shopped.assign(amount=shopped["amount"] * 100)
    same(one, engagement_index(shop(hundred), [AS_OF], AS_OF, recipe, asked))


def test_key_figures_show_the_index_of_whole_windows_only(shop: Shop, orders: pd.DataFrame) -> None:
    """With data from 1 January 2023 a window of twelve months is first observed at the end of 2023."""
    rows = pd.concat([orders, orders.iloc[:1].assign(day=pd.Timestamp("2023-01-01"), order_id="first")])
    recipe = settings(frequency=1, recency=1)
    result = kpis(shop(rows), parse_period("2024-Q2"), engagement=recipe)
    index = result.trend.set_index("label")["engagement_index"]
    assert index.index[index.notna()].to_list() == ["2023-Q4", "2024-Q1", "2024-Q2"]
    assert result.figures.loc["engagement_index", "value"] == index["2024-Q2"]
    early = kpis(shop(rows), parse_period("2023-Q3"), engagement=recipe)
    assert early.figures["value"]["engagement_index"] > 0
    assert "months that the engagement index looks at" in early.caveats[-1]


def test_the_reporting_period_is_rated_by_what_was_known_at_its_end(shop: Shop, orders: pd.DataFrame) -> None:
    recipe = settings(frequency=1, recency=1)
    as_of = dt.date(2024, 6, 30)
    cut = orders[orders["day"] <= pd.Timestamp(as_of)]
    same(
        engagement_index(shop(orders), [as_of], as_of, recipe),
        engagement_index(shop(cut), [as_of], as_of, recipe),
    )
