from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from loyalty_lib import fonts
from loyalty_lib.errors import MissingToolError

RULE = re.compile(
    r'@font-face\{font-family:"Source Sans Pro";font-style:normal;font-weight:(\d+);'
    r'src:url\("data:font/(woff2?);base64,([A-Za-z0-9+/=]+)"\) format\("(woff2?)"\)\}'
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def css(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield fonts.css()


@pytest.fixture(scope="module")
def embedded(css: str) -> dict[int, TTFont]:
    return {int(weight): TTFont(io.BytesIO(base64.b64decode(data))) for weight, _, data, _ in RULE.findall(css)}


def test_css_holds_three_weights_and_nothing_to_fetch(css: str) -> None:
    found = RULE.findall(css)
    assert [weight for weight, *_ in found] == ["400", "600", "700"]
    assert all(mime == named for _, mime, _, named in found)
    assert RULE.sub("", css).strip() == ""
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", css)


def test_css_is_smaller_than_120_kilobytes(css: str) -> None:
    assert len(css) < 120_000


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_each_weight_writes_what_reports_write(weight: int, embedded: dict[int, TTFont]) -> None:
    """Letters of the five languages and their neighbours, and what CLDR puts into numbers, money and dates."""
    known = set(embedded[weight].getBestCmap())
    wanted = "åøæäöÅØÆÄÖéüßÿšžŁőğ 0123456789,.-−–—€£$¥%‰…’‘“”„«»•·×≤≥±½→←\u00a0\u202f+:;!?()/&@#"
    assert [character for character in wanted if ord(character) not in known] == []


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_figures_are_tabular_and_kerning_and_licence_stay(weight: int, embedded: dict[int, TTFont]) -> None:
    font = embedded[weight]
    cmap = font.getBestCmap()
    assert len({font["hmtx"][cmap[ord(digit)]][0] for digit in "0123456789"}) == 1
    assert "kern" in {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    assert "Open Font License" in " ".join(str(record) for record in font["name"].names)


def test_weights_are_those_of_the_files(embedded: dict[int, TTFont]) -> None:
    assert {weight: font["OS/2"].usWeightClass for weight, font in embedded.items()} == {400: 400, 600: 600, 700: 700}


def test_css_is_the_same_from_the_cache_and_without(css: str, cache: Path) -> None:
    assert fonts.css() == css
    assert len([*(cache / "loyalty-report" / "fonts").iterdir()]) == 3
    assert fonts.css() == css


def test_a_cache_that_cannot_be_written_is_no_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = cache / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert len(RULE.findall(fonts.css())) == 3


def test_a_typeface_that_is_not_installed_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_typeface")
    with pytest.raises(MissingToolError, match="pip install font-source-sans-pro"):
        fonts.font_files()


@pytest.mark.usefixtures("cache")
def test_the_package_of_the_typeface_is_found_but_never_run() -> None:
    script = (
        "import sys\nfrom loyalty_lib import fonts\nfonts.css()\n"
        "print(fonts.PACKAGE in sys.modules, 'matplotlib' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert ran.stdout.split() == ["False", "False"]
