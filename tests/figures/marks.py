"""Read a chart back: marks by gid, texts and where they stand."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def marks(ax: Axes) -> dict[str, Any]:
    """Return the artists of the figure that carry a gid; no two may share one."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    found = [(artist.get_gid(), artist) for artist in figure.findobj() if artist.get_gid()]
    assert len(found) == len(dict(found)), "two marks share a gid"
    return {str(gid): artist for gid, artist in found}


def texts(ax: Axes) -> list[str]:
    """Return what can be read on the figure."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return [text.get_text() for text in figure.findobj(Text) if _seen(text)]


def text_boxes(ax: Axes) -> tuple[dict[Text, Bbox], Bbox]:
    """Lay the figure out and return where each text stands, in pixels, and the canvas."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    return {text: text.get_window_extent(renderer) for text in figure.findobj(Text) if _seen(text)}, Bbox(
        figure.bbox.get_points()
    )


def overlapping(boxes: dict[Text, Bbox], tolerance: float = 1.0) -> list[tuple[str, str]]:
    """Return pairs of texts that run into each other by more than ``tolerance`` pixels."""
    return [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(boxes.items(), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > tolerance and min(a.y1, b.y1) - max(a.y0, b.y0) > tolerance
    ]


def outside(boxes: dict[Text, Bbox], canvas: Bbox) -> list[str]:
    """Return texts that the edge of the figure cuts."""
    return [
        text.get_text()
        for text, box in boxes.items()
        if box.x0 < canvas.x0 or box.y0 < canvas.y0 or box.x1 > canvas.x1 or box.y1 > canvas.y1
    ]


def _seen(text: Any) -> bool:
    return bool(text.get_visible() and text.get_text())
