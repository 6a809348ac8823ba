"""What changed recurring revenue.  Takes a SubscriptionsResult, returns the Axes.

One row a reason, gains to the right and losses to the left; the last row is what they come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import INK, LINE, MUTED, accent
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, TEXT, WIDTH, axes, note, text_width, ticks
from loyalty_lib.i18n import gettext, mark, money_short, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.subscriptions import SubscriptionsResult

SHORT: Final = 1e6  # from here on amounts are written in millions
ROW: Final = 0.32  # inches
FRAME: Final = 0.25  # inches of margins
BAR: Final = 0.62  # of a row
GAP: Final = 5.0  # points
PARTS: Final = {
    "new_revenue": (mark("New customers"), 1),
    "reactivated_revenue": (mark("Customers who came back"), 1),
    "expansion": (mark("Customers who now pay more"), 1),
    "contraction": (mark("Customers who now pay less"), -1),
    "churned_revenue": (mark("Customers lost"), -1),
}
ALL: Final = mark("Change in recurring revenue")


def subscriptions_revenue(result: SubscriptionsResult, ax: Axes | None = None) -> Axes:
    """Draw what was gained and lost of recurring revenue in the period.

    Parameters
    ----------
    result
        Its ``bridge`` holds one row, or none.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``subscriptions-revenue-<part>``, and ``subscriptions-revenue-change``; hidden parts have none.
    """
    ax = axes(ax, FRAME + ROW * (len(PARTS) + 1))
    row = result.bridge.iloc[0] if len(result.bridge) else None
    changes: dict[str, float] = {}
    if row is not None:
        changes = {name: sign * float(row[name]) for name, (_, sign) in PARTS.items()}
        changes["change"] = float(row["revenue_at_end"]) - float(row["revenue_at_start"])
    values = np.array(list(changes.values()))
    known = values[np.isfinite(values)]
    low, high = min(known.min(initial=0.0), 0.0), max(known.max(initial=0.0), 0.0)
    written = [_written(value) for value in values]
    names = [*(gettext(text) for text, _ in PARTS.values()), gettext(ALL)]
    room = (max((text_width(text, TEXT, SEMIBOLD) for text in written), default=0.0) + 2 * GAP) / _length(names)
    extent = (high - low) or 1.0
    pad = extent * room / max(1 - 2 * room, 0.2)
    ax.set(xlim=(low - (pad if low < 0 else 0.0), high + pad), ylim=(len(names) - 0.5, -0.5), xticks=[])
    ticks(ax, "y", range(len(names)), lambda place: names[int(place)])
    ax.tick_params(axis="y", labelcolor=INK, length=0)
    ax.grid(visible=False)
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.axvline(0, color=LINE, lw=0.8)
    for place, (name, value) in enumerate(changes.items()):
        _bar(ax, place, name, value, written[place])
    return ax


def _written(value: float) -> str:
    if abs(value) < SHORT:
        return signed(value, "money", 0)
    return f"+{money_short(value)}" if value > 0 else money_short(value)


def _length(names: list[str]) -> float:
    """Return how long the axis will be, in points: what the names leave of the page."""
    return WIDTH * 72 - max(text_width(name) for name in names) - 4 * GAP


def _bar(ax: Axes, place: int, name: str, value: float, text: str) -> None:
    if not np.isfinite(value):
        note(ax, (0, place), gettext(HIDDEN), (GAP, 0), va="center", color=MUTED)
        return
    total = name == "change"
    colour = INK if total else accent() if value >= 0 else LINE
    ax.barh(place, value, BAR, color=colour, gid=f"subscriptions-revenue-{name}")
    right = value >= 0
    look = {"ha": "left" if right else "right", "weight": SEMIBOLD if total else 400}
    note(ax, (value, place), text, (GAP if right else -GAP, 0), va="center", color=INK, **look)
