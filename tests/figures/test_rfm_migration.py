from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from loyalty_lib import i18n
from loyalty_lib.analyses.rfm import RfmResult
from loyalty_lib.analyses.rfm_migration import columns_of, rows_of
from loyalty_lib.figures.palette import accent, luminance
from loyalty_lib.figures.rfm_migration import rfm_migration
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.migrations import migration_result
from tests.figures.results import SEGMENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAN = float("nan")


def extent(band: Any) -> tuple[float, float, float, float]:
    """Return where a band begins and ends on the left, and on the right, in points from the top."""
    points = np.asarray(band.get_path().vertices)
    left, right = points[points[:, 0] == 0, 1], points[points[:, 0] == 1, 1]
    return float(left.min()), float(left.max()), float(right.min()), float(right.max())


def sizes(ax: Axes, prefix: str) -> dict[str, tuple[float, float]]:
    """Return where the marks of one side begin and end."""
    found = {gid: each for gid, each in marks(ax).items() if gid.startswith(prefix)}
    return {
        gid.removeprefix(prefix): (float(line.get_ydata()[0]), float(line.get_ydata()[1]))
        for gid, line in found.items()
    }


FLOWS = {
    ("champions", "loyal"): 371.0, ("champions", "champions"): 366.0, ("loyal", "inactive"): 120.0,
    ("hibernating", "inactive"): 1547.0, ("inactive", "inactive"): 9000.0, ("not_yet", "new"): 800.0,
    ("inactive", "new"): 40.0, ("loyal", "champions"): 60.0, ("new", "champions"): 30.0,
}  # fmt: skip


def test_a_band_is_as_broad_as_its_customers_and_joins_their_segments() -> None:
    ax = rfm_migration(migration_result(FLOWS))
    found = marks(ax)
    lefts, rights = sizes(ax, "rfm-migration-then-"), sizes(ax, "rfm-migration-now-")
    breadths = []
    for (then, now), customers in FLOWS.items():
        if then == now == "inactive":
            assert "rfm-migration-inactive-inactive" not in found
            continue
        top, bottom, right_top, right_bottom = extent(found[f"rfm-migration-{then}-{now}"])
        assert bottom - top == pytest.approx(right_bottom - right_top, rel=1e-9)
        breadths.append((bottom - top) / customers)
        assert lefts[then][0] - 1e-6 <= top < bottom <= lefts[then][1] + 1e-6
        assert rights[now][0] - 1e-6 <= right_top < right_bottom <= rights[now][1] + 1e-6
    assert breadths == pytest.approx([breadths[0]] * len(breadths), rel=1e-9)
    for key, total in {"champions": 737, "loyal": 180, "hibernating": 1547, "inactive": 40, "not_yet": 800}.items():
        assert lefts[key][1] - lefts[key][0] == pytest.approx(total * breadths[0], rel=1e-9)
    for key, total in {"champions": 456, "loyal": 371, "new": 840, "inactive": 1667}.items():
        assert rights[key][1] - rights[key][0] == pytest.approx(total * breadths[0], rel=1e-9)


def test_bands_of_a_segment_lie_beside_each_other() -> None:
    found = marks(rfm_migration(full()))
    bands = {gid: extent(each) for gid, each in found.items() if isinstance(each, PathPatch)}
    assert len(bands) == 12 * 11 - 1
    for side in (0, 2):
        stretches = sorted((each[side], each[side + 1]) for each in bands.values())
        assert all(later[0] >= earlier[1] - 1e-6 for earlier, later in pairwise(stretches))


def test_the_largest_moves_are_in_the_accent_with_their_number() -> None:
    ax = rfm_migration(migration_result(FLOWS))
    found = marks(ax)
    accented = {
        gid for gid, each in found.items() if isinstance(each, PathPatch) and to_hex(each.get_facecolor()) == accent()
    }
    moved = ["champions-loyal", "loyal-inactive", "hibernating-inactive", "loyal-champions", "inactive-new"]
    assert accented == {f"rfm-migration-{each}" for each in moved}
    written = texts(ax)
    for number in ("120", "60", "40"):
        assert written.count(number) == 1
    assert written.count("371") == 2, "with those who are loyal now"
    assert written.count("1,547") == 2, "with those who were hibernating"
    assert written.count("30") == 1, "those who were new; their move is the sixth"
    assert {"On 31 March 1998", "On 30 June 1998", "Not yet a customer"} <= set(written)


def test_who_stayed_is_paler_than_who_moved() -> None:
    flows = {("loyal", each): 50.0 - n for n, each in enumerate(SEGMENTS)}
    found = marks(rfm_migration(migration_result(flows)))
    stayed, moved = (to_hex(found[f"rfm-migration-loyal-{key}"].get_facecolor()) for key in ("loyal", "hibernating"))
    assert luminance(stayed) > luminance(moved) > luminance(accent())


def test_who_buys_most_recently_and_often_stands_on_top_and_the_inactive_below() -> None:
    ax = rfm_migration(full())
    for prefix, last in (("rfm-migration-then-", ["inactive", "not_yet"]), ("rfm-migration-now-", ["inactive"])):
        order = sorted(sizes(ax, prefix).items(), key=lambda each: each[1])
        names = [name for name, _ in order]
        assert names[:2] == ["champions", "loyal"]
        assert names[-len(last) - 1 :] == ["hibernating", *last]


def test_what_is_not_drawn_is_said() -> None:
    ax = rfm_migration(migration_result({("loyal", "loyal"): 20.0, ("loyal", "new"): NAN, ("inactive", "inactive"): 1}))
    found = marks(ax)
    assert "rfm-migration-loyal-new" not in found
    (said,) = (text for text in texts(ax) if text.startswith("Not drawn"))
    assert said == "Not drawn: 1 customer who was inactive and still is. Not drawn: moves hidden for privacy."
    assert not any("Not drawn" in text for text in texts(rfm_migration(migration_result({("loyal", "new"): 20.0}))))


def test_a_segment_is_broader_than_its_bands_where_some_are_hidden() -> None:
    given = migration_result({("loyal", "loyal"): 20.0, ("loyal", "new"): NAN})
    table = given.migration.assign(customers_then=given.migration["customers_then"].replace({20.0: 25.0}))
    ax = rfm_migration(dataclasses.replace(given, migration=table))
    top, bottom, *_ = extent(marks(ax)["rfm-migration-loyal-loyal"])
    (begin, end) = sizes(ax, "rfm-migration-then-")["loyal"]
    assert (end - begin) / (bottom - top) == pytest.approx(25 / 20, rel=1e-9)
    assert "25" in texts(ax)


def full(names: dict[str, str] | None = None, order: list[str] | None = None) -> RfmResult:
    """Return customers who went every way."""
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
