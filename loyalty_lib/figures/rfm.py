"""Customer segments as a map of recency and frequency.  Takes an RfmResult, returns the Axes.

Right is recent, up is often.  A segment is an area of one shade: the darker, the larger its share of sales.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from loyalty_lib.figures.palette import GRID, WHITE, shade, text_on
from loyalty_lib.figures.style import HIDDEN, REGULAR, SEMIBOLD, SMALL, TEXT, above, axes, note, span, ticks, wrap
from loyalty_lib.i18n import gettext, mark, money_short, number, percent, say, say_many
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.rfm import RfmResult

HEIGHT: Final = 3.3  # inches
SCORES: Final = (1, 2, 3, 4, 5)
CELL: Final = 82.0  # points of a cell's width that a label may fill
LEADING: Final = 1.25  # of the size of type
DESCENT: Final = 0.32  # from a line's foot to its baseline, of the size of type
SIDE: Final = 0.96  # of a cell that stands alone
SEAM: Final = 0.8  # points: an edge in the cell's own colour, or a hair of paper shows between two cells of a segment
ONE_PER_CENT: Final = 0.01
BORDER: Final = 2.5  # points between segments

Cell = tuple[int, int]  # recency and frequency score
Line = tuple[str, float, int]  # text, size, weight


def rfm(result: RfmResult, ax: Axes | None = None) -> Axes:
    """Draw the grid of recency and frequency scores with its segments.

    Parameters
    ----------
    result
        Its ``grid`` gives each of the 25 cells (r, f) its segment; its ``segments`` hold the shares.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Cell (r, f) is the unit square around that point.  gids: ``rfm-<r>-<f>`` the cells, ``rfm-<segment>`` the names.
    """
    ax = axes(ax, HEIGHT)
    ax.set(xlim=(0.5, 5.5), ylim=(0.5, 5.5))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ticks(ax, "x", SCORES, number)
    ticks(ax, "y", SCORES, number)
    above(ax, gettext("Frequency score (5 = most orders)"))
    ax.set_xlabel(gettext("Recency score (5 = most recent order)"))
    if result.grid["segment"].isna().any():
        _cells(ax, result.grid)
    else:
        scores = zip(result.grid["r"], result.grid["f"], strict=True)
        _segments(ax, dict(zip(scores, result.grid["segment"], strict=True)), result.segments)
    return ax


def _cells(ax: Axes, grid: pd.DataFrame) -> None:
    """Let each cell speak for itself, where the scheme divides cells by money and segments have no area."""
    _, top = span(grid["revenue"])
    for r, f, customers, revenue in grid[["r", "f", "customers", "revenue"]].itertuples(index=False, name=None):
        fill = shade(revenue, top) if np.isfinite(revenue) else GRID
        _square(ax, (r, f), fill, SIDE)
        lines = [(gettext(HIDDEN), SMALL, REGULAR)]
        if np.isfinite(customers):
            name = say_many("{count:number} customer", "{count:number} customers", customers)
            lines = [(name, TEXT, SEMIBOLD), (money_short(revenue), SMALL, REGULAR)]
        _write(ax, (r, f), lines, text_on(fill))


def _segments(ax: Axes, cells: dict[Cell, str], segments: pd.DataFrame) -> None:
    _, top = span(segments["share_of_revenue"])
    for segment, row in segments.iterrows():
        share = row["share_of_revenue"]
        fill = shade(share, top) if np.isfinite(share) else GRID
        area = [cell for cell, name in cells.items() if name == segment]
        for cell in area:
            _square(ax, cell, fill, 1.0)
        if area:
            _label(ax, str(segment), row, area, text_on(fill))
    _borders(ax, cells)


def _square(ax: Axes, cell: Cell, fill: str, side: float) -> None:
    r, f = cell
    corner = (r - side / 2, f - side / 2)
    ax.add_patch(Rectangle(corner, side, side, fc=fill, ec=fill, lw=SEAM, gid=f"rfm-{r}-{f}", clip_on=False))


def _borders(ax: Axes, cells: dict[Cell, str]) -> None:
    """Part segments from each other; cells of one segment stay together."""
    for (r, f), segment in cells.items():
        if cells.get((r + 1, f), segment) != segment:
            ax.plot((r + 0.5, r + 0.5), (f - 0.5, f + 0.5), color=WHITE, lw=BORDER, solid_capstyle="projecting")
        if cells.get((r, f + 1), segment) != segment:
            ax.plot((r - 0.5, r + 0.5), (f + 0.5, f + 0.5), color=WHITE, lw=BORDER, solid_capstyle="projecting")


def _label(ax: Axes, segment: str, row: pd.Series, area: list[Cell], colour: str) -> None:
    """Write name and shares into the middle of the segment's area, or of its longest row where it is no rectangle."""
    left, right, middle = _place(area)
    width = CELL * (right - left + 1)
    shares = (
        (row["share_of_customers"], mark("{share:text} of customers")),
        (row["share_of_revenue"], mark("{share:text} of sales")),
    )
    texts = [say(text, share=_share(share)) for share, text in shares if np.isfinite(share)] or [gettext(HIDDEN)]
    lines = [(line, TEXT, SEMIBOLD) for line in wrap(segment_name(segment), width, TEXT, SEMIBOLD)]
    lines += [(line, SMALL, REGULAR) for text in texts for line in wrap(text, width, SMALL)]
    _write(ax, ((left + right) / 2, middle), lines, colour, gid=f"rfm-{segment}")


def _share(value: float) -> str:
    """Write a share so that few are not none."""
    return percent(value, 1 if 0 < value < ONE_PER_CENT else 0)


def _write(ax: Axes, at: tuple[float, float], lines: list[Line], colour: str, gid: str | None = None) -> None:
    """Set lines centred on a point, one under the other; the first carries the gid."""
    top = LEADING * sum(size for _, size, _ in lines) / 2
    for index, (line, size, weight) in enumerate(lines):
        top -= LEADING * size
        look = {"fontsize": size, "weight": weight, "color": colour, "gid": None if index else gid}
        note(ax, at, line, (0, top + DESCENT * size), ha="center", va="baseline", **look)


def _place(area: list[Cell]) -> tuple[int, int, float]:
    """Return the first and last column, and the height, of a rectangle in the area that a label can stand in."""
    columns, rows = ({cell[axis] for cell in area} for axis in (0, 1))
    if len(area) == len(columns) * len(rows):
        return min(columns), max(columns), (min(rows) + max(rows)) / 2
    runs = [run for row in sorted(rows) for run in _runs(sorted(r for r, f in area if f == row), row)]
    return max(runs, key=lambda run: run[1] - run[0])


def _runs(columns: list[int], row: int) -> list[tuple[int, int, float]]:
    """Return the unbroken stretches of a row, as first column, last column and row."""
    breaks = [index for index in range(1, len(columns)) if columns[index] != columns[index - 1] + 1]
    return [
        (columns[first], columns[last - 1], float(row))
        for first, last in zip([0, *breaks], [*breaks, len(columns)], strict=True)
    ]
