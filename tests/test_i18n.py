"""Numbers, money and dates by CLDR; sentences that can be said in any language; complete catalogues."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from loyalty_lib import i18n
from loyalty_lib.i18n.calendar import period_name

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
CHECKOUT = Path(__file__).resolve().parent.parent
KEYWORDS = {"gettext": None, "mark": None, "say": None, "Message": None, "many": (1, 2), "say_many": (1, 2), "_": None}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    i18n.activate("en")


@pytest.mark.parametrize(
    ("code", "currency", "number", "percent", "money", "short", "day"),
    [
        ("en", "GBP", "−1,234,567.9", "12.3%", "£35.70", "£12.3M", "30 June 1998"),
        (
            "nb",
            "NOK",
            f"−1{NBSP}234{NBSP}567,9",
            f"12,3{NBSP}%",
            f"35,70{NBSP}kr",
            f"12,3{NBSP}mill.{NBSP}kr",
            "30. juni 1998",
        ),
        (
            "sv",
            "SEK",
            f"−1{NBSP}234{NBSP}567,9",
            f"12,3{NBSP}%",
            f"35,70{NBSP}kr",
            f"12,3{NBSP}mn{NBSP}kr",
            "30 juni 1998",
        ),
        ("da", "DKK", "−1.234.567,9", f"12,3{NBSP}%", f"35,70{NBSP}kr.", f"12,3{NBSP}mio.{NBSP}kr.", "30. juni 1998"),
        (
            "fi",
            "EUR",
            f"−1{NBSP}234{NBSP}567,9",
            f"12,3{NBSP}%",
            f"35,70{NBSP}€",
            f"12,3{NBSP}milj.{NBSP}€",
            "30. kesäkuuta 1998",
        ),
    ],
)
def test_figures_are_written_as_the_language_writes_them(
    code: str, currency: str, number: str, percent: str, money: str, short: str, day: str
) -> None:
    """The five languages by CLDR, with a true minus sign and no-break spaces."""
    i18n.activate(code, currency)
    assert i18n.number(-1234567.891, 1) == number
    assert i18n.percent(0.1234, 1) == percent
    assert i18n.money(35.7) == money
    assert i18n.money_short(12_345_678) == short
    assert i18n.date(dt.date(1998, 6, 30)) == day


def test_missing_figures_are_a_dash_and_no_zero_is_negative() -> None:
    """A figure that is missing is never printed as nan or 0; rounding never leaves −0."""
    i18n.activate("en", "GBP")
    assert [i18n.number(None), i18n.percent(float("nan")), i18n.money(None)] == ["–", "–", "–"]
    assert i18n.number(-0.2) == "0"
    assert i18n.percent(-0.001) == "0%"
    assert i18n.signed(-0.001, "percent") == "0%"
    assert i18n.signed(0.04, "percent") == "+4%"
    assert i18n.money(-0.001) == "£0.00"


def test_a_message_is_english_text_that_can_be_said_again_after_a_copy() -> None:
    """Caveats travel in results; copying and pickling keep msgid and values."""
    message = i18n.Message("{count:number} of {share:percent.1}", count=12345, share=0.125)
    for same in (message, copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert same == "12,345 of 12.5%"
        i18n.activate("da", "DKK")
        assert same.spoken() == f"12.345 of 12,5{NBSP}%"
        i18n.activate("en")


def test_a_message_has_a_plural_form_in_every_language() -> None:
    """One customer is not "1 customers", after a copy either."""
    for count, english in ((1, "1 customer, 5%"), (1200, "1,200 customers, 5%")):
        message = i18n.Message.many(
            "{count:number} customer, {share:percent}", "{count:number} customers, {share:percent}", count, share=0.05
        )
        for same in (message, copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
            assert same == same.spoken() == english
            assert (same.msgid, same.values) == (message.msgid, {"count": count, "share": 0.05})


def test_values_with_braces_are_text_not_fields() -> None:
    """A product called "{0}" is printed as it is."""
    assert i18n.say("{name:text} sold", name="{0}{x}") == "{0}{x} sold"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", ["1998", "2nd quarter 1998", "June 1998"]),
        ("nb", ["1998", "2. kvartal 1998", "juni 1998"]),
        ("sv", ["1998", "2:a kvartalet 1998", "juni 1998"]),
        ("da", ["1998", "2. kvartal 1998", "juni 1998"]),
        ("fi", ["1998", "2. neljännes 1998", "kesäkuu 1998"]),
    ],
)
def test_periods_have_names_in_words(code: str, names: list[str]) -> None:
    """A manager reads "2nd quarter 1998", not 1998-Q2."""
    i18n.activate(code)
    kinds = [("year", (1, 1), (12, 31)), ("quarter", (4, 1), (6, 30)), ("month", (6, 1), (6, 30))]
    assert [period_name(kind, dt.date(1998, *a), dt.date(1998, *b)) for kind, a, b in kinds] == names


def extracted() -> dict[str | tuple[str, ...], str]:
    """Return every msgid in code, templates and notebooks, with where it stands."""
    with (CHECKOUT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str | tuple[str, ...], str] = {}
    for folder in ("loyalty_lib", "notebooks"):
        for name, line, message, *_ in extract_from_dir(CHECKOUT / folder, methods, options, KEYWORDS):
            found[message] = f"{folder}/{name}:{line}"
    return found


@pytest.mark.parametrize("path", sorted((CHECKOUT / "loyalty_lib" / "i18n").glob("*.po")), ids=lambda path: path.stem)
def test_catalogue_is_complete_and_keeps_every_placeholder(path: Path) -> None:
    """No msgid missing, fuzzy or obsolete; a translation names the same values in the same formats."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    wanted = extracted()
    missing = {
        str(msgid): where
        for msgid, where in wanted.items()
        if not (found := catalogue.get(_id(msgid))) or not all(_strings(found.string))
    }
    assert not missing
    assert not [message.id for message in catalogue if message.id and message.fuzzy]
    assert not [message.id for message in catalogue if message.id and message.id not in wanted]
    for message in catalogue:
        fields = set().union(*(_fields(text) for text in _strings(message.id)))
        for text in _strings(message.string):
            assert _fields(text) == fields, (message.id, text)


def _id(msgid: str | tuple[str, ...]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _strings(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _fields(text: str) -> set[tuple[str, str | None]]:
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


FIELD = re.compile(r"\{[^}]*\}")
CATALOGUES = sorted((CHECKOUT / "loyalty_lib" / "i18n").glob("*.po"))
# Words of English sentences that no sentence in the other languages holds.
ENGLISH = frozenset(
    {"the", "and", "with", "customers", "customer", "sales", "which", "their", "who", "bought", "orders", "forecast"}
    | {"share", "value", "were", "this", "than", "each", "about", "would", "cannot", "been", "before", "after"}
    | {"between", "only"}
)
# What is the same word in a language, or a name.
SAME = re.compile(r"[A-Z]{2,4}|.*(?:NBD|Gamma-Gamma|Gini).*|[\W\d]*")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_english_is_left_in_a_catalogue(path: Path) -> None:
    """No translation holds an English word, and hardly any is its English sentence."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    texts = [(message.id, text) for message in catalogue if message.id for text in _strings(message.string)]
    assert len(texts) > 1000
    english = {text for _, text in texts if ENGLISH & set(re.findall(r"[^\W\d]+", FIELD.sub(" ", text).lower()))}
    assert not english
    same = [text for msgid, text in texts if text in _strings(msgid) and not SAME.fullmatch(FIELD.sub("", text))]
    assert all(len(text.split()) < 3 for text in same), same
    assert len(same) < 60, same


def test_a_sixth_language_is_one_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="de")
    headline = "The top {top:percent} of customers bring {share:percent} of sales"
    catalogue.add(headline, "Umsatz {share:percent.1}, Kunden {top:percent}")
    singular, plural = "{count:number} customer", "{count:number} customers"
    catalogue.add((singular, plural), ("{count:number} Kunde", "{count:number} Kunden"))
    with (tmp_path / "de.po").open("wb") as file:
        write_po(file, catalogue)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", i18n.languages(tmp_path))
    assert i18n.spoken_languages() == ["en", "de"]
    i18n.activate("de", "EUR")
    assert i18n.say(headline, top=0.2, share=0.5) == f"Umsatz 50,0{NBSP}%, Kunden 20{NBSP}%"
    assert i18n.say_many(singular, plural, 1) == "1 Kunde"
    assert i18n.money(1234567.0) == f"1.234.567{NBSP}€"
    assert period_name("quarter", dt.date(1998, 4, 1), dt.date(1998, 6, 30)) == "2. Quartal 1998"
