"""``loyalty check`` and ``loyalty new`` as programs and people call them: exit codes, JSON alone on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loyalty_lib.paths import CHECKOUT

ROWS = "".join(f"{day:02d}.{month:02d}.2024;K{day};{day},50\r\n" for month in range(1, 13) for day in range(1, 29))
MAILED = f"Ordredato;Kundenr;Beløp\r\n{ROWS}".encode("cp1252")


def loyalty(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "loyalty_lib", *arguments],
        cwd=home,
        env={"LOYALTY_HOME": str(home), "PYTHONPATH": str(CHECKOUT), "PATH": "", "HOME": str(home)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture
def mailed(tmp_path: Path) -> Path:
    """Return a home with a mailed file in it: 28 customers with a purchase a month, 1.50 to 28.50."""
    (tmp_path / "orders.csv").write_bytes(MAILED)
    return tmp_path


def test_mailed_file_is_checked_begun_and_checked_again(mailed: Path) -> None:
    """Twelve months of 1.50 + ... + 28.50 = 420.00."""
    checked = loyalty("check", "--data", "orders.csv", "--json", home=mailed)
    assert checked.returncode == 0, checked.stderr
    verdict = json.loads(checked.stdout)
    wanted = ("rows", "customers", "orders", "net_sales", "currency", "first_day", "last_day", "duplicates", "refunds")
    assert [verdict[key] for key in wanted] == [336, 28, 336, 5040.0, "NOK", "2024-01-01", "2024-12-28", 0, 0]
    assert verdict["lines_without_customer"] == 0
    assert verdict["problems"] == []
    assert (mailed / "reports" / "check" / "orders.html").is_file()

    made = loyalty("new", "--client", "shop", "--data", "orders.csv", home=mailed)
    assert (made.returncode, "make check CLIENT=shop" in " ".join(made.stdout.split())) == (0, True), made.stderr
    again = loyalty("check", "--client", "shop", "--json", home=mailed)
    assert json.loads(again.stdout)["net_sales"] == 5040.0
    assert (mailed / "reports" / "shop" / "check.html").is_file()

    taken = loyalty("new", "--client", "shop", "--data", "orders.csv", home=mailed)
    assert (taken.returncode, taken.stdout) == (2, "")
    assert "There is already a client 'shop'" in taken.stderr


def test_file_that_cannot_be_used_ends_with_one_and_names_every_problem(mailed: Path) -> None:
    lines = MAILED.split(b"\r\n")
    lines[3], lines[7] = b"03.01.2024;K3;much", b"2024-01-07;K7;7,50"
    (mailed / "orders.csv").write_bytes(b"\r\n".join(lines))
    done = loyalty("check", "--data", "orders.csv", "--json", home=mailed)
    assert done.returncode == 1
    found = [(problem["line"], problem["column"], problem["value"]) for problem in json.loads(done.stdout)["problems"]]
    assert found == [(4, "Beløp", "much"), (8, "Ordredato", "2024-01-07")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "Type: make check CLIENT=name, or: make check DATA=file"),
        (("check", "--client", "shop", "--data", "orders.csv"), "Check what?"),
        (("new", "--client", "shop"), "Type: make new CLIENT=acme DATA=orders.csv."),
        (("new", "--data", "orders.csv"), "Type: make new CLIENT=acme DATA=orders.csv."),
        (("new", "--client", "../x", "--data", "orders.csv"), "../x"),
        (("check", "--client", "nobody"), "There is no client 'nobody'"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_to_type(arguments: tuple[str, ...], said: str, mailed: Path) -> None:
    done = loyalty(*arguments, home=mailed)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert sorted(path.name for path in mailed.iterdir()) == ["orders.csv"]


def test_output_that_nobody_reads_to_its_end_is_no_fault(mailed: Path) -> None:
    command = f"{sys.executable} -m loyalty_lib check --data orders.csv --json | head -n 1"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=mailed,
        env={"LOYALTY_HOME": str(mailed), "PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == "{\n"
    assert "fault of the program" not in done.stderr
    assert not list((mailed / "reports").glob("fault*"))
