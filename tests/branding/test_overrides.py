"""A client's folder of templates: what is taken from it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest

from loyalty_lib import templates
from loyalty_lib.branding import Dressing
from loyalty_lib.errors import ConfigError

Dressed = Callable[[str], Dressing]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def own(folder: Path) -> Path:
    """Return the folder of the client's own templates."""
    place = folder / "brand" / "templates"
    (place / "blocks").mkdir(parents=True)
    return place


def complaint(dressed: Dressed) -> str:
    with pytest.raises(ConfigError) as caught:
        dressed("templates: brand/templates")
    return str(caught.value)


def test_a_block_of_ones_own_stands_in_for_ours_and_others_stay(own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "advice.html.j2").write_text("<p class='own'>{{ items | join(', ') }}</p>")
    templates.use(dressed("templates: brand/templates").templates)
    assert str(templates.fill("advice", heading="x", items=["a", "b"])) == "<p class='own'>a, b</p>"
    assert "headline" in templates.fill("finding", headline="h", lead="")
    templates.use(None)
    assert "own" not in templates.fill("advice", heading="x", items=["a", "b"])


def test_ours_can_be_included(own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "notes.html.j2").write_text('<hr>{% include "loyalty/notes.html.j2" %}')
    templates.use(dressed("templates: brand/templates").templates)
    html = str(templates.fill("notes", heading="To bear in mind", items=["a"]))
    assert html.startswith("<hr>")
    assert '<div class="notes">' in html


def test_text_stays_text_in_a_block_of_ones_own(own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "finding.html.j2").write_text("<p>{{ headline }}</p>")
    templates.use(dressed("templates: brand/templates").templates)
    tree = lxml.html.fromstring(str(templates.fill("finding", headline=EVIL, lead="")))
    assert tree.text_content() == EVIL


@pytest.mark.parametrize(
    "source",
    [
        "{{ headline | safe }}",
        "{{ [headline] | map('safe') | first }}",
        "{% filter safe %}x{% endfilter %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ headline.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__['os'] }}",
        "{% include '../../../client.yml' %}",
        "{% include 'check.html.j2' ignore missing %}{{ headline.format_map.__self__ }}",
        "{{ nothing_of_that_name }}",
        "{{ headline + 1 }}",
        "{{ 1 // 0 }}",
        "{% include 'finding.html.j2' %}",
        "{% for %}",
        "{% autoescape false %}{{ headline }}{% endautoescape %}",
        "<{{ 'script' }}>x</script>",
        "<img {{ 'src' }}='http://evil.example/x'>",
    ],
)
def test_no_block_gets_out_of_its_sandbox(source: str, own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "finding.html.j2").write_text(source)

    def used() -> str:
        templates.use(dressed("templates: brand/templates").templates)
        return str(templates.fill("finding", headline=EVIL, lead=""))

    with pytest.raises(ConfigError) as caught:  # on load, or at the latest when it is filled
        used()
    assert "finding.html.j2" in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        EVIL,
        "<iframe src='https://evil.example'></iframe>",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "<base href='//evil.example'>",
        "<form action='//evil.example'></form>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<img src='https://evil.example/x.png'>",
        "<img srcset='https://evil.example/x.png 1x'>",
        "<p onclick='x()'>",
        "<svg><image href='file:///etc/passwd'/></svg>",
        "<svg><a xlink:href='javascript:x()'></a></svg>",
        "<div style='background:url(//evil.example)'>",
        "<style>p { color: red }</style>",
        "<object data='x.swf'></object>",
        "<a href='javascript:alert(1)'>x</a>",
    ],
)
def test_what_runs_loads_or_sends_is_refused_on_load_with_its_line(source: str, own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "notes.html.j2").write_text(f"<p>\n{source}")
    assert "line 2" in complaint(dressed)


CSS = {
    "import": '@import "x.css";',
    "import, escaped": "@\\69mport 'x.css';",
    "import, escaped with six digits": "@\\000069 mport 'x.css';",
    "import in capitals": "@IMPORT url(data:text/css,x);",
    "url": "p { background: url(https://evil.example/x.png) }",
    "url in quotes": "p { background: url( 'x.png' ) }",
    "url, escaped": "p { background: u\\72 l(x.png) }",
    "url, escaped letter": "p { background: \\url(x.png) }",
    "url in capitals": "p { background: URL(//evil.example) }",
    "url hidden between comments in strings": "p { content: '/*'; background: url(x.png); } q { content: '*/' }",
    "url after a line end in a string": "p { content: 'a\\\nb'; background: url(x) }",
    "url of a document": "p { background: url(data:text/html,x) }",
    "font": "@font-face { font-family: x; src: url(x.woff2) }",
    "image-set": "p { background: image-set('x.png' 1x) }",
    "image-set of a browser": "p { background: -webkit-image-set('x.png' 1x) }",
    "image": "p { background: image('x.png') }",
    "src": "@font-face { src: src('x.woff2') }",
    "end of the style sheet": "p { color: red } </style><script>alert(1)</script>",
    "end of the style sheet in a comment": "/* </STYLE > */",
}


@pytest.mark.parametrize("name", CSS)
def test_css_that_asks_for_anything_outside_is_refused_with_its_line(name: str, own: Path, dressed: Dressed) -> None:
    (own / "report.css").write_text(f"h1 {{ color: black }}\n\n{CSS[name]}\n")
    said = complaint(dressed)
    assert "report.css" in said
    assert "line 3" in said or "line 4" in said


def test_css_of_ones_own_is_taken_as_it_is(own: Path, dressed: Dressed) -> None:
    css = """/* Acme */ h1 { letter-spacing: 0; background: url("data:image/png;base64,AAAA") }
    .curl(x) { --src-x: 1 } @media print { h1 { filter: url(#blur); color: rgb(1, 2, 3) } }"""
    (own / "report.css").write_text(css)
    assert dressed("templates: brand/templates").css == css


def test_unknown_files_are_refused_all_at_once_with_the_valid_names(own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "covr.html.j2").write_text("x")
    (own / "blocks" / "check.html.j2").write_text("a whole page, whose policy is not the client's to change")
    (own / "print.css").write_text("x")
    (own / ".DS_Store").write_bytes(b"\0")
    said = complaint(dressed)
    assert [name for name in ("covr.html.j2", "check.html.j2", "print.css") if f"{name}: 1 problem" not in said] == []
    assert "blocks/cover.html.j2" in said
    assert "DS_Store" not in said


def test_a_template_that_cannot_be_filled_says_file_and_remedy(own: Path, dressed: Dressed) -> None:
    (own / "blocks" / "notes.html.j2").write_text("<p>{{ heading }}\n{{ titel }}</p>")
    templates.use(dressed("templates: brand/templates").templates)
    with pytest.raises(ConfigError, match=r"notes\.html\.j2.*\n.*'titel' is undefined"):
        templates.fill("notes", heading="x", items=[])


def test_a_folder_that_is_not_there_is_told_by_its_line(dressed: Dressed) -> None:
    assert "line 7: 'brand.templates'" in complaint(dressed)
