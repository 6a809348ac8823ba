"""Details, the short edition and the consultant's comments: what stands where on the page."""

from __future__ import annotations

import lxml.html
import pytest

from loyalty_lib import i18n, present, render
from loyalty_lib.errors import ReportError
from loyalty_lib.render.sections import titles
from tests.finished import words as words_of


@pytest.fixture
def notebook(executed, words, metrics, chart, segments):
    """Make a notebook of a cover and two chapters, with cells for details and for the short edition."""
    assert words
    made = executed(
        "## Summary",
        [present.cover(metrics)],
        "## Key figures",
        [present.finding("kpis", metrics)],
        [chart("kpis")],
        [chart("kpis-more")],
        [present.advice("kpis", metrics)],
        "## Segments",
        [present.finding("rfm", metrics)],
        [present.table(segments)],
    )
    tags = {1: "short", 3: "short", 5: "detail", 9: "detail"}
    for place, tag in tags.items():
        made.cells[place].metadata["tags"] = [tag]
    return made


def tree_of(notebook, **how):
    return lxml.html.fromstring(render.page_html(notebook, **how))


def sections(tree):
    return [section.get("id") for section in tree.xpath("//main/section")]


def text(element):
    return " ".join(element.text_content().split())


def test_details_stand_at_the_end_under_their_chapters_with_links_in_their_places(notebook):
    tree = tree_of(notebook)
    assert sections(tree) == ["key-figures", "segments", "details"]
    (details,) = tree.xpath("//section[@id='details']")
    assert [text(heading) for heading in details.xpath("h3")] == ["Key figures", "Segments"]
    assert [block.get("id") for block in details.xpath("figure|div[@class]")] == ["figure-kpis-more", "table-segments"]
    for slug in ("key-figures", "segments"):
        (place,) = tree.xpath(f"//section[@id='{slug}']/*[last()-1]")  # the last marks the section's end
        assert place.xpath("a/@href") == [f"#details-{slug}"]
        assert details.xpath(f"h3[@id='details-{slug}']")
    assert not tree.xpath("//section[@id='key-figures']//figure[@id='figure-kpis-more']")


def test_the_short_edition_holds_the_cells_tagged_short_alone(notebook):
    tree = tree_of(notebook, edition="short")
    assert tree.xpath("//header//h1")
    assert sections(tree) == ["key-figures"]
    assert not tree.xpath("//figure|//table")
    assert "Act on kpis" not in text(tree)
    assert tree.find("body").get("class") == "edition-short"


def test_a_comment_stands_after_its_sections_finding(notebook):
    said = {"summary": "We *met* on Monday.", "key-figures": "### Why\n\n- one\n- two", "segments": "Fine."}
    tree = tree_of(notebook, comments=said)
    (on_kpis,) = tree.xpath("//section[@id='key-figures']/div[@class='comment']")
    assert on_kpis.getprevious().get("class") == "finding"
    assert [text(heading) for heading in on_kpis.xpath("h3|h4")] == ["Comment", "Why"]
    assert [text(item) for item in on_kpis.xpath("ul/li")] == ["one", "two"]
    (on_summary,) = tree.xpath("//header/div[@class='comment']")
    assert on_summary.xpath("string(p/em)") == "met"
    assert tree.xpath("//section[@id='segments']/div[@class='comment']")


def test_comments_are_on_paper_too(notebook):
    html = render.page_html(notebook, comments={"segments": "The shop in Bergen moved."})
    assert "The shop in Bergen moved." in " ".join(words_of(render.pdf(html)))


def test_the_short_edition_holds_the_comment_on_the_summary_alone(notebook):
    tree = tree_of(notebook, edition="short", comments={"summary": "Well done.", "segments": "Fine."})
    assert [text(block) for block in tree.xpath("//div[@class='comment']")] == ["Comment Well done."]


def test_nothing_in_a_comment_becomes_an_element_or_a_request(notebook):
    evil = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n[go](javascript:alert(1)) "
        "![p](https://example.com/p.png) [data](data:text/html,x)\n\n<link rel=attachment href=file:///etc/passwd>"
    )
    html = render.page_html(notebook, comments={"segments": evil})
    (comment,) = lxml.html.fromstring(html).xpath("//div[@class='comment']")
    assert not comment.xpath(".//script|.//img|.//link")
    assert "<script>alert(1)</script>" in text(comment)
    assert not [link for link in comment.xpath(".//a/@href") if link.startswith(("javascript", "data"))]
    render.pdf(html)  # asks for nothing


def test_a_comment_on_a_section_without_data_stops_the_report(notebook):
    notebook.cells[7].outputs, notebook.cells[8].outputs, notebook.cells[9].outputs = [], [], []
    with pytest.raises(ReportError, match="comment on segments, which this report does not have"):
        tree_of(notebook, comments={"segments": "Fine."})


def test_titles_name_every_section_a_comment_may_stand_in(notebook):
    assert titles(notebook) == {"Summary": "summary", "Key figures": "key-figures", "Segments": "segments"}


def test_the_words_around_are_in_the_reports_language(notebook):
    tree = tree_of(notebook, language="nb", comments={"summary": "Bra."})
    assert i18n.active().code == "en"
    (heading,) = tree.xpath("//div[@class='comment']/h3")
    assert text(heading) == "Kommentar"


def test_a_chapter_copied_keeps_every_identifier_apart(executed, words, metrics, chart, segments):
    """A consultant copies a chapter under another title: both stand, and links lead to their own."""
    assert words
    chapter = [present.finding("rfm", metrics), chart("rfm"), present.table(segments)]
    made = executed("## Segments", chapter, [chart("more")], "## Segments once more", chapter, [chart("more")])
    made.cells[2].metadata["tags"] = made.cells[5].metadata["tags"] = ["detail"]
    tree = tree_of(made)
    assert sections(tree) == ["segments", "segments-once-more", "details"]
    links = tree.xpath("//p[@class='elsewhere']/a/@href")
    assert links == ["#details-segments", "#details-segments-once-more"]
    assert [f"#{name}" for name in tree.xpath("//section[@id='details']/h3/@id")] == links
    identifiers = tree.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))
    for table in tree.xpath("//section//table"):
        (region,) = table.xpath("ancestor::*[@aria-labelledby][1]")
        assert region.get("aria-labelledby") in table.xpath("ancestor-or-self::*/@id|.//@id")
    for drawing in tree.xpath("//figure/*[local-name()='svg']"):
        inside = set(drawing.xpath(".//@id|./@id"))
        assert set(drawing.get("aria-labelledby", "").split()) <= inside
