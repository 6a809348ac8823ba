"""Every word of every chart reads on what lies behind it, pixel by pixel; WCAG 2.2, 1.4.3: 4.5 and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from loyalty_lib import figures
from loyalty_lib.contrast import nearest, text_luminances
from loyalty_lib.figures.palette import TEXT_CONTRAST, contrast
from loyalty_lib.figures.style import write
from tests.figures.marks import text_boxes
from tests.figures.test_charts import CHARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The house's, and clients' whose names they are: as settings take them, which is the nearest shade that reads.
ACCENTS = ("#1f5a7a", "#f1c40f", "#00e676", "#ff4081")
COLOURED = ("cohorts, many", "rfm", "rfm, cells", "rfm_migration", "pareto, flat, two points", "clv")


def unreadable(name: str) -> list[str]:
    """Return the words of a chart that have a pixel behind them on which they do not read."""
    ax = CHARTS[name]()
    return hard_to_read(ax)


def hard_to_read(ax: Axes) -> list[str]:
    figure = ax.get_figure(root=True)
    assert figure is not None
    boxes, _ = text_boxes(ax)
    figure.set_layout_engine("none")
    for text in boxes:
        text.set_alpha(0)  # their letters go, the white behind some of them stays
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    drawn = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    pixels = np.asarray(drawn)[::-1, :, :3]
    found = []
    for text, box in boxes.items():
        rows = slice(max(int(box.y0), 0), int(np.ceil(box.y1)))
        columns = slice(max(int(box.x0), 0), int(np.ceil(box.x1)))
        behind = np.unique(pixels[rows, columns].reshape(-1, 3), axis=0)
        worst = min(contrast(to_hex(text.get_color()), to_hex(pixel / 255)) for pixel in behind)
        if worst < TEXT_CONTRAST:
            found.append(f"{text.get_text()}: {worst:.2f}")
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_every_word_reads_on_what_lies_behind_it(name: str) -> None:
    assert unreadable(name) == []


@pytest.mark.parametrize("accent", ACCENTS[1:])
@pytest.mark.parametrize("name", COLOURED)
def test_words_on_colour_read_whatever_the_client_s_accent(name: str, accent: str) -> None:
    figures.style(nearest(accent, text_luminances()))
    assert unreadable(name) == []


def test_the_check_finds_a_word_on_a_bar_of_its_own_colour() -> None:
    ax = CHARTS["clv"]()
    write(ax, 40_000, 0, "on the bar", color="#566067", va="center")
    (found,) = hard_to_read(ax)
    assert found.startswith("on the bar: ")
