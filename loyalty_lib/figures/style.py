"""The house style, and the few things every chart does: get axes, write text, measure text, format an axis.

Charts never touch pyplot: a figure belongs to who asked for it, and nothing is left behind in global state but the
style itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from cycler import cycler
from matplotlib import style as mpl_style
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import MaxNLocator

from loyalty_lib.contrast import HOUSE_ACCENT
from loyalty_lib.figures.palette import CONTEXT, LINE, MUTED
from loyalty_lib.fonts import Typeface, house, register
from loyalty_lib.i18n import COMPACT_MONEY, mark, money, money_short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

HOUSE: Final = Path(__file__).with_name("house.mplstyle")
WIDTH: Final = 6.69  # inches: 170 mm, the report's column
SMALL: Final = 7.5  # points, for second lines; nothing that must be read is smaller
TEXT: Final = 8.5
REGULAR: Final = 400
SEMIBOLD: Final = 600
WHOLE_AMOUNTS: Final = 100.0  # columns that reach this are written without a minor unit
HIDDEN: Final = mark("Hidden for privacy")


def style(accent: str = HOUSE_ACCENT, second: str | None = None, typeface: Typeface | None = None) -> None:
    """Set matplotlib to the house style.

    Parameters
    ----------
    accent, second
        "#rrggbb", of the first series and of what it is compared with (by default a grey); that they read is checked
        where settings are read (``config.brand``).
    typeface
        By default the house's.
    """
    chosen = typeface or house()
    register(house())
    register(chosen)
    mpl_style.use(HOUSE)
    mpl.rcParams["font.family"] = list(chosen.names)
    mpl.rcParams["axes.prop_cycle"] = cycler(color=[accent, second or MUTED, LINE, CONTEXT])


def axes(ax: Axes | None, height: float) -> Axes:
    """Return ``ax``, or the axes of a new figure as wide as the column and ``height`` inches high."""
    if ax is not None:
        return ax
    return Figure(figsize=(WIDTH, height), layout="constrained").add_subplot()


def write(ax: Axes, x: float, y: float, text: str, **look: Any) -> Text:
    """Put ``text`` at a point of the data, or of the axes with ``transform``; a dollar sign is a dollar sign."""
    return ax.text(x, y, text, **{"clip_on": False, "parse_math": False, **look})


def note(ax: Axes, at: tuple[float, float], text: str, offset: tuple[float, float], **look: Any) -> Text:
    """Put ``text`` beside a point of the data, ``offset`` points right of it and above it."""
    look = {"parse_math": False, "annotation_clip": False, **look}
    return ax.annotate(text, at, xytext=offset, textcoords="offset points", **look)


def span(values: Iterable[float]) -> tuple[float, float]:
    """Return the lowest and the highest of ``values`` and zero; (0, 1) where that is no length to draw on."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return min(low, 0.0), max(high, 0.0) or (1.0 if low >= 0 else 0.0)


def from_zero(ax: Axes, values: Iterable[float], speak: Callable[[float], str]) -> None:
    """Let the y axis begin at zero and end at the round tick over the largest of ``values``."""
    marks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, span(values)[1])
    ax.set_ylim(0.0, marks[-1])
    ticks(ax, "y", marks, speak)


def above(ax: Axes, text: str, *, at: float = 0.0, shift: float = 0.0, **look: Any) -> Text:
    """Write a heading above the axes, horizontally, ``at`` a share of their width and ``shift`` points beside it."""
    return note(ax, (at, 1), text, (shift, 7), **{"xycoords": "axes fraction", "va": "bottom", "color": MUTED, **look})


def dot(ax: Axes, x: float, y: float, size: float = 6, **look: Any) -> Line2D:
    """Draw one round mark of ``size`` points."""
    (mark,) = ax.plot([x], [y], "o", ms=size, **{"clip_on": False, "ls": "none", **look})
    return mark


@cache
def _measure() -> TextToPath:
    return TextToPath()


def text_width(text: str, size: float = TEXT, weight: int = REGULAR) -> float:
    """Return the width of ``text`` in points, set in the typeface that ``style`` chose."""
    font = FontProperties(size=size, weight=weight)
    width, _, _ = _measure().get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def wrap(text: str, width: float, size: float = TEXT, weight: int = REGULAR) -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` points; a longer word keeps a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def amounts(values: Iterable[float]) -> Callable[[float], str]:
    """Return how to write the amounts of one column: all with a minor unit, or none, by the largest of them."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    decimals = 2 if largest < WHOLE_AMOUNTS else 0
    return lambda value: money_short(value) if abs(value) >= COMPACT_MONEY else money(value, decimals)


def ticks(ax: Axes, which: str, values: Sequence[float], speak: Callable[[float], str]) -> None:
    """Set the ticks of the "x" or "y" axis, labelled by ``speak`` in the language of now."""
    axis = {"x": ax.xaxis, "y": ax.yaxis}[which]
    axis.set_ticks(list(values), labels=[speak(value) for value in values])
    for label in axis.get_ticklabels():
        label.set_parse_math(False)
    for line in axis.get_gridlines():
        line.set_clip_on(False)  # the outermost lie on the edge and would be cut to half their width
