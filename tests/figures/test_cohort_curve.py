from __future__ import annotations

import numpy as np

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, overlapping, text_boxes, texts
from tests.figures.results import cohort_result


def test_lines_are_the_average_and_the_cohorts_without_their_first_period() -> None:
    result = cohort_result(3, 17)
    found = marks(figures.cohort_curve(result))
    np.testing.assert_array_equal(found["cohort-curve-average"].get_xdata(), range(1, 18))
    np.testing.assert_array_equal(found["cohort-curve-average"].get_ydata(), result.average["retention"].iloc[1:])
    for row in range(3):
        np.testing.assert_array_equal(found[f"cohort-curve-{row}"].get_ydata(), result.retention.iloc[row, 1:])


def test_the_band_is_the_interval_of_the_average() -> None:
    result = cohort_result(3, 17)
    band = marks(figures.cohort_curve(result))["cohort-curve-band"].get_paths()[0].vertices
    known = {(float(k), float(v)) for k, v in np.asarray(band)}
    for k in range(1, 18):
        assert (k, result.average.loc[k, "low"]) in known
        assert (k, result.average.loc[k, "high"]) in known


def test_the_average_is_written_out_at_the_end_and_on_the_way() -> None:
    result = cohort_result(3, 17)
    ax = figures.cohort_curve(result)
    found = marks(ax)
    for k in (1, 3, 6, 12, 17):
        share = result.average["retention"].to_numpy(dtype=float)[k]
        assert found[f"cohort-curve-average-{k}"].get_xydata().tolist() == [[k, share]]
        assert i18n.percent(share) in texts(ax)


def test_the_scale_begins_at_zero() -> None:
    assert figures.cohort_curve(cohort_result()).get_ylim()[0] == 0


def test_of_very_many_cohorts_some_are_drawn_the_latest_among_them() -> None:
    result = cohort_result(104, 103, "week")
    found = marks(figures.cohort_curve(result))
    rows = sorted(int(gid.removeprefix("cohort-curve-")) for gid in found if gid[13:].isdigit())
    assert rows == list(range(103, -1, -3))[::-1]
    np.testing.assert_array_equal(found["cohort-curve-70"].get_ydata(), result.retention.iloc[70, 1:])
    np.testing.assert_array_equal(found["cohort-curve-average"].get_ydata(), result.average["retention"].iloc[1:])


def test_numbers_on_a_long_curve_leave_each_other_room() -> None:
    ax = figures.cohort_curve(cohort_result(104, 103, "week"))
    boxes, _ = text_boxes(ax)
    assert overlapping(boxes) == []
    assert [gid for gid in marks(ax) if "average-" in gid] == [f"cohort-curve-average-{k}" for k in (1, 12, 103)]


def test_nothing_is_written_between_the_last_periods_of_a_short_curve() -> None:
    found = marks(figures.cohort_curve(cohort_result(2, 2)))
    assert [gid for gid in found if "average-" in gid] == ["cohort-curve-average-1", "cohort-curve-average-2"]
