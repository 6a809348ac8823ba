"""What counts, and for whom: from the rows of all files to the rows that every figure is made of.

Goes in: the engine's ``file_rows`` (``sql/file_rows.sql``), rows as the files have them.  Comes out: ``usable_rows``,
in one currency, each with its customer and counted once, and ``quality.Source``, which says what was left out, merged
and noticed.  Each step is one file ``sql/settle_*.sql``; a row is left out for the first reason that fits, and is
counted there, so that rows kept and rows left out always add up to the rows read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.engine import Engine
from loyalty_lib.errors import DataError
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest import currencies, rules
from loyalty_lib.ingest.identity import find_people
from loyalty_lib.ingest.overlap import Overlap, count_duplicates, drop_overlap, one
from loyalty_lib.quality import Gap, GiantOrder, LeftOut, Source

FEW_ORDERS: Final = 50  # below this, customers who come once say nothing of their ids
FRESH: Final = 0.98  # customers an order beyond which ids do not seem to last


def settle(
    engine: Engine,
    *,
    ingest: Ingest,
    names: Sequence[str],
    drop_list: Collection[str],
    currency: str | None,
    rates: Mapping[str, float] | Sequence[tuple[str, dt.date | None, float]] | None,
    there: str,
) -> Source:
    """Turn ``file_rows`` into ``usable_rows``.

    Parameters
    ----------
    engine
        Holds ``file_rows``, which stays as it is, and the macros of ``sql/read_macros.sql``.
    ingest
        What makes a customer, and what is left out.
    names
        Of the files, by their number in ``file_rows``.
    drop_list
        Customer ids, e-mail addresses and phone numbers of those who are in nothing.
    currency
        The client's; rows that name none are in it.  ``None`` where it is not known.
    rates
        What one unit of another currency is worth in the client's: always, or from a day on.
    there
        Where settings are set, to end a remedy with: " in clients/acme/client.yml", or nothing.

    Returns
    -------
    quality.Source
        What the files hold.

    Raises
    ------
    DataError
        If amounts are in several currencies and no rate says what they are worth; all problems at once.
    """
    try:
        return _settle(engine, ingest, names, drop_list, currency, rates, there)
    finally:
        _tidy(engine)


def _settle(
    engine: Engine,
    ingest: Ingest,
    names: Sequence[str],
    drop_list: Collection[str],
    currency: str | None,
    rates: currencies.Rates | None,
    there: str,
) -> Source:
    if problems := currencies.wrong_rates(rates, there):
        raise DataError(problems)
    email_first = ingest.identity == "email"
    marker = rules.find_orders(engine, ingest)
    find_people(engine, email_first=email_first, drop_list=drop_list)
    dated = currencies.prepare(engine, currency=currency, rates=rates)
    engine.create("settle_rows", "settle_rows", marker=marker, email_first=email_first)
    code, problems, notes = currencies.settled(engine, names, currency=currency, dated=dated, there=there)
    if problems:
        raise DataError(problems)

    duplicates = count_duplicates(engine, drop=ingest.duplicates == "all")
    overlap = Overlap(0, 0) if ingest.duplicates == "keep" else drop_overlap(engine, names)
    facts = one(engine, "settle_facts")
    orders = one(engine, "settle_orders")
    engine.create("settle_orphans", "settle_orphans")
    engine.create("settle_matches", "settle_matches")
    engine.run("settle_match")
    engine.create("usable_rows", "settle_usable")

    (matched,) = engine.connection.execute("SELECT count(*) FROM settle_matches").fetchall()[0]
    shared_emails = one(engine, "settle_shared_emails")["shared_emails"]
    consent = one(engine, "settle_consent")
    if fresh := _fresh_ids(engine, ingest, facts, orders):
        notes.insert(0, fresh)
    return Source(
        **facts,
        orders=orders["orders"],
        zero_orders=orders["zero_orders"],
        currency=code,
        duplicates=duplicates,
        guests_merged=one(engine, "settle_guests")["guests_merged"],
        shared_emails=shared_emails,
        overlapping_orders=overlap.orders,
        revised_orders=overlap.revised,
        refunds_matched=matched,
        consent_asked=consent["asked"] or None,
        consent_given=consent["given"] if consent["asked"] else None,
        fields=frozenset(name for name, count in one(engine, "settle_fields").items() if count),
        left_out=_left_out(engine, code),
        giant_orders=tuple(GiantOrder(**row) for row in engine.arrow("settle_giants").to_pylist()),
        gaps=tuple(Gap(**row) for row in engine.arrow("settle_gaps").to_pylist()),
        notes=(*notes, *_notes(overlap, matched, shared_emails)),
    )


def _tidy(engine: Engine) -> None:
    """Drop what the steps left on their way."""
    names = "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, 'settle_')"
    for (name,) in engine.connection.execute(names).fetchall():
        engine.connection.execute(f"DROP TABLE {name}")


def _left_out(engine: Engine, currency: str | None) -> tuple[LeftOut, ...]:
    found = []
    for row in engine.arrow("settle_left_out").to_pylist():
        # An amount that was not converted is no amount in the client's currency: it says which it is in.
        other = row["code"] if currency and row["code"] != currency else None
        detail = " ".join(part for part in (row["detail"], f"({other})" if other else "") if part)
        found.append(LeftOut(reason=row["reason"], rows=row["rows"], amount=row["amount"], detail=detail))
    return tuple(found)


def _fresh_ids(engine: Engine, ingest: Ingest, facts: Mapping[str, Any], orders: Mapping[str, int]) -> Message | None:
    """Say so where hardly any customer has a second order: the ids do not last, and nobody is seen to return."""
    customers, bought = facts["customers"], orders["customer_orders"]
    if bought < FEW_ORDERS or customers <= FRESH * bought:
        return None
    if ingest.identity == "email" or orders["id_orders"] <= FRESH * bought:
        sentence = mark(
            "Nearly every order has a customer of its own ({customers:number} customers, {orders:number} orders): "
            "nobody is seen to return."
        )
        return Message(sentence, customers=customers, orders=bought)
    returning = one(engine, "settle_returning")
    if returning["orders"] >= FEW_ORDERS and returning["emails"] <= FRESH * returning["orders"]:
        sentence = mark(
            "Nearly every order has a customer id of its own ({customers:number} ids, {orders:number} orders): the id "
            "changes with every order, so nobody is seen to return. The e-mail addresses do return: set "
            "ingest.identity: email."
        )
    else:
        sentence = mark(
            "Nearly every order has a customer id of its own ({customers:number} ids, {orders:number} orders): the id "
            "changes with every order, so nobody is seen to return."
        )
    return Message(sentence, customers=customers, orders=bought)


def _notes(overlap: Overlap, matched: int, shared_emails: int) -> list[Message]:
    notes = []
    if overlap.orders:
        notes.append(
            Message(mark("Orders that stand in more than one file count once: {orders:number}."), orders=overlap.orders)
        )
    if overlap.revised:
        notes.append(
            Message(
                mark("Orders that the files tell differently count as the newest file has them: {orders:number}."),
                orders=overlap.revised,
            )
        )
    if matched:
        notes.append(
            Message(
                mark(
                    "Refunds that name another order than the one they take back were given to the customer's last "
                    "purchase of the same product and amount: {rows:number}."
                ),
                rows=matched,
            )
        )
    if shared_emails:
        notes.append(
            Message(
                mark("E-mail addresses under which more than one customer id stands: {emails:number}."),
                emails=shared_emails,
            )
        )
    return notes
