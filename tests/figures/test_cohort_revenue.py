from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.cohorts import Grain
from loyalty_lib.figures.cohort_revenue import cohort_revenue
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.results import cohort_result


def test_lines_are_the_cohorts_and_their_average_from_the_first_period_on() -> None:
    result = cohort_result(3, 17, hidden=[(1, 4)])
    found = marks(cohort_revenue(result))
    average = found["cohort-revenue-average"]
    np.testing.assert_array_equal(average.get_xdata(), range(18))
    np.testing.assert_array_equal(average.get_ydata(), result.average["cumulative_revenue"])
    for row in range(3):
        np.testing.assert_array_equal(found[f"cohort-revenue-{row}"].get_ydata(), result.cumulative_revenue.iloc[row])
    assert np.isnan(found["cohort-revenue-1"].get_ydata()[4])


def test_the_average_is_written_out_at_both_ends_and_on_the_way() -> None:
    result = cohort_result(3, 17)
    ax = cohort_revenue(result)
    found = marks(ax)
    for k in (0, 3, 6, 12, 17):
        value = result.average["cumulative_revenue"].to_numpy(dtype=float)[k]
        assert found[f"cohort-revenue-average-{k}"].get_xydata().tolist() == [[k, value]]
        assert i18n.money(value, 0) in texts(ax)


def test_a_hidden_average_leaves_a_gap() -> None:
    result = cohort_result(3, 17)
    result.average.loc[[0, 17], "cumulative_revenue"] = np.nan
    found = marks(cohort_revenue(result))
    assert "cohort-revenue-average-0" not in found
    assert "cohort-revenue-average-16" in found
    result.average["cumulative_revenue"] = np.nan
    assert not any(gid.startswith("cohort-revenue-average-") for gid in marks(cohort_revenue(result)))


@pytest.mark.parametrize("language", ["en", "nb", "fi"])
@pytest.mark.parametrize(
    ("cohorts", "last", "grain"),
    [(1, 0, "month"), (1, 1, "month"), (2, 2, "quarter"), (12, 12, "month"), (24, 23, "month"), (52, 51, "week")],
)
def test_no_text_is_cut_or_runs_into_another(cohorts: int, last: int, grain: Grain, language: str) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(cohort_revenue(cohort_result(cohorts, last, grain)))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []
