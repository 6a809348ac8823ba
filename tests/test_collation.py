"""Names in the order of the language, held against the collation of a browser, which is ICU's with CLDR's data."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty_lib import i18n
from loyalty_lib.i18n.collation import in_order

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NAMES = (
    "Zebra", "zoo", "Åre", "Ås", "Ål", "Ære", "Ærlig", "Øl", "Østen", "Ängel", "Äpple", "Öl", "Östen", "abc", "Abba",
    "Andøy", "Oslo", "Orkla", "Ölmer", "2 hjul", "10 hjul", "Café", "Cafe", "cafeteria", "Müller", "Mylius", "Muller",
    "Norge", "Yngve", "Überfart", "Dahl", "Åbo", "Lappeenranta", "Järvenpää", "Jarvis", "Hämeenlinna", "Hamina",
    "Aalborg", "Haakon", "Håkon",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    i18n.activate("en")


@pytest.mark.parametrize(
    ("code", "ordered"),
    [
        ("nb", ["Anne", "Zoo", "Ære", "Øl", "Ål"]),
        ("da", ["Anne", "Zoo", "Ære", "Øl", "Ål", "Aalborg"]),
        ("sv", ["Anne", "Zoo", "Ål", "Ärlig", "Öl"]),
        ("fi", ["Anne", "Zoo", "Åbo", "Ääni", "Öljy"]),
        ("en", ["Ål", "Anne", "Öl", "Zoo"]),
    ],
)
def test_letters_after_z_are_the_languages_own(code: str, ordered: list[str]) -> None:
    i18n.activate(code)
    assert in_order(sorted(ordered, reverse=True)) == ordered


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this system")
def test_the_order_is_that_of_icu(tmp_path: Path) -> None:
    codes = list(i18n.LANGUAGES)
    page = tmp_path / "sort.html"
    script = (
        f"const names = {json.dumps(NAMES)}; const found = {{}};"
        f"for (const code of {json.dumps(codes)}) found[code] = [...names].sort(new Intl.Collator(code).compare);"
        "document.getElementById('found').textContent = JSON.stringify(found);"
    )
    page.write_text(f'<meta charset="utf-8"><p id="found"></p><script>{script}</script>', encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    match = re.search(r'<p id="found">(.*?)</p>', shown)
    assert match
    for code, wanted in json.loads(match[1]).items():
        i18n.activate(code)
        assert in_order(NAMES) == wanted, code
