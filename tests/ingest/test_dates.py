"""How a column's dates are found to be written, and the days they become."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.ingest.dates import dates
from tests.ingest.columns import date_form, days, engine, source_rows

FEW = settings(deadline=None, max_examples=25)  # each with many values: a query is dear, a value cheap
OSLO, NEW_YORK = "Europe/Oslo", "America/New_York"

KNOWN = {  # one way of writing: a column, its form, its days
    "ISO days": (["2024-01-31", "2024-2-1"], "iso", ["2024-01-31", "2024-02-01"]),
    "ISO days and moments": (
        ["2024-01-31", "2024-01-31 10:00", "2024-01-31T10:00:00.123456", "2024-01-31T23:59:59+00:00"],
        "iso",
        ["2024-01-31"] * 4,
    ),
    "ISO with offsets": (
        ["2024-01-31 10:00 +0200", "2024-01-31T10:00Z", "2024-01-31 10:00:00 UTC", "2024-01-31 10:00:00,5+02"],
        "iso",
        ["2024-01-31"] * 4,
    ),
    "one digit or two": (["1.2.2024", "31.12.2024"], "%d.%m.%Y", ["2024-02-01", "2024-12-31"]),
    "slashes, day first": (["01/02/2024", "31/12/2024"], "%d/%m/%Y", ["2024-02-01", "2024-12-31"]),
    "slashes, month first": (["1/2/2024", "12/31/2024"], "%m/%d/%Y", ["2024-01-02", "2024-12-31"]),
    "dashes": (["01-02-2024", "31-12-2024"], "%d-%m-%Y", ["2024-02-01", "2024-12-31"]),
    "blanks": (["1 2 2024", "31 12 2024"], "%d %m %Y", ["2024-02-01", "2024-12-31"]),
    "points and blanks": (["1. 2. 2024", "31. 12. 2024"], "%d. %m. %Y", ["2024-02-01", "2024-12-31"]),
    "year first, slashes": (["2024/02/01", "2024/2/1"], "%Y/%m/%d", ["2024-02-01", "2024-02-01"]),
    "year first, points": (["2024.02.01"], "%Y.%m.%d", ["2024-02-01"]),
    "eight digits": (["20240201"], "%Y%m%d", ["2024-02-01"]),
    "fourteen digits": (["20240201235959"], "%Y%m%d%H%M%S", ["2024-02-01"]),
    "compact ISO": (["20240201T235959"], "%Y%m%dT%H%M%S", ["2024-02-01"]),
    "two-digit years": (["01.02.24", "31.12.24"], "%d.%m.%y", ["2024-02-01", "2024-12-31"]),
    "two-digit years that cannot be days": (["98-01-31", "98-02-01"], "%y-%m-%d", ["1998-01-31", "1998-02-01"]),
    "days and years neither of which is the other": (["31-01-98"], "%d-%m-%y", ["1998-01-31"]),
    "hours and minutes": (["31.01.2024 9:05", "1.2.2024 23:05"], "%d.%m.%Y %H:%M", ["2024-01-31", "2024-02-01"]),
    "seconds": (["31/01/2024 23:05:59"], "%d/%m/%Y %H:%M:%S", ["2024-01-31"]),
    "points in the time": (["31.01.2024 23.05"], "%d.%m.%Y %H.%M", ["2024-01-31"]),
    "kl.": (["31.01.2024 kl. 23:05"], "%d.%m.%Y kl. %H:%M", ["2024-01-31"]),
    "a comma before the time": (["31/01/2024, 23:05"], "%d/%m/%Y, %H:%M", ["2024-01-31"]),
    "fractions": (["31.01.2024 23:05:59.1234567"], "%d.%m.%Y %H:%M:%S.%f", ["2024-01-31"]),
    "half days": (["1/31/2024 11:05 PM", "1/2/2024 1:05 am"], "%m/%d/%Y %I:%M %p", ["2024-01-31", "2024-01-02"]),
    "offsets": (
        ["31/01/2024 23:05 +0000", "1/2/2024 01:05 Z", "1/2/2024 01:05 +02:00", "1/2/2024 01:05 +15:00"],
        "%d/%m/%Y %H:%M %z",
        ["2024-01-31", "2024-02-01", "2024-01-31", None],
    ),
    "English months": (
        ["Jan 5, 2024", "Sept 6, 2024", "December 7, 2024"],
        "%b %d, %Y",
        ["2024-01-05", "2024-09-06", "2024-12-07"],
    ),
    "days before English months": (["5 Jan 2024", "16 August 2024"], "%d %b %Y", ["2024-01-05", "2024-08-16"]),
    "dashes round months": (["05-JAN-2024", "06-Feb-2024"], "%d-%b-%Y", ["2024-01-05", "2024-02-06"]),
    "Norwegian months": (
        ["5. januar 2024", "6. mai 2024", "7. desember 2024"],
        "%d. %b %Y",
        ["2024-01-05", "2024-05-06", "2024-12-07"],
    ),
    "German months": (["5. März 2024", "6. Oktober 2024"], "%d. %b %Y", ["2024-03-05", "2024-10-06"]),
    "spreadsheet days": (["45000", "45000.75", "45001,0"], "excel", ["2023-03-15", "2023-03-15", "2023-03-16"]),
    "seconds since 1970": (
        ["1704067199", "1704067200", "999999999.5"],
        "epoch",
        ["2023-12-31", "2024-01-01", "2001-09-09"],
    ),
    "milliseconds since 1970": (["1704067199999", "1704067200000"], "epoch_ms", ["2023-12-31", "2024-01-01"]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_column_in_one_form_is_recognised_and_read(name):
    texts, form, expected = KNOWN[name]
    found = date_form([*texts, None, "", " "])
    assert (found.guess.value, found.trouble) == (form, None)
    assert found.guess.sure == ("likely" if form in {"excel", "epoch", "epoch_ms"} else "certain")
    assert days(texts, found) == expected


@pytest.mark.parametrize("name", KNOWN)
def test_the_form_is_one_that_the_settings_take(name):
    form = KNOWN[name][1]
    assert Ingest(date_format=form).date_format == form


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["1.2.2024", "11.12.2024"], '"%d.%m.%Y" or "%m.%d.%Y"'),
        (["03/04/2025 10:15"], '"%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M"'),
        (["01.02.24"], '"%d.%m.%y" or "%m.%d.%y"'),
        (["24-01-31", "24-02-28"], '"%d-%m-%y" or "%y-%m-%d"'),
        (["01-02-03"], '"%d-%m-%y" or "%m-%d-%y" or "%y-%m-%d"'),
        (["202402011015"], '"%Y%m%d%H%M" or "epoch_ms"'),
    ],
)
def test_dates_that_no_value_explains_are_asked_for_and_never_guessed(texts, formats):
    found = date_form([*texts, "Total"])
    assert (found.guess.value, found.guess.sure) == (None, "unsure")
    assert found.trouble is not None
    assert found.trouble.kind == "ambiguous"
    assert found.trouble.remedy == f"Set ingest.date_format: {formats}."
    assert (found.trouble.value, found.trouble.count) == (min(texts), len(texts))


@pytest.mark.parametrize(
    ("texts", "records", "value", "count", "written"),
    [
        (["31.12.2024", "30.12.2024", "12.31.2024"], (3,), "12.31.2024", 1, "the other 2 (%d.%m.%Y)"),
        (["12/31/2024", "31/12/2024", "12/30/2024"], (2,), "31/12/2024", 1, "the other 2 (%m/%d/%Y)"),
        (["2024-01-31", "31.01.2024", "2024-02-01"], (2,), "31.01.2024", 1, "the other 2 (ISO 8601)"),
        (["31.01.2024", "31.01.2024 10:00", "1.2.2024"], (2,), "31.01.2024 10:00", 1, "the other 2 (%d.%m.%Y)"),
        (["45000", "31.01.2024", "45001"], (2,), "31.01.2024", 1, "the other 2 (excel)"),
        (["31.01.24", "31.01.2024", "1.2.2024"], (1,), "31.01.24", 1, "the other 2 (%d.%m.%Y)"),
        (["2024-01-31"] * 5 + ["01/02/2024"] * 4, (6, 7, 8), "01/02/2024", 4, "the other 5 (ISO 8601)"),
        (["1/2/2024", "3/4/2024", "2024-01-31"], (3,), "2024-01-31", 1, "the other 2 (1/2/2024)"),
    ],
)
def test_two_forms_in_one_column_are_reported_with_the_rarer_ones_records(texts, records, value, count, written):
    found = date_form(texts).trouble
    assert found is not None
    assert (found.kind, found.records, found.value, found.count) == ("mixed", records, value, count)
    assert written in found.expected


def test_values_that_are_no_dates_beside_one_form_do_not_make_it_mixed():
    found = date_form(["31.12.2024", "31.31.2024", "45.1.2024", "00.00.0000", "Total", "n/a"])
    assert (found.guess.value, found.trouble) == ("%d.%m.%Y", None)
    assert found.guess.why.endswith("5 of the values are no date")


@pytest.mark.parametrize("texts", [["abc", "12"], ["99999"], ["2024113110"], [None, ""]])
def test_a_column_without_dates_has_no_form_and_no_trouble(texts):
    found = date_form(texts)
    assert (found.kind, found.guess.value, found.guess.sure, found.trouble) == ("iso", None, "unsure", None)


@FEW
@given(st.permutations(["31.12.2024", "12.31.2024", "30.12.2024", "2024-01-01", "x", "1.1.2024", "1/1/2024"]))
def test_what_is_found_does_not_depend_on_the_order_of_rows(texts):
    trouble = date_form(texts).trouble
    assert trouble is not None
    others = {"12.31.2024", "2024-01-01", "1/1/2024"}
    assert trouble.records == tuple(1 + i for i, text in enumerate(texts) if text in others)
    assert (trouble.value, trouble.count, trouble.expected) == (
        "1/1/2024",
        3,
        "dates written as the other 3 (%d.%m.%Y)",
    )


def test_thousands_of_shapes_are_free_text_in_which_the_commonest_form_is_found():
    texts = [f"{'x' * (i % 50)}{'y' * (i // 50)}" for i in range(2500)] + ["31.12.2024"] * 3
    assert date_form(texts).guess.value == "%d.%m.%Y"


def test_a_set_format_holds_whatever_the_values_look_like():
    source_rows(order_date=["2024-01-31"])
    found = dates(engine(), "order_date", "%m.%d.%Y")
    assert (found.kind, found.format, found.guess.sure, found.trouble) == ("strptime", "%m.%d.%Y", "certain", None)
    assert dates(engine(), "order_date", "excel").kind == "excel"


def test_a_set_format_that_is_none_is_refused_before_anything_is_read():
    trouble = dates(engine(), "order_date", "%d.%m.%Y %Q").trouble
    assert trouble is not None
    assert (trouble.kind, trouble.value) == ("setting", "%d.%m.%Y %Q")


def test_the_day_of_a_refund_has_a_form_of_its_own():
    source_rows(order_date=["2024-01-31"], refunded_on=["31.01.2024"])
    assert dates(engine(), "refunded_on", None).guess.value == "%d.%m.%Y"


FORMATS = [
    f"{day}{time}"
    for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y-%m-%d", "%d %b %Y", "%B %d, %Y")
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M:%S.%f", " %H:%M:%S %z")
]


@FEW
@given(
    st.sampled_from(FORMATS),
    st.lists(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2099, 12, 31)), min_size=20),  # noqa: DTZ001
    st.booleans(),
)
def test_any_dates_in_any_supported_form_read_back(form, moments, narrow):
    """One moment has a day above 12; numbers have two digits, or as many as they need."""
    moments = [moment.replace(tzinfo=dt.UTC) for moment in [*moments, dt.datetime(2020, 5, 31, 12)]]  # noqa: DTZ001
    texts = [moment.strftime(form) for moment in moments]
    if narrow and "%b" not in form.lower():
        texts = [re.sub(r"^0|(?<=[./-])0(?=\d[./-])", "", text) for text in texts]
    found = date_form(texts)
    assert found.trouble is None
    assert days(texts, found, zone="UTC") == [moment.date().isoformat() for moment in moments]


def _iso_day(text: str, zone: str) -> str | None:
    """Return the day of an ISO moment by the standard library alone."""
    found = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?( ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?",
        text,
        re.ASCII,
    )
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    offset = re.sub(r"[^-+\d]", "", found[7] or "")
    digits = offset[1:].ljust(4, "0")
    if hour > 24 or (hour == 24 and minute + second) or int(digits[:2]) > 14 or int(digits[2:]) > 59:
        return None
    try:
        moment = dt.datetime(year, month, day, hour % 24, minute, second) + dt.timedelta(days=hour // 24)  # noqa: DTZ001
    except ValueError:
        return None
    if found[7]:
        ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if offset[:1] == "-" else 1)
        moment = moment.replace(tzinfo=dt.timezone(ahead)).astimezone(ZoneInfo(zone))
    return moment.date().isoformat()


@FEW
@given(
    st.lists(
        st.from_regex(
            re.compile(
                r"(19[7-9]|20[0-2])\d-[01]?\d-[0-3]?\d([T ][0-2]?\d:[0-5]\d(:[0-6]\d([.,]\d{1,7})?)?"
                r"( ?(Z|[+-][01]\d(:?[0-6]\d)?))?)?",
                re.ASCII,
            ),
            fullmatch=True,
        )
        | st.text("0123456789-:TZ+. ", max_size=22),
        min_size=20,
        max_size=60,
    )
)
def test_iso_days_agree_with_the_standard_library(texts):
    assert days(texts, "iso", OSLO) == [_iso_day(text.strip(" "), OSLO) for text in texts]


@FEW
@given(st.lists(st.text("0123456789.,-", max_size=10), min_size=40))
def test_spreadsheet_days_agree_with_the_standard_library(texts):
    def day(text):
        if not re.fullmatch(r"\d{1,7}([.,]\d*)?", text, re.ASCII):
            return None
        serial = float(text.replace(",", "."))
        moment = round(serial * 86_400_000) / 86_400_000
        if serial < 61 or moment >= 2_958_466:
            return None
        return (dt.date(1899, 12, 30) + dt.timedelta(days=int(moment))).isoformat()

    assert days(texts, "excel") == [day(text) for text in texts]


@FEW
@given(st.lists(st.integers(10**8, 4 * 10**9), min_size=40))
def test_seconds_agree_with_the_standard_library(seconds):
    expected = [dt.datetime.fromtimestamp(value, ZoneInfo(NEW_YORK)).date().isoformat() for value in seconds]
    assert days([str(value) for value in seconds], "epoch", NEW_YORK) == expected
    assert days([f"{value}000" for value in seconds], "epoch_ms", NEW_YORK) == expected


@pytest.mark.parametrize(
    ("text", "zone", "naive_zone", "expected"),
    [
        ("2024-03-31 02:30", OSLO, OSLO, "2024-03-31"),  # does not exist
        ("2024-10-27 02:30", OSLO, OSLO, "2024-10-27"),  # exists twice
        ("2024-03-31T22:30Z", OSLO, OSLO, "2024-04-01"),  # summer time began in the morning
        ("2024-03-30T22:30Z", OSLO, OSLO, "2024-03-30"),
        ("2024-10-27T22:30Z", OSLO, OSLO, "2024-10-27"),  # and ended
        ("2024-10-26T22:30Z", OSLO, OSLO, "2024-10-27"),
        ("2024-01-31 23:30", OSLO, "UTC", "2024-02-01"),
        ("2024-07-31 22:30", OSLO, "UTC", "2024-08-01"),
        ("2024-07-31 21:30", OSLO, "UTC", "2024-07-31"),
        ("2024-03-10 02:30", NEW_YORK, NEW_YORK, "2024-03-10"),
        ("2024-03-10 02:30", "UTC", NEW_YORK, "2024-03-10"),
        ("2024-11-03 01:30", NEW_YORK, NEW_YORK, "2024-11-03"),
        ("2024-11-04T04:30Z", NEW_YORK, "UTC", "2024-11-03"),
        ("2024-11-03T03:30Z", NEW_YORK, "UTC", "2024-11-02"),
        ("2024-07-01 18:30", OSLO, NEW_YORK, "2024-07-02"),
        ("2024-01-31", OSLO, "UTC", "2024-01-31"),  # a day is no moment
    ],
)
def test_a_moment_becomes_a_day_in_the_shops_zone(text, zone, naive_zone, expected):
    assert days([text], "iso", zone, naive_zone) == [expected]
    if text[-1] != "Z" and ":" in text:
        swapped = dt.datetime.fromisoformat(text).strftime("%d.%m.%Y %H:%M")
        assert days([swapped], "%d.%m.%Y %H:%M", zone, naive_zone) == [expected]


def test_spreadsheet_moments_are_naive_and_their_noise_is_rounded():
    assert days(["45000.95", "45000", "45000.99999999999"], "excel", OSLO, "UTC") == [
        "2023-03-15",
        "2023-03-15",
        "2023-03-16",
    ]
    assert days(["45000.97"], "excel", OSLO, "UTC") == ["2023-03-16"]
    assert days(["60", "61", "2958465", "2958466"], "excel") == [None, "1900-03-01", "9999-12-31", None]


def test_seven_digits_are_not_taken_for_eight():
    assert days(["2024112", "20241102"], "%Y%m%d") == [None, "2024-11-02"]
