from __future__ import annotations

import datetime as dt
from itertools import product

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from loyalty_lib import i18n
from loyalty_lib.analyses.rfm import RfmResult
from loyalty_lib.analyses.rfm_migration import columns_of, rows_of
from loyalty_lib.figures.palette import luminance
from loyalty_lib.figures.rfm_migration import rfm_migration
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.migrations import migration_result
from tests.figures.results import SEGMENTS

NAN = float("nan")


def test_each_flow_stands_in_the_row_it_left_and_the_column_it_went_to() -> None:
    result = migration_result({("champions", "loyal"): 371, ("champions", "champions"): 366, ("loyal", "inactive"): 12})
    order = list(SEGMENTS)
    found = marks(rfm_migration(result))
    row, loyal = rows_of(order).index("champions"), columns_of(order).index("loyal")
    square = found[f"rfm-migration-{row}-{loyal}"]
    assert square.get_x() + square.get_width() / 2 == pytest.approx(loyal)
    assert square.get_y() + square.get_height() / 2 == pytest.approx(row)
    assert f"rfm-migration-{loyal}-{columns_of(order).index('inactive')}" in found
    assert len([gid for gid in found if gid.count("-") == 3 and "stayed" not in gid]) == 3
    written = texts(rfm_migration(result))
    assert written.count("371") == 1
    assert {"On 31 March 1998", "On 30 June 1998", "Not yet a customer"} <= set(written)


def test_a_larger_share_of_the_row_is_darker() -> None:
    result = migration_result(
        {("champions", "loyal"): 20, ("champions", "champions"): 70, ("champions", "at_risk"): 10}
    )
    found = marks(rfm_migration(result))
    row = list(SEGMENTS).index("champions")
    shades = [
        luminance(to_hex(found[f"rfm-migration-{row}-{list(SEGMENTS).index(key)}"].get_facecolor()))
        for key in ("at_risk", "loyal", "champions")
    ]
    assert shades == sorted(shades, reverse=True)
    assert len(set(shades)) == 3


def test_those_who_stayed_are_outlined_and_hidden_flows_are_dots() -> None:
    result = migration_result({("loyal", "loyal"): NAN, ("loyal", "new"): NAN})
    found = marks(rfm_migration(result))
    row, column = list(SEGMENTS).index("loyal"), list(SEGMENTS).index("new")
    dot = found[f"rfm-migration-{row}-{column}-hidden"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (column, row)
    outlines = [gid for gid in found if gid.startswith("rfm-migration-stayed-")]
    assert len(outlines) == len(SEGMENTS) + 1
    assert "· Hidden for privacy" in texts(rfm_migration(result))


def full(names: dict[str, str] | None = None, order: list[str] | None = None) -> RfmResult:
    """Return a matrix with every cell filled."""
    keys = order or list(SEGMENTS)
    pairs = product(rows_of(keys), columns_of(keys))
    return migration_result({pair: float(1 + 371 * n % 12000) for n, pair in enumerate(pairs)}, names, keys)


LONG = {
    "cant_lose": "Må ikke mistes for noen pris", "about_to_sleep": "I ferd med å bli inaktive",
    "need_attention": "Behöver uppmärksamhet", "loyal": "På väg att bli inaktiva", "new": "På vej til at blive inaktiv",
}  # fmt: skip


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("names", [None, LONG], ids=["names", "long names"])
def test_no_text_is_cut_or_runs_into_another(language: str, names: dict[str, str] | None) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(rfm_migration(full(names)))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


@pytest.mark.parametrize("order", [["a"], [f"segment {n}" for n in range(20)]], ids=["one", "twenty"])
def test_schemes_of_one_and_of_twenty_segments_are_drawn(order: list[str]) -> None:
    boxes, canvas = text_boxes(rfm_migration(full(order=order)))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


def test_without_a_migration_nothing_is_drawn() -> None:
    assert texts(rfm_migration(migration_result({}, order=[]))) == []


def test_it_can_stand_in_axes_that_were_given() -> None:
    figure = Figure(figsize=(12, 4), layout="constrained")
    left, _ = figure.subplots(1, 2)
    assert rfm_migration(full(), left) is left


def test_drawing_changes_nothing() -> None:
    result = full()
    before = result.migration.copy(deep=True)
    rfm_migration(result)
    assert result.migration.equals(before)
    assert result.previous == dt.date(1998, 3, 31)
    assert np.isfinite(before["customers"]).all()
