"""Charts as small pictures of their marks, and how far two pictures differ.

Letters are left out, and so is the layout that depends on them: what remains is drawn by matplotlib alone, and a newer
FreeType changes none of it.  Words have tests of their own (``test_charts.py``, ``test_contrast.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

DPI: Final = 56
TILE: Final = 24  # pixels: a mark that moves must not drown in the paper of the whole picture
TOLERANCE: Final = 3.0  # of 255, root mean square in the tile and channel where two pictures differ most


def picture(ax: Axes) -> Pixels:
    """Draw the marks of a chart, shape (height, width, 3)."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    figure.set_dpi(DPI)
    for text in figure.findobj(Text):
        text.set_visible(False)
    canvas = FigureCanvasAgg(figure)
    with mpl.rc_context({"path.snap": False}):  # snapped to whole pixels, an edge would jump by one for next to nothing
        canvas.draw()  # type: ignore[no-untyped-call]
    drawn = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return np.array(drawn)[..., :3]


def difference(one: Pixels, other: Pixels) -> float:
    """Return the root mean square difference in the tile and the channel where it is largest; infinite by size."""
    if one.shape != other.shape:
        return float("inf")
    squares = (one.astype(float) - other.astype(float)) ** 2
    height, width, _ = squares.shape
    tall, wide = -(-height // TILE) * TILE, -(-width // TILE) * TILE
    padded = np.pad(squares, ((0, tall - height), (0, wide - width), (0, 0)))
    tiles = padded.reshape(tall // TILE, TILE, wide // TILE, TILE, 3).mean(axis=(1, 3))
    return float(np.sqrt(tiles.max()))


def read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def write(pixels: Pixels, path: Path) -> None:
    Image.fromarray(pixels).save(path, optimize=True)


def explain(drawn: Pixels, expected: Pixels, folder: Path) -> Path:
    """Save what was drawn, what was expected, and under them, dark on white, where they differ; return the file."""
    path = folder / "difference.png"
    height = max(drawn.shape[0], expected.shape[0])
    width = max(drawn.shape[1], expected.shape[1])
    sheets = [np.full((height, width, 3), 255, dtype=np.uint8) for _ in range(2)]
    for sheet, pixels in zip(sheets, (drawn, expected), strict=True):
        sheet[: pixels.shape[0], : pixels.shape[1]] = pixels
    apart = np.abs(sheets[0].astype(int) - sheets[1].astype(int)).max(axis=2, keepdims=True)
    changed = np.repeat(255 - np.minimum(4 * apart, 255), 3, axis=2).astype(np.uint8)
    write(np.concatenate([*sheets, changed]), path)
    return path
