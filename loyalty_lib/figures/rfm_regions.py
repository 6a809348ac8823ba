"""Where the square and the words of each segment stand on the map of segments.

Takes segments with their cells, returns ``Region``s; lengths are points, corners are data coordinates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.style import HIDDEN, REGULAR, SEMIBOLD, SMALL, TEXT, text_width, wrap
from loyalty_lib.i18n import gettext, percent, say
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

CELL: Final = (92.0, 43.0)  # points of a cell's width and height; the layout gives a hair more
LEADING: Final = 1.2  # of the size of type
ONE_PER_CENT: Final = 0.01
BORDER: Final = 2.5  # points between segments
MARGIN: Final = 5.0  # points from a region's edge to what stands in it
GAP: Final = 6.0  # points between a square and its words
PAD: Final = 3.0  # points between a square's edge and words in it
LARGEST: Final = 240.0  # points, of the square that would be all sales
SMALLEST: Final = 16.0
STEP: Final = 2.0
BOLD: Final = (TEXT, SEMIBOLD)

Cell = tuple[int, int]  # recency and frequency score
Line = tuple[str, float, int]  # text, size, weight


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where in a segment's cells its square and its words stand.

    Attributes
    ----------
    segment
        Key.
    left, bottom, width, height
        A rectangle of the segment's cells: data coordinates of its corner; points.
    share
        Of sales; NaN where hidden.
    name, sales, customers
        What is written, each in lines of its own; empty where it is hidden.
    """

    segment: str
    left: float
    bottom: float
    width: float
    height: float
    share: float
    name: str
    sales: str
    customers: str

    def words(self, room: float) -> list[Line]:
        """Break what is written into lines of at most ``room`` points."""
        bold = [(line, TEXT, SEMIBOLD) for text in (self.name, self.sales) if text for line in wrap(text, room, *BOLD)]
        return [*bold, *((line, SMALL, REGULAR) for line in wrap(self.customers, room, SMALL))]

    def fits(self, room: float, height: float) -> bool:
        """Tell whether the words have room."""
        lines = self.words(room)
        return tall(lines) <= height and all(text_width(*line) <= room for line in lines)

    def place(self, side: float) -> str | None:
        """Return where the words go: beside a square of ``side`` points, above it or in it; ``None`` if nowhere."""
        width, height = self.width - 2 * MARGIN, self.height - 2 * MARGIN
        if side > width or side > height:
            return None
        beside = self.fits(width - side - GAP, self.height - BORDER)
        if beside and len(self.words(width - side - GAP)) == len(self.words(width)):  # no line more than it must
            return "beside"
        if self.fits(width, height - side - GAP):
            return "above"
        if beside:
            return "beside"
        return "in" if self.fits(side - 2 * PAD, side - 2 * PAD) else None


def region_of(segment: object, row: pd.Series, area: list[Cell]) -> Region:
    """Return where a segment's square and words can stand: its cells, or its longest row where they make no block."""
    left, right, bottom, top = _place(area)
    sales, customers = float(row["share_of_revenue"]), float(row["share_of_customers"])
    known = np.isfinite(customers)
    return Region(
        segment=str(segment),
        left=left - 0.5,
        bottom=bottom - 0.5,
        width=CELL[0] * (right - left + 1),
        height=CELL[1] * (top - bottom + 1),
        share=sales,
        name=segment_name(str(segment)),
        sales=_share(sales) if np.isfinite(sales) else "",
        customers=say("{share:text} of customers", share=_share(customers)) if known else gettext(HIDDEN),
    )


def scale_of(regions: Iterable[Region]) -> float:
    """Return the side, in points, of the square that would be all sales: the largest that leaves all words room."""
    shares = [(region, math.sqrt(region.share)) for region in regions if region.share > 0]
    # Words that are too long for the smallest square are so for all.
    shares = [(region, root) for region, root in shares if region.place(SMALLEST * root)]
    steps = int((LARGEST - SMALLEST) / STEP)
    sides = (LARGEST - step * STEP for step in range(steps + 1))
    return next((side for side in sides if all(region.place(side * root) for region, root in shares)), SMALLEST)


def tall(lines: list[Line]) -> float:
    """Return the height of lines one under the other, in points."""
    return LEADING * sum(size for _, size, _ in lines)


def _share(value: float) -> str:
    """Write a share so that few are not none."""
    return percent(value, 1 if 0 < value < ONE_PER_CENT else 0)


def _place(area: list[Cell]) -> tuple[int, int, int, int]:
    """Return first and last column, and first and last row, of a rectangle in the area."""
    columns, rows = ({cell[axis] for cell in area} for axis in (0, 1))
    if len(area) == len(columns) * len(rows):
        return min(columns), max(columns), min(rows), max(rows)
    runs = [run for row in sorted(rows) for run in _runs(sorted(r for r, f in area if f == row), row)]
    return max(runs, key=lambda run: run[1] - run[0])


def _runs(columns: list[int], row: int) -> list[tuple[int, int, int, int]]:
    """Return the unbroken stretches of a row: first and last column, and the row twice."""
    breaks = [index for index in range(1, len(columns)) if columns[index] != columns[index - 1] + 1]
    return [
        (columns[first], columns[last - 1], row, row)
        for first, last in zip([0, *breaks], [*breaks, len(columns)], strict=True)
    ]
