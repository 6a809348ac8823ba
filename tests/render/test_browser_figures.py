"""A chart taken out of the report: copied as a picture, or saved as one."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from matplotlib import image

from loyalty_lib import render

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: make setup installs it").expect

BUTTON = "#figure-kpis .tools button"
READ = """async () => {
    const [item] = await navigator.clipboard.read();
    const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
def html(report):
    return render.page_html(report)


def saved(opened):
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="Save as PNG").first.click()
    return download.value


def ink(picture):
    """Return where a picture is dark, by row and column."""
    return picture[..., :3].mean(axis=2) < 0.6


def test_a_copied_chart_is_a_picture_with_its_title_axes_and_source(browser, html):
    with browser(html, permissions=["clipboard-read", "clipboard-write"]) as opened:
        opened.page.get_by_role("button", name="Copy picture").first.click()
        expect(opened.page.locator("#figure-kpis .tools output")).to_have_text("Copied")
        picture = image.imread(io.BytesIO(base64.b64decode(opened.page.evaluate(READ))), format="png")
        assert opened.said == []
    height, width, _ = picture.shape
    assert 1600 < width < 1700
    assert 0.4 < height / width < 0.8
    assert (picture[0, :, :3] == 1).all(), "on white"
    dark = ink(picture).any(axis=1)
    starts = np.flatnonzero(np.diff(dark.astype(int)) == 1)
    assert len(starts) >= 4, "title, subtitle, the chart and its labels, the source"
    assert dark[: height // 8].any()
    assert dark[-height // 12 :].any()


def test_a_saved_chart_has_the_pages_typeface(browser, html):
    with browser(html) as opened:
        download = saved(opened)
        assert download.suggested_filename == "figure-kpis.png"
        with_it = image.imread(download.path(), format="png")
    other = re.sub(r"(<style media=\"all\">)\s*(@font-face\{.*\}\s)+", r"\1", html)
    assert "@font-face" not in other
    with browser(other) as opened:
        without = image.imread(saved(opened).path(), format="png")
    assert with_it.shape == without.shape
    chart = slice(with_it.shape[0] // 4, int(with_it.shape[0] * 0.9))  # what is written round it is not the drawing's
    assert (ink(with_it[chart]) != ink(without[chart])).sum() > 2000


def test_where_the_clipboard_is_missing_a_chart_can_still_be_saved(browser, html):
    with browser(html.replace("<head>", "<head><!-- -->")) as opened:
        opened.page.add_init_script("delete window.ClipboardItem")
        opened.page.reload()
        assert opened.page.locator(BUTTON).all_inner_texts() == ["Save as PNG"]
        assert saved(opened).suggested_filename == "figure-kpis.png"
        assert opened.page.get_by_role("button", name="Copy table").count() == 0


def test_the_figures_of_a_chart_are_a_link_away(browser, html):
    with browser(html) as opened:
        with opened.page.expect_download() as download:
            opened.page.get_by_role("link", name="Figures as CSV").first.click()
        assert download.value.suggested_filename == "figure_kpis.csv"
        assert download.value.path().read_text(encoding="utf-8") == "x,y\n0,3.5\n1,1.0\n2,\n"
