"""What stands in a finished report's folder beside the report: its formats, and what somebody made of them by hand.

Slides are there to be edited.  A new report replaces its whole folder, so a file that was edited since it was written
is carried into the new one under another name.
"""

from __future__ import annotations

import hashlib
import json
import re
from itertools import count
from pathlib import Path
from typing import Any, Final

from loyalty_lib.exports import format_of

OFFICE: Final = ("report.pptx", "report.xlsx")
EDITED: Final = re.compile(r"report\.edited(?:-\d+)?\.(?:pptx|xlsx)")


def manifest_of(place: Path) -> dict[str, Any]:
    """Read a report's ``run.json``; empty where there is none."""
    try:
        manifest: dict[str, Any] = json.loads((place / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest


def standing(place: Path) -> tuple[str, ...]:
    """Return the formats that a report was made in and whose files are all there, edited or not."""
    manifest = manifest_of(place)
    gone = {format_of(name) for name in manifest.get("files", {}) if not (place / name).is_file()}
    return tuple(kind for kind in manifest.get("formats", ()) if kind not in gone)


def edited(place: Path) -> dict[str, bytes]:
    """Return what was edited by hand in a report's folder, under the names it is kept by: ``report.edited.pptx``."""
    known = manifest_of(place).get("files", {})
    kept = {path.name: path.read_bytes() for path in _files(place) if EDITED.fullmatch(path.name)}
    for name in OFFICE:
        if name in known and (place / name).is_file():
            content = (place / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != known[name]:
                kept[_free(Path(name), kept)] = content
    return kept


def _files(place: Path) -> list[Path]:
    return sorted(place.iterdir()) if place.is_dir() else []


def _free(name: Path, taken: dict[str, bytes]) -> str:
    names = (f"{name.stem}.edited{f'-{number}' if number > 1 else ''}{name.suffix}" for number in count(1))
    return next(free for free in names if free not in taken)
