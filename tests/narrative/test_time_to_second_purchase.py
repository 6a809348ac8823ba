"""What the page of second purchases says is in its metrics, and nothing is said of what is hidden."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.inputs import Inputs
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.time_to_second_purchase import section
from loyalty_lib.narrative.story import Story
from loyalty_lib.narrative.time_to_second_purchase import story
from tests.figures.test_time_to_second_purchase import many, result

NAME = "time_to_second_purchase"
RANGE = (
    "By the category of their first order, from 40% (Household appliances, lamps and small furniture) to 52% (Sleeping "
    "bags) of customers buy again within 90 days."
)
EARLY = (
    "Make the offer for a second purchase before day 58: by then half of those who come back have done so. 30 one-time "
    "customers are within 212 days of their purchase now."
)
LATE = (
    "After day 212 treat a one-time customer as one to win back: only one in five of those who come back does so later."
    " 470 one-time customers are past that day."
)
INPUTS = cast("Inputs", SimpleNamespace())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.activate("en", "USD")
    yield
    i18n.activate("en")


def metrics_of(shown: Any) -> dict[str, Any]:
    data = plain({NAME: section(shown, INPUTS), "as_of": shown.as_of})
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    return cast("dict[str, Any]", data)


@pytest.fixture
def metrics() -> dict[str, Any]:
    return metrics_of(result())


def words(told: Story) -> list[str]:
    return [
        told.headline,
        *told.lead,
        *told.advice,
        *(text for figure in told.figures.values() for text in (figure.title, figure.subtitle, figure.alt)),
    ]


def numbers(value: Any) -> set[str]:
    """Every number of the metrics, as a sentence would write it."""
    if isinstance(value, dict):
        return set().union(*(numbers(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(numbers(item) for item in value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return set(re.findall(r"\d+", str(value)))
    return {i18n.number(value), i18n.percent(value), i18n.percent(value, 1)}


@pytest.mark.parametrize("shown", [result(), many(), result(0.02, 0.05)], ids=["few groups", "many", "rare"])
def test_every_number_in_a_sentence_is_a_metric(shown: Any) -> None:
    metrics = metrics_of(shown)
    known = numbers(metrics)
    counted = {i18n.number(sum(row["share"] is not None for row in metrics[NAME]["groups"]))}  # groups in the alt text
    for text in words(story(metrics)):
        said = set(re.findall(r"\d[\d,.]*\d%?|\d%?", text))
        assert said <= known | counted, (text, said - known)


def test_the_page_in_words(metrics: dict[str, Any]) -> None:
    told = story(metrics)
    assert told.headline == "29% of customers buy again within 90 days"
    assert told.lead == (
        "Of those who buy a second time, half have done so by day 58 and four of five by day 212.",
        "Within a year 45% buy again.",
        "After the second purchase, 43% buy a third time within 90 days.",
        RANGE,
    )
    assert told.advice == (EARLY, LATE)
    assert set(told.figures) == {NAME, f"{NAME}-groups"}
    assert told.figures[NAME].title == told.headline


def test_groups_that_do_not_clearly_differ_are_not_ranked(metrics: dict[str, Any]) -> None:
    for test in metrics[NAME]["tests"].values():
        test["differ"] = False
    told = story(metrics)
    assert not any("Sleeping bags" in text for text in words(told))
    assert told.figures[f"{NAME}-groups"].title == "No clear difference between the groups"
    del metrics[NAME]["tests"]["category"]
    assert story(metrics).figures[f"{NAME}-groups"].title == "No clear difference by the time of the first purchase"


def test_groups_that_read_alike_are_not_ranked_even_where_they_differ(metrics: dict[str, Any]) -> None:
    for row in metrics[NAME]["groups"]:
        row["share"] = 0.4 if row["group"] == "other" else 0.411
    told = story(metrics)
    assert told.figures[f"{NAME}-groups"].title == "Share who buy again within 90 days by group of customers"
    assert not any("41%" in sentence for sentence in told.lead)


def test_the_median_is_told_once_half_of_all_have_returned(metrics: dict[str, Any]) -> None:
    metrics[NAME]["steps"]["second"]["median"] = 114.0
    assert story(metrics).lead[1] == "Half of all customers have bought again by day 114."


def test_evidence_for_protection_is_no_metric() -> None:
    section_ = metrics_of(result())[NAME]
    assert not any("returned" in row for row in [*section_["groups"], *section_["at_days"]])
    assert "returned" not in result().curve_shown


def test_one_customer_is_one(metrics: dict[str, Any]) -> None:
    metrics[NAME] |= {"waiting": 1, "late": 1}
    early, late = story(metrics).advice
    assert early.endswith("1 one-time customer is within 212 days of the purchase now.")
    assert late.endswith("1 one-time customer is past that day.")
    metrics[NAME] |= {"waiting": 0, "late": None}
    assert not any("one-time customers" in advice for advice in story(metrics).advice)


def test_an_offer_before_the_next_day_goes_with_the_first_purchase(metrics: dict[str, Any]) -> None:
    metrics[NAME]["steps"]["second"]["day50"] = 1.0
    assert story(metrics).advice[0].startswith("Make the offer for a second purchase together with the first")


def test_few_are_not_none_and_many_are_not_all() -> None:
    assert story(metrics_of(result(0.004, 0.05))).headline == "0.3% of customers buy again within 90 days"
    assert story(metrics_of(result(0.996, 0.997, 10.0, 15))).headline == "99.4% of customers buy again within 90 days"


def test_a_young_shop_is_told_of_by_its_thirty_days(metrics: dict[str, Any]) -> None:
    for row in metrics[NAME]["at_days"]:
        if row["day"] > 30:
            row["share"] = None
    metrics[NAME]["day"] = 30
    told = story(metrics)
    assert told.headline == "13% of customers buy again within 30 days"
    assert not any("year" in sentence for sentence in told.lead)


def test_what_is_hidden_is_not_spoken_of(metrics: dict[str, Any]) -> None:
    """Each figure in turn, and all of them: no dash, no "None", no zero in its place."""
    section_ = metrics[NAME]
    hidden = copy.deepcopy(metrics)
    for step in hidden[NAME]["steps"].values():
        step.update(dict.fromkeys(step))
    hidden[NAME] |= {"waiting": None, "late": None}
    for row in hidden[NAME]["groups"]:
        row.update(dict.fromkeys(["customers", "share", "low", "high", "day80"]))
    told = story(hidden)
    assert told.headline == "29% of customers buy again within 90 days"
    assert told.advice == ()
    assert set(told.figures) == {NAME}
    assert not any("–" in text or "None" in text for text in words(told))
    for row in section_["at_days"]:
        row["share"] = None
    assert story(metrics) == Story("")


def test_where_nobody_returned_there_is_no_page() -> None:
    shown = result()
    nobody = dataclasses.replace(shown, at_days=shown.at_days.assign(share=0.0), groups=pd.DataFrame(shown.groups[:0]))
    assert story(metrics_of(nobody)) == Story("")
