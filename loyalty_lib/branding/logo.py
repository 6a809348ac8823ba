"""A client's logo, from a PNG or SVG file to a ``data:`` URI that is a picture and nothing else.

A PNG is decoded and written anew: metadata, profiles and whatever follows the picture are gone, and it is no larger
than the place it stands in needs in print.  An SVG is written anew by ``svg.clean``.  The same file gives the same URI.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loyalty_lib.branding.svg import REMEDY, PictureError, clean
from loyalty_lib.errors import Problem

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

LARGEST: Final = 4 * 1024 * 1024  # bytes of a PNG
LONGEST: Final = 4000  # pixels
DOTS: Final = 300 / 25.4  # a millimetre, in print
PLACE: Final = (60, 14)  # millimetres, width and height on the cover; ``.logo`` of report.css
PNG: Final = b"\x89PNG\r\n\x1a\n"
KINDS: Final = {
    b"\x1f\x8b": "a packed SVG (svgz)",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"%!PS": "a PostScript drawing",
    b"RIFF": "a WebP picture",
}


def logo_uri(path: Path) -> str:
    """Return a logo as a ``data:`` URI.

    Parameters
    ----------
    path
        A PNG or SVG file; which of them, its contents tell.

    Returns
    -------
    str
        "data:image/png;base64,..." or "data:image/svg+xml;base64,...".

    Raises
    ------
    PictureError
        If it is neither, or holds what is refused.
    OSError
        If it cannot be read.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise PictureError([(None, f"{size:,} bytes, more than {LARGEST:,}")])
    data = path.read_bytes()
    if data.startswith(PNG):
        return _uri("png", _png(data))
    other = next((kind for mark, kind in KINDS.items() if data.startswith(mark)), None)
    if other:
        raise PictureError([(None, f"{other}, neither PNG nor SVG")])
    return _uri("svg+xml", clean(data).encode())


def problems_of(path: Path, error: PictureError) -> list[Problem]:
    """Say what is wrong with a logo."""
    expected = "a picture of shapes alone" if any(line for line, _ in error.found) else "a PNG or SVG picture"
    return [
        Problem(
            file=str(path),
            lines=(line,) if line else (),
            count=1,
            value=name,
            expected=expected,
            remedy=REMEDY,
        )
        for line, name in error.found
    ]


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _png(data: bytes) -> bytes:
    from PIL import Image

    # As its header says; Pillow would decode what it says first and complain of it later.
    sides = [int.from_bytes(data[place : place + 4], "big") for place in (16, 20)]
    if max(sides) > LONGEST:
        raise PictureError([(None, f"{sides[0]:,} × {sides[1]:,} pixels, more than {LONGEST:,}")])
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            _refuse_odd(picture)
            shown = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except PictureError:
        raise
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError([(None, f"a PNG that cannot be read ({error})")]) from None
    width, height = PLACE
    shown.thumbnail((round(width * DOTS), round(height * DOTS)), Image.Resampling.LANCZOS)
    shown.info.clear()
    written = io.BytesIO()
    shown.save(written, format="PNG", optimize=True)
    return written.getvalue()


def _refuse_odd(picture: Picture) -> None:
    """Refuse what would not look the same."""
    if getattr(picture, "is_animated", False):
        raise PictureError([(None, "a PNG that moves")])
    if picture.mode.startswith("I"):
        raise PictureError([(None, "a PNG of 16 bits a pixel; 8 a channel can be shown")])
