"""Charts as files look like those of the page, need no typeface, and are the same for the same chart."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure
from PIL import Image

from loyalty_lib import figures

SVG = "{http://www.w3.org/2000/svg}"


def _axes():
    figures.style("#1f5a7a")
    axes = Figure(figsize=(6.69, 3.2), layout="constrained").add_subplot()
    axes.plot([0, 1, 2], [3, 1, 2], gid="line")
    axes.set_xlabel("Months & <years>")
    return axes


def test_every_chart_of_the_page_is_there_as_png_and_svg(made) -> None:
    shown = {name.replace("-", "_") for name in re.findall(r'<figure id="figure-([^"]+)"', made.html)}
    files = {name for name in made.files if name.startswith("charts/")}
    assert files == {f"charts/{name}.{kind}" for name in shown for kind in ("png", "svg")}
    assert len(shown) >= 14
    assert all(re.fullmatch(r"charts/[a-z0-9_]+\.(png|svg)", name) for name in files)


def test_png_is_white_and_of_300_dots_to_the_inch(made) -> None:
    for name, content in made.files.items():
        if name.endswith(".png"):
            picture = Image.open(io.BytesIO(content))
            assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
            assert picture.size[0] == 2007
            assert picture.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
            assert "Software" not in picture.info
            assert len(content) < 600_000


def test_svg_needs_no_typeface_and_says_what_it_shows(made) -> None:
    for name, content in made.files.items():
        if name.endswith(".svg"):
            drawing = ET.fromstring(content)
            assert drawing.tag == f"{SVG}svg"
            assert not list(drawing.iter(f"{SVG}text"))
            assert drawing.find(f"{SVG}title").text
            assert b"font-family" not in content
            links = re.findall(rb'(?:href|src)="([^"]+)"', content)
            assert all(link.startswith(b"#") for link in links), "loads nothing"


def test_the_same_chart_is_the_same_files() -> None:
    first, second = ((figures.to_png(axes), figures.to_svg_file(axes, "T", "A")) for axes in (_axes(), _axes()))
    assert first == second


def test_files_do_not_change_the_chart_of_the_page() -> None:
    plain, drawn = _axes(), _axes()
    before = figures.to_svg(plain, "pareto", "A line.")
    figures.to_svg(drawn, "pareto", "A line.")
    figures.to_png(drawn)
    figures.to_svg_file(drawn, "T", "A")
    assert figures.to_svg(drawn, "pareto", "A line.") == before


def test_words_stand_in_the_svg() -> None:
    drawing = ET.fromstring(figures.to_svg_file(_axes(), 'Oak & "birch"', "A line <down>."))
    assert drawing.find(f"{SVG}title").text == 'Oak & "birch"'
    told = [element.text for element in drawing.iter() if element.tag.endswith("description")]
    assert told == ["A line <down>."]


def test_pictures_are_taken_out_of_what_is_kept(made) -> None:
    for cell in made.notebook.cells:
        for output in cell.get("outputs", ()):
            assert not {"png", "svg"} & set(output["data"].get("application/vnd.loyalty+json", {}))
