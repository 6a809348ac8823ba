"""Names in the order of a dictionary of the report's language: after Z come Æ Ø Å in Norwegian, Å Ä Ö in Swedish.

The letters at the alphabet's end are those of CLDR's collation charts; everything else is in the order of the base
letters, accents and capitals deciding only between names that are otherwise equal.  (ICU itself has no wheel on PyPI.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from loyalty_lib.i18n import active

Item = TypeVar("Item")

# By language: the letters after Z, each with those that count as it; "aa" is an Å to a Dane and a Norwegian.
AFTER_Z: Final = {
    "nb": (("æ", "ä"), ("ø", "ö"), ("å", "aa")),
    "da": (("æ", "ä"), ("ø", "ö"), ("å", "aa")),
    "sv": (("å",), ("ä", "æ"), ("ö", "ø")),
    "fi": (("å",), ("ä", "æ"), ("ö", "ø")),
}
NORDIC: Final = {"ü": "y", "đ": "d", "ð": "d", "þ": "th"}  # in all four
STROKE: Final = "\N{COMBINING LONG SOLIDUS OVERLAY}"  # an accent as any other, but letters with it do not decompose
ELSEWHERE: Final = {
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "þ": "th",
    "ı": "i",
    **{letter: plain + STROKE for letter, plain in zip("øđðł", "oddl", strict=True)},
}
PAST_Z: Final = "\N{LATIN SMALL LETTER EZH}"  # stands after z among code points; the letters behind it follow in turn


def in_order(items: Iterable[Item], name: Callable[[Item], str] = str) -> list[Item]:
    """Sort ``items`` by their names as the active language does."""
    return sorted(items, key=lambda item: sort_key(name(item)))


def sort_key(name: str) -> tuple[tuple[tuple[int, str], ...], str, str]:
    """Return what orders a name among others in the active language: letters first, then accents, then capitals."""
    code = active().code
    lower = unicodedata.normalize("NFC", name).casefold()
    for place, letters in enumerate(AFTER_Z.get(code, ())):
        own = chr(ord(PAST_Z) + 1 + place)
        for letter in letters:
            lower = lower.replace(letter, own if letter == letters[0] else own + STROKE)
    for letter, plain in {**ELSEWHERE, **(NORDIC if code in AFTER_Z else {})}.items():
        lower = lower.replace(letter, plain)
    parts = unicodedata.normalize("NFKD", lower)
    letters_only = "".join(part for part in parts if not unicodedata.combining(part))
    return tuple(map(_rank, letters_only)), parts, name.swapcase()


def _rank(letter: str) -> tuple[int, str]:
    """Put spaces and signs before figures, and figures before letters."""
    return (2 if letter.isalpha() else 1 if letter.isdigit() else 0), letter
