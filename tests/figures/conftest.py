"""Every chart is drawn in the house style, in English and US dollars unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import pytest

from loyalty_lib import figures, i18n


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    with mpl.rc_context():
        figures.style()
        i18n.activate("en", "USD")
        yield
        i18n.activate("en", None)
