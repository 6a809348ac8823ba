"""How many customers made how many repeat purchases, and how many the model expects.  Takes a ModelCheck.

One pair of bars for each number of repeat purchases until the main cutoff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.checks import (
    actual_bar,
    actual_sign,
    count_from_zero,
    hidden,
    model_bar,
    model_sign,
    signs,
    square,
)
from loyalty_lib.figures.palette import INK, LINE, accent
from loyalty_lib.figures.style import SEMIBOLD, SMALL, WIDTH, axes, dot, note, span, text_width, ticks
from loyalty_lib.i18n import gettext, number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.model_check import ModelCheck

HEIGHT: Final = 2.4  # inches
SCALE: Final = 50.0  # points that the scale and the margins take, at most
FEWEST: Final = 8  # classes there is room for, however few there are: a bar is no wall
BAR: Final = 0.37  # of a class
HEADROOM: Final = 1.17  # of the highest bar: room for its numbers under the headings
GAP: Final = 1.5  # points
LEADING: Final = 10.0  # points from line to line


def frequencies(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw customers by number of repeat purchases, actual beside expected.

    Parameters
    ----------
    check
        Its ``frequencies`` hold ``frequency`` (text), ``customers`` and ``expected``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``frequencies-actual-<frequency>`` and ``frequencies-model-<frequency>`` the bars, with ``-hidden`` the
        dots where one is hidden.
    """
    table = check.frequencies
    ax = axes(ax, HEIGHT)
    both = table[["customers", "expected"]].to_numpy(dtype=float)
    classes = max(len(table), FEWEST)
    ax.set_xlim(-0.5, classes - 0.5)
    count_from_zero(ax, [HEADROOM * span(both.ravel())[1]])
    names = table["frequency"].astype(str).tolist()
    ticks(ax, "x", range(len(names)), lambda place: names[int(place)])
    ax.set_xlabel(say("Repeat purchases until {day:date}", day=check.cutoff))
    signs(ax, gettext("Customers"), (actual_sign(square(actual_bar())), model_sign(square(model_bar()))))
    room = (WIDTH * 72 - SCALE) / classes
    for place, (name, (actual, expected)) in enumerate(zip(names, both.tolist(), strict=True)):
        sides = (place - BAR / 2, "actual", actual_bar()), (place + BAR / 2, "model", model_bar())
        for value, (at, kind, look) in zip((actual, expected), sides, strict=True):
            gid = f"frequencies-{kind}-{name}"
            if np.isfinite(value):
                ax.bar(at, value, BAR, gid=gid, clip_on=False, **look)
            else:
                dot(ax, at, 0, 2.5, color=LINE, gid=f"{gid}-hidden")
        _write_out(ax, place, actual, expected, room)
    if np.isnan(both).any():
        hidden(ax)
    return ax


def _write_out(ax: Axes, place: int, actual: float, expected: float, room: float) -> None:
    """Write the two numbers over their bars, or, where a class of ``room`` points is too narrow, one over the other."""
    both = [
        (value, {"fontsize": SMALL, "va": "bottom", **look})
        for value, look in ((actual, {"color": INK}), (expected, {"color": accent(), "weight": SEMIBOLD}))
        if np.isfinite(value)
    ]
    widths = [text_width(number(value), SMALL, SEMIBOLD) for value, _ in both]
    if max(widths, default=0.0) + 2 * GAP <= room / 2:
        for value, look in both:
            side = -1 if look["color"] == INK else 1
            note(ax, (place, value), number(value), (side * GAP, GAP), ha="left" if side > 0 else "right", **look)
    elif max(widths) <= room:
        head = max(value for value, _ in both)
        for line, (value, look) in enumerate(reversed(both)):
            note(ax, (place, head), number(value), (0, GAP + line * LEADING), ha="center", **look)
