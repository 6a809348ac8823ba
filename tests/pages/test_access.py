"""PDF/UA-1 by machine, on the demo clients’ reports: what of the Matterhorn Protocol 1.1 a program can decide.

Numbers in the tests' words are those of its checkpoints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from tests.pages.conftest import Report

PAINTING = frozenset(["f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Tj", "TJ", "'", '"', "Do", "EI"])
HEADINGS = ("/H1", "/H2", "/H3", "/H4", "/H5", "/H6")
# Which elements may stand directly below which (ISO 32000-1, 14.8.4).
PARENTS = {
    "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/LI": {"/L"},
    "/Lbl": {"/LI", "/Note"},
    "/LBody": {"/LI"},
}


@pytest.fixture(params=["cdnow", "fjord"])
def document(request: pytest.FixtureRequest, report: Report) -> Iterator[pikepdf.Pdf]:
    folder: Path = report(request.param)
    with pikepdf.open(folder / "report.pdf") as opened:
        yield opened


def kids_of(node: pikepdf.Object) -> list[pikepdf.Object]:
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def elements(node: pikepdf.Object, above: str = "/StructTreeRoot") -> Iterator[tuple[pikepdf.Object, str]]:
    """Yield every structure element and the kind of the one above it, in the order of reading."""
    for kid in kids_of(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid, above
            yield from elements(kid, str(kid.S))


def test_all_that_is_painted_is_tagged_or_an_artifact(document: pikepdf.Pdf) -> None:
    """01-003 to 01-005: no mark on a page outside marked content; no content tagged and artifact at once."""
    for number, page in enumerate(document.pages, start=1):
        open_tags: list[str] = []
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                open_tags.append(str(operands[0]))
                assert not ("/Artifact" in open_tags[:-1] and name == "BDC" and "/MCID" in (operands[1] or {})), number
            elif name == "EMC":
                open_tags.pop()
            elif name in PAINTING:
                assert open_tags, (number, name)
        assert not open_tags


def test_every_marked_content_belongs_to_one_element(document: pikepdf.Pdf) -> None:
    """01-006: what carries an identifier on a page is in the structure tree, once."""
    claimed: Counter[tuple[tuple[int, int], int]] = Counter()
    for element, _ in elements(document.Root.StructTreeRoot):
        for kid in kids_of(element):
            if isinstance(kid, pikepdf.Dictionary) and str(kid.get("/Type", "")) == "/MCR":
                claimed[kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)] += 1
            elif not isinstance(kid, pikepdf.Dictionary):
                claimed[element.Pg.objgen, int(kid)] += 1
    assert claimed
    assert set(claimed.values()) == {1}
    for page in document.pages:
        on_page = {
            int(operands[1].MCID)
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]
        }
        assert on_page == {mcid for owner, mcid in claimed if owner == page.obj.objgen}


def test_elements_stand_where_they_may(document: pikepdf.Pdf) -> None:
    """09-004 to 09-008: rows in tables, cells in rows, items in lists."""
    kinds = Counter()
    for element, above in elements(document.Root.StructTreeRoot):
        kind = str(element.S)
        kinds[kind] += 1
        assert above in PARENTS.get(kind, {above}), (kind, above)
    assert kinds["/Table"] > 8
    assert kinds["/L"] > 3


def test_headings_begin_with_the_first_and_skip_no_level(document: pikepdf.Pdf) -> None:
    """14-002, 14-003."""
    levels = [int(str(e.S)[2]) for e, _ in elements(document.Root.StructTreeRoot) if str(e.S) in HEADINGS]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_tables_are_whole_and_their_headers_say_of_what(document: pikepdf.Pdf) -> None:
    """15-003 and 15-005: header cells have a scope; the rows of a table have as many cells as each other."""
    for table in (e for e, _ in elements(document.Root.StructTreeRoot) if str(e.S) == "/Table"):
        widths, scopes = set(), set()
        for row in (e for e, _ in elements(table) if str(e.S) == "/TR"):
            cells = [cell for cell in kids_of(row) if str(cell.get("/S", "")) in ("/TH", "/TD")]
            widths.add(len(cells))
            scopes |= {_attribute(cell, "/Scope") for cell in cells if str(cell.S) == "/TH"}
        assert len(widths) == 1
        assert scopes == {"/Column", "/Row"}


def _attribute(element: pikepdf.Object, name: str) -> str | None:
    found = element.get("/A", [])
    for one in found if isinstance(found, pikepdf.Array) else [found]:
        if name in one:
            return str(one[name])
    return None


def test_pictures_say_what_they_show(document: pikepdf.Pdf) -> None:
    """13-004: every figure has an alternative text, and none is the text beside it."""
    figures = [e for e, _ in elements(document.Root.StructTreeRoot) if str(e.S) == "/Figure"]
    assert figures
    assert all(str(figure.get("/Alt", "")).strip() for figure in figures)


def test_links_are_tagged_and_described(document: pikepdf.Pdf) -> None:
    """28-002, 28-004, 28-011: annotations stand in Link elements and have words of their own."""
    links = [e for e, _ in elements(document.Root.StructTreeRoot) if str(e.S) == "/Link"]
    tagged = {
        kid.Obj.objgen
        for link in links
        for kid in kids_of(link)
        if isinstance(kid, pikepdf.Dictionary) and "/Obj" in kid
    }
    annotations = [annotation for page in document.pages for annotation in page.get("/Annots", [])]
    assert annotations
    for annotation in annotations:
        assert str(annotation.Subtype) == "/Link"
        assert annotation.objgen in tagged
        assert str(annotation.get("/Contents", "")).strip()


def test_the_document_says_what_it_is(document: pikepdf.Pdf) -> None:
    """06-002 to 07-001, 11-001: identifier, title shown, language; 05-001: nothing hidden in layers or scripts."""
    root = document.Root
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].strip()
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(root.Lang)
    assert not {"/OCProperties", "/AA", "/OpenAction", "/AcroForm"} & set(root.keys())
    assert not document.is_encrypted


def test_every_character_can_be_read_aloud(document: pikepdf.Pdf) -> None:
    """10-001, 31-001 to 31-027: fonts are embedded, and map every glyph to characters."""
    fonts = {font.objgen: font for page in document.pages for font in page.Resources.get("/Font", {}).values()}
    assert fonts
    for font in fonts.values():
        assert "/ToUnicode" in font
        (below,) = font.DescendantFonts
        assert {"/FontFile2", "/FontFile3"} & set(below.FontDescriptor.keys())
