"""Concentration of sales as a curve.  Takes a ParetoResult, returns the Axes.

Customers stand from the largest to the smallest; the grey diagonal is a shop whose customers all buy for the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.figures.palette import INK, LINE, MUTED, accent, tint
from loyalty_lib.figures.style import SEMIBOLD, above, axes, dot, note, ticks
from loyalty_lib.i18n import gettext, percent, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.pareto import ParetoResult

HEIGHT: Final = 3.1  # inches
MARKED: Final = 0.2  # the share of customers whose share of sales is written out
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
        gids: ``pareto-curve``, ``pareto-equality``, and ``pareto-top20`` the marked point.
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
    ax.fill_between(x, x, y, color=tint(0.1), lw=0)
    ax.plot(x, y, color=accent(), lw=2.2, gid="pareto-curve", clip_on=False)
    _mark(ax, result)
    return ax


def _mark(ax: Axes, result: ParetoResult) -> None:
    """Write out the share of sales of the top 20 %."""
    rows = result.top_shares.loc[result.top_shares["top"] == MARKED, "share_of_sales"]
    for share in rows.dropna():
        ax.plot((MARKED, MARKED), (0, share), color=accent(), lw=0.8, clip_on=False)
        dot(ax, MARKED, share, 6.5, color=accent(), gid="pareto-top20")
        text = say("{customers:percent} of customers: {sales:percent} of sales", customers=MARKED, sales=share)
        note(ax, (MARKED, share), text, (10, -4), va="top", weight=SEMIBOLD, color=INK)
