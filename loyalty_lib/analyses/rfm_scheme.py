"""Segment schemes: which R, F (and M) scores make which segment, as data.

A scheme maps a segment's key to its boxes.  A box gives one score or range for each of R, F and, if the scheme uses
it, M: ``"1-2 5"`` is R 1 to 2 with F 5, ``"5 4-5 3"`` is R 5, F 4 to 5, M 3.  Every cell belongs to one segment.
``rfm_schemes.json`` holds the published ones: ``rf_grid_10`` (25 cells of R and F), ``codes_125``, and ``putler_11``.

``putler_11`` is published as ranges of R and of the mean of F and M.  A mean such as 3.5 lies inside 3 to 5.  30 of the
45 combinations then match more than one segment; the first in the published order takes them, which leaves four of the
eleven (new, promising, can't lose, lost) without any.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final, TypeAlias

from loyalty_lib.errors import UsageError

Scheme: TypeAlias = Mapping[str, Sequence[str]]
Cell: TypeAlias = tuple[int, ...]

SCHEMES: Final = Path(__file__).with_name("rfm_schemes.json")
SCORES: Final = range(1, 6)
NAMES: Final = "RFM"
INACTIVE: Final = "inactive"  # bought before the window and not in it
NOT_YET: Final = "not_yet"  # had not bought at the earlier date
OWN_WORDS: Final = (INACTIVE, NOT_YET)  # a scheme cannot give these names to segments of its own
REMEDY: Final = "\nMend rfm.scheme in the client's client.yml."
_BOX: Final = re.compile(r"[1-5](-[1-5])?( [1-5](-[1-5])?){1,2}", flags=re.ASCII)


@cache
def published_schemes() -> Mapping[str, Scheme]:
    """Return the schemes that come with the project, by name."""
    schemes: Mapping[str, Scheme] = json.loads(SCHEMES.read_text(encoding="utf-8"))
    return schemes


def named_scheme(name: str) -> Scheme:
    """Return a published scheme.

    Raises
    ------
    UsageError
        If there is none of that name; the message lists those there are.
    """
    known = published_schemes()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Choose one of {', '.join(known)}."
        message = f"There is no segment scheme {name!r}; expected one of {', '.join(known)}. {remedy}"
        raise UsageError(message)
    return known[name]


def cells_of(scheme: Scheme) -> dict[Cell, str]:
    """Return the segment of every cell.

    Parameters
    ----------
    scheme
        Boxes by segment.

    Returns
    -------
    dict
        25 cells (R, F) or 125 cells (R, F, M), as the boxes have two scores or three.

    Raises
    ------
    UsageError
        If a box cannot be read, boxes differ in their number of scores, a cell has no segment, or more than one, or a
        name is taken; all such problems at once.
    """
    boxes = [(segment, box) for segment, texts in scheme.items() for box in texts]
    problems = [f"segment {name!r} has a name that the report needs itself" for name in OWN_WORDS if name in scheme]
    problems += [
        f"segment {segment!r}: {box!r} is not a box; expected two or three scores or ranges such as '4-5 1'"
        for segment, box in boxes
        if not _BOX.fullmatch(box)
    ]
    sizes = {len(box.split(" ")) for _, box in boxes}
    if not problems and len(sizes) != 1:
        problems.append("boxes must all have two scores (R F) or all have three (R F M)")
    if problems:
        _refuse(problems)
    found: dict[Cell, list[str]] = {cell: [] for cell in product(SCORES, repeat=sizes.pop())}
    for segment, box in boxes:
        for cell in _cells(box):
            found[cell].append(segment)
    for cell, segments in found.items():
        if not segments:
            problems.append(f"cell {_name(cell)} belongs to no segment")
        elif len(segments) > 1:
            problems.append(f"cell {_name(cell)} is covered more than once, by {', '.join(map(repr, segments))}")
    if problems:
        _refuse(problems)
    return {cell: segments[0] for cell, segments in found.items()}


def _cells(box: str) -> Iterator[Cell]:
    bounds = [part.partition("-") for part in box.split(" ")]
    return product(*(range(int(low), int(high or low) + 1) for low, _, high in bounds))


def _name(cell: Cell) -> str:
    return " ".join(f"{name}={score}" for name, score in zip(NAMES, cell, strict=False))


def _refuse(problems: Sequence[str]) -> None:
    lines = "".join(f"\n  {problem}." for problem in problems)
    message = (
        f"The segment scheme cannot be used: {len(problems)} to mend; every cell needs one segment.{lines}{REMEDY}"
    )
    raise UsageError(message)
