"""The demo clients' finished reports, one of each for all tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Report = Callable[..., Path]


@pytest.fixture
def report(demo_report: Report) -> Report:
    """Return a function from a demo client's name to the folder of its report."""
    return demo_report
