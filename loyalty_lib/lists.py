"""Contact lists: the customers of each action with how to reach them, in a folder of their own.

Goes in: a client's name and a period.  Comes out: ``lists/<client>/<period>/<list>-email.csv`` and ``-sms.csv``, the
folder closed to everybody else (0700, files 0600).  A file holds the contact, the segment and the reason, and no more.
Left out are the control group, those who objected, and everyone who did not agree to that very channel; a word that is
neither yes nor no is not consent.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib import i18n, paths, swap
from loyalty_lib.analyses.action_lists import action_lists
from loyalty_lib.analyses.action_names import list_name
from loyalty_lib.analyses.lifetime import lifetime
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.errors import DataError, LoyaltyError, Problem
from loyalty_lib.i18n import gettext, mark, say, say_many
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.inputs import Inputs, load_inputs
from loyalty_lib.periods import DAY
from loyalty_lib.progress import Step, silent
from loyalty_lib.side_files import contacts
from loyalty_lib.sources import drop_list
from loyalty_lib.tables.table import write_csv

if TYPE_CHECKING:
    from rich.table import Table

PATIENCE: Final = 10.0  # seconds to wait for another run of the same client
CHANNELS: Final = {"email": "consent_email", "sms": "consent_sms"}  # and the column with the consent to it
REACHED_AT: Final = {"email": "email", "sms": "phone"}
YES: Final = frozenset(
    {"yes", "y", "true", "t", "1", "1.0", "x", "ja", "j", "kyllä", "k", "on", "opted in", "subscribed"}
)
NO_OBJECTION: Final = frozenset({"", "no", "n", "false", "f", "0", "0.0", "nei", "nej", "ei"})
BIRTHDAY: Final = "birthday"
REASONS: Final = {
    "win_back": mark("Has not bought for long"),
    "second_purchase": mark("Has bought once"),
    "do_not_lose": mark("One of the most valuable customers"),
    BIRTHDAY: mark("Birthday"),
}
NAMES: Final = {BIRTHDAY: mark("Birthday")}


@dataclass(frozen=True, kw_only=True)
class Written:
    """One list.

    Attributes
    ----------
    name
        Its key.
    customers, control
        On the list, and left alone of them.
    reached
        Contacts written, by channel.
    """

    name: str
    customers: int
    control: int
    reached: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Lists:
    """What was written, and where."""

    folder: Path
    lists: tuple[Written, ...]
    channels: tuple[str, ...]


def write_lists(client: str, period: str | None = None, *, step: Step = silent, patience: float = PATIENCE) -> Lists:
    """Write a client's contact lists.

    Parameters
    ----------
    client
        Its name.
    period
        As a user types it; without one, the last complete period.
    step
        Told what is being done.
    patience
        Seconds to wait for another run of the same client.

    Returns
    -------
    Lists
        What was written; the lists of the period before it are replaced.

    Raises
    ------
    DataError
        If there is no file of contacts, or none of its columns says who agreed to be written to.
    LoyaltyError
        If data or disk are in the way; the lists before are untouched.
    """
    step("orders", 0.0)
    inputs = load_inputs(client, period)
    i18n.activate(inputs.config.language, inputs.config.currency)
    people = _people(inputs)
    channels = _channels(inputs, people)
    step("forecast", 0.3)
    listed = _listed(inputs, people)
    step("lists", 0.9)
    place = paths.list_folder(client, inputs.period.label)
    try:
        with _closed(), swap.claim(place.parent, patience):
            swap.recover(place.parent)
            with swap.building(place) as folder:
                written = [
                    _write(folder, name, rows, people, channels) for name, rows in listed.groupby("list", sort=False)
                ]
                (folder / "run.json").write_text(_manifest(inputs), encoding="utf-8")
    except OSError as error:
        message = (
            f"The lists could not be written: {error.strerror or error}: {error.filename or place}. Free some space, "
            "close the file or mend its permissions, then try again. The lists before them are unchanged."
        )
        raise LoyaltyError(message) from error
    return Lists(folder=place, lists=tuple(written), channels=channels)


def told(made: Lists) -> Table:
    """Return the closing table."""
    from rich.table import Table

    shown = Table("List", box=None, pad_edge=False)
    for heading in ("Customers", "Left alone", *(f"By {channel}" for channel in made.channels)):
        shown.add_column(heading, justify="right")
    for one in made.lists:
        counts = (one.customers, one.control, *(one.reached[channel] for channel in made.channels))
        shown.add_row(_name(one.name), *(str(count) for count in counts))
    return shown


@contextmanager
def _closed() -> Generator[None]:
    """Make files and folders that nobody else can open (0600 and 0700) until the block ends."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _people(inputs: Inputs) -> pd.DataFrame:
    """Return one row a customer who may be written to; of several rows the strictest answer counts."""
    found = contacts(inputs.config, drop_list(inputs.config))
    if found is None:
        expected = "contacts, the file that says how customers are reached and who agreed to be written to"
        remedy = "Set contacts in it, such as contacts: data/contacts.csv."
        raise DataError([Problem(file=f"clients/{inputs.config.client}/client.yml", expected=expected, remedy=remedy)])
    table = found[["customer_id"]].assign(
        refuses=~_word(found["objection"]).isin(NO_OBJECTION),
        **{channel: _word(found[consent]).isin(YES) for channel, consent in CHANNELS.items()},
    )
    strict = table.groupby("customer_id").agg({"refuses": "any", **dict.fromkeys(CHANNELS, "all")})
    people = found.drop_duplicates("customer_id").set_index("customer_id")[["email", "phone", "birthday"]]
    for channel, column in REACHED_AT.items():
        agreed = strict[channel].reindex(people.index) & ~strict["refuses"].reindex(people.index)
        keys = _word(people[column])
        # Two customers may share an address: one who said no is not written to at the other's.
        people[_allowed(channel)] = agreed & (keys != "") & ~keys.isin(set(keys[~agreed]))
    return people


def _allowed(channel: str) -> str:
    """Name the column that says whether a customer may be written to by a channel."""
    return f"by_{channel}"


def _word(texts: pd.Series) -> pd.Series:
    return texts.fillna("").str.strip().str.lower()


def _channels(inputs: Inputs, people: pd.DataFrame) -> tuple[str, ...]:
    channels = tuple(channel for channel in CHANNELS if people[_allowed(channel)].any())
    if not channels:
        wanted = inputs.config.contacts
        assert wanted is not None  # else there were no people
        remedy = (
            f"Name the columns with the consent in contacts.consent_email and contacts.consent_sms in clients/"
            f"{inputs.config.client}/client.yml; without consent no list is written."
        )
        file = f"clients/{inputs.config.client}/{wanted.path}"
        raise DataError(
            [Problem(file=file, expected="customers who agreed to be written to, found none", remedy=remedy)]
        )
    return channels


def _listed(inputs: Inputs, people: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list and customer: list, customer_id, segment, control and reason."""
    config, transactions, as_of = inputs.config, inputs.transactions, inputs.as_of
    segments = rfm(transactions, as_of, **config.rfm.model_dump())
    value = lifetime(transactions, as_of, segments, config.clv, config.unit)
    margin = config.clv.margin if config.clv else None
    contracts = config.subscriptions
    found = action_lists(
        transactions,
        inputs.period,
        segments,
        value,
        config.actions,
        margin,
        subscriptions=inputs.subscriptions,
        renewal_months=contracts.renewal_months if contracts else 12,
    ).customers
    rows = found[["list", "customer_id", "segment", "control"]].assign(reason=_reasons(found))
    return pd.concat([rows, _birthdays(inputs, people, segments.customers["segment"])], ignore_index=True)


def _reasons(rows: pd.DataFrame) -> pd.Series:
    """Say why each customer is on a list, from its columns; a phrase a distinct reason, not one a customer."""
    keys = rows[["list", "next_category", "expected_day", "years", "renewal_day"]]
    distinct = keys.drop_duplicates()
    said = distinct.assign(reason=[_reason(*values) for values in distinct.itertuples(index=False, name=None)])
    return keys.merge(said, how="left", on=list(keys.columns))["reason"].set_axis(rows.index)


def _reason(name: str, category: str, expected: pd.Timestamp, years: float, renewal: pd.Timestamp) -> str:
    if name in REASONS:
        return gettext(REASONS[name])
    match name:
        case "anniversary":
            return say_many("Customer for {count:number} year", "Customer for {count:number} years", int(years))
        case "renewal":
            return say("Renewal on {day:date}", day=renewal.date())
        case "cross_sell":
            return say("Offer: {category:text}", category=category)
        case _:
            return say("Next purchase due about {day:date}", day=expected.date())


def _birthdays(inputs: Inputs, people: pd.DataFrame, segment: pd.Series) -> pd.DataFrame:
    """List the customers of the segments whose birthday falls into the days to come; nobody is left alone on it."""
    born = people.loc[people.index.isin(segment.index), "birthday"].dropna()
    days = [inputs.as_of + ahead * DAY for ahead in range(1, inputs.config.actions.days + 1)]
    coming = {(day.month, day.day) for day in days}
    if dt.date(days[-1].year, 2, 28) in days and not calendar.isleap(days[-1].year):
        coming.add((2, 29))  # born on a leap day: kept on the 28th of other years
    dates = pd.MultiIndex.from_arrays([born.dt.month, born.dt.day])
    chosen = born.index[dates.isin(list(coming))]
    return pd.DataFrame(
        {
            "list": BIRTHDAY,
            "customer_id": chosen,
            "segment": segment.reindex(chosen).to_numpy(),
            "control": False,
            "reason": gettext(REASONS[BIRTHDAY]),
        }
    )


def _write(folder: Path, name: object, rows: pd.DataFrame, people: pd.DataFrame, channels: tuple[str, ...]) -> Written:
    """Write one list, a file a channel; every address once."""
    treated = rows[~rows["control"].astype(bool)].join(people, on="customer_id", how="inner")
    reached = {}
    for channel in channels:
        column = REACHED_AT[channel]
        chosen = treated[treated[_allowed(channel)]].drop_duplicates(column).sort_values(column)
        lines = zip(chosen[column], chosen["segment"].map(segment_name), chosen["reason"], strict=True)
        header = [column, "segment", "reason"]
        (folder / f"{name}-{channel}.csv").write_text(write_csv(header, lines), encoding="utf-8", newline="")
        reached[channel] = len(chosen)
    return Written(name=str(name), customers=len(rows), control=int(rows["control"].sum()), reached=reached)


def _name(key: str) -> str:
    return gettext(NAMES[key]) if key in NAMES else list_name(key)


def _manifest(inputs: Inputs) -> str:
    """Say when the lists were made and until when they may be kept."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    until = now + inputs.config.privacy.retention_days * DAY
    facts = {
        "client": inputs.config.client,
        "period": inputs.period.label,
        "created_at": now.isoformat(),
        "expires_at": until.isoformat(),
    }
    return json.dumps(facts, indent=2) + "\n"
