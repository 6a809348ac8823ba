"""Every error a user can meet.  Each says where, what was found, what was expected, and the remedy.

Anything that is not a ``LoyaltyError`` is a fault of ours and may show a traceback; a ``LoyaltyError`` never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

SHOWN_LINES = 3  # line numbers named in a message before it says "and N more"


class LoyaltyError(Exception):
    """Something the user can mend; its text is the whole message."""

    exit_code: ClassVar[int] = 1


class UsageError(LoyaltyError):
    """A wrong command, client name, period or setting."""

    exit_code: ClassVar[int] = 2


class ModelError(LoyaltyError):
    """A model that cannot be fitted to this data, or a question it cannot answer."""


class ReportError(LoyaltyError):
    """A notebook cell or a rendering step that failed."""


class MissingToolError(LoyaltyError):
    """A library or system package that is not installed; the text says how to install it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One kind of mistake in one column of one file.

    Parameters
    ----------
    file
        As the user named it.
    lines
        1-based line numbers, ascending; at least the first few.
    count
        How many lines have this problem in all.
    column, value
        The column as the file names it, and the first offending value, as text.  ``None`` where they do not apply.
    expected
        What the reader expected, as a noun phrase: "a date as YYYY-MM-DD".
    remedy
        What to do, as an imperative sentence.
    """

    file: str
    expected: str
    remedy: str
    lines: tuple[int, ...] = ()
    count: int = 0
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        column = f"'{self.column}'" if self.column is not None else ""
        value = f"holds {self.value!r}" if self.value is not None else ""
        where = f"{self._where()}: " if self.lines else ""
        found = " ".join(part for part in (column, value) if part)
        return f"{where}{found}{'; ' if found else ''}expected {self.expected}. {self.remedy}"

    def _where(self) -> str:
        shown = [str(line) for line in self.lines[:SHOWN_LINES]]
        more = max(self.count, len(self.lines)) - len(shown)
        if more > 0:
            return f"lines {', '.join(shown)} and {more} more"
        if len(shown) == 1:
            return f"line {shown[0]}"
        return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems as a reader goes through them: file by file, from the first line down."""
    return tuple(sorted(problems, key=lambda one: (one.file, one.lines, one.column or "")))


def describe(problems: Sequence[Problem], consequence: str) -> str:
    """All problems, one a line, grouped by file.

    Parameters
    ----------
    problems
        In any order; the message sorts them by file and line.
    consequence
        What did not happen because of them: "nothing was analysed".
    """
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    lines: list[str] = []
    for file, group in by_file.items():
        noun = "problem" if len(group) == 1 else "problems"
        lines.append(f"{file}: {len(group)} {noun}; {consequence}.")
        lines.extend(f"  {problem}" for problem in group)
    return "\n".join(lines)


class DataError(LoyaltyError):
    """Problems in a client's data, all of them at once.

    Attributes
    ----------
    problems
        One ``Problem`` a kind of mistake.
    """

    consequence: ClassVar[str] = "nothing was analysed"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(describe(self.problems, self.consequence))


class ConfigError(DataError, UsageError):
    """Problems in a client's ``client.yml``, all of them at once."""

    exit_code: ClassVar[int] = 2
    consequence: ClassVar[str] = "nothing was read"
