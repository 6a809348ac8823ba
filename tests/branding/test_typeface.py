"""A client's typeface: what is refused, and that page, charts and print use the same file."""

from __future__ import annotations

import base64
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from loyalty_lib import figures, fonts, i18n
from loyalty_lib.branding import Dressing
from loyalty_lib.branding.typeface import LETTERS, nearest
from loyalty_lib.errors import ConfigError
from loyalty_lib.figures.style import text_width
from loyalty_lib.render import pdf

DEJAVU = Path(mpl.__file__).parent / "mpl-data" / "fonts" / "ttf"
SETS = re.compile(
    r'font-family:"([^"]+)";font-style:normal;font-weight:(\d+);src:url\("data:font/woff2?;base64,([^"]+)"'
)
Dressed = Callable[[str], Dressing]


def square(width: int) -> Any:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((width - 50, 500))
    pen.lineTo((width - 50, 0))
    pen.closePath()
    return pen.glyph()


def made(path: Path, *, without: str = "", usage: int = 0, tabular: bool = False, axis: bool = False) -> None:
    """Write a font of squares: figures of ten widths, and if wanted tabular ones or an axis of weight."""
    letters = [letter for letter in LETTERS if letter not in without]
    names = {letter: f"u{ord(letter):04X}" for letter in letters}
    widths = {".notdef": 500, **dict.fromkeys(names.values(), 500)}
    for digit in "0123456789":
        widths[names[digit]] = 300 + 20 * int(digit)
        if tabular:
            widths[f"{names[digit]}.tnum"] = 520
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(widths))
    builder.setupCharacterMap({ord(letter): name for letter, name in names.items()})
    builder.setupGlyf({name: square(width) for name, width in widths.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200, fsType=usage)
    builder.setupPost()
    if tabular:
        swaps = "".join(f"sub {names[digit]} by {names[digit]}.tnum;" for digit in "0123456789")
        builder.addOpenTypeFeatures(f"feature tnum {{ {swaps} }} tnum;")
    if axis:
        builder.setupFvar([("wght", 300, 400, 800, "Weight")], [])
        builder.setupGvar({name: [] for name in widths})
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.save(path)


def complaint(dressed: Dressed, lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        dressed(lines)
    return str(caught.value)


def rules(css: str) -> dict[tuple[str, int], TTFont]:
    return {
        (family, int(weight)): TTFont(io.BytesIO(base64.b64decode(data))) for family, weight, data in SETS.findall(css)
    }


def test_a_restricted_licence_is_refused(folder: Path, dressed: Dressed) -> None:
    """OpenType 1.9, OS/2 fsType: 2 forbids embedding, 0x100 subsets, 0x200 anything but bitmaps."""
    for usage, words in ((0x002, "forbids embedding"), (0x100, "forbids subsets"), (0x200, "bitmaps alone")):
        made(folder / "brand" / "a.ttf", usage=usage)
        assert words in complaint(dressed, "font: brand/a.ttf")
    for usage in (0x000, 0x004, 0x008):
        made(folder / "brand" / "a.ttf", usage=usage)
        assert dressed("font: brand/a.ttf").typeface


def test_missing_letters_are_listed(folder: Path, dressed: Dressed) -> None:
    made(folder / "brand" / "a.ttf", without="åØ€\u00a0")
    said = complaint(dressed, "font: {regular: brand/a.ttf}")
    assert "Ø å" in said
    assert "U+00A0" in said
    assert "€" in said


@pytest.mark.parametrize("language", ["nb", "sv", "da", "fi"])
def test_the_letters_of_every_catalogue_are_asked_for(language: str) -> None:
    """What a catalogue writes beyond these letters is a mark that the house's typeface lends."""
    path = Path(i18n.__file__).parent / f"{language}.po"
    if not path.exists():
        pytest.skip(f"there is no catalogue {language}")
    written = {letter for letter in path.read_text(encoding="utf-8") if letter.isalpha()}
    assert {letter for letter in written - set(LETTERS) if ord(letter) not in fonts.CODES} == set()
    assert written - set(LETTERS) <= set("àáèêëíóôúüý×½²šžŠŽçñÈÀÜ")


def test_files_that_are_no_fonts_are_told_all_at_once(folder: Path, dressed: Dressed) -> None:
    (folder / "brand" / "a.ttf").write_bytes(b"no font at all")
    shutil.copy(DEJAVU / "DejaVuSans.ttf", folder / "brand" / "b.ttf")
    data = (folder / "brand" / "b.ttf").read_bytes()
    (folder / "brand" / "b.ttf").write_bytes(data[: len(data) // 3])
    (folder / "brand" / "c.ttf").write_bytes(b"ttcf" + data[4:400])
    said = complaint(dressed, "font: {regular: brand/a.ttf, semibold: brand/b.ttf, bold: brand/c.ttf}")
    for name, words in (("a.ttf", "no font"), ("b.ttf", "no font"), ("c.ttf", "collection")):
        assert f"brand/{name}" in said
        assert words in said
    (folder / "brand" / "d.ttf").write_bytes(data)
    assert "line 8: 'brand.font.bold'" in complaint(dressed, "font: {regular: brand/d.ttf,\n bold: brand/missing.ttf}")


def test_a_missing_weight_is_the_nearest_given() -> None:
    here = Path()
    assert [nearest(weight, {400: here}) for weight in (400, 600, 700)] == [400, 400, 400]
    assert [nearest(weight, {400: here, 700: here}) for weight in (400, 600, 700)] == [400, 700, 700]
    assert [nearest(weight, {400: here, 600: here}) for weight in (400, 600, 700)] == [400, 600, 600]


def test_tabular_figures_become_the_fonts_own_for_page_and_charts(folder: Path, dressed: Dressed) -> None:
    made(folder / "brand" / "a.ttf", tabular=True)
    face = dressed("font: brand/a.ttf").typeface
    assert face
    figures.style(typeface=face)
    assert {round(text_width(digit, 100), 1) for digit in "0123456789"} == {52.0}
    page = rules(fonts.css(face))[face.name, 400]
    cmap = page.getBestCmap()
    assert {page["hmtx"][cmap[ord(digit)]][0] for digit in "0123456789"} == {520}


def test_a_variable_font_is_set_to_each_weight(folder: Path, dressed: Dressed) -> None:
    made(folder / "brand" / "a.ttf", axis=True)
    face = dressed("font: brand/a.ttf").typeface
    assert face
    weights = {weight: TTFont(path) for weight, path in face.files}
    assert {weight: font["OS/2"].usWeightClass for weight, font in weights.items()} == {400: 400, 600: 600, 700: 700}
    assert not [weight for weight, font in weights.items() if "fvar" in font]


def test_woff2_is_unpacked_for_charts(folder: Path, dressed: Dressed) -> None:
    with TTFont(DEJAVU / "DejaVuSans.ttf") as font:
        font.flavor = "woff"
        font.save(folder / "brand" / "a.woff")
    face = dressed("font: brand/a.woff").typeface
    assert face
    assert TTFont(face.files[0][1]).flavor is None
    figures.style(typeface=face)
    measured = text_width("Ærlig 1 234 kr", 20)
    made_of_ttf = fonts.Typeface(family="T", files=((400, DEJAVU / "DejaVuSans.ttf"),), own="test")
    figures.style(typeface=made_of_ttf)
    assert measured == pytest.approx(text_width("Ærlig 1 234 kr", 20), abs=0.01)


def test_what_the_font_cannot_write_the_houses_typeface_does(folder: Path, dressed: Dressed) -> None:
    made(folder / "brand" / "a.ttf")
    look = dressed("font: brand/a.ttf")
    assert look.typeface
    found = rules(look.font_css)
    assert {family for family, _ in found} == {look.typeface.name, fonts.FAMILY}
    lent = set(found[fonts.FAMILY, 400].getBestCmap())
    assert {0x25B2, 0x2264, 0x202F} <= lent
    assert not lent & {ord(letter) for letter in LETTERS}
    assert look.families == f"'{look.typeface.name}','Source Sans Pro',sans-serif"


def test_the_same_files_give_the_same_css(folder: Path, dressed: Dressed) -> None:
    made(folder / "brand" / "a.ttf", tabular=True)
    assert dressed("font: brand/a.ttf").font_css == dressed("font: brand/a.ttf").font_css


def test_one_clients_typeface_does_not_stay_for_the_next(folder: Path, dressed: Dressed) -> None:
    figures.style()
    before = text_width("Active customers", 10)
    made(folder / "brand" / "a.ttf")
    face = dressed("font: brand/a.ttf").typeface
    figures.style(typeface=face)
    assert text_width("Active customers", 10) != pytest.approx(before, abs=1)
    figures.style()
    assert text_width("Active customers", 10) == before
    assert list(mpl.rcParams["font.family"]) == [fonts.FAMILY]


def test_charts_text_and_print_are_set_in_the_clients_typeface(folder: Path, dressed: Dressed) -> None:
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        shutil.copy(DEJAVU / name, folder / "brand" / name)
    look = dressed("font: {regular: brand/DejaVuSans.ttf, bold: brand/DejaVuSans-Bold.ttf}")
    assert look.typeface
    figures.style(look.accent, look.second, look.typeface)
    axes = Figure(figsize=(4, 2)).add_subplot()
    axes.set_title("Active customers", weight=600)
    svg = figures.to_svg(axes, "chart", "A chart")
    assert f"'{look.typeface.name}'" in svg
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title><style>{look.font_css}'
        f"body{{font-family:{look.families}}}</style></head><body><h1>Text ▲</h1><p>Text</p>{svg}</body></html>"
    )
    with pikepdf.open(io.BytesIO(pdf(page))) as printed:
        used = {str(font.BaseFont) for one in printed.pages for font in one.resources.get("/Font", {}).values()}
    assert used
    assert all(look.typeface.name.replace(" ", "-") in name for name in used), used
