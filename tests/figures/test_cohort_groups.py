from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from loyalty_lib import i18n
from loyalty_lib.analyses.cohorts import Grain
from loyalty_lib.figures.cohort_groups import cohort_groups
from loyalty_lib.figures.palette import accent
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.results import cohort_result

GROUPS = {"Web": 0.5, "Shop": 0.3, "other": 0.2}
LONG = "Facebook- og Instagram-annonser, vårkampanjen"
MANY = {"Web": 0.3, "Shop": 0.25, LONG: 0.2, "Post": 0.1, "Fax": 0.05, "A": 0.03, "B": 0.03, "C": 0.02, "other": 0.02}


def test_lines_are_the_groups_without_their_first_period() -> None:
    result = cohort_result(12, 12, groups=GROUPS)
    ax = cohort_groups(result)
    found = marks(ax)
    for row, name in enumerate(GROUPS):
        own = result.groups[(result.groups["group"] == name) & (result.groups["k"] > 0)]
        np.testing.assert_array_equal(found[f"cohort-groups-{row}"].get_xdata(), own["k"])
        np.testing.assert_array_equal(found[f"cohort-groups-{row}"].get_ydata(), own["retention"])
    assert {"Web", "Shop", "Others"} <= set(texts(ax))
    assert ax.get_ylim()[0] == 0


def test_the_accent_is_the_group_most_of_which_came_back_first() -> None:
    result = cohort_result(12, 12, groups=GROUPS)
    result.groups.loc[(result.groups["group"] == "Shop") & (result.groups["k"] == 1), "retention"] = 0.9
    found = marks(cohort_groups(result))
    lines = [found[f"cohort-groups-{row}"] for row in range(3)]
    assert [to_hex(line.get_color()) == accent() for line in lines] == [False, True, False]
    assert lines[0].get_linestyle() != lines[2].get_linestyle()  # told apart in grey


def test_a_hidden_value_is_a_gap_and_one_alone_a_dot() -> None:
    result = cohort_result(12, 12, groups=GROUPS)
    shop = result.groups["group"] == "Shop"
    result.groups.loc[shop & result.groups["k"].isin([2, 4]), "retention"] = np.nan
    ax = cohort_groups(result)
    assert np.isnan(marks(ax)["cohort-groups-1"].get_ydata()[[1, 3]]).all()
    alone = [np.asarray(line.get_xdata()).tolist() for line in ax.lines if line.get_marker() == "o"]
    assert alone == [[1], [3]]
    result.groups.loc[shop, "retention"] = np.nan
    assert "cohort-groups-1-name" not in marks(cohort_groups(result))


@pytest.mark.parametrize("language", ["en", "nb", "fi"])
@pytest.mark.parametrize(
    ("cohorts", "last", "grain", "groups"),
    [
        (1, 0, "month", GROUPS),
        (1, 1, "month", GROUPS),
        (2, 2, "quarter", {"Web": 0.5, "Shop": 0.5}),
        (12, 12, "month", MANY),
        (24, 23, "month", MANY),
        (52, 51, "week", MANY),
        (3, 3, "month", None),
    ],
)
def test_no_text_is_cut_or_runs_into_another(
    cohorts: int, last: int, grain: Grain, groups: dict[str, float] | None, language: str
) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(cohort_groups(cohort_result(cohorts, last, grain, groups=groups)))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []
