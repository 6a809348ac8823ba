"""The HTML page: nbconvert with the report's own template, fonts and styles inside, nothing outside."""

from __future__ import annotations

import base64
import contextvars
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib import i18n
from loyalty_lib.branding import Dressing, dressing_of_words
from loyalty_lib.errors import ReportError
from loyalty_lib.i18n import gettext, say
from loyalty_lib.render.carried import extract
from loyalty_lib.render.sections import divide, mark_openings
from loyalty_lib.templates import FOLDER, use

if TYPE_CHECKING:
    from nbformat import NotebookNode

NUMBER: Final = re.compile(r'(<span class="number" data-kind=")(figure|table)(">)([^<]*)(</span>)')


def page_html(
    notebook: NotebookNode,
    *,
    language: str | None = None,
    title: str | None = None,
    author: str | None = None,
    edition: str = "full",
    comments: Mapping[str, str] | None = None,
    dressing: Dressing | None = None,
) -> str:
    """Turn an executed notebook into one self-contained HTML page.

    Parameters
    ----------
    notebook
        Executed, with the outputs of ``present``; it is not changed.
    language, title, author
        Of the document; by default those of the metrics the notebook publishes.
    edition
        "full", or "short": the cells tagged ``short`` alone.
    comments
        The consultant's words in Markdown, by the identifier of the section they stand in.
    dressing
        How the page looks; by default as the metrics say, in words and colours alone.

    Returns
    -------
    str
        HTML with fonts, styles and one script inside: no request to anywhere.  The page lets no script run but this
        one, known by its hash.

    Raises
    ------
    ReportError
        If a cell ended in an error, or there is a comment on a section that is not there.
    """
    _refuse_errors(notebook)
    metrics = extract(notebook).metrics
    language = language or metrics.get("language", "en")
    # A context of its own: the caller's language stays what it was.
    words = {"language": language, "title": title, "author": author}
    dressing = dressing or dressing_of_words(metrics.get("brand", {}))
    return contextvars.copy_context().run(_page, notebook, metrics, words, edition, comments, dressing)


def _page(
    notebook: NotebookNode,
    metrics: Mapping[str, Any],
    words: Mapping[str, str | None],
    edition: str,
    comments: Mapping[str, str] | None,
    dressing: Dressing,
) -> str:
    from nbconvert.exporters import TemplateExporter

    language = words["language"] or "en"
    i18n.activate(language, metrics.get("currency"))
    use(dressing.templates)
    script = (FOLDER / "loyalty" / "report.js").read_text(encoding="utf-8")
    cover, *sections = divide(notebook, edition=edition, comments=comments)
    page = {
        "language": language,
        "edition": edition,
        "title": words["title"] or _title(metrics),
        "author": words["author"] or dressing.name,
        "date": metrics.get("as_of", ""),
        "look": dressing,
        "cover": bool(cover.cells),
        "contents": [{"slug": section.slug, "title": section.title} for section in sections],
        "styles": {
            "all": f"{dressing.font_css}\n{_style('report.css')}",
            "screen": _style("screen.css"),
            "print": _style("print.css"),
        },
        "script": script,
        "script_hash": _source_hash(script),
        "controls": _controls(),
        "words": {
            "contents": gettext("Contents"),
            "skip": gettext("Skip to the report"),
        },
    }
    exporter = TemplateExporter(
        template_name="loyalty",
        file_extension=".html",
        extra_template_basedirs=[str(FOLDER)],
        filters={"markdown": _markdown},
        exclude_input=True,
    )
    exporter.output_mimetype = "text/html"
    exporter.environment.autoescape = True
    mark_openings(cover, sections)
    cells = [cell for section in (cover, *sections) for cell in section.cells]
    html, _ = exporter.from_notebook_node(_with_cells(notebook, cells), resources={"page": page})
    return _numbered(html)


def _title(metrics: Mapping[str, Any]) -> str:
    if "title" in metrics:
        return str(metrics["title"])
    if "client" not in metrics:
        return gettext("Customer loyalty")
    return say(
        "Customer loyalty, {client:text}, {period:text}",
        client=metrics["client"]["name"],
        period=metrics["period"]["label"],
    )


def _style(name: str) -> str:
    return (FOLDER / "loyalty" / name).read_text(encoding="utf-8")


def _source_hash(script: str) -> str:
    """Name a script by its very bytes, as a Content-Security-Policy does."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}"


def _controls() -> dict[str, str]:
    """Return the words of the controls that ``report.js`` makes, by the data attribute it reads them from."""
    return {
        "search": gettext("Search this table"),
        # The script counts the rows, and puts the numbers where the braces stand.
        "found": say("{shown:text} of {count:text} rows", shown="{shown}", count="{count}"),
        "copy-table": gettext("Copy table"),
        "copy-picture": gettext("Copy picture"),
        "save-picture": gettext("Save as PNG"),
        "copied": gettext("Copied"),
        "refused": gettext("The browser does not allow copying here."),
    }


def _refuse_errors(notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                message = (
                    f"Cell {number} of the notebook ended in {output.ename}: {output.evalue}. No report was made. "
                    "Mend the cell and run the notebook again."
                )
                raise ReportError(message)


def _with_cells(notebook: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    shown = deepcopy(notebook)
    shown.cells = cells
    return shown


def _markdown(source: str) -> str:
    """Convert Markdown; HTML inside it is shown as text."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(source)


def _numbered(html: str) -> str:
    """Give figures and tables numbers, in the order in which they appear."""
    count: Counter[str] = Counter()

    def number(match: re.Match[str]) -> str:
        count[match[2]] += 1
        return f"{match[1]}{match[2]}{match[3]}{match[4]} {count[match[2]]}{match[5]}"

    return NUMBER.sub(number, html)
