"""Errors: where, what was found, what was expected, the remedy; all problems at once."""

from __future__ import annotations

import pytest

from loyalty_lib.errors import (
    ConfigError,
    DataError,
    LoyaltyError,
    MissingToolError,
    ModelError,
    Problem,
    ReportError,
    UsageError,
)

DATE = {"column": "order_date", "value": "31/04/2026", "expected": "a date as YYYY-MM-DD", "remedy": "Mend it."}


@pytest.mark.parametrize(
    ("lines", "count", "where"),
    [
        ((14,), 1, "line 14"),
        ((14, 15), 2, "lines 14 and 15"),
        ((14, 15, 88), 3, "lines 14, 15 and 88"),
        ((14, 15, 88), 4, "lines 14, 15, 88 and 1 more"),
        ((14, 15, 88, 90, 91), 1_000_000, "lines 14, 15, 88 and 999997 more"),
    ],
)
def test_problem_names_its_first_lines_and_how_many_more(lines, count, where):
    problem = Problem(file="a.csv", lines=lines, count=count, **DATE)
    assert str(problem) == f"{where}: 'order_date' holds '31/04/2026'; expected a date as YYYY-MM-DD. Mend it."


def test_problem_of_a_whole_file_needs_neither_line_nor_column():
    assert str(Problem(file="a.csv", expected="a header", remedy="Export again.")) == "expected a header. Export again."


def test_data_error_groups_problems_by_file_and_sorts_them_by_line():
    error = DataError(
        [
            Problem(file="b.csv", lines=(3,), count=1, **DATE),
            Problem(file="a.csv", lines=(20,), count=1, **DATE),
            Problem(file="a.csv", lines=(2,), count=1, **DATE),
        ]
    )
    said = "'order_date' holds '31/04/2026'; expected a date as YYYY-MM-DD. Mend it."
    assert str(error) == (
        "a.csv: 2 problems; nothing was analysed.\n"
        f"  line 2: {said}\n"
        f"  line 20: {said}\n"
        "b.csv: 1 problem; nothing was analysed.\n"
        f"  line 3: {said}"
    )
    assert len(error.problems) == 3


@pytest.mark.parametrize(
    ("kind", "code"), [(UsageError, 2), (ModelError, 1), (ReportError, 1), (MissingToolError, 1), (LoyaltyError, 1)]
)
def test_every_error_is_the_users_to_mend_and_has_its_exit_code(kind, code):
    assert issubclass(kind, LoyaltyError)
    assert kind("said").exit_code == code


def test_wrong_settings_are_wrong_usage():
    error = ConfigError([Problem(file="client.yml", expected="x", remedy="y.")])
    assert (error.exit_code, str(error).splitlines()[0]) == (2, "client.yml: 1 problem; nothing was read.")
    assert DataError([]).exit_code == 1
