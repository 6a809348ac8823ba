"""Good files, made bad in one way each, and which readings of them are right.

A case is told by its number alone.  Where the effect of the damage is known, ``Case.right`` holds every reading that
is right; refusing the file is right too.  None of them may be read as anything else: a wrong total is worse than none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import numpy as np

from tests.ingest.dialects import (
    NAMES,
    OPTIONS,
    OSLO,
    Dialect,
    Read,
    Row,
    amount_text,
    cells_of,
    packed,
    possible,
    text_of,
    truth,
)

SEED: Final = 20_240_401
CUSTOMERS: Final = ("00123", "0123", "Åse Bjørnær", 'O\'Brien "Bob"', "Ødegård; Åge", "000007", "a|b", "Müller")
PRODUCTS: Final = ("Genser", "Sko; røde, str. 40", 'Bord 12" "eik"', "Café\ncrème", "", "Te\tgrønn", "a|b,c")
JUNK: Final = (
    "", " ", "=1+1", "\0", "NULL", "n/a", "-", "#REF!", "1.234", "1,234", "1.234,5", "1,234.5", "5,5", "5.5",
    "12,345.67", "1.234.567", "1,234,567", "1 234", "1 23", "12 34,5", "1e5", "1E400", "9" * 40, "-9999999999999",
    "0.0000001", "--5", "(5", "5)", "(-5)", "5-", "-5-", "+7", "€ 5", "5 €", "USD 12", "kr 1 234,50", "1'234.50", "½",
    "١٢٣", "１２", "∞", "NaN", "inf", "0x10", "1_000", "05", "1,", ",5", ".5", "5.", "1.2.3", "1..5", "31.12.2024",
    "12/31/2024", "31/12/2024", "2024-12-31", "2024-02-30", "2024-13-01", "20241231", "45657", "1735600000",
    "1735600000000", "03.04.2025", "3.4.25", "2024-12-31T10:00:00Z", "31.12.2024 23:59", "31.12.2024 24:00",
    "0000-00-00", "1899-12-31", "9999-12-31", "Dec 31 2024", "des 2024", "true", "Totalt", "\ufeff", "\u200b",
    "\U0001f600", "a" * 100_000, "x\ny", 'x"y', '"', "'; DROP TABLE x", "\x1f",
)  # fmt: skip
ALL: Final = (0, 1, 2, 3)  # of a row that was read
MONEY: Final = (2, 3)  # day and amount: for damage after which a name may be another
Edit = Callable[[np.random.Generator, "Good"], "Case"]


@dataclass(frozen=True, kw_only=True)
class Good:
    """A table and how it is written."""

    rows: tuple[Row, ...]
    dialect: Dialect

    @property
    def cells(self) -> list[list[str]]:
        """The table's texts."""
        return cells_of(self.rows, self.dialect)

    def file(self, cells: Sequence[Sequence[str]], header: Sequence[str] = tuple(NAMES.values())) -> str:
        """Return the text of a file that holds cells above the total of the good table."""
        return text_of(header, cells, amount_text(sum(row.cents for row in self.rows), self.dialect), self.dialect)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file's bytes and the ending of its name.

    ``right`` holds the right readings, by ``compared`` alone where that is not all of a row; ``None`` where they are
    not known: then anything but a crash is right.  ``within`` holds all rows but one that a reading may have: of a file
    cut off in the middle of a line, that line may say anything.  ``settled``: the rows tell only all together.
    """

    kind: str
    raw: bytes
    ending: str
    right: tuple[Counter[Read], ...] | None
    compared: tuple[int, ...] = ALL
    within: Counter[Read] | None = None
    settled: bool = False

    def verdict(self, found: Counter[Read]) -> str | None:
        """Return what is wrong with a reading; ``None`` if it is right."""
        if self.within is not None and (found - self.within).total() > 1:
            return f"read {dict(found - self.within)}, which the file does not hold"
        if self.right is None:
            return None
        parts = [self._part(one) for one in (found, *self.right)]
        if parts[0] in parts[1:]:
            return None
        near = min(parts[1:], key=lambda one: (one - parts[0]).total() + (parts[0] - one).total(), default=Counter())
        return f"read {dict(parts[0] - near)} in the place of {dict(near - parts[0]) if self.right else 'a refusal'}"

    def _part(self, rows: Counter[Read]) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for row, count in rows.items():
            found[tuple(row[i] for i in self.compared)] += count
        return found


def good(draw: np.random.Generator) -> Good:
    """Draw a table, and a dialect for it."""
    chosen: dict[str, Any] = {}
    for name, values in OPTIONS.items():
        if name == "float_ids":
            continue
        fitting = [value for value in values if possible({**chosen, name: value})]
        chosen[name] = fitting[draw.integers(len(fitting))]
    rows = [
        Row(
            customer=CUSTOMERS[draw.integers(len(CUSTOMERS))],
            order=f"A-{nr // 2}",
            day=dt.date(2019, 1, 13) + dt.timedelta(days=int(draw.integers(2_500))),
            cents=int(
                draw.choice([1, 1, 1, 1, -1]) * draw.choice([0, 99, 5_000, 200_000, 150_000_000]) * draw.random()
            ),
            product=PRODUCTS[draw.integers(len(PRODUCTS))],
        )
        for nr in range(draw.integers(3, 25))
    ]
    # Twice what proves the day's place and the decimal mark: the loss of one line leaves the other.
    proofs = [
        Row(customer="00123", order=f"B-{nr}", day=dt.date(2023, 5, 28 + nr), cents=123_450 + nr) for nr in (0, 1)
    ]
    rows += proofs
    return Good(rows=tuple(rows[i] for i in draw.permutation(len(rows))), dialect=Dialect(**chosen))


def _case(kind: str, the: Good, text: str, *right: Counter[Read], compared: tuple[int, ...] = ALL) -> Case:
    """Return a case whose right readings are known; in a file with a total, only those that it confirms."""
    raw = packed(text, the.dialect)
    if the.dialect.footer:
        total = Decimal(sum(row.cents for row in the.rows)) / 100
        right = tuple(
            one for one in right if abs(sum(row[3] * n for row, n in one.items()) - total) <= Decimal("0.005")
        )
    return Case(kind=kind, raw=raw, ending=the.dialect.ending, right=right, compared=compared)


# What a text says in a dialect, by a reader of its own ----------------------------------------------------------------


def amount_meant(text: str, dialect: Dialect) -> Decimal | None:
    """Read an amount with the dialect's decimal mark; ``None`` where a careful reader would not."""
    text = re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text).strip(" \t\r\n\ufeff")
    text = text.replace("\N{MINUS SIGN}", "-")
    minus = text.startswith("(") and text.endswith(")") and "-" not in text
    text = text[1:-1].strip() if minus else text
    text = re.sub(r"^([+-]?) ?(?:kr|€|\$|[A-Z]{3}) ?|(?<=[\d,.-]) ?(?:kr|€|\$|[A-Z]{3})(?= ?-?$)", r"\1", text)
    if text.endswith("-"):
        minus, text = not minus, text[:-1].rstrip()
        if text.endswith("-") or text.startswith(("-", "+")):
            return None
    if text[:1] in ("-", "+") and text[1:]:
        minus, text = minus != (text[0] == "-"), text[1:]
    mark, other = re.escape(dialect.decimal), re.escape("." if dialect.decimal == "," else ",")
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:(?P<group>[ ']|{other})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*))"
    power = r"(?:[eE][+-]?[0-9]{1,3})?" if dialect.decimal == "." else ""
    if not re.fullmatch(rf"(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+){power}", text):
        return None
    number = Decimal(re.sub(rf"[ ']|{other}", "", text).replace(dialect.decimal, "."))
    if number >= 10**12:
        return None
    number = number.quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return -number if minus else number


def day_meant(text: str, dialect: Dialect) -> dt.date | None:
    """Read a day in the dialect's form; ``None`` where a careful reader would not."""
    text = text.strip(" \t\n\ufeff")
    form = {"d.m.yyyy": "%d.%m.%Y"}.get(dialect.date, dialect.date)
    try:
        if form in ("excel", "epoch"):  # a number far from all the others is no day
            number = int(text) if re.fullmatch("[0-9]{5,10}", text) else -1
            if form == "excel":
                return dt.date(1899, 12, 30) + dt.timedelta(number) if 20_000 <= number <= 80_000 else None
            return dt.datetime.fromtimestamp(number, OSLO).date() if 100_000_000 <= number < 1_900_000_000 else None
        if form in ("offset", "%Y-%m-%d"):
            moment = dt.datetime.fromisoformat(text) if re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
            day = moment and (moment.astimezone(OSLO) if moment.tzinfo else moment).date()
        else:
            day = dt.datetime.strptime(text, form).date() if text.isascii() else None  # noqa: DTZ007
    except ValueError:
        return None
    return day if day and 1900 <= day.year <= 2200 else None


# Tables, changed ------------------------------------------------------------------------------------------------------


def dropped_line(draw: np.random.Generator, the: Good) -> Case:
    place = draw.integers(len(the.rows))
    cells = the.cells
    del cells[place]
    return _case("dropped line", the, the.file(cells), truth([*the.rows[:place], *the.rows[place + 1 :]]))


def repeated_line(draw: np.random.Generator, the: Good) -> Case:
    place = draw.integers(len(the.rows))
    cells = the.cells
    return _case("repeated line", the, the.file([*cells, cells[place]]), truth([*the.rows, the.rows[place]]))


def shifted_line(draw: np.random.Generator, the: Good) -> Case:
    """A line with a cell too many or too few."""
    cells, place = the.cells, draw.integers(len(the.rows))
    if draw.random() < 0.5:
        cells[place].insert(draw.integers(4), "x")
    else:
        del cells[place][draw.integers(5)]
    right = [truth(the.rows)] if cells[place] == the.cells[place][:4] else []  # a product is no figure
    return _case("shifted line", the, the.file(cells), *right)


def junk_amount(draw: np.random.Generator, the: Good) -> Case:
    text = JUNK[draw.integers(len(JUNK))]
    if draw.random() < 0.5:  # a number, in the style of another file
        text = amount_text(int(draw.integers(200_000_000)), good(draw).dialect)
    return _junk("amount", 3, text, draw, the, amount_meant(text, the.dialect))


def junk_date(draw: np.random.Generator, the: Good) -> Case:
    text = JUNK[draw.integers(len(JUNK))]
    if draw.random() < 0.5:  # a day, in the form of another file
        other = good(draw)
        text = other.cells[0][2]
    return _junk("date", 2, text, draw, the, day_meant(text, the.dialect))


def junk_name(draw: np.random.Generator, the: Good) -> Case:
    text, column = JUNK[draw.integers(len(JUNK))], int(draw.choice([0, 1]))
    return _junk(("customer", "order")[column], column, text, draw, the, text.strip(" \t\xa0"), compared=MONEY)


def junk_product(draw: np.random.Generator, the: Good) -> Case:
    return _junk("product", 4, JUNK[draw.integers(len(JUNK))], draw, the, "")


def _junk(
    name: str,
    column: int,
    text: str,
    draw: np.random.Generator,
    the: Good,
    meant: object,
    compared: tuple[int, ...] = ALL,
) -> Case:
    cells, place = the.cells, draw.integers(len(the.rows))
    cells[place][column] = text
    try:
        text.encode(the.dialect.encoding)
    except UnicodeEncodeError:
        the = replace(the, dialect=replace(the.dialect, encoding="utf-8"))
    kind = f"junk {name} {text[:30]!r}"
    if meant is None:
        return _case(kind, the, the.file(cells), compared=compared)
    row: list[Any] = list(next(iter(truth([the.rows[place]]))))
    row[column : column + 1] = [meant] if column < len(row) else []
    right = truth([*the.rows[:place], *the.rows[place + 1 :]])
    right[row[0], row[1], row[2], row[3]] += 1
    return _case(kind, the, the.file(cells), right, compared=compared)


def changed_header(draw: np.random.Generator, the: Good) -> Case:
    """A column renamed, repeated, or gone: each is asked for by its name."""
    header, cells = list(NAMES.values()), the.cells
    place = draw.integers(4)
    match draw.integers(3):
        case 0:
            header[place] = "Kolonne"
        case 1:
            header[4] = header[place]
        case _:
            del header[place]
            cells = [row[:place] + row[place + 1 :] for row in cells]
    footerless = replace(the, dialect=replace(the.dialect, footer=False))
    return _case("changed header", footerless, footerless.file(cells, header))


def moved_columns(draw: np.random.Generator, the: Good) -> Case:
    order = draw.permutation(5)
    header = [list(NAMES.values())[i] for i in order]
    footerless = replace(the, dialect=replace(the.dialect, footer=False))
    text = footerless.file([[row[i] for i in order] for row in the.cells], header)
    return _case("moved columns", footerless, text, truth(the.rows))


def swapped_names(draw: np.random.Generator, the: Good) -> Case:
    """Days where amounts are said to be, and amounts where days are."""
    header = list(NAMES.values())
    header[2], header[3] = header[3], header[2]
    footerless = replace(the, dialect=replace(the.dialect, footer=False))
    return _case("swapped names", footerless, footerless.file(the.cells, header))


def two_currencies(draw: np.random.Generator, the: Good) -> Case:
    cells = cells_of(the.rows, replace(the.dialect, currency="kr "))
    place = int(draw.integers(len(cells)))
    cells[place][3] = amount_text(the.rows[place].cents, replace(the.dialect, currency=str(draw.choice(["$", "EUR "]))))
    return replace(_case("two currencies", the, the.file(cells)), settled=True)


EDITS: Final[tuple[Edit, ...]] = (
    dropped_line, repeated_line, shifted_line, junk_amount, junk_amount, junk_amount, junk_amount, junk_date,
    junk_date, junk_date, junk_name, junk_product, changed_header, moved_columns, swapped_names, two_currencies,
)  # fmt: skip
