"""The page in a real browser: phone and desk, with and without scripts, on paper, silent and closed to the outside."""

from __future__ import annotations

import re

import pytest

from loyalty_lib import present, render
from tests.browser import DESK, PHONE, needs_axe

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: make setup installs it").expect

EVIL = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
SEEN = """(selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length).length"""
CONTROLS = "button, input, output"


@pytest.fixture
def html(report):
    return render.page_html(report)


def seen(opened, selector):
    return opened.page.evaluate(SEEN, selector)


def test_the_page_is_never_wider_than_the_window(browser, html):
    with browser(html) as opened:
        for width in (360, 390, 768, 1280, 1600):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate("document.documentElement.scrollWidth") == width
            on_desk = width > 1000
            assert (seen(opened, "nav.contents"), seen(opened, "nav.contents-small")) == (on_desk, not on_desk)


def test_it_is_silent_asks_for_nothing_and_uses_its_own_typeface(browser, html):
    with browser(html) as opened:
        loaded = opened.page.evaluate(
            "document.fonts.ready.then((fonts) => [...fonts].filter((f) => f.status === 'loaded').length)"
        )
        assert loaded >= 2
        assert opened.said == []
        assert [url[:40] for url in opened.asked if not url.startswith("data:")] == []


def test_without_scripts_all_of_it_reads_and_nothing_on_it_is_dead(browser, html):
    with browser(html, java_script_enabled=False) as opened:
        page = opened.page
        assert page.locator(CONTROLS).count() == 0
        for selector, count in (("section.page", 5), ("figure svg", 3), ("table", 4), ("tbody tr", 48)):
            assert page.locator(selector).count() == count
            assert all(one.is_visible() for one in page.locator(selector).all())
        assert opened.said == []


def test_a_box_takes_the_focus_only_where_there_is_something_to_scroll(browser, html):
    scrolling = (
        "[...document.querySelectorAll('.scroll')].map((e) => [e.scrollWidth > e.clientWidth, e.tabIndex === 0])"
    )
    with browser(html, width=360) as opened:
        boxes = opened.page.evaluate(scrolling)
        assert {scrolls for scrolls, _ in boxes} == {True, False}
        assert all(scrolls == focusable for scrolls, focusable in boxes)
        opened.page.set_viewport_size({"width": 1600, "height": 900})
        expect(opened.page.locator(".scroll[tabindex], .scroll[role]")).to_have_count(0)


def test_the_section_in_view_is_marked_in_the_contents(browser, html):
    with browser(html, width=DESK) as opened:
        page = opened.page
        current = page.locator("nav.contents a[aria-current]")
        assert current.count() == 0
        for slug in ("cohorts", "segments", "key-figures"):
            page.evaluate("(slug) => document.getElementById(slug).scrollIntoView({behavior: 'instant'})", slug)
            page.wait_for_selector(f"nav.contents a[aria-current][href='#{slug}']")
            assert current.count() == 1
            assert current.is_visible(), "the list itself stays in sight"
        page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
        page.wait_for_selector("nav.contents a[aria-current][href='#detailed-tables']")


def test_on_a_phone_the_contents_stay_on_top_name_the_section_and_fold_away(browser, html):
    with browser(html, width=PHONE) as opened:
        page = opened.page
        page.locator("#cohorts").scroll_into_view_if_needed()
        page.locator("nav.contents-small summary").click()
        page.locator("nav.contents-small a", has_text="Segments").click()
        expect(page.locator(".place")).to_have_text("Segments")
        assert not page.locator("nav.contents-small ol").is_visible()
        bar, heading = (page.locator(name).bounding_box() for name in ("nav.contents-small", "#heading-segments"))
        assert bar["y"] == 0
        assert heading["y"] >= bar["height"]


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, html):
    with browser(html, width=360) as opened:
        page = opened.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0
        focusable = page.evaluate(
            "[...document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')]"
            ".filter((e) => e.checkVisibility({contentVisibilityAuto: true})).length"
        )
        reached = 1
        for _ in range(focusable - 1):
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outline")
            assert outline.endswith(" solid 2px")
            reached += page.evaluate("document.activeElement !== document.body")
        assert reached == focusable


def test_on_paper_no_control_is_seen_and_no_row_is_missing(browser, html):
    with browser(html) as opened:
        page = opened.page
        page.locator("#table-kpis_table input").fill("Segment 12")
        assert seen(opened, "#table-kpis_table tbody tr") == 1
        assert seen(opened, ".tools, .find") > 0
        page.emulate_media(media="print")
        assert seen(opened, ".tools, .find, output, input, nav.contents-small, .skip") == 0
        assert seen(opened, "#table-kpis_table tbody tr") == 12
        sort = page.locator("#table-kpis_table .sort").first
        looks = sort.evaluate(
            "(e) => (({borderTopWidth, backgroundColor, fontWeight}) => [borderTopWidth, backgroundColor, fontWeight])"
            "(getComputedStyle(e))"
        )
        assert looks == ["0px", "rgba(0, 0, 0, 0)", "600"], "a heading to sort by is a heading"
        assert page.evaluate("getComputedStyle(document.body).printColorAdjust") == "exact", (
            "the light keeps its colour"
        )
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_nothing_glides_where_the_reader_wants_no_motion(browser, html):
    with browser(html) as opened:
        for motion, expected in (("reduce", "auto"), ("no-preference", "smooth")):
            opened.page.emulate_media(reduced_motion=motion)
            assert opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == expected


def test_a_script_from_data_is_text_and_would_not_run_if_it_were_not(browser, executed, words, metrics, chart):
    metrics["client"]["name"] = metrics["brand"]["confidentiality"] = EVIL
    words.caption = lambda *_: (EVIL, EVIL)
    notebook = executed([present.publish(metrics)], [present.cover(metrics)], f"## Page\n\n{EVIL}", [chart("kpis")])
    html = render.page_html(notebook)
    with browser(html) as opened:
        assert opened.page.title().startswith("Customer loyalty, <script>")
        assert opened.said == []
        assert opened.page.locator("body script").count() == 1
    injected = html.replace("</main>", f"{EVIL.replace(' src=x', ' src=data:,')}</main>")
    with browser(injected) as opened:
        opened.page.wait_for_timeout(200)
        assert opened.page.title().startswith("Customer loyalty, <script>"), "the page's policy lets neither run"
        assert len([line for line in opened.said if "Content Security Policy" in line]) == 2
        assert opened.page.locator(".tools").count() > 0, "and the page's own script still does"
    changed = re.sub(r"(<script[^>]*>)/\*", r"\1/* ", html)
    with browser(changed) as opened:
        assert opened.page.locator(CONTROLS).count() == 0, "nor does the page's own, once a byte of it is another"


@needs_axe
def test_axe_finds_nothing_even_in_what_a_reader_has_opened(browser, html):
    with browser(html) as opened:
        opened.page.get_by_role("button", name="Customers").first.click()
        opened.page.get_by_role("searchbox").first.fill("Segment 1")
        assert opened.breaches() == []
        opened.page.set_viewport_size({"width": PHONE, "height": 900})
        opened.page.locator("nav.contents-small summary").click()
        assert opened.breaches() == []
