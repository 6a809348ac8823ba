"""A real browser for tests: the system's Chromium, driven by Playwright, and axe-core's rules on accessibility.

The fixture ``browser`` opens pages; ``tests/render/conftest.py`` hands it to the tests there.

Playwright keeps an event loop running in the thread that it is used in, so a browser never outlives its module: what
runs loops of its own, a notebook's kernel for one, comes before it or after it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loyalty_lib.paths import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path(os.environ.get("LOYALTY_AXE") or CHECKOUT / "node_modules" / "axe-core" / "axe.min.js")
PHONE, DESK = 375, 1280

needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="no axe-core; LOYALTY_AXE may hold the path of its axe.min.js")


@dataclass(kw_only=True)
class Opened:
    """A page in the browser, and what it said and asked for since it was opened."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def breaches(self) -> list[str]:
        """Return what axe-core finds by any of its rules, best practice and experiments included.

        Left out is the contrast of 7:1 (WCAG's AAA), at which no second ink is left: a report keeps 4.5:1.
        """
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            """() => axe.run({
                resultTypes: ["violations"],
                rules: Object.fromEntries(axe.getRules().map(
                    ({ruleId}) => [ruleId, {enabled: ruleId !== "color-contrast-enhanced"}])),
            })"""
        )
        return [
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]


@dataclass(frozen=True, kw_only=True)
class Opener:
    """Opens pages of one browser."""

    browser: Browser
    folder: Path

    @contextmanager
    def __call__(self, html: str, *, width: int = DESK, **options: Any) -> Iterator[Opened]:
        """Open a page from a file, as a reader does.

        Parameters
        ----------
        html
            The page.
        width
            Of the window, in pixels.
        options
            Of Playwright's ``Browser.new_context``.
        """
        file = self.folder / "report.html"
        file.write_text(html, encoding="utf-8")
        context: BrowserContext = self.browser.new_context(viewport={"width": width, "height": 900}, **options)
        opened = Opened(page=context.new_page())
        page = opened.page
        page.on("console", lambda message: opened.said.append(message.text))
        page.on("pageerror", lambda error: opened.said.append(str(error)))
        page.on("request", lambda request: opened.asked.append(request.url))
        page.goto(file.as_uri())
        opened.asked.remove(file.as_uri())
        try:
            yield opened
        finally:
            context.close()


@contextmanager
def launched(folder: Path) -> Iterator[Opener]:
    """Start the browser, and end it.  What it opens stands in ``folder``."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this system")
    if find_spec("playwright") is None:
        pytest.skip("no playwright: make setup installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield Opener(browser=running, folder=folder)
        running.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Open pages in a browser that is started once a module."""
    with launched(tmp_path_factory.mktemp("pages")) as opener:
        yield opener
