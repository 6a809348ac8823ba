from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from loyalty_lib import figures, i18n
from loyalty_lib.figures import palette
from tests.figures.marks import marks, texts
from tests.figures.results import CELLS, SILENCES, model_check


def test_a_cell_stands_at_its_classes_in_the_shade_of_its_probability() -> None:
    check = model_check()
    found = marks(figures.alive(check))
    for frequency, silent, _, likely, _ in check.alive.itertuples(index=False):
        if np.isfinite(likely):
            square = found[f"alive-{frequency}-{silent}"]
            column, row = SILENCES.index(silent), list(CELLS).index(frequency)
            assert square.get_x() < column < square.get_x() + square.get_width()
            assert square.get_y() < row < square.get_y() + square.get_height()
            assert to_hex(square.get_facecolor()) == palette.shade(likely, 1.0)


@pytest.mark.parametrize(
    ("language", "above", "below"), [("en", "74%", "61% of 33"), ("nb", "74\u00a0%", "61\u00a0% ")]
)
def test_a_cell_says_what_the_model_held_likely_and_what_came_true(language: str, above: str, below: str) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.alive(model_check()))
    assert above in written
    assert any(text.startswith(below) and text.endswith("33") for text in written)


def test_classes_stand_in_the_order_of_their_numbers_whatever_that_of_the_rows() -> None:
    shuffled = model_check().alive.sample(frac=1, random_state=2)
    ax = figures.alive(model_check(alive=shuffled))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3–4", "5–7", "8+"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0–4", "5–8", "9–13", "14–26", "27–39"]


def test_a_hidden_cell_is_a_dot_and_an_empty_one_blank() -> None:
    ax = figures.alive(model_check())
    found = marks(ax)
    assert {gid for gid in found if gid.endswith("hidden")} == {
        "alive-5-7-27-39-hidden",
        "alive-8+-9-13-hidden",
        "alive-8+-14-26-hidden",
    }
    assert not [gid for gid in found if gid.startswith("alive-8+-27-39")]
    assert "· Hidden for privacy" in texts(ax)
    check = model_check()
    shown = check.alive[check.alive["frequency"].isin(["1", "2"])]
    assert "· Hidden for privacy" not in texts(figures.alive(model_check(alive=shown)))


@pytest.mark.parametrize("accent", ["#1f5a7a", "#c0392b", "#f1c40f", "#000000", "#00bcd4"])
def test_words_read_on_every_shade(accent: str) -> None:
    figures.style(accent)
    ax = figures.alive(model_check())
    found = marks(ax)
    cells = {(box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2): box for box in found.values()
             if hasattr(box, "get_facecolor") and hasattr(box, "get_height")}  # fmt: skip
    read = 0
    for text in ax.texts:
        place = getattr(text, "xy", None)
        fill = next((box for at, box in cells.items() if place and np.allclose(at, place)), None)
        if fill is not None and "%" in text.get_text():
            assert palette.contrast(to_hex(text.get_color()), to_hex(fill.get_facecolor())) >= palette.TEXT_CONTRAST
            read += 1
    assert read == 2 * 21
