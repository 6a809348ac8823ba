"""Forecast against outcome for groups of customers, by how much was expected of them.  Takes a ModelCheck.

A mark is one group: how many purchases the model expected of each of its customers in the hold-out, and how many they
made.  On the diagonal the two are equal.  Where one group is far out, both axes are drawn by the square root.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from loyalty_lib.figures.checks import Sign, actual_dot, hidden, signs
from loyalty_lib.figures.palette import INK, WHITE, accent
from loyalty_lib.figures.style import SEMIBOLD, SMALL, WIDTH, axes, note, span, ticks
from loyalty_lib.i18n import gettext, number, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from loyalty_lib.analyses.model_check import ModelCheck

HEIGHT: Final = 2.9  # inches
FAR: Final = 3.0  # the highest group over the median one, from which both axes are drawn by the square root
ROOM: Final = 1.05  # the end of the lower scale over its largest value
HEADROOM: Final = 1.2  # of the scale upwards: room for the numbers of groups under the headings
FRACTIONS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # ticks before one; after it, these times a power of ten
WHOLE: Final = (1, 2, 3, 4, 6, 8)
SIZE: Final = np.array([WIDTH * 72 - 40.0, HEIGHT * 72 - 55.0])  # points of the axes, across and upwards
MOST_DECIMALS: Final = 3  # of a tick
TICK: Final = np.array([40.0, 16.0])  # points between ticks, likewise
APART: Final = 13.0  # points between groups with a number each
GAP: Final = 3.0  # points from an interval to its group's number
LEVEL: Final = 0.95  # of the intervals in ``calibration``


def calibration(check: ModelCheck, ax: Axes | None = None) -> Axes:
    """Draw actual against expected purchases per customer, group by group.

    Parameters
    ----------
    check
        Its ``calibration`` holds ``group``, ``expected``, ``actual`` (means per customer), ``low`` and ``high`` (of
        ``actual``), NaN where hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``calibration-<group>`` the marks, ``calibration-<group>-interval``, ``calibration-<group>-number`` and
        ``calibration-equality``.
    """
    ax = axes(ax, HEIGHT)
    table = check.calibration
    shown = table[np.isfinite(table[["expected", "actual"]].to_numpy(dtype=float)).all(axis=1)]
    right = ROOM * span(shown["expected"])[1]
    top = HEADROOM * span(shown[["expected", "actual", "high"]].to_numpy(dtype=float).ravel())[1]
    counted = gettext("Purchases forecast per customer")
    is_far = right > FAR * shown["expected"].median()
    if is_far:
        counted = gettext("Purchases forecast per customer (both axes by the square root)")
        ax.set_xscale("function", functions=(_root, _square))
        ax.set_yscale("function", functions=(_root, _square))
    ax.set(xlim=(0, right), ylim=(0, top))
    for axis, which, end in ((0, "x", right), (1, "y", top)):
        ticks(ax, which, _rooted(ax, end, axis) if is_far else _even(end, axis), _written)
    ax.set_xlabel(counted)
    group_of = say("Group of customers with its {level:percent} interval", level=LEVEL)
    signs(ax, gettext("Actual purchases per customer"), [Sign(group_of, INK, actual_dot())])
    ax.plot((0, right), (0, right), color=accent(), lw=1.4, gid="calibration-equality")
    _groups(ax, shown)
    _name_the_diagonal(ax, [0.0, *shown["expected"].sort_values(), right])
    if len(shown) < len(table):
        hidden(ax)
    return ax


def _groups(ax: Axes, shown: pd.DataFrame) -> None:
    """Draw the groups and number them; neighbours too close to have a number each share one, such as 1–4."""
    near: list[tuple[int, float, float]] = []
    columns = ["group", "expected", "actual", "low", "high"]
    for group, expected, actual, low, high in shown[columns].itertuples(index=False, name=None):
        gid = f"calibration-{group}"
        ax.plot((expected, expected), (low, high), color=INK, lw=1, clip_on=False, gid=f"{gid}-interval")
        ax.plot((expected,), (actual,), clip_on=False, gid=gid, **actual_dot())
        if near and (_place(ax, expected, 0) - _place(ax, near[-1][1], 0))[0] * SIZE[0] > APART:
            _number(ax, near)
            near = []
        near.append((group, expected, float(np.nanmax([actual, high]))))
    if near:
        _number(ax, near)


def _number(ax: Axes, near: list[tuple[int, float, float]]) -> None:
    """Write the numbers of groups that stand close together; each is its number, expectation and upper end."""
    numbers = list(dict.fromkeys(number(group) for group, _, _ in (near[0], near[-1])))
    at = float(np.mean([near[0][1], near[-1][1]])), max(head for _, _, head in near)
    look = {"fontsize": SMALL, "color": INK, "gid": f"calibration-{near[0][0]}-number"}
    note(ax, at, "–".join(numbers), (0, GAP), ha="center", va="bottom", **look)


def _name_the_diagonal(ax: Axes, stops: list[float]) -> None:
    """Write what the diagonal means where the groups leave it the most room."""
    places = np.array([_place(ax, stop, 0)[0] for stop in stops])
    widest = int(np.argmax(np.diff(places)))
    middle = float(np.mean(stops[widest : widest + 2]))
    look = {"color": accent(), "weight": SEMIBOLD, "bbox": {"fc": WHITE, "ec": "none", "pad": 0.5}}
    note(ax, (middle, middle), gettext("As forecast"), (8, -4), va="top", **look)


def _place(ax: Axes, x: float, y: float) -> NDArray[np.float64]:
    """Return where a point lies, as shares of the axes' width and height."""
    return np.asarray((ax.transScale + ax.transLimits).transform((x, y)))


def _root(values: ArrayLike) -> NDArray[np.float64]:
    """Return square roots; those of negative values mirrored, for matplotlib asks for them."""
    plain = np.asarray(values, dtype=float)
    return np.asarray(np.sign(plain) * np.sqrt(np.abs(plain)))


def _square(values: ArrayLike) -> NDArray[np.float64]:
    plain = np.asarray(values, dtype=float)
    return np.asarray(np.sign(plain) * plain**2)


def _even(end: float, axis: int) -> list[float]:
    """Return round values up to ``end``, evenly apart."""
    values = MaxNLocator(nbins=int(SIZE[axis] / TICK[axis]), steps=[1, 2, 5, 10]).tick_values(0.0, end)
    return [float(value) for value in values if value <= end]


def _rooted(ax: Axes, end: float, axis: int) -> list[float]:
    """Return round values up to ``end`` that leave each other room on the axis, 0 across or 1 upwards."""
    tens = range(math.ceil(math.log10(max(end, 1))) + 1)
    chosen, last = [0.0], 0.0
    for value in [*FRACTIONS, *(whole * 10.0**power for power in tens for whole in WHOLE)]:
        place = float((_place(ax, value, value) * SIZE)[axis])
        if value <= end and place - last >= TICK[axis]:
            chosen.append(value)
            last = place
    return chosen


def _written(value: float) -> str:
    enough = (digits for digits in range(MOST_DECIMALS) if math.isclose(value, round(value, digits)))
    return number(value, next(enough, MOST_DECIMALS))
