"""Babel extractor for notebooks: each Markdown cell shown in a report is one msgid.

Used by ``pybabel extract`` through ``babel.cfg``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

HIDDEN = "hide"


def markdown_cells(
    fileobj: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield line, function, msgid and comments of each Markdown cell without the tag ``hide``."""
    del keywords, comment_tags, options  # Babel passes them to every extractor; cells have neither calls nor comments
    for position, cell in enumerate(json.load(fileobj)["cells"], start=1):
        source = "".join(cell["source"]).strip()
        shown = HIDDEN not in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown" and shown and source:
            yield position, "gettext", source.removeprefix("## "), []
