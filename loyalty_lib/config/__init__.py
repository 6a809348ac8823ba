"""A client's settings: ``clients/<client>/client.yml`` into a frozen ``ClientConfig``.

Unknown keys, wrong values and broken YAML are refused together, each with file, line and remedy.  People type this
file, so every message names the nearest valid key.  Only settings live here: no path is opened but the file itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from loyalty_lib.config.analyses import (
    Actions,
    Clv,
    Cohorts,
    Complaints,
    Contacts,
    Engagement,
    Programme,
    RetentionCost,
    Rfm,
    Subscriptions,
    Survey,
    path_alone,
)
from loyalty_lib.config.base import Inside, Settings, known_time_zone
from loyalty_lib.config.brand import Brand
from loyalty_lib.config.ingest import Ingest
from loyalty_lib.errors import ConfigError
from loyalty_lib.i18n import spoken_languages
from loyalty_lib.paths import check_slug, client_folder
from loyalty_lib.periods import MONTHS, Cadence, Period, choose_period
from loyalty_lib.settings_file import explain, problem_at, read_settings


def _currency(code: str) -> str:
    if code not in list_currencies():
        message = "a currency code of ISO 4217, such as NOK"
        raise ValueError(message)
    return code


def _language(code: str) -> str:
    known = spoken_languages()
    if code not in known:
        message = f"a language with a catalogue: {', '.join(known)}"
        raise ValueError(message)
    return code


class Lookup(Settings):
    """A second table beside the source, one row a ``key``, whose columns the orders may use: a list of products."""

    path: Inside
    key: str


class FileSource(Settings):
    """Files in the client's folder; ``path`` may be a glob."""

    kind: Literal["files"] = "files"
    path: Inside
    lookup: Lookup | None = None


class PackageSource(Settings):
    """A data file inside an installed Python package; ``extra`` names what ``make setup EXTRA=`` installs."""

    kind: Literal["package"]
    package: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    path: Inside
    extra: str | None = None
    lookup: Lookup | None = None


class SqlSource(Settings):
    """A query of a database.

    Attributes
    ----------
    path
        A SQLite file in the client's folder; or else
    url_env
        The environment variable that holds the database's URL, so that no password stands here.
    query
        A SELECT; its columns are read as a file's would be.
    """

    kind: Literal["sql"]
    path: Inside | None = None
    url_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    query: str = Field(min_length=1)
    lookup: Lookup | None = None

    @model_validator(mode="after")
    def _one_database(self) -> SqlSource:
        if (self.path is None) == (self.url_env is None):
            message = "either path, a SQLite file, or url_env, the environment variable with the database's URL"
            raise ValueError(message)
        return self


class SimulatedSource(Settings):
    """A simulated shop, drawn by ``simulate.py`` from this seed into the client's ``data`` folder."""

    kind: Literal["simulated"]
    seed: int = Field(ge=0)
    customers: int = Field(ge=100)
    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _ends_after_start(self) -> SimulatedSource:
        if self.end <= self.start:
            message = "an end after the start"
            raise ValueError(message)
        return self


def _files_unless_told(source: Any) -> Any:
    return {"kind": "files", **source} if isinstance(source, Mapping) else source


Source = Annotated[
    FileSource | PackageSource | SimulatedSource | SqlSource,
    Field(discriminator="kind"),
    BeforeValidator(_files_unless_told),
]


class Privacy(Settings):
    """Smallest group shown, largest share one customer may have of a money cell, and how long reports are kept."""

    minimum_cell: int = Field(default=5, ge=1)
    dominance: float = Field(default=0.5, gt=0, le=1)
    retention_days: int = Field(default=90, ge=1)


class Mail(Settings):
    """Who gets the report; the server and its password come from the environment, never from here."""

    to: tuple[Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")], ...] = Field(min_length=1)
    sender: Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
    subject: str | None = None


class ClientConfig(Settings):
    """Everything that is configuration of one client.

    Attributes
    ----------
    client
        The folder's name; never written in the file.
    about
        What a reader must know of the data, in the report's language; printed on the method page.
    observed_until
        Last day the data covers.  ``None`` means up to yesterday: a live feed.
    refunds
        ``net``: a refund counts on its own day; ``order_day``: on the day of its order; ``drop``: not at all.
    survey, complaints, subscriptions, contacts
        Files beside the orders, each read only by what needs it.
    rates
        What one unit of another currency is worth in ``currency``; or a CSV file with the columns currency, rate and,
        where rates change, day (from which on it holds).
    """

    client: Annotated[str, AfterValidator(check_slug)]
    name: str = Field(min_length=1)
    about: str | None = None
    source: Source
    currency: Annotated[str, AfterValidator(_currency)]
    language: Annotated[str, AfterValidator(_language)] = "en"
    time_zone: Annotated[str, AfterValidator(known_time_zone)] = "Europe/Oslo"
    cadence: Cadence = "quarter"
    observed_until: dt.date | None = None
    simulated: bool = False
    vat_included: bool | None = None
    unit: Literal["D", "W"] = "W"
    refunds: Literal["net", "order_day", "drop"] = "net"
    rates: dict[Annotated[str, AfterValidator(_currency)], Annotated[float, Field(gt=0)]] | Inside | None = None
    drop_list: Inside | None = None
    survey: Annotated[Survey | None, BeforeValidator(path_alone)] = None
    complaints: Annotated[Complaints | None, BeforeValidator(path_alone)] = None
    subscriptions: Annotated[Subscriptions | None, BeforeValidator(path_alone)] = None
    contacts: Annotated[Contacts | None, BeforeValidator(path_alone)] = None
    ingest: Ingest = Ingest()
    rfm: Rfm = Rfm()
    cohorts: Cohorts = Cohorts()
    clv: Clv | None = None
    actions: Actions = Actions()
    programme: Programme | None = None
    engagement: Engagement | None = None
    retention_cost: RetentionCost | None = None
    privacy: Privacy = Privacy()
    brand: Brand = Brand()
    mail: Mail | None = None

    @property
    def folder(self) -> Path:
        """The client's folder."""
        return client_folder(self.client)

    @property
    def zone(self) -> ZoneInfo:
        """The client's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def margin(self) -> float | None:
        """Share of net sales that is contribution; ``None`` where the client gives none."""
        return self.clv.margin if self.clv else None

    @property
    def yearly_discount_rate(self) -> float | None:
        """What money a year from now is discounted by; ``None`` where the client gives no rate."""
        return self.clv.yearly_discount_rate if self.clv else None

    @property
    def renewal_months(self) -> int:
        """How long a contract runs until it is renewed; a year where the client has no contracts."""
        return self.subscriptions.renewal_months if self.subscriptions else MONTHS["year"]

    def period(self, text: str | None = None) -> Period:
        """Return the period to report on (``choose_period``); without a text, the last complete one."""
        # The data of a live feed covers the days up to yesterday, in the client's time zone.
        yesterday = dt.datetime.now(self.zone).date() - dt.timedelta(days=1)
        return choose_period(text, self.cadence, self.observed_until or yesterday)


def load_config(client: str) -> ClientConfig:
    """Read a client's settings.

    Raises
    ------
    UsageError
        If the client's name is unsafe or unknown.
    ConfigError
        If the file is not YAML, has unknown keys or wrong values; all of them at once.
    """
    file = client_folder(client) / "client.yml"
    tree = read_settings(file)
    if "client" in tree:
        remedy = "Remove it: the folder's name is the name."
        raise ConfigError([problem_at(file, tree, ("client",), "no such key", remedy)])
    try:
        return ClientConfig.model_validate({**tree, "client": client})
    except ValidationError as error:
        raise ConfigError(explain(file, tree, error, ClientConfig)) from None
