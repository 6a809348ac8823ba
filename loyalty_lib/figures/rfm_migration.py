"""Where the customers of each segment are now, as a matrix.  Takes an RfmResult, returns the Axes.

One row a segment then, one column a segment now: each cell says how many customers went that way, the darker, the
larger their share of the row.  Outlined: those who stayed.  An empty cell is empty; a dot stands for a hidden number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle

from loyalty_lib.analyses.rfm_scheme import INACTIVE, NOT_YET
from loyalty_lib.figures.palette import INK, LINE, MUTED, shade, text_on
from loyalty_lib.figures.style import HIDDEN, SMALL, TEXT, WIDTH, axes, dot, note, span, text_width, wrap, write
from loyalty_lib.i18n import gettext, number, say
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.rfm import RfmResult

ROW: Final = 0.2  # inches
FRAME: Final = 0.4  # inches of headings and margins, without the names of the columns
PARTING: Final = 0.35  # of a cell, between the segments and the customers outside them
SIDE: Final = 0.94  # of a cell that is filled
MARGIN: Final = 8.0  # points beside a number
AIR: Final = 2.0  # points between a cell's number and its edge; without them the number is left out
LEADING: Final = 1.2  # of the size of type
GAP: Final = 4.0  # points over the cells
CHANNEL: Final = 7.0  # points between two names of columns, where the line of another passes
POINTS: Final = 72.0  # in an inch
ELLIPSIS: Final = "…"


def rfm_migration(result: RfmResult, ax: Axes | None = None) -> Axes:
    """Draw the flows of customers between the segments of two dates.

    Parameters
    ----------
    result
        Its ``migration``, ``previous`` and ``as_of``.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Row i and column j count from the top and from the left.  gids: ``rfm-migration-<i>-<j>`` the cells with
        customers, ``rfm-migration-<i>-<j>-hidden`` the hidden ones, ``rfm-migration-stayed-<i>`` the outlines.
    """
    flows = result.migration
    froms, tos = (list(dict.fromkeys(flows[name])) for name in ("segment_then", "segment_now"))
    sizes = flows.drop_duplicates("segment_then")["customers_then"].tolist()
    left = _width([segment_name(key) for key in froms], TEXT) + MARGIN
    left += _width([_size(size) for size in sizes], TEXT) + MARGIN
    ends = len(tos) + PARTING
    width = (WIDTH * POINTS - left) / max(ends, 1)
    names = _column_names(tos, width)
    lines = [max((len(name) for name in names[level::2]), default=0) for level in (0, 1)]
    head = LEADING * SMALL * sum(lines)
    ax = axes(ax, FRAME + (head + MARGIN) / POINTS + (len(froms) + PARTING) * ROW)
    ax.set(xlim=(-0.5 - left / width, ends - 0.5), ylim=(len(froms) + PARTING - 0.5, -0.5), yticks=[])
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    if result.previous is None:
        return ax
    at = {key: index + PARTING * (key in (INACTIVE, NOT_YET)) for index, key in enumerate([*tos, NOT_YET])}
    for row, (key, size) in enumerate(zip(froms, sizes, strict=True)):
        note(ax, (-0.5 - left / width, at[key]), segment_name(key), (0, 0), va="center_baseline", color=INK)
        note(ax, (-0.5, at[key]), _size(size), (-MARGIN, 0), ha="right", va="center_baseline", color=MUTED)
        if key in tos:
            corner = (at[key] - 0.5, at[key] - 0.5)
            ax.add_patch(
                Rectangle(corner, 1, 1, fill=False, ec=INK, lw=1, gid=f"rfm-migration-stayed-{row}", clip_on=False)
            )
    _cells(ax, flows, at, (froms, tos), width)
    for index, (key, name) in enumerate(zip(tos, names, strict=True)):
        _column(ax, at[key], name, 0.0 if index % 2 == 0 else lines[0] * LEADING * SMALL)
    _headings(ax, (result.previous, result.as_of), left / width, head)
    if flows["customers"].isna().any():
        note(ax, (1, 0), f"· {gettext(HIDDEN)}", (0, -3), xycoords="axes fraction", ha="right", va="top", color=MUTED)
    return ax


def _cells(
    ax: Axes, flows: pd.DataFrame, at: dict[str, float], keys: tuple[list[str], list[str]], width: float
) -> None:
    # Nearly all inactive customers stay so: that cell must not pale all others.
    outside = (flows["segment_then"] == INACTIVE) & (flows["segment_now"] == INACTIVE)
    _, top = span(flows.loc[~outside, "share_of_then"])
    for then, now, customers, share in flows[["segment_then", "segment_now", "customers", "share_of_then"]].itertuples(
        index=False, name=None
    ):
        x, y, gid = at[now], at[then], f"rfm-migration-{keys[0].index(then)}-{keys[1].index(now)}"
        if not np.isfinite(customers):
            dot(ax, x, y, 2.5, color=LINE, in_layout=False, gid=f"{gid}-hidden")
        elif customers > 0:
            fill = shade(share, top)
            corner = (x - SIDE / 2, y - SIDE / 2)
            ax.add_patch(Rectangle(corner, SIDE, SIDE, fc=fill, gid=gid, clip_on=False, in_layout=False))
            text = number(customers)
            if text_width(text, SMALL) + 2 * AIR <= width:
                look = {"fontsize": SMALL, "color": text_on(fill), "in_layout": False}
                write(ax, x, y, text, ha="center", va="center_baseline", **look)


def _column(ax: Axes, x: float, name: list[str], lift: float) -> None:
    """Write a column's name over it, ``lift`` points above the lowest place, with a line down to the column."""
    foot = lift + GAP
    if lift:
        line = {"arrowstyle": "-", "color": LINE, "lw": 0.5, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (x, -0.5), (0, foot), textcoords="offset points", arrowprops=line, annotation_clip=False)
    for index, text in enumerate(reversed(name)):
        look = {"ha": "center", "va": "bottom", "fontsize": SMALL, "color": INK}
        note(ax, (x, -0.5), text, (0, foot + index * LEADING * SMALL), **look)


def _headings(ax: Axes, days: tuple[dt.date, dt.date], left: float, head: float) -> None:
    """Say what rows and columns are, above the names of the columns."""
    look = {"va": "bottom", "color": MUTED}
    then, now = (say("On {day:date}", day=day) for day in days)
    note(ax, (-0.5 - left, -0.5), then, (0, GAP), **look)
    note(ax, (-0.5, -0.5), now, (0, head + 2 * GAP), **look)


def _column_names(keys: list[str], width: float) -> list[list[str]]:
    """Break the names of columns into lines; every second name stands higher, so that each has two columns' width."""
    room = 2 * width - CHANNEL
    return [[_cut(line, room) for line in wrap(segment_name(key), room, SMALL)] for key in keys]


def _cut(line: str, room: float) -> str:
    """Shorten a word that is wider than its place."""
    while len(line) > 1 and text_width(line, SMALL) > room:
        line = line.removesuffix(ELLIPSIS)[:-1] + ELLIPSIS
    return line


def _width(texts: list[str], size: float) -> float:
    return max((text_width(text, size) for text in texts), default=0.0)


def _size(customers: float) -> str:
    return number(customers) if np.isfinite(customers) else "·"
