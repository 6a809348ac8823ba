"""Who came back after answering, as dots with intervals.  Takes a SurveyResult, returns the Axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import INK, MUTED, accent
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, SMALL, axes, dot, note, ticks, write
from loyalty_lib.figures.survey import BANDS
from loyalty_lib.i18n import gettext, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.survey import SurveyResult

ROW: Final = 0.42  # inches of a group
FRAME: Final = 0.35  # inches for the axis
STEPS: Final = (0.05, 0.1, 0.2, 0.25)  # between ticks; at most five of them
MOST: Final = 5


def survey_return(result: SurveyResult, ax: Axes | None = None) -> Axes:
    """Draw the share of promoters, passives and detractors who bought again, with its interval.

    Parameters
    ----------
    result
        Its ``came_back`` holds one row a group; NaN is hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``survey-return-<group>`` the dots, ``survey-return-<group>-interval`` the intervals.
    """
    table = result.came_back
    ax = axes(ax, FRAME + ROW * max(len(table), 1))
    top = max([0.1, *table["high"].dropna()])
    step = next((step for step in STEPS if top / step <= MOST), STEPS[-1])
    end = step * np.ceil(top / step - 1e-9)
    ax.set(xlim=(0, end), ylim=(len(table) - 0.4, -0.6))
    ticks(ax, "x", [float(tick) for tick in np.arange(0, end + step / 2, step)], percent)
    ax.grid(visible=False, axis="y")
    ax.set_yticks(range(len(table)), labels=[gettext(BANDS[str(group)]) for group in table.index])
    columns = ["share", "low", "high"]
    for at, (group, share, low, high) in enumerate(table[columns].itertuples(name=None)):
        if not np.isfinite(share):
            write(ax, end / 2, at, gettext(HIDDEN), ha="center", va="center", fontsize=SMALL, color=MUTED)
            continue
        name = f"survey-return-{group}"
        ax.plot((low, high), (at, at), color=accent(), lw=1.5, gid=f"{name}-interval", clip_on=False)
        dot(ax, share, at, 6.5, color=accent(), gid=name)
        note(ax, (share, at), percent(share), (0, 5), ha="center", va="bottom", weight=SEMIBOLD, color=INK)
    return ax
