from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import figures
from tests.figures.marks import marks, texts
from tests.figures.results import NAN, model_check


def test_marks_are_the_groups_with_their_intervals_and_the_diagonal() -> None:
    check = model_check()
    found = marks(figures.calibration(check))
    for group, _, expected, actual, low, high in check.calibration.itertuples(index=False):
        assert found[f"calibration-{group}"].get_xydata().tolist() == [[expected, actual]]
        assert found[f"calibration-{group}-interval"].get_xydata().tolist() == [[expected, low], [expected, high]]
    diagonal = found["calibration-equality"].get_xydata()
    assert diagonal[0].tolist() == [0, 0]
    assert diagonal[1][0] == diagonal[1][1] > 3.648


def test_a_group_far_out_is_drawn_by_the_square_root_and_says_so() -> None:
    ax = figures.calibration(model_check())
    assert "Purchases forecast per customer (both axes by the square root)" in texts(ax)
    place = (ax.transScale + ax.transLimits).transform
    assert place((1, 1))[0] == pytest.approx(place((4, 4))[0] / 2)
    assert place((1, 1))[1] == pytest.approx(place((4, 4))[1] / 2)


def test_groups_evenly_apart_are_drawn_as_they_are() -> None:
    check = model_check()
    check.calibration["expected"] = np.arange(1, 11) / 10
    check.calibration["actual"] = np.arange(1, 11) / 10
    check.calibration[["low", "high"]] = NAN
    ax = figures.calibration(check)
    assert "Purchases forecast per customer" in texts(ax)
    place = (ax.transScale + ax.transLimits).transform
    assert place((0.5, 0))[0] == pytest.approx(place((1, 0))[0] / 2)
    assert [label.get_text() for label in ax.get_xticklabels()][:3] == ["0", "0.1", "0.2"]
    numbers = [gid for gid in marks(ax) if gid.endswith("-number")]
    assert len(numbers) == 10


def test_ticks_are_plain_numbers_at_their_places() -> None:
    ax = figures.calibration(model_check())
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0] == "0"
    assert {"0.05", "0.2", "0.5", "1", "2", "3"} <= set(labels)
    assert [float(label) for label in labels] == pytest.approx(list(ax.get_xticks()))


def test_groups_too_close_to_part_share_a_number() -> None:
    found = marks(figures.calibration(model_check()))
    numbers = {gid: mark.get_text() for gid, mark in found.items() if gid.endswith("-number")}
    assert numbers == {
        "calibration-1-number": "1–6",
        "calibration-7-number": "7",
        "calibration-8-number": "8",
        "calibration-9-number": "9",
        "calibration-10-number": "10",
    }


def test_a_hidden_group_is_left_out_and_the_chart_says_so() -> None:
    check = model_check()
    check.calibration.loc[8, ["customers", "expected", "actual", "low", "high"]] = NAN
    ax = figures.calibration(check)
    assert "calibration-9" not in marks(ax)
    assert "calibration-10" in marks(ax)
    assert "· Hidden for privacy" in texts(ax)
    assert "· Hidden for privacy" not in texts(figures.calibration(model_check()))
