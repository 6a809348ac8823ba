"""The table of figures, fixtures and tests names tests that are there, and the settings shown are settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loyalty_lib.config import load_config
from loyalty_lib.paths import CHECKOUT

TABLE = (CHECKOUT / "docs" / "figures.md").read_text(encoding="utf-8")
SETTINGS = re.findall(r"```yaml\n(.*?)```", (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8"), re.DOTALL)
TESTS = sorted(set(re.findall(r"`((?:analyses|models)/test_\w+\.py(?:::\w+)?)`", TABLE)))


@pytest.mark.parametrize("named", TESTS)
def test_a_test_that_the_docs_name_is_there(named: str) -> None:
    file, _, test = named.partition("::")
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    assert f"def {test}(" in text if test else "def test_" in text


def test_every_row_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 30
    assert all("`" in row.split("|")[3] for row in rows)


@pytest.mark.parametrize("shown", SETTINGS)
def test_settings_that_the_docs_show_are_taken(shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "clients" / "acme"
    folder.mkdir(parents=True)
    text = f"name: Acme\ncurrency: NOK\nsource:\n  path: data/orders.csv\n{shown}"
    (folder / "client.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    assert load_config("acme").name == "Acme"
