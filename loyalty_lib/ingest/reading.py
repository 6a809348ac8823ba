"""What a reader needs to know: where rows come from, how they are written down, and how to name both in a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.errors import DataError, Problem
from loyalty_lib.progress import Step, silent

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from loyalty_lib.ingest.database import Result


@dataclass(frozen=True, eq=False, kw_only=True)
class Origin:
    """One file, one DataFrame, or one query.

    Attributes
    ----------
    name
        As the user named it; messages and the data quality page print it.
    path, frame, query
        One of the three; the query is run when it is called.
    """

    name: str
    path: Path | None = None
    frame: pd.DataFrame | None = None
    query: Callable[[], Result] | None = None

    @property
    def file(self) -> Path:
        """The path of an origin that is a file."""
        if self.path is None:
            message = f"{self.name} is not a file"
            raise TypeError(message)
        return self.path


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """Where rows come from and how they are written down.

    Attributes
    ----------
    origins
        In the order of their names.
    ingest
        The client's settings.
    time_zone
        The shop's time zone: a moment becomes a day there.
    currency
        ISO 4217, for messages; ``None`` where it is not known.
    settings
        The file that holds ``ingest``, for remedies: "clients/acme/client.yml".  ``None`` where there is no such file.
    rates
        What one unit of another currency is worth in ``currency``, from a day on: (currency, day, rate).
    step
        Told how far reading has come.
    lookup, lookup_key
        A second table whose columns may be used, and the column that both share.
    """

    origins: Sequence[Origin]
    ingest: Ingest = field(default_factory=Ingest)
    time_zone: str = "Europe/Oslo"
    currency: str | None = None
    settings: str | None = None
    rates: Sequence[tuple[str, dt.date | None, float]] = ()
    step: Step = silent
    lookup: Origin | None = None
    lookup_key: str = ""

    @property
    def there(self) -> str:
        """Where settings are set, to end a remedy with: " in clients/acme/client.yml", or nothing."""
        return f" in {self.settings}" if self.settings else ""


def files(
    pattern: str | Path, *, folder: Path = Path(), shown: Path | None = None, remedy: str = "Check the name."
) -> list[Origin]:
    """Return the files that ``pattern`` names, sorted by name.

    Parameters
    ----------
    pattern
        A path, or a glob of paths.
    folder
        What a relative pattern begins at.
    shown
        The folder as a user knows it, for the origins' names; left out, as it is.
    remedy
        What to do when there is no such file.

    Raises
    ------
    DataError
        If there is none.
    """
    path = Path(pattern)
    base = Path(path.anchor) if path.is_absolute() else folder
    path = path.relative_to(base) if path.is_absolute() else path
    shown = shown or base
    glob = any(mark in str(path) for mark in "*?[")
    if (base / path).is_file():
        found = [base / path]
    else:
        found = sorted(file for file in base.glob(str(path)) if file.is_file()) if glob else []
    if not found:
        kind = "files that match this pattern" if glob else "a file of this name"
        raise DataError([Problem(file=str(shown / path), expected=kind, remedy=remedy)])
    return [Origin(name=str(shown / file.relative_to(base)), path=file) for file in found]
