"""Retention by group of the first order, as lines.  Takes a CohortResult, returns the Axes.

The accent is the group most of whose customers bought in the period after their own; each line is named at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.figures.cohort_curve import AFTER, GAP, LEAD, numbered
from loyalty_lib.figures.palette import INK, LINE, MUTED, accent
from loyalty_lib.figures.style import (
    REGULAR,
    SEMIBOLD,
    TEXT,
    WIDTH,
    above,
    axes,
    dot,
    from_zero,
    note,
    text_width,
    ticks,
)
from loyalty_lib.i18n import gettext, number, percent
from loyalty_lib.i18n.words import group_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.cohorts import CohortResult

HEIGHT: Final = 2.7  # inches
INSIDE: Final = 125.0  # points of the axes' height; less than the layout gives, to be safe
ACROSS: Final = WIDTH * 72 - 40.0  # points from the axis to the right edge
LEADING: Final = 1.3  # between names, of the size of type
WIDEST: Final = 130.0  # points of a name; a longer one is cut
STYLES: Final = ("-", "--", "-.", ":")  # of the lines behind, so that a copy in grey tells neighbours apart


def cohort_groups(result: CohortResult, ax: Axes | None = None) -> Axes:
    """Draw the share of each group that bought in each period after the first purchase.

    Parameters
    ----------
    result
        Its ``groups`` hold ``group``, ``k`` and ``retention``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``cohort-groups-<i>`` the line of the i-th group, ``cohort-groups-<i>-name`` its name.
    """
    ax = axes(ax, HEIGHT)
    table = result.groups[result.groups["k"] > 0]
    lines = {str(name): own.set_index("k")["retention"] for name, own in table.groupby("group", sort=False)}
    last = max(table["k"].tolist(), default=1)
    best = _best(lines)
    names = {name: _cut(group_name(name), SEMIBOLD if name == best else REGULAR) for name in lines}
    room = max((text_width(text, TEXT, SEMIBOLD) for text in names.values()), default=0.0) + 4 * GAP
    point = max(last - 1, 1) / (ACROSS - LEAD - room)
    ax.set_xlim(1 - LEAD * point, max(last, 2) + room * point)
    from_zero(ax, table["retention"], percent)
    ticks(ax, "x", numbered(last, result.grain), number)
    ax.set_xlabel(gettext(AFTER[result.grain]))
    above(ax, gettext("Share of each group that bought"))
    ends: dict[str, tuple[int, float]] = {}
    for row, (name, line) in enumerate(lines.items()):
        look: dict[str, Any] = {"color": accent(), "lw": 2.2, "zorder": 3} if name == best else _behind(row)
        ax.plot(line.index, line, gid=f"cohort-groups-{row}", clip_on=False, **look)
        known = line.dropna()
        if len(known):
            ends[name] = (int(known.index[-1]), float(known.iloc[-1]))
            _lone_points(ax, line, look["color"])
    step = LEADING * TEXT / INSIDE * ax.get_ylim()[1]
    places = _apart({name: end[1] for name, end in ends.items()}, step, ax.get_ylim()[1])
    for name, (k, value) in ends.items():
        at = (max(last, 2) + 2.5 * GAP * point, places[name])
        ax.plot((k, at[0] - 0.5 * GAP * point), (value, at[1]), color=LINE, lw=0.5, clip_on=False)
        weight, colour = (SEMIBOLD, accent()) if name == best else (REGULAR, INK)
        gid = f"cohort-groups-{list(lines).index(name)}-name"
        note(ax, at, names[name], (0, 0), va="center", color=colour, weight=weight, gid=gid)
    return ax


def _best(lines: dict[str, pd.Series]) -> str | None:
    """Return the group with the highest share in the first period after its own; none where that is hidden."""
    first = {name: float(line.get(1, np.nan)) for name, line in lines.items()}
    known = {name: share for name, share in first.items() if np.isfinite(share)}
    return max(known, key=lambda name: known[name]) if known else None


def _behind(row: int) -> dict[str, Any]:
    return {"color": MUTED, "lw": 1.1, "ls": STYLES[row % len(STYLES)]}


def _lone_points(ax: Axes, line: pd.Series, colour: str) -> None:
    """Draw what a line cannot: values with a gap on either side."""
    known = line.notna().to_numpy()
    beside = np.append(known[1:], False) | np.insert(known[:-1], 0, values=False)
    for k, value in line[known & ~beside].items():
        dot(ax, int(str(k)), value, 3, color=colour)


def _cut(text: str, weight: int) -> str:
    """Shorten a name that would take the lines' room."""
    if text_width(text, TEXT, weight) <= WIDEST:
        return text
    while text_width(f"{text}…", TEXT, weight) > WIDEST:
        text = text[:-1].rstrip()
    return f"{text}…"


def _apart(wanted: dict[str, float], step: float, top: float) -> dict[str, float]:
    """Place names as near to their values as can be, ``step`` apart, none over ``top``."""
    order = sorted(wanted, key=lambda name: (wanted[name], name))
    places: dict[str, float] = {}
    floor = 0.0
    for name in order:
        places[name] = max(wanted[name], floor)
        floor = places[name] + step
    ceiling = top
    for name in reversed(order):
        places[name] = min(places[name], ceiling)
        ceiling = places[name] - step
    return places
