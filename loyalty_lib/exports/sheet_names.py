"""Names of a workbook's sheets: of at most 31 characters, of none that Excel refuses, and each once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count
from typing import Final

LONGEST: Final = 31
REFUSED: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
RESERVED: Final = frozenset({"history"})  # Excel's own, in any case
FEWEST: Final = 12  # characters that must be left before a title is cut at a word
CUT: Final = "…"


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Return a name for each title: the title where it fits, else its first words; numbered where two are alike."""
    names: list[str] = []
    taken = set(RESERVED)
    for title in titles:
        clean = " ".join(REFUSED.sub(" ", title).split()).strip("' ") or "-"
        endings = (f" ({number})" if number > 1 else "" for number in count(1))
        name = next(cut for end in endings if (cut := _cut(clean, LONGEST - len(end)) + end).casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(title: str, longest: int) -> str:
    if len(title) <= longest:
        return title
    head = title[: longest - len(CUT)]
    words = head.rpartition(" ")[0]
    return (words if len(words) >= FEWEST and title[len(head)] != " " else head).rstrip(" ,;:.'-–(") + CUT
