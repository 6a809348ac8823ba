"""The demo clients' finished reports, one of each for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.finished import finished

Report = Callable[..., Path]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return a function from a demo client's name to the folder of its report."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if folder.name.startswith("popen-") else folder  # of all processes of pytest-xdist
    home = shared / "demo"
    home.mkdir(exist_ok=True)
    return partial(finished, home)
