"""The report's typefaces: Source Sans Pro, which is the house's, or a client's own from files.

Text, tables and charts use the same files: ``css`` gives them to the page as embedded subsets, ``register`` to
matplotlib, so that a label measured by matplotlib has the same width on the page.  Figures are tabular.  What a
client's typeface cannot write, the house's does.  Same fonts, same fontTools: same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loyalty_lib.errors import MissingToolError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

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
CODES: Final = frozenset(code for first, last in CHARACTERS for code in range(first, last + 1))
FEATURES: Final = ("ccmp", "kern", "lnum", "mark", "mkmk", "tnum")
FIGURES: Final = ("lnum", "tnum")  # figures of one height, then of one width
NAMES: Final = (0, 1, 2, 13, 14)  # copyright, family, style, licence: the licence stays with the font
TABLES: Final = frozenset(  # what a page needs of a font
    (
        "CFF ",
        *[
            "GDEF",
            "GPOS",
            "GSUB",
            "OS/2",
            "cmap",
            "glyf",
            "head",
            "hhea",
            "hmtx",
            "kern",
            "loca",
            "maxp",
            "name",
            "post",
        ],
    )
)
RECIPE: Final = 2  # raise when the subset is made in another way: caches of the old way are then left alone


@dataclass(frozen=True, kw_only=True)
class Typeface:
    """A family of three weights.

    Attributes
    ----------
    family
        As the font calls itself.
    files
        A TrueType or OpenType file for each of the weights 400, 600 and 700, ready to use (``ready``).
    own
        Tells a client's typeface from any other of the same name; empty for the house's.
    """

    family: str
    files: tuple[tuple[int, Path], ...]
    own: str = ""

    @property
    def name(self) -> str:
        """The family's name on the page and in charts: that of no other font, on whatever machine."""
        return f"{self.family} {self.own}".rstrip()

    @property
    def names(self) -> tuple[str, ...]:
        """The families in which text is set, the first that has the character."""
        return (self.name, FAMILY) if self.own else (FAMILY,)


def font_files() -> dict[int, Path]:
    """Find the files of the house's typeface.

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


def house() -> Typeface:
    """Return the house's typeface.

    Raises
    ------
    MissingToolError
        If its package is not installed.
    """
    return Typeface(family=FAMILY, files=tuple(font_files().items()))


@cache
def register(typeface: Typeface) -> None:
    """Make a typeface known to matplotlib as one family of three weights; once a process."""
    from matplotlib.font_manager import FontEntry, fontManager

    for weight, path in typeface.files:
        # By hand: older matplotlib files a semibold under a family of its own, so that weight 600 would never be found.
        fontManager.ttflist.append(FontEntry(fname=str(path), name=typeface.name, weight=weight))
        # Only ``addfont`` makes it forget the look-ups that failed before.
        if not typeface.own:
            fontManager.addfont(path)


def stack(names: Sequence[str]) -> str:
    """Return families as CSS wants them, also within a drawing: without spaces between, which WeasyPrint keeps."""
    return ",".join([*(f"'{name}'" for name in names), "sans-serif"])


def css(typeface: Typeface | None = None) -> str:
    """Write a typeface as CSS.

    Parameters
    ----------
    typeface
        By default the house's.

    Returns
    -------
    str
        One ``@font-face`` rule a weight, each with its subset as a ``data:`` URI: no request, no file beside the page.
        After a client's typeface follow the characters that it does not have, in the house's.

    Raises
    ------
    MissingToolError
        If the package of the house's typeface is not installed.
    """
    if typeface is None or not typeface.own:
        return "\n".join(_rules(typeface or house(), CODES))
    missing = CODES - frozenset.intersection(*(characters(path) for _, path in typeface.files))
    rest = _rules(house(), missing) if missing else ()
    return "\n".join([*_rules(typeface, CODES - missing), *rest])


def _rules(typeface: Typeface, codes: Collection[int]) -> Iterator[str]:
    flavor = _flavor()
    for weight, path in typeface.files:
        data = base64.b64encode(_cached_subset(path, flavor, codes)).decode("ascii")
        yield (
            f'@font-face{{font-family:"{typeface.name}";font-style:normal;font-weight:{weight};'
            f'src:url("data:font/{flavor};base64,{data}") format("{flavor}")}}'
        )


def _flavor() -> str:
    """Return the smallest web format that can be written here: WOFF2 needs a Brotli encoder."""
    return "woff2" if any(importlib.util.find_spec(name) for name in ("brotli", "brotlicffi")) else "woff"


def _cached_subset(path: Path, flavor: str, codes: Collection[int]) -> bytes:
    """Return the subset from the user's cache, or make it and keep it there; without a cache it is made every time."""
    kept = _cache_folder() / f"{_fingerprint(path.read_bytes(), flavor, codes)}.{flavor}"
    try:
        return kept.read_bytes()
    except OSError:
        subset = _subset(path, flavor, codes)
    try:
        _keep(kept, subset)
    except OSError:  # a read-only home costs two seconds a report, not the report
        return subset
    return subset


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "loyalty-report" / "fonts"


@cache
def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that lasts as long as this process."""
    return tempfile.TemporaryDirectory(prefix="loyalty-fonts-")


def _fingerprint(font: bytes, *made: object) -> str:
    """Name what is made of a font by everything that its bytes depend on."""
    import fontTools

    parts = [sorted(part) if isinstance(part, (set, frozenset)) else part for part in made]
    recipe = repr((RECIPE, FEATURES, NAMES, fontTools.version, *parts))
    return hashlib.sha256(recipe.encode() + font).hexdigest()[:32]


def _keep(target: Path, data: bytes) -> None:
    """Write through a temporary file, so that another process never reads half a font."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(temporary).replace(target)


def _subset(path: Path, flavor: str, codes: Collection[int]) -> bytes:
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
    subsetter.populate(unicodes=codes)
    written = io.BytesIO()
    with subset.load_font(str(path), options) as font:
        for table in set(font.keys()) - TABLES - {"GlyphOrder"}:
            del font[table]
        subsetter.subset(font)
        subset.save_font(font, written, options)
    return written.getvalue()


def characters(path: Path) -> frozenset[int]:
    """Return the code points that a font can write."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def ready(path: Path, weight: int) -> Path:
    """Make a client's font file ready: static, of a weight, unpacked, its figures tabular and of one height.

    Parameters
    ----------
    path
        TTF, OTF, WOFF or WOFF2, static or variable.
    weight
        What a variable font is set to, as far as its axis goes.

    Returns
    -------
    Path
        The file itself where it is all that; else a file in the user's cache.
    """
    from fontTools.ttLib import TTFont

    name = f"{_fingerprint(path.read_bytes(), 'ready', weight)}.ttf"
    kept = _cache_folder() / name
    if kept.exists():
        return kept
    with TTFont(path, recalcTimestamp=False) as font:
        changed = [font.flavor is not None, _fix_weight(font, weight), _set_figures(font)]
        if not any(changed):
            return path
        font.flavor = None
        written = io.BytesIO()
        font.save(written)
    try:
        _keep(kept, written.getvalue())
    except OSError:  # a read-only home
        kept = Path(_scratch_folder().name) / name
        _keep(kept, written.getvalue())
    return kept


def _fix_weight(font: TTFont, weight: int) -> bool:
    """Make an instance of a variable font."""
    if "fvar" not in font:
        return False
    from fontTools.varLib.instancer import instantiateVariableFont

    place = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
    for axis in font["fvar"].axes:
        if axis.axisTag == "wght":
            place["wght"] = min(max(weight, axis.minValue), axis.maxValue)
    instantiateVariableFont(font, place, inplace=True)
    return True


def _set_figures(font: TTFont) -> bool:
    """Let every character stand for its lining and tabular form, where the font has one.

    The page could ask for them; matplotlib and drawings in a PDF could not, and would measure and set other figures.
    """
    changed = False
    for feature in FIGURES:
        forms = _forms(font, feature)
        for table in font["cmap"].tables:
            for code, glyph in table.cmap.items():
                if glyph in forms:
                    table.cmap[code] = forms[glyph]
                    changed = True
    return changed


def _forms(font: TTFont, feature: str) -> dict[str, str]:
    """Return which glyph a feature puts in the place of which."""
    table = font["GSUB"].table if "GSUB" in font else None
    if table is None or not table.FeatureList or not table.LookupList:
        return {}
    forms: dict[str, str] = {}
    records = [record for record in table.FeatureList.FeatureRecord if record.FeatureTag == feature]
    for index in sorted({index for record in records for index in record.Feature.LookupListIndex}):
        for part in table.LookupList.Lookup[index].SubTable:
            forms.update(getattr(getattr(part, "ExtSubTable", part), "mapping", None) or {})
    return {glyph: form for glyph, form in forms.items() if isinstance(form, str)}
