"""What else texts of an export mean: currencies, totals, marks, contact keys; and that no text stops the reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.columns import date_form, days, decimal_form, made

CURRENCIES = {
    "5 NOK": "NOK",
    "NOK5": "NOK",
    "$5.00 USD": "USD",
    "€ 5": "EUR",
    "£5": "GBP",
    "US$ 5": "USD",
    "Kr. 5": "kr",
    "5,00kr": "kr",
    "$5": "$",
    "5": None,
    "1 299,-": None,
    "": None,
}
EMAILS = {
    " Kari.Nordmann+shop@GoogleMail.com ": "karinordmann@gmail.com",
    "kari.nordmann@gmail.com": "karinordmann@gmail.com",
    "MAILTO:Kari.Nordmann+a+b@Example.no": "kari.nordmann@example.no",
    "a\u030ase@example.no": "åse@example.no",
    "+tag@example.no": "+tag@example.no",
    "kari@mail.example.co.uk": "kari@mail.example.co.uk",
    "kari@example": None,
    "@example.no": None,
    "kari@@example.no": None,
    "kari@example.no, ola@example.no": None,
    "kari nordmann@example.no": None,
    "kari@example..no": None,
    "..@gmail.com": None,
    "": None,
}
PHONES = {
    "+47 912 34 567": "4791234567",
    "0047 (912) 34-567": "4791234567",
    "47.91.23.45.67": "4791234567",
    "'+4791234567": "4791234567",
    "4791234567.0": "4791234567",
    "+44 (0)20 7946 0958": "442079460958",
    "91\u00a023\u00a045\u00a067": "91234567",
    "12345": None,
    "99999999": None,
    "4.79E+10": None,
    "912 34 567 ext 5": None,
    "": None,
}


@pytest.mark.parametrize(
    ("macro", "known"), [("currency_of", CURRENCIES), ("email_key", EMAILS), ("phone_key", PHONES)]
)
def test_keys_and_currencies(macro, known):
    assert dict(zip(known, made(macro, list(known)), strict=True)) == known
    assert made(macro, [None]) == [None]


def test_words_for_a_total_are_those_and_no_others():
    words = [
        "Total",
        "TOTALS:",
        "Grand  total",
        "Sum",
        "Subtotal",
        "Totalt",
        "I alt",
        "Summa",
        "YHTEENSÄ",
        "Summe",
        "Gesamt",
    ]
    assert all(made("says_total", [*words, "Til utbetaling netto ", " Total: "]))
    assert not any(made("says_total", ["Total Recall", "Sumo", "Summer", "Totaline AS", "", None, "1001"]))


def test_marks_are_yes_but_for_the_words_for_no():
    assert made("flag_of", ["no", " Nei ", "NEJ", "ei", "false", "0", "n", "F", "nein"]) == [False] * 9
    assert made("flag_of", ["yes", "x", "1", "true", "Refund", "ja"]) == [True] * 6
    assert made("flag_of", ["", " ", "\u00a0", None]) == [None] * 4


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    "0123456789-+.,:/ TZekr€()", max_size=24
)


@settings(deadline=None, max_examples=8)
@given(st.lists(ANY_TEXT, min_size=150))
def test_no_text_stops_the_reading(texts):
    for macro in ("currency_of", "email_key", "phone_key", "says_total", "flag_of"):
        assert len(made(macro, texts)) == len(texts)
    for decimal in (".", ","):
        assert len(made("amount_of", texts, decimal=decimal)) == len(texts)
    for form in ("iso", "excel", "epoch", "epoch_ms", "%d.%m.%Y", "%d %b %Y %H:%M:%S.%f %z", "%Y%m%d"):
        assert len(days(texts, form, "Europe/Oslo", "UTC")) == len(texts)
    date_form(texts)
    decimal_form(*texts)


@pytest.mark.parametrize("text", ["9" * 400, "-" * 400, "1e" + "9" * 20, "9999999999999.9", "99999999999999", "0" * 14])
def test_no_number_is_too_large_to_be_refused(text):
    for decimal in (".", ","):
        made("amount_of", [text], decimal=decimal)
    for form in ("iso", "excel", "epoch", "epoch_ms", "%Y%m%d"):
        days([text], form, "Europe/Oslo", "UTC")
