"""One currency: conversion by the client's rates, and refusal without."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_lib.errors import DataError
from tests.ingest.settling import day, row, settled


def complaint(rows, **settings):
    with pytest.raises(DataError) as caught:
        settled(rows, **settings)
    return str(caught.value)


def test_the_one_currency_found_is_the_currency():
    rows = [row(currency="SEK"), row("B", "2", currency=None), row("C", "3", currency="EUR", left_out="status")]
    source = settled(rows).source
    assert (source.currency, source.net_sales, source.notes) == ("SEK", 200, ())
    assert settled([row()]).source.currency is None
    assert settled([row()], currency="NOK").source.currency == "NOK"


@pytest.mark.parametrize(
    ("written", "currency", "found"),
    [
        (["kr"], "NOK", "NOK"),
        (["kr"], "SEK", "SEK"),
        (["$", None], "CAD", "CAD"),
        (["kr", "NOK"], None, "NOK"),
        (["kr", "NOK"], "NOK", "NOK"),
        (["¥"], "JPY", "JPY"),
        (["kr"], None, None),
        (["$"], None, None),
    ],
)
def test_a_sign_is_the_currency_it_fits(written, currency, found):
    rows = [row("A", f"o{i}", currency=text) for i, text in enumerate(written)]
    source = settled(rows, currency=currency).source
    assert (source.currency, source.net_sales) == (found, 100 * len(written))


@pytest.mark.parametrize(
    ("written", "currency"),
    [
        (["kr", "$"], None),
        (["kr", "EUR"], None),
        (["NOK", "SEK"], None),
        (["kr", "NOK", "SEK"], None),
        (["kr", "$"], "NOK"),
        (["$"], "NOK"),
        (["SEK"], "NOK"),
        (["kr", "SEK"], "NOK"),
    ],
)
def test_two_currencies_are_never_added_up(written, currency):
    rows = [row("A", f"o{i}", currency=text) for i, text in enumerate(written)]
    assert "rates" in complaint(rows, currency=currency)


def test_what_is_missing_is_said_for_every_file_and_currency():
    rows = [row(currency="NOK"), row(order="2", amount=12.5, currency="SEK", line=7)]
    rows += [row(order="3", amount=-2.5, currency="SEK", line=9), row(order="4", currency="EUR", file=1, line=2)]
    assert complaint(rows, currency="NOK", rates={"USD": 10.0}, there=" in clients/acme/client.yml") == (
        "a.csv: 1 problem; nothing was analysed.\n"
        "  lines 7 and 9: holds 'SEK'; expected amounts in NOK; 2 rows in SEK, 10.00 in all. "
        "Set rates: {SEK: ...} in clients/acme/client.yml, or make it one client a currency.\n"
        "b.csv: 1 problem; nothing was analysed.\n"
        "  line 2: holds 'EUR'; expected amounts in NOK; 1 row in EUR, 100.00 in all. "
        "Set rates: {EUR: ...} in clients/acme/client.yml, or make it one client a currency."
    )


def test_without_a_currency_of_the_client_all_that_are_found_are_named():
    rows = [row(currency="NOK"), row(order="2", amount=12.5, currency="SEK")]
    assert complaint(rows, names=["a.csv"]) == (
        "a.csv: 1 problem; nothing was analysed.\n"
        "  expected one currency, found NOK (1 row, 100.00 in all), SEK (1 row, 12.50 in all). "
        "Set currency and rates, or make it one client a currency."
    )


def test_a_constant_rate_converts_exactly():
    """3 SEK at 0.9732 are 2.9196 NOK; a third of a millionth is rounded away; rows without a code are in NOK."""
    rows = [
        row(order="1", amount=3, currency="SEK"),
        row(order="2", amount=0.000001, currency="SEK"),
        row(order="3", amount=1),
    ]
    result = settled(rows, currency="NOK", rates={"SEK": 0.9732})
    assert result.rows == [("A", "1", 0, 2.9196), ("A", "2", 0, 0.000001), ("A", "3", 0, 1)]
    assert result.source.net_sales == 3.919601
    assert result.source.notes == ("Rows in SEK were converted to NOK at 0.973200: 2.",)


def test_the_latest_rate_up_to_the_day_holds():
    """Rates of day 2 and day 5: days 2, 4, 5 and 90."""
    rates = [("SEK", day(5), 3.0), ("SEK", day(2), 2.0), ("EUR", None, 11.0)]
    rows = [row("A", f"o{on}", on, 1, currency="SEK") for on in (2, 4, 5, 90)] + [
        row("A", "e", -900, 1, currency="EUR")
    ]
    result = settled(rows, currency="NOK", rates=rates)
    assert {order: amount for _, order, _, amount in result.rows} == {"o2": 2, "o4": 2, "o5": 3, "o90": 3, "e": 11}
    assert result.source.notes == (
        "Rows in EUR were converted to NOK at 11.000000: 1.",
        "Rows in SEK were converted to NOK, each at the latest rate up to its day: 4.",
    )


def test_a_row_before_the_first_rate_is_a_problem():
    rates = [("SEK", dt.date(2024, 1, 3), 2.0)]
    rows = [row(order="1", currency="SEK", line=4), row(order="2", on=2, currency="SEK")]
    assert complaint(rows, currency="NOK", rates=rates) == (
        "a.csv: 1 problem; nothing was analysed.\n"
        "  line 4: holds 'SEK'; expected a rate of SEK for 1 row before 2024-01-03, the first of 2024-01-01. "
        "Add to rates what SEK was worth on 2024-01-01, or earlier."
    )


def test_a_sign_takes_the_rate_it_fits():
    result = settled([row(amount=2, currency="$")], currency="NOK", rates={"USD": 10.0})
    assert result.rows == [("A", "o1", 0, 20)]


def test_rates_that_are_none_are_refused_together():
    text = complaint(
        [row()], currency="NOK", rates=[("SEK", None, 0.0), ("EUR", day(1), 11), ("EUR", day(1), 12)], there=" in x.yml"
    )
    assert "x.yml: 2 problems" in text
    assert "a rate above 0 for SEK" in text
    assert "one rate for EUR from 2024-01-02 on" in text


def test_an_amount_that_conversion_makes_too_large_is_a_problem():
    rows = [row(amount=900_000_000_000, currency="KWD")]
    assert "amounts below 1,000,000,000,000 in NOK" in complaint(rows, currency="NOK", rates={"KWD": 35.0})


def test_other_currencies_do_not_matter_where_their_rows_are_left_out():
    """A failed order in SEK stands apart, in its own currency."""
    rows = [
        row(),
        row(order="2", amount=7, currency="SEK", left_out="status", detail="failed"),
        row("X", "3", currency="EUR"),
    ]
    result = settled(rows, currency="NOK", drop_list=["X"], rates={"EUR": 2.0})
    assert [(left.reason, left.detail, left.amount) for left in result.source.left_out] == [
        ("drop-list", "", 200),
        ("status", "failed (SEK)", 7),
    ]


def test_the_same_order_in_two_currencies_is_told_differently():
    rows = [row(currency="NOK"), row(file=1, currency="SEK"), row("B", "2", 5, file=1)]
    result = settled(rows, currency="NOK", rates={"SEK": 0.9})
    assert result.rows == [("A", "o1", 0, 90), ("B", "2", 5, 100)]
    assert result.source.revised_orders == 1
