"""The command line: exit codes that scripts can rely on, messages without tracebacks, and nothing slow to say hello."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from loyalty_lib import cli
from loyalty_lib.errors import LoyaltyError, ModelError, UsageError
from loyalty_lib.paths import CHECKOUT


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command and returns exit code, output and errors."""
    monkeypatch.setattr("signal.signal", lambda *_: None)  # pytest's own handlers stay

    def run_command(*arguments: str) -> tuple[int, str, str]:
        try:
            code = cli.main(arguments)
        except SystemExit as stop:
            code = int(str(stop.code))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


def test_report_is_made_and_then_up_to_date(
    run: Callable[..., tuple[int, str, str]], home: Path, report_notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    code, out, err = run("report", "--client", "shop", "--period", "2024-Q4")
    assert (code, out.split(": ")[1]) == (0, "reports/shop/2024-Q4/report.html and report.pdf\n")
    assert [line.partition(" (")[0] for line in err.splitlines()] == [
        "shop 2024-Q4: starting",
        "shop 2024-Q4: The report",
        "shop 2024-Q4: Orders",
        "shop 2024-Q4: page",
        "shop 2024-Q4: PDF",
    ]
    code, out, _ = run("report", "--client", "shop")
    assert code == 0
    assert out.startswith("Up to date: reports/shop/2024-Q4 (")
    assert out.endswith("FORCE=1 makes it again.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report",), "Which client? Type: make report CLIENT=name. Clients here: shop."),
        (("report", "--client", ""), "Which client? Type: make report CLIENT=name. Clients here: shop."),
        (("email",), "Which client? Type: make email CLIENT=name. Clients here: shop."),
        (("report", "--client", "nobody"), "There is no client 'nobody'"),
        (("report", "--client", "../shop"), "Client name '../shop' cannot be used"),
        (("report", "--client", "shop", "--period", "2024-Q5"), "Period '2024-Q5' is not a period."),
        (("report", "--client", "shop", "--notebook", "x"), "There is no notebook 'x'"),
        (("email", "--client", "shop"), "Make it first: make report CLIENT=shop PERIOD=2024-Q4."),
        (("reports", "--jobs", "0"), "expected 1 or more"),
        (("raport",), "invalid choice: 'raport'"),
        ((), "required"),
    ],
)
def test_wrong_usage_is_2_and_says_what_to_type(
    arguments: tuple[str, ...], said: str, run: Callable[..., tuple[int, str, str]], home: Path, report_notebook: Path
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_problem_in_the_notebook_is_1_in_its_own_words(
    run: Callable[..., tuple[int, str, str]], home: Path, write_notebook: Callable[..., Path]
) -> None:
    write_notebook("from loyalty_lib.errors import ModelError\nraise ModelError('Only [3] buyers: too few.')")
    code, out, err = run("report", "--client", "shop")
    assert (code, out) == (1, "")
    assert "Only [3] buyers: too few.\nThe notebook as far as it got: " in err
    assert "Traceback" not in err


def test_fault_of_ours_is_one_line_and_the_traceback_is_kept(
    run: Callable[..., tuple[int, str, str]], home: Path, report_notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_args: object, **_settings: object) -> None:
        message = "row of customer c1"
        raise KeyError(message)

    monkeypatch.setattr("loyalty_lib.deliver.make_report", fault)
    code, _, err = run("report", "--client", "shop")
    assert code == 1
    said = err.splitlines()[-1]
    assert said.startswith("This is a fault of the program, not of your data: KeyError. Details: ")
    assert "c1" not in err
    log = said.rpartition(" ")[2]
    with open(log, encoding="utf-8") as kept:  # noqa: PTH123
        assert "KeyError: 'row of customer c1'" in kept.read()


def test_missing_pdf_is_1_with_the_remedy(
    run: Callable[..., tuple[int, str, str]], home: Path, report_notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty_lib import render
    from loyalty_lib.errors import MissingToolError

    def no_pango(_html: str) -> bytes:
        message = "Install it with: apt-get install libpango-1.0-0"
        raise MissingToolError(message)

    monkeypatch.setattr(render, "pdf", no_pango)
    code, out, err = run("report", "--client", "shop")
    assert code == 1
    assert "report.html\n" in out
    assert "apt-get install libpango-1.0-0" in err


def test_batch_is_3_when_a_client_failed(
    run: Callable[..., tuple[int, str, str]],
    home: Path,
    write_notebook: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from loyalty_lib.batch import Line

    def lines(result: Literal["failed", "up to date"]) -> list[Line]:
        return [Line(client="shop", period="2024-Q4", result=result, seconds=1.0, problem="")]

    monkeypatch.setattr("loyalty_lib.batch.make_reports", lambda *_, **__: lines("failed"))
    code, out, _ = run("reports")
    assert code == 3
    assert "shop" in out
    monkeypatch.setattr("loyalty_lib.batch.make_reports", lambda *_, **__: lines("up to date"))
    assert run("reports")[0] == 0


def test_clients_are_listed(run: Callable[..., tuple[int, str, str]], home: Path) -> None:
    assert run("clients") == (0, "shop\n", "")


def test_ctrl_c_is_130(run: Callable[..., tuple[int, str, str]], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_args: object, **_settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loyalty_lib.deliver.make_report", stopped)
    code, _, err = run("report", "--client", "shop")
    assert (code, err) == (130, "Stopped. The report that was there is unchanged.\n")


@pytest.mark.parametrize(("error", "code"), [(LoyaltyError("x"), 1), (ModelError("x"), 1), (UsageError("x"), 2)])
def test_exit_code_follows_the_kind_of_error(
    error: LoyaltyError,
    code: int,
    run: Callable[..., tuple[int, str, str]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_args: object, **_settings: object) -> None:
        raise error

    monkeypatch.setattr("loyalty_lib.deliver.make_report", fails)
    assert run("report", "--client", "shop")[0] == code


def test_help_comes_at_once() -> None:
    """Less than 0.15 s more than the interpreter takes by itself; the best of five, for the machine may be busy."""

    def best(*arguments: str) -> float:
        def once() -> float:
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
            return time.perf_counter() - started

        return min(once() for _ in range(5))

    assert best("-m", "loyalty_lib", "--help") - best("-c", "pass") < 0.15
