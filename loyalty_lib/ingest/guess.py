"""A thing found out about a file: what, how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A value and what speaks for it.

    Attributes
    ----------
    value
        As the settings would hold it; ``None`` where nothing could be found out.
    sure
        "certain": no other reading fits; "likely": others fit worse; "unsure": somebody should look.
    why
        A short clause: "every byte is valid UTF-8".
    """

    value: str | None
    sure: Literal["certain", "likely", "unsure"]
    why: str
