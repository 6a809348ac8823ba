"""The few colours of slides and sheets, without loading what draws charts."""

from __future__ import annotations

from typing import Final

INK: Final = "#1f2428"  # as in the charts and on the page
MUTED: Final = "#566067"
RULE: Final = "#e1e5e8"


def mixed(colour: str, share: float) -> str:
    """Return ``colour`` ("#rrggbb") on a white ground, at ``share`` (0 to 1) of its strength."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in parts)
