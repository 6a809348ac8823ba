"""A writer of small files for the tests of reading."""

from __future__ import annotations

import pytest


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a file in the current folder and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="orders.csv", encoding="utf-8"):
        raw = content.encode(encoding) if isinstance(content, str) else content
        (tmp_path / name).write_bytes(raw)
        return name

    return write
