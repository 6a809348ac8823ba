"""The page in a real browser: at phone and at desktop width, with its own fonts, and silent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from loyalty_lib import render

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this system")

# The page forbids scripts; so a page around it looks into it.
PROBE = """<!DOCTYPE html><meta charset="utf-8">
<iframe src="report.html" style="border:0;width:WIDTHpx;height:900px"></iframe>
<p id="result"></p><script>
document.querySelector("iframe").onload = async (event) => {
  const page = event.target.contentDocument, root = page.documentElement;
  await page.fonts.ready;
  const seen = (selector) => [...page.querySelectorAll(selector)].filter((e) => e.getClientRects().length).length;
  document.getElementById("result").textContent = JSON.stringify({
    width: root.clientWidth,
    content: root.scrollWidth,
    charts: Math.max(...[...page.querySelectorAll("svg")].map((e) => e.getBoundingClientRect().right)),
    scrolling: [...page.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth + 1).length,
    contents: seen("nav.contents"), collapsed: seen("details.contents-small"),
    fonts: [...page.fonts].filter((f) => f.status === "loaded").length,
    requests: page.defaultView.performance.getEntriesByType("resource").map((e) => e.name.slice(0, 40)),
  });
};
</script>"""


@pytest.fixture
def look(report, tmp_path):
    """Return what a browser of a given width makes of the report."""
    (tmp_path / "report.html").write_text(render.page_html(report), encoding="utf-8")

    def measure(width):
        probe = tmp_path / "probe.html"
        probe.write_text(PROBE.replace("WIDTH", str(width)), encoding="utf-8")
        command = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--allow-file-access-from-files", "--virtual-time-budget=8000", f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1600,1000", "--hide-scrollbars", "--dump-dom", probe.as_uri(),
        ]  # fmt: skip
        page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        found = re.search(r'<p id="result">(\{.*\})</p>', page)
        assert found, page[-500:]
        return json.loads(found[1])

    return measure


def test_on_a_phone_only_tables_scroll_and_the_contents_are_collapsed(look):
    seen = look(360)
    assert seen["width"] == seen["content"] == 360
    assert seen["charts"] <= 360
    assert seen["scrolling"] >= 1
    assert (seen["contents"], seen["collapsed"]) == (0, 1)


def test_on_a_desk_nothing_scrolls_and_the_contents_stand_beside_the_text(look):
    seen = look(1280)
    assert seen["width"] == seen["content"] == 1280
    assert (seen["contents"], seen["collapsed"]) == (1, 0)
    assert seen["fonts"] >= 2
    assert all(name.startswith("data:") for name in seen["requests"])
