"""Key figures over the last periods, one small line chart for each card.  Takes a KpiResult, returns the first Axes.

They stand in the order of the cards.  Every chart starts at zero and has its own unit; above it stands the value of the
last period, under it, beside the ring, that of the same period last year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import offset_copy

from loyalty_lib.figures.palette import INK, MUTED, WHITE, accent, comparison
from loyalty_lib.figures.style import SEMIBOLD, SMALL, TEXT, WIDTH, dot, note, span, text_width, ticks, wrap
from loyalty_lib.i18n import MISSING, money, money_short, number, percent, say
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
    "retention_rate": percent,
    "repeat_rate": percent,
    "average_order_value": money,
    "purchase_frequency": lambda value: number(value, 2),
    "sales_per_customer": money,
    "new_customers": number,
}
COLUMNS: Final = 4
ROWS: Final = -(-len(PANELS) // COLUMNS)
HEIGHT: Final = 2.2  # inches
PARTING: Final = 0.13  # of a chart's width, between two
LINE_WIDTH: Final = 101.0  # points from the first period to the last
LEADING: Final = 11.0  # points from line to line of a heading
RISE: Final = 9.0  # points from a chart up to its heading
MIDDLE: Final = 4.0  # points from a heading's foot to the middle of its letters
INDENT: Final = 9.0  # points: the place of a ring before words
GAP: Final = 5.0  # points between a mark and its label


def kpis(result: KpiResult, ax: Axes | None = None) -> Axes:
    """Draw the key figures of the cards over the last periods.

    Parameters
    ----------
    result
        Its ``trend`` holds one row a period, oldest first; NaN leaves a gap.
    ax
        A cell of a figure's grid, replaced by the charts.  A new figure by default.

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
    year_ago = int(rows[0]) if len(rows) and rows[0] < len(trend) - 1 else None
    figure, cell = _place(ax)
    grid = cell.subgridspec(ROWS, COLUMNS, wspace=PARTING, hspace=0.1)
    panels = [figure.add_subplot(grid[divmod(index, COLUMNS)]) for index in range(len(PANELS))]
    for index, (panel, key) in enumerate(zip(panels, PANELS, strict=True)):
        row = index // COLUMNS
        _panel(panel, trend[key].to_numpy(dtype=float), key, year_ago)
        _heading(panel, key, wrap(kpi_name(key), LINE_WIDTH, TEXT, SEMIBOLD), *_now_and_then(trend[key], year_ago))
        # Charts under each other share their periods, which are named once.
        _name_periods(panel, names if row == ROWS - 1 else [], year_ago)
    return panels[0]


def _place(ax: Axes | None) -> tuple[Figure | SubFigure, SubplotSpec]:
    """Return the figure to draw in and the cell of its grid that the charts share."""
    if ax is None:
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        return figure, figure.add_gridspec()[0]
    drawn, cell = ax.get_figure(), ax.get_subplotspec()
    if drawn is None or cell is None:
        message = "kpis() needs axes made by subplots(): it puts several charts in their place."
        raise ValueError(message)
    ax.remove()
    return drawn, cell


def _now_and_then(values: pd.Series[float], year_ago: int | None) -> tuple[float, float]:
    """Return the last value and that of a year before; NaN where there is none."""
    now = float(values.iloc[-1]) if len(values) else np.nan
    return now, np.nan if year_ago is None else float(values.iloc[year_ago])


def _panel(ax: Axes, values: NDArray[np.float64], key: str, year_ago: int | None) -> None:
    gid, last = f"kpis-{key}", len(values) - 1
    bottom, top = span(values)
    ax.set(xlim=(0, max(last, 1)), ylim=(bottom, top), yticks=[])
    ax.plot(values, color=accent(), lw=1.5, gid=gid, clip_on=False)
    if year_ago is not None and np.isfinite(values[year_ago]):
        dot(ax, year_ago, values[year_ago], gid=f"{gid}-year-ago", **_ring())
    if values.size and np.isfinite(values[last]):
        dot(ax, last, values[last], 5.5, color=accent(), gid=f"{gid}-last")


def _heading(ax: Axes, key: str, name: list[str], now: float, year_ago: float) -> None:
    """Write the name of a figure, its last value and that of last year, with the ring that stands for it, above."""
    look = {"xycoords": "axes fraction", "va": "bottom"}
    speak = PANELS[key]
    if np.isfinite(year_ago):
        then = speak(year_ago)
        text = say("{value:text} a year earlier", value=then)
        text = text if text_width(text, SMALL) <= LINE_WIDTH - INDENT else then
        ring = offset_copy(ax.transAxes, ax.get_figure(root=True), INDENT / 2 - 1.5, RISE + MIDDLE, units="points")
        dot(ax, 0, 1, transform=ring, **_ring())
        note(ax, (0, 1), text, (INDENT, RISE), color=MUTED, fontsize=SMALL, **look)
    words = [(speak(now) if np.isfinite(now) else MISSING, accent()), *((line, INK) for line in reversed(name))]
    for index, (line, colour) in enumerate(words, start=1):
        note(ax, (0, 1), line, (0, RISE + index * LEADING), color=colour, weight=SEMIBOLD, **look)


def _ring() -> dict[str, Any]:
    return {"size": 5, "mfc": WHITE, "mec": comparison(), "mew": 1.2}


def _name_periods(ax: Axes, names: list[str], year_ago: int | None) -> None:
    """Name the last period, and the first and the one a year ago where they have the room."""
    last = len(names) - 1
    named = {index: text_width(names[index]) for index in {0, last} if names}
    if sum(named.values()) + GAP > LINE_WIDTH:
        named.pop(0)
    if year_ago is not None and 0 < year_ago < last and 0 in named:
        at, half = year_ago * LINE_WIDTH / last, text_width(names[year_ago]) / 2 + GAP
        if named[0] < at - half and at + half < LINE_WIDTH - named[last]:
            named[year_ago] = 2 * half
    ticks(ax, "x", sorted(named), lambda row: names[int(row)])
    for at, label in zip(sorted(named), ax.get_xticklabels(), strict=True):
        # The ends stand inside the chart, or they would reach into the next.
        label.set_horizontalalignment("left" if at == 0 else "right" if at == last else "center")
