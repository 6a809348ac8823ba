"""Where things are: clients, reports, notebooks.

``LOYALTY_HOME`` names the folder that holds ``clients/`` and ``reports/``; without it they are the checkout's own.  The
demo clients of the checkout are found from any home.  Nothing here creates or deletes anything.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from loyalty_lib.errors import UsageError

CHECKOUT: Final = Path(__file__).resolve().parent.parent
NOTEBOOKS: Final = CHECKOUT / "notebooks"
MAIN: Final = "loyalty_report"  # the notebook of the report itself
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", flags=re.ASCII)
# Device names on Windows, whatever their extension; a folder of that name cannot be made there.
RESERVED: Final = frozenset(
    {
        "con",
        "prn",
        "aux",
        "nul",
        "all",
        "check",
        "portfolio",
        *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
    }
)


def home() -> Path:
    """Return the folder that holds ``clients/`` and ``reports/``."""
    chosen = os.environ.get("LOYALTY_HOME")
    return Path(chosen).expanduser().resolve() if chosen else CHECKOUT


def check_slug(client: str) -> str:
    """Return ``client`` if it is a safe folder name; it is checked before any path is made of it.

    Raises
    ------
    UsageError
        If it is empty, holds anything but a-z, 0-9, "-" and "_", or is a reserved name.
    """
    if not SLUG.fullmatch(client):
        message = (
            f"Client name {client!r} cannot be used: expected lower-case letters, digits, '-' and '_', "
            "at most 64 of them, beginning and ending with a letter or digit. Example: acme-sports."
        )
        raise UsageError(message)
    if client in RESERVED:
        message = f"Client name {client!r} is reserved. Choose another, such as {client}-shop."
        raise UsageError(message)
    return client


def client_folder(client: str) -> Path:
    """Return the client's folder: the home's own, else the checkout's (demo clients).

    Raises
    ------
    UsageError
        If the name is unsafe, or no such client exists; the message lists those that do.
    """
    check_slug(client)
    for base in dict.fromkeys((home(), CHECKOUT)):
        folder = base / "clients" / client
        if (folder / "client.yml").is_file():
            return folder
    known = ", ".join(all_clients()) or "none yet"
    message = (
        f"There is no client {client!r}: {home() / 'clients' / client / 'client.yml'} does not exist. "
        f"Clients here: {known}."
    )
    raise UsageError(message)


def all_clients() -> list[str]:
    """Return the names of all clients of the home, sorted; the demo clients too where the home is the checkout."""
    folders = (path.parent.name for path in (home() / "clients").glob("*/client.yml"))
    return sorted(name for name in folders if not name.startswith("."))  # half a client, left by a run that was killed


def report_folder(client: str, label: str) -> Path:
    """Return where the client's report for a period belongs."""
    return home() / "reports" / check_slug(client) / label


def list_folder(client: str, label: str) -> Path:
    """Return where the client's contact lists for a period belong: apart from every report."""
    return home() / "lists" / check_slug(client) / label
