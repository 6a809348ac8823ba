"""A client with a brand: a logo, a font and a folder of templates can be put in its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loyalty_lib import figures, i18n, templates
from loyalty_lib.branding import Dressing, dressing
from loyalty_lib.config import load_config

SETTINGS = """\
name: Acme
currency: NOK
language: nb
source: {path: data/orders.csv}
brand:
  name: Nordlys Analyse
"""


@pytest.fixture(autouse=True)
def _house_afterwards() -> Iterator[None]:
    """Leave language, charts and blocks as other tests expect them."""
    yield
    i18n.activate("en")
    figures.style()
    templates.use(None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the client "acme"."""
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    place = tmp_path / "clients" / "acme"
    (place / "brand").mkdir(parents=True)
    return place


@pytest.fixture
def dressed(folder: Path) -> Callable[[str], Dressing]:
    """Make the dressing of further lines of the brand's settings."""

    def make(lines: str) -> Dressing:
        text = "".join(f"  {line}\n" for line in lines.splitlines())
        (folder / "client.yml").write_text(SETTINGS + text, encoding="utf-8")
        return dressing(load_config("acme"))

    return make
