"""Retention by cohort as a heat map.  Takes a CohortResult, returns the Axes.

One row a cohort, one column a period after the first purchase; the period of the first purchase itself, always 100 %,
is left out.  An empty cell is not observed yet; a dot stands for a figure hidden because few customers are behind it.
The latest 24 cohorts and the first 24 periods are drawn; the data beside the chart hold all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from loyalty_lib.figures.palette import BLACK, INK, LINE, MUTED, WHITE, shade, text_on
from loyalty_lib.figures.style import HIDDEN, REGULAR, SEMIBOLD, SMALL, WIDTH, axes, dot, note, text_width, ticks, write
from loyalty_lib.i18n import date_short, gettext, mark, month, number
from loyalty_lib.i18n.calendar import period_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from loyalty_lib.analyses.cohorts import CohortResult

AFTER: Final = {
    "week": mark("Weeks after the first purchase (% of the cohort that bought)"),
    "month": mark("Months after the first purchase (% of the cohort that bought)"),
    "quarter": mark("Quarters after the first purchase (% of the cohort that bought)"),
}
FRAME: Final = 0.62  # inches of headings and margins
COHORTS: Final = 24  # drawn at most, the latest
PERIODS: Final = 24  # after the first purchase, drawn at most
ROW: Final = 0.2  # inches, where cohorts are few
LOW_ROW: Final = 0.19  # inches, where they are many
MANY: Final = 8  # cohorts
APART: Final = 4.0  # points between the numbers of two columns
DOT: Final = 2.5  # points of a hidden cell's mark
PARTING: Final = 0.3  # of a row, between the cohorts and their average
MARGIN: Final = 8.0  # points beside a number
HEADING: Final = 20.0  # points from the cells up to the name of the columns
AIR: Final = 2.5  # points between a cell's number and its edge; without them the number is left out
TOP: Final = 0.95  # quantiles of the cells between which the ramp runs: one odd cohort must not pale all others
BOTTOM: Final = 0.05
SIDE: Final = 0.95  # of a cell that is filled
TEXTS: Final = (INK, WHITE, BLACK)  # colours of numbers


def cohorts(result: CohortResult, ax: Axes | None = None) -> Axes:
    """Draw the share of each cohort that bought in each period after its first.

    Parameters
    ----------
    result
        ``retention`` (cohort x k, NaN where not observed or hidden), ``cells`` (which are observed), ``sizes``,
        ``average``, ``grain``.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Cell (k, i) is the unit square around period k and row i, counted from the first cohort drawn.  gids:
        ``cohorts-<i>-<k>`` the observed cells and ``cohorts-<i>-<k>-hidden`` the hidden ones,
        ``cohorts-average-<k>`` the average, of all cohorts.
    """
    shown = result.retention.iloc[-COHORTS:]
    last = _last_observed(result, shown.index)
    later = [k for k in sorted(map(int, shown.columns)) if 0 < k <= min(PERIODS, last.max(initial=0))]
    values = shown[later].to_numpy(dtype=float)
    rows = len(values)
    ax = axes(ax, FRAME + (rows + 1 + PARTING) * (LOW_ROW if rows > MANY else ROW))
    width = _frame(ax, result, shown.index, later)
    observed = values[np.isfinite(values)]
    ramp = (np.quantile(observed, TOP), np.quantile(observed, BOTTOM)) if observed.size else (0.0, 0.0)
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        _cell(ax, (later[column], row), values[row, column], ramp, width, f"cohorts-{row}-{later[column]}")
    hidden = np.isnan(values) & (np.array(later) <= last[:, np.newaxis])
    for row, column in zip(*np.nonzero(hidden), strict=True):
        gid = f"cohorts-{row}-{later[column]}-hidden"
        dot(ax, later[column], row, DOT, color=LINE, in_layout=False, gid=gid)
    average = result.average["retention"].reindex(later).dropna()
    for k, value in average.items():
        _cell(ax, (int(str(k)), rows + PARTING), value, ramp, width, f"cohorts-average-{k}", weight=SEMIBOLD)
    if hidden.any():
        note(ax, (1, 0), f"· {gettext(HIDDEN)}", (0, -3), xycoords="axes fraction", ha="right", va="top", color=MUTED)
    return ax


def _frame(ax: Axes, result: CohortResult, shown: pd.Index, later: list[int]) -> float:
    """Name rows and columns, write the sizes of the cohorts; return how wide a cell will be, in points.

    Of narrow columns only every few are named.
    """
    names = [*(cohort_name(cohort, result.grain) for cohort in shown), gettext("Average")]
    sizes = [number(size) for size in result.sizes.loc[shown]]
    customers = gettext("Customers")
    room = max(text_width(text) for text in (customers, *sizes)) + 2 * MARGIN
    foot = len(sizes) + PARTING
    left = max(text_width(name, weight=SEMIBOLD) for name in names) + MARGIN
    columns = max(len(later), 1)
    width = (WIDTH * 72 - left - room) / columns
    ax.set(xlim=(0.5 - room / width, columns + 0.5), ylim=(foot + 0.5, -0.5))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.xaxis.tick_top()
    every = math.ceil((max(map(text_width, map(number, later)), default=0.0) + APART) / width)
    ticks(ax, "x", [k for k in later if k % every == 0 or every == 1], number)
    ticks(ax, "y", [*range(len(sizes)), foot], lambda y: names[int(y)])
    ax.tick_params(axis="y", labelcolor=INK)
    ax.get_yticklabels()[-1].set_fontweight(SEMIBOLD)
    edge = 0.5 - MARGIN / width
    for row, size in enumerate(sizes):
        note(ax, (edge, row), size, (0, 0), ha="right", va="center_baseline", color=MUTED)
    heading = {"xycoords": ax.get_xaxis_transform(), "va": "bottom", "color": MUTED}
    note(ax, (edge, 1), customers, (0, 4), ha="right", **heading)
    note(ax, (0.5, 1), gettext(AFTER[result.grain]), (0, HEADING), **heading)
    return width


def _cell(
    ax: Axes,
    at: tuple[int, float],
    value: float,
    ramp: tuple[float, float],
    width: float,
    gid: str,
    weight: int = REGULAR,
) -> None:
    """Draw one cell, its number as per cent without the sign where the cell is wide enough."""
    k, row = at
    fill = shade(value, *ramp)
    corner = (k - SIDE / 2, row - SIDE / 2)
    # The cells lie inside the axes: the layout need not measure each of them.
    ax.add_patch(Rectangle(corner, SIDE, SIDE, fc=fill, gid=gid, clip_on=False, in_layout=False))
    text = number(100 * value)
    if text_width(text, SMALL, weight) + 2 * AIR <= width:
        look = {"fontsize": SMALL, "weight": weight, "color": text_on(fill), "in_layout": False}
        # One colour after the other: looks that neighbours share are written once into the SVG.
        write(ax, k, row, text, ha="center", va="center_baseline", zorder=3 + TEXTS.index(look["color"]) / 10, **look)


def _last_observed(result: CohortResult, shown: pd.Index) -> NDArray[np.float64]:
    """Return the last complete period of each cohort."""
    complete = result.cells.index.to_frame(index=False).groupby("cohort")["k"].max()
    return complete.reindex(shown).to_numpy(dtype=float)


def cohort_name(start: pd.Timestamp, grain: str) -> str:
    """Name a cohort by its period: the month, the quarter, or the Monday of its week."""
    day = start.date()
    if grain == "quarter":
        return period_name(grain, day, day)
    return month(day) if grain == "month" else date_short(day)
