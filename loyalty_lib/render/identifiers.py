"""Identifiers that stand once on a page: a block shown twice, as when a chapter is copied, gets its own."""

from __future__ import annotations

import re
from typing import Final

DECLARED: Final = re.compile(r'\bid="([^"]+)"')
# Where an identifier is meant: its declaration, a link, a reference inside a drawing, a label.
USED: Final = re.compile(r'(\bid="|\bhref="#|\burl\(#|\baria-(?:labelledby|describedby|controls)="|\bfor=")([^")]+)')


def distinct(html: str, seen: set[str]) -> str:
    """Give the identifiers of ``html`` a number where one of them is taken.

    Parameters
    ----------
    html
        A block.
    seen
        Identifiers on the page so far; those of the block are added.

    Returns
    -------
    str
        The block, all its identifiers changed alike or none.
    """
    own = set(DECLARED.findall(html))
    number = 2
    renamed = dict(zip(own, own, strict=True))
    while seen & set(renamed.values()):
        renamed = {name: f"{name}-{number}" for name in own}
        number += 1
    seen.update(renamed.values())
    if all(name == new for name, new in renamed.items()):
        return html
    return USED.sub(lambda match: match[1] + " ".join(renamed.get(name, name) for name in match[2].split(" ")), html)
