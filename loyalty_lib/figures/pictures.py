"""A chart as files of its own, for slides, sheets and documents: PNG on white, and SVG that looks the same everywhere.

The SVG's letters are outlines: office programs ignore typefaces embedded in an SVG, and the machine that shows it may
not have ours.  The same chart gives the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import matplotlib as mpl

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI: Final = 300  # 2,007 pixels across: sharp where a chart fills the slide on a screen of 1,920


def to_png(ax: Axes, dpi: int = DPI) -> bytes:
    """Return the figure of ``ax`` as PNG on a white ground, ``dpi`` dots to its inch."""
    target = io.BytesIO()
    _whole(ax).savefig(target, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return target.getvalue()


def to_svg_file(ax: Axes, title: str, alt: str) -> str:
    """Return the figure of ``ax`` as an SVG document that needs no typeface.

    Parameters
    ----------
    ax
        Any axes of the figure.
    title, alt
        What it shows, in a few words and for those who cannot see it; both stand in the file.
    """
    target = io.StringIO()
    metadata = {"Title": title, "Description": alt, "Date": None, "Creator": None}
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "loyalty-report"}):
        _whole(ax).savefig(target, format="svg", facecolor="white", metadata=metadata)
    return target.getvalue()


def _whole(ax: Axes) -> mpl.figure.Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        message = "These axes have been removed from their figure."
        raise ValueError(message)
    if figure.get_layout_engine() is not None:  # it moves things by a hair each time; what is laid out once, stays
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure
