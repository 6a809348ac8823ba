"""The printed pages of the demo clients: none half empty, no heading alone, small, tagged, the same every time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from loyalty_lib.fonts import FAMILY
from loyalty_lib.render import pdf
from tests.finished import fill, ink, pages, words
from tests.pages.conftest import Report

LEAST = 0.35  # of a page that is filled
LARGEST = 500_000  # bytes
CLIENTS = ("cdnow", "fjord")
BLOCKS = ("/H1", "/H2", "/H3", "/H4", "/P", "/LI", "/Caption", "/Figure", "/TR")


@pytest.fixture(params=CLIENTS)
def folder(request: pytest.FixtureRequest, report: Report) -> Path:
    return report(request.param)


def test_no_page_is_nearly_empty_but_the_cover_and_the_last(folder: Path) -> None:
    """Both how far down there is ink, and how much of the page on the way there."""
    measured = [(fill(*page), ink(*page)) for page in pages(folder / "report.pdf")]
    thin = {number: found for number, found in enumerate(measured, start=1) if min(found) < LEAST}
    assert not thin.keys() - {1, len(measured)}, thin


def test_the_measure_tells_an_empty_page_from_a_full_one() -> None:
    """A line at a third of the page fills a third of it, and hardly any of its bands."""
    line = '<div style="position:absolute;top:69mm;height:1mm;width:50mm;background:#000"></div>'
    html = f'<html lang="en"><title>t</title><style>@page{{size:A4;margin:18mm 20mm}}</style><body>{line}'
    ((size, grey),) = pages(pdf(html))
    assert fill(size, grey) == pytest.approx(70 / 261, abs=0.01)
    assert 0 < ink(size, grey) < 0.07


def test_the_short_edition_has_two_pages(report: Report) -> None:
    for client in CLIENTS:
        assert len(list(pages(report(client, edition="short") / "report.pdf"))) == 2, client


def test_the_files_are_small(folder: Path) -> None:
    assert (folder / "report.pdf").stat().st_size < LARGEST
    assert (folder / "report.html").stat().st_size < 2 * LARGEST


def test_no_heading_stands_at_the_foot_of_a_page(folder: Path) -> None:
    """What follows a heading in the order of reading begins on the same page."""
    with pikepdf.open(folder / "report.pdf") as document:
        order = [
            (str(element.S), element.Pg.objgen)
            for element in _elements(document.Root.StructTreeRoot)
            if str(element.S) in BLOCKS and "/Pg" in element
        ]
        number = {page.obj.objgen: place for place, page in enumerate(document.pages, start=1)}
    assert sum(kind in ("/H1", "/H2", "/H3") for kind, _ in order) > 10
    for (kind, page), (_, after) in pairwise(order):
        if kind in ("/H2", "/H3"):
            assert number[page] == number[after], (kind, number[page])


def test_it_is_a_tagged_document_that_names_itself(folder: Path) -> None:
    with pikepdf.open(folder / "report.pdf") as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == {"cdnow": "en", "fjord": "nb"}[folder.parent.name]
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"]
        kinds = list(_elements(root.StructTreeRoot))
        figures = [element for element in kinds if str(element.S) == "/Figure"]
        assert len(figures) > 8
        assert all(len(str(element.get("/Alt", ""))) > 10 for element in figures)
        assert len({str(element.Alt) for element in figures}) == len(figures)
        outline = document.open_outline()
        with outline as bookmarks:
            assert len(bookmarks.root) >= 10
        for page in document.pages:
            assert str(page.get("/Tabs", "")) == "/S"
            for font in page.Resources.get("/Font", {}).values():
                (below,) = font.DescendantFonts
                assert FAMILY.replace(" ", "") in str(font.BaseFont).replace("-", "")
                assert str(font.BaseFont)[7] == "+"  # a subset
                assert "/FontFile2" in below.FontDescriptor or "/FontFile3" in below.FontDescriptor


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def test_every_page_says_where_it_belongs(folder: Path) -> None:
    text = words(folder / "report.pdf")
    for number, page in enumerate(text, start=1):
        assert f"{number} / {len(text)}" in page


def test_the_same_page_prints_the_same_bytes(folder: Path) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert pdf(html) == (folder / "report.pdf").read_bytes()
    with pikepdf.open(io.BytesIO((folder / "report.pdf").read_bytes())) as document:
        assert document.docinfo.get("/CreationDate") is not None
