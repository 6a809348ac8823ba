"""Net sales so far per customer of each cohort, as curves.  Takes a CohortResult, returns the Axes.

A grey line is one cohort; of more than 36 only every second or third is drawn.  The accent is the mean of the cohorts
observed so long, weighted by size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.cohort_curve import AFTER, GAP, LEAD, LINE_WIDTH, MARKED, drawn_rows, numbered
from loyalty_lib.figures.palette import CONTEXT, WHITE, accent
from loyalty_lib.figures.style import SEMIBOLD, above, amounts, axes, dot, from_zero, note, text_width, ticks
from loyalty_lib.i18n import gettext, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from loyalty_lib.analyses.cohorts import CohortResult

HEIGHT: Final = 1.85  # inches
HEADROOM: Final = 1.15  # of the highest mean: room for its label under the headings


def cohort_revenue(result: CohortResult, ax: Axes | None = None) -> Axes:
    """Draw cumulative net sales per original customer by period after the first purchase.

    Parameters
    ----------
    result
        ``cumulative_revenue`` (cohort x k) and ``average`` (index k: ``cumulative_revenue``), NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``cohort-revenue-average``, its points written out ``cohort-revenue-average-<k>``, and
        ``cohort-revenue-<i>`` the cohort of row i.
    """
    ax = axes(ax, HEIGHT)
    periods = result.average.index.to_numpy()
    mean = result.average["cumulative_revenue"].to_numpy(dtype=float)
    single = result.cumulative_revenue.to_numpy(dtype=float)
    last = max(periods.tolist(), default=1)
    point = max(last, 1) / LINE_WIDTH
    ax.set_xlim(-LEAD * point, max(last, 1) + GAP * point)
    drawn = [*single.ravel(), *(HEADROOM * mean)]
    speak = amounts(drawn)
    from_zero(ax, drawn, speak)
    named = [0, *numbered(last, result.grain)]
    ticks(ax, "x", [k for k in named if k != 1 or last == named[-1] == len(named) - 1], number)
    ax.set_xlabel(gettext(AFTER[result.grain]))
    heading = gettext("Net sales so far per customer of the cohort")
    above(ax, heading)
    above(ax, gettext("Average"), shift=text_width(heading) + 3 * GAP, color=accent(), weight=SEMIBOLD)
    for row in drawn_rows(len(single)):
        ax.plot(periods, single[row], color=CONTEXT, lw=0.9, zorder=1.8, gid=f"cohort-revenue-{row}", clip_on=False)
    ax.plot(periods, mean, color=accent(), lw=2.2, gid="cohort-revenue-average", clip_on=False)
    known = {int(k): float(value) for k, value in zip(periods, mean, strict=True) if np.isfinite(value)}
    _mark(ax, known, speak, point)
    return ax


def _mark(ax: Axes, mean: dict[int, float], speak: Callable[[float], str], point: float) -> None:
    """Write out the mean at the last period, and at earlier ones that leave each other room."""
    look = {"color": accent(), "weight": SEMIBOLD, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.8}}
    end = max(mean, default=0)
    free = -np.inf
    for k in (0, *MARKED, end):
        half = text_width(speak(mean.get(k, 0.0)), weight=SEMIBOLD) / 2 + GAP
        if k not in mean or (k != end and (k / point - half < free or (end - k) / point < 2 * half)):
            continue
        dot(ax, k, mean[k], 6 if k == end else 5, color=accent(), gid=f"cohort-revenue-average-{k}")
        if k == end:
            note(ax, (k, mean[k]), speak(mean[k]), (GAP, 0), va="center", **look)
            return
        note(ax, (k, mean[k]), speak(mean[k]), (0, GAP), ha="center", va="bottom", **look)
        free = k / point + half
