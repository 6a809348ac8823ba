"""Spend per purchase, actual against the model's, and whether it goes with frequency.  Takes a ModelCheck.

Both charts are of repeat buyers: one-time buyers have no mean spend that the model is fitted to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.checks import (
    Look,
    Sign,
    actual_bar,
    actual_dot,
    actual_sign,
    count_from_zero,
    hidden,
    model_sign,
    signs,
    square,
)
from loyalty_lib.figures.palette import INK, LINE, MUTED, WHITE, accent
from loyalty_lib.figures.style import (
    HIDDEN,
    SEMIBOLD,
    WIDTH,
    above,
    amounts,
    axes,
    note,
    span,
    text_width,
    ticks,
)
from loyalty_lib.i18n import gettext, money, number, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.model_check import ModelCheck

HEIGHT: Final = 2.3  # inches
ACROSS: Final = WIDTH * 72 - 50.0  # points of the axes' width
MARGIN: Final = 0.02  # of the bins' whole width, to either side
BETWEEN: Final = 14.0  # points between the labels of edges
ROW: Final = 0.27  # inches
FRAME: Final = 0.62  # inches of headings and margins
ROOM: Final = 1.3  # the scale's end over the largest value: room for labels and the column of customers
GAP: Final = 6.0  # points
LEVEL: Final = 0.95  # of the intervals in ``spend_by_frequency``


def spend(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw how many repeat buyers spend how much per purchase, and how many the model expects.

    Parameters
    ----------
    check
        Its ``spend`` holds the bins: ``low`` and ``high`` (the last one may have no end), ``customers`` and
        ``expected``, NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``spend-actual-<bin>`` the bars, from 0; ``spend-model`` the line; ``spend-<bin>-hidden`` the dots of
        hidden bins.
    """
    table = check.spend
    ax = axes(ax, HEIGHT)
    edges = _edges(table)
    actual, expected = (table[name].to_numpy(dtype=float) for name in ("customers", "expected"))
    margin = MARGIN * (edges[-1] - edges[0])
    ax.set_xlim(edges[0] - margin, edges[-1] + margin)
    count_from_zero(ax, [*actual, *expected])
    _name_edges(ax, edges, is_open=not np.isfinite(table["high"].to_numpy(dtype=float)).all())
    ax.set_xlabel(gettext("Mean spend per purchase, repeat buyers"))
    line: Look = {"color": accent(), "lw": 2.2}
    signs(ax, gettext("Customers"), (actual_sign(square(actual_bar())), model_sign(line)))
    for place, (low, high, customers) in enumerate(zip(edges, edges[1:], actual.tolist(), strict=False)):
        if np.isfinite(customers):
            look = {"align": "edge", "clip_on": False, **actual_bar()}
            ax.bar(low, customers, high - low, gid=f"spend-actual-{place}", **look)
        else:
            middle, gid = (low + high) / 2, f"spend-{place}-hidden"
            ax.plot((middle,), (0,), "o", ms=2.5, color=LINE, ls="none", clip_on=False, gid=gid)
    if len(table):
        ax.stairs(expected, edges, baseline=None, gid="spend-model", clip_on=False, **line)
    if np.isnan([actual, expected]).any():
        hidden(ax)
    return ax


def _edges(table: pd.DataFrame) -> list[float]:
    """Return the bins' edges; a last bin without an end is as wide as the one before it."""
    if table.empty:
        return [0.0, 1.0]
    lows = table["low"].astype(float).tolist()
    end = float(table["high"].iloc[-1])
    if not np.isfinite(end):
        end = lows[-1] + (lows[-1] - lows[-2] if len(lows) > 1 else 1.0)
    return [*lows, end]


def _name_edges(ax: Axes, edges: list[float], *, is_open: bool) -> None:
    """Write as many of the edges as have room, and where a bin without an end begins."""
    decimals = 0 if all(edge == round(edge) for edge in edges) else 2
    last = len(edges) - 1 - is_open

    def name(edge: float) -> str:
        amount = money(edge, decimals)
        return say("{amount:text} or more", amount=amount) if is_open and edge == edges[last] else amount

    bin_width = ACROSS / (len(edges) - 1)
    widest = max(text_width(money(edge, decimals)) for edge in edges)
    step = int(np.ceil((widest + BETWEEN) / bin_width))
    beside_last = int(np.ceil(((widest + text_width(name(edges[last]))) / 2 + BETWEEN) / bin_width))
    ticks(ax, "x", [*edges[: max(last - beside_last + 1, 0) : step], edges[last]], name)


def spend_by_frequency(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw mean spend per purchase by number of repeat purchases: level, where the model's assumption holds.

    Parameters
    ----------
    check
        Its ``spend_by_frequency`` holds ``frequency`` (text), ``customers``, ``mean_spend``, ``low`` and ``high``, NaN
        where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``spend-by-frequency-<frequency>`` the marks, with ``-interval`` their intervals, and
        ``spend-by-frequency-mean`` the mean of those shown.
    """
    table = check.spend_by_frequency
    ax = axes(ax, FRAME + ROW * max(len(table), 1))
    means = table[["mean_spend", "low", "high"]].to_numpy(dtype=float)
    lowest, most = span(means.ravel())
    ax.set(xlim=(lowest, lowest + ROOM * (most - lowest)), ylim=(max(len(table), 1) - 0.5, -0.5), xticks=[])
    ax.spines["bottom"].set_visible(False)
    names = table["frequency"].astype(str).str.replace("-", "–").tolist()
    ticks(ax, "y", range(len(names)), lambda row: names[int(row)])
    ax.tick_params(axis="y", labelcolor=INK)
    above(ax, gettext("Repeat purchases"), ha="right", shift=-GAP)
    above(ax, gettext("Customers"), at=1.0, ha="right")
    speak = amounts(means.ravel())
    mean_of = say("Mean with its {level:percent} interval", level=LEVEL)
    signs(ax, gettext("Spend per purchase"), [Sign(mean_of, INK, actual_dot())])
    shown = table[np.isfinite(table["mean_spend"].astype(float))]
    if len(shown):
        overall = float(np.average(shown["mean_spend"], weights=shown["customers"]))
        line: Look = {"color": accent(), "lw": 1.4}
        ax.axvline(overall, gid="spend-by-frequency-mean", zorder=1.9, **line)
        words = say("Mean of those shown: {mean:text}", mean=speak(overall))
        foot = {"xycoords": ax.get_xaxis_transform(), "ha": "center", "va": "top", "color": accent()}
        note(ax, (overall, 0), words, (0, -3), weight=SEMIBOLD, **foot)
    for row, (frequency, customers) in enumerate(zip(table["frequency"], table["customers"], strict=True)):
        label = {"va": "center_baseline", "bbox": {"fc": WHITE, "ec": "none", "pad": 1}}
        right = ax.get_yaxis_transform()
        note(ax, (1, row), number(customers), (0, 0), xycoords=right, ha="right", color=INK, **label)
        mean, low, high = means[row]
        if not np.isfinite(mean):
            note(ax, (0, row), gettext(HIDDEN) if customers else number(None), (0, 0), color=MUTED, **label)
            continue
        gid = f"spend-by-frequency-{frequency}"
        ax.plot((low, high), (row, row), color=INK, lw=1, clip_on=False, gid=f"{gid}-interval")
        ax.plot((mean,), (row,), clip_on=False, gid=gid, **actual_dot())
        end = float(np.nanmax([mean, high]))
        note(ax, (end, row), speak(mean), (GAP, 0), color=INK, weight=SEMIBOLD, **label)
    return ax
