"""Lists of customers to write to, and value at risk, as bars.  Take an ActionListsResult, return the Axes.

The lists have two columns of bars on scales of their own: how many customers, and what writing to them is worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.analyses.action_names import list_name
from loyalty_lib.figures.palette import INK, LINE, MUTED, accent, tint
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, amounts, axes, note, span, ticks
from loyalty_lib.i18n import gettext, number, say
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.action_lists import ActionListsResult

ROW: Final = 0.29  # inches
FRAME: Final = 0.45  # inches of headings and margins
BAR: Final = 0.62  # of a row
GAP: Final = 5.0  # points
SIZE: Final = 0.27  # of the width, the longest bar of customers
VALUE: Final = (0.5, 0.82)  # of the width, where the bars of value begin and end
ROOM: Final = 1.6  # the scale's end over the longest bar of value at risk
PALE: Final = 0.35


def action_lists(result: ActionListsResult, ax: Axes | None = None) -> Axes:
    """Draw size and expected value of the lists, those worth most first.

    Parameters
    ----------
    result
        Its ``bars``; a missing number is hidden, a missing value of a list with an assumption too.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``action_lists-<list>-customers`` and ``action_lists-<list>-value`` the bars, lengths in shares of the
        longest.
    """
    bars = result.bars.sort_values(["expected_value", "customers"], ascending=False, na_position="last", kind="stable")
    assumed = result.lists.set_index("list")["uplift"].notna()
    ax = _rows(ax, len(bars), [list_name(str(name)) for name in bars["list"]])
    ax.set_xlim(0, 1)
    above(ax, gettext("Customers"))
    above(ax, gettext("Expected value"), at=VALUE[0])
    sizes, values = (bars[name].to_numpy(dtype=float) for name in ("customers", "expected_value"))
    _, longest = span(sizes)
    lowest, highest = span(values)
    unit = (VALUE[1] - VALUE[0]) / (highest - lowest)
    zero = VALUE[0] - lowest * unit
    speak = amounts(values)
    if assumed.any() and result.margin is not None:
        ax.plot((zero, zero), (-0.5, len(bars) - 0.5), color=LINE, lw=0.6, gid="action_lists-zero")
    label = {"va": "center_baseline", "color": INK}
    for row, (name, size, value) in enumerate(zip(bars["list"], sizes, values, strict=True)):
        if np.isfinite(size):
            ax.barh(row, SIZE * size / longest, height=BAR, color=tint(PALE), gid=f"action_lists-{name}-customers")
            note(ax, (SIZE * size / longest, row), number(size), (GAP, 0), **label)
        else:
            note(ax, (0, row), gettext(HIDDEN), (0, 0), va="center_baseline", color=MUTED)
        if np.isfinite(value):
            ax.barh(row, value * unit, left=zero, height=BAR, color=accent(), gid=f"action_lists-{name}-value")
            note(ax, (zero + max(value, 0) * unit, row), speak(value), (GAP, 0), weight=SEMIBOLD, **label)
        elif np.isfinite(size):
            missing = gettext(HIDDEN) if assumed[name] and result.margin is not None else gettext("No assumption set")
            note(ax, (zero, row), missing, (GAP, 0), va="center_baseline", color=MUTED)
    return ax


def action_lists_risk(result: ActionListsResult, ax: Axes | None = None) -> Axes:
    """Draw the value at risk of each segment, and in a stronger shade what is new of it since the previous report.

    Parameters
    ----------
    result
        Its ``risk_bars``.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``action_lists-risk-<segment>`` the bars, ``action_lists-risk-<segment>-new`` the new part.
    """
    bars = result.risk_bars.sort_values("at_risk", ascending=False, na_position="last", kind="stable")
    ax = _rows(ax, len(bars), [segment_name(str(name)) for name in bars["segment"]])
    risks, fresh = (bars[name].to_numpy(dtype=float) for name in ("at_risk", "new_at_risk"))
    speak, speak_new = amounts(risks), amounts(fresh)
    ax.set_xlim(0, ROOM * span(risks)[1])
    above(ax, gettext("Value at risk"))
    above(ax, say("New since {day:date}", day=result.previous), at=1.0, ha="right", color=accent())
    for row, (segment, risk, new) in enumerate(zip(bars["segment"], risks, fresh, strict=True)):
        if not np.isfinite(risk):
            note(ax, (0, row), gettext(HIDDEN), (0, 0), va="center_baseline", color=MUTED)
            continue
        ax.barh(row, risk, height=BAR, color=tint(PALE), gid=f"action_lists-risk-{segment}")
        if np.isfinite(new):
            ax.barh(row, new, height=BAR, color=accent(), gid=f"action_lists-risk-{segment}-new")
        right = {"xycoords": ax.get_yaxis_transform(), "ha": "right", "va": "center_baseline"}
        note(ax, (risk, row), speak(risk), (GAP, 0), weight=SEMIBOLD, va="center_baseline", color=INK)
        told = np.isfinite(new)
        words, colour = (speak_new(new), accent()) if told else (gettext(HIDDEN), MUTED)
        note(ax, (1, row), words, (0, 0), color=colour, **right)
    return ax


def _rows(ax: Axes | None, count: int, names: list[str]) -> Axes:
    """Return axes with a row for each name and nothing else on them."""
    ax = axes(ax, FRAME + ROW * max(count, 1))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.set(ylim=(max(count, 1) - 0.5, -0.5), xticks=[])
    ticks(ax, "y", range(count), lambda row: names[int(row)])
    ax.tick_params(axis="y", labelcolor=INK)
    return ax
