"""The tables of contracts show what the result holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect_subscriptions import protect_subscriptions
from loyalty_lib.tables.subscriptions import subscription_plans, subscription_renewals, subscriptions
from loyalty_lib.tables.table import Table
from tests.analyses.contracts import EIGHT, follow, frame, yearly


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.activate("en", "EUR")
    yield
    i18n.activate("en", None)


def read(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.csv())))


def test_key_figures_stand_beside_those_of_earlier_periods() -> None:
    table = subscriptions(follow(frame(EIGHT)))
    rows = {row[0]: row[1:] for row in read(table)}
    assert [column.label for column in table.columns[1:]] == [
        "4th quarter 2024",
        "3rd quarter 2024",
        "4th quarter 2023",
    ]
    assert rows["Customers under contract at the end"] == ["6.0", "5.0", "6.0"]
    assert rows["Churn rate"] == ["0.2", "0.0", "0.0"]
    assert rows["Recurring revenue a month at the end"] == ["107.0", "90.0", "100.0"]
    assert "Recurring revenue" in str(table.html())


def test_plans_are_said_to_differ_only_where_chance_would_rarely_do_it() -> None:
    alike = yearly(400)
    assert "Chance alone often" in subscription_plans(follow(alike)).notes[0]
    fleeting = alike["plan"] == "Basic"
    apart = alike.assign(end=alike["end"].where(~fleeting, alike["start"] + pd.Timedelta(days=40)))
    assert "rarely" in subscription_plans(follow(apart)).notes[0]


def test_plans_and_renewals_are_those_of_the_result() -> None:
    result = follow(frame(EIGHT), days=31)
    assert read(subscription_plans(result))[1][:4] == ["Basic", "5", "3", "0.8"]
    assert read(subscription_renewals(result))[1] == ["Basic", "2025-01-01", "1", "1", "10.0"]


def test_hidden_cells_are_empty_and_plans_without_a_name_have_one() -> None:
    safe = protect_subscriptions(follow(yearly(60)), 15, 0.5)
    assert [row[1] for row in read(subscription_plans(safe))[1:]] == ["34.0", "", ""]
    unnamed = follow(yearly(60).assign(plan=""), days=60)
    assert {row[0] for row in read(subscription_renewals(unnamed))[1:]} == {"Without a plan"}


def test_without_contracts_the_tables_are_empty() -> None:
    for table in (subscriptions, subscription_plans, subscription_renewals):
        assert table(follow(None)).rows == ()
