"""What an export is that nobody has described: its layout, dialect, columns, currency, and what a person must decide.

Goes in: files.  Comes out: a ``Proposal``, settings that read them, each with how sure it is.  Nothing is asked that
the files tell, and nothing is guessed that they do not: a column of dates that could be day or month first is a
problem, as it is for the reading itself, which every proposal has gone through.
"""

# ruff: noqa: S608  (columns and tables cannot be parameters of a query; every one of them is quoted)

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from loyalty_lib.config.ingest import Columns, Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError, Problem
from loyalty_lib.ingest import problems, whereabouts
from loyalty_lib.ingest.database import Result, run_query, sqlite_tables
from loyalty_lib.ingest.dialect import NO_NAMES
from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.mapping import map_columns
from loyalty_lib.ingest.naming import CORE, Chosen, Sample, choose, match_name, vat_included
from loyalty_lib.ingest.opening import Refused, quoted
from loyalty_lib.ingest.reading import Origin, Reading
from loyalty_lib.ingest.trial import FIRST, Seen, Trial, look, try_out

SQLITE: Final = b"SQLite format 3\0"
IDENTITY: Final = ("customer_id", "email", "phone")
MOST_NAMED: Final = 20  # columns a message lists
ENOUGH: Final = 20  # rows of different customers each, before a new id with every order is believed


@dataclass(frozen=True, eq=False, kw_only=True)
class Proposal:
    """How to read an export, and how sure that is.

    Attributes
    ----------
    origins
        What is to be read: the files, or the query that takes the orders out of a database.
    query
        Of a database, its text.
    layout
        "generic", or the name of the layout that was recognised.
    columns
        For each of our columns that was found, the file's; of a known layout those that the layout finds itself.
    settings
        Of ``ingest``: "encoding", "delimiter", "header_line", "sheet", "decimal", "date_format", where they apply.  A
        value is ``None`` where a person must choose, or where each of several files has its own.
    ingest
        All of it as settings that read the origins.
    currency
        ISO 4217; ``None`` where nothing tells.
    time_zone
        The shop's.
    vat_included
        What the layout or the name of the amounts' column says.
    rows
        Rows of all files; ``last_day`` their last; both ``None`` where they could not be read.
    first_rows
        The first five, as understood: our columns, each as text.
    problems
        Why the origins cannot be read as proposed: what a person must choose or mend.
    notes
        What a person should know: English sentences.
    """

    origins: tuple[Origin, ...]
    query: str | None = None
    layout: Guess
    columns: Mapping[str, Guess]
    settings: Mapping[str, Guess]
    ingest: Ingest
    currency: Guess
    time_zone: Guess
    vat_included: bool | None = None
    rows: int | None = None
    last_day: dt.date | None = None
    first_rows: tuple[Mapping[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def propose(origins: Sequence[Origin], *, settings: str | None = None, tried: bool = True) -> Proposal:
    """Find out how to read an export.

    Parameters
    ----------
    origins
        Files of one export, or one SQLite database.
    settings
        The file that will hold the settings, for remedies.
    tried
        Whether every row is read as proposed, to see that it can be, and what dates and numbers tell; whoever reads
        them next anyway does without.

    Returns
    -------
    Proposal
        With problems where a person must choose.

    Raises
    ------
    DataError
        If a file cannot be opened at all, or a database has no table.
    """
    engine = Engine()
    try:
        engine.run("read_macros")
        if _is_database(origins[0]):
            return _of_database(engine, origins[0], settings, tried=tried)
        return _propose(engine, tuple(origins), settings, tried=tried)
    except Refused as refused:
        raise DataError(refused.found) from None
    finally:
        engine.close()


def _is_database(origin: Origin) -> bool:
    if origin.path is None:
        return False
    try:
        with origin.path.open("rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:  # opening it again tells why
        return False


def _of_database(engine: Engine, origin: Origin, settings: str | None, *, tried: bool) -> Proposal:
    """Propose the table that has most of what an order needs."""
    offers: list[tuple[tuple[int, int], str]] = []
    for table, names in sqlite_tables(origin.file, shown=origin.name).items():
        every = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)} LIMIT {FIRST}"
        try:
            found = choose(look(engine, _asked(origin, every)).samples).columns
        except (DataError, Refused):  # an empty table, or one of pictures: no orders
            continue
        needed = ("order_date" in found, not found.keys().isdisjoint(IDENTITY), _has_amount(found))
        wanted = dict.fromkeys(quoted(guess.value or "") for guess in found.values())
        query = f"SELECT {', '.join(wanted)} FROM {quoted(table)}"
        offers.append(((sum(needed), len(found)), query))
    if not any(score[1] for score, _ in offers):
        expected = "a database with a table of orders"
        raise DataError([Problem(file=origin.name, expected=expected, remedy="Write source.query for it yourself.")])
    _, query = max(offers)
    return replace(_propose(engine, (_asked(origin, query),), settings, tried=tried), query=query)


def _asked(origin: Origin, query: str) -> Origin:
    def ask() -> Result:
        return run_query(origin.file, query, shown=origin.name)

    return Origin(name=origin.name, query=ask)


def _propose(engine: Engine, origins: tuple[Origin, ...], settings: str | None, *, tried: bool) -> Proposal:
    seen = [look(engine, origin) for origin in origins]
    layout = _layout(seen)
    chosen = _chosen(seen, layout, settings)
    samples = whereabouts.of(chosen.columns, seen[0].samples)
    money = whereabouts.currency(samples, seen[0].table.names, chosen.language)
    zone = whereabouts.time_zone(samples, money, chosen.language)
    found = _dialects(seen)
    ingest = Ingest.model_validate(
        {
            "layout": layout.value,
            "identity": "email" if _new_ids(samples) else "id",
            "columns": Columns(**{field: guess.value for field, guess in chosen.columns.items()})
            if layout.value == "generic"
            else Columns(),
            **{name: guess.value for name, guess in found.items()},
        }
    )
    proposal = Proposal(
        origins=origins,
        layout=layout,
        columns=chosen.columns,
        settings=found,
        ingest=ingest,
        currency=money,
        time_zone=zone,
        vat_included=_vat(seen[0], chosen),
        notes=(*chosen.notes, *_notes(samples)),
    )
    if wrong := _empty(seen) or (layout.value == "generic" and _missing(seen[0], chosen, samples)):
        return replace(proposal, problems=wrong)
    if not tried:
        return proposal
    reading = Reading(
        origins=origins,
        ingest=ingest,
        time_zone=zone.value or whereabouts.HOME,
        currency=money.value,
        settings=settings,
    )
    return _tried(proposal, try_out(engine, seen, reading))


def _tried(proposal: Proposal, trial: Trial) -> Proposal:
    """Add what reading all rows has shown."""
    found = {**proposal.settings, **trial.settings}
    ingest = proposal.ingest.model_copy(update={name: guess.value for name, guess in trial.settings.items()})
    money = proposal.currency
    if len(trial.currencies) > 1:
        why = f"the rows name several ({', '.join(trial.currencies)}): set rates, or leave out the others"
        money = replace(money, sure="unsure", why=why)
    elif trial.currencies and money.value is None:
        money = Guess(value=trial.currencies[0], sure="certain", why="every row that names one names it")
    return replace(
        proposal,
        settings=found,
        ingest=ingest,
        currency=money,
        rows=trial.rows,
        last_day=trial.last_day,
        first_rows=trial.first_rows,
        problems=trial.problems,
    )


def _layout(seen: Sequence[Seen]) -> Guess:
    names = sorted({one.layout.name if one.layout else "generic" for one in seen})
    if len(names) > 1:
        return Guess(value="auto", sure="unsure", why=f"the files are of different layouts: {', '.join(names)}")
    if seen[0].layout is None:
        return Guess(value="generic", sure="likely", why="the columns are those of no layout that is known")
    return Guess(value=names[0], sure="certain", why=f"the columns are those of {seen[0].layout.title}")


def _chosen(seen: Sequence[Seen], layout: Guess, settings: str | None) -> Chosen:
    """Choose the columns; of a known layout they are the layout's, of several files those that all have."""
    first = seen[0]
    chosen = choose(first.samples)
    if layout.value == "generic":
        shared = set(first.table.names).intersection(*(one.table.names for one in seen))
        columns = {our: guess for our, guess in chosen.columns.items() if guess.value in shared}
        return replace(chosen, columns=columns)
    reading = Reading(origins=[first.origin], settings=settings)
    try:
        columns = {
            our: Guess(value=name, sure="certain", why="the layout's")
            for our, name in map_columns(first.table, first.origin, reading).columns.items()
        }
    except Refused:  # the trial will tell why
        columns = {}
    return Chosen(columns=columns, language=chosen.language)


def _dialects(seen: Sequence[Seen]) -> dict[str, Guess]:
    """Return how text and sheets are written down, as far as all files are written alike."""
    found: dict[str, Guess] = {}
    for name in ("encoding", "delimiter", "header_line", "sheet"):
        guesses = [one.dialect[name] for one in seen if name in one.dialect]
        if len({guess.value for guess in guesses}) > 1 or (guesses and len(guesses) < len(seen)):
            found[name] = Guess(value=None, sure="certain", why="each file has its own, and is read with it")
        elif guesses:
            found[name] = min(guesses, key=lambda guess: ("unsure", "likely", "certain").index(guess.sure))
    return found


def _vat(first: Seen, chosen: Chosen) -> bool | None:
    if first.layout is not None:
        return first.layout.vat_included
    amount = chosen.columns.get("amount") or chosen.columns.get("unit_price")
    return vat_included(amount.value) if amount else None


def _has_amount(columns: Mapping[str, Guess]) -> bool:
    return "amount" in columns or {"quantity", "unit_price"} <= columns.keys()


def _new_ids(samples: Mapping[str, Sample]) -> bool:
    """Tell whether the shop gives out a new customer id with every order, while e-mail addresses come again."""
    customer, email = samples.get("customer_id"), samples.get("email")
    if customer is None or email is None or len(customer.values) < ENOUGH:
        return False
    return customer.different == len(customer.values) and email.different < len(email.values)


def _notes(samples: Mapping[str, Sample]) -> Iterable[str]:
    if _new_ids(samples):
        yield (
            f"No value of '{samples['customer_id'].name}' comes twice, but e-mail addresses do: the shop seems to give "
            "out a new id with every order. Customers are told apart by e-mail (identity: email)."
        )


def _empty(seen: Sequence[Seen]) -> tuple[Problem, ...]:
    """Describe the files that have nothing below their header."""
    empty = [one.origin for one in seen if not any(sample.values for sample in one.samples)]
    return tuple(problems.empty(origin) for origin in empty)


def _missing(first: Seen, chosen: Chosen, samples: Mapping[str, Sample]) -> tuple[Problem, ...]:
    """Say in plain words what a table of orders must have and this one has not."""
    columns = chosen.columns
    line = () if first.table.header_line is None else (first.table.header_line,)
    if (header := first.dialect.get("header_line")) and header.why == NO_NAMES:
        remedy = "Write a line with names above the rows, or ask for an export that has one."
        expected = "a line with the columns' names; this one holds values"
        return (Problem(file=first.origin.name, lines=line, count=1, expected=expected, remedy=remedy),)
    names = first.table.names
    again = [
        problems.duplicate_column(first.origin, first.table.header_line, name, names.count(name))
        for name in dict.fromkeys(names)
        if names.count(name) > 1 and any(match_name(field, name) for field in CORE - columns.keys())
    ]
    choices = f" to one of: {', '.join(filter(None, names[:MOST_NAMED]))}{', ...' * (len(names) > MOST_NAMED)}."
    customer = samples.get("customer_id")
    a_list = customer is not None and customer.different == len(customer.values) > 1
    wanted = (
        (
            "order_date" in columns,
            "a column of dates; there is none, so no cohorts, no RFM segments and no forecast",
            "Ask for an export with one row an order and the day of it"
            + ("; in this one a row seems to be a customer." if a_list else "."),
        ),
        (
            _has_amount(columns),
            "a column of amounts, or columns of quantities and unit prices",
            f"Set ingest.columns.amount{choices}",
        ),
        (
            not columns.keys().isdisjoint(IDENTITY),
            "a column of customer ids, e-mail addresses or phone numbers",
            f"Set ingest.columns.customer_id{choices}",
        ),
    )
    missing = [
        Problem(file=first.origin.name, lines=line, count=len(line), expected=expected, remedy=remedy)
        for there, expected, remedy in wanted
        if not there
    ]
    return (*(again if missing else ()), *missing)
