from __future__ import annotations

import dataclasses

import pytest
from matplotlib.colors import to_hex

from loyalty_lib import figures, i18n
from loyalty_lib.figures.palette import GRID
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import SEGMENTS, rfm_result, undivided_rfm_result


def test_every_cell_is_drawn_at_its_scores_and_a_hidden_segment_s_are_grey() -> None:
    result = rfm_result()
    found = marks(figures.rfm(result))
    for r, f, segment in result.grid[["r", "f", "segment"]].itertuples(index=False):
        square = found[f"rfm-{r}-{f}"]
        assert square.get_xy() == (r - 0.5, f - 0.5)
        assert (to_hex(square.get_facecolor()) == GRID) == (segment == "cant_lose")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_areas_of_squares_are_in_proportion_to_shares_of_sales(language: str) -> None:
    i18n.activate(language, "NOK")
    ax = figures.rfm(rfm_result())
    found = marks(ax)
    areas = {}
    for key, (*_, share) in SEGMENTS.items():
        if key == "cant_lose":
            assert f"rfm-{key}-sales" not in found
        else:
            square = found[f"rfm-{key}-sales"]
            areas[key] = square.get_width() * square.get_height() / share
    assert list(areas.values()) == pytest.approx([areas["champions"]] * len(areas), rel=1e-9)


def test_squares_are_square_on_paper_and_inside_their_segment_s_cells() -> None:
    ax = figures.rfm(rfm_result())
    found = marks(ax)
    text_boxes(ax)  # lays the figure out
    for key, (scores_r, scores_f, *_) in SEGMENTS.items():
        if key == "cant_lose":
            continue
        square = found[f"rfm-{key}-sales"]
        box = square.get_window_extent()
        assert box.width == pytest.approx(box.height, rel=0.04)
        assert min(scores_r) - 0.5 < square.get_x() < square.get_x() + square.get_width() < max(scores_r) + 0.5
        assert min(scores_f) - 0.5 < square.get_y() < square.get_y() + square.get_height() < max(scores_f) + 0.5


def test_words_lie_wholly_beside_their_square_or_wholly_in_it() -> None:
    ax = figures.rfm(rfm_result())
    boxes, _ = text_boxes(ax)
    squares = [each.get_window_extent() for gid, each in marks(ax).items() if gid.endswith("-sales")]
    inside = 0
    for text, box in boxes.items():
        for square in squares:
            over = min(box.x1, square.x1) - max(box.x0, square.x0), min(box.y1, square.y1) - max(box.y0, square.y0)
            if min(over) > 1:
                assert over == pytest.approx((box.width, box.height), abs=1), text.get_text()
                inside += 1
    assert inside == 3, "the words of champions: name, sales, customers"


def test_a_larger_segment_may_have_a_smaller_square() -> None:
    found = marks(figures.rfm(rfm_result()))
    assert found["rfm-hibernating-sales"].get_width() < found["rfm-champions-sales"].get_width()


def test_each_segment_is_named_once_with_its_shares() -> None:
    written = texts(figures.rfm(rfm_result()))
    for name in ("Champions", "Potential loyalists", "Can't lose", "Need attention"):
        assert " ".join(written).count(name) == 1
    assert "8% of customers" in written
    assert written.count("34%") == 1
    assert "0.6%" in written, "few are not none"
    assert "Area of a square: share of sales" in written
    assert written.count("Hidden for privacy") == 1


def test_shares_are_written_as_norwegian_writes_them() -> None:
    i18n.activate("nb", "NOK")
    written = " | ".join(texts(figures.rfm(rfm_result())))
    assert "34\u00a0%" in written
    assert "0,6\u00a0%" in written


def test_a_segment_of_no_rectangle_is_named_in_its_longest_row() -> None:
    given = rfm_result({"loyal": "champions"})  # the two together: five cells of the two upper rows and one below
    grid = given.grid.copy()
    grid.loc[(grid["r"] == 3) & (grid["f"] == 4), "segment"] = "hibernating"
    segments = given.segments[~given.segments.index.duplicated()]
    result = dataclasses.replace(given, grid=grid, segments=segments)
    label = marks(figures.rfm(result))["rfm-champions"]
    assert 2.5 < label.xy[0] < 5.5
    assert 4.5 < label.xy[1] < 5.5


def test_a_scheme_that_divides_cells_by_money_shows_the_cells() -> None:
    written = texts(figures.rfm(undivided_rfm_result()))
    assert written.count("Hidden for privacy") == 1
    assert written.count("50 customers") == 5
    assert "US$25,000" in written
