"""The report's language: gettext for sentences, CLDR (Babel) for numbers, money and dates.

The code and the notebooks are in English; English sentences are the msgids.  ``activate`` sets language and currency
for the current context; everything else here reads them.  Values enter a sentence through format specifications::

    say("The top {top:percent} of customers bring {share:percent} of sales.", top=0.2, share=0.712)

so that one msgid serves every language and no number is ever formatted by hand.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import string
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeGuard

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent
REGIONS = {"en": "en_GB", "nb": "nb_NO", "sv": "sv_SE", "da": "da_DK", "fi": "fi_FI"}  # others are as CLDR has them


def languages(folder: Path) -> dict[str, str]:
    """Return the CLDR locale by code of English and of every language that has a catalogue in ``folder``."""
    found = sorted(path.stem for path in folder.glob("*.po"))
    return {code: REGIONS.get(code, code) for code in (*(one for one in REGIONS if one in ("en", *found)), *found)}


LANGUAGES = languages(CATALOGUES)
MINUS = "\N{MINUS SIGN}"
MISSING = "–"  # where there is no figure
SMALL_MONEY = 1000.0  # amounts below this are shown with their minor unit
COMPACT_MONEY = 1_000_000.0  # amounts from here on are shown as "kr 1.2 million" in sentences and cards


def spoken_languages() -> list[str]:
    """Return the languages a report can be in: English, and those with a catalogue."""
    return list(LANGUAGES)


@dataclass(frozen=True)
class Language:
    """The active language: BCP 47 code, CLDR locale, currency (ISO 4217 or ``None``) and translations."""

    code: str
    locale: Locale
    currency: str | None
    translations: NullTranslations


@cache
def _catalogue(code: str) -> NullTranslations:
    path = CATALOGUES / f"{code}.po"
    if code == "en":
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=LANGUAGES[code])
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _language(code: str, currency: str | None) -> Language:
    return Language(code, Locale.parse(LANGUAGES[code]), currency, _catalogue(code))


_active: ContextVar[Language | None] = ContextVar("language", default=None)


def activate(code: str, currency: str | None = None) -> None:
    """Speak ``code`` (a key of ``LANGUAGES``) and count in ``currency`` from here on, in this context."""
    _active.set(_language(code, currency))


def active() -> Language:
    """Return the active language; English without a currency before any ``activate``."""
    return _active.get() or _language("en", None)


def gettext(msgid: str) -> str:
    """Translate ``msgid``; the msgid itself where the catalogue has no translation."""
    return active().translations.ugettext(msgid) if msgid else ""


def mark(msgid: str) -> str:
    """Mark ``msgid`` for extraction without translating it; for tables of words translated later."""
    return msgid


def number(value: float | None, decimals: int = 0) -> str:
    """Format a plain number with a fixed number of decimals; an en dash for a missing one."""
    if not _known(value):
        return MISSING
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return _minus(format_decimal(_unsigned_zero(value, decimals), pattern, locale=active().locale))


def percent(value: float | None, decimals: int = 0) -> str:
    """Format a ratio (0.25) as a percentage (25 %)."""
    if not _known(value):
        return MISSING
    locale = active().locale
    pattern = locale.percent_formats[None].pattern
    if decimals:
        pattern = pattern.replace("0", "0." + "0" * decimals, 1)
    return _minus(format_percent(_unsigned_zero(value, decimals + 2), pattern, locale=locale))


def money(value: float | None, decimals: int | None = None) -> str:
    """Format an amount in the active currency, in full; small amounts with their minor unit unless told."""
    if not _known(value):
        return MISSING
    language = active()
    if decimals is None:
        decimals = 2 if abs(value) < SMALL_MONEY else 0
    if language.currency is None:
        return number(value, decimals)
    fraction = "." + "0" * decimals if decimals else ""
    pattern = language.locale.currency_formats["standard"].pattern.replace(".00", fraction)
    rounded = _unsigned_zero(round(value, decimals), decimals)
    return _minus(format_currency(rounded, language.currency, pattern, locale=language.locale, currency_digits=False))


def money_short(value: float | None) -> str:
    """Format an amount for a sentence or a card: three significant figures and a word from a million on."""
    if not _known(value) or abs(value) < COMPACT_MONEY or active().currency is None:
        return money(value)
    language = active()
    magnitude = math.floor(math.log10(abs(value)))
    compact = format_compact_decimal(
        round(value, 2 - magnitude), format_type="short", fraction_digits=2 - magnitude % 3, locale=language.locale
    )
    return money(math.copysign(1, value), 0).replace("1", compact.removeprefix("-"))


def signed(value: float | None, kind: str, *args: int) -> str:
    """Format a change with its sign, a true minus included: ``signed(0.04, "percent")`` is ``+4%``."""
    if not _known(value):
        return MISSING
    text = FORMATS[kind](value, *args)
    shows_zero = not any(ch in "123456789" for ch in text)
    return text if value < 0 or shows_zero else f"+{text}"


def date(value: dt.date | str) -> str:
    """Format a day (a date, or ISO text as in ``metrics.json``) in words: 30 June 1998."""
    return format_date(_day(value), format="long", locale=active().locale)


def date_short(value: dt.date | str) -> str:
    """Format a day in figures, as the language writes it."""
    return format_date(_day(value), format="short", locale=active().locale)


def month(value: dt.date | str) -> str:
    """Format a month: Jun 1998."""
    return format_skeleton("yMMM", _day(value), locale=active().locale)


def _day(value: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _unsigned_zero(value: float, decimals: int) -> float:
    return 0.0 if round(value, decimals) == 0 else value


def _minus(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


FORMATS: Mapping[str, Callable[..., str]] = {
    "number": number,
    "percent": percent,
    "money": money,
    "money_short": money_short,
    "date": date,
    "date_short": date_short,
    "month": month,
    "signed_percent": lambda value, *a: signed(value, "percent", *a),
    "signed_number": lambda value, *a: signed(value, "number", *a),
    "signed_money": lambda value, *a: signed(value, "money", *a),
    "text": str,
}


class _Formatter(string.Formatter):
    """``str.format`` whose specifications are the names in ``FORMATS``, ``name`` or ``name.decimals``."""

    def format_field(self, value: Any, spec: str) -> str:
        name, _, decimals = spec.partition(".")
        render = FORMATS[name or "text"]
        return render(value, int(decimals)) if decimals else render(value)


_formatter = _Formatter()


def say(msgid: str, /, **values: Any) -> str:
    """Translate a sentence and put the values in, each formatted for the active language."""
    return _formatter.format(gettext(msgid), **{key: _spoken(value) for key, value in values.items()})


def say_many(singular: str, plural: str, /, count: float, **values: Any) -> str:
    """Like ``say``, choosing the plural form for ``count`` by the language's own rule."""
    chosen = active().translations.ungettext(singular, plural, round(count))
    return _formatter.format(chosen, count=count, **{key: _spoken(value) for key, value in values.items()})


def _spoken(value: Any) -> Any:
    return value.spoken() if isinstance(value, Message) else value


class Message(str):
    """A sentence that can still be said in another language: its text is English, ``spoken()`` the active language.

    Results carry their caveats as messages, so that an analysis needs to know nothing of languages.
    """

    __slots__ = ("msgid", "plural", "values")
    msgid: str
    plural: str | None
    values: dict[str, Any]

    def __new__(cls, msgid: str, /, **values: Any) -> Self:
        """Format the English text and remember what it was made of."""
        token = _active.set(_language("en", None))
        try:
            text = _formatter.format(msgid, **values)
        finally:
            _active.reset(token)
        message = super().__new__(cls, text)
        message.msgid = msgid
        message.plural = None
        message.values = values
        return message

    @classmethod
    def many(cls, singular: str, plural: str, /, count: float, **values: Any) -> Self:
        """Make a sentence whose form depends on ``count``, a value of it as well; see ``say_many``."""
        counted = {"count": count, **values}
        message = super().__new__(cls, cls(singular if round(count) == 1 else plural, **counted))
        message.msgid = singular
        message.plural = plural
        message.values = counted
        return message

    def spoken(self) -> str:
        """Return the sentence in the active language."""
        if self.plural is None:
            return say(self.msgid, **self.values)
        return say_many(self.msgid, self.plural, **self.values)

    def __reduce__(self) -> tuple[Callable[..., Message], tuple[str, str | None, dict[str, Any]]]:
        """Copy and pickle by msgid and values, not by the English text."""
        return _message, (self.msgid, self.plural, self.values)


def _message(msgid: str, plural: str | None, values: dict[str, Any]) -> Message:
    return Message(msgid, **values) if plural is None else Message.many(msgid, plural, **values)
