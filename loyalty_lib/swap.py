"""Put a whole folder in the place of another: a reader sees the old report or the new one, never a mixture.

A folder is built as ``.<name>.tmp-<pid>`` beside its place, written through to the disk, and renamed.  The folder that
was there steps aside as ``.<name>.old`` in between; whoever is killed between the two renames leaves that, and
``recover`` puts it back.  ``claim`` lets one run at a time work on a client.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from loyalty_lib.errors import LoyaltyError


@contextmanager
def claim(folder: Path, patience: float) -> Generator[None]:
    """Keep every other run out of ``folder`` until the block ends; the claim of a killed run ends with it.

    Parameters
    ----------
    folder
        A client's folder of reports; it is made if it is missing.
    patience
        Seconds to wait for another run to finish.

    Raises
    ------
    LoyaltyError
        If another run still holds it; the message says which and since when.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / ".running"
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        message = (
            f"Another run for {folder.name} is busy{_who(holder)}; waited {patience:g} seconds for it. "
            "Try again when it has finished."
        )
        raise LoyaltyError(message) from None
    try:
        holder.write_text(json.dumps({"process": os.getpid(), "since": time.strftime("%H:%M:%S")}), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    try:
        noted = json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it has just finished, or is just beginning
        return ""
    return f" (process {noted['process']}, since {noted['since']})"


def recover(folder: Path) -> None:
    """Mend what killed runs left in a client's folder of reports.  Call it inside ``claim`` only."""
    for unfinished in folder.glob(".*.tmp-*"):
        shutil.rmtree(unfinished)
    for old in folder.glob(".*.old"):
        place = folder / old.name.removeprefix(".").removesuffix(".old")
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)


@contextmanager
def building(place: Path) -> Generator[Path]:
    """Build a folder in a temporary place; it takes its own when the block ends, and vanishes if the block fails.

    Parameters
    ----------
    place
        Where it goes, whole, replacing what is there.

    Yields
    ------
    Path
        The empty folder to fill.
    """
    unfinished = place.with_name(f".{place.name}.tmp-{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        for path in unfinished.rglob("*"):
            _flush(path)
        _flush(unfinished)
        _replace(unfinished, place)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _replace(unfinished: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.old")
    if place.exists():
        place.rename(old)
    try:
        unfinished.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    _flush(place.parent)
    if old.exists():
        shutil.rmtree(old)


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk; Windows has no such call for folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
