"""How well a colour reads, and the nearest shade that reads well enough.

Colours are "#rrggbb" in sRGB.  Contrast and relative luminance are those of WCAG 2.2, lightness is CIELAB's L*.  Which
colours will do depends on luminance alone, so a demand is a set of intervals of luminance; ``nearest`` looks for the
smallest change of lightness and chroma in OKLCH that meets it, and leaves the hue as it is.

References
----------
W3C (2023), Web Content Accessibility Guidelines 2.2, success criteria 1.4.3 (text, 4.5) and 1.4.11 (graphical objects,
3) and the definitions of contrast ratio and relative luminance.
Ottosson, B. (2020), A perceptual color space for image processing (OKLab).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

HOUSE_ACCENT: Final = "#1f5a7a"
WHITE: Final = "#ffffff"
TINT: Final = "#f3f5f7"  # the grey behind the cover and the advice; ``--tint`` of report.css
TEXT_CONTRAST: Final = 4.5  # contrast of text
GRAPHIC_CONTRAST: Final = 3.0  # contrast of a line or a bar
APART: Final = 10.0  # of CIELAB's 100 steps of lightness; two series closer than that are one on a grey print
STEPS: Final = 200  # chromas tried between none and a tenth more than the colour's own
HALVINGS: Final = 30
ROUNDING: Final = 1e-6
GREY: Final = 1e-3  # chroma in OKLCH; below it a colour has no hue

Luminances = Sequence[tuple[float, float]]
Triple = tuple[float, float, float]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white); WCAG 2.2."""
    return _luminance(_linear(_channels(colour)))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21; WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lightness(colour: str) -> float:
    """Return CIELAB's lightness L* of a colour, 0 (black) to 100 (white)."""
    y = luminance(colour)
    return 116 * math.cbrt(y) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def text_luminances() -> Luminances:
    """Return which luminances text on white and on the cover's grey may have; white text on them reads as well."""
    return [(0.0, min((luminance(ground) + 0.05) / TEXT_CONTRAST - 0.05 for ground in (WHITE, TINT)))]


def graphic_luminances(accent: str) -> Luminances:
    """Return which luminances a second series may have: seen on white, and lighter or darker than the accent."""
    light = lightness(accent)
    darker = (0.0, _luminance_of(light - APART))
    lighter = (_luminance_of(light + APART), 1.05 / GRAPHIC_CONTRAST - 0.05)
    return [(low, high) for low, high in (darker, lighter) if 0 <= low <= high]


def nearest(colour: str, allowed: Luminances) -> str:
    """Find the nearest shade of a colour whose luminance is allowed.

    Parameters
    ----------
    colour
        "#rrggbb".
    allowed
        Intervals of relative luminance, ends included.

    Returns
    -------
    str
        The colour itself where it will do; else, of the colours of its hue in OKLCH, the one whose lightness and chroma
        differ least (Euclidean distance in OKLab), rounded to eight bits a channel.
    """
    if _passes(luminance(colour), allowed):
        return colour
    light, a, b = _oklab(_linear(_channels(colour)))
    chroma, hue = math.hypot(a, b), math.atan2(b, a)
    ends = {end for interval in allowed for end in interval if 0 < end < 1}
    best, found = math.inf, (0.0, 0.0, 0.0)
    for end, step in product(sorted(ends), range(STEPS + 1)):
        tried = (chroma * 1.1 + 0.01) * step / STEPS if chroma > GREY else 0.0  # a grey stays grey
        lab = _with_luminance(end, tried, hue)
        distance = math.hypot(lab[0] - light, tried - chroma)
        if distance < best and _in_gamut(_from_oklab(lab)):
            best, found = distance, lab
    return _rounded(found, allowed)


def _passes(value: float, allowed: Luminances) -> bool:
    return any(low <= value <= high for low, high in allowed)


def _with_luminance(target: float, chroma: float, hue: float) -> Triple:
    """Return the colour of a chroma and hue that has a luminance; the interval of lightnesses is halved to find it."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _luminance(_from_oklab((middle, a, b))) > target:
            high = middle
        else:
            low = middle
    return low, a, b


def _rounded(lab: Triple, allowed: Luminances) -> str:
    """Return the colour of eight bits a channel that is allowed and nearest to ``lab``."""
    grey = math.hypot(*lab[1:]) < GREY
    below = [math.floor(255 * _encoded(min(max(value, 0.0), 1.0))) for value in _from_oklab(lab)]
    best, found = math.inf, "#000000"
    for steps in product((-1, 0, 1, 2), repeat=3):
        red, green, blue = (min(max(value + step, 0), 255) for value, step in zip(below, steps, strict=True))
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        distance = math.dist(_oklab(_linear(_channels(colour))), lab)
        if distance < best and _passes(luminance(colour), allowed) and (not grey or red == green == blue):
            best, found = distance, colour
    return found


def _luminance_of(light: float) -> float:
    """Return the luminance that has a lightness; below zero where the lightness is."""
    linear = 8  # steps of lightness, below which CIELAB's curve is a line
    return ((light + 16) / 116) ** 3 if light > linear else light * (3 / 29) ** 3


def _channels(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(channels: Triple) -> Triple:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for value in channels
    )
    return red, green, blue


def _encoded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # noqa: PLR2004 - sRGB


def _luminance(linear: Triple) -> float:
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _in_gamut(linear: Triple) -> bool:
    return all(abs(value - 0.5) <= 0.5 + ROUNDING for value in linear)


def _oklab(linear: Triple) -> Triple:
    cones = (math.cbrt(value) for value in _times(_TO_CONES, linear))
    return _triple(_times(_TO_LAB, _triple(cones)))


def _from_oklab(lab: Triple) -> Triple:
    cones = (value**3 for value in _times(_FROM_LAB, lab))
    return _triple(_times(_FROM_CONES, _triple(cones)))


def _times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Iterator[float]:
    return (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _triple(values: Iterator[float]) -> Triple:
    one, two, three = values
    return one, two, three


# Ottosson (2020): linear sRGB to the responses of the cones, their cube roots to OKLab, and back.
_TO_CONES: Final = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB: Final = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB: Final = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_CONES: Final = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
