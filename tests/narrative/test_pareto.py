"""The page of concentration: every number is a metric, and what is hidden is not told."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from loyalty_lib import i18n
from loyalty_lib.metrics import plain
from loyalty_lib.metrics.pareto import section
from loyalty_lib.narrative.pareto import story
from tests.figures.results import pareto_result


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.activate("en", "NOK")
    yield
    i18n.activate("en")


@pytest.fixture
def told() -> dict[str, Any]:
    content = plain({"pareto": section(pareto_result(), None), "as_of": "1998-06-30"})  # type: ignore[arg-type]
    again: dict[str, Any] = json.loads(json.dumps(content, allow_nan=False))
    assert again == content
    return again


def test_every_number_is_a_metric(told: dict[str, Any]) -> None:
    pareto = told["pareto"]
    said = story(told)
    assert said.headline == "The top 20% of customers bring 71% of sales"
    assert said.lead[0] == f"{i18n.percent(pareto['share_for_80'])} of customers make 80% of sales."
    assert said.lead[2].endswith("is 0.60 (95% interval 0.58 to 0.62).")
    first, last = (
        i18n.percent(pareto["deciles"][at]["share_of_sales"], decimals) for at, decimals in ((0, 0), (-1, 1))
    )
    deciles = said.figures["pareto-deciles"]
    assert deciles.title == f"The largest tenth brings {first} of sales, the smallest {last}"
    assert f"tenth 10 {last} of sales" in deciles.alt
    assert "1 July 1997 to 30 June 1998" in deciles.subtitle


def test_a_shop_that_depends_on_few_is_told_so_with_what_would_be_left(told: dict[str, Any]) -> None:
    assert story(told).advice[0].startswith("No single customer matters much: the ten largest together bring 5.0%")
    few, ten = told["pareto"]["dependence"][1:]
    ten |= {"share_of_sales": 0.3, "sales_left": 700_000.0}
    first, second = story(told).advice
    assert first.startswith("The ten largest customers bring 30.0% of sales.")
    assert second.endswith("NOK700,000 of net sales would be left.")
    few["share_of_sales"] = 0.25
    assert story(told).advice[2] == "Begin with the five largest, who alone bring 25.0%."
    ten["sales_left"] = None
    assert len(story(told).advice) == 2


def test_hidden_shares_are_not_told(told: dict[str, Any]) -> None:
    hidden = copy.deepcopy(told)
    hidden["pareto"]["dependence"][2]["share_of_sales"] = None
    assert story(hidden).advice == ()
    hidden["pareto"]["dependence"] = []
    assert story(hidden).advice == ()
    hidden["pareto"] |= {"gini_low": None, "gini_high": None, "share_for_80": None}
    assert len(story(hidden).lead) == 1
    for row in hidden["pareto"]["deciles"][:3]:
        row["share_of_sales"] = None
    figure = story(hidden).figures["pareto-deciles"]
    assert figure.title == "Sales by tenth of customers"
    assert "Tenth 4 brings" in figure.alt
    for row in hidden["pareto"]["deciles"]:
        row["share_of_sales"] = None
    assert "pareto-deciles" not in story(hidden).figures
    for row in hidden["pareto"]["top_shares"]:
        row["share_of_sales"] = None
    assert story(hidden).headline == "Too few customers to measure concentration"
