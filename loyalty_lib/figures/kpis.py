"""Key figures over the last periods as four small line charts.  Takes a KpiResult, returns the first chart's Axes.

Every chart starts at zero and has its own unit; the last period carries its value, the same period last year too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.figure import Figure, SubFigure

from loyalty_lib.figures.palette import INK, MUTED, WHITE, accent
from loyalty_lib.figures.style import SEMIBOLD, SMALL, TEXT, WIDTH, dot, note, span, text_width, ticks, write
from loyalty_lib.i18n import money, money_short, number, say
from loyalty_lib.i18n.calendar import short_period_name
from loyalty_lib.i18n.terms import kpi_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.gridspec import SubplotSpec
    from numpy.typing import NDArray

    from loyalty_lib.analyses.kpis import KpiResult

PANELS: Final[dict[str, Callable[[float], str]]] = {
    "net_sales": money_short,
    "active_customers": number,
    "average_order_value": money,
    "purchase_frequency": lambda value: number(value, 2),
}
COLUMNS: Final = 2
ROWS: Final = -(-len(PANELS) // COLUMNS)
PANEL_HEIGHT: Final = 1.25  # inches
HEADROOM: Final = 1.3  # the scale's end over the highest value, which leaves a label its place
LINE_HEIGHT: Final = 62.0  # points of a chart over its axis, about
CHECKED: Final = 21  # points of the line that a label is held against
PARTING: Final = 0.08  # of a chart's width, between two
GAP: Final = 5.0  # points between a mark and its label


def kpis(result: KpiResult, ax: Axes | None = None) -> Axes:
    """Draw net sales, active customers, average order value and purchase frequency over the last periods.

    Parameters
    ----------
    result
        Its ``trend`` holds one row a period, oldest first; NaN leaves a gap.
    ax
        A cell of a figure's grid, replaced by the four charts.  A new figure by default.

    Returns
    -------
    Axes
        The chart of net sales; the others are in ``.figure.axes``.  gids: ``kpis-<key>`` the line, ``kpis-<key>-last``
        and ``kpis-<key>-year-ago`` the marked points.

    Raises
    ------
    ValueError
        If ``ax`` is not a cell of a grid.
    """
    trend = result.trend
    names = [
        short_period_name(result.period.kind, start, end)
        for start, end in zip(trend["start"], trend["end"], strict=True)
    ]
    rows = np.flatnonzero(trend["label"].to_numpy() == result.period.year_ago.label)
    year_ago = int(rows[0]) if len(rows) else None
    figure, cell = _place(ax)
    width = _line_width(trend)
    grid = cell.subgridspec(ROWS, COLUMNS, wspace=PARTING, hspace=0.12)
    panels = [figure.add_subplot(grid[divmod(index, COLUMNS)]) for index in range(len(PANELS))]
    for panel, key in zip(panels, PANELS, strict=True):
        _panel(panel, trend[key].to_numpy(dtype=float), key, year_ago, width)
        _name_periods(panel, names, year_ago, width)
    return panels[0]


def _place(ax: Axes | None) -> tuple[Figure | SubFigure, SubplotSpec]:
    """Return the figure to draw in and the cell of its grid that the charts share."""
    if ax is None:
        figure = Figure(figsize=(WIDTH, ROWS * PANEL_HEIGHT), layout="constrained")
        return figure, figure.add_gridspec()[0]
    drawn, cell = ax.get_figure(), ax.get_subplotspec()
    if drawn is None or cell is None:
        message = "kpis() needs axes made by subplots(): it puts four charts in their place."
        raise ValueError(message)
    ax.remove()
    return drawn, cell


def _line_width(trend: pd.DataFrame) -> float:
    """Return how long a line will be, in points: what the values written beside the last points leave of the page."""
    written = [text_width(speak(trend[key].iloc[-1]), TEXT, SEMIBOLD) for key, speak in PANELS.items() if len(trend)]
    return WIDTH * 72 / COLUMNS * (1 - PARTING) - max(written, default=0.0) - 3 * GAP


def _panel(ax: Axes, values: NDArray[np.float64], key: str, year_ago: int | None, width: float) -> None:
    gid, speak, last = f"kpis-{key}", PANELS[key], len(values) - 1
    bottom, top = span(values)
    ax.set(xlim=(0, max(last, 1)), ylim=(bottom, top * HEADROOM), yticks=[])
    write(ax, 0, 1, kpi_name(key), transform=ax.transAxes, va="top", weight=SEMIBOLD, color=INK)
    ax.plot(values, color=accent(), lw=1.5, gid=gid, clip_on=False)
    if year_ago is not None and year_ago != last and np.isfinite(values[year_ago]):
        dot(ax, year_ago, values[year_ago], 5, mfc=WHITE, mec=MUTED, mew=1.2, gid=f"{gid}-year-ago")
        _label_year_ago(ax, values, year_ago, say("{value:text} a year earlier", value=speak(values[year_ago])), width)
    if values.size and np.isfinite(values[last]):
        dot(ax, last, values[last], 5.5, color=accent(), gid=f"{gid}-last")
        note(ax, (last, values[last]), speak(values[last]), (GAP + 2, 0), va="center", weight=SEMIBOLD, color=accent())


def _label_year_ago(ax: Axes, values: NDArray[np.float64], at: int, text: str, width: float) -> None:
    """Label a point over or under the line, wherever that leaves line, heading and axis free and is nearest to it."""
    periods = np.flatnonzero(np.isfinite(values))
    step = width / (len(values) - 1)
    room = ax.get_ylim()[1]
    height = (SMALL + GAP) * room / LINE_HEIGHT
    places = []
    for before in (0.5, 0.0, 1.0):  # the share of the label that stands before the point
        left = at * step - before * text_width(text, SMALL)
        right = left + text_width(text, SMALL)
        passed = np.interp(np.linspace(left, right, CHECKED) / step, periods, values[periods])
        under, over = float(passed.min()), float(passed.max())
        outside = left < 0 or right > width
        places += [
            (outside or under < height, values[at] - under, under, before, -GAP, "top"),
            (outside or over + height > room / HEADROOM, over - values[at], over, before, GAP, "bottom"),
        ]
    _, _, y, before, shift, align = min(places)
    offset = (-before * text_width(text, SMALL), shift)
    note(ax, (at, y), text, offset, va=align, color=MUTED, fontsize=SMALL)


def _name_periods(ax: Axes, names: list[str], year_ago: int | None, width: float) -> None:
    """Name the first and the last period, and the one a year ago where it has the room."""
    last = len(names) - 1
    step = width / max(last, 1)
    named = sorted({0, last}) if names else []
    if year_ago is not None and 0 < year_ago < last:
        half = text_width(names[year_ago]) / 2 + GAP
        if text_width(names[0]) < year_ago * step - half and year_ago * step + half < width - text_width(names[-1]):
            named.insert(1, year_ago)
    ticks(ax, "x", named, lambda row: names[int(row)])
    labels = ax.get_xticklabels()
    if last > 0:
        labels[-1].set_horizontalalignment("right")
    for label in labels[:1]:
        label.set_horizontalalignment("left")
