"""Retention of all cohorts as a curve.  Takes a CohortResult, returns the Axes.

A grey line is one cohort; of more than 36 only every second or third is drawn.  The accent is the average of all,
weighted by size, the shaded band its 95 % interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import CONTEXT, WHITE, accent, tint
from loyalty_lib.figures.style import SEMIBOLD, above, axes, dot, from_zero, note, text_width, ticks
from loyalty_lib.i18n import gettext, mark, number, percent, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.cohorts import CohortResult

HEIGHT: Final = 2.15  # inches
HEADROOM: Final = 1.18  # of the highest average: room for its label under the headings
AFTER: Final = {
    "week": mark("Weeks after the first purchase"),
    "month": mark("Months after the first purchase"),
    "quarter": mark("Quarters after the first purchase"),
}
MARKED: Final = (1, 3, 6, 12)  # periods whose average is written out
TICKS: Final = 12  # periods numbered at most, and the first
STEP: Final = {"week": 4, "month": 3, "quarter": 4}  # where they are more, multiples of this
LINE_WIDTH: Final = 400.0  # points from the first period to the last; less than the layout gives, to be safe
LEAD: Final = 20.0  # points before the first period, half a label's width
LEVEL: Final = 0.95  # of the interval in ``average``
GAP: Final = 6.0  # points
BAND: Final = 0.25  # of the accent
LINES: Final = 36  # cohorts drawn at most


def cohort_curve(result: CohortResult, ax: Axes | None = None) -> Axes:
    """Draw average retention by period after the first purchase over the cohorts it is the average of.

    Parameters
    ----------
    result
        ``retention`` (cohort x k) and ``average`` (index k: ``retention``, ``low``, ``high``); k = 0, always 100 %, is
        left out.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``cohort-curve-average``, its interval ``cohort-curve-band``, its points written out
        ``cohort-curve-average-<k>``, and ``cohort-curve-<i>`` the cohort of row i.
    """
    ax = axes(ax, HEIGHT)
    periods = result.average.index.to_numpy()
    later = periods[periods > 0]
    retention, low, high = (
        result.average.loc[later, name].to_numpy(dtype=float) for name in ("retention", "low", "high")
    )
    single = result.retention[later].to_numpy(dtype=float)
    last = max(later.tolist(), default=1)
    point = max(last - 1, 1) / LINE_WIDTH
    ax.set_xlim(1 - LEAD * point, max(last, 2) + GAP * point)
    from_zero(
        ax, [*single.ravel(), *high, HEADROOM * np.max(retention, initial=0.0, where=np.isfinite(retention))], percent
    )
    ticks(ax, "x", numbered(last, result.grain), number)
    ax.set_xlabel(gettext(AFTER[result.grain]))
    share = gettext("Share of each cohort that bought")
    above(ax, share)
    mean = say("Average with its {level:percent} interval", level=LEVEL)
    above(ax, mean, shift=text_width(share) + 3 * GAP, color=accent(), weight=SEMIBOLD)
    for row in drawn_rows(len(single)):
        ax.plot(later, single[row], color=CONTEXT, lw=0.9, zorder=1.8, gid=f"cohort-curve-{row}", clip_on=False)
    ax.fill_between(later, low, high, color=tint(BAND), lw=0, zorder=1.9, gid="cohort-curve-band")
    ax.plot(later, retention, color=accent(), lw=2.2, gid="cohort-curve-average", clip_on=False)
    known = np.isfinite(retention)
    _mark(ax, dict(zip(later[known].tolist(), retention[known].tolist(), strict=True)), LINE_WIDTH / last)
    return ax


def drawn_rows(cohorts: int) -> range:
    """Return the rows of the cohorts to draw: all, or of very many every second, third and so on, with the latest."""
    return range(cohorts - 1, -1, -max(-(-cohorts // LINES), 1))[::-1]


def numbered(last: int, grain: str) -> list[int]:
    """Return the periods to number: all, or the first and so many round ones as have room."""
    if last > TICKS:
        step = STEP[grain] * -(-last // (TICKS * STEP[grain]))
        return [1, *range(step, last + 1, step)]
    return list(range(1, last + 1))


def _mark(ax: Axes, average: dict[int, float], period: float) -> None:
    """Write out the average at the last period, and at earlier ones that leave each other room.

    A period is so many points.
    """
    look = {"color": accent(), "weight": SEMIBOLD, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.8}}
    end = max(average, default=0)
    free = -np.inf
    for k in sorted({*MARKED, end} & set(average)):
        value = average[k]
        half = text_width(percent(value), weight=SEMIBOLD) / 2 + GAP
        if k != end and (k * period - half < free or (end - k) * period < 2 * half):
            continue
        free = k * period + half
        shift, place = ((GAP, 0), {"va": "center"}) if k == end else ((0, GAP), {"ha": "center", "va": "bottom"})
        dot(ax, k, value, 6 if k == end else 5, color=accent(), gid=f"cohort-curve-average-{k}")
        note(ax, (k, value), percent(value), shift, **place, **look)
