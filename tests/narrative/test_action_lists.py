"""What the page of actions says follows from its figures, whatever is missing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect_action_lists import GROUPS, ORDERS
from loyalty_lib.inputs import Inputs
from loyalty_lib.metrics.action_lists import section
from loyalty_lib.metrics.data import plain
from loyalty_lib.narrative.action_lists import story, top_actions
from tests.analyses.test_protect_action_lists import result_of

SIZES = {"win_back": [20, 30, 40, 10], "anniversary": [5, 5, 5, 5], "upcoming": [30] * 4}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.activate("en", "USD")
    yield
    i18n.activate("en")


@pytest.fixture
def metrics() -> dict[str, Any]:
    result = result_of(SIZES, [(10, 20, 30), (5, 9, 20), (40, 9, 20), (8, 8, 8)])
    made: dict[str, Any] = plain(
        {"as_of": "2024-12-31", "action_lists": section(result, cast("Inputs", SimpleNamespace()))}
    )
    return made


def said(metrics: dict[str, Any]) -> str:
    told = story(metrics)
    figures = [text for one in told.figures.values() for text in (one.title, one.subtitle, one.alt)]
    return "\n".join([told.headline, *told.lead, *told.advice, *figures])


def row(metrics: dict[str, Any], name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", next(one for one in metrics["action_lists"]["lists"] if one["list"] == name))


def without_assumptions(metrics: dict[str, Any]) -> dict[str, Any]:
    for one in metrics["action_lists"]["lists"]:
        one.update(dict.fromkeys(("uplift", "cost", "reward", "extra_sales", "expected_value", "break_even")))
    metrics["action_lists"].update(paying=None, expected_value=None, budget=[], amount=None)
    return metrics


def test_metrics_are_json_without_evidence_or_customers(metrics: dict[str, Any]) -> None:
    page = metrics["action_lists"]
    assert json.loads(json.dumps(page, allow_nan=False)) == page
    assert "largest_share" not in json.dumps(page)
    assert "counted" not in json.dumps(page)
    assert "c17" not in json.dumps(page)
    assert story(json.loads(json.dumps(metrics))) == story(metrics)


def test_actions_are_the_lists_that_pay_largest_first_with_their_assumption(metrics: dict[str, Any]) -> None:
    told = story(metrics)
    best, other = sorted((row(metrics, "win_back"), row(metrics, "upcoming")), key=lambda one: -one["expected_value"])
    assert [money for money, _ in top_actions(metrics)] == [best["expected_value"], other["expected_value"]]
    assert told.advice[:2] == tuple(text for _, text in top_actions(metrics))
    assert i18n.money_short(best["expected_value"]) in told.headline
    assert "if 10 more of a hundred buy when written to" in told.advice[0]
    assert f"{best['customers']:,}" in told.advice[0]
    assert "a random 20% of it" in told.advice[2]
    assert i18n.number(100 * best["smallest_effect"], 1) in told.advice[2]
    assert "1 list has no assumed effect" in told.advice[-1]
    page = metrics["action_lists"]
    assert f"It pays to write to {page['paying']} customers" in said(metrics)
    assert i18n.money_short(page["expected_value"]) in said(metrics)
    assert i18n.money_short(page["paid_for"]["cost"]) in said(metrics)
    top = max(page["value_at_risk"], key=lambda one: one["at_risk"])
    assert told.figures["action_lists-risk"].title.endswith(
        f"{i18n.percent(top['share_at_risk'])} of the value at risk"
    )


def test_an_effect_too_small_for_the_control_group_is_called_so(metrics: dict[str, Any]) -> None:
    assert "The assumed effect is smaller" in said(metrics)
    for one in metrics["action_lists"]["lists"]:
        one["smallest_effect"] = 0.05
    assert "The assumed effect is smaller" not in said(metrics)
    metrics["action_lists"]["share_of_control"] = 0
    assert "Leave a random tenth of every list alone" in said(metrics)


def test_without_assumptions_lists_are_ranked_by_an_order_from_each(metrics: dict[str, Any]) -> None:
    bare = without_assumptions(metrics)
    ranked = sorted((one["one_order"] for one in bare["action_lists"]["lists"]), reverse=True)
    assert [money for money, _ in top_actions(bare)] == ranked
    told = story(bare)
    assert told.headline == f"{bare['action_lists']['listed']} customers to write to"
    assert i18n.money_short(ranked[0]) in told.advice[0]
    assert "3 lists have no assumed effect" in told.advice[-1]
    assert "expected to bring" not in said(bare)


def test_lists_that_cost_more_than_they_bring_are_not_recommended(metrics: dict[str, Any]) -> None:
    for name in ("win_back", "upcoming"):
        row(metrics, name).update(expected_value=-10.0, break_even=0.15)
    metrics["action_lists"].update(paying=0, expected_value=0.0, budget=[], paid_for={"cost": 0.0})
    told = story(metrics)
    assert told.headline == "No list pays for itself under the assumptions set"
    assert top_actions(metrics) == []
    assert "it pays if 15.0 more of a hundred buy when written to, and 10.0 are assumed" in told.advice[0]
    row(metrics, "win_back")["break_even"] = row(metrics, "upcoming")["break_even"] = None
    assert "no effect pays" in story(metrics).advice[0]


def test_one_customer_is_one_customer(metrics: dict[str, Any]) -> None:
    page = metrics["action_lists"]
    page.update(several=1, paying=1, unknown=1)
    page["total_at_risk"]["customers"] = 1
    for one in page["lists"]:
        one["customers"] = 1
    for text in (said(metrics), said(without_assumptions(metrics))):
        assert "1 customers" not in text
        assert " 1 repeat buyers" not in text
        assert "1 customer is less than 50%" in text
        assert "1 one-time customer of whom" in text


def test_hidden_figures_leave_no_hole_in_a_sentence(metrics: dict[str, Any]) -> None:
    """Every number, alone and together, may be missing."""
    for key in ("listed", "several", "paying", "expected_value", "unknown", "margin", "amount"):
        changed = copy.deepcopy(metrics)
        changed["action_lists"][key] = None
        assert "–" not in said(changed), key
    for key in (*ORDERS, *GROUPS, "baseline"):
        changed = copy.deepcopy(metrics)
        for one in changed["action_lists"]["lists"]:
            one[key] = None
        assert "–" not in said(changed), key
    without_assumptions(changed)
    assert "–" not in said(changed)
    for key in ("value_at_risk", "total_at_risk"):
        changed = copy.deepcopy(metrics)
        tables = changed["action_lists"][key]
        for one in tables if key == "value_at_risk" else [tables]:
            one.update({name: None for name in one if name != "segment"})
        assert "–" not in said(changed), key
    changed = copy.deepcopy(metrics)
    for one in changed["action_lists"]["lists"]:
        one["customers"] = None
    assert story(changed).headline == "Every list is too small to show"
    assert "action_lists" in story(changed).figures


def test_nobody_on_any_list_is_no_chapter(metrics: dict[str, Any]) -> None:
    for one in metrics["action_lists"]["lists"]:
        one["customers"] = 0
    assert story(metrics).headline == ""
    assert top_actions(metrics) == []


def test_without_a_forecast_nothing_is_said_of_value_at_risk() -> None:
    result = result_of(SIZES)
    metrics = plain({"as_of": "2024-12-31", "action_lists": section(result, cast("Inputs", SimpleNamespace()))})
    assert "value at risk" not in said(metrics)
    assert set(story(metrics).figures) == {"action_lists"}
