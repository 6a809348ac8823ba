"""One currency: rows in another are converted where the client gives rates, and refused where not.

Goes in: the engine's ``file_rows``.  Comes out: ``settle_rates``, what a unit of each other currency was worth on each
day, and after ``settle_rows`` has been made with it, what could not be converted, as problems.

A sign such as "kr" names several currencies: it is the client's where it fits, else the one that stands in the data or
in the rates and fits, where there is only one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from loyalty_lib.engine import Engine
from loyalty_lib.errors import Problem
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest.rules import known

Rates = Mapping[str, float] | Sequence[tuple[str, dt.date | None, float]]
ALWAYS = dt.date(1, 1, 1)  # the day from which on a rate without a day holds
Dated = dict[str, dict[dt.date, float]]


def prepare(engine: Engine, *, currency: str | None, rates: Rates | None) -> Dated:
    """Lay out what each currency in ``file_rows`` is worth on each day.

    Parameters
    ----------
    engine
        Holds ``file_rows``.
    currency
        The client's; ``None`` where it is not known: then nothing is converted.
    rates
        What one unit of another currency is worth in the client's: always, or from a day on.

    Returns
    -------
    dict
        The rates by currency and day.
    """
    dated: Dated = {}
    for code, day, rate in _listed(rates):
        dated.setdefault(code.upper(), {})[day or ALWAYS] = float(rate)
    query = "SELECT DISTINCT currency FROM file_rows WHERE currency IS NOT NULL ORDER BY currency"
    written = [row[0] for row in engine.connection.execute(query).fetchall()]
    codes = {text: _code(text, currency, [*written, *dated]) for text in written}
    engine.connection.execute("CREATE TABLE settle_codes (currency VARCHAR, code VARCHAR, is_foreign BOOLEAN)")
    engine.connection.execute("CREATE TABLE settle_given_rates (code VARCHAR, day DATE, rate DECIMAL(20, 12))")
    if codes:
        rows = [[text, code, code != currency] for text, code in codes.items()]
        engine.connection.executemany("INSERT INTO settle_codes VALUES (?, ?, ?)", rows)
    given = [[code, day, rate] for code, days in sorted(dated.items()) for day, rate in sorted(days.items())]
    if given and currency:
        engine.connection.executemany("INSERT INTO settle_given_rates VALUES (?, ?, ?)", given)
    engine.create("settle_rates", "settle_rates")
    return dated


def wrong_rates(rates: Rates | None, there: str) -> list[Problem]:
    """Describe rates that are none: not above zero, or two for one currency and day."""
    problems = []
    seen: dict[tuple[str, dt.date | None], float] = {}
    file = there.removeprefix(" in ") or "rates"
    for code, day, rate in _listed(rates):
        what = f"{code}{f' from {day} on' if day else ''}"
        if not (math.isfinite(rate) and 0 < rate < 1e8):  # noqa: PLR2004 - what DECIMAL(20, 12) holds
            problems.append(
                Problem(file=file, value=f"{rate:g}", expected=f"a rate above 0 for {what}", remedy="Mend rates.")
            )
        if seen.setdefault((code.upper(), day), rate) != rate:
            problems.append(
                Problem(file=file, value=f"{rate:g}", expected=f"one rate for {what}", remedy="Remove the other.")
            )
    return problems


def settled(
    engine: Engine, names: Sequence[str], *, currency: str | None, dated: Dated, there: str
) -> tuple[str | None, list[Problem], list[Message]]:
    """Say which currency ``settle_rows`` is in, what stands against that, and what was converted.

    Parameters
    ----------
    engine
        Holds ``settle_rows``.
    names
        Of the files, by their number.
    currency, dated
        As in ``prepare``, which returned ``dated``.
    there
        Ends a remedy: " in clients/acme/client.yml", or nothing.
    """
    found: list[dict[str, Any]] = engine.arrow("settle_converted").to_pylist()
    if currency is not None:
        bad = engine.arrow("settle_unconverted").to_pylist()
        problems = [_unconverted(names[row["file"]], currency, dated, there, **row) for row in bad]
        return currency, problems, [] if problems else [_note(row, currency, dated) for row in found]
    codes = {_code(row["code"], None, [other["code"] for other in found]) for row in found}
    if len(codes) > 1:
        return None, [_several(names, found, there)], []
    code = next(iter(codes), None)
    return (None if code in known()["signs"] else code), [], []


def _listed(rates: Rates | None) -> Iterable[tuple[str, dt.date | None, float]]:
    if isinstance(rates, Mapping):
        return [(code, None, rate) for code, rate in rates.items()]
    return rates or []


def _code(text: str, currency: str | None, others: Collection[str]) -> str:
    """Return the code that a code or a sign stands for; the sign itself where several are possible."""
    signs: Mapping[str, list[str]] = known()["signs"]
    fitting = signs.get(text.lower(), [])
    if not fitting:
        return text.upper()
    if currency in fitting:
        return str(currency)
    there = {code for code in fitting if code in others}
    return there.pop() if len(there) == 1 else text.lower()


def _unconverted(
    name: str,
    currency: str,
    dated: Dated,
    there: str,
    *,
    file: int,
    code: str,
    count: int,
    amount: float,
    first_day: dt.date,
    out_of_range: bool,
    lines: list[int] | None,
) -> Problem:
    del file  # it has a name
    rows = _rows(count)
    if out_of_range:
        expected, remedy = f"amounts below 1,000,000,000,000 in {currency}", f"Check the rate of {code}{there}."
    elif code in dated:
        begin = min(dated[code])
        expected = f"a rate of {code} for {rows} before {begin}, the first of {first_day}"
        remedy = f"Add to rates{there} what {code} was worth on {first_day}, or earlier."
    else:
        expected = f"amounts in {currency}; {rows} in {code}, {amount:,.2f} in all"
        remedy = f"Set rates: {{{code}: ...}}{there}, or make it one client a currency."
    return Problem(file=name, lines=tuple(lines or ()), count=count, value=code, expected=expected, remedy=remedy)


def _several(names: Sequence[str], found: Sequence[Mapping[str, Any]], there: str) -> Problem:
    each = ", ".join(f"{row['code']} ({_rows(row['count'])}, {row['amount']:,.2f} in all)" for row in found)
    return Problem(
        file=", ".join(names),
        expected=f"one currency, found {each}",
        remedy=f"Set currency and rates{there}, or make it one client a currency.",
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _note(row: Mapping[str, Any], currency: str, dated: Dated) -> Message:
    rates = dated[row["code"]]
    if len(rates) == 1:
        (rate,) = rates.values()
        return Message(
            mark("Rows in {code} were converted to {currency} at {rate:number.6}: {rows:number}."),
            rows=row["count"],
            code=row["code"],
            currency=currency,
            rate=rate,
        )
    return Message(
        mark("Rows in {code} were converted to {currency}, each at the latest rate up to its day: {rows:number}."),
        rows=row["count"],
        code=row["code"],
        currency=currency,
    )
