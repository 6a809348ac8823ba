"""A client's folder of templates: a ``report.css`` and ``blocks/<name>.html.j2``, checked before a report is begun.

Unknown files, templates that cannot be filled, and whatever asks for something outside the page are refused, all of it
at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jinja2 import TemplateError

from loyalty_lib import templates
from loyalty_lib.errors import Problem
from loyalty_lib.templates.foreign import foreign

STYLE: Final = "report.css"
LARGEST: Final = 256 * 1024  # bytes of a file


def _spelt(word: str) -> str:
    """Return a pattern of a word in CSS, each letter of which may be an escape."""
    return "".join(_letter(letter) for letter in word)


def _letter(letter: str) -> str:
    codes = {f"{ord(one):x}" for one in (letter.lower(), letter.upper())}
    escapes = [rf"\\0{{0,4}}(?:{'|'.join(sorted(codes))})(?:\r\n|[ \t\r\n\f])?"]
    if letter not in "abcdef":  # those would be digits of an escape
        escapes.append(rf"\\{re.escape(letter)}")
    return f"(?:{re.escape(letter)}|{'|'.join(escapes)})"


# Sought in the whole text, comments and strings too: no way of writing CSS hides a request from that.
_IMPORT: Final = re.compile(rf"@{_spelt('import')}", re.IGNORECASE)
_URL: Final = re.compile(rf"(?<![\w-]){_spelt('url')}\(\s*([\"']?)\s*(data:image/|data:font/|#)?", re.IGNORECASE)
_CALLS: Final = "|".join(map(_spelt, ("image-set", "image", "src", "cross-fade")))
_OTHER: Final = re.compile(rf"(?<![\w-])(?:-webkit-)?(?:{_CALLS})\(", re.IGNORECASE)
_END: Final = re.compile(r"<[/!]")  # would end the style sheet, and begin something else


def overrides(folder: Path) -> tuple[str, list[Problem]]:
    """Read a folder of templates.

    Parameters
    ----------
    folder
        The client's.

    Returns
    -------
    css, problems
        What is added to the page's styles, and all that is wrong in the folder.
    """
    if not folder.is_dir():
        return "", [_problem(folder, "a folder", "Make it, or remove brand.templates.")]
    valid = [STYLE, *(f"blocks/{name}{templates.ENDING}" for name in templates.replaceable())]
    css, problems = "", []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # .DS_Store and its like
        if name not in valid:
            problems.append(_problem(path, f"one of {', '.join(valid)}", "Rename or remove it."))
            continue
        try:
            text = _text(path)
        except (OSError, ValueError) as error:
            problems.append(_problem(path, f"text in UTF-8 of at most {LARGEST:,} bytes ({error})", "Save it as such."))
            continue
        if name == STYLE:
            css = text
        problems += _css_problems(path, text) if name == STYLE else _block_problems(folder, path, text)
    return css, problems


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        message = f"{path.stat().st_size:,} bytes"
        raise ValueError(message)
    return path.read_text(encoding="utf-8-sig")


def _css_problems(path: Path, css: str) -> Iterator[Problem]:
    for pattern in (_IMPORT, _URL, _OTHER, _END):
        for match in pattern.finditer(css):
            if pattern is _URL and match[2]:
                continue
            line = css.count("\n", 0, match.start()) + 1
            found = " ".join(css[match.start() : match.start() + 60].partition("\n")[0].split())
            yield templates.not_on_a_page(str(path), (line,), found)


def _block_problems(folder: Path, path: Path, source: str) -> Iterator[Problem]:
    try:
        templates.environment(folder).from_string(source)
    except TemplateError as error:
        yield templates.problem_of(path, error)
    for line, found in foreign(source):
        yield templates.not_on_a_page(str(path), (line,), found)


def _problem(path: Path, expected: str, remedy: str) -> Problem:
    return Problem(file=str(path), expected=expected, remedy=remedy)
