"""The report's HTML: small autoescaped pieces (``loyalty/blocks``) and the page around them (``loyalty/``).

Plain text goes in, ``Markup`` comes out.  Everything that is not already ``Markup`` is escaped, so a client's name or a
product can never become an element.  A client's own pieces (``use``) stand in for ours; they are filled in a sandbox,
by the same rules, and what comes out of them may not run, load or send anything.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from loyalty_lib.errors import ConfigError, Problem
from loyalty_lib.templates.foreign import foreign

FOLDER: Final = Path(__file__).parent
MIME: Final = "application/vnd.loyalty+json"  # the type under which a notebook's outputs carry their data
PICTURES: Final = "LOYALTY_PICTURES"  # set in a notebook's environment, its charts travel along as pictures too
OURS: Final = FOLDER / "loyalty" / "blocks"
ENDING: Final = ".html.j2"
WHOLE_PAGES: Final = frozenset({"check"})  # they hold the policy that closes the page, and are nobody's to replace

_own: ContextVar[Path | None] = ContextVar("own_blocks", default=None)


def use(folder: Path | None) -> None:
    """Take blocks from ``folder/blocks``, where it has them, from here on in this context; ``None`` for ours."""
    _own.set(folder)


def replaceable() -> list[str]:
    """Return the names of the blocks that a client may have of its own."""
    names = {path.name.removesuffix(ENDING) for path in OURS.glob(f"*{ENDING}")}
    return sorted(names - WHOLE_PAGES)


@cache
def environment(folder: Path | None) -> Environment:
    """Return the environment in which blocks are filled.

    Parameters
    ----------
    folder
        A client's own templates; they can include ours as ``loyalty/<name>.html.j2``.  ``None`` for ours alone.
    """
    ours = FileSystemLoader(OURS)
    rules: dict[str, Any] = {
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
    }
    if folder is None:
        return Environment(loader=ours, **rules)  # noqa: S701 - autoescape is among the rules
    own = FileSystemLoader(folder / "blocks")
    closed = SandboxedEnvironment(loader=ChoiceLoader([own, ours, PrefixLoader({"loyalty": ours})]), **rules)
    del closed.filters["safe"]  # the way round the escaping
    return closed


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

    Raises
    ------
    ConfigError
        If a client's own template cannot be filled, or holds what a page never does.
    """
    folder = _own.get()
    if folder is None or block in WHOLE_PAGES or not (file := folder / "blocks" / f"{block}{ENDING}").is_file():
        html = environment(None).get_template(f"{block}{ENDING}").render(values)
        return Markup(html)  # noqa: S704 - autoescaped above
    return Markup(_own_html(folder, file, values))  # noqa: S704 - autoescaped, and checked


def _own_html(folder: Path, file: Path, values: dict[str, Any]) -> str:
    try:
        html = environment(folder).get_template(file.name).render(values)
    except (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ConfigError([problem_of(file, error)]) from error
    found = [what for _, what in foreign(html)]
    if found:
        raise ConfigError([not_on_a_page(str(file), (), found[0])])
    return html


def problem_of(file: Path, error: Exception) -> Problem:
    """Say what is wrong with a client's own template."""
    line = getattr(error, "lineno", None)
    return Problem(
        file=str(file),
        lines=(line,) if line else (),
        count=1,
        expected=f"a template that can be filled ({str(getattr(error, 'message', None) or error).rstrip('.')})",
        remedy="Mend it; our block of that name shows what it is given.",
    )


def not_on_a_page(file: str, lines: tuple[int, ...], found: str) -> Problem:
    """Say that something runs, loads or sends, which nothing on a page may."""
    return Problem(
        file=file,
        lines=lines,
        count=len(lines),
        value=found,
        expected="nothing that runs, loads or sends; a report holds everything it shows",
        remedy="Remove it, or put the picture into the file as data:.",
    )
