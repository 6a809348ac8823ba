"""A logo's SVG: what is kept, and that nothing gets through that runs, loads or blows up."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from loyalty_lib.branding.logo import logo_uri
from loyalty_lib.branding.svg import PictureError, clean
from loyalty_lib.render import pdf
from tests.branding.vectors import EVIL, HEAD, REFUSED, SHAPE, svg

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ILLUSTRATOR = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: a drawing program -->
<svg version="1.1" id="Ebene_1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  x="0px" y="0px" width="80px" height="40px" viewBox="0 0 80 40" style="enable-background:new 0 0 80 40;"
  xml:space="preserve" data-name="Layer 1">
<style type="text/css"> .st0{fill:#1F5A7A;} .st1, #mark {fill:url(#SVGID_1_); stroke:none} path{fill:#000000}</style>
<title>Acme</title><desc>A logo</desc><metadata><x xmlns="urn:adobe">secret</x></metadata>
<defs><linearGradient id="SVGID_1_" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="8" y2="0">
<stop offset="0" style="stop-color:#FFFFFF"/><stop offset="1" style="stop-color:#B45309;stop-opacity:.5"/>
</linearGradient><clipPath id="clip"><rect width="80" height="40"/></clipPath></defs>
<g clip-path="url('#clip')"><path class="st0" d="M0,0h20v20z"/>
<rect id="mark" x="30" y="0" width="20" height="20" transform="rotate(10 40 10)"/><use xlink:href="#mark" x="4"/></g>
</svg>"""
INKSCAPE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="8mm" height="4mm" viewBox="0 0 80 40"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" xmlns:sodipodi="http://sodipodi.example/dtd"
  xmlns:h="http://www.example.com/notes" inkscape:version="1.3" sodipodi:docname="/home/anna/logo.svg">
<sodipodi:namedview pagecolor="#fff"><inkscape:grid/></sodipodi:namedview><h:note>by Anna</h:note>
<path inkscape:label="Anna" d="M0 0h1" style="fill:none;stroke:#000;stroke-width:2px;-inkscape-stroke:none;
  font-family:Arial;mix-blend-mode:normal;stroke-dasharray:1, 2"/></svg>"""


def parsed(data: bytes) -> ET.Element:
    return ET.fromstring(clean(data))


def tags(root: ET.Element) -> list[str]:
    return [element.tag.rpartition("}")[2] for element in root.iter()]


@pytest.mark.parametrize("name", REFUSED)
def test_what_runs_loads_or_blows_up_is_refused_by_name(name: str, tmp_path: Path) -> None:
    data, named = REFUSED[name]
    (tmp_path / "logo.svg").write_bytes(data)
    with pytest.raises(PictureError) as caught:
        logo_uri(tmp_path / "logo.svg")
    assert any(named in found for _, found in caught.value.found), caught.value.found


def test_more_than_twenty_ways_are_tried() -> None:
    assert len(REFUSED) > 60


def test_everything_refused_is_told_at_once_with_its_line() -> None:
    data = svg('\n<script/>\n\n<rect onclick="x()" width="1" height="1"/>\n<text/>')
    with pytest.raises(PictureError) as caught:
        clean(data)
    assert caught.value.found == [(2, "<script>"), (4, "onclick of <rect>"), (5, "<text>")]


def test_a_drawing_programs_file_keeps_its_picture_and_loses_its_notes() -> None:
    root = parsed(ILLUSTRATOR)
    assert tags(root) == [
        "svg", "defs", "linearGradient", "stop", "stop", "clipPath", "rect", "g", "path", "rect", "use",
    ]  # fmt: skip
    path, mark, use = root[1]
    assert path.get("fill") == "#1F5A7A"  # the class is stronger than the element
    assert mark.get("fill") == f"url(#{root[0][0].get('id')})"
    assert mark.get("stroke") == "none"
    assert use.get("href") == f"#{mark.get('id')}"
    assert root[1].get("clip-path") == f"url(#{root[0][1].get('id')})"
    assert [stop.get("stop-opacity") for stop in root[0][0]] == [None, ".5"]
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 80 40", "80", "40")


def test_ids_are_prefixed_and_only_those_referred_to_stay() -> None:
    ids = [element.get("id") for element in parsed(ILLUSTRATOR).iter() if element.get("id")]
    assert ids == ["logo-0", "logo-1", "logo-2"]


def test_what_an_editor_notes_for_itself_is_gone() -> None:
    text = clean(INKSCAPE)
    assert not [word for word in ("Anna", "anna", "inkscape", "sodipodi", "note", "font", "blend") if word in text]
    (path,) = ET.fromstring(text)
    assert path.attrib == {
        "d": "M0 0h1", "fill": "none", "stroke": "#000", "stroke-width": "2px", "stroke-dasharray": "1, 2",
    }  # fmt: skip


def test_of_two_elements_with_one_id_the_first_keeps_it() -> None:
    root = parsed(svg('<rect id="a" width="1" height="1"/><circle id="a" r="1"/><use href="#a"/>'))
    assert [element.get("id") for element in root] == ["logo-0", None, None, None]


def test_cleaning_twice_changes_nothing_more_and_is_the_same_each_time() -> None:
    once = clean(ILLUSTRATOR)
    assert once == clean(ILLUSTRATOR)
    assert clean(once.encode()) == once


def test_a_size_in_pixels_becomes_the_frame() -> None:
    root = parsed(b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="12.5px"><path d="M0 0"/></svg>')
    assert root.get("viewBox") == "0 0 30 12.5"


HIDDEN = {
    "comment": f"<!-- <script>alert(1)</script> <img src={EVIL}> -->",
    "script as text": "<title><![CDATA[</title><script>alert(1)</script>]]></title>",
    "markup in a note": '<metadata><a xmlns="urn:x" href="javascript:alert(1)"><script/></a></metadata>',
    "unknown namespace": f'<x xmlns="urn:evil" onload="alert(1)" href="{EVIL}"/>',
    "no namespace": f'<script xmlns="">alert(1)</script><image xmlns="" href="{EVIL}"/>',
    "harmless references": '<g id="a&quot;&gt;"><rect width="1" height="1"/></g>',
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_left_out_is_gone_entirely(name: str) -> None:
    text = clean(svg(HIDDEN[name])).replace("http://www.w3.org/2000/svg", "")
    assert not [word for word in ("script", "evil", "alert", "http:", "quot") if word in text]


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Logo</title></head><body><h1>Logo</h1>
<img src="{uri}" alt="Acme" style="height:14mm"><div id="inline">{inline}</div><p id="done">no</p></body></html>"""


def test_a_printed_logo_asks_for_nothing_and_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(ILLUSTRATOR)
    printed = pdf(PAGE.format(uri=logo_uri(tmp_path / "logo.svg"), inline=""))
    assert printed.startswith(b"%PDF")
    assert printed == pdf(PAGE.format(uri=logo_uri(tmp_path / "logo.svg"), inline=""))


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this system")
def test_a_browser_runs_and_requests_nothing_even_with_the_logo_inline(tmp_path: Path) -> None:
    """As an image nothing would run anyway; inline everything would, so nothing may be left that could."""
    kept = [clean(svg(hidden)) for hidden in (HIDDEN["script as text"], HIDDEN["unknown namespace"])]
    kept += [clean(svg(f'<h:note xmlns:h="urn:x"/><g data-x="{EVIL}"/>')), clean(ILLUSTRATOR)]
    uri = f"data:image/svg+xml;base64,{base64.b64encode(kept[-1].encode()).decode()}"
    probe = PAGE.format(uri=uri, inline="".join(kept)).replace(
        "</body>",
        "<script>window.alert = () => { document.title = 'ran' };"
        "setTimeout(() => { document.getElementById('done').textContent = document.title + ' ' +"
        "performance.getEntriesByType('resource').filter((e) => !e.name.startsWith('data:')).length + ' ' +"
        "document.querySelector('img').naturalWidth }, 300)</script></body>",
    )
    (tmp_path / "page.html").write_text(probe, encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--virtual-time-budget=3000", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        (tmp_path / "page.html").as_uri(),
    ]  # fmt: skip
    page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert '<p id="done">Logo 0 80</p>' in page


def test_the_shape_that_every_vector_holds_is_itself_accepted() -> None:
    assert "<path" in clean(f"{HEAD}>{SHAPE}</svg>".encode())
