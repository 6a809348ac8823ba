from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_lib import figures
from loyalty_lib.figures import palette

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_that_of_wcag() -> None:
    """Worked examples of WCAG 2.2: black on white is 21, #767676 is the lightest grey that text on white may have."""
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@given(COLOURS)
def test_there_is_a_readable_text_for_every_fill(fill: str) -> None:
    assert palette.contrast(palette.text_on(fill), fill) >= palette.TEXT_CONTRAST


def test_what_the_accent_is_compared_with_is_grey_unless_the_client_has_a_second_colour() -> None:
    figures.style("#1f5a7a")
    assert palette.comparison() == palette.MUTED
    assert palette.comparison(palette.LINE) == palette.LINE
    figures.style("#1f5a7a", "#b45309")
    assert palette.comparison(palette.LINE) == "#b45309"
    figures.style()
    assert palette.comparison(palette.LINE) == palette.LINE


def test_fixed_greys_read_as_text_and_as_marks() -> None:
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for marks (1.4.11)."""
    assert palette.contrast(palette.INK, palette.WHITE) >= 4.5
    assert palette.contrast(palette.MUTED, palette.WHITE) >= 4.5
    assert palette.contrast(palette.LINE, palette.WHITE) >= 3.0


@pytest.mark.parametrize("accent", ["#1f5a7a", "#f1c40f", "#ff0000", "#00ff00", "#777777"])
def test_the_ramp_falls_steadily_so_that_a_grey_print_says_the_same(accent: str) -> None:
    figures.style(accent)
    lights = [palette.luminance(palette.shade(value / 50, 1.0)) for value in range(51)]
    assert all(lighter > darker for lighter, darker in pairwise(lights))
    assert palette.shade(1.0, 1.0) == palette.accent()
    assert palette.shade(7.0, 1.0) == palette.accent()
    assert palette.shade(-1.0, 1.0) == palette.shade(0.0, 1.0)
    assert palette.shade(0.0, 1.0) != palette.WHITE
