from __future__ import annotations

import dataclasses

from matplotlib.colors import to_hex

from loyalty_lib import figures, i18n
from loyalty_lib.figures.palette import GRID, luminance
from tests.figures.marks import marks, texts
from tests.figures.results import SEGMENTS, rfm_result, undivided_rfm_result


def test_every_cell_is_drawn_at_its_scores_in_the_shade_of_its_segment() -> None:
    result = rfm_result()
    found = marks(figures.rfm(result))
    fills: dict[str, set[str]] = {}
    for r, f, segment in result.grid[["r", "f", "segment"]].itertuples(index=False):
        square = found[f"rfm-{r}-{f}"]
        assert square.get_xy() == (r - 0.5, f - 0.5)
        fills.setdefault(segment, set()).add(to_hex(square.get_facecolor()))
    assert all(len(fill) == 1 for fill in fills.values())
    assert len(fills) == 10


def test_a_larger_share_of_sales_is_darker_and_a_hidden_one_grey() -> None:
    found = marks(figures.rfm(rfm_result()))
    shades = {}
    for key, (scores_r, scores_f, _, _, share) in SEGMENTS.items():
        fill = to_hex(found[f"rfm-{scores_r[0]}-{scores_f[0]}"].get_facecolor())
        if key == "cant_lose":
            assert fill == GRID
        else:
            shades[share] = luminance(fill)
    assert [shades[share] for share in sorted(shades)] == sorted(shades.values(), reverse=True)


def test_each_segment_is_named_once_with_its_shares() -> None:
    written = texts(figures.rfm(rfm_result()))
    for name in ("Champions", "Potential loyalists", "Can't lose", "Need attention"):
        assert written.count(name) == 1
    assert "8% of customers" in written
    assert "34% of sales" in written
    assert "0.6% of sales" in written, "few are not none"
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
    assert label.xy == (4.0, 5.0)


def test_a_scheme_that_divides_cells_by_money_shows_the_cells() -> None:
    written = texts(figures.rfm(undivided_rfm_result()))
    assert written.count("Hidden for privacy") == 1
    assert written.count("50 customers") == 5
    assert "US$25,000" in written
