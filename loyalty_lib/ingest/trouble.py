"""Why a column's way of writing cannot be told, in words for the person who can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A question only the client can answer, or a contradiction within a column.

    Attributes
    ----------
    kind
        "ambiguous": no value tells; "mixed": two ways of writing, each proven by some values; "setting": the settings'
        own format is none.
    expected, remedy
        As in ``errors.Problem``.
    value
        An example; of the rarer way of writing where they are mixed.
    count
        Of rows so written.
    records
        The first three of them where ways are mixed.
    """

    kind: Literal["ambiguous", "mixed", "setting"]
    expected: str
    remedy: str
    value: str
    count: int
    records: tuple[int, ...] = ()
