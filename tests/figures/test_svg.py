from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pikepdf
import pytest
import weasyprint
from matplotlib.figure import Figure

from loyalty_lib import figures, fonts, i18n
from tests.figures.results import cohort_result, rfm_result
from tests.figures.test_charts import CHARTS, SEVEN

SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, alt: str = "What it shows") -> ET.Element:
    return ET.fromstring(figures.to_svg(CHARTS[name](), name.partition(",")[0].partition(" ")[0], alt))


@pytest.mark.parametrize("name", SEVEN)
def test_the_same_chart_gives_the_same_bytes(name: str) -> None:
    assert figures.to_svg(CHARTS[name](), "x", "words") == figures.to_svg(CHARTS[name](), "x", "words")
    ax = CHARTS[name]()
    assert figures.to_svg(ax, "x", "words") == figures.to_svg(ax, "x", "words")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_smaller_than_60_kilobytes(name: str) -> None:
    assert len(figures.to_svg(CHARTS[name](), name.partition(" ")[0].rstrip(","), "words").encode()) < 60_000


def test_ids_are_unique_on_a_page_with_every_chart_twice() -> None:
    pages = [
        figures.to_svg(CHARTS[name](), f"{name.partition(' ')[0]}{copy}", "words")
        for name in SEVEN
        for copy in ("", "-2")
    ]
    ids = [element.attrib["id"] for page in pages for element in ET.fromstring(page).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert not any(re.search(r"\s", each) for each in ids)


@pytest.mark.parametrize("name", SEVEN)
def test_every_reference_is_to_an_id_of_the_same_chart(name: str) -> None:
    root = drawn(name)
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    for element in root.iter():
        assert element.attrib.get("href", "#")[1:] in {"", *ids}
        for value in element.attrib.values():
            assert set(re.findall(r"url\(#([^)]+)\)", value)) <= ids
    assert root.attrib["aria-labelledby"] in ids


def test_alternative_text_is_escaped_and_is_the_title() -> None:
    alt = 'Sales </title><script>alert("1")</script> & "more"'
    text = figures.to_svg(CHARTS["pareto"](), "pareto", alt)
    assert "<script" not in text
    root = ET.fromstring(text)
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == alt
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == root[0].attrib["id"] == "pareto.title"


def test_a_segment_called_like_markup_stays_text() -> None:
    wicked = 'x"><img src=y onerror=z>'
    text = figures.to_svg(figures.rfm(rfm_result({"champions": wicked})), "rfm", "words")
    assert "<img" not in text
    read = "".join(element.text or "" for element in ET.fromstring(text).iter(f"{SVG}text"))
    assert "<img" in read


@pytest.mark.parametrize("name", SEVEN)
def test_it_is_plain_enough_for_any_page(name: str) -> None:
    """No prologue, style sheet, style attribute, foreign namespace, raster, script or fixed size."""
    text = figures.to_svg(CHARTS[name](), "x", "words")
    assert text.startswith("<svg ")
    assert re.search(r"<\?xml|<!DOCTYPE|<metadata|<style|style=|xlink|rdf:|<image|<script|ns0:|<!--", text) is None
    root = ET.fromstring(text)
    assert root.attrib["width"] == "100%"
    assert "height" not in root.attrib
    assert float(root.attrib["viewBox"].split()[2]) == pytest.approx(170 / 25.4 * 72, rel=1e-3)
    numbers = [value for element in root.iter() for key in ("d", "x", "y") if (value := element.attrib.get(key))]
    assert numbers
    assert not any(re.search(r"\.\d{3}", value) for value in numbers)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", ("7,010", "Jan 1997", "Customers")), ("nb", ("7\u00a0010", "jan. 1997"))]
)
def test_text_stays_text_in_the_language(language: str, expected: tuple[str, ...]) -> None:
    i18n.activate(language, "NOK")
    root = ET.fromstring(figures.to_svg(figures.cohorts(cohort_result()), "cohorts", "words"))
    read = [element.text for element in root.iter(f"{SVG}text")]
    assert [text for text in expected if text not in read] == []


def test_marks_keep_their_gid_as_id() -> None:
    ids = {element.attrib.get("id") for element in drawn("pareto").iter()}
    assert {"pareto.top20", "pareto.curve", "pareto.equality"} <= ids
    ids = {element.attrib.get("id") for element in drawn("cohort_curve").iter()}
    assert "cohort_curve.cohort-curve-average" in ids


def test_straight_lines_are_rounded_to_a_tenth_of_a_point_without_adding_up() -> None:
    figure = Figure(figsize=(2, 2))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.plot([0.123456, 0.7654321, 0.7654321, 0.2], [0.3333333, 0.3333333, 0.9, 0.1], gid="line", clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    root = ET.fromstring(figures.to_svg(ax, "x", "words"))
    path = next(element.attrib["d"] for element in root.iter() if element.attrib.get("id") == "x.line")
    assert path == "M17.8 96h92.4v-81.6l-81.4 115.2"


def test_many_steps_end_where_they_should() -> None:
    """Each step is written from the rounded end of the one before, so that the errors do not add up."""
    figure = Figure(figsize=(2, 2))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.plot(np.linspace(0, 1, 1000), np.linspace(0, 1, 1000) ** 2, gid="line", clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    root = ET.fromstring(figures.to_svg(ax, "x", "words"))
    path = next(element.attrib["d"] for element in root.iter() if element.attrib.get("id") == "x.line")
    assert path.startswith("M0 144")
    x, y = 0.0, 144.0
    for command, numbers in re.findall(r"([hvl])([^hvlz]*)", path):
        steps = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        x += steps[0] if command in "hl" else 0.0
        y += steps[-1] if command in "vl" else 0.0
    assert (x, y) == pytest.approx((144, 0), abs=0.051)


def test_looks_that_neighbours_share_are_written_once() -> None:
    root = ET.fromstring(figures.to_svg(figures.cohorts(cohort_result(24, 23)), "cohorts", "words"))
    groups = [group for group in root.iter(f"{SVG}g") if len(list(group)) > 20]
    assert groups
    for group in groups:
        assert all(not set(child.attrib) & set(group.attrib) for child in group)
    sizes = [element for element in root.iter(f"{SVG}text") if "font-size" in element.attrib]
    assert len(sizes) < len(list(root.iter(f"{SVG}text"))) / 10


def test_a_chart_of_very_many_marks_does_without_their_names() -> None:
    """24 cohorts that have all been observed for two years: no smaller than 60 kB with 600 ids."""
    text = figures.to_svg(figures.cohorts(cohort_result(24, 60)), "cohorts", "words")
    assert "cohorts.0-1" not in text
    assert len(text.encode()) < 60_000
    assert "cohorts.0-1" in figures.to_svg(figures.cohorts(cohort_result(24, 23)), "cohorts", "words")


def test_a_clip_path_and_a_marker_survive_under_their_new_names() -> None:
    figure = Figure()
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 5], "o-")
    ax.set_ylim(0, 1)
    root = ET.fromstring(figures.to_svg(ax, "plain", "words"))
    clips = {element.attrib["id"] for element in root.iter(f"{SVG}clipPath")}
    assert len(clips) == 1
    assert all(each.startswith("plain.") for each in clips)
    used = {element.attrib["clip-path"] for element in root.iter() if "clip-path" in element.attrib}
    assert used == {f"url(#{each})" for each in clips}
    assert len(list(root.iter(f"{SVG}use"))) >= 2


@pytest.mark.parametrize("name", ["", "1st", "two words", "a#b", "é"])
def test_a_name_that_cannot_begin_an_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected a letter"):
        figures.to_svg(CHARTS["pareto"](), name, "words")


def test_a_chart_without_alternative_text_is_refused() -> None:
    with pytest.raises(ValueError, match="alternative text"):
        figures.to_svg(CHARTS["pareto"](), "pareto", "  ")


def test_weasyprint_sets_charts_in_the_embedded_typeface_with_their_alternative_text(tmp_path: Path) -> None:
    page = (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Charts</title><style>{fonts.css()}"
        '@page{size:A4;margin:20mm}body{font-family:"Source Sans Pro"}</style></head><body><h1>Charts</h1>'
        + "".join(f"<figure>{figures.to_svg(CHARTS[name](), name.partition(' ')[0], name)}</figure>" for name in SEVEN)
    )
    pdf = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        faces = {str(each.get("/BaseFont", "")) for each in opened.objects if isinstance(each, pikepdf.Dictionary)}
        alts = {str(each["/Alt"]) for each in opened.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each}
    assert set(SEVEN) <= alts
    embedded = {face.partition("+")[2] for face in faces if face}
    assert embedded
    assert all(face.startswith("Source-Sans-Pro") for face in embedded)
