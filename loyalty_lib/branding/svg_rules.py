"""What a logo may be made of: elements, attributes and values of SVG that draw shapes, and nothing that does more.

Values are matched whole against patterns without quotes, backslashes or brackets but those of the functions named here;
a reference is one to an element of the same file.
"""

from __future__ import annotations

import re
from typing import Final

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
# Other namespaces are notes of drawing programs; these are documents within the picture.
FOREIGN_REFUSED: Final = frozenset({"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"})
LONGEST_VALUE: Final = 400  # characters, but of paths, points and transformations
LONGEST: Final = 1e6  # a side, in the drawing's own units

_EACH: Final = {"id", "transform"}
_PLACE: Final = {"x", "y", "width", "height"}
_GRADIENT: Final = {"gradientUnits", "gradientTransform", "spreadMethod", "href", "id"}
ELEMENTS: Final = {
    "svg": frozenset({"viewBox", "width", "height"}),
    "g": frozenset(_EACH),
    "defs": frozenset(_EACH),
    "path": frozenset({*_EACH, "d"}),
    "rect": frozenset({*_EACH, *_PLACE, "rx", "ry"}),
    "circle": frozenset({*_EACH, "cx", "cy", "r"}),
    "ellipse": frozenset({*_EACH, "cx", "cy", "rx", "ry"}),
    "line": frozenset({*_EACH, "x1", "y1", "x2", "y2"}),
    "polyline": frozenset({*_EACH, "points"}),
    "polygon": frozenset({*_EACH, "points"}),
    "use": frozenset({*_EACH, *_PLACE, "href"}),
    "symbol": frozenset({"id", "viewBox"}),
    "linearGradient": frozenset({*_GRADIENT, "x1", "y1", "x2", "y2"}),
    "radialGradient": frozenset({*_GRADIENT, "cx", "cy", "r", "fx", "fy", "fr"}),
    "stop": frozenset({"offset"}),
    "clipPath": frozenset({*_EACH, "clipPathUnits"}),
    "mask": frozenset({"id", *_PLACE, "maskUnits", "maskContentUnits"}),
}
# The picture is the same without them.  Style sheets are read apart, and become attributes.
LEFT_OUT: Final = frozenset({"title", "desc", "metadata", "style"})
ATTRIBUTES_LEFT_OUT: Final = frozenset(
    [
        "baseProfile",
        "class",
        "contentScriptType",
        "contentStyleType",
        "focusable",
        "height",
        "id",
        "lang",
        "name",
        "preserveAspectRatio",
        "role",
        "style",
        "tabindex",
        "version",
        "width",
        "x",
        "y",
        "zoomAndPan",
    ]
)
PAINTS: Final = frozenset({"fill", "stroke", "stop-color", "color"})
LOOKS: Final = frozenset(
    [
        "clip-path",
        "clip-rule",
        "color",
        "display",
        "fill",
        "fill-opacity",
        "fill-rule",
        "mask",
        "opacity",
        "stop-color",
        "stop-opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "visibility",
    ]
)
# Of text, which no logo here holds, and of how exactly a browser is to draw.
_WITHOUT_EFFECT: Final = (
    "-inkscape", "-webkit-", "alignment", "baseline", "block-progression", "color-interpolation", "color-rendering",
    "cursor", "direction", "dominant-baseline", "enable-background", "font", "image-rendering", "inline-size",
    "isolation", "letter-spacing", "line-height", "overflow", "pointer-events", "shape-", "solid-", "text",
    "unicode-bidi", "white-space", "word-spacing", "writing-mode",
)  # fmt: skip
_NEUTRAL: Final = {
    "filter": "none",
    "marker": "none",
    "marker-end": "none",
    "marker-mid": "none",
    "marker-start": "none",
    "mask-type": "luminance",
    "mix-blend-mode": "normal",
    "paint-order": "normal",
    "vector-effect": "none",
}

NAME: Final = re.compile(r"[\w.:-]{1,100}")
FRAGMENT: Final = re.compile(r"#([\w.:-]{1,100})")
NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
PIXELS: Final = re.compile(r"(\d{1,7}(?:\.\d*)?|\.\d+)(?:px)?")
_URL: Final = re.compile(r"""url\(\s*(["']?)#([\w.:-]{1,100})\1\s*\)""")
_NUMBERS: Final = re.compile(r"[0-9eE.,+\-\s]*")
_LENGTH: Final = rf"{NUMBER.pattern}(?:px|pt|pc|mm|cm|in|em|%)?"
_LENGTHS: Final = re.compile(rf"{_LENGTH}(?:[\s,]+{_LENGTH})*")
_PATH: Final = re.compile(r"[MmZzLlHhVvCcSsQqTtAaeE0-9.,+\-\s]*")
_MOVES: Final = re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([0-9eE.,+\-\s]*\)[\s,]*)*")
_WORD: Final = re.compile(r"[A-Za-z-]{1,40}")
_PAINT: Final = re.compile(r"[A-Za-z]{1,40}|#[0-9A-Fa-f]{3,8}|(?:rgb|hsl)a?\([0-9.,%/\s]*(?:deg)?[0-9.,%/\s]*\)")
_PATTERNS: Final = {
    "d": _PATH,
    "points": _NUMBERS,
    "viewBox": _NUMBERS,
    "transform": _MOVES,
    "gradientTransform": _MOVES,
    "id": NAME,
    "href": FRAGMENT,
}


def is_plain(name: str, value: str) -> bool:
    """Tell whether an attribute's value is one that only draws."""
    if name in _PATTERNS:
        return bool(_PATTERNS[name].fullmatch(value.strip()))
    if len(value) > LONGEST_VALUE:
        return False
    if name in PAINTS:
        return bool(_PAINT.fullmatch(value) or (name in {"fill", "stroke"} and _URL.fullmatch(value)))
    if name in {"clip-path", "mask"}:
        return value == "none" or bool(_URL.fullmatch(value))
    return bool(_WORD.fullmatch(value.strip()) or _LENGTHS.fullmatch(value.strip()))


def is_left_out(name: str, value: str) -> bool:
    """Tell whether the picture is the same without an attribute."""
    return name in ATTRIBUTES_LEFT_OUT or name.startswith(("data-", "aria-")) or not matters(name, value)


def matters(name: str, value: str) -> bool:
    """Tell whether the picture may be another one without a property."""
    return not name.startswith(_WITHOUT_EFFECT) and _NEUTRAL.get(name) != value


def target_of(name: str, value: str) -> str | None:
    """Return the id that an attribute refers to."""
    if name == "href":
        fragment = FRAGMENT.fullmatch(value)
        return fragment[1] if fragment else None
    url = _URL.fullmatch(value)
    return url[2] if url else None
