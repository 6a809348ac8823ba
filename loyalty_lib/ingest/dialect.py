"""How a text file is written down: its encoding, its delimiter, and the line that holds the columns' names.

The whole file decides on the encoding, the first records on the rest.  Each finding says how sure it is; what the
settings state is taken as it is.  Any bytes give an answer: that the file cannot be read with it is for the reading to
find, which knows the line.
"""

from __future__ import annotations

import codecs
import gzip
import io
import itertools
import re
import statistics
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.ingest import text
from loyalty_lib.ingest.guess import Guess

Known = Callable[[Sequence[str]], bool]

DELIMITERS: Final = (";", "\t", "|", ",")  # of two that divide equally well the first is taken
NAMES: Final = {";": "semicolon", "\t": "tab", "|": "vertical bar", ",": "comma"}
CHUNK: Final = 1 << 20  # bytes
SAMPLE_RECORDS: Final = 200
ENOUGH: Final = 0.4  # share of records that have the same width, for their delimiter to be one
CONSISTENT: Final = 0.9
NO_NAMES: Final = "no record looks like names of columns"
WIDE_ENOUGH: Final = 0.6  # share of the columns that a header names
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNDEFINED: Final = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")  # bytes that are no character in cp1252
SEPARATOR_LINE: Final = re.compile(r'\ufeff?"?sep=(.)"?,*', re.IGNORECASE)  # what Excel reads as its delimiter
VALUE: Final = re.compile(r"[-+−(]?\W{0,3}\d[\d\s.,:/+\-)%TZ]*\W{0,3}|[^@\s]+@[^@\s]+")  # a number, a day, an address


@dataclass(frozen=True, kw_only=True)
class Detected:
    """How a text file is written down.

    Attributes
    ----------
    encoding
        A codec's name; "utf-8" with and without a byte-order mark.
    delimiter
        One character, or "whitespace".  A file of one column has a comma.
    header_line
        The 1-based physical line the header begins on; its value is ``None`` of a file that holds nothing.
    """

    encoding: Guess
    delimiter: Guess
    header_line: Guess


@dataclass(frozen=True, kw_only=True)
class _Division:
    """The first records as one delimiter divides them: (line, cells), and the width most of them have."""

    delimiter: str
    records: list[tuple[int, list[str]]]
    width: int
    share: float  # of the records that have it


def detect(path: Path, ingest: Ingest, known: Known) -> Detected:
    """Find out how a text file, gzipped or not, is written down.

    Parameters
    ----------
    ingest
        What it sets is taken as it is.
    known
        Tells whether the cells of a record are a header we know.

    Raises
    ------
    OSError, EOFError
        If the file cannot be read, or is no whole gzip file.
    """
    try:
        encoding = _set(ingest.encoding) or _encoding(path)
        sample = _sample(path, encoding.value or "utf-8")
    except zlib.error as error:
        raise gzip.BadGzipFile(str(error)) from error
    delimiter = _set(ingest.delimiter) or _delimiter(sample, path, known)
    line = _set(None if ingest.header_line is None else str(ingest.header_line))
    header = line or _header(_divide(sample, delimiter.value or ","), known)
    return Detected(encoding=encoding, delimiter=delimiter, header_line=header)


def _set(value: str | None) -> Guess | None:
    return None if value is None else Guess(value=value, sure="certain", why="set")


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _encoding(path: Path) -> Guess:
    with _open(path) as stream:
        first = stream.read(CHUNK)
        for mark, name in MARKS:
            if first.startswith(mark):
                return Guess(value=name, sure="certain", why="the file begins with its byte-order mark")
        if wide := _wide(first):
            return Guess(value=wide, sure="likely", why="every other byte is zero, as in UTF-16")
        return _narrow(itertools.chain([first], iter(lambda: stream.read(CHUNK), b"")))


def _wide(first: bytes) -> str | None:
    """Return the UTF-16 codec of text without a byte-order mark: the higher bytes of western letters are zero."""
    higher, lower = (first[start::2].count(0) / max(len(first) // 2, 1) for start in (0, 1))
    if max(higher, lower) < ENOUGH or min(higher, lower) > max(higher, lower) / 4:
        return None
    return "utf-16-be" if higher > lower else "utf-16-le"


def _narrow(chunks: Iterator[bytes]) -> Guess:
    """Tell UTF-8, which nothing else is by chance, from the code pages of western Europe."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, letters, undefined = True, False, False
    # The empty chunk at the end tells the decoder that nothing follows.
    for chunk in itertools.chain(chunks, [b""]):
        if is_utf8:
            try:
                letters = not decoder.decode(chunk, final=not chunk).isascii() or letters
            except UnicodeDecodeError as error:
                is_utf8 = False
                letters = letters or not error.object[: error.start].isascii()
        undefined = undefined or any(byte in chunk for byte in UNDEFINED)
    if is_utf8:
        why = "every byte is valid UTF-8" if letters else "every byte is ASCII, which UTF-8 includes"
        return Guess(value="utf-8", sure="certain", why=why)
    if undefined:
        return Guess(value="iso8859-1", sure="unsure", why="some bytes are no characters in UTF-8 or in cp1252")
    if letters:
        return Guess(value="cp1252", sure="unsure", why="the file begins as UTF-8, but not all of its bytes are valid")
    return Guess(value="cp1252", sure="likely", why="not UTF-8, and every byte is a character in cp1252")


def _sample(path: Path, encoding: str) -> str:
    """Return the beginning of the file, up to the end of a line."""
    with _open(path) as stream:
        first = stream.read(CHUNK)
        whole = not stream.read(1)
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    sample = codecs.getincrementaldecoder(codec)(errors="replace").decode(first, final=whole)
    if whole:
        return sample
    end = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: end + 1] or sample


def _divide(sample: str, delimiter: str) -> _Division:
    stream = io.StringIO(sample, newline="")
    records: list[tuple[int, list[str]]] = []
    try:
        for line, cells in itertools.islice(text.records(stream, delimiter), SAMPLE_RECORDS):
            joined = delimiter.join(cells).strip()
            # A line of rules or of empty fields is neither a header nor a row.
            if any(map(str.isalnum, joined)) and not SEPARATOR_LINE.fullmatch(joined):
                records.append((line, [cell.strip() for cell in cells]))
    except text.NotRecords:
        pass  # the records above it tell; the reading finds the mistake again, and its line
    widths = Counter(len(cells) for _, cells in records)
    width = max(widths, key=lambda one: (widths[one], one), default=0)
    whole_ones = sum(len(cells) == width and not _divides_quoted(cells) for _, cells in records)
    return _Division(delimiter=delimiter, records=records, width=width, share=whole_ones / max(len(records), 1))


def _divides_quoted(cells: Sequence[str]) -> bool:
    """Tell whether a record is divided within quotes: one field then begins what another ends."""
    return sum(cell.count('"') % 2 for cell in cells) > 1


def _delimiter(sample: str, path: Path, known: Known) -> Guess:
    if told := SEPARATOR_LINE.fullmatch(sample.split("\n", 1)[0].strip()):
        return Guess(value=told[1], sure="certain", why="the first line names it, for Excel")
    tabs = ".tsv" in [suffix.lower() for suffix in path.suffixes[-2:]]
    candidates = [_divide(sample, delimiter) for delimiter in DELIMITERS]
    named = {c.delimiter for c in candidates if c.width > 1 and any(known(cells) for _, cells in c.records)}
    dividing = [c for c in candidates if c.delimiter in named or (c.width > 1 and c.share >= ENOUGH)]
    if any(c.share >= CONSISTENT and c.delimiter != "," for c in dividing):
        dividing = [c for c in dividing if c.delimiter in named or not _divides_numbers(c)]
    if not dividing:
        return _blanks(sample)
    best = max(
        dividing,
        # Of two with the same records in line, the one that divides them more finely.
        key=lambda c: (c.delimiter in named, tabs and c.delimiter == "\t", c.share * (1 - 1 / c.width)),
    )
    if best.delimiter in named:
        return Guess(value=best.delimiter, sure="certain", why=f"the {NAMES[best.delimiter]} divides a header we know")
    why = f"the {NAMES[best.delimiter]} divides {best.share:.0%} of the first records into {best.width} fields"
    alone = best.share >= CONSISTENT and len([c for c in dividing if c.share >= CONSISTENT]) == 1
    return Guess(value=best.delimiter, sure="likely" if alone else "unsure", why=why)


def _divides_numbers(division: _Division) -> bool:
    """Tell whether the comma stands within numbers only, as a decimal mark does."""
    ends = [
        (left[-1:].isdigit(), right[:1].isdigit() or right.startswith("-"))
        for _, cells in division.records
        for left, right in itertools.pairwise(cells)
    ]
    return division.delimiter == "," and sum(all(end) for end in ends) >= CONSISTENT * len(ends)


def _blanks(sample: str) -> Guess:
    division = _divide(sample, text.WHITESPACE)
    if division.width > 1 and division.share == 1 and any(VALUE.fullmatch(c) for c in division.records[-1][1]):
        return Guess(value=text.WHITESPACE, sure="likely", why=f"blanks divide every record into {division.width}")
    return Guess(value=",", sure="likely", why="no character divides the records: there is one column")


def _header(division: _Division, known: Known) -> Guess:
    for line, cells in division.records:
        if known(cells):
            return Guess(value=str(line), sure="certain", why="its names are known")
    if not division.records:
        return Guess(value=None, sure="certain", why="the file holds no records")
    table = [cells for _, cells in division.records if len(cells) == division.width]
    filled = max(map(_filled, table))
    usual = statistics.median_low(sum(map(bool, cells)) for cells in table)
    above = list(itertools.takewhile(lambda record: not _is_data(record[1], usual), division.records))
    names = [(line, cells) for line, cells in above if _can_be_names(cells, division.width, filled)]
    if not names:
        first = next(line for line, cells in division.records if len(cells) == division.width)
        return Guess(value=str(first), sure="unsure", why=NO_NAMES)
    # A title may be as wide as the table, but it leaves more cells empty.
    line, _ = max(names, key=lambda record: sum(map(bool, record[1])))
    certain = len(names) == 1 and len(above) < len(division.records)
    why = "the only record above the values that can hold names" if certain else "the first record as wide as the table"
    return Guess(value=str(line), sure="likely" if certain or line == names[0][0] else "unsure", why=why)


def _filled(cells: Sequence[str]) -> int:
    """Return the number of cells up to the last that is not empty."""
    return max((number for number, cell in enumerate(cells, start=1) if cell), default=0)


def _is_data(cells: Sequence[str], usual: int) -> bool:
    """Tell a record with values from a title, which may hold a day but fills fewer cells than is usual."""
    return any(VALUE.fullmatch(cell) for cell in cells) and sum(map(bool, cells)) >= WIDE_ENOUGH * usual


def _can_be_names(cells: Sequence[str], width: int, filled: int) -> bool:
    names = [cell.casefold() for cell in cells if cell]
    return (
        not {len(cells), _filled(cells)}.isdisjoint({width, filled})
        and len(names) >= WIDE_ENOUGH * filled
        and 2 * len(set(names)) >= len(names)  # exports do repeat a name, but not most of them
        and not any(VALUE.fullmatch(name) for name in names)
    )
