"""The slides say what the report says, in real placeholders; read back with python-pptx from the file."""

from __future__ import annotations

import base64
import datetime as dt
import io
import zipfile
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.util import Inches

from loyalty_lib import i18n, narrative
from loyalty_lib.exports.slides import presentation
from loyalty_lib.render.sections import DETAIL

# The chapters of the CDNOW report that have a chart, in the order of the page.
PAGES = [
    "kpis",
    "revenue_bridge",
    "cohorts",
    "time_to_second_purchase",
    "rfm",
    "pareto",
    "clv",
    "action_lists",
]
LANG = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read(content: bytes):
    return list(Presentation(io.BytesIO(content)).slides)


@pytest.fixture(scope="module")
def slides(made):
    return read(made.files["report.pptx"])


@pytest.fixture
def english(made):
    i18n.activate("en", made.metrics["currency"])


def _pictures(slide):
    return [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE or hasattr(shape, "image")]


def test_titles_are_the_headlines_of_the_pages(slides, made, english) -> None:
    said = [narrative.headline(page, made.metrics) for page in PAGES]
    assert [slide.shapes.title.text for slide in slides] == ["CDNOW", *said, "Recommended actions"]


def test_each_chapter_has_one_picture_with_its_alternative_text(slides, made, english) -> None:
    shown = slides[1:-1]
    assert [len(_pictures(slide)) for slide in shown] == [1] * len(PAGES)
    for slide, page in zip(shown, PAGES, strict=True):
        (picture,) = _pictures(slide)
        told = [narrative.alt(name, made.metrics) for name in narrative.story(page, made.metrics).figures]
        assert picture.element.nvPicPr.cNvPr.get("descr") in told
        across, down = picture.image.size
        assert picture.width / picture.height == pytest.approx(across / down, rel=1e-3), "not distorted"
        assert picture.width >= Inches(6)
        assert {picture.crop_left, picture.crop_right, picture.crop_top, picture.crop_bottom} == {0}
    assert not _pictures(slides[0])


def test_details_are_no_slides(material, made, slides) -> None:
    assert len(read(presentation(material()))) == 3
    assert len(read(presentation(material(details=True)))) == 2
    details = [
        output["data"]["text/html"]
        for cell in made.notebook.cells
        if DETAIL in cell.metadata.get("tags", ())
        for output in cell.outputs
        if "<svg" in str(output["data"].get("text/html"))
    ]
    assert len(details) + len(PAGES) >= len(made.pictures) - 4


def test_everything_stands_inside_the_slide_and_in_placeholders(slides) -> None:
    width, height = Inches(13.333), Inches(7.5)
    for slide in slides:
        assert slide.shapes.title is not None
        for shape in slide.shapes:
            assert shape.is_placeholder, shape.name
            assert 0 <= shape.left <= shape.left + shape.width <= width
            assert 0 <= shape.top <= shape.top + shape.height <= height
        kinds = [shape.placeholder_format.type for shape in slide.placeholders]
        assert (PP_PLACEHOLDER.SLIDE_NUMBER in kinds) == (slide is not slides[0])


def test_no_placeholder_is_left_empty(material) -> None:
    for slide in read(presentation(material())):
        for shape in slide.placeholders:
            if shape.has_text_frame:
                assert shape.text_frame.text.strip(), shape.name


def test_notes_hold_what_else_is_said(slides, made, english) -> None:
    for slide, page in zip(slides[1:-1], PAGES, strict=True):
        notes = slide.notes_slide.notes_text_frame.text
        said = [narrative.lead(page, made.metrics), *narrative.advice(page, made.metrics)]
        assert all(text in notes for text in [*said, *narrative.notes(page, made.metrics)])


def test_the_consultants_comment_comes_first_in_the_notes(made) -> None:
    (content,) = made.again("pptx", comments={"cohorts": "The *campaign* of May."}).values()
    notes = [slide.notes_slide.notes_text_frame.text for slide in read(content)]
    assert [text.startswith("The *campaign* of May.") for text in notes].index(True) == 3


def test_last_slide_holds_the_actions_and_what_they_rest_on(slides, made, english) -> None:
    text = "\n".join(shape.text_frame.text for shape in slides[-1].placeholders)
    said = narrative.cover(made.metrics)
    assert all(action in text for action in said.actions)
    assert said.trust_reason in text
    assert "Method and assumptions" in text


@pytest.mark.parametrize(("language", "code"), [("en", "en-GB"), ("nb", "nb-NO")])
def test_every_run_says_its_language(language: str, code: str, material) -> None:
    content = presentation(material(language=language))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith(("ppt/slides/slide", "ppt/notesSlides/notesSlide")) and name.endswith(".xml"):
                runs = list(ET.fromstring(archive.read(name)).iter(f"{LANG}r"))
                assert {run.find(f"{LANG}rPr").get("lang") for run in runs} <= {code}
    assert Presentation(io.BytesIO(content)).core_properties.language == code


def test_file_says_whose_it_is_and_of_when_and_nothing_of_this_machine(made, material) -> None:
    core = Presentation(io.BytesIO(presentation(material()))).core_properties
    assert (core.title, core.author, core.last_modified_by) == (
        "Customer loyalty · Acme Sports", "Fjord Insight", "Fjord Insight",
    )  # fmt: skip
    assert core.created == core.modified == dt.datetime(2024, 12, 31, tzinfo=core.created.tzinfo)
    with zipfile.ZipFile(io.BytesIO(made.files["report.pptx"])) as archive:
        names = archive.namelist()
        assert not [name for name in names if "printerSettings" in name or "thumbnail" in name]
        assert b"Macintosh" not in b"".join(archive.read(name) for name in names)
        theme = archive.read("ppt/theme/theme1.xml").decode()
    assert 'typeface="Source Sans Pro"' in theme
    assert made.metrics["brand"]["accent"][1:].upper() in theme


def test_the_same_report_is_the_same_file(made) -> None:
    assert made.again("pptx") == {"report.pptx": made.files["report.pptx"]}
    assert len(made.files["report.pptx"]) < 3_000_000


def test_long_words_are_set_smaller(material) -> None:
    made = material()
    made.chapters[0].headline = "A headline of many words " * 6
    slide = read(presentation(made))[1]
    assert slide.shapes.title.text_frame.paragraphs[0].runs[0].font.size.pt == 22


def test_a_name_with_markup_is_a_name(material) -> None:
    slides = read(presentation(material(client='Ben & Jerry <b>"ice"</b>')))
    assert slides[0].shapes.title.text == 'Ben & Jerry <b>"ice"</b>'


@pytest.mark.parametrize("kind", ["png", "svg+xml"])
def test_logo_stands_on_the_first_slide_with_its_name(kind: str, material) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50"><path d="M0 0H200V50z"/></svg>'
    target = io.BytesIO()
    Image.new("RGB", (400, 100), "black").save(target, "png")
    data = target.getvalue() if kind == "png" else drawing
    content = presentation(material(logo=f"data:image/{kind};base64,{base64.b64encode(data).decode()}"))
    (logo,) = _pictures(read(content)[0])
    assert logo.element.nvPicPr.cNvPr.get("descr") == "Fjord Insight"
    assert logo.width / logo.height == pytest.approx(4, rel=1e-3)
    assert logo.left + logo.width <= Inches(13)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = [archive.read(name) for name in archive.namelist() if name.startswith("ppt/media/")]
        assert (drawing in held) == (kind == "svg+xml")
        assert b"image/svg+xml" in archive.read("[Content_Types].xml") or kind == "png"
