"""The tables of the programme."""

from __future__ import annotations

import pandas as pd

from loyalty_lib import i18n
from loyalty_lib.tables.programme import programme, programme_members
from tests.narrative.test_programme import result_of


def test_tiers_are_rows_with_their_cost_and_those_just_below() -> None:
    i18n.activate("en", "EUR")
    table = programme(result_of())
    assert table.rows[0][:3:2] == ("No tier", 790.0)
    assert table.rows[1] == ("Silver", 100.0, 170.0, 39_000.0, 0.39, 780.0, 121.0, 900.5)
    assert not table.wide
    assert "at most 10% of the threshold" in table.notes[0]
    assert "largest_share" not in table.csv()


def test_members_stand_above_other_customers() -> None:
    i18n.activate("en", "EUR")
    table = programme_members(result_of())
    assert table.rows[0] == ("Members", 300.0, 0.3, 2.5, 60.0, 150.0, 0.5)
    assert table.rows[1][0] == "Other customers"
    assert not table.wide
    assert programme_members(result_of(members=pd.DataFrame())).rows == ()


def test_without_a_programme_there_is_no_table() -> None:
    assert programme(result_of(tiers=result_of().tiers.iloc[:0])).rows == ()
