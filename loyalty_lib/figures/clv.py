"""Lifetime value by segment as bars.  Takes the table of ``value_by_segment``, returns the Axes.

Largest total first; beside each bar its total, across its end the interval of that, and in a column of its own the mean
per customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.figures.palette import INK, MUTED, tint
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, amounts, axes, note, span, ticks
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ROW: Final = 0.21  # inches
FRAME: Final = 0.4  # inches of headings and margins
BAR: Final = 0.62  # of a row
FILL: Final = 0.55  # of the accent, so that the interval shows on the bar
ROOM: Final = 1.5  # the scale's end over the longest bar: room for the total, and the column of means
GAP: Final = 5.0  # points


def clv(values: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the lifetime value of each segment.

    Parameters
    ----------
    values
        Indexed by segment; ``total_clv`` with ``low_clv`` and ``high_clv``, and ``mean_clv``; NaN where hidden because
        the segment is small.  ``attrs["level"]`` says what the intervals hold.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``clv-<segment>`` the bars, ``clv-<segment>-interval`` the intervals.
    """
    ax = axes(ax, FRAME + ROW * max(len(values), 1))
    ordered = values.sort_values("total_clv", ascending=False, kind="stable", na_position="last")
    totals = ordered["total_clv"].to_numpy(dtype=float)
    speak_total, speak_mean = amounts(totals), amounts(ordered["mean_clv"])
    intervals = ordered[["low_clv", "high_clv"]].to_numpy(dtype=float)
    lowest, longest = span([*totals, *intervals.ravel()])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.set(xlim=(lowest, lowest + ROOM * (longest - lowest)), ylim=(max(len(ordered), 1) - 0.5, -0.5), xticks=[])
    ticks(ax, "y", range(len(ordered)), lambda row: segment_name(str(ordered.index[int(row)])))
    ax.tick_params(axis="y", labelcolor=INK)
    level = values.attrs.get("level")
    shown = level is not None and np.isfinite(intervals).any()
    above(ax, say("Total with its {level:percent} interval", level=level) if shown else gettext("Total"))
    above(ax, gettext("Mean per customer"), at=1.0, ha="right")
    columns = zip(ordered.index, totals, ordered["mean_clv"], intervals, strict=True)
    for row, (segment, total, mean, (low, high)) in enumerate(columns):
        if not np.isfinite(total):
            note(ax, (0, row), gettext(HIDDEN), (0, 0), va="center_baseline", color=MUTED)
            continue
        ax.barh(row, total, height=BAR, color=tint(FILL), gid=f"clv-{segment}")
        end = max(total, 0.0)
        if np.isfinite([low, high]).all():
            look: dict[str, Any] = {"color": INK, "lw": 1.2, "solid_capstyle": "butt", "clip_on": False}
            ax.plot((low, high), (row, row), gid=f"clv-{segment}-interval", zorder=3, **look)
            end = max(end, high)
        label = {"va": "center_baseline", "color": INK}
        note(ax, (end, row), speak_total(total), (GAP, 0), weight=SEMIBOLD, **label)
        note(ax, (1, row), speak_mean(mean), (0, 0), xycoords=ax.get_yaxis_transform(), ha="right", **label)
    return ax
