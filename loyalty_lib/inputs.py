"""Everything a report begins with: one client, one period.

Goes in: a client's name and a period as typed.  Comes out: ``Inputs``, the settings, the period, the transactions up to
the period's last day, and their summary on that day.  What the source holds beyond the period's last day changes
nothing here: a report can be made again later from a newer export.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loyalty_lib.config import ClientConfig, FileSource, Lookup, PackageSource, SimulatedSource, load_config
from loyalty_lib.errors import ConfigError, DataError, MissingToolError, Problem
from loyalty_lib.ingest import Origin, Reading, files
from loyalty_lib.paths import home
from loyalty_lib.periods import Period
from loyalty_lib.simulate import provide_shop
from loyalty_lib.summary import summarise
from loyalty_lib.validate import DataQuality, Transactions, load

if TYPE_CHECKING:
    import pandas as pd

DROP_COLUMN: Final = "customer_id"


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """What every analysis of one client and period starts from.

    Attributes
    ----------
    config
        The client's settings.
    period
        The reporting period; its end is the as-of date.
    transactions
        Up to and including ``period.end``.
    summary
        One row a customer, as ``summarise`` returns it on ``period.end`` in the client's unit.
    """

    config: ClientConfig
    period: Period
    transactions: Transactions
    summary: pd.DataFrame

    @property
    def quality(self) -> DataQuality:
        """What was read and left out."""
        return self.transactions.quality

    @property
    def as_of(self) -> dt.date:
        """The last day observed."""
        return self.period.end


def load_inputs(client: str, period: str | None = None) -> Inputs:
    """Read a client's settings and transactions for one period.

    Parameters
    ----------
    client
        The name of its folder.
    period
        As a user types it; ``None`` for the last complete period of the client's cadence.

    Returns
    -------
    Inputs
        Of the period.

    Raises
    ------
    UsageError
        If there is no such client or period, or the data does not cover the period to its end.
    DataError
        If the settings or the data cannot be read as they stand (all problems at once), or hold no purchase by then.
    MissingToolError
        If the data ships in a package that is not installed.
    """
    config = load_config(client)
    chosen = config.period(period)
    reading = _reading(config)
    transactions = load(reading, refunds=config.refunds, drop_list=_drop_list(config), until=chosen.end)
    summary = summarise(transactions, chosen.end, config.unit)
    return Inputs(config=config, period=chosen, transactions=transactions, summary=summary)


def _reading(config: ClientConfig) -> Reading:
    source = config.source
    lookup = None if isinstance(source, SimulatedSource) else source.lookup
    match source:
        case FileSource():
            base = config.folder
            origins = _client_files(config, source.path, "source.path")
        case PackageSource():
            base = _package_folder(source)
            origins = [_package_file(source, base, source.path)]
        case SimulatedSource():
            base = provide_shop(source, config.folder)
            origins = _client_files(config, f"{base.name}/orders.csv", "source")
    return Reading(
        origins=origins,
        ingest=config.ingest,
        time_zone=config.time_zone,
        currency=config.currency,
        settings=_shown(config.folder / "client.yml"),
        lookup=_lookup(config, source, lookup, base),
        lookup_key=lookup.key if lookup else "",
    )


def _lookup(
    config: ClientConfig, source: FileSource | PackageSource | SimulatedSource, lookup: Lookup | None, base: Path
) -> Origin | None:
    if lookup is None:
        return None
    if isinstance(source, PackageSource):
        return _package_file(source, base, lookup.path)
    return _client_files(config, lookup.path, "source.lookup.path")[0]


def _client_files(config: ClientConfig, pattern: str, setting: str) -> list[Origin]:
    remedy = f"Put the file there, or mend {setting} in {_shown(config.folder / 'client.yml')}."
    return files(pattern, folder=config.folder, shown=Path(_shown(config.folder)), remedy=remedy)


def _shown(path: Path) -> str:
    """Return a path as a user knows it: from the home folder, "clients/acme/client.yml"."""
    return str(path.relative_to(home())) if path.is_relative_to(home()) else str(path)


def _package_folder(source: PackageSource) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = find_spec(source.package)
    if spec is None or not spec.submodule_search_locations:
        command = "make setup" + (f" EXTRA={source.extra}" if source.extra else "")
        message = f"The data ships in the Python package '{source.package}', which is not installed. Run: {command}"
        raise MissingToolError(message)
    return Path(spec.submodule_search_locations[0])


def _package_file(source: PackageSource, base: Path, path: str) -> Origin:
    remedy = f"Install another version of the package '{source.package}'."
    return files(path, folder=base, shown=Path(source.package), remedy=remedy)[0]


def _drop_list(config: ClientConfig) -> frozenset[str]:
    """Return the customers to leave out everywhere.  A list that cannot be read stops the run: erasure is a duty."""
    if config.drop_list is None:
        return frozenset()
    file = config.folder / config.drop_list
    shown = _shown(file)
    settings = _shown(config.folder / "client.yml")
    remedy = f"Mend drop_list in {settings}, or write the file with the header {DROP_COLUMN}."
    if not file.is_file():
        raise ConfigError([Problem(file=shown, expected="a CSV file with the customers to leave out", remedy=remedy)])
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if DROP_COLUMN not in (rows.fieldnames or ()):
                raise DataError([Problem(file=shown, lines=(1,), expected=f"a column '{DROP_COLUMN}'", remedy=remedy)])
            return frozenset(stripped for row in rows if (stripped := (row[DROP_COLUMN] or "").strip()))
    except UnicodeDecodeError:
        raise DataError([Problem(file=shown, expected="UTF-8 text", remedy="Save it as UTF-8.")]) from None
