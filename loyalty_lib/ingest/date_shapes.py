"""Which forms of date a shape allows: a text whose digits all stand as 9.

Forms are named as in the settings: "iso", "excel", "epoch", "epoch_ms", or a format of DuckDB's strptime.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ISO = re.compile(r"9999-9{1,2}-9{1,2}([T ]9{1,2}:99(:99([.,]9+)?)?( ?(Z|UTC|GMT|[+-]99(:?99)?))?)?")
_MOMENT = re.compile(
    r"(?P<date>.+?)"
    r"(?:(?P<gap>T|,? +|,? kl\.? )9{1,2}(?P<mark>[:.])99(?P<seconds>(?P=mark)99(?P<fraction>[.,]9+)?)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<offset> ?(?:Z|UTC|GMT|[+-]99(?::?99)?))?)?"
)
_NUMBERS = re.compile(r"(9{1,2})([./ -]|\. )9{1,2}\2(?:9999|99)")
WORD = re.compile(r"[^\W\d_]{3}")  # which may be the name of a month
_MONTH = re.compile(r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")
_ONE_WAY = (  # days whose shape tells all; @ is the month's name
    (re.compile(r"9{8}"), "%Y%m%d"),
    (re.compile(r"9999([./ -])9{1,2}\1(?:9{1,2})"), "%Y{0}%m{0}%d"),
    (re.compile(r"9{1,2}(\.? |[./-]|)@(,? |[./-]|)(?:9999|99)"), "%d{0}%b{1}{year}"),
    (re.compile(r"@([ ./-]|)9{1,2}(,? |[/-])(?:9999|99)"), "%b{0}%d{1}{year}"),
    (re.compile(r"9999([ ./-]|)@([ ./-]|)9{1,2}"), "%Y{0}%b{1}%d"),
)
_COMPACT = {"9" * 8: "%Y%m%d", "9" * 12: "%Y%m%d%H%M", "9" * 14: "%Y%m%d%H%M%S"}
_COMPACT_MOMENT = {"99999999T999999": "%Y%m%dT%H%M%S", "99999999T9999": "%Y%m%dT%H%M"}
YEARS: Final = (1900, 2200)  # of dates in eight digits and more
SERIALS: Final = (20_000, 80_000)  # days from 1954 to 2119
SECONDS: Final = (100_000_000, 1_900_000_000)  # 1973 to 2030: before what ten digits beginning with a year would be


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A shape that texts of a column have: a row of ``read_date_patterns.sql``.

    Attributes
    ----------
    shape, template
        The text with 9 for every digit; and with its month's name in English.
    count
        Of texts.
    smallest, largest
        Of the texts, as texts; as all have their digits in the same places, as numbers too.
    second
        The end of a text, from its second number on, that is the largest.
    """

    shape: str
    template: str
    count: int
    smallest: str
    largest: str
    second: str


def forms_of(pattern: Pattern) -> tuple[str, ...]:
    """Return the forms that texts of a shape may be written in: none, one, or those that only values can tell apart."""
    if _ISO.fullmatch(pattern.shape):
        return ("iso",)
    if re.fullmatch(r"9+([.,]9*)?", pattern.shape):
        return _of_number(pattern)
    if pattern.shape in _COMPACT_MOMENT:
        return (_COMPACT_MOMENT[pattern.shape],) if _begins_with_year(pattern) else ()
    moment = _MOMENT.fullmatch(_MONTH.sub("@", pattern.template, count=1))
    if moment is None:
        return ()
    time = _time(moment)
    return tuple(date + time for date in _dates(moment["date"]))


def rules_out(pattern: Pattern, form: str) -> bool:
    """Tell whether some text of a shape cannot be ``form``, which begins with the day's number or the month's."""
    first, second = _first_number(pattern.largest), _first_number(pattern.second)
    day, month = (first, second) if form.startswith("%d") else (second, first)
    return day > 31 or month > 12  # noqa: PLR2004  (days of a month, months of a year)


def _dates(shape: str) -> tuple[str, ...]:
    """Return the formats of a day's shape."""
    year = "%Y" if "9999" in shape else "%y"
    if found := _NUMBERS.fullmatch(shape):
        first, mark = found.groups()
        forms = (f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}")
        return (*forms, "%y-%m-%d") if mark == "-" and year == "%y" and first == "99" else forms
    matches = ((pattern.fullmatch(shape), form) for pattern, form in _ONE_WAY)
    return tuple(form.format(*found.groups(), year=year) for found, form in matches if found)


def _time(moment: re.Match[str]) -> str:
    """Return the format of what follows the day; nothing where nothing does."""
    if not moment["gap"]:
        return ""
    hour, mark, half = "%H", moment["mark"], ""
    if moment["half"]:
        hour, half = "%I", " %p" if moment["half"].startswith(" ") else "%p"
    seconds = f"{mark}%S" if moment["seconds"] else ""
    fraction = f"{moment['fraction'][0]}%f" if moment["fraction"] else ""
    offset = (" %z" if moment["offset"].startswith(" ") else "%z") if moment["offset"] else ""
    return f"{re.sub(' +', ' ', moment['gap'])}{hour}{mark}%M{seconds}{fraction}{half}{offset}"


def _of_number(pattern: Pattern) -> tuple[str, ...]:
    """Return the forms of a date that is one number."""
    whole = re.match("9+", pattern.shape)
    digits = len(whole[0]) if whole else 0
    smallest, largest = _first_number(pattern.smallest), _first_number(pattern.largest)
    forms = []
    if pattern.shape in _COMPACT and _begins_with_year(pattern):
        forms.append(_COMPACT[pattern.shape])
    if digits == len(str(SERIALS[0])) and SERIALS[0] <= smallest and largest <= SERIALS[1]:
        forms.append("excel")
    if SECONDS[0] <= smallest and largest < SECONDS[1]:
        forms.append("epoch")
    if SECONDS[0] * 1000 <= smallest and largest < SECONDS[1] * 1000:
        forms.append("epoch_ms")
    return tuple(forms)


def _begins_with_year(pattern: Pattern) -> bool:
    return YEARS[0] <= int(pattern.smallest[:4]) and int(pattern.largest[:4]) <= YEARS[1]


def _first_number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0
