"""Colours: one accent, greys, and a ramp of the accent for heat maps.

Colours are "#rrggbb".  Contrast is that of WCAG 2.2: text needs 4.5, marks need 3.  Every scale falls steadily in
luminance, so that a chart printed in grey says the same.
"""

from __future__ import annotations

from typing import Final

from matplotlib.colors import to_hex, to_rgb
from seaborn.utils import relative_luminance

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
INK: Final = "#1f2428"  # headings and values
MUTED: Final = "#566067"  # secondary text, 6.5 : 1 on white
LINE: Final = "#8a949b"  # marks of the second rank, 3.1 : 1 on white
CONTEXT: Final = "#c9cfd3"  # many lines behind one
GRID: Final = "#e1e5e8"
TEXT_CONTRAST: Final = 4.5
PALEST: Final = 0.06  # the ramp's lower end: a tint that still parts an observed zero from an empty cell
STEPS: Final = 100


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white); WCAG 2.2."""
    return float(relative_luminance(colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21; WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))
    return to_hex((red, green, blue))


def readable(colour: str) -> str:
    """Return ``colour``, darkened as far as text of it on white needs."""
    shades = (mix(colour, BLACK, step / STEPS) for step in range(STEPS + 1))
    return next(shade for shade in shades if contrast(shade, WHITE) >= TEXT_CONTRAST)


def accent() -> str:
    """Return the accent that ``style`` set: the first colour of matplotlib's cycle."""
    return to_hex("C0")


def tint(share: float) -> str:
    """Return the accent on a white ground at ``share`` (0 to 1) of its strength."""
    return mix(WHITE, accent(), share)


def shade(value: float, top: float, bottom: float = 0.0) -> str:
    """Return the colour of ``value`` on the ramp from nearly white (``bottom`` and below) to the accent (``top``)."""
    position = min(max((value - bottom) / (top - bottom), 0.0), 1.0) if top > bottom else 0.0
    return tint(PALEST + (1 - PALEST) * position)


def text_on(fill: str) -> str:
    """Return ink, white or black: the first that reads on ``fill`` with a contrast of 4.5 or more."""
    return next(colour for colour in (INK, WHITE, BLACK) if contrast(colour, fill) >= TEXT_CONTRAST)
