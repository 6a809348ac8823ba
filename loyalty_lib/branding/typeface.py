"""A client's typeface, from font files to a ``fonts.Typeface`` that page and charts can use.

Each file is opened, prepared and subset here, so that whatever is wrong with it is said before a report is begun: no
font, no letters of the five languages, a licence that forbids embedding.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loyalty_lib import fonts
from loyalty_lib.config.brand import BrandFont
from loyalty_lib.errors import Problem

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

LARGEST: Final = 10 * 1024 * 1024  # bytes
# What no report in the five languages can be written without; marks, arrows and rare spaces the house's typeface lends.
LETTERS: Final = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ÅÄÆÉÖØåäæéöø \u00a0!%&'()+,-./:;=?§«»·–—‘’“”…−€£"
)
# Bits of fsType in the table OS/2 (OpenType 1.9): who may embed the font, and how.
USAGE: Final = 0x000F
RESTRICTED: Final = 0x0002
LESS_STRICT: Final = 0x0004 | 0x0008  # preview and print, editable; in old fonts they may stand beside the first
NO_SUBSETS: Final = 0x0100
BITMAPS_ALONE: Final = 0x0200
EXCLUSIVE: Final = 3  # the version of the table from which on only one usage may be set


class FontError(ValueError):
    """A font that is refused; its text says why, as "found, expected"."""


def typeface_of(font: BrandFont, folder: Path) -> tuple[fonts.Typeface | None, list[Problem]]:
    """Make a typeface of a client's font files.

    Parameters
    ----------
    font
        The files' names.
    folder
        The client's folder.

    Returns
    -------
    typeface, problems
        ``None`` where there are problems.
    """
    given = {400: font.regular, 600: font.semibold, 700: font.bold}
    paths = {weight: folder / name for weight, name in given.items() if name}
    problems = [problem for path in dict.fromkeys(paths.values()) for problem in _problems(path)]
    if problems:
        return None, problems
    files = tuple((weight, fonts.ready(paths[nearest(weight, paths)], weight)) for weight in given)
    content = b"".join(path.read_bytes() for _, path in files)
    own = hashlib.sha256(content).hexdigest()[:6]
    return fonts.Typeface(family=_family(files[0][1]), files=files, own=own), []


def nearest(weight: int, given: dict[int, Path]) -> int:
    """Return the weight that stands for ``weight``: the nearest given, of two the heavier."""
    return min(given, key=lambda one: (abs(one - weight), -one))


def _problems(path: Path) -> Iterator[Problem]:
    from fontTools.ttLib import TTLibError

    # What fontTools lets pass when tables are cut short or nonsense.
    damaged = (TTLibError, ValueError, KeyError, IndexError, AttributeError, TypeError, EOFError, AssertionError)
    try:
        if path.stat().st_size > LARGEST:
            found = f"{path.stat().st_size:,} bytes; a font of at most {LARGEST:,}"
        else:
            found = _fault(path)
    except FontError as error:
        found = str(error)
    except OSError as error:
        found = f"{error.strerror or error}; a font file"
    except ImportError:
        found = "WOFF2, which cannot be unpacked here; TTF or OTF"
    except (*damaged, struct.error) as error:
        found = f"no font that can be read ({error or type(error).__name__}); a font as TTF, OTF or WOFF2"
    if found:
        value, _, expected = found.partition("; ")
        yield Problem(file=str(path), value=value, expected=expected, remedy="Give another file as brand.font.")


def _fault(path: Path) -> str:
    """Return what is wrong with a font, or nothing; read, prepare and subset it as a report will."""
    from fontTools.ttLib import TTFont

    content = path.read_bytes()
    if content.startswith(b"ttcf"):
        return "a collection of fonts; a file of one font"
    with TTFont(io.BytesIO(content), lazy=True) as font:  # a file that is no font would stay open
        fault = _forbidden(font) or _without_letters(font)
    if not fault:
        made = fonts.ready(path, 400)
        fonts.css(fonts.Typeface(family=_family(made), files=((400, made),), own="tried"))
    return fault


def _forbidden(font: TTFont) -> str:
    if not {"OS/2", "cmap", "head", "hmtx", "name"} <= set(font.keys()) or not {"glyf", "CFF "} & set(font.keys()):
        return "a font without outlines or without its tables; a font as TTF, OTF or WOFF2"
    table = font["OS/2"]
    usage = table.fsType & USAGE
    if usage & RESTRICTED and (table.version >= EXCLUSIVE or not usage & LESS_STRICT):
        return "a font whose licence forbids embedding (OS/2 fsType); one that may be embedded"
    if table.fsType & NO_SUBSETS:
        return "a font whose licence forbids subsets (OS/2 fsType); one that may be embedded in part"
    if table.fsType & BITMAPS_ALONE:
        return "a font whose licence allows bitmaps alone (OS/2 fsType); one that may be embedded"
    return ""


def _without_letters(font: TTFont) -> str:
    known = font.getBestCmap() or {}
    missing = [letter for letter in LETTERS if ord(letter) not in known]
    if not missing:
        return ""
    named = " ".join(letter if letter.strip() else f"U+{ord(letter):04X}" for letter in missing)
    return f"a font without {named}; one with the letters and signs of English, Norwegian, Swedish, Danish and Finnish"


def _family(path: Path) -> str:
    """Return what the font calls itself, in letters that need no quoting."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        name = str(font["name"].getBestFamilyName() or "")
    return re.sub(r"[^\w .-]+", "", name, flags=re.ASCII).strip()[:40] or "Font"
