"""A new client out of an export: a folder with a copy of the data and settings that read it, every guess spelled out.

Nothing is asked that the files tell, nothing is moved, and nothing is overwritten.  The folder is built beside its
place and renamed in whole: a run that fails or is stopped leaves nothing behind.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loyalty_lib.errors import LoyaltyError, Problem, UsageError
from loyalty_lib.ingest import Origin, files
from loyalty_lib.ingest.guess import Guess
from loyalty_lib.ingest.sniff import Proposal, propose
from loyalty_lib.new_settings import quoted, written
from loyalty_lib.paths import CHECKOUT, check_slug, home

UNSAFE: Final = re.compile(r"[^\w .()+,@=&#-]")  # in the name of a copy: what a glob or a shell would take for more
PERSONAL: Final = ("customer_id", "email", "phone")


@dataclass(frozen=True, eq=False, kw_only=True)
class NewClient:
    """What ``make new`` has made.

    Attributes
    ----------
    folder
        The client's.
    config
        The text of its ``client.yml``.
    proposal
        All that was found out.
    """

    folder: Path
    config: str
    proposal: Proposal

    @property
    def first_rows(self) -> tuple[Mapping[str, str], ...]:
        """The first five rows as understood."""
        return self.proposal.first_rows

    @property
    def guesses(self) -> Mapping[str, Guess]:
        """Each setting that was found out, by its name, and each column as "columns.amount"."""
        found = self.proposal
        columns = {f"columns.{ours}": guess for ours, guess in found.columns.items()}
        general = {"layout": found.layout, "currency": found.currency, "time_zone": found.time_zone}
        return {**general, **found.settings, **columns}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person must choose or mend."""
        return self.proposal.problems


def make_client(client: str, data: str) -> NewClient:
    """Make a client's folder out of an export.

    Parameters
    ----------
    client
        The name of the folder to make.
    data
        A file, or a glob of files; from the current folder, absolute, or beginning with "~".

    Returns
    -------
    NewClient
        With problems where a person must still choose.

    Raises
    ------
    UsageError
        If the name is unsafe or taken; nothing is touched.
    LoyaltyError
        If the disk is full or the folder may not be written; nothing is left behind.
    DataError
        If there is no such file, or none that can be opened; nothing is touched.
    """
    check_slug(client)
    for base in dict.fromkeys((home(), CHECKOUT)):
        if os.path.lexists(taken := base / "clients" / client):
            message = f"There is already a client {client!r}: {taken}. Nothing was changed. Choose another name."
            raise UsageError(message)
    pattern = Path(data).expanduser()
    origins = files(pattern, remedy="Check DATA: it names a file, or files as 'folder/*.csv'.")
    folder = home() / "clients" / client
    proposal = propose(origins, settings=f"clients/{client}/client.yml")
    names = _names(origins)
    path = f"data/{_source(pattern.name, list(names.values()))}"
    config = written(client, path, proposal)
    _build(folder, {origin.file: name for origin, name in zip(origins, names.values(), strict=True)}, config)
    return NewClient(folder=folder, config=config, proposal=proposal)


def _names(origins: Sequence[Origin]) -> dict[str, str]:
    """Return the name of each file's copy; of files with one name in several folders, with the folder's before it."""
    base = os.path.commonpath([origin.file.absolute().parent for origin in origins])
    plain = {origin.name: UNSAFE.sub("_", origin.file.name) for origin in origins}
    times = Counter(name.casefold() for name in plain.values())
    names: dict[str, str] = {}
    for origin in origins:
        name = plain[origin.name]
        if times[name.casefold()] > 1:
            within = origin.file.absolute().relative_to(base)
            name = UNSAFE.sub("_", "-".join(within.parts))
        names[origin.name] = name
    return names


def _source(pattern: str, names: Sequence[str]) -> str:
    """Return the setting that finds the copies: the file, the user's own glob, or all files."""
    if len(names) == 1:
        return names[0]
    if all(Path(name).match(pattern) for name in names):
        return pattern
    endings = {"".join(Path(name).suffixes[-2:]) if name.endswith(".gz") else Path(name).suffix for name in names}
    return f"*{endings.pop()}" if len(endings) == 1 else "*"


def _build(folder: Path, copies: Mapping[Path, str], config: str) -> None:
    building = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Of mode 0700, as befits data about people.
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.tmp-", dir=folder.parent))
        (building / "data").mkdir()
        for file, name in copies.items():
            shutil.copyfile(file, building / "data" / name)
        (building / "client.yml").write_text(config, encoding="utf-8")
        building.rename(folder)
    except OSError as error:
        message = f"{folder} could not be made: {error.strerror or error}. Nothing was changed."
        if os.path.lexists(folder):  # somebody was faster
            raise UsageError(message) from None
        message = f"{message} Free some space or mend the folder's permissions, then try again."
        raise LoyaltyError(message) from None
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)


def show(new: NewClient) -> None:
    """Print what was found and how sure it is, the first rows as understood, and what to do next."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    client = new.folder.name
    console.print(Text(f"Made {new.folder / 'client.yml'}", style="bold"))
    found = Table(box=SIMPLE_HEAD, title="What the data say", title_justify="left", pad_edge=False)
    for heading in ("setting", "value", "how sure", "why"):
        found.add_column(heading, overflow="fold")
    for name, guess in new.guesses.items():
        value = "to be chosen" if guess.value is None and guess.sure == "unsure" else quoted(guess.value or "-")[1:-1]
        found.add_row(*(Text(cell) for cell in (name, value, guess.sure, guess.why)))
    console.print(found)
    if new.first_rows:
        fields = [field for field in new.proposal.columns if any(field in row for row in new.first_rows)]
        shown = fields or list(new.first_rows[0])
        shown += [field for field in ("amount",) if field not in shown]
        rows = Table(box=SIMPLE_HEAD, title="The first rows, as understood", title_justify="left", pad_edge=False)
        for field in shown:
            rows.add_column(field, overflow="fold", justify="right" if field == "amount" else "left")
        for row in new.first_rows:
            rows.add_row(*(Text(_short(field, row.get(field, ""))) for field in shown))
        console.print(rows)
    for note in new.proposal.notes:
        console.print(Text(note))
    if new.problems:
        console.print(Text("To be decided or mended before a report can be made:", style="bold"))
        for problem in new.problems:
            console.print(Text(f"  {problem.file}: {problem}"))
    console.print(Text(f"Next: look at client.yml, then  make check CLIENT={client}  and  make report CLIENT={client}"))


def _short(field: str, value: str) -> str:
    """Return a value as a terminal may show it: enough of an id to know it again."""
    plain = " ".join(value.split())
    if field not in PERSONAL or len(plain) < len("12345"):
        return plain
    return f"{plain[:4]}…"
