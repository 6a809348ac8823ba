"""All clients, each apart: one that fails, or dies, is a line of the table and stops no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from loyalty_lib.batch import Line, attempt, make_reports, table
from loyalty_lib.paths import CHECKOUT

NOT_YAML = "name: [unclosed\n"


@pytest.fixture
def clients(home: Path) -> list[str]:
    """Return four clients: one with a broken file, one that is killed, two that work."""
    good = (home / "clients" / "shop" / "client.yml").read_text(encoding="utf-8")
    for name, settings in {"broken": NOT_YAML, "killed": good, "other": good}.items():
        folder = home / "clients" / name
        folder.mkdir()
        (folder / "client.yml").write_text(settings, encoding="utf-8")
    return ["broken", "killed", "other", "shop"]


def _run(clients: list[str], notebook: Path, *, jobs: int) -> list[Line]:
    """Run a batch in a program of its own: its processes import that program, and so learn where the notebooks are."""
    script = (
        "import json, pathlib, sys\nfrom dataclasses import asdict\nfrom loyalty_lib import batch, paths\n"
        f"paths.NOTEBOOKS = pathlib.Path({str(notebook.parent)!r})\n"
        "if __name__ == '__main__':\n"
        f"    lines = batch.make_reports({clients!r}, '2024-Q4', jobs={jobs})\n"
        "    print(json.dumps([asdict(line) for line in lines]))\n"
    )
    file = notebook.parent / "run.py"
    file.write_text(script, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    answer = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert answer.returncode == 0, answer.stderr
    return [Line(**line) for line in json.loads(answer.stdout)]


def test_one_failing_client_never_stops_the_others(
    clients: list[str], home: Path, write_notebook: Callable[..., Path], cells: tuple[str, ...]
) -> None:
    """The client "killed" takes its whole process down in the middle, as the system does when memory runs out."""
    notebook = write_notebook(
        *cells, "import os\nif client == 'killed':\n    os.kill(int(os.environ['JPY_PARENT_PID']), 9)\n    os._exit(1)"
    )
    lines = _run(clients, notebook, jobs=2)
    assert [(line.client, line.result) for line in lines] == [
        ("broken", "failed"),
        ("killed", "failed"),
        ("other", "done"),
        ("shop", "done"),
    ]
    assert "client.yml: 1 problem; nothing was read." in lines[0].problem
    assert "\n" not in lines[0].problem
    assert lines[1].problem.startswith("Its process was stopped from outside")
    assert all((home / "reports" / client / "2024-Q4" / "report.pdf").is_file() for client in ("other", "shop"))
    again = _run(clients, notebook, jobs=1)
    assert [line.result for line in again] == ["failed", "failed", "up to date", "up to date"]


def test_failing_notebook_and_fault_of_the_program_are_one_line(
    home: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook("1 / 0")
    line = attempt("shop", "2024-Q4", force=False)
    assert (line.result, line.period) == ("failed", "2024-Q4")
    assert "ZeroDivisionError: division by zero" in line.problem
    assert "\n" not in line.problem

    def fault(*_args: object, **_settings: object) -> None:
        message = "c1 has no segment"
        raise KeyError(message)

    monkeypatch.setattr("loyalty_lib.batch.make_report", fault)
    line = attempt("shop", "2024-Q4", force=False)
    assert line.problem.startswith("A fault of the program: KeyError. Details: ")
    assert "c1" not in line.problem


def test_table_shows_names_and_problems_letter_by_letter() -> None:
    lines = [
        Line(client="shop", period="2024-Q4", result="done", seconds=3.21),
        Line(client="[red]x", period="", result="failed", seconds=0.1, problem="expected [bold] in client.yml"),
    ]
    console = Console(width=100, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    console.print(table(lines))
    console.file.close()
    text = console.export_text()
    assert [row.split() for row in text.splitlines()] == [
        ["Client", "Period", "Result", "Seconds", "What", "went", "wrong"],
        ["shop", "2024-Q4", "done", "3.2"],
        ["[red]x", "failed", "0.1", "expected", "[bold]", "in", "client.yml"],
    ]


def test_no_clients_make_no_lines() -> None:
    assert make_reports([]) == []
