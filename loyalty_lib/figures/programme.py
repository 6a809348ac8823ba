"""The programme's tiers as pairs of bars, share of customers over share of net sales.  Takes a ProgrammeResult."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.analyses.programme import NO_TIER
from loyalty_lib.figures.palette import INK, LINE, MUTED, accent, comparison
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, axes, note, span, ticks, wrap
from loyalty_lib.i18n import gettext, mark, money, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.programme import ProgrammeResult

ROW: Final = 0.5  # inches
FRAME: Final = 0.3  # inches of margins
BAR: Final = 0.36  # of a row
NAME: Final = 130.0  # points that a tier's name may fill
ROOM: Final = 1.3  # the scale's end over the longest bar: room for its figure
GAP: Final = 5.0  # points
SHARES: Final = {
    "share_of_customers": ("customers", mark("{share:percent.1} of customers"), -1),
    "share_of_sales": ("sales", mark("{share:percent.1} of net sales"), 1),
}


def programme(result: ProgrammeResult, ax: Axes | None = None) -> Axes:
    """Draw each tier's share of customers beside its share of net sales, the highest tier on top.

    Parameters
    ----------
    result
        Its ``shares``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``programme-customers-<row>`` and ``programme-sales-<row>`` the bars, rows counted from the lowest tier.
    """
    tiers = result.shares
    ax = axes(ax, FRAME + ROW * max(len(tiers), 1))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    if tiers.empty:
        ax.set_axis_off()
        return ax
    lowest, longest = span(tiers[list(SHARES)].to_numpy(dtype=float).ravel())
    ax.set(xlim=(lowest, lowest + ROOM * (longest - lowest)), ylim=(-0.5, len(tiers) - 0.5), xticks=[])
    names = [_name(tier, threshold) for tier, threshold in zip(tiers["tier"], tiers["threshold"], strict=True)]
    ticks(ax, "y", range(len(names)), lambda row: names[int(row)])
    ax.tick_params(axis="y", labelcolor=INK)
    ax.axvline(0, color=LINE, lw=0.8, zorder=2.5)
    for column, (key, words, side) in SHARES.items():
        is_sales = key == "sales"
        for row, share in enumerate(tiers[column].astype(float)):
            at = row - side * BAR * 0.55
            text = say(words, share=share) if np.isfinite(share) else gettext(HIDDEN)
            look = {"va": "center_baseline", "color": INK if np.isfinite(share) else MUTED}
            if np.isfinite(share):
                fill = accent() if is_sales else comparison(LINE)
                ax.barh(at, share, BAR, color=fill, gid=f"programme-{key}-{row}", clip_on=False)
            start = max(share, 0.0) if np.isfinite(share) else 0.0
            weight = {"weight": SEMIBOLD} if is_sales and np.isfinite(share) else {}
            note(ax, (start, at), text, (GAP, 0), **look, **weight)
    return ax


def _name(tier: str, threshold: float) -> str:
    """Name a tier and the spend it begins at, broken into lines."""
    if not tier:
        return "\n".join(wrap(gettext(NO_TIER), NAME))
    return "\n".join([*wrap(tier, NAME), say("from {spend:text}", spend=money(threshold, 0))])
