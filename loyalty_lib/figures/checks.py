"""What the charts of the model check share: the looks of both sides, headings that name them, an axis of counts.

What happened is ink on grey, thin and unbroken; the model is the accent, heavy, and dashed where it is a line.  In a
grey print the form says what the colour did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Affine2DBase, ScaledTranslation

from loyalty_lib.figures.palette import CONTEXT, INK, MUTED, WHITE, accent
from loyalty_lib.figures.style import HIDDEN, SEMIBOLD, note, span, text_width, ticks
from loyalty_lib.i18n import gettext, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

RISE: Final = 7.0  # points from the axes up to the headings
MIDDLE: Final = 4.5  # points from a heading's foot to the middle of its letters
GAP: Final = 6.0  # points
LINE: Final = 15.0  # points of a line that stands for a line
BAR: Final = 7.0  # points of a square that stands for a bar
INTERVALS: Final = 4  # between the ticks of an axis of counts

Look = dict[str, Any]


class Sign(NamedTuple):
    """A mark and its name: the colour of the name, and how matplotlib's ``plot`` draws the mark."""

    name: str
    colour: str
    look: Look


def signs(ax: Axes, heading: str, named: Iterable[Sign] = (), *, rise: float = RISE) -> None:
    """Write what the axis counts above the axes, and beside it the marks with their names.

    Parameters
    ----------
    ax
        Its limits must be set.
    heading
        What the axis counts, with its unit.
    named
        From left to right.
    rise
        Points from the axes up to the words.
    """
    words = {"xycoords": "axes fraction", "va": "bottom"}
    note(ax, (0, 1), heading, (0, rise), color=MUTED, **words)
    figure = ax.get_figure(root=True)
    assert figure is not None
    corner = (
        Affine2D().scale(1 / 72) + figure.dpi_scale_trans + ScaledTranslation(0, 1, cast("Affine2DBase", ax.transAxes))
    )
    x = text_width(heading) + 3 * GAP
    for name, colour, look in named:
        width = BAR if "marker" in look else LINE
        xs = (x + width / 2,) if "marker" in look else (x, x + width)
        ax.plot(xs, [rise + MIDDLE] * len(xs), transform=corner, clip_on=False, **look)
        x += width + GAP
        note(ax, (0, 1), name, (x, rise), color=colour, weight=SEMIBOLD, **words)
        x += text_width(name, weight=SEMIBOLD) + 3 * GAP


def count_from_zero(ax: Axes, values: Iterable[float]) -> None:
    """Let the y axis begin at zero and end at the tick over the largest of ``values``; all ticks are whole numbers."""
    top = max(span(values)[1], INTERVALS)
    marks = MaxNLocator(nbins=INTERVALS, steps=[1, 2, 5, 10], integer=True).tick_values(0.0, top)
    ax.set_ylim(0.0, marks[-1])
    ticks(ax, "y", marks, number)


def hidden(ax: Axes, *, rise: float = RISE) -> None:
    """Say above the axes, on the right, what the grey dots stand for."""
    look = {"xycoords": "axes fraction", "ha": "right", "va": "bottom", "color": MUTED}
    note(ax, (1, 1), f"· {gettext(HIDDEN)}", (0, rise), **look)


def actual_bar() -> Look:
    """Return the look of a bar of what happened."""
    return {"fc": CONTEXT, "ec": INK, "lw": 0.7}


def model_bar() -> Look:
    """Return the look of a bar of the model."""
    return {"fc": accent(), "ec": accent(), "lw": 0.7}


def actual_line() -> Look:
    """Return the look of a line of what happened."""
    return {"color": INK, "lw": 1.1}


def model_line() -> Look:
    """Return the look of a line of the model."""
    return {"color": accent(), "lw": 2.2, "ls": (0, (3.2, 1.4)), "dash_capstyle": "butt"}


def actual_dot() -> Look:
    """Return the look of a dot of what happened."""
    return {"marker": "o", "ls": "none", "mfc": WHITE, "mec": INK, "mew": 1.2, "ms": 6}


def model_dot() -> Look:
    """Return the look of a dot of the model."""
    return {"marker": "o", "ls": "none", "mfc": accent(), "mec": accent(), "mew": 1.2, "ms": 6}


def square(bar: Look) -> Look:
    """Return the look of a square that stands for such a bar."""
    return {"marker": "s", "ls": "none", "ms": BAR, "mfc": bar["fc"], "mec": bar["ec"], "mew": bar["lw"]}


def actual_sign(look: Look) -> Sign:
    """Name a mark of what happened."""
    return Sign(gettext("Actual"), INK, look)


def model_sign(look: Look) -> Sign:
    """Name a mark of the model."""
    return Sign(gettext("Model"), accent(), look)
