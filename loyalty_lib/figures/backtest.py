"""The forecast checked against what customers then did.  Takes a backtest's result, returns the Axes.

One row for each number of earlier repeat purchases; the two marks are mean purchases a customer after the cut-off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.transforms import offset_copy

from loyalty_lib.figures.palette import CONTEXT, INK, MUTED, WHITE, accent
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, axes, dot, note, span, text_width, ticks
from loyalty_lib.i18n import gettext, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.backtest import BacktestResult
    from loyalty_lib.analyses.lifetime import LifetimeResult

ROW: Final = 0.21  # inches
FRAME: Final = 0.62  # inches of headings and margins
KEY_RISE: Final = 11.5  # points from the axes to the middle of a heading's letters
GAP: Final = 6.0  # points from a mark to its value
LEAD: Final = 0.12  # of the largest value, before zero: room for the value left of a mark near zero
ROOM: Final = 1.3  # the scale's end over the largest value: room for labels and the column of customers


def backtest(result: BacktestResult | LifetimeResult, ax: Axes | None = None) -> Axes:
    """Draw forecast and actual purchases by number of earlier repeat purchases.

    Parameters
    ----------
    result
        Its ``by_frequency`` holds ``frequency`` (text), ``customers``, and the means ``predicted`` and ``actual``: a
        BacktestResult, or a LifetimeResult, which has its backtest's.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``backtest-predicted-<frequency>``, ``backtest-actual-<frequency>`` and ``backtest-gap-<frequency>``
        between them.
    """
    table = result.by_frequency
    ax = axes(ax, FRAME + ROW * max(len(table), 1))
    _, most = span(table[["predicted", "actual"]].to_numpy(dtype=float).ravel())
    ax.set(xlim=(-LEAD * most, ROOM * most), ylim=(max(len(table), 1) - 0.5, -0.5), xticks=[])
    ax.spines["bottom"].set_visible(False)
    ticks(ax, "y", range(len(table)), lambda row: str(table["frequency"].iloc[int(row)]))
    ax.tick_params(axis="y", labelcolor=INK)
    _headings(ax)
    columns = ("frequency", "customers", "predicted", "actual")
    for row, values in enumerate(table[[*columns]].itertuples(index=False, name=None)):
        _row(ax, row, *values)
    return ax


def _headings(ax: Axes) -> None:
    """Name the column of frequencies, the two marks in their looks, and the column of customers."""
    above(ax, gettext("Earlier repeat purchases"), ha="right", shift=-GAP)
    above(ax, gettext("Customers"), at=1.0, ha="right")
    counted = gettext("Mean purchases per customer")
    above(ax, counted, shift=2 * GAP)
    x = text_width(counted) + 6 * GAP
    for look, name in ((_predicted(), gettext("Forecast")), (_actual(), gettext("Actual"))):
        place = offset_copy(ax.transAxes, ax.get_figure(root=True), x, KEY_RISE, units="points")
        dot(ax, 0, 1, transform=place, **look)
        above(ax, name, shift=x + GAP, color=look["mec"], weight=SEMIBOLD)
        x += GAP + text_width(name, weight=SEMIBOLD) + 3 * GAP


def _row(ax: Axes, row: int, frequency: str, customers: float, predicted: float, actual: float) -> None:
    """Draw one class; the smaller value stands left of its mark and the larger right, so that they never meet."""
    label = {"va": "center_baseline", "color": INK, "bbox": {"fc": WHITE, "ec": "none", "pad": 1}}
    right = ax.get_yaxis_transform()
    note(ax, (1, row), number(customers), (0, 0), xycoords=right, ha="right", **label)
    if not np.isfinite([predicted, actual]).all():
        text = gettext(HIDDEN) if customers else number(None)
        note(ax, (0, row), text, (0, 0), **label | {"color": MUTED})
        return
    gap: dict[str, Any] = {
        "color": CONTEXT,
        "lw": 2.5,
        "clip_on": False,
        "zorder": 1.9,
        "gid": f"backtest-gap-{frequency}",
    }
    ax.plot((predicted, actual), (row, row), **gap)
    dot(ax, actual, row, gid=f"backtest-actual-{frequency}", **_actual())
    dot(ax, predicted, row, gid=f"backtest-predicted-{frequency}", **_predicted())
    for value, other, colour in ((predicted, actual, accent()), (actual, predicted, INK)):
        leads = value > other or (value == other and colour == INK)
        align, shift = ("left", GAP) if leads else ("right", -GAP)
        note(ax, (value, row), number(value, 2), (shift, 0), ha=align, **label | {"color": colour})


def _predicted() -> dict[str, Any]:
    return {"mfc": accent(), "mec": accent(), "mew": 1.2}


def _actual() -> dict[str, Any]:
    return {"mfc": WHITE, "mec": INK, "mew": 1.2}
