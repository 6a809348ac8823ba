from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.figures.action_lists import action_lists, action_lists_risk
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

NAN = float("nan")


def result(**changes: Any) -> Any:
    """Stand in for an ActionListsResult by what the charts read of it."""
    lists = pd.DataFrame(
        {
            "list": ["win_back", "second_purchase", "do_not_lose", "anniversary", "cross_sell"],
            "customers": [1262.0, 808, 586, 427, NAN],
            "expected_value": [-3030.0, 4066, NAN, NAN, NAN],
            "uplift": [0.03, 0.04, 0.02, NAN, NAN],
        }
    )
    risk = pd.DataFrame(
        {
            "segment": ["loyal", "at_risk", "inactive"],
            "customers": [6.0, 148, NAN],
            "at_risk": [8000.0, 117_000, NAN],
            "new_at_risk": [5000.0, NAN, NAN],
        }
    )
    bars = lists[["list", "customers", "expected_value"]]
    made = {"lists": lists, "bars": bars, "risk_bars": risk, "margin": 0.4, "previous": dt.date(2024, 9, 30)}
    return SimpleNamespace(**{**made, **changes})


def test_bars_of_the_lists_are_their_sizes_and_values_each_on_its_own_scale() -> None:
    found = marks(action_lists(result()))
    sizes = {gid: found[gid].get_width() for gid in found if gid.endswith("-customers")}
    assert len(sizes) == 4
    back = sizes["action_lists-win_back-customers"]
    assert sizes["action_lists-do_not_lose-customers"] / back == pytest.approx(586 / 1262, rel=1e-12)
    gain, loss = (found[f"action_lists-{name}-value"] for name in ("second_purchase", "win_back"))
    assert loss.get_width() / gain.get_width() == pytest.approx(-3030 / 4066, rel=1e-12)
    assert gain.get_x() == pytest.approx(loss.get_x())  # both begin at the same zero
    assert gain.get_y() < loss.get_y()  # most valuable first
    assert "action_lists-anniversary-value" not in found


def test_what_is_hidden_and_what_is_not_assumed_are_told_apart() -> None:
    written = texts(action_lists(result()))
    assert written.count("Hidden for privacy") == 2  # a value, and a size
    assert written.count("No assumption set") == 1
    assert {"1,262", "808", "US$4,066", "−US$3,030"} <= set(written)


def test_without_an_assumption_only_sizes_are_drawn() -> None:
    lists = result().lists.assign(uplift=NAN, expected_value=NAN)
    bare = result(lists=lists, bars=lists[["list", "customers", "expected_value"]])
    found = marks(action_lists(bare))
    assert not [gid for gid in found if gid.endswith("-value")]
    assert texts(action_lists(bare)).count("No assumption set") == 4


def test_value_at_risk_is_drawn_largest_first_with_its_new_part() -> None:
    ax = action_lists_risk(result())
    found = marks(ax)
    assert found["action_lists-risk-at_risk"].get_width() == 117_000
    assert found["action_lists-risk-loyal"].get_width() == 8000
    assert found["action_lists-risk-loyal-new"].get_width() == 5000
    assert "action_lists-risk-at_risk-new" not in found
    assert "action_lists-risk-inactive" not in found
    assert [label.get_text() for label in ax.get_yticklabels()] == ["At risk", "Loyal", "Inactive"]
    assert texts(ax).count("Hidden for privacy") == 2
    assert "New since 30 September 2024" in texts(ax)


@pytest.mark.parametrize("language", ["en", "nb", "fi"])
def test_no_text_runs_into_another(language: str) -> None:
    i18n.activate(language, "NOK")
    long = result()
    long.bars["expected_value"] = long.bars["expected_value"] * 1e4
    for ax in (action_lists(long), action_lists_risk(long)):
        boxes, canvas = text_boxes(ax)
        assert not overlapping(boxes)
        assert not outside(boxes, canvas)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_drawn_too(rows: int) -> None:
    few = result(bars=result().bars[:rows], risk_bars=result().risk_bars[:rows])
    assert np.isclose(action_lists(few).get_ylim(), (0.5, -0.5)).all()
    assert np.isclose(action_lists_risk(few).get_ylim(), (0.5, -0.5)).all()
