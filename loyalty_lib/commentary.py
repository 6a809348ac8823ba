"""The consultant's own words: ``clients/<client>/commentary/<period>.md``, divided by the report's sections.

A file in Markdown goes in, text by section comes out.  ``## Key figures`` opens what is said on that section, under its
title in the report's language or in English; what stands before the first heading belongs to the summary.  Only the
division is made here: ``render`` shows the text, with everything in it escaped.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from loyalty_lib.errors import DataError, Problem

SUMMARY: Final = "summary"  # the identifier of the section before the first heading
FENCE: Final = re.compile(r" {0,3}(```|~~~)")
HEADING: Final = re.compile(r"## +(.*?)(?: +#+)?\s*$")
TITLE: Final = re.compile(r"# ")
PICTURE: Final = re.compile(r"!\[[^\]]*\]\s*[(\[]")


class CommentaryError(DataError):
    """Problems in a commentary, all of them at once."""

    consequence = "no report was made"


def read_commentary(file: Path, titles: Mapping[str, str]) -> dict[str, str]:
    """Read what a consultant says on the sections of a report.

    Parameters
    ----------
    file
        May be missing: then nothing is said.
    titles
        Identifier of each section by title, in every language it may be named in.

    Returns
    -------
    dict
        Markdown by section's identifier, in the order of the file.

    Raises
    ------
    CommentaryError
        If the file is not UTF-8, names a section that is not there or names one twice, or holds a picture or a heading
        of the first level.
    """
    if not file.is_file():
        return {}
    known = {title.strip().casefold(): slug for title, slug in titles.items()}
    lines = _lines(file)
    problems = [_problem(file, *found) for found in _refused(lines)]
    said: dict[str, list[str]] = {}
    slug = SUMMARY
    for number, line, heading in _with_headings(lines):
        if heading is None:
            said.setdefault(slug, []).append(line)
            continue
        slug = known.get(heading.casefold(), "")
        if not slug:
            problems.append(_problem(file, number, heading, "a section of the report", _nearest(heading, titles)))
        elif any(one.strip() for one in said.get(slug, ())):
            remedy = "Put both under one heading."
            problems.append(_problem(file, number, heading, "one heading for each section", remedy))
    if problems:
        raise CommentaryError(problems)
    texts = {slug: "\n".join(part).strip() for slug, part in said.items()}
    return {slug: text for slug, text in texts.items() if text}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        before = file.read_bytes()[: error.start]
        problem = _problem(file, before.count(b"\n") + 1, None, "text as UTF-8", "Save the file as UTF-8.")
        raise CommentaryError([problem]) from None


def _with_headings(lines: list[str]) -> Iterator[tuple[int, str, str | None]]:
    """Yield number, line and, where it opens a section, the section's title; code between fences opens none."""
    fence = ""
    for number, line in enumerate(lines, start=1):
        if found := FENCE.match(line):
            fence = "" if found[1] == fence else fence or found[1]
        heading = None if fence else HEADING.match(line)
        yield number, line, heading[1].strip() if heading else None


def _refused(lines: list[str]) -> Iterator[tuple[int, str, str, str]]:
    """Yield number, value, expectation and remedy of lines that cannot stand in a report."""
    for number, line, _ in _with_headings(lines):
        if TITLE.match(line):
            remedy = "Write ## and the title of a section, or take the line out: the report has a title."
            yield number, line, "no heading of the first level", remedy
        if PICTURE.search(line):
            yield number, line.strip(), "text without pictures", "Take it out; a comment holds words."


def _problem(file: Path, line: int, value: str | None, expected: str, remedy: str) -> Problem:
    return Problem(file=str(file), lines=(line,), count=1, value=value, expected=expected, remedy=remedy)


def _nearest(heading: str, titles: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(heading.casefold(), [title.casefold() for title in titles], 1)
    for title in titles:
        if near and title.casefold() == near[0]:
            return f"Did you mean {title!r}?"
    return f"Sections: {', '.join(titles)}."
