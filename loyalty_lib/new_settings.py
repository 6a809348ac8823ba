"""The text of a new client's ``client.yml``: every guess spelled out, how sure it is beside it, the rest explained.

What comes out of the data stands in double quotes with every unusual character escaped: whatever a column is called,
it is a text and nothing else.  What nobody but the client can decide stands as a comment with the choices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.sniff import Proposal

FALLBACK: Final = "NOK"
NORWEGIAN: Final = "NOK"
WIDTH: Final = 40  # of a setting, before its comment begins
LONGEST: Final = 200  # characters of a comment
PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_/+-]*|\d+")
CHOICE: Final = re.compile(r'"(%[^"\n]*)"')
WORDS_OF_YAML: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def written(client: str, path: str, proposal: Proposal) -> str:
    """Return the text of ``client.yml``.

    Parameters
    ----------
    client
        The folder's name, which the shop's is made of.
    path
        Of the data within the folder, as ``source.path``.
    proposal
        What was found out.
    """
    blocks = (_head(client, proposal), _source(path, proposal), _ingest(proposal), _later())
    return "\n".join("\n".join(block) for block in blocks) + "\n"


def quoted(text: str) -> str:
    """Return a text in double quotes, as YAML reads it, in one line and without a character that cannot be seen."""
    seen = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in seen)


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004  (beyond, YAML wants eight)


def _value(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text.lower() not in WORDS_OF_YAML else quoted(text)


def _line(setting: str, value: str, comment: str) -> str:
    return f"{f'{setting}: {value}':<{WIDTH}} # {_said(comment)}"


def _said(comment: str) -> str:
    """Return a comment that stays one, whatever of the data is in it."""
    shown = "".join(c if c.isprintable() else " " for c in comment)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _guessed(setting: str, guess: Guess) -> str:
    return _line(setting, _value(guess.value or ""), f"{guess.sure}: {guess.why}")


def _head(client: str, proposal: Proposal) -> Iterator[str]:
    yield "# Settings of a new client, found out from its data.  Each says how sure it is: look at what is not certain,"
    yield f"# and then run: make check CLIENT={client}"
    for problem in proposal.problems:
        yield f"# TO DECIDE OR MEND: {_said(str(problem))}"
    for note in proposal.notes:
        yield f"# NOTE: {_said(note)}"
    name = re.sub(r"[-_]+", " ", client)
    yield _line("name", quoted(name[0].upper() + name[1:]), "as the report calls the shop")
    money = proposal.currency
    if money.value is None:
        yield _line("currency", FALLBACK, f"unsure: {money.why}; put the shop's own")
    else:
        yield _guessed("currency", money)
    language = "nb" if money.value == NORWEGIAN else "en"
    yield _line("language", language, "of the report, en or nb; by the currency")
    yield _guessed("time_zone", proposal.time_zone)
    yield _line("cadence", "quarter", "how often a report is made: month, quarter, half or year")
    if proposal.last_day is None:
        yield _line("# observed_until", "2024-12-31", "the last day the data cover; left out, yesterday")
    else:
        said = "the last day in the data; if the export covers later days without orders, set the last of them"
        yield _line("observed_until", proposal.last_day.isoformat(), said)
    if proposal.vat_included is None:
        yield _line("# vat_included", "true", "nothing in the data says whether amounts include VAT: true or false")
    else:
        vat = "true" if proposal.vat_included else "false"
        yield _line("vat_included", vat, "likely: so the layout or the name of the amounts' column says")
    if proposal.currency.sure == "unsure" and "rates" in proposal.currency.why:
        yield "# rates:                                 # what one unit of another currency is worth in this one"
        yield "#   EUR: 11.50"


def _source(path: str, proposal: Proposal) -> Iterator[str]:
    yield "source:"
    if proposal.query is not None:
        yield "  kind: sql"
        yield f"  path: {quoted(path)}"
        yield f"  query: {quoted(proposal.query)}"
    else:
        yield f"  path: {quoted(path)}"


def _ingest(proposal: Proposal) -> Iterator[str]:
    yield "ingest:"
    yield _guessed("  layout", proposal.layout)
    for name, guess in proposal.settings.items():
        if guess.value is not None:
            yield _guessed(f"  {name}", guess)
        elif guess.sure == "certain":
            yield _line(f"  # {name}", "left out", guess.why)
        else:
            yield from _choices(name, guess, proposal)
    if proposal.ingest.identity == "email":
        yield _line("  identity", "email", "likely: no customer id comes twice, but e-mail addresses do")
    if proposal.layout.value != "generic":
        yield "  # The layout finds the columns itself; to overrule it, name them under columns:"
        for ours, guess in proposal.columns.items():
            yield f"  #   {ours}: {_said(quoted(guess.value or ''))}"
        return
    yield "  columns:" if proposal.columns else "  columns: {}"
    for ours, guess in proposal.columns.items():
        yield _line(f"    {ours}", quoted(guess.value or ""), f"{guess.sure}: {guess.why}")
    missing = [ours for ours in ("customer_id", "order_id", "order_date", "amount") if ours not in proposal.columns]
    for ours in missing:
        yield _line(f"    # {ours}", '"..."', "none was found")


def _choices(name: str, guess: Guess, proposal: Proposal) -> Iterator[str]:
    """Write what a person must choose: one line for each choice, all of them comments."""
    if name == "decimal":
        choices = [".", ","]
    else:
        remedies = " ".join(problem.remedy for problem in proposal.problems)
        choices = list(dict.fromkeys(CHOICE.findall(remedies)))
    yield _line(f"  # {name}", "choose", f"unsure: expected {guess.why}")
    for choice in choices:
        yield f"  # {name}: {quoted(choice)}"


def _later() -> Iterator[str]:
    yield "# Customers who asked to be forgotten: a CSV file here with the column customer_id, email or phone."
    yield "# drop_list: drop_list.csv"
    yield "# What the forecast is worth in money; the rate and the margin are the client's own and have no default."
    yield "# clv:"
    yield "#   yearly_discount_rate: 0.10"
    yield "#   margin: 0.30"
    yield "# Who gets the report by mail."
    yield "# mail:"
    yield "#   to: [manager@example.com]"
    yield "#   sender: reports@example.com"
