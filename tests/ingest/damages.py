"""Good files, damaged as texts and as bytes; and files that never were any.  ``case`` returns one of all kinds."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from tests.ingest.corruptions import EDITS, MONEY, SEED, Case, Edit, Good, _case, good
from tests.ingest.dialects import NAMES, NBSP, Dialect, file_of, packed, truth

TOKENS: Final = (
    *NAMES.values(), ";", ";", ",", "\t", "|", "\n", "\n", "\r\n", "\r", '"', '""', " ", NBSP, "\0", "\ufeff",
    "\ufffd", "12", "1.234,50", "31.12.2024", "2024-12-31", "Totalt", "Åse", "\U0001f600", "kr", "-", "=1+1", "sep=;",
    "<html>", "{", "'",
)  # fmt: skip
ENDINGS: Final = (".csv", ".csv", ".csv.gz", ".tsv", ".txt", ".tab", ".xlsx", ".xls", ".ods", ".xlsb", ".parquet")


def case(number: int) -> Case:
    """Return a case; the same for the same number.  Six in ten are edits of a table's cells and lines."""
    draw = np.random.default_rng([SEED, number])
    makers = EDITS if number % 10 < 6 else DAMAGES
    maker = makers[draw.integers(len(makers))]
    return maker(draw, good(draw))


# Texts ----------------------------------------------------------------------------------------------------------------


def cut_text(draw: np.random.Generator, the: Good) -> Case:
    """A file that ends too early: what is left of its last line may be taken at its word, the lines above it too."""
    text = the.file(the.cells)
    cut = text[: draw.integers(len(text))]
    return Case(
        kind="cut text", raw=packed(cut, the.dialect), ending=the.dialect.ending, right=None, within=truth(the.rows)
    )


def stray_quote(draw: np.random.Generator, the: Good) -> Case:
    text = the.file(the.cells)
    place = int(draw.integers(len(text)))
    quotes = [i for i, letter in enumerate(text) if letter == '"']
    if quotes and draw.random() < 0.5:
        place = quotes[draw.integers(len(quotes))]
        return _case("lost quote", the, text[:place] + text[place + 1 :], truth(the.rows), compared=MONEY)
    return _case("stray quote", the, f'{text[:place]}"{text[place:]}', truth(the.rows), compared=MONEY)


def mark_in_the_middle(draw: np.random.Generator, the: Good) -> Case:
    text = the.file(the.cells)
    place = draw.integers(len(text))
    mark = "\ufeff" if the.dialect.encoding.startswith("utf") else str(draw.choice(["\0", "\x1a", NBSP]))
    return _case("mark in the middle", the, text[:place] + mark + text[place:], truth(the.rows), compared=MONEY)


def mixed_line_ends(draw: np.random.Generator, the: Good) -> Case:
    ends = ["\n", "\r\n", "\r"][: draw.integers(2, 4)]
    lines = the.file(the.cells).split(the.dialect.line_end)
    text = "".join(line + str(draw.choice(ends)) for line in lines[:-1]) + lines[-1]
    return _case(f"mixed line ends {ends}", the, text, truth(the.rows))


def mixed_encodings(draw: np.random.Generator, the: Good) -> Case:
    lines = the.file(the.cells).splitlines(keepends=True)
    encodings = ["utf-8", "cp1252"] if draw.random() < 0.8 else ["utf-8", "utf-16-le"]
    raw = b"".join(line.encode(str(draw.choice(encodings)), errors="replace") for line in lines)
    ending = the.dialect.ending.removesuffix(".gz")
    return Case(kind="mixed encodings", raw=raw, ending=ending, right=(truth(the.rows),), compared=MONEY)


def two_in_one(draw: np.random.Generator, the: Good) -> Case:
    """One file below the other, header and all."""
    text = the.file(the.cells)
    return _case("two in one", the, text + text)


def lines_of_nothing(draw: np.random.Generator, the: Good) -> Case:
    lines = the.file([[part.replace("\n", " ") for part in row] for row in the.cells]).split(the.dialect.line_end)
    blank = str(draw.choice([the.dialect.delimiter * 4, "", " ", '""', "-" * 20]))
    lines.insert(draw.integers(len(lines)), blank)
    return _case(f"a line {blank!r}", the, the.dialect.line_end.join(lines), truth(the.rows))


def ended_twice(draw: np.random.Generator, the: Good) -> Case:
    more = str(draw.choice(["\x1a", "\0" * 100, "Utskrift slutt", "-- \n", "\n\n\n", "(3 rows)"]))
    return _case(f"ended with {more!r}", the, the.file(the.cells) + more, truth(the.rows))


# Bytes ----------------------------------------------------------------------------------------------------------------


def _damaged(draw: np.random.Generator, raw: bytes) -> bytes:
    """Flip, remove, add, repeat or zero a few bytes."""
    for _ in range(draw.choice([1, 1, 1, 2, 5, 20])):
        if not raw:
            break
        start = int(draw.integers(len(raw)))
        end = start + int(draw.choice([1, 1, 2, 8, 100, 1_000]))
        match draw.integers(5):
            case 0:
                raw = raw[:start] + bytes([raw[start] ^ (1 << int(draw.integers(8)))]) + raw[start + 1 :]
            case 1:
                raw = raw[:start] + raw[end:]
            case 2:
                raw = raw[:start] + draw.bytes(end - start) + raw[start:]
            case 3:
                raw = raw[:end] + raw[start:end] + raw[end:]
            case _:
                raw = raw[:start] + bytes(len(raw[start:end])) + raw[end:]
    return raw


def _table(the: Good) -> pd.DataFrame:
    rows = [[row.customer, row.order, row.day, row.cents / 100, row.product] for row in the.rows]
    return pd.DataFrame(rows, columns=list(NAMES.values()))


def _workbook(the: Good) -> bytes:
    stream = io.BytesIO()
    _table(the).to_excel(stream, index=False)
    return stream.getvalue()


def _parquet(the: Good) -> bytes:
    stream = io.BytesIO()
    _table(the).to_parquet(stream)
    return stream.getvalue()


def damaged_text(draw: np.random.Generator, the: Good) -> Case:
    ending = the.dialect.ending.removesuffix(".gz")
    raw = the.file(the.cells).encode(the.dialect.encoding)
    return Case(kind="damaged text", raw=_damaged(draw, raw), ending=ending, right=None)


def damaged_gzip(draw: np.random.Generator, the: Good) -> Case:
    """Gzip has a checksum: what reads is what was written."""
    the = Good(rows=the.rows, dialect=_zipped(the))
    raw = _damaged(draw, file_of(the.rows, the.dialect))
    return Case(kind="damaged gzip", raw=raw, ending=the.dialect.ending, right=(truth(the.rows),))


def damaged_workbook(draw: np.random.Generator, the: Good) -> Case:
    """So have the parts of a workbook."""
    raw = _damaged(draw, _workbook(the))
    return Case(kind="damaged workbook", raw=raw, ending=".xlsx", right=(truth(the.rows),))


def damaged_parquet(draw: np.random.Generator, the: Good) -> Case:
    return Case(kind="damaged parquet", raw=_damaged(draw, _parquet(the)), ending=".parquet", right=None)


def cut_bytes(draw: np.random.Generator, the: Good) -> Case:
    """Files that tell where they end are refused if they do not."""
    raw, ending = [
        (file_of(the.rows, _zipped(the)), ".csv.gz"),
        (_workbook(the), ".xlsx"),
        (_parquet(the), ".parquet"),
    ][draw.integers(3)]
    ending = _zipped(the).ending if ending == ".csv.gz" else ending
    return Case(kind=f"cut {ending}", raw=raw[: draw.integers(len(raw))], ending=ending, right=())


def _zipped(the: Good) -> Dialect:
    ending = the.dialect.ending
    return replace(the.dialect, ending=ending if ending.endswith(".gz") else f"{ending}.gz")


# No files at all ------------------------------------------------------------------------------------------------------


def random_bytes(draw: np.random.Generator, the: Good) -> Case:
    raw = draw.bytes(int(draw.choice([0, 1, 2, 10, 1_000, 100_000])))
    head = draw.choice(
        [b"", b"", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"]
    )
    return Case(kind="random bytes", raw=bytes(head) + raw, ending=str(draw.choice(ENDINGS)), right=None)


def random_text(draw: np.random.Generator, the: Good) -> Case:
    text = "".join(TOKENS[i] for i in draw.integers(len(TOKENS), size=draw.choice([1, 5, 50, 1_000])))
    header = the.dialect.delimiter.join(NAMES.values()) + "\n" if draw.random() < 0.5 else ""
    raw = (header + text).encode(the.dialect.encoding, errors="replace")
    return Case(kind="random text", raw=raw, ending=str(draw.choice(ENDINGS)), right=None)


def other_ending(draw: np.random.Generator, the: Good) -> Case:
    """A good file under another kind's name; text is text under all of text's."""
    raw = [file_of(the.rows, the.dialect), _workbook(the), _parquet(the)][draw.integers(3)]
    right = (truth(the.rows),)
    return Case(kind="other ending", raw=raw, ending=str(draw.choice(ENDINGS)), right=right)


DAMAGES: Final[tuple[Edit, ...]] = (
    cut_text, stray_quote, mark_in_the_middle, mixed_line_ends, mixed_encodings, two_in_one, lines_of_nothing,
    ended_twice, damaged_text, damaged_text, damaged_gzip, damaged_workbook, damaged_parquet, cut_bytes, random_bytes,
    random_text, random_text, other_ending,
)  # fmt: skip
