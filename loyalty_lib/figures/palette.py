"""Colours: one accent, greys, and a ramp of the accent for heat maps.

Colours are "#rrggbb".  Accent and second colour are those of the client, checked where settings are read; every other
text and mark here meets WCAG 2.2 (``contrast``).  Every scale falls steadily in luminance, so that a chart printed in
grey says the same.
"""

from __future__ import annotations

from typing import Final

from matplotlib.colors import to_hex, to_rgb

from loyalty_lib.contrast import TEXT_CONTRAST, WHITE, contrast, luminance

__all__ = [
    "BLACK",
    "CONTEXT",
    "GRID",
    "INK",
    "LINE",
    "MUTED",
    "PALEST",
    "TEXT_CONTRAST",
    "WHITE",
    "accent",
    "comparison",
    "contrast",
    "luminance",
    "mix",
    "shade",
    "text_on",
    "tint",
]

BLACK: Final = "#000000"
INK: Final = "#1f2428"  # headings and values
MUTED: Final = "#566067"  # secondary text, 6.5 : 1 on white
LINE: Final = "#8a949b"  # marks of the second rank, 3.1 : 1 on white
CONTEXT: Final = "#c9cfd3"  # many lines behind one
GRID: Final = "#e1e5e8"
PALEST: Final = 0.06  # the ramp's lower end: a tint that still parts an observed zero from an empty cell


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))
    return to_hex((red, green, blue))


def accent() -> str:
    """Return the accent that ``style`` set: the first colour of matplotlib's cycle."""
    return to_hex("C0")


def comparison(grey: str = MUTED) -> str:
    """Return the colour of what the accent is compared with: the client's second colour, or else ``grey``."""
    colour = to_hex("C1")
    return grey if colour == MUTED else colour


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
