"""Why net sales moved, as a waterfall of drivers and as bars of customers' money.  Takes a RevenueBridgeResult.

Sales of a period stand in grey; what was added is filled, what was taken off is outlined: that tells them apart in a
grey print too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.analyses.revenue_bridge import DRIVERS, FLOWS
from loyalty_lib.figures.palette import INK, LINE, MUTED, WHITE, accent
from loyalty_lib.figures.style import (
    HIDDEN,
    SEMIBOLD,
    SMALL,
    TEXT,
    WIDTH,
    above,
    amounts,
    axes,
    note,
    span,
    text_width,
    ticks,
    wrap,
)
from loyalty_lib.i18n import gettext, money, number
from loyalty_lib.i18n.calendar import short_period_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matplotlib.axes import Axes

    from loyalty_lib.analyses.revenue_bridge import RevenueBridgeResult

HEIGHT: Final = 2.4  # inches
BAR: Final = 0.62  # of the place of a bar
COLUMN: Final = 84.0  # points that the words under a bar may fill
LEADING: Final = 11.0  # points from line to line
HEADROOM: Final = 0.1  # of the axis, above the highest bar: room for its figure
ROW: Final = 0.27  # inches
FRAME: Final = 0.42  # inches of headings and margins
GAP: Final = 5.0  # points between a bar and its figure
MARGINS: Final = 30.0  # points left and right of the chart


def revenue_bridge(result: RevenueBridgeResult, ax: Axes | None = None) -> Axes:
    """Draw net sales then, what each driver added or took off, and net sales now.

    Parameters
    ----------
    result
        Its ``bridge`` holds the comparison shown; nothing is drawn where it has no rows.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``revenue_bridge-then``, ``revenue_bridge-now``, ``revenue_bridge-<driver>`` the bars, from where they
        begin to where they end; ``revenue_bridge-level-<n>`` the lines from the end of one to the next.
    """
    ax = axes(ax, HEIGHT)
    ax.grid(visible=False)
    rows = result.bridge
    if rows.empty:
        ax.set_axis_off()
        return ax
    total = result.totals.loc[rows["against"].iloc[0]]
    ends = total["sales_then"] + np.concatenate([[0.0], np.cumsum(rows["part"])])
    kind, period = result.period.kind, result.period
    then = short_period_name(kind, total["start"].date(), total["end"].date())
    bars: list[tuple[str, str, list[str], float, float]] = [
        ("then", then, [gettext("Net sales")], 0.0, total["sales_then"]),
    ]
    places = zip(rows["driver"], rows["then"], rows["now"], ends, ends[1:], strict=False)
    for driver, before, after, start, end in places:
        bars.append((driver, gettext(DRIVERS[driver]), [_change(driver, before, after)], start, end))
    now = short_period_name(kind, period.start, period.end)
    bars.append(("now", now, [gettext("Net sales")], 0.0, total["sales_now"]))
    low, high = span([*ends, total["sales_now"]])
    ax.set(xlim=(-0.5, len(bars) - 0.5), ylim=(low, high + HEADROOM * (high - low)), yticks=[], xticks=[])
    ax.spines["bottom"].set_visible(False)
    ax.axhline(0, color=LINE, lw=0.8, zorder=2.5, clip_on=False)
    for place, end in enumerate(ends.tolist()):
        level: dict[str, Any] = {"color": LINE, "lw": 0.8, "gid": f"revenue_bridge-level-{place}"}
        ax.plot((place + BAR / 2, place + 1 - BAR / 2), (end, end), **level)
    speak = amounts([bar[4] for bar in bars])
    for place, (key, name, below, start, end) in enumerate(bars):
        is_total = key in {"then", "now"}
        look: dict[str, Any] = {"color": LINE} if is_total else _look(end - start)
        ax.bar(place, end - start, BAR, bottom=start, gid=f"revenue_bridge-{key}", clip_on=False, **look)
        words = speak(end) if is_total else _signed(speak, end - start)
        note(ax, (place, max(start, end)), words, (0, 4), ha="center", va="bottom", weight=SEMIBOLD, color=INK)
        _under(ax, place, name, below)
    return ax


def _under(ax: Axes, place: int, name: str, below: list[str]) -> None:
    """Write a bar's name below the axes, and a second line in smaller type."""
    lines = [(line, TEXT, INK) for line in wrap(name, COLUMN)]
    lines += [(part, SMALL, MUTED) for line in below for part in wrap(line, COLUMN, SMALL)]
    for at, (line, size, colour) in enumerate(lines):
        look = {"xycoords": ax.get_xaxis_transform(), "ha": "center", "va": "top", "fontsize": size, "color": colour}
        note(ax, (place, 0), line, (0, -5 - at * LEADING), **look)


def _change(driver: str, before: float, after: float) -> str:
    """Write a driver's own figures, then and now."""
    speak: dict[str, Callable[[float], str]] = {
        "active_customers": number,
        "orders_per_customer": lambda value: number(value, 2),
        "average_order_value": money,
    }
    return f"{speak[driver](before)} → {speak[driver](after)}"


def _look(amount: float) -> dict[str, Any]:
    """Fill what was added, outline what was taken off."""
    if amount >= 0:
        # An edge, or a bar of next to nothing would not show at all.
        return {"facecolor": accent(), "edgecolor": accent(), "linewidth": 0.8}
    return {"facecolor": WHITE, "edgecolor": accent(), "linewidth": 1.2}


def _signed(speak: Callable[[float], str], amount: float) -> str:
    text = speak(amount)
    return f"+{text}" if amount > 0 else text


def revenue_bridge_flow(result: RevenueBridgeResult, ax: Axes | None = None) -> Axes:
    """Draw what customers brought and took, by whether they are new, kept or lapsed, with their number.

    Parameters
    ----------
    result
        Its ``flows`` hold the comparison shown; nothing is drawn where they have no rows.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``revenue_bridge-flow-<flow>`` the bars, from zero.
    """
    table = result.flows
    ax = axes(ax, FRAME + ROW * max(len(table), 1))
    ax.grid(visible=False)
    if table.empty:
        ax.set_axis_off()
        return ax
    names = [gettext(FLOWS[flow]) for flow in table["flow"]]
    values = table["amount"].to_numpy(dtype=float)
    speak = amounts(values)
    words = [_signed(speak, value) if np.isfinite(value) else gettext(HIDDEN) for value in values]
    heading = gettext("Customers")
    free = WIDTH * 72 - MARGINS - max(text_width(name) for name in names) - text_width(heading)
    ax.set(xlim=_limits(values, words, free), ylim=(len(table) - 0.5, -0.5), xticks=[])
    ax.spines["bottom"].set_visible(False)
    ticks(ax, "y", range(len(names)), lambda row: names[int(row)])
    ax.tick_params(axis="y", labelcolor=INK)
    above(ax, heading, at=1.0, ha="right")
    note(ax, (0, 1), gettext("Change in net sales"), (0, 7), xycoords=ax.get_xaxis_transform(), **_HEAD)
    ax.axvline(0, color=LINE, lw=0.8, zorder=2.5)
    for row, (flow, customers, value, text) in enumerate(
        zip(table["flow"], table["customers"], values, words, strict=True)
    ):
        label = {"va": "center_baseline", "color": INK}
        note(ax, (1, row), number(customers), (0, 0), xycoords=ax.get_yaxis_transform(), ha="right", **label)
        if not np.isfinite(value):
            note(ax, (0, row), text, (GAP, 0), va="center_baseline", color=MUTED)
            continue
        ax.barh(row, value, BAR, gid=f"revenue_bridge-flow-{flow}", clip_on=False, **_look(value))
        side = {"ha": "left"} if value >= 0 else {"ha": "right"}
        note(ax, (value, row), text, (GAP if value >= 0 else -GAP, 0), weight=SEMIBOLD, **side, **label)
    return ax


_HEAD: Final = {"ha": "center", "va": "bottom", "color": MUTED, "annotation_clip": False}


def _limits(values: Iterable[float], words: list[str], free: float) -> tuple[float, float]:
    """Return the ends of an axis ``free`` points long, on which bars to either side of zero have room for figures."""
    low, high = span(values)
    left = max(
        (text_width(text, TEXT, SEMIBOLD) + GAP for value, text in zip(values, words, strict=True) if value < 0),
        default=0.0,
    )
    right = max(
        (text_width(text, TEXT, SEMIBOLD) + GAP for value, text in zip(values, words, strict=True) if not value < 0),
        default=0.0,
    )
    unit = (high - low) / max(free - left - right - 3 * GAP, free / 4)
    return low - left * unit, high + (right + 3 * GAP) * unit
