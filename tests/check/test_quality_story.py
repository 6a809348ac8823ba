"""The sentences of the data quality notebook, from the verdict's JSON; and its data, which hold nobody's order."""

from __future__ import annotations

import json

import pytest

from loyalty_lib import check, i18n, narrative, present
from loyalty_lib.inputs import Inputs
from tests.check import made


@pytest.fixture
def metrics(cdnow: Inputs):
    i18n.activate("en", "GBP")
    return check.collect(cdnow, made.usable())


def test_the_headline_counts_rows(metrics):
    assert narrative.headline("quality", metrics) == "406,829 of 541,909 rows are used."


def test_what_to_do_follows_from_what_was_found(metrics):
    assert narrative.advice("quality", metrics) == [
        "Find out why 25% of the rows have no customer: they are in no figure.",
        "Ask the shop about 24 December 2010 to 3 January 2011: closed, or a part of the export that is missing?",
        "Make sure that the orders far beyond the others are real.",
        "State whether amounts include VAT.",
    ]


def test_good_data_need_nothing(metrics):
    metrics["quality"] |= {"gaps": [], "giant_orders": [], "lines_without_customer": 0}
    metrics["vat_included"] = True
    assert narrative.advice("quality", metrics) == []
    assert "stretches" not in narrative.lead("quality", metrics)


def test_notes_are_spoken(metrics):
    assert narrative.notes("quality", metrics) == ["Refunds were matched with the order they take back: 8,012."]


def test_the_data_are_json_and_hold_no_order(metrics):
    text = json.dumps(metrics, allow_nan=False)
    assert "581483" not in text
    assert "168469.6" not in text
    assert metrics["quality"]["giant_orders"][0] == {"day": "2011-12-09", "cancelled": True}


def test_cards_show_what_the_files_hold_and_what_is_used(metrics):
    html = str(present.quality_cards(metrics).html)
    for words in ("541,909", "used: 406,829", "4,372", "used: 4,339", "£9.75M"):
        assert words in html, html


def test_the_cover_says_what_to_ask(metrics):
    html = str(present.quality_cover(metrics).html)
    assert "Data quality" in html
    assert "The data carry 7 of 12 pages of the report." in html
    assert html.count("<li>") == 4
