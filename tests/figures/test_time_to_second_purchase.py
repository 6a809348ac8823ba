"""The charts of second purchases: their marks are the result's, and their words have room."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult
from loyalty_lib.figures.time_to_second_purchase import time_to_second_purchase, time_to_second_purchase_groups
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

NAN = float("nan")
NAME = "time_to_second_purchase"
DAYS = np.array([0, 5, 12, 30, 60, 90, 180, 240, 300, 365])


def rows_of(step: str, top: float, speed: float = 90) -> pd.DataFrame:
    share = top * (1 - np.exp(-DAYS / speed))
    frame = pd.DataFrame({"step": step, "time": DAYS, "returned": NAN, "share": share, "low": share - 0.02})
    return frame.assign(high=share + 0.02)


def group(by: str, name: str, share: float, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    days = {"start": pd.Timestamp(start or "NaT"), "end": pd.Timestamp(end or "NaT")}
    figures = {"share": share, "low": share - 0.04, "high": min(share + 0.04, 1.0), "day80": 200.0}
    return {"by": by, "group": name, **days, "customers": 120.0, "returned": NAN, **figures}


def result(top: float = 0.46, third: float = 0.68, day80: float = 212.0, speed: float = 90) -> SecondPurchaseResult:
    curve = pd.concat([rows_of("second", top, speed), rows_of("third", third, speed)], ignore_index=True)
    at_days = curve[curve["time"].isin([30, 90, 180, 365])].rename(columns={"time": "day"})
    steps = pd.DataFrame(
        {"customers": 900.0, "returned": 400.0, "median": NAN, "day50": 58.0, "day80": day80, "follow_up": 500.0},
        index=pd.Index(["second", "third"], name="step"),
    )
    groups = [
        group("cohort", "2023-01-01", 0.41, "2023-01-01", "2023-12-31"),
        group("cohort", "2024-01-01", 0.44, "2024-01-01", "2024-12-31"),
        group("category", "Sleeping bags", 0.52),
        group("category", "Household appliances, lamps and small furniture", 0.4),
        group("category", "other", 0.31),
    ]
    return SecondPurchaseResult(
        curve=curve,
        at_days=at_days,
        steps=steps,
        groups=pd.DataFrame(groups),
        tests=pd.DataFrame({"differ": [False, True]}, index=["cohort", "category"]),
        waiting=30,
        late=470,
        day=90,
        by="category",
        grain="year",
        level=0.95,
        as_of=dt.date(2024, 12, 31),
    )


def many(share: float = 0.97) -> SecondPurchaseResult:
    quarters = pd.period_range("2023Q1", "2024Q4", freq="Q")
    cohorts = [
        group("cohort", str(q.start_time.date()), share - 0.03 * n, str(q.start_time), str(q.end_time))
        for n, q in enumerate(quarters)
    ]
    categories = [group("category", f"Category {n}", 0.9 - 0.1 * n) for n in range(7)]
    shown = pd.DataFrame([*cohorts, *categories, group("category", "other", NAN)])
    return dataclasses.replace(result(0.98, 0.99, 19.0, 15), groups=shown, grain="quarter")


RESULTS = {
    "slow": result(),
    "third below": result(0.75, 0.70, 235.0),
    "fast": many(),
    "rare": result(0.02, 0.05),
    "late day": result(day80=350.0),
    "early day": result(day80=3.0, speed=1.5),
    "next to none": result(0.004, 0.3),
}


def test_curves_points_and_day_are_those_of_the_result() -> None:
    shown = result()
    found = marks(time_to_second_purchase(shown))
    for step in ("second", "third"):
        own = shown.curve[shown.curve["step"] == step]
        np.testing.assert_array_equal(found[f"{NAME}-{step}"].get_xydata(), own[["time", "share"]].to_numpy())
    second = shown.at_days[shown.at_days["step"] == "second"]
    for day, share in second[["day", "share"]].itertuples(index=False):
        assert found[f"{NAME}-{day}"].get_xydata().tolist() == [[day, share]]
    assert list(found[f"{NAME}-day80"].get_xdata()) == [212, 212]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("draw", [time_to_second_purchase, time_to_second_purchase_groups])
def test_no_text_is_cut_or_runs_into_another(draw: Any, name: str, language: str) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(draw(RESULTS[name]))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


def test_shares_and_the_day_to_act_are_written_out() -> None:
    written = texts(time_to_second_purchase(result()))
    assert {i18n.percent(0.46 * (1 - np.exp(-day / 90))) for day in (30, 90, 180, 365)} <= set(written)
    assert "Four of five of those who return have done so by day 212" in " ".join(written).replace("\n", " ")


def test_hidden_points_are_not_marked() -> None:
    shown = result(day80=NAN)
    shown.at_days.loc[shown.at_days["day"] == 90, ["share", "low", "high"]] = NAN
    found = marks(time_to_second_purchase(shown))
    assert f"{NAME}-90" not in found
    assert f"{NAME}-day80" not in found
    assert f"{NAME}-180" in found


def test_nothing_to_show_draws_empty_axes() -> None:
    nothing = dataclasses.replace(
        result(day80=NAN), curve=result().curve.iloc[:0], at_days=result().at_days.iloc[:0], groups=result().groups[:0]
    )
    assert not marks(time_to_second_purchase(nothing))
    assert not marks(time_to_second_purchase_groups(nothing))


def test_groups_stand_at_their_shares_with_their_intervals() -> None:
    shown = result()
    found = marks(time_to_second_purchase_groups(shown))
    for row, (share, low, high) in enumerate(shown.groups[["share", "low", "high"]].itertuples(index=False)):
        ((x, _),) = found[f"{NAME}-groups-{row}"].get_xydata()
        assert x == share
        assert list(found[f"{NAME}-groups-{row}-interval"].get_xdata()) == [low, high]
    overall = shown.at_days.loc[(shown.at_days["step"] == "second") & (shown.at_days["day"] == 90), "share"].item()
    assert list(found[f"{NAME}-groups-all"].get_xdata()) == [overall, overall]


def test_groups_are_named_and_a_hidden_one_has_a_dash() -> None:
    ax = time_to_second_purchase_groups(many())
    written = texts(ax)
    assert {"Q1 2023", "Q4 2024", "Category 3", "Others", "Category of the first order", "–"} <= set(written)
    assert f"{NAME}-groups-15" not in marks(ax)
    long = texts(time_to_second_purchase_groups(result()))
    assert [text for text in long if text.startswith("Household") and text.endswith("…")]
