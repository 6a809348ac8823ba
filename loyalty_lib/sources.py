"""Where a client's rows come from: the files, package, database or simulation its settings name, and its lists.

Goes in: ``ClientConfig``.  Comes out: the ``Reading`` that ``ingest`` follows, the drop-list and the currency rates.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TextIO

from loyalty_lib.config import ClientConfig, FileSource, Lookup, PackageSource, SimulatedSource, SqlSource
from loyalty_lib.errors import ConfigError, DataError, MissingToolError, Problem
from loyalty_lib.ingest import Origin, Reading, files
from loyalty_lib.paths import home
from loyalty_lib.simulate import provide_shop

DROP_COLUMNS: Final = ("customer_id", "email", "phone")


def client_reading(config: ClientConfig) -> Reading:
    """Return where a client's rows come from and how they are written down.

    Raises
    ------
    UsageError
        If a database's URL is not in the environment.
    DataError
        If a file is not there.
    MissingToolError
        If the data ships in a package that is not installed.
    """
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
        case SqlSource():
            base = config.folder
            origins = [_database(config, source)]
    return Reading(
        origins=origins,
        ingest=config.ingest,
        time_zone=config.time_zone,
        currency=config.currency,
        settings=_settings(config),
        rates=_rates(config),
        lookup=_lookup(config, source, lookup, base),
        lookup_key=lookup.key if lookup else "",
    )


def _lookup(
    config: ClientConfig,
    source: FileSource | PackageSource | SimulatedSource | SqlSource,
    lookup: Lookup | None,
    base: Path,
) -> Origin | None:
    if lookup is None:
        return None
    if isinstance(source, PackageSource):
        return _package_file(source, base, lookup.path)
    return _client_files(config, lookup.path, "source.lookup.path")[0]


def _client_files(config: ClientConfig, pattern: str, setting: str) -> list[Origin]:
    remedy = f"Put the file there, or mend {setting} in {_settings(config)}."
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


def _database(config: ClientConfig, source: SqlSource) -> Origin:
    from loyalty_lib.ingest.database import resolve, run_query

    if source.path is not None:
        _client_files(config, source.path, "source.path")  # a missing file is said as any other
    url, shown = resolve(source, config.folder)
    return Origin(name=shown, query=lambda: run_query(url, source.query, shown=shown))


def drop_list(config: ClientConfig) -> frozenset[str]:
    """Return the customers to leave out everywhere, by id, e-mail address or phone.

    Raises
    ------
    DataError
        If the list cannot be read: erasure is a duty, so that stops the run.
    """
    if config.drop_list is None:
        return frozenset()
    file, names = config.folder / config.drop_list, " or ".join(DROP_COLUMNS)
    remedy = f"Mend drop_list in {_settings(config)}, or write the file with the header {DROP_COLUMNS[0]}."
    if not file.is_file():
        expected = "a CSV file with the customers to leave out"
        raise ConfigError([Problem(file=_shown(file), expected=expected, remedy=remedy)])
    with _opened(file) as stream:
        rows = csv.DictReader(stream)
        columns = [name for name in rows.fieldnames or () if name in DROP_COLUMNS]
        if not columns:
            expected = f"a column '{DROP_COLUMNS[0]}'" if not rows.fieldnames else f"a column {names}"
            raise DataError([Problem(file=_shown(file), lines=(1,), expected=expected, remedy=remedy)])
        cells = ((row[column] or "").strip() for row in rows for column in columns)
        return frozenset(cell for cell in cells if cell)


def _rates(config: ClientConfig) -> tuple[tuple[str, dt.date | None, float], ...]:
    """Return what one unit of other currencies is worth: (currency, day from which on, rate)."""
    if config.rates is None:
        return ()
    if isinstance(config.rates, Mapping):
        return tuple((currency, None, rate) for currency, rate in sorted(config.rates.items()))
    file = config.folder / config.rates
    remedy = f"Mend rates in {_settings(config)}, or write the file with the header currency,rate or currency,day,rate."
    if not file.is_file():
        raise ConfigError([Problem(file=_shown(file), expected="a CSV file of currency rates", remedy=remedy)])
    found: list[Problem] = []
    rates = []
    with _opened(file) as stream:
        rows = csv.DictReader(stream)
        if not {"currency", "rate"} <= set(rows.fieldnames or ()):
            expected = "the columns currency and rate"
            raise DataError([Problem(file=_shown(file), lines=(1,), expected=expected, remedy=remedy)])
        for row in rows:
            try:
                rates.append(_rate(row))
            except ValueError as error:
                expected = str(error)
                value = ",".join(cell or "" for cell in row.values() if not isinstance(cell, list))
                problem = Problem(
                    file=_shown(file),
                    lines=(rows.line_num,),
                    count=1,
                    value=value,
                    expected=expected,
                    remedy="Mend it.",
                )
                found.append(problem)
    if found:
        raise DataError(found)
    return tuple(rates)


def _rate(row: Mapping[str, str | None]) -> tuple[str, dt.date | None, float]:
    currency, day, rate = ((row.get(name) or "").strip() for name in ("currency", "day", "rate"))
    try:
        first = dt.date.fromisoformat(day) if day else None
        number = float(rate)
    except ValueError:
        message = "a currency, a rate with a decimal point, and a day as YYYY-MM-DD where there is one"
        raise ValueError(message) from None
    if len(currency) != 3 or not (math.isfinite(number) and number > 0):  # noqa: PLR2004  (ISO 4217)
        message = "a currency code of three letters and a rate above 0"
        raise ValueError(message)
    return currency.upper(), first, number


@contextmanager
def _opened(file: Path) -> Generator[TextIO]:
    """Open a list of the client's; one that is not UTF-8 is a problem like any other."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            yield stream
    except UnicodeDecodeError:
        raise DataError([Problem(file=_shown(file), expected="UTF-8 text", remedy="Save it as UTF-8.")]) from None


def _settings(config: ClientConfig) -> str:
    return _shown(config.folder / "client.yml")
