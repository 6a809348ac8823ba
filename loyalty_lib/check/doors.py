"""The ways to a verdict: a client's settings, files nobody has described yet, or what a report has already read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loyalty_lib.branding import Dressing, dressing
from loyalty_lib.check.pages import ANALYSES, Facts, Known, no_pages, pages_of
from loyalty_lib.check.survey import survey
from loyalty_lib.check.verdict import Verdict
from loyalty_lib.config import ClientConfig, load_config
from loyalty_lib.errors import ConfigError, DataError, Problem, in_order
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest import Reading, files
from loyalty_lib.ingest.mapping import IDENTITY, LAYOUTS
from loyalty_lib.progress import Step, silent
from loyalty_lib.quality import FileRead
from loyalty_lib.side_files import problems_of
from loyalty_lib.sources import client_reading, drop_list
from loyalty_lib.validate import END_OF_TIME, NoPurchaseError, Refunds, Transactions, load

if TYPE_CHECKING:
    from loyalty_lib.inputs import Inputs

ZONE: Final = "Europe/Oslo"  # of files that nobody has described


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be judged, besides the data: names, settings, and the last day observed where it is known."""

    name: str
    client: str | None = None
    language: str = "en"
    dressing: Dressing = field(default_factory=Dressing)
    known: Known = field(default_factory=Known)
    currency: str | None = None
    time_zone: str = ZONE
    observed_until: dt.date | None = None


def check_client(client: str, *, step: Step = silent) -> Verdict:
    """Judge a client's data, all of it up to the last day observed.

    Parameters
    ----------
    client
        The name of its folder.
    step
        Told what is being done.

    Returns
    -------
    Verdict
        Not usable, with every problem, where the data cannot be read as they stand.

    Raises
    ------
    UsageError
        If there is no such client, or its settings are wrong.
    MissingToolError
        If the data ship in a package that is not installed.
    """
    config = load_config(client)
    asked = _asked(config)
    step("reading", 0.0)
    try:
        reading, dropped = replace(client_reading(config), step=step), drop_list(config)
    except ConfigError:  # a data error too, but one of the settings
        raise
    except DataError as error:
        return _unread(error.problems, asked)
    verdict = _judge(reading, asked, refunds=config.refunds, dropped=dropped)
    beside = problems_of(config, config.observed_until or END_OF_TIME, dropped)
    if not beside:
        return verdict
    # A report reads these files too, and stops at what it cannot read.
    return replace(verdict, usable=False, problems=in_order((*verdict.problems, *beside)))


def check_data(data: str, *, step: Step = silent) -> Verdict:
    """Judge files that nobody has described: layout, dialect and columns are found out.

    Parameters
    ----------
    data
        A file, or a glob of files.
    step
        Told what is being done.

    Returns
    -------
    Verdict
        Not usable, with every problem, where the files cannot be read, or not for certain.
    """
    from loyalty_lib.ingest.sniff import propose

    asked = Asked(name=data)
    step("finding out how it is written", 0.0)
    try:
        proposal = propose(files(Path(data).expanduser()), tried=False)
    except DataError as error:
        return _unread(error.problems, asked)
    currency, zone = proposal.currency.value, proposal.time_zone.value or ZONE
    asked = Asked(
        name=data, known=Known(cadence=None, vat_included=proposal.vat_included), currency=currency, time_zone=zone
    )
    reading = Reading(
        origins=proposal.origins,
        ingest=proposal.ingest,
        time_zone=zone,
        currency=currency,
        step=step,
    )
    if proposal.problems:
        verdict = _unread(proposal.problems, asked, reading)
    else:
        verdict = _judge(reading, asked, refunds="net", dropped=())
    known = {str(note) for note in verdict.notes}
    added = (Message("{note:text}", note=note) for note in proposal.notes if note not in known)
    return replace(verdict, notes=(*verdict.notes, *added))


def check_inputs(inputs: Inputs) -> Verdict:
    """Judge what a report has read: the client's data up to the period's end."""
    return judge(inputs.transactions, _asked(inputs.config, until=inputs.period.end))


def judge(transactions: Transactions, asked: Asked) -> Verdict:
    """Judge transactions that could be read.

    Parameters
    ----------
    transactions
        With a purchase.
    asked
        Names and settings.
    """
    used = transactions.quality
    found = used.source
    known = _with_vat(asked.known, used.files)
    facts = Facts(
        customers=used.customers,
        orders=used.orders,
        first_day=used.first_day,
        last_day=max(used.last_day, asked.observed_until or used.last_day),
        email="email" in found.fields,
        consent_asked=found.consent_asked,
        consent_given=found.consent_given,
        **transactions.engine.arrow("check_facts").to_pylist()[0],
    )
    judged = pages_of(facts, known)
    return Verdict(
        name=asked.name,
        client=asked.client,
        language=asked.language,
        dressing=asked.dressing,
        usable=any(page.carried and page.name in ANALYSES for page in judged),
        rows=found.rows,
        source=found,
        used=used,
        files=used.files,
        pages=judged,
        currency=asked.currency or found.currency,
        vat_included=known.vat_included,
        time_zone=asked.time_zone,
        personal=_personal(used.files),
        notes=used.notes,
    )


def _judge(reading: Reading, asked: Asked, *, refunds: Refunds, dropped: Collection[str]) -> Verdict:
    until = asked.observed_until or END_OF_TIME
    try:
        transactions = load(reading, refunds=refunds, drop_list=dropped, until=until)
    except NoPurchaseError as error:
        return _without_purchase(error, asked)
    except DataError as error:
        return _unread(error.problems, asked, reading)
    try:
        return judge(transactions, asked)
    finally:
        transactions.engine.close()


def _without_purchase(error: NoPurchaseError, asked: Asked) -> Verdict:
    """Say what data hold in which nobody known has bought anything."""
    found, read = error.source, error.files
    if not found.orders:
        reason = Message(mark("Every row was left out; no sale remains."))
    elif found.customers:
        reason = Message(mark("No customer has bought anything on or before the last day observed."))
    else:
        reason = Message(mark("No row says who bought, and every page is about customers."))
    known = _with_vat(asked.known, read)
    return Verdict(
        name=asked.name,
        client=asked.client,
        language=asked.language,
        dressing=asked.dressing,
        usable=False,
        rows=found.rows,
        source=found,
        used=None,
        files=read,
        pages=no_pages(reason),
        problems=error.problems,
        currency=asked.currency or found.currency,
        vat_included=known.vat_included,
        time_zone=asked.time_zone,
        personal=_personal(read),
        notes=found.notes,
    )


def _unread(problems: Sequence[Problem], asked: Asked, reading: Reading | None = None) -> Verdict:
    """Say what is known of data that cannot be read as they stand."""
    known = survey(reading) if reading else None
    columns = reading.ingest.columns.model_dump(include=set(IDENTITY), exclude_none=True) if reading else {}
    notes: tuple[Message, ...] = ()
    if known and known.churn:
        said = Message(
            mark("{churned:number} of {customers:number} customers have left ({share:percent.2}), says {column:text}."),
            churned=known.churn.churned,
            customers=known.churn.customers,
            share=known.churn.share,
            column=known.churn.column,
        )
        notes = (said,)
    reason = (known and known.reason) or Message(mark("The data cannot be read as they stand; see the problems."))
    return Verdict(
        name=asked.name,
        client=asked.client,
        language=asked.language,
        dressing=asked.dressing,
        usable=False,
        rows=known.rows if known else None,
        source=None,
        used=None,
        files=(),
        pages=no_pages(reason),
        problems=in_order(problems),
        currency=asked.currency,
        vat_included=asked.known.vat_included,
        time_zone=asked.time_zone,
        personal=frozenset(columns.values()) | frozenset(IDENTITY),
        churn=known.churn if known else None,
        notes=notes,
    )


def _asked(config: ClientConfig, until: dt.date | None = None) -> Asked:
    known = Known(
        cadence=config.cadence,
        vat_included=config.vat_included,
        valued=config.clv is not None,
        survey=config.survey is not None,
        contacts=config.contacts is not None,
    )
    return Asked(
        name=config.name,
        client=config.client,
        language=config.language,
        dressing=dressing(config),
        known=known,
        currency=config.currency,
        time_zone=config.time_zone,
        observed_until=until or config.observed_until,
    )


def _with_vat(known: Known, read: Sequence[FileRead]) -> Known:
    """Take what the layouts say of VAT, where the settings say nothing."""
    told = {layout.vat_included for layout in LAYOUTS for file in read if layout.name == file.layout}
    if known.vat_included is not None or len(told) != 1:
        return known
    return replace(known, vat_included=told.pop())


def _personal(read: Sequence[FileRead]) -> frozenset[str]:
    return frozenset(file.columns[field] for file in read for field in IDENTITY if field in file.columns)
