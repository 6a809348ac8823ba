"""Repeat purchases week by week, actual against the model's: by week, and in total.  Takes a ModelCheck.

The purchases are those of the customers known at the main cutoff.  Left of the hairline are the weeks the model was
fitted to, right of it the forecast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.checks import (
    Look,
    actual_line,
    actual_sign,
    count_from_zero,
    hidden,
    model_line,
    model_sign,
    signs,
)
from loyalty_lib.figures.palette import INK, LINE, MUTED, accent
from loyalty_lib.figures.style import SEMIBOLD, axes, note, ticks
from loyalty_lib.i18n import gettext, number, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.model_check import ModelCheck

HEIGHT: Final = 2.5  # inches
STEPS: Final = (1, 2, 4, 13, 26, 52, 104, 260)  # weeks between numbered ones: multiples of four, then quarters
TICKS: Final = 12  # weeks numbered at most
CLOSE: Final = 0.1  # of the scale: totals nearer than this cannot both stand at their lines' ends
GAP: Final = 6.0  # points
HAIRLINE: Final = 1.06  # of the axes' height: up between the names of the two sides
WORDS: Final = 3.0  # points from the axes up to the names of the two sides
RISE: Final = 20.0  # points from the axes up to the headings over them


def tracking(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw the repeat purchases of each week.

    Parameters
    ----------
    check
        Its ``tracking`` holds ``week``, ``until``, ``purchases``, ``expected`` and ``known``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``tracking-actual``, ``tracking-model``, ``tracking-cutoff`` and ``tracking-hidden``.
    """
    ax = axes(ax, HEIGHT)
    named = (actual_sign(actual_line()), model_sign(model_line()))
    _ground(ax, check.tracking, ["purchases", "expected"])
    signs(ax, gettext("Repeat purchases in the week"), named, rise=RISE)
    _line(ax, check.tracking, "expected", model_line(), "tracking-model")
    _line(ax, check.tracking, "purchases", actual_line(), "tracking-actual")
    _hide(ax, check.tracking, "purchases")
    return ax


def tracking_total(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw all repeat purchases up to the end of each week.

    Parameters
    ----------
    check
        Its ``tracking`` holds ``week``, ``until``, ``cumulative``, ``cumulative_expected`` and ``known``, NaN where
        hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``tracking-actual``, ``tracking-model``, ``tracking-cutoff`` and ``tracking-hidden``.
    """
    ax = axes(ax, HEIGHT)
    table = check.tracking
    _ground(ax, table, ["cumulative", "cumulative_expected"])
    signs(ax, gettext("Repeat purchases up to the end of the week"), rise=RISE)
    _line(ax, table, "cumulative_expected", model_line(), "tracking-model")
    _line(ax, table, "cumulative", actual_line(), "tracking-actual")
    _hide(ax, table, "cumulative")
    known = table[["week", "cumulative", "cumulative_expected"]].dropna()
    for week, actual, expected in known.iloc[-1:].astype(float).itertuples(index=False, name=None):
        _totals(ax, week, actual, expected)
    return ax


def _totals(ax: Axes, week: float, actual: float, expected: float) -> None:
    """Write both totals at the ends of their lines; where these nearly meet, the higher above and the lower below."""
    lower, higher = sorted(((actual, gettext("Actual"), INK), (expected, gettext("Model"), accent())))
    is_close = higher[0] - lower[0] < CLOSE * ax.get_ylim()[1]
    for (value, name, colour), place, shift in ((lower, "top", -1), (higher, "bottom", 1)):
        look = {"color": colour, "weight": SEMIBOLD, "va": place if is_close else "center"}
        note(ax, (week, value), f"{name} {number(value)}", (GAP, shift), **look)


def _ground(ax: Axes, table: pd.DataFrame, columns: list[str]) -> None:
    """Write the scales, and part those the model was fitted to from those it forecast."""
    weeks = table["week"].astype(int).tolist()
    first, last = min(weeks, default=1), max(weeks, default=1)
    ax.set_xlim(first - 0.5, last + 0.5)
    count_from_zero(ax, table[columns].to_numpy(dtype=float).ravel())
    step = next(step for step in STEPS if (last - first + 1) / step <= TICKS)
    ticks(ax, "x", [week for week in range(first, last + 1) if week % step == 0], number)
    for day in table["until"].iloc[-1:]:
        ax.set_xlabel(say("Week; the last one, week {week:number}, ends on {day:date}", week=last, day=day))
    known = table.loc[table["known"].astype(bool), "week"].tolist()
    if known and len(known) < len(weeks):
        cutoff = max(known) + 0.5
        upwards = ax.get_xaxis_transform()
        hairline: Look = {"color": MUTED, "lw": 0.7, "clip_on": False, "gid": "tracking-cutoff"}
        ax.plot((cutoff, cutoff), (0, HAIRLINE), transform=upwards, **hairline)
        words = {"xycoords": upwards, "va": "bottom", "color": MUTED}
        note(ax, (cutoff, 1), gettext("Known to the model"), (-GAP, WORDS), ha="right", **words)
        note(ax, (cutoff, 1), gettext("Forecast"), (GAP, WORDS), ha="left", **words)


def _line(ax: Axes, table: pd.DataFrame, column: str, look: Look, gid: str) -> None:
    """Draw a line; a week between two hidden ones, which no line reaches, is a point."""
    values = table[column].to_numpy(dtype=float)
    shown = np.isfinite(np.concatenate([[np.nan], values, [np.nan]]))
    lonely = np.flatnonzero(shown[1:-1] & ~shown[:-2] & ~shown[2:]).tolist()
    marks = {"marker": "o", "ms": 2 * look["lw"], "markevery": lonely} if lonely else {}
    ax.plot(table["week"].to_numpy(dtype=float), values, clip_on=False, gid=gid, **look, **marks)


def _hide(ax: Axes, table: pd.DataFrame, column: str) -> None:
    weeks = table.loc[table[column].isna(), "week"].to_numpy(dtype=float)
    if weeks.size:
        ax.plot(weeks, np.zeros_like(weeks), "o", ms=2.5, color=LINE, ls="none", clip_on=False, gid="tracking-hidden")
        hidden(ax, rise=RISE)
