"""The report as slides, ``report.pptx``: a headline and a chart each, with what else is said in the speaker's notes.

The first slide is the answer; then comes one for each chapter that has a chart, its title the chapter's own headline;
the last holds the recommended actions and what they rest on.  Charts that stand at the report's end are not shown.  The
same report gives the same bytes.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.shapes.autoshape import Shape
from pptx.util import Pt

from loyalty_lib import i18n
from loyalty_lib.exports.archive import without_times
from loyalty_lib.exports.logo import put_logo
from loyalty_lib.exports.material import Chapter, Chart, Material
from loyalty_lib.exports.theme import BODY, CHART, MORE, PICTURE, TEXT, TITLE, empty, fitted, foot
from loyalty_lib.fonts import FAMILY
from loyalty_lib.i18n import gettext, say

if TYPE_CHECKING:
    from pptx.presentation import Presentation as Slides
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

SPOKEN: Final = {
    "en": MSO_LANGUAGE_ID.ENGLISH_UK,
    "nb": MSO_LANGUAGE_ID.NORWEGIAN_BOKMOL,
    "sv": MSO_LANGUAGE_ID.SWEDISH,
    "da": MSO_LANGUAGE_ID.DANISH,
    "fi": MSO_LANGUAGE_ID.FINNISH,
}
# Titles and texts longer than so many characters are set smaller, in points: they must fit their placeholders.
TITLE_SIZES: Final = ((120, 26), (170, 22), (400, 18))
TEXT_SIZES: Final = ((420, 20), (650, 17), (5000, 14))
FINDING_SIZES: Final = ((260, 24), (420, 20), (5000, 16))
DAWN: Final = dt.date(1980, 1, 1)  # of a report without a date


def presentation(material: Material) -> bytes:
    """Return the slides of a report."""
    return contextvars.copy_context().run(_presentation, material)


def _presentation(material: Material) -> bytes:
    i18n.activate(material.language, material.currency)
    typeface = material.look.typeface
    slides = empty(material.look.accent, typeface.family if typeface else FAMILY)
    _properties(slides, material)
    _title(slides, material)
    for chapter, chart in _main_charts(material):
        _chapter(slides, material, chapter, chart)
    if material.cover.get("actions"):
        _actions(slides, material)
    for slide in slides.slides:
        _speak(slide, material.language)
    target = io.BytesIO()
    slides.save(target)
    return without_times(target.getvalue())


def _main_charts(material: Material) -> Iterator[tuple[Chapter, Chart]]:
    """Yield each chapter that has a headline with the first of its charts that is not a detail."""
    for chapter in material.chapters:
        shown = [chart for chart in chapter.charts if chart.picture is not None and not chart.detail]
        if chapter.headline and shown:
            yield chapter, shown[0]


def _properties(slides: Slides, material: Material) -> None:
    core = slides.core_properties
    core.title, core.subject = material.title, str(material.cover.get("period", ""))
    core.author = core.last_modified_by = material.look.name
    core.language = i18n.LANGUAGES.get(material.language, "en_GB").replace("_", "-")
    core.keywords = core.category = ""
    core.comments = material.look.confidentiality
    core.revision = 1
    core.created = core.modified = dt.datetime.combine(material.as_of or DAWN, dt.time())


def _title(slides: Slides, material: Material) -> None:
    cover = material.cover
    slide = slides.slides.add_slide(slides.slide_layouts[TITLE])
    title = [cover.get("client") or gettext("Customer loyalty")]
    _write(slide.placeholders[0].text_frame, title)
    simulated = gettext("Simulated data") if cover.get("simulated") else ""
    under = " · ".join(filter(None, [cover.get("title"), cover.get("period"), simulated]))
    _write(slide.placeholders[1].text_frame, [under])
    _write(slide.placeholders[BODY].text_frame, [cover.get("finding", "")], FINDING_SIZES)
    _write(slide.placeholders[MORE].text_frame, [cover.get("prepared_by"), material.look.confidentiality])
    if material.look.logo:
        put_logo(slide, material.look.logo, material.look.name)
    words = cover.get("words", {})
    others = list(cover.get("others", ()))
    _notes(slide, [(words.get("others", ""), others), (words.get("trust", ""), _trust(cover))])


def _chapter(slides: Slides, material: Material, chapter: Chapter, chart: Chart) -> None:
    assert chart.picture is not None
    slide = slides.slides.add_slide(slides.slide_layouts[CHART])
    _write(slide.placeholders[0].text_frame, [chapter.headline], TITLE_SIZES)
    picture = slide.placeholders[BODY].insert_picture(io.BytesIO(chart.picture.png))
    picture.crop_left = picture.crop_right = picture.crop_top = picture.crop_bottom = 0
    picture.left, picture.top, picture.width, picture.height = fitted(PICTURE, picture.image.size)
    picture.element.nvPicPr.cNvPr.set("descr", chart.alt)
    own = chart.title if chart.title != chapter.headline else ""  # the headline stands above
    _write(slide.placeholders[MORE].text_frame, [" · ".join(filter(None, [own, chart.subtitle])), chart.source])
    _foot(slide, material)
    _notes(
        slide,
        [
            ("", [chapter.comment, chapter.lead]),
            (gettext("What to do"), chapter.advice),
            (gettext("To bear in mind"), chapter.notes),
        ],
    )


def _actions(slides: Slides, material: Material) -> None:
    """Close with the recommended actions, how far the forecast can be trusted, and where the method stands."""
    cover, words = material.cover, material.cover["words"]
    slide = slides.slides.add_slide(slides.slide_layouts[TEXT])
    _write(slide.placeholders[0].text_frame, [words["actions"]], TITLE_SIZES)
    _write(slide.placeholders[BODY].text_frame, cover["actions"], TEXT_SIZES)
    source = next((chart.source for chart in material.charts), "")
    method = say(
        "Definitions, exclusions, privacy and models: report.pdf, “{chapter:text}”.",
        chapter=gettext("Method and assumptions"),
    )
    trust = _trust(cover)
    _write(slide.placeholders[MORE].text_frame, [f"{words['trust']}: {trust[0]}" if trust else "", source, method])
    _foot(slide, material)
    _notes(slide, [(words["trust"], trust)])


def _trust(cover: Any) -> list[str]:
    reason = cover.get("trust_reason")
    return [f"{cover['trust_label']}. {reason}"] if reason else []


def _write(frame: TextFrame, texts: Sequence[str | None], sizes: Sequence[tuple[int, int]] = ()) -> None:
    """Write paragraphs, in the size of their placeholder or, where they are long, a smaller one; none that is empty."""
    kept = [text for text in texts if text] or [""]
    size = next((size for longest, size in sizes if sum(map(len, kept)) <= longest), sizes[-1][1] if sizes else 0)
    for place, text in enumerate(kept):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()  # type: ignore[no-untyped-call]
        run = paragraph.add_run()
        run.text = text
        if sizes and size != sizes[0][1]:
            run.font.size = Pt(size)


def _foot(slide: Slide, material: Material) -> None:
    period, look = material.cover.get("period", "").partition(",")[0], material.look
    text = " · ".join(filter(None, [look.footer or material.title, period, look.confidentiality]))
    for shape in foot(text):
        slide.shapes.element.append(shape)


def _notes(slide: Slide, parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Write the speaker's notes: each part under its heading, parts without content left out."""
    lines: list[str] = []
    for heading, items in parts:
        if said := [item for item in items if item]:
            lines += [*([""] if lines else []), *([f"{heading}:"] if heading else [])]
            lines += [f"– {item}" if heading else item for item in said]
    frame = slide.notes_slide.notes_text_frame
    if lines and frame is not None:
        frame.text = "\n".join(lines)


def _speak(slide: Slide, language: str) -> None:
    """Say of every run which language it is in: spelling is checked, and read aloud, in that."""
    spoken = SPOKEN.get(language, MSO_LANGUAGE_ID.ENGLISH_UK)
    frames = [shape.text_frame for shape in slide.shapes if isinstance(shape, Shape)]
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    for frame in (*frames, *([notes] if notes is not None else [])):
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.language_id = spoken
