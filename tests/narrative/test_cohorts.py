"""The page of cohorts: money and groups; a difference of groups is told only where chance does not explain it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.cohorts import CohortResult, Grain
from loyalty_lib.metrics import plain
from loyalty_lib.metrics.cohorts import section
from loyalty_lib.narrative.cohorts import story
from tests.figures.results import cohort_result

GROUPS = {"Web": 0.5, "Shop": 0.3, "other": 0.2}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.activate("en", "NOK")
    yield
    i18n.activate("en")


def told(result: CohortResult) -> dict[str, Any]:
    content = plain({"cohorts": section(result, None)})  # type: ignore[arg-type]
    again: dict[str, Any] = json.loads(json.dumps(content, allow_nan=False))
    assert again == content
    return again


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_every_number_of_money_is_a_metric(grain: Grain) -> None:
    metrics = told(cohort_result(3, 17, grain))
    average = metrics["cohorts"]["average"]
    said = story(metrics)
    assert said.lead[-1] == (
        f"Net sales in {grain} 6 were {i18n.percent(average['6']['revenue_retention'])} of those in the {grain} of the "
        f"first purchase, at {i18n.money(average['6']['order_value'])} an order."
    )
    figure = said.figures["cohorts-revenue"]
    last = i18n.money(average["17"]["cumulative_revenue"])
    assert figure.title == f"A customer has brought {last} by {grain} 17"
    assert f"by {grain} after" in figure.subtitle
    assert f"{last} at {grain} 17" in figure.alt


def test_hidden_money_is_not_told() -> None:
    metrics = told(cohort_result(3, 17))
    average = metrics["cohorts"]["average"]
    average["6"]["order_value"] = None
    assert story(metrics).lead[-1].endswith("of the first purchase.")
    average["6"]["revenue_retention"] = None
    assert "bought" in story(metrics).lead[-1]
    average["0"]["cumulative_revenue"] = None
    assert story(metrics).figures["cohorts-revenue"].title.startswith("A customer has brought NOK")
    for row in average.values():
        row["cumulative_revenue"] = None
    assert "cohorts-revenue" not in story(metrics).figures


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_groups_that_surely_differ_are_named_with_their_shares(grain: Grain) -> None:
    metrics = told(cohort_result(6, 6, grain, groups=GROUPS))
    first = {row["group"]: row for row in metrics["cohorts"]["groups"] if row["k"] == 1}
    assert metrics["cohorts"]["groups_p_value"] < 0.01
    web, shop = (i18n.percent(first[name]["retention"]) for name in ("Web", "Shop"))
    said = story(metrics)
    assert said.figures["cohorts-groups"].title == f"Web: {web} buy again in the following {grain}, Shop: {shop}"
    assert said.advice[-1].startswith("Look at what customers of the group “Web” are offered after the first order")
    assert web in said.advice[-1]
    assert shop in said.advice[-1]


def test_no_difference_is_told_that_chance_may_explain() -> None:
    metrics = told(cohort_result(6, 6, groups=GROUPS))
    without = story(told(cohort_result(6, 6))).advice
    metrics["cohorts"]["groups_p_value"] = 0.01
    said = story(metrics)
    assert said.advice == without
    title = "No clear difference by the channel of the first order"
    assert said.figures["cohorts-groups"].title == title
    metrics["cohorts"]["groups_p_value"] = 0.001
    for row in metrics["cohorts"]["groups"]:
        row["high"] = 0.9  # the two groups' own intervals meet
    assert story(metrics).advice == without
    metrics["cohorts"]["groups_p_value"] = None
    assert story(metrics).figures["cohorts-groups"].title == title


def test_without_groups_that_show_there_is_no_chart_of_them() -> None:
    assert "cohorts-groups" not in story(told(cohort_result(6, 6))).figures
    metrics = told(cohort_result(6, 6, groups=GROUPS))
    for row in metrics["cohorts"]["groups"]:
        row["retention"] = None
    assert "cohorts-groups" not in story(metrics).figures


def test_where_the_sixth_period_is_hidden_the_last_one_before_it_is_told() -> None:
    metrics = told(cohort_result(3, 17))
    average = metrics["cohorts"]["average"]
    for k in ("5", "6"):
        average[k] |= dict.fromkeys(average[k])
    said = story(metrics)
    share = i18n.percent(average["4"]["retention"])
    assert f"In month 4 after the first purchase {share} of the customers bought." in said.lead


def test_one_group_that_shows_is_compared_with_nothing() -> None:
    metrics = told(cohort_result(6, 6, groups=GROUPS))
    for row in metrics["cohorts"]["groups"]:
        if row["group"] == "Shop":
            row["retention"] = None
    assert "cohorts-groups" not in story(metrics).figures


def test_the_subtitle_says_how_many_cohorts_are_drawn() -> None:
    """Of more cohorts than the heat map shows, the caption names both numbers; the limit is the chart's own."""
    content = told(cohort_result())
    assert "latest" not in story(content).figures["cohorts"].subtitle
    content["cohorts"]["sizes"] = content["cohorts"]["sizes"][:1] * 60
    assert story(content).figures["cohorts"].subtitle.endswith("(the latest 24 of 60 cohorts)")
    assert import_module("loyalty_lib.figures.cohorts").COHORTS == import_module("loyalty_lib.narrative.cohorts").DRAWN
