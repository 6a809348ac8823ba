"""Lifetime value by segment as bars.  Takes the table of ``value_by_segment``, returns the Axes.

Largest total first; beside each bar its total, and in a column of its own the mean per customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import INK, MUTED, accent
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, amounts, axes, note, span, ticks
from loyalty_lib.i18n import gettext
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.245  # inches
FRAME: Final = 0.4  # inches of headings and margins
BAR: Final = 0.62  # of a row
ROOM: Final = 1.5  # the scale's end over the longest bar: room for the total, and the column of means
GAP: Final = 5.0  # points


def clv(values: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the lifetime value of each segment.

    Parameters
    ----------
    values
        Indexed by segment; ``total_clv`` and ``mean_clv``, NaN where hidden because the segment is small.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``clv-<segment>`` the bars.
    """
    ax = axes(ax, FRAME + ROW * max(len(values), 1))
    ordered = values.sort_values("total_clv", ascending=False, kind="stable", na_position="last")
    totals = ordered["total_clv"].to_numpy(dtype=float)
    speak_total, speak_mean = amounts(totals), amounts(ordered["mean_clv"])
    lowest, longest = span(totals)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.set(xlim=(lowest, lowest + ROOM * (longest - lowest)), ylim=(max(len(ordered), 1) - 0.5, -0.5), xticks=[])
    ticks(ax, "y", range(len(ordered)), lambda row: segment_name(str(ordered.index[int(row)])))
    ax.tick_params(axis="y", labelcolor=INK)
    above(ax, gettext("Total"))
    above(ax, gettext("Mean per customer"), at=1.0, ha="right")
    for row, (segment, total, mean) in enumerate(zip(ordered.index, totals, ordered["mean_clv"], strict=True)):
        if not np.isfinite(total):
            note(ax, (0, row), gettext(HIDDEN), (0, 0), va="center_baseline", color=MUTED)
            continue
        ax.barh(row, total, height=BAR, color=accent(), gid=f"clv-{segment}")
        label = {"va": "center_baseline", "color": INK}
        note(ax, (max(total, 0.0), row), speak_total(total), (GAP, 0), weight=SEMIBOLD, **label)
        note(ax, (1, row), speak_mean(mean), (0, 0), xycoords=ax.get_yaxis_transform(), ha="right", **label)
    return ax
