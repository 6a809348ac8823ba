"""A client's settings: ``clients/<client>/client.yml`` into a frozen ``ClientConfig``.

Unknown keys, wrong values and broken YAML are refused together, each with file, line and remedy.  People type this
file, so every message names the nearest valid key.  Only settings live here: no path is opened but the file itself.
"""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import list_currencies
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from loyalty_lib.errors import ConfigError
from loyalty_lib.i18n import spoken_languages
from loyalty_lib.paths import check_slug, client_folder
from loyalty_lib.periods import Cadence, Period, choose_period
from loyalty_lib.settings_file import explain, problem_at, read_settings


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), 1)
        message = f"a time zone such as {near[0] if near else 'Europe/Oslo'}"
        raise ValueError(message)
    return name


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


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        message = 'a colour as "#1f5a7a", in quotes'
        raise ValueError(message)
    return value.lower()


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        message = "an encoding such as utf-8, cp1252 or utf-16"
        raise ValueError(message) from None


def _delimiter(text: str) -> str:
    if text != "whitespace" and (len(text) != 1 or text in '"\r\n'):
        message = 'one character, such as ";" or "\\t", or whitespace'
        raise ValueError(message)
    return text


def _date_format(text: str) -> str:
    if text in DATE_WORDS:
        return text
    needed = (("%d", "%-d"), ("%m", "%-m", "%b", "%B"), ("%Y", "%y"))
    if not all(any(code in text for code in codes) for codes in needed):
        message = 'a format with day, month and year, such as "%d.%m.%Y", or one of: ' + ", ".join(DATE_WORDS)
        raise ValueError(message)
    return text


def _inside(path: str) -> str:
    """Refuse a path that leaves the client's folder: one client's run never reads another's."""
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts or path.startswith("~"):
        message = "a path inside the client's folder, such as data/orders.csv"
        raise ValueError(message)
    return path


Inside = Annotated[str, AfterValidator(_inside)]


class Lookup(_Settings):
    """A second table beside the source, one row a ``key``, whose columns the orders may use: a list of products."""

    path: Inside
    key: str


class FileSource(_Settings):
    """Files in the client's folder; ``path`` may be a glob."""

    kind: Literal["files"] = "files"
    path: Inside
    lookup: Lookup | None = None


class PackageSource(_Settings):
    """A data file inside an installed Python package; ``extra`` names what ``make setup EXTRA=`` installs."""

    kind: Literal["package"]
    package: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    path: Inside
    extra: str | None = None
    lookup: Lookup | None = None


class SqlSource(_Settings):
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


class SimulatedSource(_Settings):
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


class Columns(_Settings):
    """Which column of the file is which.

    A column left out is the layout's; in the generic layout it is the file's column of that very name, where it has
    one.  Without an order id every row is an order of its own.

    Attributes
    ----------
    email, phone
        Recognise a customer where there is no id; they never leave ``ingest``.
    quantity, unit_price
        Their product is the amount where there is no column with the amount.
    refunded, refunded_on
        What was paid back of the row's amount, and when; without a day, on the order's.
    refund
        Marks rows that take back: anything but blank, "no", "0" and "false".  Their amount counts as negative.
    currency, status, tags
        ISO 4217; the order's status; words the shop put on the order.
    test
        Marks orders that are tests, as ``refund`` marks refunds.
    consent, objection
        Whether the customer agreed to marketing (lists honour it); whether the customer objects to being analysed (all
        of such a customer's rows are left out).
    """

    customer_id: str | None = None
    order_date: str | None = None
    amount: str | None = None
    email: str | None = None
    phone: str | None = None
    order_id: str | None = None
    order_line: str | None = None
    product: str | None = None
    category: str | None = None
    channel: str | None = None
    country: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    refunded: str | None = None
    refunded_on: str | None = None
    refund: str | None = None
    currency: str | None = None
    status: str | None = None
    test: str | None = None
    tags: str | None = None
    consent: str | None = None
    objection: str | None = None


LayoutName = Literal["auto", "generic", "magento", "shopify", "square", "stripe", "uci", "vipps", "woocommerce"]
DATE_WORDS: Final = ("iso", "excel", "epoch", "epoch_ms")


class Ingest(_Settings):
    """How the file is written down.

    What is left out is found out from the whole file; where that cannot be done, the run stops and asks.

    Attributes
    ----------
    layout
        "auto" recognises a known layout by its columns, and is "generic" otherwise.
    delimiter
        One character, or "whitespace" for runs of blanks.
    date_format
        As in ``strptime``, or one of ``DATE_WORDS``: "iso" (2024-03-31, 2024-03-31T01:30:00+01:00), "excel" (serial
        days since 1900), "epoch" and "epoch_ms" (seconds and milliseconds since 1970, UTC).
    time_zone
        Of moments written without an offset.  Left out: the layout's, else the client's own.
    header_line
        The line, or the sheet's row, that holds the columns' names.
    sheet
        The workbook's sheet.
    identity
        What makes a customer: "id", the customer id, and e-mail or phone where a row has none; "email", the e-mail
        before all else, for shops that give out a new id with every order.
    duplicates
        "overlap": rows that another file holds again count once; "all": rows repeated within a file too; "keep": all
        rows count.
    test_orders, staff_orders, marketplace_orders
        Whether such orders count; ``ingest/rules.json`` says how they are known.
    staff_emails
        Addresses, or endings such as "@acme.no", of the shop's own people.
    """

    layout: LayoutName = "auto"
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = None
    decimal: Literal[".", ","] | None = None
    date_format: Annotated[str, AfterValidator(_date_format)] | None = None
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = None
    header_line: int | None = Field(default=None, ge=1)
    sheet: str | None = None
    identity: Literal["id", "email"] = "id"
    duplicates: Literal["overlap", "all", "keep"] = "overlap"
    test_orders: Literal["drop", "keep"] = "drop"
    staff_orders: Literal["drop", "keep"] = "drop"
    marketplace_orders: Literal["drop", "keep"] = "drop"
    staff_emails: tuple[str, ...] = ()
    columns: Columns = Columns()


class Rfm(_Settings):
    """RFM scoring: the window, the purchase counts that begin F scores 1 to 5, and the segment scheme."""

    scheme: str = "rf_grid_10"
    window_months: int = Field(default=12, ge=1)
    frequency_cuts: tuple[int, int, int, int, int] = (1, 2, 3, 5, 8)

    @model_validator(mode="after")
    def _ascending(self) -> Rfm:
        if list(self.frequency_cuts) != sorted(set(self.frequency_cuts)):
            message = "frequency_cuts in ascending order, such as [1, 2, 3, 5, 8]"
            raise ValueError(message)
        return self


class Clv(_Settings):
    """Lifetime value: what the forecast is worth.  The rate and the margin are the client's own and have no default."""

    yearly_discount_rate: float = Field(ge=0, lt=1)
    margin: float = Field(gt=0, le=1)
    horizon_months: int = Field(default=12, ge=1, le=60)
    holdout_weeks: int | None = Field(default=None, ge=4)


class Privacy(_Settings):
    """Smallest group shown, largest share one customer may have of a money cell, and how long reports are kept."""

    minimum_cell: int = Field(default=5, ge=1)
    dominance: float = Field(default=0.5, gt=0, le=1)
    retention_days: int = Field(default=90, ge=1)


class Brand(_Settings):
    """The look: accent colour, the consultant's name and footer, the line of confidentiality."""

    accent: Annotated[str, AfterValidator(_colour)] = "#1f5a7a"
    prepared_by: str | None = None
    confidentiality: str | None = None


class Mail(_Settings):
    """Who gets the report; the server and its password come from the environment, never from here."""

    to: tuple[Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")], ...] = Field(min_length=1)
    sender: Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
    subject: str | None = None


class ClientConfig(_Settings):
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
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Europe/Oslo"
    cadence: Cadence = "quarter"
    observed_until: dt.date | None = None
    simulated: bool = False
    vat_included: bool | None = None
    unit: Literal["D", "W"] = "W"
    refunds: Literal["net", "order_day", "drop"] = "net"
    rates: dict[Annotated[str, AfterValidator(_currency)], Annotated[float, Field(gt=0)]] | Inside | None = None
    drop_list: Inside | None = None
    survey: Inside | None = None
    contacts: Inside | None = None
    ingest: Ingest = Ingest()
    rfm: Rfm = Rfm()
    clv: Clv | None = None
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
