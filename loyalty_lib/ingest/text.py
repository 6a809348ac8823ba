"""Text files as records: the header, a UTF-8 copy, and a second reading that knows every record's line.

The engine reads text fast but cannot say where a value stood.  When something is wrong the file is read again here,
record by record, with the physical line on which each record begins (a quoted field may hold line breaks); that reading
finds the structural mistakes, and lets the same SQL find the values'.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from loyalty_lib.errors import SHOWN_LINES

WHITESPACE = "whitespace"
FIELD_LIMIT = 10_000_000  # characters; a longer field is an unclosed quote that swallowed the file
COPY = "transcoded.csv"
CHUNK = 50_000  # records handed to the engine at a time


class NotRecords(Exception):  # noqa: N818  (no error of the program: the text is not what its dialect says)
    """A quote that is never closed, or closed in the middle of a field; in the record that begins on ``line``."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text file is written down.

    Attributes
    ----------
    encoding
        A codec's name.
    delimiter
        One character, or "whitespace".
    header_line
        The 1-based line on which the record with the names begins.
    """

    encoding: str
    delimiter: str
    header_line: int = 1


@dataclass(frozen=True, kw_only=True)
class Header:
    """The record that holds the columns' names, and the 1-based line it begins on."""

    names: tuple[str, ...]
    line: int


@dataclass(kw_only=True)
class Mistakes:
    """Records that do not have the header's number of fields, and where and why reading had to stop.

    Empty fields beyond the header's are none, as spreadsheets write them, if every record has them.  Where only some
    have, the last field of those may be half of one: "1,234.50," without its quotes.
    """

    lines: list[int] = field(default_factory=list)  # of the first few
    count: int = 0
    fields: int = 0  # of the first of them
    stopped: NotRecords | None = None

    def add(self, line: int, fields: int) -> None:
        """Note a record that begins on ``line``."""
        self.fields = self.fields or fields
        self.count += 1
        if len(self.lines) < SHOWN_LINES:
            self.lines.append(line)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a text file, gzipped or not, without its byte-order mark and with its line ends as they are."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding=codec, newline="")
    return path.open(encoding=codec, newline="")


def records(stream: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of every record that is not blank; ``line`` is the physical line it begins on, from 1.

    Raises
    ------
    NotRecords
        If a quote is never closed, or stands in the middle of a field.
    UnicodeDecodeError
        If the file is not written in the encoding it was opened with.
    """
    if delimiter == WHITESPACE:
        for number, text in enumerate(stream, start=1):
            if fields := text.split():
                yield number, fields
        return
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise NotRecords(str(error), line) from None
        if record is None:
            return
        if any(part.strip() for part in record):
            yield line, record


def header(path: Path, dialect: Dialect) -> Header | None:
    """Return the header, or ``None`` of a file that ends before it."""
    with open_text(path, dialect.encoding) as stream:
        for line, names in _from(stream, dialect):
            return Header(names=tuple(name.strip() for name in names), line=line)
    return None


def utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return a file with the text in UTF-8, as the engine reads it: the file itself, or a copy in ``folder``.

    Of a compressed file, too: it is read several times, and by all processors only where it is not compressed.
    """
    copy = folder / COPY
    if codecs.lookup(encoding).name == "utf-8":
        if path.suffix.lower() != ".gz":
            return path
        with gzip.open(path) as packed, copy.open("wb") as whole:
            shutil.copyfileobj(packed, whole, 1 << 20)
        return copy
    with open_text(path, encoding) as source, copy.open("w", encoding="utf-8", newline="") as target:
        shutil.copyfileobj(source, target)
    return copy


def numbered(path: Path, dialect: Dialect, width: int, mistakes: Mistakes) -> Iterator[pa.Table]:
    """Yield the records below the header as Arrow tables: record (the line), c0, c1, ... as text.

    Parameters
    ----------
    width
        Number of fields in the header.
    mistakes
        Filled on the way: records of another width, and why reading stopped, if it did.
    """
    with open_text(path, dialect.encoding) as stream:
        good = itertools.islice(_good(stream, dialect, width, mistakes), 1, None)
        while chunk := list(itertools.islice(good, CHUNK)):
            lines, rows = zip(*chunk, strict=True)
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            yield pa.table([pa.array(lines, pa.int64()), *columns], ["record", *(f"c{i}" for i in range(width))])


def _good(stream: TextIO, dialect: Dialect, width: int, mistakes: Mistakes) -> Iterator[tuple[int, list[str]]]:
    records_ = _from(stream, dialect)
    exact, longer = 0, Mistakes()
    try:
        yield from itertools.islice(records_, 1)
        for line, fields in records_:
            if len(fields) < width or any(fields[width:]):
                mistakes.add(line, len(fields))
                continue
            if len(fields) > width:
                longer.add(line, len(fields))
            else:
                exact += 1
            yield line, fields[:width]
    except NotRecords as error:
        mistakes.stopped = error
    if exact and longer.count:
        mistakes.lines = sorted({*mistakes.lines, *longer.lines})[:SHOWN_LINES]
        mistakes.fields = mistakes.fields or longer.fields
        mistakes.count += longer.count


def _from(stream: TextIO, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield the header's record and those below it; what stands above it is a title, in whatever shape."""
    skipped = dialect.header_line - 1
    for _ in range(skipped):
        stream.readline()
    for line, fields in records(stream, dialect.delimiter):
        yield line + skipped, fields


def undecodable_line(path: Path, encoding: str) -> int | None:
    """Return the first line that is not written in ``encoding``; ``None`` where lines cannot be told without it."""
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return None
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                raw.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None
