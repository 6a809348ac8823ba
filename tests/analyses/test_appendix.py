"""What the technical appendix compares beside the forecast: groups by the first column the data know, other models."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_lib import i18n, narrative, tables
from loyalty_lib.analyses.appendix import Groups, appendix_groups, appendix_models
from loyalty_lib.analyses.groups import group_differences
from loyalty_lib.analyses.lifetime import LifetimeResult, lifetime
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.config.analyses import Clv
from loyalty_lib.metrics import plain, rows
from loyalty_lib.simulate import simulate_transactions
from loyalty_lib.validate import Transactions, read_transactions

AS_OF = dt.date(2024, 12, 31)
SETTINGS = Clv(yearly_discount_rate=0.1, margin=0.4, holdout_weeks=26)


@pytest.fixture(scope="module")
def shop() -> Transactions:
    """Return two years of 900 simulated customers, whose orders know their channel and category."""
    orders = simulate_transactions(customers=900, start=dt.date(2023, 1, 1), end=AS_OF, seed=5)
    assert {"channel", "category"} <= set(orders.columns)
    return read_transactions(orders)


@pytest.fixture(scope="module")
def value(shop: Transactions) -> LifetimeResult:
    return lifetime(shop, AS_OF, rfm(shop, AS_OF), SETTINGS)


@pytest.fixture(scope="module")
def groups(shop: Transactions, value: LifetimeResult) -> Groups:
    return appendix_groups(shop, AS_OF, value)


def test_groups_are_those_of_the_first_column_the_data_know(shop: Transactions, groups: Groups) -> None:
    found = group_differences(shop, AS_OF, "channel")
    assert groups.by == "channel"
    assert groups.table.equals(found.table)
    assert (groups.p_value, groups.differ, groups.finding) == (found.test.p_value, found.differ, found.finding)


def test_models_are_compared_on_the_hold_outs_of_the_forecast(shop: Transactions, value: LifetimeResult) -> None:
    compared = appendix_models(shop, AS_OF, value)
    assert value.forecast is not None
    assert compared.holdout_days == value.forecast.check.holdout_days == 26 * 7
    assert compared.table.set_index("name")["predicted"]["bgnbd"] == pytest.approx(value.forecast.check.predicted)


def test_without_a_forecast_there_is_nothing_to_compare(shop: Transactions) -> None:
    none = lifetime(shop, AS_OF, rfm(shop, AS_OF), None)
    assert appendix_models(shop, AS_OF, none).table.empty
    assert appendix_groups(shop, AS_OF, none).table.empty
    assert tables.groups(appendix_groups(shop, AS_OF, none)).rows == ()


def test_the_table_shows_every_group_with_its_interval(groups: Groups) -> None:
    shown = tables.groups(groups)
    assert [row[0] for row in shown.rows] == groups.table.index.tolist()
    assert shown.columns[0].label == "Channel of the first order"
    assert [row[-3:] for row in shown.rows] == [
        tuple(row) for row in groups.table.filter(like="expected_purchases").to_numpy().tolist()
    ]
    assert not shown.wide


@pytest.mark.parametrize("differ", [True, False])
def test_a_group_is_named_best_only_where_groups_differ(groups: Groups, *, differ: bool) -> None:
    i18n.activate("en", "EUR")
    table = rows(groups.table.reset_index())
    told = {"table": table, "differ": differ, "finding": groups.finding, "by": groups.by}
    headline = narrative.headline("groups", {"groups": plain(told)})
    best = groups.table["expected_purchases"].idxmax()
    assert headline.startswith(f"{best}: ") == differ
    assert ("do not clearly differ" in headline) != differ
