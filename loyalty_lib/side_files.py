"""A client's files beside the orders: answers to a survey, complaints, contracts, members of the programme.

Goes in: ``ClientConfig``.  Comes out: one DataFrame a file, ``None`` where the settings name none.  Customers on the
drop-list are in none of them, and nothing after the as-of date is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from loyalty_lib.errors import DataError, Problem
from loyalty_lib.ingest.reading import files
from loyalty_lib.ingest.side_file import Field, Kind, read_side_file

if TYPE_CHECKING:
    from loyalty_lib.config import ClientConfig
    from loyalty_lib.config.analyses import Complaints, Contacts, Members, Subscriptions, Survey

Need = Literal["column", "value"] | None
CONTACT_TEXTS: Final = ("email", "phone", "consent_email", "consent_sms", "objection")


def answers(config: ClientConfig, until: dt.date, dropped: Collection[str]) -> pd.DataFrame | None:
    """Return the answers given up to ``until``: customer_id, answered_on, nps, csat (text as written), weight."""
    wanted = config.survey
    if wanted is None:
        return None
    fields = [
        _field("survey", wanted, "customer_id", "id", "column"),
        _field("survey", wanted, "answered_on", "day", "value"),
        _field("survey", wanted, "nps", "text"),
        _field("survey", wanted, "csat", "text"),
        _field("survey", wanted, "weight", "number"),
    ]
    table = _read(config, wanted.path, "survey", fields, dropped)
    if table["weight"].isna().all():
        table["weight"] = 1.0
    return _until(table, "answered_on", until)


def complaints(config: ClientConfig, until: dt.date, dropped: Collection[str]) -> pd.DataFrame | None:
    """Return the complaints made up to ``until``: customer_id, complained_on."""
    wanted = config.complaints
    if wanted is None:
        return None
    fields = [
        _field("complaints", wanted, "customer_id", "id", "column"),
        _field("complaints", wanted, "complained_on", "day", "value"),
    ]
    return _until(_read(config, wanted.path, "complaints", fields, dropped), "complained_on", until)


def subscriptions(config: ClientConfig, until: dt.date, dropped: Collection[str]) -> pd.DataFrame | None:
    """Return the contracts begun up to ``until``: customer_id, start, end, plan, amount (a month).

    An end after ``until`` is kept: it is known then if it was given notice of, and the analysis decides.
    """
    wanted = config.subscriptions
    if wanted is None:
        return None
    fields = [
        _field("subscriptions", wanted, "customer_id", "id", "value"),
        _field("subscriptions", wanted, "start", "day", "column"),
        _field("subscriptions", wanted, "end", "day", "column"),
        _field("subscriptions", wanted, "plan", "text"),
        _field("subscriptions", wanted, "amount", "number", "column"),
    ]
    table = _read(config, wanted.path, "subscriptions", fields, dropped)
    table["amount"] = table["amount"] / wanted.every_months
    return _until(table, "start", until)


def members(config: ClientConfig, until: dt.date, dropped: Collection[str]) -> pd.DataFrame | None:
    """Return the members of the loyalty programme who joined up to ``until``: customer_id, since."""
    wanted = config.programme.members if config.programme else None
    if wanted is None:
        return None
    fields = [
        _field("programme.members", wanted, "customer_id", "id", "value"),
        _field("programme.members", wanted, "since", "day"),
    ]
    table = _read(config, wanted.path, "programme.members", fields, dropped)
    first = table.sort_values(["customer_id", "since"]).drop_duplicates("customer_id", ignore_index=True)
    return _until(first, "since", until)


def contacts(config: ClientConfig, dropped: Collection[str]) -> pd.DataFrame | None:
    """Return how customers are reached: customer_id, email, phone, consent_email, consent_sms, objection, birthday.

    All but the birthday are text as written; a column that the file does not have is missing throughout.
    """
    wanted = config.contacts
    if wanted is None:
        return None
    fields = [
        _field("contacts", wanted, "customer_id", "id", "value"),
        *(_field("contacts", wanted, name, "text") for name in CONTACT_TEXTS),
        _field("contacts", wanted, "birthday", "day"),
    ]
    return _read(config, wanted.path, "contacts", fields, dropped)


def problems_of(config: ClientConfig, until: dt.date, dropped: Collection[str]) -> list[Problem]:
    """Read every side file that the settings name, and return what is wrong with them."""
    found: list[Problem] = []
    for read in (answers, complaints, subscriptions, members):
        try:
            read(config, until, dropped)
        except DataError as error:
            found += error.problems
    try:
        contacts(config, dropped)
    except DataError as error:
        found += error.problems
    return found


def _field(
    section: str,
    settings: Survey | Complaints | Subscriptions | Members | Contacts,
    name: str,
    kind: Kind,
    need: Need = None,
) -> Field:
    column = str(getattr(settings, name))
    filled = need == "value"
    return Field(
        name=name, column=column, kind=kind, setting=f"{section}.{name}", needed=need is not None, filled=filled
    )


def _read(
    config: ClientConfig, path: str, section: str, fields: Sequence[Field], dropped: Collection[str]
) -> pd.DataFrame:
    settings = f"clients/{config.client}/client.yml"
    shown = config.folder.relative_to(config.folder.parents[1])
    remedy = f"Put the file there, or mend {section} in {settings}."
    tables = [
        read_side_file(origin, fields, settings=settings, time_zone=config.time_zone)
        for origin in files(path, folder=config.folder, shown=shown, remedy=remedy)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[~table["customer_id"].isin(list(dropped))].reset_index(drop=True)


def _until(table: pd.DataFrame, column: str, until: dt.date) -> pd.DataFrame:
    """Leave out what came later; what has no day is kept."""
    return table[~(table[column] > pd.Timestamp(until))].reset_index(drop=True)
