"""The report's HTML: small autoescaped pieces (``loyalty/blocks``) and the page around them (``loyalty/``).

Plain text goes in, ``Markup`` comes out.  Everything that is not already ``Markup`` is escaped, so a client's name or a
product can never become an element.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER: Final = Path(__file__).parent
MIME: Final = "application/vnd.loyalty+json"  # the type under which a notebook's outputs carry their data


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "loyalty" / "blocks"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def fill(block: str, **values: Any) -> Markup:
    """Fill the template ``blocks/<block>.html.j2``.

    Parameters
    ----------
    block
        The template's name without its ending.
    **values
        What the template names.  Text is escaped; ``Markup`` goes in as it is.

    Returns
    -------
    Markup
        HTML that needs no further escaping.
    """
    return Markup(_environment().get_template(f"{block}.html.j2").render(values))  # noqa: S704 - autoescaped above
