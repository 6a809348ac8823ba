"""Share of sales by tenth of the customers as columns.  Takes a ParetoResult, returns the Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import INK, LINE, MUTED, accent, tint
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, axes, dot, note, span, ticks
from loyalty_lib.i18n import gettext, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.pareto import ParetoResult

HEIGHT: Final = 2.2  # inches
BAR: Final = 0.72  # of a column
HEADROOM: Final = 1.1  # of the tallest column: room for its share
FIRST: Final = 2  # tenths in the accent: the top 20 % that the page is about
PALE: Final = 0.35  # of the accent
TINY: Final = 0.01  # a share below it is written with a decimal


def pareto_deciles(result: ParetoResult, ax: Axes | None = None) -> Axes:
    """Draw the share of net sales of each tenth of the customers, largest first.

    Parameters
    ----------
    result
        Its ``deciles`` hold ``decile`` and ``share_of_sales``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``pareto-decile-<n>`` the columns, ``pareto-decile-<n>-hidden`` the dots of hidden ones.
    """
    ax = axes(ax, HEIGHT)
    deciles = result.deciles["decile"].astype(int).tolist()
    shares = result.deciles["share_of_sales"].to_numpy(dtype=float)
    _, most = span(shares)
    ax.set(xlim=(0.5, max(len(deciles), 1) + 0.5), ylim=(0, HEADROOM * most), yticks=[])
    ticks(ax, "x", deciles, number)
    ax.tick_params(axis="x", labelcolor=INK, length=0)
    ax.grid(visible=False)
    above(ax, gettext("Share of net sales"))
    ax.set_xlabel(gettext("Tenths of customers, largest first"))
    for decile, share in zip(deciles, shares, strict=True):
        if not np.isfinite(share):
            dot(ax, decile, 0.03 * most, 3, color=LINE, gid=f"pareto-decile-{decile}-hidden")
            continue
        fill = accent() if decile <= FIRST else tint(PALE)
        ax.bar(decile, share, width=BAR, color=fill, gid=f"pareto-decile-{decile}")
        text = percent(share, 1 if 0 < share < TINY else 0)
        note(ax, (decile, max(share, 0.0)), text, (0, 3), ha="center", va="bottom", color=INK, weight=SEMIBOLD)
    if not np.isfinite(shares).all():
        note(ax, (1, 1), f"· {gettext(HIDDEN)}", (0, 7), xycoords="axes fraction", ha="right", color=MUTED)
    return ax
