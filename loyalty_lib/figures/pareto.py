"""Concentration of sales as a curve.  Takes a ParetoResult, returns the Axes.

Customers stand from the largest to the smallest; the grey diagonal is a shop whose customers all buy for the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import INK, LINE, MUTED, WHITE, accent, tint
from loyalty_lib.figures.style import SEMIBOLD, above, axes, dot, note, text_width, ticks
from loyalty_lib.i18n import gettext, percent, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.pareto import ParetoResult

HEIGHT: Final = 2.4  # inches
MARKED: Final = 0.2  # the share of customers whose share of sales is written out
MOST: Final = 0.8  # of sales: the share of customers behind them is written out
POINTS: Final = 440.0  # the chart's width; the layout gives a hair more
APART: Final = 0.07  # of sales between the points, or their words meet
SHIFT: Final = 10.0  # points from a point to its words
GROUND: Final = 0.1  # of the accent, between the curves
QUARTERS: Final = (0.25, 0.5, 0.75, 1.0)
TENTHS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def pareto(result: ParetoResult, ax: Axes | None = None) -> Axes:
    """Draw the cumulative share of sales against the share of customers, largest first.

    Parameters
    ----------
    result
        Its ``curve`` runs from (0, 0) to (1, 1); its ``top_shares`` has a row for the top 20 %.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``pareto-curve``, ``pareto-equality``, ``pareto-area`` between them, and the marked points:
        ``pareto-top20``, and ``pareto-most``, the share of customers behind 80 % of sales.
    """
    ax = axes(ax, HEIGHT)
    curve = result.curve
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ticks(ax, "x", TENTHS, percent)
    ticks(ax, "y", QUARTERS, percent)
    ax.set_xlabel(gettext("Share of customers, largest first"))
    above(ax, gettext("Share of net sales"))
    ax.plot((0, 1), (0, 1), color=LINE, lw=1, gid="pareto-equality", clip_on=False)
    note(ax, (0.5, 0.5), gettext("If every customer bought for the same amount"), (8, -3), va="top", color=MUTED)
    x, y = curve["share_of_customers"], curve["share_of_sales"]
    ax.fill_between(x, x, y, color=tint(GROUND), lw=0, gid="pareto-area")
    ax.plot(x, y, color=accent(), lw=2.2, gid="pareto-curve", clip_on=False)
    rows = result.top_shares.loc[result.top_shares["top"] == MARKED, "share_of_sales"]
    for share in rows.dropna():
        ax.plot((MARKED, MARKED), (0, share), color=accent(), lw=0.8, clip_on=False, gid="pareto-top20-foot")
        _mark(ax, MARKED, share, "pareto-top20")
    if np.isfinite(result.share_for_80) and (rows.dropna() < MOST - APART).all():
        _mark(ax, result.share_for_80, MOST, "pareto-most")
    return ax


def _mark(ax: Axes, customers: float, sales: float, gid: str) -> None:
    """Write out one point of the curve, right below it, or left above it where the right has no room."""
    dot(ax, customers, sales, 6.5, color=accent(), gid=gid)
    text = say("{customers:percent} of customers: {sales:percent} of sales", customers=customers, sales=sales)
    words = {"weight": SEMIBOLD, "color": INK}
    end = customers + (SHIFT + text_width(text, weight=SEMIBOLD)) / POINTS
    if end > 1:
        note(ax, (customers, sales), text, (-SHIFT, 4), va="bottom", ha="right", **words)
        return
    ground = tint(GROUND) if end < sales else WHITE  # beyond the diagonal lies paper
    box = {"fc": ground, "ec": "none", "pad": 0.8}
    note(ax, (customers, sales), text, (SHIFT, -4), va="top", bbox=box, **words)
