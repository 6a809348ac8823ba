"""The whole look, from a client's settings to the page: settings, cover, foot of the page, method page."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lxml.html
import matplotlib as mpl
import pikepdf
import pytest
from nbformat import NotebookNode, v4

from loyalty_lib import narrative, present, render, templates
from loyalty_lib.branding import Dressing, dressing, dressing_of_words
from loyalty_lib.config import load_config
from loyalty_lib.config.brand import Brand
from loyalty_lib.errors import ConfigError
from loyalty_lib.fingerprint import fingerprint
from loyalty_lib.paths import CHECKOUT, NOTEBOOKS
from loyalty_lib.render.page import page_html

Dressed = Callable[[str], Dressing]
EVIL = "</style><script>alert('x')</script>\"'; } * { x: y"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><path d="M0 0h4v1z" fill="#1f5a7a"/></svg>'


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """Make an executed notebook of a cover and a method page."""
    metrics: dict[str, Any] = {
        "client": {"slug": "acme", "name": "Acme"},
        "period": {"label": "2024-Q4", "kind": "quarter", "start": "2024-10-01", "end": "2024-12-31"},
        "as_of": "2024-12-31",
        "language": "en",
        "currency": "NOK",
        "simulated": False,
        "brand": Brand(name="Nordlys", disclaimer=f"No warranty {EVIL}").words,
    }
    cover = narrative.Cover(finding="Sales rose.", actions=("Write.",))
    words = SimpleNamespace(cover=lambda _: cover, method=lambda _: [("Privacy", ["Groups only."])])
    monkeypatch.setattr(present, "narrative", words)
    blocks = [present.publish(metrics), present.cover(metrics)]
    cells = [v4.new_code_cell("x", outputs=[_output(block)]) for block in blocks]
    method = v4.new_code_cell("x", outputs=[_output(present.method(metrics))])
    made: NotebookNode = v4.new_notebook(cells=[*cells, v4.new_markdown_cell("## Method"), method])
    return made


def _output(block: present.Block) -> NotebookNode:
    output: NotebookNode = v4.new_output("execute_result", block._repr_mimebundle_(), execution_count=1)
    return output


def complaint(dressed: Dressed, lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        dressed(lines)
    return str(caught.value)


def test_a_colour_that_does_not_read_is_refused_with_file_line_ratio_and_nearest_shade(dressed: Dressed) -> None:
    said = complaint(dressed, 'accent: "#f1c40f"')
    assert "clients/acme/client.yml: 1 problem" in said
    assert "line 7: 'brand.accent' holds '#f1c40f'" in said
    assert "1.66:1 and 1.51:1" in said
    assert 'nearest shade that passes is "#896d00"' in said
    assert dressed('accent: "#896d00"').accent == "#896d00"


def test_a_second_colour_too_pale_or_too_near_is_refused_with_the_nearest_that_passes(dressed: Dressed) -> None:
    pale = complaint(dressed, 'accent: "#1f5a7a"\nsecond: "#ffcc00"')
    assert "line 8: 'brand.second' holds '#ffcc00'" in pale
    assert "1.51:1" in pale
    near = complaint(dressed, 'second: "#2a6f95"')
    assert "10 or more steps of lightness (CIELAB) from the accent, this one has 8.3" in near
    assert dressed('second: "#b45309"').second == "#b45309"


def test_an_accent_that_is_wrong_does_not_hide_a_second_colour_that_is(dressed: Dressed) -> None:
    said = complaint(dressed, "accent: blue\nsecond: red")
    assert "brand.accent" in said
    assert "brand.second" in said


def test_older_files_say_prepared_by_and_never_both(dressed: Dressed) -> None:
    assert Brand.model_validate({"prepared_by": "Nordlys"}).name == "Nordlys"
    assert "'brand.prepared_by'; expected a known key" in complaint(dressed, "prepared_by: Someone else")


def test_a_logo_needs_a_name_to_be_read_out() -> None:
    with pytest.raises(ValueError, match=r"brand\.name beside it"):
        Brand.model_validate({"logo": "logo.svg"})


def test_everything_missing_is_told_at_once_by_its_line(dressed: Dressed) -> None:
    said = complaint(dressed, "logo: brand/x.svg\nfont: {regular: brand/x.ttf}\ntemplates: brand/none")
    assert "3 problems" in said
    for line, key in ((7, "brand.logo"), (8, "brand.font.regular"), (9, "brand.templates")):
        assert f"line {line}: '{key}'" in said


def test_everything_refused_is_told_at_once(folder: Path, dressed: Dressed) -> None:
    (folder / "brand" / "x.svg").write_bytes(SVG.replace(b"<path", b"<text/><path"))
    (folder / "brand" / "x.ttf").write_bytes(b"no font")
    (folder / "brand" / "own").mkdir()
    (folder / "brand" / "own" / "x.css").write_text("x")
    said = complaint(dressed, "logo: brand/x.svg\nfont: {regular: brand/x.ttf}\ntemplates: brand/own")
    for words in ("x.svg: 1 problem", "line 1: holds '<text>'", "x.ttf: 1 problem", "x.css: 1 problem"):
        assert words in said


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/logo.svg", "~/logo.svg"])
def test_no_file_of_another_folder_is_read(path: str, dressed: Dressed) -> None:
    assert "a path inside the client's folder" in complaint(dressed, f"logo: {path}")


def test_words_and_colours_alone_are_in_the_metrics(folder: Path, dressed: Dressed) -> None:
    (folder / "brand" / "x.svg").write_bytes(SVG)
    look = dressed("logo: brand/x.svg\nfooter: Foot")
    words = load_config("acme").brand.words
    assert set(words) == {"name", "accent", "second", "footer", "disclaimer", "confidentiality"}
    assert "data:" not in str(words)
    assert dressing_of_words(words) == Dressing(name=look.name, accent=look.accent, footer="Foot")


def test_logo_footer_and_disclaimer_stand_where_they_belong(
    notebook: NotebookNode, folder: Path, dressed: Dressed
) -> None:
    (folder / "brand" / "x.svg").write_bytes(SVG)
    tree = lxml.html.fromstring(page_html(notebook, dressing=dressed("logo: brand/x.svg\nfooter: Foot AS")))
    (logo,) = tree.xpath("//img")
    assert logo.getparent().get("id") == "summary"
    assert logo.getparent().index(logo) == 0
    assert logo.get("alt") == "Nordlys Analyse"
    assert logo.get("src").startswith("data:image/svg+xml;base64,")
    assert tree.find("body").get("data-footer") == "Foot AS"
    assert tree.xpath("string(//footer)") == "Foot AS"
    *_, last = tree.xpath("//section[@id='method']//p")
    assert last.text_content() == f"No warranty {EVIL}"


def test_the_short_edition_has_no_method_page_and_ends_with_the_disclaimer(notebook: NotebookNode) -> None:
    html = page_html(notebook, edition="short", dressing=Dressing(disclaimer="No warranty"))
    *_, last = lxml.html.fromstring(html).xpath("//main/*")
    assert last.text_content() == "No warranty"


def test_without_a_footer_the_reports_name_stands_at_the_foot(notebook: NotebookNode) -> None:
    tree = lxml.html.fromstring(page_html(notebook))
    assert tree.find("body").get("data-footer") == tree.xpath("string(//title)")
    assert not tree.xpath("//footer | //img")


def test_words_of_the_brand_are_words_on_the_page_and_in_print(notebook: NotebookNode) -> None:
    look = Dressing(name=EVIL, footer=EVIL, confidentiality=EVIL, logo="data:image/png;base64,AA")
    html = page_html(notebook, dressing=look)
    tree = lxml.html.fromstring(html)
    assert len(tree.xpath("//script")) <= 1  # the page's own
    assert tree.xpath("string(//footer)") == EVIL
    assert tree.xpath("//img/@alt") == [EVIL]
    assert tree.find("body").get("data-confidentiality") == EVIL
    assert EVIL not in "".join(tree.xpath("//style/text()"))
    with pikepdf.open(io.BytesIO(render.pdf(html))) as document:
        assert len(document.pages) >= 2


def test_styles_of_ones_own_come_last_and_for_every_medium(notebook: NotebookNode) -> None:
    tree = lxml.html.fromstring(page_html(notebook, dressing=Dressing(css="h1 { color: #123456 }")))
    *_, last = tree.xpath("//style")
    assert last.get("media") is None
    assert last.text.strip().endswith("h1 { color: #123456 }")


def test_blocks_of_ones_own_are_those_of_the_notebook_that_begins_with_them(folder: Path, dressed: Dressed) -> None:
    (folder / "brand" / "own" / "blocks").mkdir(parents=True)
    (folder / "brand" / "own" / "blocks" / "notes.html.j2").write_text("<p class='own'>{{ heading }}</p>")
    dressed("templates: brand/own")
    present.begin(SimpleNamespace(config=load_config("acme")))  # type: ignore[arg-type]
    assert "own" in templates.fill("notes", heading="x", items=[])
    present.begin_portfolio("en")
    assert "own" not in templates.fill("notes", heading="x", items=[])


def test_a_notebook_begins_with_the_colours_of_its_client(dressed: Dressed) -> None:
    dressed('accent: "#7a1f5a"\nsecond: "#b45309"')
    present.begin(SimpleNamespace(config=load_config("acme")))  # type: ignore[arg-type]
    assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][:2] == ["#7a1f5a", "#b45309"]


def test_the_dressed_page_and_its_pdf_are_the_same_each_time(
    notebook: NotebookNode, folder: Path, dressed: Dressed
) -> None:
    (folder / "brand" / "x.svg").write_bytes(SVG)
    font = Path(mpl.__file__).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    shutil.copy(font, folder / "brand" / "x.ttf")
    lines = "logo: brand/x.svg\nfont: brand/x.ttf\nfooter: Foot"
    first, again = (page_html(notebook, dressing=dressed(lines)) for _ in range(2))
    assert first == again
    assert render.pdf(first) == render.pdf(again)


def test_a_changed_file_of_the_brand_makes_the_report_anew(folder: Path, dressed: Dressed) -> None:
    for name in ("x.svg", "x.ttf"):
        (folder / "brand" / name).write_bytes(SVG)
    (folder / "brand" / "own").mkdir()
    with pytest.raises(ConfigError):
        dressed("logo: brand/x.svg\nfont: {regular: brand/x.ttf}\ntemplates: brand/own")
    marks = {_mark()}
    for path in (folder / "brand" / "x.svg", folder / "brand" / "x.ttf", folder / "brand" / "own" / "report.css"):
        path.write_text("changed")
        marks.add(_mark())
    assert len(marks) == 4


def _mark() -> str:
    return fingerprint(load_config("acme"), NOTEBOOKS / "loyalty_report.ipynb", {})


def test_the_demo_clients_brand_passes_its_own_checks() -> None:
    config = load_config("fjord")
    look = dressing(config)
    assert look.logo.startswith("data:image/svg+xml")
    assert (CHECKOUT / "clients" / "fjord" / "brand" / "logo.svg").stat().st_size < 3000
    assert look.second
    assert look.footer
    assert look.disclaimer
    assert dt.date(2024, 12, 31) == config.observed_until
