"""What all settings share."""

from __future__ import annotations

import difflib
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict


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
