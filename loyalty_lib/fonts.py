"""The report's typeface: Source Sans Pro 400, 600 and 700, from the installed package ``font_source_sans_pro``.

Text, tables and charts use the same files: ``css`` gives them to the page as embedded subsets, ``register`` to
matplotlib, so that a label measured by matplotlib has the same width on the page.  Figures of this typeface are tabular
by default.  Same fonts, same fontTools: same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from loyalty_lib.errors import MissingToolError

FAMILY: Final = "Source Sans Pro"
PACKAGE: Final = "font_source_sans_pro"
FILES: Final = {400: "SourceSansPro-Regular.ttf", 600: "SourceSansPro-Semibold.ttf", 700: "SourceSansPro-Bold.ttf"}
# What reports in the five languages write, and what client and customer segment names in Europe may hold.
CHARACTERS: Final = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1, Latin Extended-A
    (0x2002, 0x200A),  # spaces of fixed width
    (0x2010, 0x2027),  # hyphens, dashes, quotation marks, bullet, ellipsis
    (0x202F, 0x203A),  # narrow no-break space, per mille, single guillemets
    (0x20A0, 0x20BF),  # currency signs
    (0x2190, 0x2193),  # arrows
    (0x2212, 0x2212),  # minus
    (0x2248, 0x2265),  # almost equal, not equal, at most, at least
    (0x25B2, 0x25CF),  # triangles and dots that mark changes
)
FEATURES: Final = ("ccmp", "kern", "lnum", "mark", "mkmk", "tnum")
NAMES: Final = (0, 1, 2, 13, 14)  # copyright, family, style, licence: the licence stays with the font
RECIPE: Final = 1  # raise when the subset is made in another way: caches of the old way are then left alone


def font_files() -> dict[int, Path]:
    """Find the font files.

    Returns
    -------
    dict of int to Path
        TrueType file by weight: 400, 600, 700.

    Raises
    ------
    MissingToolError
        If the package of the typeface is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)  # found, never imported: its code has nothing for us
    folders = spec.submodule_search_locations if spec else None
    files = {weight: Path(folder) / "files" / name for folder in folders or () for weight, name in FILES.items()}
    missing = [str(path) for path in files.values() if not path.exists()]
    if not files or missing:
        found = f"{', '.join(missing)} not found" if missing else f"Python package {PACKAGE} not found"
        message = f"Typeface {FAMILY}: {found}. Install it with: pip install font-source-sans-pro"
        raise MissingToolError(message)
    return files


@cache
def register() -> None:
    """Make the typeface known to matplotlib as one family of three weights; once a process."""
    from matplotlib.font_manager import FontEntry, fontManager

    for weight, path in font_files().items():
        # Older matplotlib files the semibold under a family of its own, so that weight 600 would never be found ...
        fontManager.ttflist.append(FontEntry(fname=str(path), name=FAMILY, weight=weight))
        # ... and only ``addfont`` makes it forget the look-ups that failed before.
        fontManager.addfont(path)


def css() -> str:
    """Write the typeface as CSS.

    Returns
    -------
    str
        One ``@font-face`` rule a weight, each with its subset as a ``data:`` URI: no request, no file beside the page.

    Raises
    ------
    MissingToolError
        If the package of the typeface is not installed.
    """
    return "\n".join(_rules())


def _rules() -> Iterator[str]:
    flavor = _flavor()
    for weight, path in font_files().items():
        data = base64.b64encode(_cached_subset(path, flavor)).decode("ascii")
        yield (
            f'@font-face{{font-family:"{FAMILY}";font-style:normal;font-weight:{weight};'
            f'src:url("data:font/{flavor};base64,{data}") format("{flavor}")}}'
        )


def _flavor() -> str:
    """Return the smallest web format that can be written here: WOFF2 needs a Brotli encoder."""
    return "woff2" if any(importlib.util.find_spec(name) for name in ("brotli", "brotlicffi")) else "woff"


def _cached_subset(path: Path, flavor: str) -> bytes:
    """Return the subset from the user's cache, or make it and keep it there; without a cache it is made every time."""
    font = path.read_bytes()
    kept = _cache_folder() / f"{_fingerprint(font, flavor)}.{flavor}"
    try:
        return kept.read_bytes()
    except OSError:
        subset = _subset(path, flavor)
    try:
        _keep(kept, subset)
    except OSError:  # a read-only home costs two seconds a report, not the report
        return subset
    return subset


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "loyalty-report" / "fonts"


def _fingerprint(font: bytes, flavor: str) -> str:
    """Name a subset by everything that its bytes depend on."""
    import fontTools

    recipe = repr((RECIPE, CHARACTERS, FEATURES, NAMES, flavor, fontTools.version))
    return hashlib.sha256(recipe.encode() + font).hexdigest()[:32]


def _keep(target: Path, data: bytes) -> None:
    """Write through a temporary file, so that another process never reads half a font."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(temporary).replace(target)


def _subset(path: Path, flavor: str) -> bytes:
    from fontTools import subset

    options = subset.Options(
        flavor=flavor,
        layout_features=list(FEATURES),
        name_IDs=list(NAMES),
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in CHARACTERS for code in range(first, last + 1)])
    written = io.BytesIO()
    with subset.load_font(str(path), options) as font:
        subsetter.subset(font)
        subset.save_font(font, written, options)
    return written.getvalue()
