"""The tables of second purchases."""

from __future__ import annotations

import lxml.html

from loyalty_lib.tables.time_to_second_purchase import time_to_second_purchase, time_to_second_purchase_groups
from tests.figures.test_time_to_second_purchase import NAN, many, result


def body(table):
    tree = lxml.html.fromstring(str(table.html()))
    return [[cell.text_content().strip() for cell in row.xpath("th|td")] for row in tree.xpath("//tbody/tr")]


def test_shares_stand_by_step_and_day():
    shown = result()
    rows = body(time_to_second_purchase(shown))
    assert [row[1] for row in rows] == ["30", "90", "180", "365"] * 2
    assert rows[1] == ["Second purchase, after the first", "90", "29.1", "27.1", "31.1"]
    assert rows[4][0] == "Third purchase, after the second"


def test_groups_are_named_and_hidden_ones_have_a_dash():
    rows = body(time_to_second_purchase_groups(many()))
    assert rows[0] == ["First purchase: Q1 2023", "120", "97.0", "93.0", "100.0", "200"]
    assert rows[-1] == ["Category of the first order: Others", "120", "–", "–", "–", "200"]


def test_where_every_share_is_hidden_there_is_no_table():
    shown = result()
    shown.at_days["share"] = NAN
    assert time_to_second_purchase(shown).rows == ()
