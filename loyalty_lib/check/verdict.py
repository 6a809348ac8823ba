"""The verdict on a client's data: what they hold, what was left out and why, and which pages a report can have.

Plain facts, computed once.  The terminal, the HTML page, the JSON and the notebook print the same ``Verdict``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.branding import Dressing
from loyalty_lib.errors import Problem
from loyalty_lib.i18n import Message, mark
from loyalty_lib.quality import FileRead, Source

if TYPE_CHECKING:
    from loyalty_lib.validate import DataQuality

# What of ``DataQuality`` stands under "used"; the rest of it is said elsewhere in the verdict.
USED: Final = {
    "rows": "rows_used",
    "customers": "customers",
    "orders": "orders",
    "purchase_days": "purchase_days",
    "first_day": "first_day",
    "last_day": "last_day",
    "rows_without_customer": "rows_without_customer",
    "refund_rows": "refund_rows",
    "refund_amount": "refund_amount",
    "cancelled_orders": "cancelled_orders",
    "zero_rows": "zero_rows",
    "same_day_merged": "same_day_merged",
    "dropped_rows": "dropped_rows",
}
# What of ``Source`` has a name of its own in the JSON, or stands in a list there.
LISTED: Final = frozenset({"rows", "currency", "fields", "left_out", "giant_orders", "gaps", "notes"})


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the report, whether the data can carry it, and why; name and reason in plain words."""

    name: str
    carried: bool
    reason: Message


@dataclass(frozen=True, kw_only=True)
class Churned:
    """What a list of customers under contract says: how many are marked as lost, and in which column."""

    column: str
    customers: int
    churned: int

    @property
    def share(self) -> float:
        """Of all customers."""
        return self.churned / self.customers


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """Whether data will carry a report.

    Attributes
    ----------
    name
        Of the client, or of the files, without folders.
    client
        The client's short name; ``None`` where files alone were checked.
    usable
        Whether there is anything to report on.
    rows
        Rows below the headers; ``None`` where they could not be counted.
    source
        What the files hold; ``None`` where they could not be read.
    used
        What became of it; ``None`` where nothing did.
    files
        How each file was read.
    pages
        Every page of the report, in its order.
    problems
        All that must be mended first.
    currency, vat_included, time_zone
        As read or set; ``None`` where nobody tells.
    language, dressing
        Of the HTML page: the client's.
    personal
        The files' columns that hold customer ids, e-mail addresses or phones: what they hold is shown on a terminal,
        and nowhere else.
    churn
        Of a list of customers under contract.
    notes
        What a reader should know, in sentences.
    """

    name: str
    client: str | None = None
    usable: bool
    rows: int | None
    source: Source | None
    used: DataQuality | None
    files: tuple[FileRead, ...]
    pages: tuple[Page, ...]
    problems: tuple[Problem, ...] = ()
    currency: str | None
    vat_included: bool | None = None
    time_zone: str
    language: str = "en"
    dressing: Dressing = field(default_factory=Dressing)
    personal: frozenset[str] = frozenset()
    churn: Churned | None = None
    notes: tuple[Message, ...] = ()

    @property
    def exit_code(self) -> int:
        """What the command ends with: 0 usable, 1 not."""
        return 0 if self.usable else 1

    @property
    def carried(self) -> int:
        """How many pages the data can carry."""
        return sum(page.carried for page in self.pages)

    @property
    def differs(self) -> bool:
        """Whether the pages have reasons of their own."""
        return len({str(page.reason) for page in self.pages}) > 1

    @property
    def obstacle(self) -> Message:
        """What is in the way of data that are not usable: the one reason why there is no page."""
        if not self.differs:
            return self.pages[0].reason
        return Message(mark("The data can be read, but are too few for any analysis."))

    def json(self) -> dict[str, Any]:
        """Return all of it as JSON data: raw numbers, days as ISO text, English sentences, ``None`` where unknown."""
        found, used = self.source, self.used
        facts = [field.name for field in fields(Source) if field.name not in LISTED]
        return {
            "usable": self.usable,
            "client": self.client,
            "name": self.name,
            "rows": self.rows,
            **{name: _raw(getattr(found, name)) if found else None for name in facts},
            **({"customers": self.churn.customers} if self.churn and not found else {}),
            "currency": self.currency,
            "vat_included": self.vat_included,
            "time_zone": self.time_zone,
            "fields": sorted(found.fields) if found else [],
            "used": {key: _raw(getattr(used, name)) for key, name in USED.items()} if used else None,
            "left_out": [asdict(one) for one in found.left_out] if found else [],
            "giant_orders": [_rows(asdict(order)) for order in found.giant_orders] if found else [],
            "gaps": [{**_rows(asdict(gap)), "days": gap.days} for gap in found.gaps] if found else [],
            "files": [asdict(file) for file in self.files],
            "pages": [{"name": page.name, "carried": page.carried, "reason": str(page.reason)} for page in self.pages],
            "problems": [_problem(problem) for problem in self.problems],
            "churn": {**asdict(self.churn), "share": self.churn.share} if self.churn else None,
            "notes": [str(note) for note in self.notes],
        }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": min(problem.lines, default=None),
        "lines": list(problem.lines),
        "count": max(problem.count, len(problem.lines)),
        "column": problem.column,
        "value": problem.value,
        "expected": problem.expected,
        "remedy": problem.remedy,
    }


def _rows(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _raw(value) for key, value in values.items()}


def _raw(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
