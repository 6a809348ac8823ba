"""Periods: every form a user may type, what came before, and the same a year ago."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_lib.errors import UsageError
from loyalty_lib.periods import choose_period, last_complete, parse_period

FORMS = [
    # text, first and last day, previous, a year ago
    ("2024", "2024-01-01", "2024-12-31", "2023", "2023"),
    ("2024-H1", "2024-01-01", "2024-06-30", "2023-H2", "2023-H1"),
    ("2024-H2", "2024-07-01", "2024-12-31", "2024-H1", "2023-H2"),
    ("2024-Q1", "2024-01-01", "2024-03-31", "2023-Q4", "2023-Q1"),
    ("2024-Q4", "2024-10-01", "2024-12-31", "2024-Q3", "2023-Q4"),
    ("2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02"),
    ("2023-02", "2023-02-01", "2023-02-28", "2023-01", "2022-02"),
    ("2024-01", "2024-01-01", "2024-01-31", "2023-12", "2023-01"),
    ("2024-W12", "2024-03-18", "2024-03-24", "2024-W11", "2023-W12"),
    ("2025-W01", "2024-12-30", "2025-01-05", "2024-W52", "2024-W01"),
    ("2021-W01", "2021-01-04", "2021-01-10", "2020-W53", "2020-W02"),
    ("2024-01-01..2024-06-30", "2024-01-01", "2024-06-30", "2023-07-03..2023-12-31", "2023-01-01..2023-06-30"),
    ("2024-02-29..2024-02-29", "2024-02-29", "2024-02-29", "2024-02-28..2024-02-28", "2023-02-28..2023-02-28"),
]


@pytest.mark.parametrize(("text", "start", "end", "previous", "year_ago"), FORMS)
def test_every_form(text, start, end, previous, year_ago):
    period = parse_period(text)
    assert (str(period.start), str(period.end)) == (start, end)
    assert (period.label, str(period)) == (text, text)
    assert period.previous.label == previous
    assert period.year_ago.label == year_ago
    assert period.previous.end == period.start - dt.timedelta(days=1)
    assert parse_period(period.previous.label) == period.previous


def test_letters_may_be_small_and_blanks_surround():
    assert parse_period(" 2024-q4 ") == parse_period("2024-Q4")
    assert parse_period("2024-h1").label == "2024-H1"


def test_length_in_days():
    assert [parse_period(text).days for text in ("2024", "2023", "2024-Q1", "2024-W12")] == [366, 365, 91, 7]


def test_periods_back_are_oldest_first():
    assert [period.label for period in parse_period("2024-Q2").back(4)] == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    assert [period.label for period in parse_period("2024").back(1)] == ["2024"]


@pytest.mark.parametrize(
    "text", ["", "Q4", "2024Q4", "2024-Q5", "2024-H3", "24-11", "last month", "2024-W1", "../2024", "２０２４"]
)
def test_what_is_no_period_is_refused_with_the_forms(text):
    with pytest.raises(UsageError) as caught:
        parse_period(text)
    assert str(caught.value) == (
        f"Period {text!r} is not a period. "
        "Write it as 2024, 2024-H1, 2024-Q4, 2024-11, 2024-W12 or 2024-01-01..2024-06-30."
    )


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-00", "0000", "2024-W53", "2024-W00", "2023-02-29..2023-03-01", "2024-06-30..2024-01-01"]
)
def test_periods_that_do_not_exist_are_refused(text):
    with pytest.raises(UsageError, match="does not exist: "):
        parse_period(text)


@pytest.mark.parametrize(
    ("cadence", "observed_until", "label"),
    [
        ("month", "2024-12-31", "2024-12"),
        ("month", "2024-12-30", "2024-11"),
        ("month", "2024-02-28", "2024-01"),
        ("quarter", "2024-12-31", "2024-Q4"),
        ("quarter", "2024-12-30", "2024-Q3"),
        ("quarter", "2025-02-10", "2024-Q4"),
        ("half", "2024-06-30", "2024-H1"),
        ("half", "2024-06-29", "2023-H2"),
        ("year", "2024-12-31", "2024"),
        ("year", "2024-12-30", "2023"),
    ],
)
def test_last_complete_period(cadence, observed_until, label):
    assert last_complete(cadence, dt.date.fromisoformat(observed_until)).label == label


def test_data_that_is_complete_up_to_yesterday_gives_the_last_period_that_is_over() -> None:
    assert choose_period(None, "quarter", dt.date(2025, 3, 31)).label == "2025-Q1"
    assert choose_period(None, "quarter", dt.date(2025, 3, 30)).label == "2024-Q4"
    with pytest.raises(UsageError, match="only up to 2025-03-30"):
        choose_period("2025-03", "quarter", dt.date(2025, 3, 30))
