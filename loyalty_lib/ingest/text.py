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
    """Records that do not have the header's number of fields, and where and why reading had to stop."""

    lines: list[int] = field(default_factory=list)
    fields: int = 0  # of the first of them
    stopped: NotRecords | None = None


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
        Number of fields in the header.  Empty fields beyond it are passed over, as spreadsheets write them.
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
    try:
        for line, fields in _from(stream, dialect):
            if len(fields) < width or any(fields[width:]):
                mistakes.fields = mistakes.fields or len(fields)
                mistakes.lines.append(line)
            else:
                yield line, fields[:width]
    except NotRecords as error:
        mistakes.stopped = error


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
