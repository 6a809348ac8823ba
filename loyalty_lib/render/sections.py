"""The notebook's cells, divided into the cover and one section for each Markdown cell that begins with ``## Title``.

Only what a reader is to see stays: no code, no logs, no cells tagged ``hide`` or ``parameters``.  Markdown is
translated here, a whole cell at a time.  What a cell tagged ``detail`` shows stands at the end of the report, with a
link at the end of its own section; the short edition holds the cells tagged ``short`` and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.commentary import SUMMARY
from loyalty_lib.errors import ReportError
from loyalty_lib.i18n import gettext
from loyalty_lib.render.carried import payload_of
from loyalty_lib.render.comments import comment
from loyalty_lib.render.identifiers import distinct
from loyalty_lib.templates import fill

if TYPE_CHECKING:
    from markupsafe import Markup
    from nbformat import NotebookNode

HIDDEN_TAGS: Final = frozenset({"hide", "parameters", "injected-parameters"})
DETAIL: Final = "detail"
SHORT: Final = "short"
TAKEN_IDS: Final = (SUMMARY, "report")  # the cover and the page's main part


@dataclass(kw_only=True)
class Section:
    """A chapter of the page: its identifier, its title in the report's language, its cells."""

    slug: str
    title: str
    cells: list[NotebookNode] = field(default_factory=list)


def titles(notebook: NotebookNode) -> dict[str, str]:
    """Return the identifier of every section by its English title, and of the summary."""
    openings = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "markdown" and _is_shown(cell)]
    sections = {_english(text): _slug(text) for text in openings if text.startswith("## ")}
    return {"Summary": SUMMARY, **sections}


def divide(
    notebook: NotebookNode, *, edition: str = "full", comments: Mapping[str, str] | None = None
) -> list[Section]:
    """Divide the shown cells into the cover and one section a title.

    Parameters
    ----------
    notebook
        Executed; it is not changed.
    edition
        "full" or "short".
    comments
        The consultant's words by section, in Markdown; each stands after its section's finding.  The short edition
        holds those on the summary.

    Returns
    -------
    list of Section
        The cover first.  A section whose code shows nothing is left out: its analysis had no data.  Details and wide
        tables are gathered in two sections at the end.

    Raises
    ------
    ReportError
        If there is a comment on a section that the report does not have.
    """
    said = dict(comments or {})
    if edition == SHORT:
        said = {slug: text for slug, text in said.items() if slug == SUMMARY}
    cover, *rest = _sections(notebook, only=SHORT if edition == SHORT else None)
    kept = [section for section in rest if _shows(section)]
    if kept and _holds(kept[0], "cover"):  # a cover under a heading of its own is still the cover
        cover.cells += kept.pop(0).cells
    _unique(kept)
    seen: set[str] = set()
    for cell in (cell for section in (cover, *kept) for cell in section.cells):
        for output in cell.get("outputs", ()):
            output.data["text/html"] = distinct(output.data["text/html"], seen)
    _put_in([cover, *kept], said)
    return [cover, *kept, *(section for section in _take_out(kept) if section.cells)]


def _sections(notebook: NotebookNode, only: str | None) -> list[Section]:
    sections = [Section(slug=SUMMARY, title=gettext("Summary"))]
    for cell in deepcopy(notebook.cells):
        if not _is_shown(cell) or cell.cell_type == "raw":
            continue
        if cell.cell_type == "code":
            if only and only not in cell.metadata.get("tags", ()):
                continue
            cell.outputs = [output for output in cell.outputs if "text/html" in output.get("data", {})]
        elif (opening := cell.source.strip()).startswith("## "):
            title, _, cell.source = gettext(opening.removeprefix("## ")).strip().partition("\n")
            sections.append(Section(slug=_slug(opening), title=title.strip()))
        else:
            cell.source = gettext(opening)
        sections[-1].cells.append(cell)
    return [section for section in sections if not only or section.slug == SUMMARY or _has_code(section)]


def _is_shown(cell: NotebookNode) -> bool:
    return not HIDDEN_TAGS.intersection(cell.metadata.get("tags", ()))


def _has_code(section: Section) -> bool:
    return any(cell.cell_type == "code" for cell in section.cells)


def _shows(section: Section) -> bool:
    return not _has_code(section) or any(cell.get("outputs") for cell in section.cells)


def _holds(section: Section, kind: str) -> bool:
    return any(payload_of(output).get("kind") == kind for cell in section.cells for output in cell.get("outputs", ()))


def _english(heading: str) -> str:
    return heading.partition("\n")[0].removeprefix("## ").strip()


def _slug(heading: str) -> str:
    """Name a section by its English title, so that links work in every language."""
    return "-".join(re.findall(r"[a-z0-9]+", _english(heading).lower())) or "section"


def _unique(sections: list[Section]) -> None:
    seen = Counter(TAKEN_IDS)
    for section in sections:
        seen[section.slug] += 1
        if seen[section.slug] > 1:
            section.slug = f"{section.slug}-{seen[section.slug]}"


def _put_in(sections: Sequence[Section], said: Mapping[str, str]) -> None:
    """Put each comment after the finding of its section, or at its beginning."""
    by_slug = {section.slug: section for section in sections}
    if SUMMARY in said and not by_slug[SUMMARY].cells:
        del by_slug[SUMMARY]
    if lost := [slug for slug in said if slug not in by_slug]:
        message = (
            f"There is a comment on {', '.join(lost)}, which this report does not have: its data are missing. "
            "Move the comment to another section. No report was made."
        )
        raise ReportError(message)
    for slug, text in said.items():
        cells = by_slug[slug].cells
        found = [place for place, cell in enumerate(cells) if _opens_page(cell)]
        cells.insert(found[0] + 1 if found else 1, _shown(comment(text)))


def _opens_page(cell: NotebookNode) -> bool:
    return any(payload_of(output).get("kind") in ("finding", "cover") for output in cell.get("outputs", ()))


def _shown(html: Markup) -> NotebookNode:
    from nbformat.v4 import new_code_cell, new_output

    cell: NotebookNode = new_code_cell(outputs=[new_output("display_data", {"text/html": str(html)})])
    return cell


def _take_out(sections: Sequence[Section]) -> tuple[Section, Section]:
    """Move details, and tables of many columns, to sections of their own; leave links to them.

    A wide table is apart from other details because it stands on a landscape page; before them, because the page before
    a landscape page ends where it ends, and the method fills its own.
    """
    details = Section(slug="details", title=gettext("Further figures and tables"))
    wide = Section(slug="detailed-tables", title=gettext("Detailed tables"))
    for section in sections:
        taken = list(_taken(section))
        for place in (details, wide):
            own = [output for output, payload in taken if payload.get("wide", False) == (place is wide)]
            if own:
                slug = f"{place.slug}-{section.slug}"
                place.cells.append(_shown(fill("chapter", slug=slug, title=section.title)))
                place.cells[-1].outputs += own
                section.cells.append(_shown(fill("elsewhere", slug=slug, title=place.title, page=gettext("page"))))
    return wide, details


def _taken(section: Section) -> Iterator[tuple[NotebookNode, dict[str, Any]]]:
    """Take the details out of a section's cells, each with its payload."""
    for cell in section.cells:
        tagged = DETAIL in cell.metadata.get("tags", ())
        stay = []
        for output in cell.get("outputs", ()):
            payload = payload_of(output)
            if "title" in payload and (tagged or payload.get("detailed")):
                yield output, payload
            else:
                stay.append(output)
        if cell.cell_type == "code":
            cell.outputs = stay


def mark_openings(cover: Section, sections: list[Section]) -> None:
    """Tell the template which cell opens a section, and after which other one."""
    after = ""
    for section in (cover, *sections):
        if section.cells:
            opening = {"slug": section.slug, "title": section.title, "cover": section is cover, "after": after}
            section.cells[0].metadata["opens"] = opening
        after = "" if section is cover else section.slug
