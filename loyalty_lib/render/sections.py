"""The notebook's cells, divided into the cover and one section for each Markdown cell that begins with ``## Title``.

Only what a reader is to see stays: no code, no logs, no cells tagged ``hide`` or ``parameters``.  Markdown is
translated here, a whole cell at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext
from loyalty_lib.render.carried import payload_of
from loyalty_lib.templates import fill

if TYPE_CHECKING:
    from nbformat import NotebookNode

HIDDEN_TAGS: Final = frozenset({"hide", "parameters", "injected-parameters"})
TAKEN_IDS: Final = ("summary", "report")  # the cover and the page's main part


@dataclass(kw_only=True)
class Section:
    """A chapter of the page: its identifier, its title in the report's language, its cells."""

    slug: str
    title: str
    cells: list[NotebookNode] = field(default_factory=list)


def divide(notebook: NotebookNode) -> list[Section]:
    """Divide the shown cells into the cover and one section a title.

    A section whose code shows nothing is left out: its analysis had no data.  Tables of many columns are gathered
    in a section of their own at the end, each with a link in its old place: a landscape page there leaves no other half
    empty.
    """
    sections = [Section(slug="summary", title=gettext("Summary"))]
    for cell in deepcopy(notebook.cells):
        if HIDDEN_TAGS.intersection(cell.metadata.get("tags", ())) or cell.cell_type == "raw":
            continue
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if "text/html" in output.get("data", {})]
        elif (opening := cell.source.strip()).startswith("## "):
            title, _, cell.source = gettext(opening.removeprefix("## ")).strip().partition("\n")
            sections.append(Section(slug=_slug(opening), title=title.strip()))
        else:
            cell.source = gettext(opening)
        sections[-1].cells.append(cell)
    cover, *rest = sections
    kept = [section for section in rest if _shows(section)]
    if kept and _holds(kept[0], "cover"):  # a cover under a heading of its own is still the cover
        cover.cells += kept.pop(0).cells
    _unique(kept)
    detailed = _take_detailed(kept)
    return [cover, *kept, *([detailed] if detailed.cells else [])]


def _shows(section: Section) -> bool:
    code = [cell for cell in section.cells if cell.cell_type == "code"]
    return not code or any(cell.outputs for cell in code)


def _holds(section: Section, kind: str) -> bool:
    return any(payload_of(output).get("kind") == kind for cell in section.cells for output in cell.get("outputs", ()))


def _slug(heading: str) -> str:
    """Name a section by its English title, so that links work in every language."""
    title = heading.partition("\n")[0].removeprefix("## ")
    return "-".join(re.findall(r"[a-z0-9]+", title.lower())) or "section"


def _unique(sections: list[Section]) -> None:
    seen = Counter(TAKEN_IDS)
    for section in sections:
        seen[section.slug] += 1
        if seen[section.slug] > 1:
            section.slug = f"{section.slug}-{seen[section.slug]}"


def _take_detailed(sections: list[Section]) -> Section:
    from nbformat.v4 import new_code_cell

    detailed = Section(slug="detailed-tables", title=gettext("Detailed tables"))
    for section in sections:
        for cell in section.cells:
            taken = [deepcopy(output) for output in cell.get("outputs", ()) if payload_of(output).get("detailed")]
            if taken:
                detailed.cells.append(new_code_cell(outputs=taken))
            for output in cell.get("outputs", ()):
                payload = payload_of(output)
                if payload.get("detailed"):
                    output.data["text/html"] = str(
                        fill("elsewhere", name=payload["name"], title=payload["title"], page=gettext("page"))
                    )
    return detailed


def mark_openings(cover: Section, sections: list[Section]) -> None:
    """Tell the template which cell opens a section, and after which other one."""
    after = ""
    for section in (cover, *sections):
        if section.cells:
            opening = {"slug": section.slug, "title": section.title, "cover": section is cover, "after": after}
            section.cells[0].metadata["opens"] = opening
        after = "" if section is cover else section.slug
