"""How long customers stay under contract.  Takes a SubscriptionsResult, returns the Axes.

The accent is what was observed, with its interval; the dashed grey line what the model of renewals expects, with its
interval where nothing has been observed yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.analyses.subscriptions_lifetime import LEVEL, YEAR
from loyalty_lib.figures.palette import GRID, MUTED, WHITE, accent, comparison, tint
from loyalty_lib.figures.style import SEMIBOLD, above, axes, dot, note, text_width, ticks
from loyalty_lib.i18n import gettext, number, percent, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.subscriptions import SubscriptionsResult

HEIGHT: Final = 2.9  # inches
BAND: Final = 0.25  # of the accent
GAP: Final = 6.0  # points
QUARTERS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
STEPS: Final = (1, 3, 6, 12, 24, 60)  # months between ticks
MOST_TICKS: Final = 9
ROOM: Final = 0.08  # of the months shown, to the right: the last value


def subscriptions(result: SubscriptionsResult, ax: Axes | None = None) -> Axes:
    """Draw the share of customers still under contract by months since the first contract began.

    Parameters
    ----------
    result
        Its ``survival`` holds ``months``, ``share``, ``low``, ``high``; its ``projection`` the same by renewal.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``subscriptions-observed``, ``subscriptions-band``, ``subscriptions-year`` the share after a year,
        ``subscriptions-projection`` the dashed line, ``subscriptions-ahead`` its interval, ``subscriptions-end``.
    """
    ax = axes(ax, HEIGHT)
    observed, projected = result.survival, result.projection
    last = max([1, *observed["months"].astype(int), *projected["months"].astype(int)])
    ax.set(xlim=(0, last * (1 + ROOM)), ylim=(0, 1))
    step = next((size for size in STEPS if last / size <= MOST_TICKS), STEPS[-1])
    ticks(ax, "x", list(range(0, last + 1, step)), number)
    ticks(ax, "y", QUARTERS, percent)
    ax.set_xlabel(gettext("Months since the first contract began"))
    heading = say("Still under contract, with its {level:percent} interval", level=LEVEL)
    above(ax, heading, color=accent(), weight=SEMIBOLD)
    if len(projected):
        above(ax, gettext("Projection from renewals"), shift=text_width(heading, weight=SEMIBOLD) + 4 * GAP)
        _project(ax, result)
    if len(observed):
        _observe(ax, result)
    return ax


def _project(ax: Axes, result: SubscriptionsResult) -> None:
    """Draw the projection, and its interval from the last month observed on."""
    months, share, low, high = (
        result.projection[name].to_numpy(dtype=float) for name in ("months", "share", "low", "high")
    )
    seen = float(result.survival["months"].max()) if len(result.survival) else 0.0
    beyond = months > seen - result.renewal_months
    ax.fill_between(
        months[beyond], low[beyond], high[beyond], step="post", color=GRID, lw=0, zorder=1.6, gid="subscriptions-ahead"
    )
    look: dict[str, Any] = {"lw": 1.4, "ls": (0, (4, 2)), "drawstyle": "steps-post", "zorder": 1.9}
    ax.plot(months, share, color=comparison(), gid="subscriptions-projection", **look)
    dot(ax, months[-1], share[-1], 5, mfc=WHITE, mec=comparison(), mew=1.2, gid="subscriptions-end")
    note(ax, (months[-1], share[-1]), percent(share[-1]), (GAP, 0), va="center", color=MUTED, weight=SEMIBOLD)


def _observe(ax: Axes, result: SubscriptionsResult) -> None:
    """Draw the share observed, which falls in steps, and write out the one after a year."""
    months, share, low, high = (
        result.survival[name].to_numpy(dtype=float) for name in ("months", "share", "low", "high")
    )
    ax.fill_between(months, low, high, step="post", color=tint(BAND), lw=0, zorder=1.8, gid="subscriptions-band")
    ax.plot(months, share, color=accent(), lw=2.2, drawstyle="steps-post", gid="subscriptions-observed", clip_on=False)
    at = np.flatnonzero(months == YEAR)
    marked = int(at[0]) if len(at) and np.isfinite(share[at[0]]) else len(share) - 1
    dot(ax, months[marked], share[marked], 6, color=accent(), gid="subscriptions-year")
    look = {"color": accent(), "weight": SEMIBOLD, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.8}}
    note(ax, (months[marked], share[marked]), percent(share[marked]), (GAP, GAP), va="bottom", **look)
