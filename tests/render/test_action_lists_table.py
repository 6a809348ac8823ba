"""The tables of actions: what stands in them, and what is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd

from loyalty_lib.tables.action_lists import action_lists, budget, cross_sell
from loyalty_lib.tables.table import Table
from tests.render.test_tables import shown as shown_untyped

NAN = float("nan")
shown: Callable[[Table], tuple[list[str], list[list[str]]]] = shown_untyped


def result(uplift: float = 0.03) -> Any:
    lists = pd.DataFrame(
        {
            "list": ["win_back", "renewal", "anniversary"],
            "customers": [1262.0, 0, NAN],
            "control": [126.0, 0, NAN],
            "order_value": [818.67, NAN, NAN],
            "one_order": [1_033_161.3, 0, NAN],
            "uplift": [uplift, NAN, NAN],
            "expected_value": [-3029.9, NAN, NAN],
            "break_even": [0.0386, NAN, NAN],
            "baseline": [0.044, NAN, NAN],
            "smallest_effect": [0.0754, NAN, NAN],
        }
    )
    cross = pd.DataFrame({"category": ["Ski"], "next": ["Shoes"], "customers": [30], "lift": [1.2], "support": [0.18]})
    plan = pd.DataFrame(
        {
            "order": [1.0],
            "list": ["upcoming"],
            "segment": ["cant_lose"],
            "customers": [40.0],
            "cost": [200.0],
            "expected_value": [310.5],
            "share": [0.5],
        }
    )
    return SimpleNamespace(
        lists=lists, cross_sell=cross, budget=plan, amount=100.0, days=30, as_of=dt.date(2024, 12, 31)
    )


def test_lists_without_customers_are_left_out_and_hidden_ones_say_nothing() -> None:
    table = action_lists(result())
    head, body = shown(table)
    assert body == [
        ["Win-back", "1,262", "126", "818.67", "3.0", "−3,030", "3.9", "7.5"],
        ["Anniversary", *["–"] * 7],
    ]
    assert head[4] == "Assumed effect (%)"
    assert not table.wide
    assert "31 December 2024" in table.title


def test_without_an_assumption_the_table_shows_what_an_order_of_each_would_be() -> None:
    _, body = shown(action_lists(result(NAN)))
    assert body[0] == ["Win-back", "1,262", "126", "818.67", "1,033,161", "4.4", "7.5"]


def test_cross_sell_and_budget_have_a_row_for_each_of_theirs() -> None:
    assert shown(cross_sell(result()))[1] == [["Ski", "Shoes", "30", "1.20", "18.0"]]
    table = budget(result())
    assert shown(table)[1] == [["1", "Next purchase due", "Can't lose", "40", "200.00", "310.50", "50"]]
    assert "€100.00" in table.title
    assert not table.wide
