"""Customer segments as a map of recency and frequency.  Takes an RfmResult, returns the Axes.

Right is recent, up is often.  A segment is a region of the map, and the area of the square in it is its share of sales,
on one scale for all: much area in few cells is much money in few hands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.transforms import offset_copy

from loyalty_lib.contrast import TINT
from loyalty_lib.figures.palette import GRID, INK, WHITE, accent, shade, text_on
from loyalty_lib.figures.rfm_regions import (
    BORDER,
    CELL,
    GAP,
    LEADING,
    MARGIN,
    PAD,
    Cell,
    Line,
    Region,
    region_of,
    scale_of,
    tall,
)
from loyalty_lib.figures.style import (
    HIDDEN,
    REGULAR,
    SEMIBOLD,
    SMALL,
    TEXT,
    above,
    axes,
    note,
    span,
    text_width,
    ticks,
)
from loyalty_lib.i18n import gettext, money_short, number, say_many

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.rfm import RfmResult

HEIGHT: Final = 3.75  # inches
SCORES: Final = (1, 2, 3, 4, 5)
DESCENT: Final = 0.32  # from a line's foot to its baseline, of the size of type
SIDE: Final = 0.96  # of a cell that stands alone
SEAM: Final = 0.8  # points: an edge in the cell's own colour, or a hair of paper shows between two cells of a segment
HAIR: Final = 0.6  # points between two cells of a segment
KEY: Final = 6.0  # points of the square that stands for squares, and their rise over the map
KEY_RISE: Final = 11.0


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
        Cell (r, f) is the unit square around that point.  gids: ``rfm-<r>-<f>`` the cells, ``rfm-<segment>`` the names,
        ``rfm-<segment>-sales`` the squares, whose areas are in proportion to the shares.
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
    shares = segments["share_of_revenue"]
    for cell, segment in cells.items():
        _square(ax, cell, TINT if np.isfinite(shares.get(segment, np.nan)) else GRID, 1.0)
    _borders(ax, cells)
    areas = {name: [cell for cell, own in cells.items() if own == name] for name in segments.index}
    regions = [region_of(name, row, areas[name]) for name, row in segments.iterrows() if areas[name]]
    scale = scale_of(regions)
    for region in regions:
        _draw(ax, region, scale * math.sqrt(max(region.share, 0.0)) if np.isfinite(region.share) else 0.0)
    if regions:
        _key(ax)


def _draw(ax: Axes, region: Region, side: float) -> None:
    """Draw a segment's square and write its name and shares beside it, above it, or in it."""
    corner = (region.left + MARGIN / CELL[0], region.bottom + MARGIN / CELL[1])
    middle = region.bottom + region.height / CELL[1] / 2
    place = region.place(side) or "beside"
    words = region.words(region.width - 2 * MARGIN)
    if place == "beside":
        corner = (corner[0], middle - side / CELL[1] / 2)
    elif place == "above":
        corner = (corner[0], middle - (side + GAP + tall(words)) / CELL[1] / 2)
    if side:
        size = (side / CELL[0], side / CELL[1])
        ax.add_patch(Rectangle(corner, *size, fc=accent(), gid=f"rfm-{region.segment}-sales", zorder=2))
    gid = f"rfm-{region.segment}"
    if place == "in":
        at = (corner[0] + PAD / CELL[0], corner[1] + side / CELL[1] / 2)
        _write(ax, at, region.words(side - 2 * PAD), text_on(accent()), gid, align="left")
    elif place == "above":
        at = (corner[0], corner[1] + (side + GAP + tall(words) / 2) / CELL[1])
        _write(ax, at, words, INK, gid, align="left", sales=region.sales)
    else:
        shift = side + GAP if side else 0.0
        at = (corner[0] + shift / CELL[0], middle)
        _write(ax, at, region.words(region.width - 2 * MARGIN - shift), INK, gid, align="left", sales=region.sales)


def _key(ax: Axes) -> None:
    """Say what the squares are, in their colour, right above the map."""
    text = gettext("Area of a square: share of sales")
    above(ax, text, at=1.0, ha="right", color=accent(), weight=SEMIBOLD)
    left = -text_width(text, weight=SEMIBOLD) - GAP
    place = offset_copy(ax.transAxes, ax.get_figure(root=True), left, KEY_RISE, units="points")
    ax.plot([1], [1], "s", ms=KEY, transform=place, color=accent(), clip_on=False)


def _square(ax: Axes, cell: Cell, fill: str, side: float) -> None:
    r, f = cell
    corner = (r - side / 2, f - side / 2)
    ax.add_patch(Rectangle(corner, side, side, fc=fill, ec=fill, lw=SEAM, gid=f"rfm-{r}-{f}", clip_on=False))


def _borders(ax: Axes, cells: dict[Cell, str]) -> None:
    """Part segments from each other by a broad line, cells of one segment by a hair."""
    edges: dict[str, list[list[tuple[float, float]]]] = {"cells": [], "segments": []}
    for (r, f), segment in cells.items():
        corner = (r + 0.5, f + 0.5)
        for ahead, other in (((r + 1, f), (r + 0.5, f - 0.5)), ((r, f + 1), (r - 0.5, f + 0.5))):
            if ahead in cells:
                edges["cells" if cells[ahead] == segment else "segments"].append([other, corner])
    for kind, width in (("cells", HAIR), ("segments", BORDER)):
        look: dict[str, Any] = {"colors": WHITE, "linewidths": width, "capstyle": "projecting", "zorder": 1.5}
        ax.add_collection(LineCollection(edges[kind], gid=f"rfm-borders-{kind}", **look))


def _write(
    ax: Axes,
    at: tuple[float, float],
    lines: list[Line],
    colour: str,
    gid: str | None = None,
    align: str = "center",
    sales: str = "",
) -> None:
    """Set lines one under the other, their middle at a point; the first carries the gid, ``sales`` the accent."""
    top = tall(lines) / 2
    for index, (line, size, weight) in enumerate(lines):
        top -= LEADING * size
        ink = accent() if line == sales else colour
        look = {"fontsize": size, "weight": weight, "color": ink, "gid": None if index else gid}
        note(ax, at, line, (0, top + DESCENT * size), ha=align, va="baseline", **look)
