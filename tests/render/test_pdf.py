"""The PDF: tagged, complete, the same every time, and closed to the outside."""

from __future__ import annotations

import io
import platform
import re
import sys

import pikepdf
import pytest

from loyalty_lib import present, render
from loyalty_lib.errors import MissingToolError, ReportError


@pytest.fixture(scope="module")
def kept():
    """Keep the PDF of the module's report: every test reads the same one."""
    return {}


@pytest.fixture
def printed(report, kept):
    if not kept:
        kept["html"] = render.page_html(report)
        kept["pdf"] = render.pdf(kept["html"])
    return kept["pdf"]


@pytest.fixture
def document(printed):
    with pikepdf.open(io.BytesIO(printed)) as opened:
        yield opened


def elements(node):
    """Yield every structure element below ``node``."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_it_declares_pdf_ua_with_language_title_author_and_tags(document):
    root = document.Root
    assert str(root.Lang) == "en"
    assert root.MarkInfo.Marked
    assert root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Customer loyalty, Acme Sports, 2024-Q4"
    assert str(document.docinfo["/Author"]) == "Fjord Insight"
    assert str(document.docinfo["/CreationDate"]).startswith("D:20241231")


def test_figures_carry_their_alternative_text_and_tables_their_headers(document):
    found = list(elements(document.Root.StructTreeRoot))
    kinds = [str(element.S) for element in found]
    alts = [str(element.Alt) for element in found if element.S == "/Figure"]
    assert alts == [f"Description of {name}" for name in ("kpis", "cohorts", "rfm")]
    assert kinds.count("/Table") == 4
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Caption", "/TH", "/TD", "/Sect"} <= set(kinds)
    assert all(element.A.Headers for element in found if element.S == "/TD")


def test_bookmarks_are_the_title_and_the_sections(document):
    with document.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles == ["Customer loyalty", "Key figures", "Cohorts", "Segments", "Method", "Detailed tables"]


def test_fonts_are_embedded_subsets_of_the_houses_typeface(document):
    fonts = {str(font.BaseFont): font for page in document.pages for font in page.resources.get("/Font", {}).values()}
    assert {re.sub(r"^/[A-Z]{6}\+", "", name) for name in fonts} == {
        "Source-Sans-Pro", "Source-Sans-Pro-Semi-Bold", "Source-Sans-Pro-Bold",
    }  # fmt: skip
    for font in fonts.values():
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_nothing_is_attached_and_links_stay_inside(document):
    assert "/Names" not in document.Root or "/EmbeddedFiles" not in document.Root.Names
    actions = [annotation.get("/A") for page in document.pages for annotation in page.get("/Annots", [])]
    assert actions
    assert not any(actions)


def test_pages_are_upright_but_the_table_that_needs_width(document):
    shapes = [page.mediabox[2] > page.mediabox[3] for page in document.pages]
    assert shapes == [False] * (len(shapes) - 1) + [True]
    assert 5 <= len(shapes) <= 7


def test_sections_share_a_page_only_where_one_would_stay_half_empty(words, metrics, executed, chart):
    def pages_of(*blocks):
        notebook = executed(*(cell for n, block in enumerate(blocks) for cell in (f"## Part {n}", block)))
        with pikepdf.open(io.BytesIO(render.pdf(render.page_html(notebook, title="T")))) as opened:
            return len(opened.pages)

    long = [present.finding("a", metrics), chart("a"), chart("b")]
    words.advice = lambda *_: ["Do this."]
    short = [present.advice("c", metrics)]
    assert pages_of(long, [*long[:1], chart("c"), chart("d")]) == 2
    assert pages_of(short, short, short) == 1
    assert pages_of(short, long[:2]) == 1


def test_the_printer_has_nothing_to_complain_about(report, caplog):
    with caplog.at_level("WARNING", logger="weasyprint"):
        render.pdf(render.page_html(report))
    assert not caplog.records


def test_the_same_page_gives_the_same_bytes(printed, kept):
    assert render.pdf(kept["html"]) == printed
    assert len(printed) < 500_000


@pytest.mark.parametrize(
    "outside",
    [
        '<link rel="attachment" href="file:///etc/passwd">',
        '<img src="https://example.org/x.png" alt="x">',
        '<style>body { background: url("file:///etc/hostname") }</style>',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="https://example.org/x.png"/></svg>',
    ],
)
def test_a_page_that_asks_for_anything_outside_gives_no_pdf(outside):
    with pytest.raises(ReportError, match=r"asks for (file|https)://"):
        render.pdf(f'<!DOCTYPE html><html lang="en"><title>T</title><body><p>x</p>{outside}</body></html>')


def test_without_pango_the_remedy_is_one_line_for_this_system(monkeypatch, tmp_path, capsys):
    """As WeasyPrint does it: a page of its own words on standard output, then OSError."""
    (tmp_path / "weasyprint.py").write_text("print('Follow the installation steps')\nraise OSError('no pango')\n")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    for system, remedy in {
        "Linux": "apt-get install libpango-1.0-0 libpangoft2-1.0-0",
        "Darwin": "brew install pango",
        "Windows": "conda env create -f environment.yml",
    }.items():
        monkeypatch.setattr(platform, "system", lambda system=system: system)
        with pytest.raises(MissingToolError) as caught:
            render.pdf("<p>x</p>")
        assert remedy in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not capsys.readouterr().out
