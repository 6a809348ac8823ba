"""Time to the second purchase: the share that has bought again, by days, and by group at one day.

Takes a SecondPurchaseResult, returns the Axes.  The accent and its band are second purchases, the thin line third ones,
each named where it ends; the dashed line is the day by which four of five of those who return have done so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from loyalty_lib.analyses.time_to_second_purchase_words import COHORT, group_label, share_label
from loyalty_lib.contrast import nearest, text_luminances
from loyalty_lib.figures.palette import INK, LINE, MUTED, WHITE, accent, comparison, tint
from loyalty_lib.figures.style import SEMIBOLD, above, axes, dot, from_zero, note, span, text_width, ticks, wrap
from loyalty_lib.i18n import MISSING, gettext, mark, number, percent, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult

HEIGHT: Final = 2.5  # inches
YEAR: Final = 365  # days
DAYS: Final = (30, 90, 180, YEAR)  # numbered on the axis, and the years after them
LINE_WIDTH: Final = 420.0  # points from the first day to the last; less than the layout gives, to be safe
BAND: Final = 0.25  # of the accent
GAP: Final = 6.0  # points
FOOT: Final = 4.0  # points from the axis up to the words on the day to act
SLACK: Final = 1e-9  # a tick at 100 % may miss it by this much
NARROW: Final = 95.0  # points: the least that the words on the day to act need
WIDE: Final = 210.0  # points: the most they take
ENDS: Final = 70.0  # points that the name of a curve may take where it ends
LEADING: Final = 11.0  # points from line to line of a name
PANEL: Final = 125.0  # points from the lowest share to the highest; less than the layout gives
LOW: Final = 18.0  # points: a share lower than this has no room under it
ROW: Final = 0.165  # inches
FRAME: Final = 0.6  # inches of headings and margins
NAME: Final = 150.0  # points that the name of a group may take
BY: Final = {
    COHORT: mark("First purchase"),
    "category": mark("Category of the first order"),
    "channel": mark("Channel of the first order"),
    "country": mark("Country of the first order"),
}


def time_to_second_purchase(result: SecondPurchaseResult, ax: Axes | None = None) -> Axes:
    """Draw the share of customers that has bought again by days since the purchase before.

    Parameters
    ----------
    result
        Its ``curve`` and ``at_days`` hold days and shares, its ``steps`` the day by which four of five have returned.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``time_to_second_purchase-second`` and ``-third`` the curves, ``-band`` the interval of the second,
        ``-<day>`` the points written out, ``-day80`` the day to act.
    """
    ax = axes(ax, HEIGHT)
    second, third = (result.curve[result.curve["step"] == step] for step in ("second", "third"))
    third = third[third["time"] <= second["time"].max()]
    end = float(second["time"].max()) if len(second) > 1 else float(YEAR)
    ax.set_xlim(0, end)
    from_zero(ax, [*second["high"], *second["share"], *third["share"]], percent)
    above(ax, gettext("Share of customers who bought again"))
    width = LINE_WIDTH
    ax.set_xlabel(gettext("Days since the first purchase"))
    if len(third) > 1:
        width -= _name_ends(ax, second, third)
        ax.set_xlabel(gettext("Days since the purchase before"))
        look: dict[str, Any] = {"color": comparison(LINE), "lw": 1.1, "drawstyle": "steps-post", "clip_on": False}
        ax.plot(third["time"], third["share"], gid="time_to_second_purchase-third", **look)
    ticks(ax, "x", _spaced([0, *DAYS, *range(2 * YEAR, int(end) + 1, YEAR)], end, width), number)
    if len(second) > 1:
        crossed = len(third) > 1 and third["share"].max() < second["share"].max()
        _second(ax, second, result, width, last_above=crossed)
    return ax


def _name_ends(ax: Axes, second: pd.DataFrame, third: pd.DataFrame) -> float:
    """Name both curves right of where they end, apart from each other; return the points that takes of the width."""
    named = [
        (float(second["share"].iloc[-1]), wrap(gettext("Second purchase"), ENDS, weight=SEMIBOLD), accent()),
        (float(third["share"].iloc[-1]), wrap(gettext("Third purchase"), ENDS, weight=SEMIBOLD), _words(comparison())),
    ]
    named.sort(key=lambda end: end[0])
    (low, _, _), (high, _, _) = named
    half = LEADING * (len(named[0][1]) + len(named[1][1])) / 4 * ax.get_ylim()[1] / PANEL
    apart = max(2 * half - (high - low), 0.0) / 2
    for (share, lines, colour), shift in zip(named, (-apart, apart), strict=True):
        look = {"va": "center", "color": colour, "weight": SEMIBOLD, "linespacing": 1.2}
        note(ax, (ax.get_xlim()[1], share + shift), "\n".join(lines), (2 * GAP, 0), **look)
    return 2 * GAP + max(text_width(line, weight=SEMIBOLD) for _, lines, _ in named for line in lines)


def _words(colour: str) -> str:
    """Return the nearest shade of a line's colour in which words read."""
    return nearest(colour, text_luminances())


def _second(ax: Axes, second: pd.DataFrame, result: SecondPurchaseResult, width: float, *, last_above: bool) -> None:
    """Draw the curve with its interval, the points written out, and the day to act.

    Shares stand under the curve; the last one above it where the other curve ends below.
    """
    days, share = second["time"].to_numpy(dtype=float), second["share"].to_numpy(dtype=float)
    low, high = (second[name].to_numpy(dtype=float) for name in ("low", "high"))
    band: dict[str, Any] = {"step": "post", "color": tint(BAND), "lw": 0, "zorder": 1.8}
    ax.fill_between(days, low, high, gid="time_to_second_purchase-band", **band)
    look: dict[str, Any] = {"color": accent(), "lw": 2.2, "drawstyle": "steps-post", "clip_on": False}
    ax.plot(days, share, gid="time_to_second_purchase-second", **look)
    point = days[-1] / width
    day80 = float(result.steps["day80"].astype(float)["second"])
    _day_to_act(ax, day80, days[-1], width)
    rows = result.at_days[(result.at_days["step"] == "second") & (result.at_days["day"] <= days[-1])]
    right = -np.inf
    for day, value in rows[["day", "share"]].dropna().itertuples(index=False, name=None):
        text = share_label(value)
        at_end = day + (GAP + text_width(text, weight=SEMIBOLD)) * point > days[-1]
        dot(ax, day, value, 5.5, color=accent(), gid=f"time_to_second_purchase-{day}")
        if at_end or day > right:
            words = {"color": accent(), "weight": SEMIBOLD, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.6}}
            above_it = (at_end and last_above) or value / ax.get_ylim()[1] * PANEL < LOW
            shift = (-2.0 if at_end else GAP - 1, GAP if above_it else 1 - GAP)
            place = {"ha": "right" if at_end else "left", "va": "bottom" if above_it else "top"}
            note(ax, (day, value), text, shift, **place, **words)
            right = day + (2 * GAP + text_width(text, weight=SEMIBOLD)) * point


def _day_to_act(ax: Axes, day: float, end: float, width: float) -> None:
    """Draw the day by which four of five have returned, its words on the right where they have room."""
    if not np.isfinite(day) or day > end:
        return
    look: dict[str, Any] = {"color": INK, "lw": 0.9, "ls": (0, (3, 2)), "zorder": 1.9}
    ax.plot((day, day), (0, 1), transform=ax.get_xaxis_transform(), gid="time_to_second_purchase-day80", **look)
    text = say("Four of five of those who return have done so by day {day:number}", day=day)
    # Right of that day the curve is high above its foot; left of it words must be short to stand clear.
    beside = (end - day) * width / end - 2 * GAP
    left = beside < NARROW
    room = NARROW if left else min(beside, WIDE)
    place: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "va": "bottom", "ha": "right" if left else "left"}
    words = {"color": INK, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.6}, "linespacing": 1.25}
    note(ax, (day, 0), "\n".join(wrap(text, room)), (-GAP if left else GAP, FOOT), **place, **words)


def _spaced(days: Sequence[int], end: float, width: float) -> list[int]:
    """Return the days up to the end whose numbers have room, each beside the one before."""
    kept: list[int] = []
    for day in days:
        room = text_width(number(day)) / 2 + text_width(number(kept[-1])) / 2 + GAP if kept else 0.0
        if day <= end and (not kept or (day - kept[-1]) * width / end >= room):
            kept.append(day)
    return kept


def time_to_second_purchase_groups(result: SecondPurchaseResult, ax: Axes | None = None) -> Axes:
    """Draw the share of each group that has bought again by one day, with its interval.

    Parameters
    ----------
    result
        Its ``groups`` hold ``by``, ``group``, ``share``, ``low`` and ``high`` at its ``day``.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``time_to_second_purchase-groups-<row>`` the shares, with ``-interval`` their intervals, and
        ``time_to_second_purchase-groups-all`` the share of all customers.
    """
    groups = result.groups
    places, kinds = _places(groups)
    last = max([*places, 0])
    ax = axes(ax, FRAME + ROW * (last + 1))
    _, most = span([*groups["high"], *groups["share"]])
    found = np.asarray(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, most), dtype=float)
    marks = found[found <= 1 + SLACK].tolist()
    ax.set(xlim=(0, marks[-1]), ylim=(last + 0.6, -0.6))
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ticks(ax, "x", marks, percent)
    labels = {
        place: _cut(group_label(by, group, result.grain, start, end))
        for place, (by, group, start, end) in zip(
            places, groups[["by", "group", "start", "end"]].itertuples(index=False, name=None), strict=True
        )
    }
    labels |= {place: gettext(BY[by]) for place, by in kinds.items()}
    ticks(ax, "y", sorted(labels), lambda place: labels[int(place)])
    for place, label in zip(sorted(labels), ax.get_yticklabels(), strict=True):
        label.set_color(MUTED if place in kinds else INK)
    _all(ax, result)
    values = groups[["share", "low", "high"]].astype(float).itertuples(index=False, name=None)
    for row, (place, (share, low, high)) in enumerate(zip(places, values, strict=True)):
        _row(ax, f"time_to_second_purchase-groups-{row}", place, share, low, high)
    return ax


def _places(groups: pd.DataFrame) -> tuple[list[int], dict[int, str]]:
    """Return the line of each group, and of the heading over each kind of groups."""
    places: list[int] = []
    kinds: dict[int, str] = {}
    line = 0
    for by in groups["by"]:
        if by not in kinds.values():
            kinds[line] = by
            line += 1
        places.append(line)
        line += 1
    return places, kinds


def _all(ax: Axes, result: SecondPurchaseResult) -> None:
    """Draw the share of all customers as a line through the groups."""
    rows = result.at_days[(result.at_days["step"] == "second") & (result.at_days["day"] == result.day)]
    for share in rows["share"].dropna():
        look: dict[str, Any] = {"color": LINE, "lw": 0.9, "ls": (0, (3, 2)), "zorder": 1.8}
        ax.axvline(share, gid="time_to_second_purchase-groups-all", **look)
        text = say("All customers: {share:text}", share=share_label(share))
        above(ax, text, at=share / ax.get_xlim()[1], ha="center" if share < 0.8 * ax.get_xlim()[1] else "right")


def _row(ax: Axes, gid: str, place: int, share: float, low: float, high: float) -> None:
    """Draw one group; its share stands right of its interval."""
    if not np.isfinite(share):
        note(ax, (0, place), MISSING, (GAP, 0), va="center", color=MUTED)
        return
    right = share
    if np.isfinite([low, high]).all():
        look: dict[str, Any] = {"color": tint(0.45), "lw": 3.2, "solid_capstyle": "butt", "clip_on": False}
        ax.plot((low, high), (place, place), gid=f"{gid}-interval", zorder=1.9, **look)
        right = high
    dot(ax, share, place, 5, color=accent(), gid=gid)
    words = {"color": INK, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.4}}
    note(ax, (right, place), share_label(share), (GAP, 0), va="center_baseline", **words)


def _cut(text: str) -> str:
    """Shorten a name that takes more room than there is."""
    if text_width(text) <= NAME:
        return text
    while text and text_width(f"{text}…") > NAME:
        text = text[:-1]
    return f"{text.rstrip()}…"
