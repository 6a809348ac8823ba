"""The demo client's notebook, run once with its charts as pictures; and a report of a few invented words."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from loyalty_lib import exports, render
from loyalty_lib.branding import Dressing
from loyalty_lib.execute import execute
from loyalty_lib.exports.material import Chapter, Chart, Material, Sheet
from loyalty_lib.paths import NOTEBOOKS
from loyalty_lib.render.carried import Picture
from loyalty_lib.templates import PICTURES

if TYPE_CHECKING:
    from nbformat import NotebookNode

CDNOW = {"client": "cdnow", "period": "1998-Q2"}


@dataclass(frozen=True, kw_only=True)
class Made:
    """An executed notebook, its pictures, its page, and every file that is made of them."""

    notebook: NotebookNode
    pictures: dict[str, Picture]
    html: str
    metrics: dict[str, Any]
    files: dict[str, bytes]

    def again(self, *formats: str, language: str = "en", comments: dict[str, str] | None = None) -> dict[str, bytes]:
        return exports.exported(
            self.notebook, self.pictures, formats, language=language, html=self.html, comments=comments or {}
        )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the report of the CDNOW client in every format."""
    failed = tmp_path_factory.mktemp("exports") / "failed.ipynb"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LOYALTY_HOME", raising=False)
        notebook = execute(NOTEBOOKS / "loyalty_report.ipynb", CDNOW, failed=failed, environment={PICTURES: "1"})
    pictures = render.take_pictures(notebook)
    html = render.page_html(notebook)
    files = exports.exported(notebook, pictures, exports.chosen("all"), language="en", html=html, comments={})
    return Made(
        notebook=notebook,
        pictures=pictures,
        html=html,
        metrics=render.extract(notebook).metrics,
        files=files,
    )


def _picture() -> Picture:
    target = io.BytesIO()
    Image.new("RGB", (600, 300), "white").save(target, "png", dpi=(200, 200))
    return Picture(png=target.getvalue(), svg="<svg xmlns='http://www.w3.org/2000/svg'/>")


@pytest.fixture
def sheet() -> Callable[..., Sheet]:
    """Make a table of one column of text and one of numbers."""

    def make(*rows: list[Any], title: str = "Customers by segment", kind: str = "number.0", **words: Any) -> Sheet:
        columns = [
            {"name": "segment", "label": "Segment", "kind": "text"},
            {"name": "value", "label": "Value", "kind": kind},
        ]
        return Sheet(name="segments", title=title, columns=columns, rows=list(rows), **words)

    return make


@pytest.fixture
def material() -> Callable[..., Material]:
    """Make a report of one chapter with one chart and the tables given."""

    def make(
        *tables: Sheet, client: str = "Acme Sports", language: str = "en", details: bool = False, logo: str = ""
    ) -> Material:
        words = {"title": "Oak leads", "subtitle": "Sales by tree", "alt": "A bar of oak.", "source": "Source: Acme."}
        chart = Chart(name="rfm", number="Figure 1", detail=details, picture=_picture(), data=None, **words)
        chapter = Chapter(
            title="Segments", headline="Oak brings 60% of sales", lead="It did last year, too.", advice=["Plant oak."],
            notes=["Birch is not counted."], tables=list(tables), charts=[chart],
        )  # fmt: skip
        cover = {
            "client": client,
            "title": "Customer loyalty",
            "period": "4th quarter 2024, as of 31 December 2024",
            "finding": "Sales rose 5%.",
            "actions": ["Win them back.", "Keep the best."],
            "trust_label": "Use with care",
            "trust_reason": "It was 12% too low.",
            "prepared_by": "Prepared by Fjord Insight",
            "words": {"actions": "Recommended actions", "trust": "How far the forecast can be trusted"},
        }
        return Material(
            language=language,
            currency="NOK",
            as_of=dt.date(2024, 12, 31),
            cover=cover,
            look=Dressing(name="Fjord Insight", accent="#7a1f5a", confidentiality="For Acme & friends only", logo=logo),
            chapters=(chapter,),
        )

    return make


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes, str], Path]:
    """Write bytes to a file that other programs can open."""

    def write(content: bytes, name: str) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write
