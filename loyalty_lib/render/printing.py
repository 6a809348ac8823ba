"""The PDF: the HTML page printed by WeasyPrint, tagged, closed to the outside, with no page half empty."""

from __future__ import annotations

import hashlib
import io
import math
import platform
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

from loyalty_lib.errors import MissingToolError, ReportError
from loyalty_lib.render.tagging import complete

if TYPE_CHECKING:
    from weasyprint import Document
    from weasyprint.urls import URLFetcherResponse

END: Final = "end-"  # begins the identifier of the place where a section ends
HALF: Final = 0.5  # of a page; a page less full than this takes the next section too
FULL: Final = 0.92  # of a page, where its text ends
EDGES: Final = 36 / 297  # of a page, its margins above and below
LAYOUTS: Final = 4  # at most; each takes about two seconds, and the second is mostly right


def load_weasyprint() -> ModuleType:
    """Import WeasyPrint; without its own words on a missing pango, which it prints to standard output.

    Raises
    ------
    MissingToolError
        If WeasyPrint or the pango library is not installed.
    """
    try:
        with redirect_stdout(io.StringIO()):
            return import_module("weasyprint")
    except ImportError as error:
        message = f"The PDF needs WeasyPrint, which cannot be imported ({error}). Run make setup."
        raise MissingToolError(message) from None
    except OSError:  # pango or one of its companions is missing
        message = f"The PDF needs the library pango, which is not installed. {_remedy(platform.system())}"
        raise MissingToolError(message) from None


def pdf(html: str) -> bytes:
    """Print a page of ``page_html`` as PDF/UA-1: tagged, with language, title and bookmarks.

    Parameters
    ----------
    html
        As ``page_html`` returns it.

    Returns
    -------
    bytes
        The same for the same HTML: its dates are the report's as-of date, its identifier is made of the HTML.

    Raises
    ------
    MissingToolError
        If WeasyPrint or the pango library is not installed.
    ReportError
        If the page asks for anything outside itself.
    """
    weasyprint = load_weasyprint()
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class DataOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no type hints
        """Gives out what the page itself holds, and nothing else."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            if not url.startswith("data:"):
                refused.append(url)
                raise FatalURLFetchingError(url)
            return super().fetch(url, headers)

    refused: list[str] = []
    printed = b""
    page = weasyprint.HTML(string=html, url_fetcher=DataOnly())
    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": hashlib.sha256(html.encode()).digest()[:16]}
    try:
        breaks = ["section.page"]
        for _ in range(LAYOUTS):
            rule = weasyprint.CSS(string=f"{', '.join(breaks)} {{ break-before: page }}")
            document = page.render(stylesheets=[rule], **options)
            breaks, before = _page_breaks(document, breaks), breaks
            if breaks == before:
                break
        printed = document.write_pdf(finisher=complete, **options)
    except FatalURLFetchingError:
        assert refused
    if refused:  # asked apart from the exception: inside a drawing WeasyPrint swallows it
        message = f"The page asks for {refused[0]}; a report holds everything it shows. No PDF was made."
        raise ReportError(message)
    return printed


def _page_breaks(document: Document, breaks: list[str]) -> list[str]:
    """Choose the sections that begin a new page.

    Parameters
    ----------
    document
        The report laid out with ``breaks``.
    breaks
        Selectors of the sections that begin a new page in it.

    Returns
    -------
    list of str
        Selectors: all sections of ``document`` that began a page, but those that need not, because the page before
        would stay half empty or because they fit on it whole.
    """
    places: dict[str, float] = {}  # of every identifier, in pages from the report's first
    for number, page in enumerate(document.pages):
        for name, (_, y, *_) in page.anchors.items():
            places.setdefault(name, number + y / page.height)
    ends = {name.removeprefix(END): end for name, end in places.items() if name.startswith(END)}
    spans = sorted((places[slug], end, slug) for slug, end in ends.items())
    kept = ["header.page ~ main"]
    at = spans[0][1] if spans else 0.0  # where the section before ends, with the breaks chosen so far
    moved = False  # whether a section stands elsewhere than in ``document``, so that ends are estimates
    for start, end, slug in spans[1:]:
        selector = f"#{slug}"
        breaking = "section.page" in breaks or selector in breaks
        if breaking and not (at % 1 < HALF or at % 1 + end - start < FULL):
            kept.append(selector)
            at = math.floor(at) + 1 + start % 1
        elif breaking:
            moved = True
        at = at + end - start + (EDGES if at % 1 + (end - start) % 1 > 1 - EDGES / 2 else 0.0) if moved else end
    return kept


def _remedy(system: str) -> str:
    match system:
        case "Darwin":
            return "Install it with: brew install pango"
        case "Windows":
            return "Use the conda environment: conda env create -f environment.yml"
        case _:
            return (
                "Install it with: apt-get install libpango-1.0-0 libpangoft2-1.0-0 (Debian, Ubuntu) or "
                "dnf install pango (Fedora)"
            )
