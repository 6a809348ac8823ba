"""What a reader does with a table in the browser: sort it, search it, copy it into a spreadsheet."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_lib import i18n, present, render
from loyalty_lib.tables import Column, Quantity, Table

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: make setup installs it").expect

COLUMNS = (
    Column(name="city", label="City", kind="text"),
    Column(name="customers", label="Customers"),
    Column(name="share", label="Share", kind="percent.1"),
    Column(name="sales", label="Net sales", kind="money"),
    Column(name="day", label="First day", kind="date"),
    Column(name="month", label="Month", kind="month"),
    Column(name="change", label="Change", kind="mixed"),
)
# Two shares that are written alike, a text that a spreadsheet would run, cells that are missing, and a row apart.
ROWS = (
    ("Åre", 12, 0.25041, 1234.5678, dt.date(2024, 2, 1), dt.date(2024, 12, 1), Quantity(0.125, "signed_percent.1")),
    ("=Bergen", 1_000, -0.5, None, dt.date(2023, 11, 30), None, Quantity(-0.01, "points")),
    ("Zürich", None, 0.25038, -20.0, None, dt.date(2024, 1, 1), Quantity(None, "money")),
    ("Ystad", 12, None, 3e6, dt.date(2024, 1, 15), dt.date(2023, 1, 1), Quantity(12.5, "money")),
    (None, 7, 0.25, 0.5, dt.date(2024, 1, 2), dt.date(2024, 2, 1), Quantity(3, "number")),
    ("All", 1_031, 0.1, 3_001_215.07, dt.date(2023, 11, 30), dt.date(2023, 1, 1), Quantity(0.1, "signed_percent.1")),
)
CITIES = ["Åre", "=Bergen", "Zürich", "Ystad", "–", "All"]


def html_of(executed, *shown, language="en"):
    i18n.activate(language, "EUR")
    blocks = [present.table(one) for one in shown]
    return render.page_html(executed("## Tables", blocks), language=language)


@pytest.fixture
def cities():
    return Table(name="cities", title="Cities", columns=COLUMNS, rows=ROWS, apart=frozenset({5}))


def first_column(page, name="cities"):
    return page.locator(f"#table-{name} tbody tr:visible > :first-child").all_inner_texts()


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        # Text by the alphabet of the page's language, up first; numbers and days by what stands behind them, numbers
        # down first.  Missing last both ways; of equals, the earlier row stays first.
        ("City", ["=Bergen", "Åre", "Ystad", "Zürich", "–"], ["Zürich", "Ystad", "Åre", "=Bergen", "–"]),
        ("Customers", ["=Bergen", "Åre", "Ystad", "–", "Zürich"], ["–", "Åre", "Ystad", "=Bergen", "Zürich"]),
        ("Share", ["Åre", "Zürich", "–", "=Bergen", "Ystad"], ["=Bergen", "–", "Zürich", "Åre", "Ystad"]),
        ("Net sales", ["Ystad", "Åre", "–", "Zürich", "=Bergen"], ["Zürich", "–", "Åre", "Ystad", "=Bergen"]),
        ("First day", ["=Bergen", "–", "Ystad", "Åre", "Zürich"], ["Åre", "Ystad", "–", "=Bergen", "Zürich"]),
        ("Month", ["Ystad", "Zürich", "–", "Åre", "=Bergen"], ["Åre", "–", "Zürich", "Ystad", "=Bergen"]),
    ],
)
def test_a_heading_sorts_both_ways_and_back(browser, executed, cities, heading, first, second):
    with browser(html_of(executed, cities)) as opened:
        button = opened.page.get_by_role("button", name=heading)
        head = opened.page.locator("th", has=button)
        orders = (
            ["ascending", "descending"] if heading in {"City", "First day", "Month"} else ["descending", "ascending"]
        )
        for order, expected in zip([*orders, None], [first, second, CITIES[:-1]], strict=True):
            button.click()
            assert first_column(opened.page) == [*expected, "All"]
            assert head.get_attribute("aria-sort") == order
        assert opened.said == []


def test_the_alphabet_is_that_of_the_language(browser, executed, cities):
    with browser(html_of(executed, cities, language="nb")) as opened:
        opened.page.locator("#table-cities .sort").first.click()
        assert first_column(opened.page) == ["=Bergen", "Ystad", "Zürich", "Åre", "–", "All"]


def test_one_column_at_a_time_is_sorted_by_keyboard_too(browser, executed, cities):
    with browser(html_of(executed, cities)) as opened:
        page = opened.page
        for name, key in (("Customers", "Enter"), ("Share", "Space")):
            page.get_by_role("button", name=name).focus()
            page.keyboard.press(key)
        assert page.locator("[aria-sort]").all_inner_texts() == ["Share (%)"]


def test_what_cannot_be_compared_has_no_button(browser, executed, cities, segments):
    words = tuple(Column(name=name, label=name, kind="text") for name in "ab")
    mixed = (words[0], Column(name="c", label="c", kind="mixed"))
    rows = tuple((f"r{n}", Quantity(n, "number")) for n in range(5))
    tables = (
        cities,
        Table(name="short", title="Two rows", columns=segments.columns, rows=segments.rows[:2]),
        Table(name="mixed", title="Units of their own", columns=mixed, rows=rows),
        Table(name="sums", title="Sums", columns=segments.columns, rows=segments.rows, apart=frozenset(range(12))),
    )
    with browser(html_of(executed, *tables)) as opened:
        sortable = opened.page.locator(".sort")
        assert [" ".join(text.split()) for text in sortable.all_inner_texts()] == [
            "City", "Customers", "Share (%)", "Net sales (€)", "First day", "Month",
        ]  # fmt: skip


def test_a_search_leaves_the_rows_that_hold_what_is_typed_and_says_how_many(browser, executed, segments, cities):
    with browser(html_of(executed, segments, cities, language="nb")) as opened:
        page = opened.page
        field = page.get_by_role("searchbox")
        assert field.count() == 1, "six rows need no search"
        said = page.locator("#table-segments").get_by_role("status").first
        expect(said).to_have_text("")
        field.fill("SEGMENT 1")
        assert first_column(page, "segments") == ["Segment 1", "Segment 10", "Segment 11", "Segment 12"]
        assert "4" in said.inner_text()
        assert "12" in said.inner_text()
        field.fill(" 10 005 ")  # as one types the number that is written with a no-break space
        assert first_column(page, "segments") == ["Segment 10"]
        field.fill("nothing of the kind")
        assert first_column(page, "segments") == []
        field.press("Escape")
        assert field.input_value() == ""
        assert len(first_column(page, "segments")) == 12
        expect(said).to_have_text("")


def copied(opened, name):
    """Copy a table; return what the clipboard holds as text, and as the cells of the HTML."""
    page = opened.page
    page.locator(f"#table-{name}").get_by_role("button", name=present.gettext("Copy table")).click()
    expect(page.locator(f"#table-{name} .tools output")).not_to_have_text("")
    text = page.evaluate("navigator.clipboard.readText()")
    cells = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const html = await (await item.getType("text/html")).text();
            const rows = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("tr")];
            return rows.map((row) => [...row.cells].map((cell) => cell.textContent));
        }"""
    )
    return text, cells


@pytest.mark.parametrize(("language", "mark"), [("en", "."), ("nb", ",")])
def test_a_copy_pastes_as_unrounded_numbers_of_the_language(browser, executed, cities, language, mark):
    html = html_of(executed, cities, language=language)
    with browser(html, permissions=["clipboard-read", "clipboard-write"]) as opened:
        text, cells = copied(opened, "cities")
        assert [line.split("\t") for line in text.replace("\r", "").split("\n")] == cells
        points = cells[2].pop()
        assert points.startswith("−1")
        assert [[cell.replace(mark, ".") for cell in row] for row in cells] == [
            ["City", "Customers", "Share (%)", "Net sales (€)", "First day", "Month", "Change"],
            ["Åre", "12", "25.041", "1234.5678", "2024-02-01", "2024-12-01", "12.5%"],
            ["'=Bergen", "1000", "-50", "", "2023-11-30", ""],
            ["Zürich", "", "25.038", "-20", "", "2024-01-01", ""],
            ["Ystad", "12", "", "3000000", "2024-01-15", "2023-01-01", "12.5"],
            ["", "7", "25", "0.5", "2024-01-02", "2024-02-01", "3"],
            ["All", "1031", "10", "3001215.07", "2023-11-30", "2023-01-01", "10%"],
        ]
        assert f"25{mark}041" in text
        assert opened.said == []


def test_a_copy_holds_what_is_shown_as_it_is_sorted(browser, executed, segments):
    with browser(html_of(executed, segments), permissions=["clipboard-read", "clipboard-write"]) as opened:
        opened.page.get_by_role("button", name="Customers").click()
        opened.page.get_by_role("searchbox").fill("1")
        text, _ = copied(opened, "segments")
        assert [line.split("\t")[0] for line in text.splitlines()[1:4]] == ["Segment 12", "Segment 11", "Segment 10"]


def test_where_copying_is_refused_it_is_said(browser, executed, segments):
    refuse = "() => { navigator.clipboard.write = async () => { throw new DOMException('no', 'NotAllowedError'); }; }"
    with browser(html_of(executed, segments)) as opened:
        opened.page.evaluate(refuse)
        opened.page.get_by_role("button", name="Copy table").click()
        expect(opened.page.locator(".tools output")).to_have_text("The browser does not allow copying here.")
        assert opened.said == []
