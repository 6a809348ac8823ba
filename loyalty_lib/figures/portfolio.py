"""All clients side by side: one row a client, one panel a rate.  Takes a PortfolioResult, returns the first Axes.

A dot is a client's rate, with its value beside it; the hairline is the median of the clients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure

from loyalty_lib.figures.palette import GRID, INK, MUTED, WHITE, accent
from loyalty_lib.figures.style import SEMIBOLD, SMALL, TEXT, WIDTH, dot, note, span, text_width, ticks, wrap, write
from loyalty_lib.i18n import gettext, mark, percent, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.portfolio import PortfolioResult

PANELS: Final[dict[str, tuple[str, Callable[[float], str]]]] = {
    "net_sales_change": (mark("Change in net sales"), lambda value: signed(value, "percent")),
    "retention_rate": (mark("Retention rate"), percent),
    "repeat_rate": (mark("Repeat purchase rate"), percent),
    "top_20": (mark("Share of the top 20%"), percent),
}
ROW: Final = 0.27  # inches
FRAME: Final = 0.6  # inches of headings
NAMES: Final = 120.0  # points at most for the clients' names
PANEL: Final = 78.0  # points of a panel's width; less than the layout gives, to be safe
VALUE: Final = 34.0  # points beside the outermost dots for their values
GAP: Final = 6.0  # points


def portfolio(result: PortfolioResult, ax: Axes | None = None) -> Axes:
    """Draw four rates of every client.

    Parameters
    ----------
    result
        Its ``clients`` hold one row a client, its ``medians`` the clients' medians; NaN leaves a gap.
    ax
        Any axes of the figure to draw in, replaced by the four panels; a new figure by default.

    Returns
    -------
    Axes
        The first panel.  gids: ``portfolio-<row>-<figure>`` the dots, ``portfolio-median-<figure>`` the hairlines.
    """
    clients = result.clients
    figure = _figure(len(clients), ax)
    panels = figure.subplots(1, len(PANELS), sharey=True)
    for panel, (key, (heading, speak)) in zip(panels, PANELS.items(), strict=True):
        values = clients[key].to_numpy(dtype=float)
        low, high = span(values)
        left, right = VALUE if low < 0 else 0.0, VALUE if high > 0 else 0.0
        point = (high - low) / (PANEL - left - right)
        panel.set(ylim=(len(clients) - 0.5, -0.5), xlim=(low - left * point, high + right * point), xticks=[])
        panel.grid(visible=False)
        panel.spines["bottom"].set_visible(False)
        panel.axvline(0, color=GRID, lw=0.8)
        _head(panel, gettext(heading))
        if np.isfinite(middle := float(result.medians[key])):
            panel.axvline(middle, color=MUTED, lw=0.7, ls=(0, (4, 3)), gid=f"portfolio-median-{key}")
        for row in np.flatnonzero(np.isfinite(values)).tolist():
            dot(panel, values[row], row, 6, color=accent(), gid=f"portfolio-{row}-{key}")
            side, align = (GAP, "left") if values[row] >= 0 else (-GAP, "right")
            look: dict[str, Any] = {"ha": align, "va": "center", "color": INK, "weight": SEMIBOLD, "fontsize": SMALL}
            look["bbox"] = {"fc": WHITE, "ec": "none", "pad": 0.5}
            note(panel, (values[row], row), speak(values[row]), (side, 0), **look)
    names = [_short(str(name)) for name in clients["name"]]
    ticks(panels[0], "y", range(len(names)), lambda row: names[int(row)])
    panels[0].tick_params(axis="y", labelcolor=INK)
    first: Axes = panels[0]
    return first


def _figure(rows: int, ax: Axes | None) -> Figure:
    if ax is None:
        return Figure(figsize=(WIDTH, FRAME + ROW * max(rows, 1)), layout="constrained")
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.clear()
    return figure


def _head(ax: Axes, heading: str) -> None:
    """Write the panel's name over it, in two lines where one is too long."""
    lines = wrap(heading, WIDTH * 72 / (len(PANELS) + 1.5), SMALL, SEMIBOLD)
    write(ax, 0, 1.02, "\n".join(lines), transform=ax.transAxes, va="bottom", color=MUTED, fontsize=SMALL)


def _short(name: str) -> str:
    """Cut a name that would leave the panels no room; the tables have it whole."""
    if text_width(name, TEXT) <= NAMES:
        return name
    kept = next(end for end in range(len(name), 0, -1) if text_width(f"{name[:end]}…", TEXT) <= NAMES)
    return f"{name[:kept].rstrip()}…"
