"""Earlier forecasts and their intervals against what then happened.  Takes a LifetimeResult, returns the Axes.

One row a forecast, by the day it was made: the bar is the range the model gave, the dots what it expected and what
customers did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.figures.checks import BAR, Sign, actual_dot, actual_sign, model_dot, signs
from loyalty_lib.figures.palette import INK, MUTED, WHITE, accent, tint
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, above, axes, note, span, ticks
from loyalty_lib.i18n import date_short, gettext, number, say, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.lifetime import LifetimeResult

ROW: Final = 0.3  # inches
FRAME: Final = 0.45  # inches of headings and margins
BAND: Final = 0.5  # of a row
STRENGTH: Final = 0.3  # of the accent in it
LEAD: Final = 0.1  # of the largest value, before zero: room for the smaller value of a row
ROOM: Final = 1.3  # the scale's end over the largest value: room for values and the column of errors
GAP: Final = 7.0  # points from a row's marks to its values


def origins(value: LifetimeResult, ax: Axes | None = None) -> Axes:
    """Draw each forecast's interval and the actual outcome.

    Parameters
    ----------
    value
        Its ``origins`` hold ``cutoff``, the purchases ``predicted``, ``low``, ``high`` and ``actual``, and
        ``relative_error``, NaN where hidden; the forecast's check knows the intervals' level.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``origins-<row>-interval``, ``origins-<row>-predicted`` and ``origins-<row>-actual``.
    """
    table = value.origins
    ax = axes(ax, FRAME + ROW * max(len(table), 1))
    _, most = span(table[["predicted", "high", "actual"]].to_numpy(dtype=float).ravel())
    ax.set(xlim=(-LEAD * most, ROOM * most), ylim=(max(len(table), 1) - 0.5, -0.5), xticks=[])
    ax.spines["bottom"].set_visible(False)
    days = table["cutoff"].tolist()
    ticks(ax, "y", range(len(days)), lambda row: date_short(days[int(row)]))
    ax.tick_params(axis="y", labelcolor=INK)
    above(ax, gettext("Forecast made on"), ha="right", shift=-GAP)
    above(ax, gettext("Forecast error"), at=1.0, ha="right")
    named = [Sign(gettext("Forecast"), accent(), model_dot()), actual_sign(actual_dot())]
    if value.forecast is not None:
        level = say("{level:percent} interval", level=value.forecast.check.level)
        look = {"marker": "s", "ls": "none", "ms": BAR, "mfc": tint(STRENGTH), "mec": "none"}
        named.append(Sign(level, accent(), look))
    signs(ax, gettext("Purchases"), named)
    columns = ["predicted", "low", "high", "actual", "relative_error"]
    for row, values in enumerate(table[columns].astype(float).itertuples(index=False, name=None)):
        _row(ax, row, *values)
    return ax


def _row(ax: Axes, row: int, predicted: float, low: float, high: float, actual: float, error: float) -> None:
    """Draw one forecast; the smaller value stands left of its marks and the larger right."""
    label: dict[str, Any] = {"va": "center_baseline", "bbox": {"fc": WHITE, "ec": "none", "pad": 1}}
    if not np.isfinite([predicted, actual]).all():
        note(ax, (0, row), gettext(HIDDEN), (0, 0), color=MUTED, **label)
        return
    right = {"xycoords": ax.get_yaxis_transform(), "ha": "right", "color": INK}
    note(ax, (1, row), signed(error, "percent", 1), (0, 0), **label, **right)
    if np.isfinite([low, high]).all():
        ax.barh(row, high - low, BAND, left=low, color=tint(STRENGTH), gid=f"origins-{row}-interval", clip_on=False)
    ax.plot((actual,), (row,), clip_on=False, gid=f"origins-{row}-actual", **actual_dot())
    ax.plot((predicted,), (row,), clip_on=False, gid=f"origins-{row}-predicted", **model_dot())
    ends = np.nanmin([low, predicted, actual]), np.nanmax([high, predicted, actual])
    written = sorted([(predicted, accent()), (actual, INK)], key=lambda pair: pair[0])
    for (amount, colour), end, shift in zip(written, ends, (-GAP, GAP), strict=True):
        look = {"ha": "right" if shift < 0 else "left", "color": colour, "weight": SEMIBOLD}
        note(ax, (float(end), row), number(amount), (shift, 0), **label, **look)
