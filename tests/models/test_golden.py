"""The page of published numbers is what the program prints now, and hardly a number differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import golden

PAGE = Path(__file__).parents[2] / "docs" / "golden.md"
# What may differ in a last digit, all with a remark: estimates of searches that stopped early, and two rounded figures.
MOST_THAT_DIFFER = 19


@pytest.fixture(scope="module")
def fresh() -> str:
    return golden.page()


def test_the_page_shows_a_fresh_run_digit_by_digit(fresh: str) -> None:
    """If this fails after a change of the models, run: python -m benchmarks.golden > docs/golden.md."""
    assert PAGE.read_text(encoding="utf-8").splitlines() == fresh.splitlines()


def test_numbers_agree_or_a_remark_says_why(fresh: str) -> None:
    rows = [line.strip("| ").split(" | ") for line in fresh.splitlines() if line.startswith("| ")]
    numbers = [row for row in rows if row[0] != "quantity"]
    assert len(numbers) > 200
    differing = [row for row in numbers if row[4].strip(" |") != "0"]
    assert len(differing) <= MOST_THAT_DIFFER
    for row in differing:
        assert len(row) == 6, row
        assert abs(float(row[4])) <= 3e-3 * abs(float(row[2])), row
