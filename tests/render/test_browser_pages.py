"""Every kind of page, of real data, in a real browser: accessible, silent, whole without scripts, and small."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loyalty_lib import check, render
from loyalty_lib.execute import execute
from loyalty_lib.paths import NOTEBOOKS
from tests.browser import DESK, PHONE, launched, needs_axe
from tests.portfolios import renamed, small_metrics, write_report

pytestmark = needs_axe
MEGABYTE = 1_000_000


def _executed(notebook, folder, **parameters):
    made = execute(NOTEBOOKS / f"{notebook}.ipynb", parameters, failed=folder / "failed.ipynb")
    return render.page_html(made)


def _portfolio(folder):
    for slug in ("alm", "bjerk"):
        write_report(folder, renamed(small_metrics(), slug))
    return _executed("portfolio", folder)


PAGES = {
    "data quality": lambda folder: _executed("data_quality", folder, client="fjord", period="2024-Q4"),
    "model validation": lambda folder: _executed("model_validation", folder, client="cdnow", period="1998-Q2"),
    "portfolio": _portfolio,
    "check": lambda _: check.page_html(check.check_client("fjord")),
}
REPORTS = {  # as they are delivered, logo and footer included
    "report of cdnow": {"client": "cdnow"},
    "report of fjord": {"client": "fjord"},
    "short edition of fjord": {"client": "fjord", "edition": "short"},
}


@pytest.mark.parametrize("name", [*REPORTS, *PAGES])
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
def test_a_page_is_accessible_silent_whole_and_small(
    name: str, home: Path, tmp_path: Path, demo_report: Callable[..., Path]
) -> None:
    """One test a page: the page takes longer to make than to look at."""
    if name in REPORTS:
        html = (demo_report(**REPORTS[name]) / "report.html").read_text(encoding="utf-8")
    else:
        html = PAGES[name](home)
    assert len(html.encode()) < MEGABYTE
    with launched(tmp_path) as browser:
        for width in (PHONE, DESK):
            with browser(html, width=width) as opened:
                assert opened.breaches() == []
                assert opened.said == []
                assert [url[:80] for url in opened.asked if not url.startswith("data:")] == []
                assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        with browser(html, java_script_enabled=False) as opened:
            assert opened.page.locator("button, input, output").count() == 0
            for one in opened.page.locator("section, figure svg, table").all():
                assert one.is_visible()
