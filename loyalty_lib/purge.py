"""Remove what was made for a client: reports with their notebooks and mails, and contact lists.  Nothing else.

The client's settings and data stay, and so does everything of other clients.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from loyalty_lib import paths, swap
from loyalty_lib.errors import LoyaltyError

PATIENCE = 10.0  # seconds to wait for a run of the client to end


def purge(client: str) -> list[Path]:
    """Remove a client's outputs.

    Parameters
    ----------
    client
        Its name; it need not have a folder of settings any more.

    Returns
    -------
    list of Path
        The folders that were removed.

    Raises
    ------
    UsageError
        If the name is unsafe.
    LoyaltyError
        If a run of the client is busy, or a file cannot be removed.
    """
    name = paths.check_slug(client)
    folders = [folder for kind in ("reports", "lists") if (folder := paths.home() / kind / name).is_dir()]
    for folder in folders:
        if folder.is_symlink():
            message = f"{folder} is a link; nothing was removed. Remove it yourself."
            raise LoyaltyError(message)
        with swap.claim(folder, PATIENCE):
            pass  # no run is at work in it
        try:
            shutil.rmtree(folder)
        except OSError as error:
            message = f"{error.filename or folder} could not be removed: {error.strerror}. Close it, then try again."
            raise LoyaltyError(message) from error
    return folders
