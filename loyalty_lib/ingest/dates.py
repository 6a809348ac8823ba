"""How a column's dates are written.  The whole column decides; no value is read on its own.

Values are looked at by *shape*, every digit a 9, of which even millions of rows have only dozens.  A shape allows one
form or several ("99.99.9999": day first or month first); what the values rule out leaves one, none, or a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

import duckdb

from loyalty_lib.config.ingest import DATE_WORDS
from loyalty_lib.engine import Engine
from loyalty_lib.ingest.date_shapes import WORD, Pattern, forms_of, rules_out
from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.trouble import Trouble

Column = Literal["order_date", "refunded_on"]
Kind = Literal["iso", "excel", "epoch", "epoch_ms", "strptime"]
Sure = Literal["certain", "likely", "unsure"]
ORDERS: Final = ("day_first", "month_first", "year_first")  # columns of read_date_conflict.sql
NUMBERS: Final = {  # what single numbers are taken for, which could be something else
    "excel": "days as spreadsheets count them",
    "epoch": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970",
}
NUMBER: Final = re.compile(r"-?9+([.,]9*)?")  # the shape of one


@dataclass(frozen=True, kw_only=True)
class DateForm:
    """How a column's dates are written, as the macro ``day_of`` wants it.

    Attributes
    ----------
    kind, format
        ``format`` is DuckDB's strptime format where ``kind`` is "strptime", else empty.
    shown
        For people: "ISO 8601", "%d.%m.%Y", "excel".
    guess
        The value as ``ingest.date_format`` would hold it.
    trouble
        Why it cannot be told; the form then is the likeliest, good for a preview only.
    """

    kind: Kind
    format: str
    shown: str
    guess: Guess
    trouble: Trouble | None = None


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """Rows written in one form; or in one of several, where ``forms`` holds more."""

    forms: tuple[str, ...]
    count: int
    value: str
    shapes: tuple[str, ...]
    records: tuple[int, ...] = ()


def dates(engine: Engine, column: Column, setting: str | None) -> DateForm:
    """Find out how the dates of a column of ``source_rows`` are written.

    Parameters
    ----------
    column
        "order_date" or "refunded_on".
    setting
        ``ingest.date_format``; where it is given, it holds, and the values are not looked at.

    Returns
    -------
    DateForm
        The same whatever the order of the rows, but for the records that its trouble names.
    """
    if setting is not None:
        return _form(setting, "certain", "set in the settings", trouble=_check(engine, setting))
    patterns = _patterns(engine, column)
    claims, unread = _claims(engine, column, patterns)
    if not claims:
        return _form("iso", "unsure", "no value looks like a date" if patterns else "the column is empty", known=False)
    most = claims[0]
    form, *others = most.forms
    if form in NUMBERS:
        claims += _strays(patterns)
    if len(claims) > 1:
        trouble = _mixed(engine, column, claims)
        why = f"{trouble.count:,} of the dates {'is' if trouble.count == 1 else 'are'} written otherwise"
        return _form(form, "unsure", why, trouble=trouble)
    if others:
        why = f"no date tells {most.forms[0]} from {' and '.join(others)}"
        return _form(form, "unsure", why, known=False, trouble=_ambiguous(most))
    besides = f"; {unread:,} of the values {'is' if unread == 1 else 'are'} no date" if unread else ""
    return _form(form, "likely" if form in NUMBERS else "certain", _why(most) + besides)


def _patterns(engine: Engine, column: Column) -> list[Pattern]:
    found = engine.arrow("read_date_patterns", column=column).to_pylist()
    named = [row["shape"] for row in found if WORD.search(row["shape"])]
    english: dict[str, str] = {}
    if named:  # planning the months' names takes longer than reading a small file
        query = "SELECT shape, english_months(shape) FROM (SELECT unnest($shapes::VARCHAR[]) AS shape)"
        english = dict(engine.connection.execute(query, {"shapes": named}).fetchall())
    return [Pattern(**row, template=english.get(row["shape"], row["shape"])) for row in found]


def _form(word: str, sure: Sure, why: str, *, known: bool = True, trouble: Trouble | None = None) -> DateForm:
    """Return the form that ``word``, written as in the settings, means."""
    is_word = word in DATE_WORDS
    return DateForm(
        kind=cast("Kind", word) if is_word else "strptime",
        format="" if is_word else word,
        shown=_shown(word),
        guess=Guess(value=word if known else None, sure=sure, why=why),
        trouble=trouble,
    )


def _shown(word: str) -> str:
    return "ISO 8601" if word == "iso" else word


def _why(claim: _Claim) -> str:
    (form,) = claim.forms
    if form == "iso":
        return "all dates are written as in ISO 8601"
    if form in NUMBERS:
        return f"numbers such as {claim.value} are {NUMBERS[form]}"
    if form.startswith("%d") and "%b" not in form:
        return "the first number goes above 12, so it is the day"
    if form.startswith("%m"):
        return "the second number goes above 12, so it is the day"
    return f"dates such as {claim.value} can be read in one way only"


def _check(engine: Engine, setting: str) -> Trouble | None:
    """Refuse a format that the engine does not understand: it would stop the whole reading."""
    if setting in DATE_WORDS:
        return None
    try:
        engine.connection.execute("SELECT try_strptime('', $format)", {"format": setting}).fetchall()
    except duckdb.Error:
        return Trouble(
            kind="setting",
            expected="a date format of strptime's codes",
            remedy='Set ingest.date_format to one such as "%d.%m.%Y".',
            value=setting,
            count=1,
        )
    return None


def _claims(engine: Engine, column: Column, patterns: Sequence[Pattern]) -> tuple[list[_Claim], int]:
    """Return the forms that rows are written in, the commonest first, and the number of values that have none."""
    families: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        forms = forms_of(pattern)
        if forms:
            families.setdefault(forms[0], []).append(pattern)
    claims = [claim for family in families.values() for claim in _settle(engine, column, family)]
    unread = sum(pattern.count for pattern in patterns) - sum(claim.count for claim in claims)
    return sorted(claims, key=lambda claim: (-claim.count, claim.forms)), unread


def _strays(patterns: Sequence[Pattern]) -> list[_Claim]:
    """Return numbers that no form claims: among days that are numbers, 5 would be one in 1970."""
    strays = [pattern for pattern in patterns if NUMBER.fullmatch(pattern.shape) and not forms_of(pattern)]
    if not strays:
        return []
    return [
        _Claim(
            forms=(),
            count=sum(pattern.count for pattern in strays),
            value=min(pattern.smallest for pattern in strays),
            shapes=tuple(pattern.shape for pattern in strays),
        )
    ]


def _settle(engine: Engine, column: Column, family: Sequence[Pattern]) -> list[_Claim]:
    """Return how the rows of shapes are written that allow the same forms."""
    allowed = [forms_of(pattern) for pattern in family]
    forms = tuple(form for form in allowed[0] if all(form in others for others in allowed))
    whole = _Claim(
        forms=forms,
        count=sum(pattern.count for pattern in family),
        value=min(pattern.smallest for pattern in family),
        shapes=tuple(pattern.shape for pattern in family),
    )
    if len(forms) == 1 or not forms[0].startswith("%d"):
        return [whole]
    orders = dict(zip(ORDERS, forms, strict=False))
    if "year_first" in orders:
        return _conflict(engine, column, orders, whole)
    left = tuple(form for form in forms if not any(rules_out(pattern, form) for pattern in family))
    return [replace(whole, forms=left)] if left else _conflict(engine, column, orders, whole)


def _conflict(engine: Engine, column: Column, orders: Mapping[str, str], whole: _Claim) -> list[_Claim]:
    """Look at each row: return the forms that all rows allow, or else the form that most allow, and the other rows."""
    groups = engine.arrow("read_date_conflict", column=column, shapes=list(whole.shapes)).to_pylist()
    dates = [group for group in groups if any(group[order] for order in orders)]
    if not dates:
        return []
    common = tuple(form for order, form in orders.items() if all(group[order] for group in dates))
    if common:
        return [_pooled(common, dates, whole.shapes)]
    rows = {order: sum(group["count"] for group in dates if group[order]) for order in orders}
    most = max(orders, key=lambda order: rows[order])
    rest = [group for group in dates if not group[most]]
    others = tuple(form for order, form in orders.items() if any(group[order] for group in rest))
    return [
        _pooled((orders[most],), [group for group in dates if group[most]], whole.shapes),
        _pooled(others, rest, whole.shapes),
    ]


def _pooled(forms: tuple[str, ...], groups: Sequence[Mapping[str, Any]], shapes: tuple[str, ...]) -> _Claim:
    return _Claim(
        forms=forms,
        count=sum(group["count"] for group in groups),
        value=min(group["value"] for group in groups),
        shapes=shapes,
        records=tuple(sorted(record for group in groups for record in group["records"])[:3]),
    )


def _mixed(engine: Engine, column: Column, claims: Sequence[_Claim]) -> Trouble:
    """Describe dates in several forms; the first claim is the commonest."""
    most, *rest = claims
    records: list[int] = []
    for claim in rest:
        if claim.records:
            records += claim.records
        else:
            groups = engine.arrow("read_date_conflict", column=column, shapes=list(claim.shapes)).to_pylist()
            records += [record for group in groups for record in group["records"]]
    written = _shown(most.forms[0]) if len(most.forms) == 1 else most.value
    return Trouble(
        kind="mixed",
        expected=f"dates written as the other {most.count:,} ({written})",
        remedy="Write all dates in one form in the export.",
        value=rest[0].value,
        count=sum(claim.count for claim in rest),
        records=tuple(sorted(records)[:3]),
    )


def _ambiguous(claim: _Claim) -> Trouble:
    """Describe dates of which no value tells the form."""
    choices = " or ".join(f'"{form}"' for form in claim.forms)
    return Trouble(
        kind="ambiguous",
        expected="a date that tells day, month and year apart; none does",
        remedy=f"Set ingest.date_format: {choices}.",
        value=claim.value,
        count=claim.count,
    )
