"""Orders that are no custom of the shop's: tests, its own people's, and those under a marketplace's relay address.

Goes in: the engine's ``file_rows`` and the client's settings.  Comes out: ``settle_rules`` (the rules in force, the
smaller number first), ``settle_emails``, ``settle_tags`` and ``settle_ruled``, which say what each rule takes.  The
rules themselves are data, in ``rules.json``, each with its reason.

An address at privaterelay.appleid.com is one person's at one shop for good, so it is a customer like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine

FILE: Final = Path(__file__).with_name("rules.json")
NOTHING: Final = r"^\b$"  # a pattern that no text fits


class Rule(NamedTuple):
    """What marks an order, as ``settle_rules`` holds it; ``unless`` is cut out before ``pattern`` is looked for."""

    reason: str
    about: str
    pattern: str | None
    unless: str | None
    detail: str


@cache
def known() -> dict[str, Any]:
    """Return what ``rules.json`` holds."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def find_orders(engine: Engine, ingest: Ingest) -> int | None:
    """Find the orders that rules take, all rows of an order with the one that a rule fits.

    Parameters
    ----------
    engine
        Holds ``file_rows``.
    ingest
        Which of the rules are in force, and the staff's addresses.

    Returns
    -------
    int or None
        The rule for the column that marks tests; ``None`` where tests count.
    """
    rules = _in_force(ingest)
    engine.connection.execute(
        "CREATE TABLE settle_rules "
        "(rule INTEGER, reason VARCHAR, about VARCHAR, pattern VARCHAR, unless VARCHAR, detail VARCHAR)"
    )
    if rules:
        rows = [[number, *rule] for number, rule in enumerate(rules)]
        engine.connection.executemany("INSERT INTO settle_rules VALUES (?, ?, ?, ?, ?, ?)", rows)
    marker = next((number for number, rule in enumerate(rules) if rule.about == "test"), None)
    engine.create("settle_emails", "settle_emails", suspects=_any_of(rules, "email"))
    engine.create("settle_tags", "settle_tags", suspects=_any_of(rules, "tags"))
    engine.create("settle_ruled", "settle_ruled", marker=marker)
    return marker


def _in_force(ingest: Ingest) -> list[Rule]:
    """Return the rules in the order in which they are named as the reason: tests, staff, marketplaces."""
    rules = [Rule("test", "test", None, None, "marker")]
    rules += [
        Rule(rule["reason"], rule["about"], rule["pattern"], rule.get("unless"), rule["detail"])
        for rule in known()["orders"]
    ]
    rules += [Rule("staff", "email", _address(entry), None, "e-mail address") for entry in ingest.staff_emails]
    dropped = {"test": ingest.test_orders, "staff": ingest.staff_orders, "marketplace": ingest.marketplace_orders}
    ranks = list(dropped)
    return sorted((r for r in rules if dropped[r.reason] == "drop"), key=lambda r: ranks.index(r.reason))


def _address(entry: str) -> str:
    """Return the pattern of a staff address, or of all addresses that end like "@acme.no"."""
    entry = entry.strip().lower()
    if "@" not in entry:
        entry = f"@{entry}"
    return f"{'' if entry.startswith('@') else '^'}{re.escape(entry)}$"


def _any_of(rules: Sequence[Rule], about: str) -> str:
    return "|".join(f"({rule.pattern})" for rule in rules if rule.about == about) or NOTHING
