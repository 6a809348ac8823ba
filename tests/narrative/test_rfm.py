"""The page of segments: every figure in a sentence is its metric, and what is hidden is not spoken of."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.inputs import load_inputs
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.rfm import movement, section
from loyalty_lib.narrative.rfm import story

Metrics = dict[str, Any]


@pytest.fixture(scope="module")
def _moved() -> Metrics:
    inputs = load_inputs("cdnow", "1998-Q2")
    found = rfm(inputs.transactions, inputs.as_of, previous=inputs.period.previous.end)
    whole: Metrics = plain({"rfm": section(protect(found, 5), inputs), "as_of": inputs.as_of, "open": movement(found)})
    return whole


@pytest.fixture
def moved(_moved: Metrics) -> Metrics:
    i18n.activate("en", "USD")
    return copy.deepcopy(_moved)


def test_what_the_page_says_comes_back_from_the_file(moved: Metrics) -> None:
    assert story(json.loads(json.dumps(moved, allow_nan=False))) == story(moved)


def test_migration_is_told_with_its_figures(moved: Metrics) -> None:
    """Of the 863 champions of March, 366 are left and 371 are loyal; what adds up hidden flows is left out."""
    flows = {(row["segment_then"], row["segment_now"]): row for row in moved["rfm"]["migration"]}
    assert flows["champions", "champions"]["customers"] == 366
    assert flows["champions", "loyal"]["customers"] == 371
    assert flows["champions", "champions"]["customers_then"] == 863
    assert moved["rfm"]["movement"]["share"] is None
    told = story(moved)
    assert told.lead[-1] == (
        "Of 863 in “Champions” on 31 March 1998, 366 (42%) are still in it; the largest part of the others, "
        "371 customers, went to “Loyal”."
    )
    figure = told.figures["rfm-migration"]
    assert figure.title == "“Champions” on 31 March 1998: 42% are still in it"
    assert figure.subtitle.startswith("Customers by segment on 31 March 1998 and on 30 June 1998; bands")
    assert told.lead[-1] in figure.alt


def test_where_nothing_is_hidden_the_share_who_stayed_is_the_finding(moved: Metrics) -> None:
    moves = moved["open"]
    kept = moved["rfm"] | {"movement": moves}
    told = story(moved | {"rfm": kept})
    assert moves["share"] == moves["stayed"] / moves["then"]
    assert told.figures["rfm-migration"].title == (
        f"{i18n.percent(moves['share'])} are in the same segment as on 31 March 1998"
    )
    assert told.lead[-2] == (
        f"Of the customers in a segment on 31 March 1998, {i18n.number(moves['stayed'])} "
        f"({i18n.percent(moves['share'])}) are in the same one now."
    )


def test_hidden_flows_are_not_spoken_of(moved: Metrics) -> None:
    moves = moved["rfm"]["movement"]
    moves["best"][0] |= {"out": None}
    assert story(moved).lead[-1] == "Of 863 in “Champions” on 31 March 1998, 366 (42%) are still in it."
    for best in moves["best"]:
        best |= {"stayed": None, "share": None}
    told = story(moved)
    assert "still in it" not in " ".join(told.lead)
    assert told.figures["rfm-migration"].title == "Where the customers of each segment are now"
    assert told.figures["rfm-migration"].alt == (
        "Flow of customers from their segment on 31 March 1998 to that on 30 June 1998."
    )


def test_without_an_earlier_date_there_is_no_chart_of_it(moved: Metrics) -> None:
    moved["rfm"] |= {"previous": None, "migration": [], "movement": None}
    assert list(story(moved).figures) == ["rfm"]


def test_a_hidden_share_of_customers_is_left_out_of_the_headline(moved: Metrics) -> None:
    assert story(moved).headline == "Champions: 9% of customers, 33% of sales"
    for row in moved["rfm"]["segments"].values():
        row["share_of_customers"] = None
    assert story(moved).headline == "Champions: 33% of sales"


def test_one_customer_is_spoken_of_as_one_and_a_missing_segment_not_at_all(moved: Metrics) -> None:
    segments = moved["rfm"]["segments"]
    segments["at_risk"]["customers"] = 1
    del segments["cant_lose"]
    told = story(moved)
    assert any(text.startswith("1 customer who bought often has gone quiet") for text in told.lead)
    assert told.advice[0] == "Write to the 1 customer in “At risk” first."


def test_only_one_scheme_says_that_those_at_risk_bought_often(moved: Metrics) -> None:
    moved["rfm"]["scheme"] = "codes_125"
    text = " ".join(story(moved).lead)
    assert "often" not in text
    assert "“At risk” and “Can't lose”: 507 customers, who spent US$78,751 in the last 12 months." in text


def test_no_earlier_customers_are_not_counted(moved: Metrics) -> None:
    moved["rfm"]["inactive"] = 0
    assert story(moved).lead[0] == ("The segments cover the 8,332 customers who bought in the last 12 months.")
