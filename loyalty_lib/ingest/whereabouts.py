"""Where a shop is, by what its export says: the currency and the time zone.

The values decide, then the names of columns, then the countries of the orders, then the language of the names: each is
weaker than the one before, and the guess says which it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies

from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.naming import Sample, vocabulary

LANGUAGES: Final = ("en", "nb", "sv", "da", "fi", "de")  # in which countries are named
SEVERAL: Final = frozenset({"EUR", "USD"})  # currencies of many time zones
HOME: Final = "Europe/Oslo"
SIGNS: Final = {"€": "EUR", "£": "GBP", "EURO": "EUR", "UK£": "GBP"}
DOLLARS: Final = {"$": "USD", "US$": "USD", "A$": "AUD", "C$": "CAD"}
CODE: Final = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


def currency(samples: Mapping[str, Sample], names: Collection[str], language: str) -> Guess:
    """Return the currency of the amounts; its value is ``None`` where nothing tells.

    Parameters
    ----------
    samples
        Of our columns, those that were found.
    names
        Of all the file's columns.
    language
        The names'.
    """
    if (column := samples.get("currency")) and (written := _written(column.values, language)):
        return _most(written, f"the column '{column.name}' holds")
    for field in ("amount", "unit_price"):
        if (column := samples.get(field)) and (written := _written(column.values, language)):
            certain = not any(_is_shared(value) for value in column.values)
            return _most(written, f"the values of '{column.name}' name", certain=certain)
    in_names = {code for name in names for code in CODE.findall(name) if code in _codes()}
    if len(in_names) == 1:
        return Guess(value=in_names.pop(), sure="likely", why="a column's name holds it")
    if home := _country(samples):
        code = get_territory_currencies(home)[0]
        return Guess(value=code, sure="unsure", why=f"most orders go to a country ({home}) that pays in it")
    if code := vocabulary()["money"]["languages"].get(language):
        return Guess(value=code, sure="unsure", why="only the language of the columns' names speaks for it")
    return Guess(value=None, sure="unsure", why="nothing in the data names one")


def time_zone(samples: Mapping[str, Sample], money: Guess, language: str) -> Guess:
    """Return the shop's time zone, which decides at whose midnight a day ends."""
    home = _country(samples)
    zones = get_global("territory_zones").get(home, []) if home else []
    own = vocabulary()["money"]["time_zones"]
    if len(zones) == 1 and money.value in get_territory_currencies(home or ""):
        return Guess(value=zones[0], sure="likely", why=f"most orders go to {home}, which has one time zone")
    if money.value == "EUR" and language == "fi":
        return Guess(value=vocabulary()["money"]["finnish"], sure="likely", why="the columns' names are Finnish")
    if money.value in own:
        sure = money.sure != "unsure" and money.value not in SEVERAL
        return Guess(value=own[money.value], sure="likely" if sure else "unsure", why=f"by the currency {money.value}")
    return Guess(value=HOME, sure="unsure", why="nothing in the data tells where the shop is")


def of(columns: Mapping[str, Guess], samples: Collection[Sample]) -> Mapping[str, Sample]:
    """Return the sample behind each of our columns."""
    by_name = {sample.name: sample for sample in samples}
    return {field: by_name[guess.value] for field, guess in columns.items() if guess.value in by_name}


def _written(values: Collection[str], language: str) -> Counter[str]:
    """Count the currencies that values name."""
    crowns = vocabulary()["money"]["crowns"].get(language)
    found: Counter[str] = Counter()
    # Most values are alike but for their digits.
    for value, count in Counter(re.sub(r"[\d\s.,'’()+−-]+", "", value) for value in values).items():
        sign = value.upper()
        code = sign if sign in _codes() else SIGNS.get(sign) or DOLLARS.get(sign)
        if sign in ("KR", "KR:", ":"):
            code = crowns
        if code:
            found[code] += count
    return found


def _is_shared(value: str) -> bool:
    """Tell whether a value's sign stands for the currencies of several countries."""
    return "$" in value or "kr" in value.casefold()


def _most(written: Counter[str], said: str, *, certain: bool = True) -> Guess:
    # The most frequent; of equals the first by name, so that the order of rows does not matter.
    code = min(written, key=lambda one: (-written[one], one))
    if len(written) > 1:
        others = ", ".join(sorted(written))
        return Guess(value=code, sure="unsure", why=f"{said} several ({others}): set rates, or leave out the others")
    return Guess(value=code, sure="certain" if certain else "likely", why=f"{said} it")


def _country(samples: Mapping[str, Sample]) -> str | None:
    """Return the ISO code of the country that more than half of the orders go to."""
    column = samples.get("country")
    if column is None or not column.values:
        return None
    counts = Counter(column.values)
    name, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    code = _territories().get(name.casefold())
    return code if 2 * count > len(column.values) and code and get_territory_currencies(code) else None


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def _territories() -> Mapping[str, str]:
    found = {"uk": "GB", "usa": "US"}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():  # noqa: PLR2004  (countries have two letters, continents digits)
                found.setdefault(code.casefold(), code)
                found.setdefault(name.casefold(), code)
    return found
