"""Who is still active, by the model, and who came back, as a heat map.  Takes a ModelCheck, returns the Axes.

Rows are repeat purchases until the main cutoff, columns how long customers had been silent by then.  The darker a cell,
the likelier the model holds its customers to be active; a dot stands for a cell hidden because few are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from loyalty_lib.figures.checks import hidden
from loyalty_lib.figures.palette import INK, LINE, MUTED, shade, text_on
from loyalty_lib.figures.style import SEMIBOLD, SMALL, TEXT, axes, dot, note, ticks
from loyalty_lib.i18n import gettext, percent, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.model_check import ModelCheck

ROW: Final = 0.36  # inches
FRAME: Final = 0.85  # inches of headings and notes
SIDE: Final = 0.95  # of a cell that is filled
FEWEST: Final = 4  # columns there is room for, however few there are
MARGIN: Final = 8.0  # points between the names of rows and their cells
HEADING: Final = 20.0  # points from the cells up to the heading
LEADING: Final = 11.0  # points from line to line
FOOT: Final = -5.0  # points from the cells down to the notes


def alive(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw mean P(alive) and the share that came back, by repeat purchases and weeks of silence.

    Parameters
    ----------
    check
        Its ``alive`` holds ``frequency``, ``silent`` (weeks; both text), ``customers``, ``probability_alive`` (mean)
        and ``came_back`` (share with a purchase in the hold-out), NaN where hidden; ``cutoff`` and ``as_of`` are the
        ends of the hold-out.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Cell (k, i) is the unit square around column k and row i.  gids: ``alive-<frequency>-<silent>`` the cells, with
        ``-hidden`` the dots of hidden ones.
    """
    table = check.alive
    rows, columns = _classes(table["frequency"]), _classes(table["silent"])
    ax = axes(ax, FRAME + ROW * max(len(rows), 1))
    room = max(len(columns), FEWEST)
    ax.set(xlim=(-0.5, room - 0.5), ylim=(max(len(rows), 1) - 0.5, -0.5))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.xaxis.tick_top()
    ticks(ax, "x", range(len(columns)), lambda place: _dashed(columns[int(place)]))
    ticks(ax, "y", range(len(rows)), lambda place: _dashed(rows[int(place)]))
    ax.tick_params(axis="y", labelcolor=INK, pad=MARGIN)
    is_hidden = False
    cells = table[["frequency", "silent", "customers", "probability_alive", "came_back"]]
    for frequency, silent, customers, likely, back in cells.itertuples(index=False, name=None):
        at = columns.index(str(silent)), rows.index(str(frequency))
        gid = f"alive-{frequency}-{silent}"
        if np.isfinite([customers, likely, back]).all():
            _cell(ax, at, likely, say("{share:percent} of {count:number}", share=back, count=customers), gid)
        elif customers != 0:
            is_hidden = True
            dot(ax, *at, 2.5, color=LINE, in_layout=False, gid=f"{gid}-hidden")
    _words(ax, check)
    if is_hidden:
        hidden(ax, rise=HEADING)
    return ax


def _words(ax: Axes, check: ModelCheck) -> None:
    """Name rows and columns, and say what the two lines of a cell are."""
    look = {"xycoords": "axes fraction", "va": "bottom", "color": MUTED}
    note(ax, (0, 1), gettext("Repeat purchases"), (-MARGIN, HEADING), ha="right", **look)
    note(ax, (0, 1), gettext("Weeks since the last purchase"), (0, HEADING), **look)
    sentences = (
        (gettext("Above: probability of being active, by the model."), SEMIBOLD),
        (say("Below: share of the customers that bought again by {day:date}.", day=check.as_of), 400),
    )
    for line, (text, weight) in enumerate(sentences):
        words = {"xycoords": "axes fraction", "va": "top", "color": MUTED, "weight": weight}
        note(ax, (0, 0), text, (0, FOOT - line * LEADING), **words)


def _cell(ax: Axes, at: tuple[int, int], likely: float, below: str, gid: str) -> None:
    fill = shade(likely, 1.0)
    corner = (at[0] - SIDE / 2, at[1] - SIDE / 2)
    # The cells lie inside the axes: the layout need not measure each of them.
    ax.add_patch(Rectangle(corner, SIDE, SIDE, fc=fill, gid=gid, clip_on=False, in_layout=False))
    look = {"ha": "center", "color": text_on(fill), "in_layout": False}
    note(ax, at, percent(likely), (0, 1.5), va="baseline", fontsize=TEXT, weight=SEMIBOLD, **look)
    note(ax, at, below, (0, 1.5 - LEADING), va="baseline", fontsize=SMALL, **look)


def _classes(names: pd.Series[str]) -> list[str]:
    """Return the classes by the numbers they begin with."""
    return sorted(set(map(str, names)), key=lambda name: int(name.partition("-")[0].rstrip("+")))


def _dashed(name: str) -> str:
    return name.replace("-", "–")
