"""The HTML page: its structure, and that it asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise

import lxml.html
import pandas as pd
import pytest
from babel.support import NullTranslations
from nbformat import v4

from loyalty_lib import i18n, present, render
from loyalty_lib.errors import ReportError


@pytest.fixture
def tree(report):
    return lxml.html.fromstring(render.page_html(report))


def text(element):
    return " ".join(element.text_content().split())


def test_every_title_opens_a_section_and_a_page_without_data_is_left_out(tree):
    sections = tree.xpath("//main/section")
    assert [section.get("id") for section in sections] == [
        "key-figures",
        "cohorts",
        "segments",
        "method",
        "detailed-tables",
    ]
    for section in sections:
        (heading,) = section.xpath("h2")
        assert heading.get("id") == section.get("aria-labelledby")
    assert "asked nobody" not in text(tree)


def test_the_contents_list_names_every_section(tree):
    desk, phone = ([text(link) for link in nav.iter("a")] for nav in tree.iter("nav"))
    assert desk == phone
    links = tree.xpath("//nav//a")[: len(desk)]
    assert [text(link) for link in links] == ["Key figures", "Cohorts", "Segments", "Method", "Detailed tables"]
    for link in links:
        assert tree.xpath(f"//section[@id='{link.get('href')[1:]}']")


def test_headings_begin_with_one_h1_and_never_skip_a_level(tree):
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_everything_stands_in_a_landmark_and_can_be_skipped_to(tree):
    body = tree.find("body")
    assert {child.tag for child in body} == {"a", "header", "nav", "main", "script"}
    assert body.xpath("//header//h1")
    (skip,) = body.xpath("a")
    assert tree.xpath(f"//main[@id='{skip.get('href')[1:]}']")


def test_identifiers_are_unique_and_labels_exist(tree):
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(tree.xpath("//@aria-labelledby")) <= set(ids)


def test_figures_and_tables_are_numbered_in_order(tree):
    numbers = [text(number) for number in tree.xpath("//span[@class='number']")]
    assert [n for n in numbers if n.startswith("Figure")] == ["Figure 1", "Figure 2", "Figure 3"]
    assert [n for n in numbers if n.startswith("Table")] == ["Table 1", "Table 2", "Table 3", "Table 4"]


def test_a_table_of_many_columns_stands_at_the_end_with_a_link_in_its_place(tree):
    assert tree.xpath("//section[@id='detailed-tables']//div[@id='table-cohort_retention']")
    (link,) = tree.xpath("//section[@id='cohorts']//p[@class='elsewhere']/a")
    assert link.get("href") == "#detailed-tables-cohorts"
    assert tree.xpath("//section[@id='detailed-tables']/h3[@id='detailed-tables-cohorts']")


def test_language_title_author_and_date_are_the_reports(tree):
    assert tree.get("lang") == "en"
    assert tree.xpath("string(//title)") == "Customer loyalty, Acme Sports, 2024-Q4"
    assert tree.xpath("//meta[@name='author']/@content") == ["Fjord Insight"]
    assert tree.xpath("//meta[@name='dcterms.created']/@content") == ["2024-12-31"]
    assert "--accent: #7a1f5a" in "".join(tree.xpath("//style/text()"))


def test_no_code_log_or_plain_text_reaches_the_reader(executed, words, metrics):
    assert words
    notebook = executed("## Page", [present.finding("kpis", metrics)])
    notebook.cells[-1].outputs += [
        v4.new_output("stream", name="stderr", text="a warning"),
        v4.new_output("stream", name="stdout", text="a print"),
        v4.new_output("execute_result", {"text/plain": "<Axes: >"}, execution_count=1),
    ]
    notebook.cells += [v4.new_raw_cell("raw"), v4.new_code_cell("1 + 1", metadata={"tags": ["parameters"]})]
    notebook.cells += [v4.new_markdown_cell("how to", metadata={"tags": ["hide"]})]
    page = render.page_html(notebook).partition("<script")[0]
    for unwanted in ("code that nobody reads", "a warning", "a print", "Axes", "raw", "1 + 1", "how to"):
        assert unwanted not in lxml.html.fromstring(page).find("body").text_content()


def test_an_error_in_a_cell_is_refused_by_number_and_name(report):
    report.cells[4].outputs.append(v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["secret path"]))
    with pytest.raises(ReportError, match=r"Cell 5 of the notebook ended in KeyError: 'x'") as caught:
        render.page_html(report)
    assert "secret" not in str(caught.value)


def test_the_page_loads_nothing_from_outside(report):
    page = render.page_html(report)
    tree = lxml.html.fromstring(page)
    assert not tree.xpath("//link|//iframe|//object|//embed|//img|//base|//form")
    # The name of SVG's namespace is an address that nobody opens.
    readable = re.sub(r"data:[^\"')]*", "", page).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.findall(r"(?:https?:)?//[a-z]", readable)
    assert all(url.startswith(("#", "data:")) for url in tree.xpath("//@href|//@src"))
    assert re.findall(r"url\(\W*(\w+:?)", page)
    assert all(url == "data:" for url in re.findall(r"url\(\W*(\w+:?)", "".join(tree.xpath("//style/text()"))))
    assert "@import" not in page
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (script,) = tree.xpath("//script")
    assert set(script.attrib) == {
        "data-search", "data-found", "data-copy-table", "data-copy-picture", "data-save-picture", "data-copied",
        "data-refused",
    }  # fmt: skip
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; font-src data:"
    )
    assert len(page.encode()) < 1_000_000


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "<link rel=attachment href=file:///etc/passwd>", "\">'"])
def test_what_comes_from_data_or_markdown_is_text(executed, words, metrics, evil):
    assert words
    metrics["client"]["name"] = metrics["brand"]["confidentiality"] = metrics["brand"]["name"] = evil
    notebook = executed([present.publish(metrics)], [present.cover(metrics)], f"## {evil}", f"Text {evil}", [None])
    notebook.cells[-1].outputs = [v4.new_output("execute_result", {"text/html": "<p>x</p>"}, execution_count=1)]
    tree = lxml.html.fromstring(render.page_html(notebook))
    assert not tree.xpath("//link")
    (script,) = tree.xpath("//script")
    assert script.text.startswith("/* What a browser adds to the report.")
    assert evil in tree.xpath("string(//title)")
    assert tree.find("body").get("data-confidentiality") == evil
    assert tree.xpath("string(//h2[@id])").strip()


def test_markdown_is_translated_cell_by_cell(executed, words, metrics, monkeypatch):
    assert words
    norwegian = {"Key figures\n\nAll **sums**.": "Nøkkeltall\n\nAlle **summer**.", "Contents": "Innhold"}
    metrics["language"] = "nb"

    class Norwegian(NullTranslations):
        def ugettext(self, message):
            return norwegian.get(message, message)

    monkeypatch.setattr(i18n, "_catalogue", lambda _: Norwegian())
    tree = lxml.html.fromstring(
        render.page_html(executed([present.publish(metrics)], "## Key figures\n\nAll **sums**.\n"))
    )
    (section,) = tree.xpath("//section")
    assert section.get("id") == "key-figures"
    assert text(section) == "Nøkkeltall Alle summer."
    assert section.xpath("//strong")
    assert "Innhold" in text(tree.xpath("//nav")[0])


def test_two_sections_of_one_title_keep_apart(executed):
    tree = lxml.html.fromstring(render.page_html(executed("## Notes\n\nA", "## Notes\n\nB", "## Report\n\nC")))
    assert tree.xpath("//section/@id") == ["notes", "notes-2", "report-2"]


def test_a_notebook_without_metrics_or_sections_is_a_page_too(executed):
    tree = lxml.html.fromstring(render.page_html(executed("Only *text*."), title="Notes", language="sv"))
    assert tree.get("lang") == "sv"
    assert tree.xpath("string(//title)") == "Notes"
    assert "Only text." in text(tree)


def test_rendering_changes_neither_the_notebook_nor_the_language_and_repeats_exactly(report):
    before = str(report)
    i18n.activate("fi", "EUR")
    first = render.page_html(report)
    assert first == render.page_html(report)
    assert str(report) == before
    assert i18n.active().code == "fi"


def test_extract_takes_metrics_and_csv_out(report, metrics, matrix):
    taken = render.extract(report)
    assert taken.metrics == metrics
    assert set(taken.tables) == {
        "cohort_retention", "figure_cohorts", "figure_kpis", "figure_rfm", "cohorts_table", "kpis_table", "rfm_table",
    }  # fmt: skip
    assert taken.tables["cohort_retention"] == matrix.csv()
    assert taken.tables["figure_kpis"] == "x,y\n0,3.5\n1,1.0\n2,\n"


def test_two_different_tables_of_one_name_are_refused(executed, chart):
    notebook = executed([chart("x", pd.DataFrame({"a": [1]})), chart("x", pd.DataFrame({"a": [2]}))])
    with pytest.raises(ReportError, match=r"different data as figure_x\.csv"):
        render.extract(notebook)
