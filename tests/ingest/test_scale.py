"""A million lines: read to the cent within the memory of a small machine, and mistakes named by line."""

from __future__ import annotations

import importlib.util
import re
from decimal import Decimal
from pathlib import Path

import pytest

LINES = 1_000_000
LIMIT = 1.2e9  # bytes


@pytest.fixture(scope="module")
def bench():
    """Return the benchmark, which is a script, as a module."""
    spec = importlib.util.spec_from_file_location(
        "ingest_bench", Path(__file__).parents[2] / "benchmarks" / "ingest.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["mailed", "plain"])
def test_a_million_lines_are_read_to_the_cent_in_little_memory(dialect, bench, tmp_path):
    path = tmp_path / "orders.csv"
    total = bench.write(path, LINES, dialect)
    found = bench.read(path)
    assert (found["rows"], Decimal(found["total"])) == (LINES, total)
    assert found["peak"] < LIMIT

    line = bench.spoil(path, dialect)
    found = bench.read(path)
    assert f"line {line}: 'Dato' holds '{bench.WRONG_DAY}'" in found["message"]
    assert found["peak"] < LIMIT


@pytest.mark.slow
def test_a_million_mistakes_are_told_in_a_few_lines(bench, tmp_path):
    path = tmp_path / "orders.csv"
    header = ",".join(bench.COLUMNS.values())
    path.write_text(f"{header}\n" + "1,2,3,tomorrow,much,x\n" * LINES, encoding="utf-8")
    found = bench.read(path)
    assert found["peak"] < LIMIT
    assert len(found["message"]) < 1_000
    assert re.findall(r"lines ([\d, ]+) and (\d+) more", found["message"]) == [("2, 3, 4", str(LINES - 3))] * 2

    path.write_text(f"{header}\n" + "1,2,3\n" * LINES, encoding="utf-8")
    found = bench.read(path)
    assert found["peak"] < LIMIT
    assert len(found["message"]) < 1_000
