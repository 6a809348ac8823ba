"""Which column of a table of nobody's layout is which: first by what columns are called, then by what they hold.

The names are data, ``vocabulary.json``, in six languages; a name that fits is believed only if the column holds what it
promises: days, numbers, addresses, customers who come again.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any, Final

from loyalty_lib.ingest.guess import Guess

# A column is one thing; where two fit, the first in this order takes it.
FIELDS: Final = (
    *("email", "order_date", "order_id", "customer_id", "quantity", "unit_price", "refunded", "amount", "order_line"),
    *("currency", "status", "phone", "consent", "category", "product", "channel", "country"),
)
BY_NAME_ONLY: Final = frozenset({"quantity", "unit_price", "order_line", "status", "channel", "consent", "category"})
CORE: Final = frozenset({"customer_id", "email", "order_id", "order_date", "amount", "quantity", "unit_price"})
MOST: Final = 0.8  # share of a column's values that must be what its name promises
LEAST_LETTERS: Final = 4  # of a word that counts within a compound: "dato" in "kvitteringsdato"
FEW: Final = 60  # different values of a column of kinds, such as a status
LONGEST_NAME: Final = 100  # characters; a longer cell is a text, not the name of a column
MIN_ORDERS: Final = 3  # orders of several rows, before they tell anything about amounts

LETTERS: Final = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "đ": "d", "ß": "ss", "ł": "l"})
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
ASIDE: Final = re.compile(r"[(\[][^)\]]*[)\]]")
ADDRESS: Final = re.compile(r"(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s.]+", re.IGNORECASE)
PHONE: Final = re.compile(r"[+(]?\d[\d\s()./-]{5,}\d")
NUMBER: Final = re.compile(
    r"[-+−(]?\s*(?:kr\.?|[A-Z]{3}|[A-Z]{0,2}[$€£¥])?\s*[-+−]?\s*(?:\d[\d\s.,'’]*|[.,]\d+)(?:e[+-]?\d+)?"
    r"[-:]*\s*(?:kr\.?|[A-Z]{3}|[$€£¥])?\s*[-)]?",
    re.IGNORECASE,
)
MONTH: Final = r"[^\W\d_]{3,9}\.?"
SEPARATED_DAY: Final = re.compile(
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2,4}"
    rf"|\d{{1,2}}[-. ]+{MONTH}[-., ]+\d{{2,4}}|{MONTH} \d{{1,2}},? \d{{4}})(?:[T, ].*)?",
    re.DOTALL,
)
BARE_DAY: Final = re.compile(r"(?:19|20|21)\d{6}|[2-7]\d{4}(?:[.,]\d+)?|\d{9,10}(?:\.\d+)?|\d{12,13}")
CODE: Final = re.compile(r"[A-Za-z]{3}|[€£$¥]|[Kk]r\.?")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """A column's name and its first values, blanks as ''; the values of all columns stand in line."""

    name: str
    cells: Sequence[str]

    @cached_property
    def values(self) -> list[str]:
        """What is not blank."""
        return [stripped for cell in self.cells if (stripped := cell.strip())]

    @cached_property
    def different(self) -> int:
        """How many different values there are."""
        return len(set(self.values))

    def mostly(self, *patterns: re.Pattern[str]) -> bool:
        """Tell whether most values match one of these in full; in a short file all but one, a line of totals."""
        fitting = sum(any(pattern.fullmatch(value) for pattern in patterns) for value in self.values)
        others = len(self.values) - fitting
        return fitting > others and (fitting >= MOST * len(self.values) or others == 1)


@dataclass(frozen=True, kw_only=True, order=True)
class Match:
    """How a name came to a field; the smaller, the better."""

    loose: bool  # a word of it, or the end of one, instead of the whole name
    rank: int
    language: str
    field: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Chosen:
    """The columns of a table.

    Attributes
    ----------
    columns
        For each of our fields that was found, the file's column.
    language
        That most names are in: "en", "nb", "sv", "da", "fi" or "de".
    notes
        What somebody should know about the choice: English sentences.
    """

    columns: Mapping[str, Guess]
    language: str
    notes: tuple[str, ...] = ()


@cache
def vocabulary() -> dict[str, Any]:
    """Return ``vocabulary.json``."""
    text = files("loyalty_lib.ingest").joinpath("vocabulary.json").read_text(encoding="utf-8")
    tree: dict[str, Any] = json.loads(text)
    return tree


def is_header(names: Sequence[str]) -> bool:
    """Tell whether a record's cells are names of a table of orders: two at least of what makes one."""
    found = (_exact(field, name) for name in set(names) if len(name) <= LONGEST_NAME for field in CORE)
    return len({match.field for match in found if match}) > 1


def match_name(field: str, name: str) -> Match | None:
    """Return how a column's name fits a field, or ``None`` where it does not."""
    if exact := _exact(field, name):
        return exact
    words = _words(name)
    key = "".join(words)
    terms = _terms()[field]
    never = _never().get(field, frozenset())
    if field in BY_NAME_ONLY or any(word in words or (len(word) >= LEAST_LETTERS and word in key) for word in never):
        return None
    pieces = {"".join(words[i:j]) for i, j in combinations(range(len(words) + 1), 2)}
    within = [term for term in terms if term in pieces or (len(term) >= LEAST_LETTERS and key.endswith(term))]
    if not within:
        return None
    rank, language = terms[max(within, key=lambda term: (len(term), term))]
    return Match(loose=True, rank=rank, language=language, field=field)


def _exact(field: str, name: str) -> Match | None:
    """Match the whole name, or what is left of it without parentheses and without a word on VAT."""
    terms = _terms()[field]
    words = _words(name)
    for key in ("".join(words), "".join(_words(ASIDE.sub(" ", name))), "".join(_without_tax(words))):
        if key in terms:
            rank, language = terms[key]
            return Match(loose=False, rank=rank, language=language, field=field)
    return None


def choose(samples: Sequence[Sample]) -> Chosen:
    """Find our fields among a table's columns.

    Parameters
    ----------
    samples
        The columns, in the file's order; at least the first thousands of their values.
    """
    # A name that stands twice cannot be set, for nobody could tell which is meant.
    times = Counter(sample.name for sample in samples)
    free = [sample for sample in samples if times[sample.name] == 1 and sample.name]
    found: dict[str, Guess] = {}
    languages: Counter[str] = Counter()
    notes: list[str] = []
    for field in FIELDS:
        fitting = sorted(
            ((match, sample) for sample in free if (match := match_name(field, sample.name)) and HOLDS[field](sample)),
            key=lambda pair: (pair[0], samples.index(pair[1])),
        )
        if field == "amount" and (fitting or {"quantity", "unit_price"} <= found.keys()):
            fitting, said = _amounts_of_rows(fitting, samples, found)
            notes += said
        if fitting:
            match, sample = fitting[0]
            found[field] = _guess(field, match, sample, [other.name for _, other in fitting[1:]])
            languages[match.language] += 1
            free.remove(sample)
        elif nameless := _by_content(field, free):
            why = f"its name says nothing, but it holds {HELD[field]}"
            found[field] = Guess(value=nameless.name, sure="unsure", why=why)
            free.remove(nameless)
    native = [language for language in languages if language != "en"]
    language = max(native, key=lambda one: languages[one], default="en")
    return Chosen(columns=found, language=language, notes=tuple(notes))


def vat_included(name: str | None) -> bool | None:
    """Return whether a column's name says that VAT is in its amounts; ``None`` where it says nothing."""
    words = set(_words(name or ""))
    if words & _tax()["excluded"]:
        return False
    return True if words & _tax()["included"] else None


def _guess(field: str, match: Match, sample: Sample, others: Sequence[str]) -> Guess:
    close = " or ".join(f"'{name}'" for name in (sample.name, *others[:2])) + "; " if others else ""
    if field == "customer_id" and sample.different == len(sample.values) > 1:
        return Guess(value=sample.name, sure="unsure", why=close + "by its name; but no value comes twice")
    if match.loose:
        return Guess(value=sample.name, sure="unsure", why=f"{close}by a part of its name; it holds {HELD[field]}")
    why = f"{close}by its name, and it holds {HELD[field]}"
    return Guess(value=sample.name, sure="likely" if others else "certain", why=why)


def _by_content(field: str, free: Sequence[Sample]) -> Sample | None:
    """Return the one column that holds what nothing else looks like, whatever it is called."""
    pattern = {"email": ADDRESS, "order_date": SEPARATED_DAY}.get(field)
    if pattern is None:
        return None
    fitting = [sample for sample in free if sample.mostly(pattern)]
    never = _never().get(field, frozenset())
    fitting = [s for s in fitting if not any(word in "".join(_words(s.name)) for word in never)]
    return fitting[0] if len(fitting) == 1 else None


def _amounts_of_rows(
    fitting: list[tuple[Match, Sample]], samples: Sequence[Sample], found: Mapping[str, Guess]
) -> tuple[list[tuple[Match, Sample]], list[str]]:
    """Put aside amounts that are the order's total on every one of its rows: their sum would count it many times."""
    order_id = found.get("order_id")
    order = next((sample for sample in samples if order_id and sample.name == order_id.value), None)
    if order is None or not fitting:
        return fitting, []
    repeated = [pair for pair in fitting if _repeats(order.cells, pair[1].cells)]
    of_rows = [pair for pair in fitting if pair not in repeated]
    if not repeated:
        return fitting, []
    names = " and ".join(f"'{sample.name}'" for _, sample in repeated)
    said = f"Every row of an order holds the same {names}: it looks like the order's total, not the row's amount."
    if of_rows or {"quantity", "unit_price"} <= found.keys():
        return of_rows, [f"{said} It is not summed."]
    return fitting, [f"{said} If it is, orders of several rows count too much: name a column with the row's amount."]


def _repeats(orders: Sequence[str], amounts: Sequence[str]) -> bool:
    by_order: dict[str, list[str]] = {}
    for order, amount in zip(orders, amounts, strict=True):
        if order.strip():
            by_order.setdefault(order, []).append(amount)
    several = [held for held in by_order.values() if len(held) > 1]
    same = sum(len(set(held)) == 1 for held in several)
    varied = len({held[0] for held in several}) > 1
    return len(several) >= MIN_ORDERS and same == len(several) and varied


# What a column must hold to be believed, and how that is said.


def _numbers(sample: Sample) -> bool:
    return sample.mostly(NUMBER)


def _kinds(sample: Sample) -> bool:
    return 0 < sample.different <= FEW


def _texts(sample: Sample) -> bool:
    return bool(sample.values) and not sample.mostly(SEPARATED_DAY)


def _ids(sample: Sample) -> bool:
    return _texts(sample) and not sample.mostly(ADDRESS)


HOLDS: Final[Mapping[str, Callable[[Sample], bool]]] = {
    "customer_id": _ids,
    "email": lambda sample: sample.mostly(ADDRESS),
    "phone": lambda sample: sample.mostly(PHONE),
    "order_id": lambda sample: _ids(sample) and (sample.different > 1 or len(sample.values) < FEW),
    "order_line": _ids,
    "order_date": lambda sample: sample.mostly(SEPARATED_DAY, BARE_DAY),
    "amount": _numbers,
    "quantity": _numbers,
    "unit_price": _numbers,
    "refunded": _numbers,
    "currency": lambda sample: sample.mostly(CODE),
    "status": lambda sample: _kinds(sample) and not _numbers(sample),
    "product": _texts,
    "category": _texts,
    "channel": _kinds,
    "country": lambda sample: _texts(sample) and not _numbers(sample),
    "consent": _kinds,
}
HELD: Final = {
    "customer_id": "customers who come again",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "order_id": "different values",
    "order_line": "text",
    "order_date": "dates",
    **dict.fromkeys(("amount", "quantity", "unit_price", "refunded"), "numbers"),
    "currency": "currencies",
    **dict.fromkeys(("status", "channel", "consent"), "few different values"),
    **dict.fromkeys(("product", "category", "country"), "text"),
}


@lru_cache(maxsize=10_000)
def _words(name: str) -> tuple[str, ...]:
    """Divide a name into words without case and accents: "KundeID" and "kunde_id" are both [kunde, id]."""
    parts = unicodedata.normalize("NFKD", name.translate(LETTERS))
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return tuple(word.casefold() for word in WORD.findall(plain))


def _key(name: str) -> str:
    return "".join(_words(name))


def _without_tax(words: Sequence[str]) -> Sequence[str]:
    """Leave out what says whether VAT is in: "Beløp eks. mva" is "Beløp"."""
    tax = _tax()
    if not tax["of"] & set(words):
        return words
    return [word for word in words if word not in tax["of"] | tax["included"] | tax["excluded"]]


@cache
def _terms() -> Mapping[str, Mapping[str, tuple[int, str]]]:
    """For each field its names, each with its rank in its language, the first language that has it."""
    found: dict[str, dict[str, tuple[int, str]]] = {}
    for field in FIELDS:
        terms = found.setdefault(field, {})
        for language, names in vocabulary()[field].items():
            for rank, name in enumerate(names):
                terms.setdefault(_key(name), (rank, language))
    return found


@cache
def _tax() -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(map(_key, terms)) for kind, terms in vocabulary()["vat"].items()}


@cache
def _never() -> Mapping[str, Collection[str]]:
    return {field: frozenset(map(_key, words)) for field, words in vocabulary()["never"].items()}
