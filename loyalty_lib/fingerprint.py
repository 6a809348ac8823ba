"""What a report depends on, as one SHA-256: if it is unchanged, so is the report, and no run is needed.

Reads the client's settings, data, brand and commentary, the notebook, this library, the lock file, the versions
installed and the parameters.  Nothing heavy is imported: "up to date" is an answer for a hurried person.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Final

from loyalty_lib.config import ClientConfig, FileSource, PackageSource, SqlSource
from loyalty_lib.paths import CHECKOUT

LIBRARY: Final = Path(__file__).resolve().parent
# Packages whose version can change a number or the look of a report.
PACKAGES: Final = (
    "babel",
    "duckdb",
    "font-source-sans-pro",
    "fonttools",
    "ipykernel",
    "jinja2",
    "lifetimes",
    "matplotlib",
    "mistune",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pillow",
    "pyarrow",
    "pydantic",
    "pydyf",
    "python-calamine",
    "scipy",
    "weasyprint",
)


def fingerprint(config: ClientConfig, notebook: Path, parameters: Mapping[str, object]) -> str:
    """Return the SHA-256, in hexadecimal, of everything the report depends on.

    Parameters
    ----------
    config
        The client's settings; their file and the files they name are read.
    notebook
        The notebook that is run.
    parameters
        What it is run with.

    Notes
    -----
    A simulated client's orders follow from its settings and the library; its other files must have been written.
    """
    return _digest(_files(config, notebook), parameters)


def fingerprint_of_reports(reports: Mapping[str, Path], notebook: Path, parameters: Mapping[str, object]) -> str:
    """Return the SHA-256 of everything a portfolio depends on: the reports' metrics, the notebook and this library."""
    files = [(f"report/{client}", path) for client, path in sorted(reports.items())]
    return _digest(chain(files, _program(notebook)), parameters)


def _digest(files: Iterable[tuple[str, Path]], parameters: Mapping[str, object]) -> str:
    whole = hashlib.sha256()
    facts = {"versions": versions(), "parameters": dict(parameters)}
    whole.update(json.dumps(facts, sort_keys=True, default=str).encode())
    for name, path in files:
        with path.open("rb") as content:
            whole.update(f"\0{name}\0{hashlib.file_digest(content, 'sha256').hexdigest()}".encode())
    return whole.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a report depends on; those installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # a missing package stops the run that needs it, with its own message
            continue
    return found


def _files(config: ClientConfig, notebook: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is read, in a fixed order, under names that are the same on every machine."""
    folder = config.folder
    for path in _client_files(config):
        yield f"client/{path.relative_to(folder).as_posix()}", path
    if isinstance(config.source, PackageSource):
        for name, path in _package_files(config.source):
            yield f"package/{name}", path
    yield from _program(notebook)


def _program(notebook: Path) -> Iterator[tuple[str, Path]]:
    """Yield what every report depends on: the notebook, this library and the lock file."""
    yield "notebook", notebook
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"library/{path.relative_to(LIBRARY).as_posix()}", path
    lock = CHECKOUT / "requirements.lock"
    if lock.is_file():
        yield "lock", lock


def _client_files(config: ClientConfig) -> list[Path]:
    folder = config.folder
    members = config.programme.members if config.programme else None
    beside = [one.path for one in (config.survey, config.complaints, config.subscriptions, members) if one]
    named = [config.drop_list, *beside, config.rates if isinstance(config.rates, str) else None]
    if isinstance(config.source, FileSource):
        named += _named(config.source)
    if isinstance(config.source, SqlSource):
        named += [config.source.path, config.source.lookup.path if config.source.lookup else None]
    found = {folder / "client.yml"}
    for pattern in (*filter(None, named), "commentary*", "commentary*/**/*", *config.brand.files):
        found.update(path for path in folder.glob(pattern) if path.is_file())
    return sorted(found)


def _package_files(source: PackageSource) -> list[tuple[str, Path]]:
    package = find_spec(source.package)  # finds it without importing it
    places = package.submodule_search_locations if package else None
    found = [(name, Path(place, name)) for place in places or () for name in _named(source)]
    return [(name, path) for name, path in found if path.is_file()]


def _named(source: FileSource | PackageSource) -> list[str]:
    return [source.path, *([source.lookup.path] if source.lookup else [])]
