"""What all settings share."""

from __future__ import annotations

import difflib
from pathlib import PurePath
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings are frozen, and a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def known_time_zone(name: str) -> str:
    """Return ``name``, refused where it is no time zone of the IANA database."""
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), 1)
        message = f"a time zone such as {near[0] if near else 'Europe/Oslo'}"
        raise ValueError(message)
    return name


def _inside(path: str) -> str:
    """Refuse a path that leaves the client's folder: one client's run never reads another's."""
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts or path.startswith("~"):
        message = "a path inside the client's folder, such as data/orders.csv"
        raise ValueError(message)
    return path


Inside = Annotated[str, AfterValidator(_inside)]
