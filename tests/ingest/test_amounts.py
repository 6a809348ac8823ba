"""What a number is, and how a file's decimal mark is found out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.ingest.amounts import decimals
from tests.ingest.columns import amounts, decimal_form, engine, source_rows

FEW = settings(deadline=None, max_examples=25)  # each with many values: a query is dear, a value cheap
BOTH = {  # the same with either mark
    "5": "5",
    "+5": "5",
    "-5": "-5",
    "−5": "-5",
    "5-": "-5",
    "(5)": "-5",
    " 5\u00a0": "5",
    "1 299": "1299",
    "1\u00a0299": "1299",
    "1\u2009299\u202f000": "1299000",
    "1'299": "1299",
    "1’299": "1299",
    "kr 5": "5",
    "5kr.": "5",
    "Kr -5": "-5",
    "-kr 5": "-5",
    "NOK 5": "5",
    "5 EUR": "5",
    "$5": "5",
    "US$ 5": "5",
    "$5 USD": "5",
    "£(5)": "-5",
    "(5) kr": "-5",
    "5 kr-": "-5",
    "1299,-": "1299",
    "1 299:-": "1299",
    "-12,-": "-12",
    "kr 12,-": "12",
}
COMMA = {
    "12,5": "12.5",
    "12,50": "12.5",
    ",5": "0.5",
    "12,": "12",
    "1.299,00": "1299",
    "1 299,00": "1299",
    "1.299.000": "1299000",
    "1.299": "1299",
    "1.299,-": "1299",
    "12,50-": "-12.5",
    "(kr 1.299,50)": "-1299.5",
    "12,50€": "12.5",
    "0,125": "0.125",
}
NEITHER = [
    *("", " ", "-", "kr", "()", "(", ",", ".", "abc", "NaN", "inf", "n/a", "1.2.3", "12,34,56", "12,34,567", "1 2"),
    *("--5", "5--", "+-5", "-5-", "(-5)", "-(5)", "((5))", ")5(", "(5", "5)", "(5)6", "5%", "1_000", "0x10", "1/2"),
    *("1 299.000,00", "0 125", "0.125.000", "٣", "1e3 kr", "999999999999999", "12,50,-", "5 5", "kr kr 5", "kr5x"),
]


def test_numbers_that_need_no_decimal_mark_are_read_with_either():
    expected = [Decimal(value) for value in BOTH.values()]
    assert amounts(list(BOTH), ".") == expected
    assert amounts(list(BOTH), ",") == expected


def test_a_decimal_comma_and_the_same_with_a_decimal_point():
    expected = [Decimal(value) for value in COMMA.values()]
    assert amounts(list(COMMA), ",") == expected
    swapped = [text if text.endswith(",-") else text.translate(str.maketrans(",.", ".,")) for text in COMMA]
    assert amounts([text.replace("1.299,-", "1,299.-") for text in swapped], ".") == expected


def test_what_is_no_number_is_none():
    assert amounts(NEITHER, ".") == [None] * len(NEITHER)
    assert amounts(NEITHER, ",") == [None] * len(NEITHER)


def test_one_mark_is_never_read_as_the_other():
    assert amounts(["12,50", "1.299,00", "1,2", "1.299.000", "0,125"], ".") == [None] * 5
    assert amounts(["12.50", "1,299.00", "1.2", "1,299,000", "0.125", "1e3"], ",") == [None] * 6


def test_machine_numbers_have_exponents_and_are_rounded_to_six_decimals():
    texts = ["1e3", "1.5E-05", "1E+2", "12.3456789", "0.0000005", "1e999"]
    expected = [*map(Decimal, ("1000", "0.000015", "100", "12.345679", "0.000001")), None]
    assert amounts(texts, ".") == expected


def written(cents: int, decimal: str, group: str, sign: str, currency: str) -> str:
    """Return an amount as shops write it."""
    whole, hundredths = divmod(abs(cents), 100)
    number = f"{whole:,}".replace(",", group) + f"{decimal}{hundredths:02}"
    before, after = currency.split("#")
    if cents >= 0:
        return f"{before}{number}{after}"
    return {
        "-": f"-{before}{number}{after}",
        "inner": f"{before}-{number}{after}",
        "−": f"−{before}{number}{after}",
        "trailing": f"{before}{number}-{after}",
        "()": f"({before}{number}{after})",
    }[sign]


@FEW
@given(
    st.lists(st.integers(-(10**11), 10**11), min_size=20),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\u00a0", "\u2009", "\u202f", "'", "’", "other"]),
    st.sampled_from(["-", "inner", "−", "trailing", "()"]),
    st.sampled_from(
        ["#", "kr #", "kr#", "kr. #", "# kr", "#kr.", "NOK #", "# EUR", "€#", "#€", "£#", "$#", "US$ #", "$# USD"]
    ),
)
def test_any_amount_in_any_style_reads_back_exactly(cents, decimal, group, sign, currency):
    group = {".": ",", ",": "."}[decimal] if group == "other" else group
    texts = [written(value, decimal, group, sign, currency) for value in cents]
    found = decimal_form(*texts)
    assert (found.decimal, found.guess.sure, found.trouble) == (decimal, "certain", None)
    assert amounts(texts, found.decimal) == [Decimal(value) / 100 for value in cents]


def _whole(text: str, decimal: str) -> bool:
    if text.isdecimal():
        return True
    for mark in (" ", "'", {".": ",", ",": "."}[decimal]):
        first, *others = text.split(mark)
        grouped = first.isdecimal() and len(first) < 4 and first[0] != "0"
        if others and grouped and all(other.isdecimal() and len(other) == 3 for other in others):
            return True
    return False


def _amount(text: str, decimal: str) -> Decimal | None:
    """Read an amount of digits, marks and minus signs without a regular expression."""
    text = text.strip(" ")
    negative = text.startswith("-")
    text = text.removeprefix("-").lstrip(" ")
    for behind in ("", "-"):
        body = text.removesuffix(behind).rstrip(" ") if behind else text
        if behind and (body == text or negative):
            continue
        for whole, mark, fraction in ((body[:-2], body[-2:], ""), body.partition(decimal)):
            amount_without_decimals = mark in {",-", ".-", ":-"} and _whole(whole, decimal)
            plain = mark in {"", decimal} and (_whole(whole, decimal) or (not whole and mark and fraction))
            if amount_without_decimals or (plain and (fraction.isdecimal() or not fraction)):
                digits = "".join(filter(str.isdecimal, whole)) or "0"
                value = Decimal(f"{digits}.{fraction or 0}").quantize(Decimal("0.000001"), ROUND_HALF_UP)
                return -value if negative or behind else value
    return None


@FEW
@given(st.lists(st.text("0123456789.,' -", max_size=9), min_size=60), st.sampled_from([".", ","]))
def test_amounts_agree_with_a_reading_by_hand(texts, decimal):
    for text, found in zip(texts, amounts(texts, decimal), strict=True):
        assert found == _amount(text, decimal), (text, decimal)


@FEW
@given(
    st.lists(
        st.lists(st.sampled_from(["1", "23", "456", ".", ",", " ", "-", "+", "(", ")", "kr", "€", "0"]), max_size=6),
        min_size=60,
    ),
    st.sampled_from([".", ","]),
)
def test_a_reading_never_changes_the_digits_or_the_sign(parts, decimal):
    texts = ["".join(part) for part in parts]
    for text, found in zip(texts, amounts(texts, decimal), strict=True):
        if found is not None:
            whole, _, fraction = text.replace("kr.", "kr").partition(decimal)  # an abbreviation's full stop is no mark
            digits = ["".join(filter(str.isdecimal, part)) for part in (whole, fraction)]
            magnitude = Decimal(f"{digits[0] or 0}.{digits[1] or 0}")
            assert abs(found) == magnitude.quantize(Decimal("0.000001"), ROUND_HALF_UP), text
            minus = "(" in text or "-" in text.replace(",-", "").replace(".-", "")
            assert (found < 0) == (minus and magnitude > 0) or ",-" in text or ".-" in text, text


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["12,5", "1.299"], ","),
        (["12.5", "1,299"], "."),
        (["1.299,00"], ","),
        (["1,299.00"], "."),
        (["1 299,00"], ","),
        (["1.299.000"], ","),
        (["1,299,000"], "."),
        (["0.125", "12.345"], "."),
        (["0,125", "12,345", "9,999"], ","),
        (["1e3"], "."),
        (["1.299,-"], ","),
        (["kr 12,50", "kr 1.299"], ","),
        (["-0.125", "-9.999"], "."),
        (["5", "1 299", "x", "12,-"], "."),
    ],
)
def test_one_value_decides_for_all(texts, decimal):
    found = decimal_form(*texts, None, "", "n/a")
    assert (found.decimal, found.guess.value, found.guess.sure, found.trouble) == (decimal, decimal, "certain", None)


@pytest.mark.parametrize("texts", [["1,299"], ["1.299", "5", "12"], ["$1,299", "$2,000"], ["1 299", "1.299"]])
def test_thousands_and_three_decimals_are_asked_for_and_never_guessed(texts):
    found = decimal_form(*texts)
    assert (found.guess.value, found.guess.sure) == (None, "unsure")
    assert found.trouble is not None
    assert (found.trouble.kind, found.trouble.remedy) == ("ambiguous", "Set ingest.decimal: '.' or ','.")
    unclear = [text for text in texts if "," in text or "." in text]
    assert (found.trouble.value, found.trouble.count) == (min(unclear), len(unclear))


def test_columns_decide_together():
    found = decimal_form("1.299", "5", unit_price=["12,5", None], quantity=["1", "1"])
    assert (found.decimal, found.trouble) == (",", None)


def test_columns_not_asked_about_do_not_count():
    source_rows(amount=["1.50"], quantity=["1,5"])
    assert decimals(engine(), ["amount"], None).trouble is None
    assert decimals(engine(), [], None).guess.sure == "certain"


@given(st.permutations(["12,5", "13,50", "1.50", "1.299", "7", "14,25", "2.50"]))
@FEW
def test_two_marks_in_one_file_are_reported_with_the_rarer_ones_records(texts):
    found = decimal_form(*texts, unit_price=texts)
    assert (found.decimal, found.guess.sure) == (",", "unsure")
    assert found.trouble is not None
    assert (found.trouble.kind, found.trouble.value, found.trouble.count) == ("mixed", "1.50", 4)
    assert found.trouble.records == tuple(1 + i for i, text in enumerate(texts) if text in {"1.50", "2.50"})


def test_currencies_are_those_of_the_numbers():
    assert decimal_form("kr 5", "€ 6,00", "7 NOK", "N/A", "SUM", "$1").currencies == ("$", "EUR", "NOK", "kr")


def test_a_set_mark_holds_and_currencies_are_still_found():
    source_rows(amount=["€ 1,299"])
    found = decimals(engine(), ["amount"], ",")
    assert (found.decimal, found.guess.sure, found.trouble, found.currencies) == (",", "certain", None, ("EUR",))
