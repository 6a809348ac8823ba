"""How a typed value stands in a spreadsheet's cell: the value Excel counts with, and the number format that shows it.

Number formats are Excel's own language and the same in every country; the program that opens the file puts in its
user's decimal mark.  Only the currency and the day are written the report's way.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from babel.numbers import get_currency_symbol

from loyalty_lib import i18n
from loyalty_lib.i18n import gettext

SMALL_MONEY: Final = i18n.SMALL_MONEY  # an amount of its own below this is shown with its minor unit, as in the text
LANGUAGE_IDS: Final = {"en": "809", "nb": "414", "sv": "41D", "da": "406", "fi": "40B"}  # Microsoft's, for month names
DATE_PARTS: Final = {"d": "dd", "M": "mm", "y": "yyyy"}


@dataclass(frozen=True)
class Cell:
    """A value as a spreadsheet holds it, its number format, and how many characters wide it shows."""

    value: str | float | dt.date | None
    number_format: str = ""
    width: int = 0


def cell(value: Any, kind: str) -> Cell:
    """Return the cell of one typed value.

    Parameters
    ----------
    value
        As ``tables.typed`` gives it: text, a number, a day as YYYY-MM-DD, ``{"value": …, "kind": …}`` or ``None``.
    kind
        Of its column.

    Returns
    -------
    Cell
        Ratios stay ratios (0.25) and are shown as percentages; differences of ratios become percentage points; days
        become days.  Whatever is text stays text.
    """
    own = isinstance(value, dict)
    if own:
        value, kind = value["value"], value["kind"]
    if value is None:
        return Cell(None)
    name, _, decimals = kind.partition(".")
    if name in {"date", "date_short", "month"} and isinstance(value, str):
        day = dt.date.fromisoformat(value)
        return Cell(day, month_format() if name == "month" else date_format(), len("30.06.1998"))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Cell(str(value), "", len(str(value)))
    if name == "points":
        value *= 100
    return _number(value, name, int(decimals) if decimals else None, own=own)


def _number(value: float, name: str, decimals: int | None, *, own: bool) -> Cell:
    """Return a number's cell; one with a kind of its own shows its currency, for its column's header cannot."""
    signed = "signed_" if name.startswith("signed_") else ""
    match name.removeprefix(signed):
        case "percent" | "share":
            pattern, unit = f"{_plain(decimals or 0)} %", 2
        case "points":
            pattern, unit = f'{_plain(1)} "{_points()}"', 1 + len(_points())
            signed = "signed_"
        case "money" | "money_short":
            small = abs(value) < SMALL_MONEY
            decimals = (2 if small else 0) if decimals is None else decimals
            pattern, unit = (_money(decimals), 5) if own else (_plain(decimals, grouped=True), 0)
        case _:
            pattern, unit = _plain(decimals or 0, grouped=True), 0
    shown = 100 * value if name.endswith(("percent", "share")) else value
    width = len(i18n.number(shown, decimals or 0)) + unit + bool(signed)
    return Cell(value, f"+{pattern};-{pattern};{pattern}" if signed else pattern, width)


def _plain(decimals: int, *, grouped: bool = False) -> str:
    return ("#,##0" if grouped else "0") + ("." + "0" * decimals if decimals else "")


def _points() -> str:
    """Return the abbreviation of percentage points, from the sentence the page writes them with."""
    return gettext("{points:signed_number.1} pp").replace("{points:signed_number.1}", "").strip()


def _money(decimals: int) -> str:
    """Return the format of an amount with its currency, which stands where the language puts it."""
    language, amount = i18n.active(), _plain(decimals, grouped=True)
    if not (symbol := currency_symbol()):
        return amount
    pattern = language.locale.currency_formats["standard"].pattern
    if pattern.startswith("¤"):
        return f'"{symbol}{" " if symbol[-1].isalpha() else ""}"{amount}'
    return f'{amount}" {symbol}"'


def currency_symbol() -> str:
    """Return the sign of the active currency; empty without one."""
    language = i18n.active()
    return str(get_currency_symbol(language.currency, locale=language.locale)) if language.currency else ""


def date_format() -> str:
    """Return how the active language writes a day in figures, the year in full."""
    pattern = str(i18n.active().locale.date_formats["short"].pattern)
    return "".join(DATE_PARTS.get(part[0], part) for part in re.findall(r"d+|M+|y+|.", pattern))


def month_format() -> str:
    """Return how the active language writes a month; its name stays in this language wherever the file is opened."""
    return f"[$-{LANGUAGE_IDS.get(i18n.active().code, '809')}]mmm yyyy"
