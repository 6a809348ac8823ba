"""Which decimal mark a file's numbers have.  All its columns of numbers decide together; no value is read on its own.

"12,50" and "1.299,00" prove a comma, "0.125" and "1,299.00" a point; "1,299" may be a thousand and more or a little
above one, and is read by what the others prove.  What is no number with either mark proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from loyalty_lib.engine import Engine
from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.trouble import Trouble

Mark = Literal[".", ","]
NAMES: Final[dict[Mark, str]] = {".": "point", ",": "comma"}


@dataclass(frozen=True, kw_only=True)
class DecimalForm:
    """How a file's numbers are written.

    Attributes
    ----------
    decimal
        As the macro ``amount_of`` wants it.
    guess
        As ``ingest.decimal`` would hold it.
    trouble
        Why it cannot be told; the mark then is the likeliest, good for a preview only.
    currencies
        Codes and signs that stand with the numbers, sorted: "EUR", "kr", "$".
    """

    decimal: Mark
    guess: Guess
    trouble: Trouble | None = None
    currencies: tuple[str, ...] = ()


def decimals(engine: Engine, columns: Sequence[str], setting: Mark | None) -> DecimalForm:
    """Find out the decimal mark of columns of ``source_rows``.

    Parameters
    ----------
    columns
        Of "amount", "quantity", "unit_price" and "refunded"; those that the file holds as text.
    setting
        ``ingest.decimal``; where it is given, it holds, and only the currencies are looked for.

    Returns
    -------
    DecimalForm
        The same whatever the order of the rows, but for the records that its trouble names.
    """
    patterns = engine.arrow("read_number_patterns", columns=list(columns)).to_pylist() if columns else []
    currencies = tuple(sorted({row["currency"] for row in patterns if row["currency"]}))
    if setting is not None:
        guess = Guess(value=setting, sure="certain", why="set in the settings")
        return DecimalForm(decimal=setting, guess=guess, currencies=currencies)
    mark, guess, trouble = _decide(engine, columns, patterns)
    return DecimalForm(decimal=mark, guess=guess, trouble=trouble, currencies=currencies)


def _decide(
    engine: Engine, columns: Sequence[str], patterns: Sequence[dict[str, Any]]
) -> tuple[Mark, Guess, Trouble | None]:
    proofs: dict[Mark, list[dict[str, Any]]] = {
        ".": [row for row in patterns if row["dot"]],
        ",": [row for row in patterns if row["comma"]],
    }
    proven = [mark for mark, rows in proofs.items() if rows]
    if len(proven) > 1:
        most, trouble = _mixed(engine, columns, proofs)
        why = f"{trouble.count:,} of the numbers {'is' if trouble.count == 1 else 'are'} written otherwise"
        return most, Guess(value=most, sure="unsure", why=why), trouble
    if proven:
        mark = proven[0]
        why = f"{proofs[mark][0]['value']} is a number with a decimal {NAMES[mark]} only"
        return mark, Guess(value=mark, sure="certain", why=why), None
    unclear = [row for row in patterns if row["differs"]]
    if unclear:
        why = f"no number tells whether {unclear[0]['value']} is more than a thousand"
        return ".", Guess(value=None, sure="unsure", why=why), _ambiguous(unclear)
    return ".", Guess(value=".", sure="certain", why="no number has decimals"), None


def _mixed(
    engine: Engine, columns: Sequence[str], proofs: Mapping[Mark, Sequence[dict[str, Any]]]
) -> tuple[Mark, Trouble]:
    counts = {mark: sum(row["count"] for row in rows) for mark, rows in proofs.items()}
    most, least = sorted(counts, key=lambda mark: -counts[mark])
    shapes = [row["shape"] for row in proofs[least]]
    (found,) = engine.arrow("read_number_conflict", columns=list(columns), shapes=shapes, mark=least).to_pylist()
    return most, Trouble(
        kind="mixed",
        expected=f"a decimal {NAMES[most]} as in the other {counts[most]:,} (such as {proofs[most][0]['value']})",
        remedy="Write all numbers in one form in the export.",
        value=found["value"],
        count=found["count"],
        records=tuple(found["records"]),
    )


def _ambiguous(unclear: Sequence[dict[str, Any]]) -> Trouble:
    return Trouble(
        kind="ambiguous",
        expected="a number that tells decimals from thousands; none does",
        remedy="Set ingest.decimal: '.' or ','.",
        value=min(row["value"] for row in unclear),
        count=sum(row["count"] for row in unclear),
    )
