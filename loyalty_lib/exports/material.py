"""What slides and sheets are made of: the words, tables and charts that a notebook's outputs carry, chapter by chapter.

Nothing is worded or computed here: titles are the page's own headlines, figures have the page's numbers.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib import i18n
from loyalty_lib.branding import Dressing, dressing_of_words
from loyalty_lib.i18n import gettext
from loyalty_lib.render.carried import Picture, extract, payload_of
from loyalty_lib.render.sections import DETAIL, HIDDEN_TAGS, titles

if TYPE_CHECKING:
    from nbformat import NotebookNode

NUMBER: Final = re.compile(r'id="(figure-[^"]+)"[^§]*?data-kind="figure">([^<]+)<')


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Rows with their columns, typed as ``tables.typed`` says.

    Attributes
    ----------
    name
        Of its CSV in ``tables/``, without the ending.
    title, notes
        As on the page.
    columns
        ``name``, ``label`` and ``kind`` of each.
    rows
        Raw values.
    """

    name: str
    title: str
    columns: list[dict[str, str]]
    rows: list[list[Any]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart: its words, its picture where there is one, and its data where it has any.

    Attributes
    ----------
    name
        File name of the picture, without its ending.
    number
        As on the page, "Figure 3"; empty where the page does not show it.
    detail
        Whether it stands at the report's end, and not in its chapter.
    """

    name: str
    number: str
    title: str
    subtitle: str
    alt: str
    source: str
    detail: bool
    picture: Picture | None
    data: Sheet | None

    @property
    def position(self) -> float:
        """Where it stands among the page's figures; those that the page does not show come last."""
        digits = re.search(r"\d+", self.number)
        return float(digits[0]) if digits else math.inf


@dataclass(kw_only=True)
class Chapter:
    """A chapter of the report, in the order of the page."""

    title: str
    headline: str = ""
    lead: str = ""
    comment: str = ""
    advice: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Sheet] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Material:
    """A report's content.

    Attributes
    ----------
    language, currency
        What it is written and counted in; no currency where there are several.
    as_of
        The day it was made for; ``None`` where the notebook publishes no metrics.
    cover
        The words of the first page, as ``present`` shows them.
    look
        Whose report it is, and how it looks.
    """

    language: str
    currency: str | None
    as_of: dt.date | None
    cover: Mapping[str, Any]
    look: Dressing
    chapters: tuple[Chapter, ...]

    @property
    def tables(self) -> Iterator[Sheet]:
        """The tables, in the order of the page."""
        return (table for chapter in self.chapters for table in chapter.tables)

    @property
    def charts(self) -> Iterator[Chart]:
        """The charts, in the order of the notebook."""
        return (chart for chapter in self.chapters for chart in chapter.charts)

    @property
    def title(self) -> str:
        """What the report is and of whom."""
        return " · ".join(filter(None, [self.cover.get("title", ""), self.cover.get("client", "")]))


def gather(
    notebook: NotebookNode,
    pictures: Mapping[str, Picture],
    *,
    language: str,
    html: str,
    comments: Mapping[str, str],
    look: Dressing | None,
) -> Material:
    """Gather a report's content from its executed notebook; the parameters are those of ``exports.exported``."""
    metrics = extract(notebook).metrics
    numbers = dict(NUMBER.findall(html))
    # A context of its own: the caller's language stays what it was.
    chapters = contextvars.copy_context().run(_chapters, notebook, language, numbers, pictures, comments)
    as_of = metrics.get("as_of")
    return Material(
        language=language,
        currency=metrics.get("currency"),
        as_of=dt.date.fromisoformat(as_of) if as_of else None,
        cover=_cover(notebook),
        look=look or dressing_of_words(metrics.get("brand", {})),
        chapters=tuple(chapters),
    )


def _chapters(
    notebook: NotebookNode,
    language: str,
    numbers: Mapping[str, str],
    pictures: Mapping[str, Picture],
    comments: Mapping[str, str],
) -> list[Chapter]:
    i18n.activate(language)
    slugs = titles(notebook)
    chapters = [Chapter(title="")]
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        if tags & HIDDEN_TAGS:
            continue
        if cell.cell_type == "markdown" and (opening := cell.source.strip()).startswith("## "):
            english = opening.removeprefix("## ").partition("\n")[0].strip()
            title = gettext(opening.removeprefix("## ")).partition("\n")[0].strip()
            chapters.append(Chapter(title=title, comment=comments.get(slugs.get(english, ""), "")))
        for output in cell.get("outputs", ()):
            payload = payload_of(output)
            if payload.get("kind") == "figure" and "alt" in payload:
                number = numbers.get(payload["anchor"], "")
                chapters[-1].charts.append(_chart(payload, number, pictures, detail=DETAIL in tags))
            else:
                _add(chapters[-1], payload)
    return [chapter for chapter in chapters if chapter.headline or chapter.tables or chapter.charts]


def _add(chapter: Chapter, payload: Mapping[str, Any]) -> None:
    match payload.get("kind"):
        case "finding":
            chapter.headline, chapter.lead = payload.get("headline", ""), payload.get("lead", "")
        case "advice":
            chapter.advice += payload.get("items", ())
        case "notes":
            chapter.notes += payload.get("items", ())
        case "table" if "typed" in payload:
            chapter.tables.append(_sheet(payload))


def _chart(payload: Mapping[str, Any], number: str, pictures: Mapping[str, Picture], *, detail: bool) -> Chart:
    return Chart(
        name=payload["name"].removeprefix("figure_"),
        number=number,
        title=payload["title"],
        subtitle=payload["subtitle"],
        alt=payload["alt"],
        source=payload["source"],
        detail=detail,
        picture=pictures.get(payload["name"]),
        data=_sheet(payload) if "typed" in payload else None,
    )


def _sheet(payload: Mapping[str, Any]) -> Sheet:
    typed = payload["typed"]
    return Sheet(
        name=payload["name"],
        title=payload["title"],
        notes=tuple(payload.get("notes", ())),
        columns=typed["columns"],
        rows=typed["rows"],
    )


def _cover(notebook: NotebookNode) -> dict[str, Any]:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    covers = (payload_of(output).get("cover") for output in outputs)
    return next(filter(None, covers), {})
