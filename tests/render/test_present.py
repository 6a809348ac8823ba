"""Blocks: what a cell shows, and the data it carries along."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import lxml.html
import pandas as pd
import pytest
from matplotlib import rcParams

from loyalty_lib import i18n, present, tables
from loyalty_lib.config.brand import Brand
from loyalty_lib.templates import MIME

EVIL = "<script>alert(1)</script>"
ATTACH = "<link rel=attachment href=file:///etc/passwd>"


def parsed(block):
    return lxml.html.fromstring(f"<div>{block.html}</div>")


def bundle(block):
    return block._repr_mimebundle_()


def text(tree):
    return " ".join(tree.text_content().split())


def test_begin_sets_language_currency_and_accent():
    config = SimpleNamespace(language="nb", currency="NOK", brand=Brand(accent="#7a1f5a"))
    assert present.begin(SimpleNamespace(config=config)) is None
    assert i18n.active().code == "nb"
    assert i18n.active().currency == "NOK"
    assert rcParams["axes.prop_cycle"].by_key()["color"][0] == "#7a1f5a"


def test_the_cover_holds_client_period_finding_actions_and_trust(words, metrics):
    tree = parsed(present.cover(metrics))
    assert tree.xpath("string(//h1)") == "Customer loyalty"
    assert tree.xpath("//p[@class='client']")[0].text_content().strip() == "Acme Sports"
    assert "4th quarter 2024, as of 31 December 2024" in text(tree)
    assert [item.text_content() for item in tree.xpath("//ol/li")] == list(words.cover(metrics).actions)
    assert text(tree.xpath("//div[contains(@class, 'trust')]/p")[0]) == "Use with care 12% too low last year."
    assert "Prepared by Fjord Insight" in text(tree)
    assert "Simulated" not in text(tree)


def test_a_report_on_simulated_data_says_so_on_its_cover(words, metrics):
    assert words
    metrics["simulated"] = True
    assert "Simulated data" in text(parsed(present.cover(metrics)))


def test_cards_show_label_figure_and_comparison(words, metrics):
    assert words
    cards = parsed(present.cards(metrics, ["net_sales", "orders"])).xpath("//li")
    assert [text(card) for card in cards] == [f"{key} 1,234 ▲ 5.0% from 2024-Q3" for key in ("net_sales", "orders")]


def test_a_figure_has_number_caption_alternative_text_source_and_data(chart):
    block = chart("pareto", pd.DataFrame({"x": [1, 2], "y": [0.5, None]}))
    tree = parsed(block)
    assert text(tree.xpath("//figcaption")[0]) == "Figure Title of pareto Subtitle of pareto"
    (drawing,) = tree.xpath("//svg")
    assert drawing.xpath("string(title)") == "Description of pareto"
    assert "Source: orders of Acme Sports up to 31 December 2024." in text(tree)
    (link,) = tree.xpath("//a")
    assert link.get("download") == "figure_pareto.csv"
    kind, _, data = link.get("href").partition(",")
    assert kind == "data:text/csv;base64"
    assert base64.b64decode(data).decode() == "x,y\n1,0.5\n2,\n" == bundle(block)[MIME]["csv"]


def test_a_figure_whose_title_is_the_headline_does_not_say_it_twice(words, chart):
    words.caption = lambda name, _: (words.headline(name, {}), "Measure, period")
    assert text(parsed(chart("pareto")).xpath("//figcaption")[0]) == "Figure Measure, period"


def test_what_has_no_data_shows_nothing(words, metrics, chart, segments):
    words.advice = lambda *_: []
    empty = present.tables.Table(name="t", title="T", columns=segments.columns, rows=())
    for block in (chart("clv", pd.DataFrame({"x": []})), present.table(empty), present.advice("clv", metrics)):
        assert "text/html" not in bundle(block)


def test_a_table_carries_its_csv(segments):
    block = present.table(segments)
    assert bundle(block)[MIME] == {
        "kind": "table",
        "name": "segments",
        "csv": segments.csv(),
        "typed": tables.typed(segments),
        "notes": [],
        "title": "Customers by segment",
        "anchor": "table-segments",
        "detailed": False,
        "wide": False,
    }
    assert bundle(block)["text/html"] == str(segments.html())


def test_publish_shows_nothing_and_carries_the_metrics(metrics):
    block = present.publish(metrics)
    assert bundle(block) == {MIME: {"kind": "metrics", "name": "", "metrics": metrics}}
    assert repr(block) == "<metrics>"


@pytest.mark.parametrize("evil", [EVIL, ATTACH])
def test_no_text_becomes_an_element(words, metrics, chart, evil):
    metrics["client"]["name"] = metrics["brand"]["name"] = evil
    words.cover = lambda _: SimpleNamespace(
        finding=evil, others=(evil,), actions=(evil,), trust="good", trust_label=evil, trust_reason=evil
    )
    words.cards = lambda *_: [SimpleNamespace(label=evil, value=evil, comparisons=(evil,))]
    words.headline = words.lead = words.alt = lambda *_: evil
    words.advice = lambda *_: [evil, evil]
    words.caption = lambda *_: (evil, evil + evil)
    words.method = lambda _: [(evil, [evil])]
    blocks = [
        present.cover(metrics),
        present.cards(metrics, ["x"]),
        present.finding("x", metrics),
        chart("x"),
        present.advice("x", metrics),
        present.method(metrics),
    ]
    for block in blocks:
        tree = parsed(block)
        assert not tree.xpath("//script|//link")
        assert evil in tree.text_content()
