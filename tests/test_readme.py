"""Every command of the README runs, and its example of a client gives a report."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from loyalty_lib.paths import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
# Targets of make that a test of make cannot run: they run the tests, or build the environment it runs in.
BY_OTHER_TESTS = {"make test", "make lint", "make bench", "make setup EXTRA=demo"}
CONDA = {"conda env create -f environment.yml", "conda activate loyalty"}  # tests/delivery/test_environment.py
pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or not (CHECKOUT / ".venv" / "installed").exists(),
    reason="needs GNU make and the environment that make setup builds",
)


def commands() -> list[str]:
    """Return the README's commands without their comments, each once."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(make [^`]+)`", README)
    return list(dict.fromkeys(line for line in (*lines, *inline) if line))


RUN = [line for line in commands() if line not in BY_OTHER_TESTS | CONDA | {"make lab"}]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment whose home holds the README's own example, Acme, and a mailed file in the user's folder."""
    home = tmp_path_factory.mktemp("home")
    (home / "Downloads").mkdir()
    acme = home / "clients" / "acme"
    (acme / "data").mkdir(parents=True)
    settings, database = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    assert "kind: sql" in database
    (acme / "client.yml").write_text(settings, encoding="utf-8")
    rows = [
        f"K{customer:03d};O{customer}-{order};"
        f"{1 + (customer * 7 + order * 11) % 28:02d}.{1 + (customer + order * 5) % 12:02d}.2024;"
        f"{9 + customer % 50},{order}5"
        for customer in range(400)
        for order in range(1 + customer % 4)
    ]
    (acme / "data" / "orders.csv").write_text("\n".join(["Customer;Order;Date;Net amount", *rows]), encoding="utf-8")
    mailed = [
        f"{day:%d.%m.%Y};A{number};{10_000 + number % 700};Bjørn Ås {number % 700};{number % 900 + 100},50"
        for number, day in enumerate(dt.date(2024, 1, 1) + dt.timedelta(number % 366) for number in range(3_000))
    ]
    text = "\r\n".join(["Ordredato;Ordrenr;Kundenr;Navn;Beløp", *mailed, ""])
    (home / "Downloads" / "orders.csv").write_bytes(text.encode("cp1252"))
    outside = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    here = {name: value for name, value in os.environ.items() if name not in outside}
    return here | {"LOYALTY_HOME": str(home), "HOME": str(home)}


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of the README as a user would, in the checkout."""
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_every_command_is_accounted_for() -> None:
    assert set(commands()) == {*RUN, *BY_OTHER_TESTS, *CONDA, "make lab"}
    assert {"make report CLIENT=cdnow", "make report CLIENT=nordlys", "make reports", "make help"} <= set(RUN)


def test_commands_run(environment: dict[str, str]) -> None:
    """In the README's order, in one home; the mail needs the report it sends, and what removes reports comes last."""
    home = Path(environment["LOYALTY_HOME"])
    assert run("make report CLIENT=fjord", environment).returncode == 0
    removing = [command for command in RUN if command.startswith("make purge")]
    for command in RUN:
        if command in removing:
            continue
        done = run(command, environment)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    for made in (
        "cdnow/1998-Q2/report.pdf",
        "cdnow/1998-Q1/report.html",
        "nordlys/2024-Q4/report.pdf",
        "nordlys/2024-Q4-data_quality/report.html",
        "cdnow/1998-Q2-model_validation/report.pdf",
        "nordlys/check.html",
        "check/orders.html",
        "fjord/2024-Q4.eml",
        "portfolio/newest/report.pdf",
        "../lists/fjord/2024-Q4/win_back-email.csv",
    ):
        assert (home / "reports" / made).stat().st_size > 0
    assert [run(command, environment).returncode for command in removing] == [0]
    assert not (home / "reports" / "cdnow").exists()
    assert (home / "reports" / "fjord").exists()


def test_files_of_a_report_are_those_the_readme_lists(environment: dict[str, str]) -> None:
    """The table under "Start"."""
    assert run("make report CLIENT=cdnow", environment).returncode == 0
    folder = Path(environment["LOYALTY_HOME"]) / "reports" / "cdnow" / "1998-Q2"
    listed = {name.split("/")[0] for name in re.findall(r"^\| `([^`]+)`", README, flags=re.MULTILINE)}
    assert listed == {path.name for path in folder.iterdir()}


def test_the_example_is_reported_without_a_forecast_it_cannot_carry(environment: dict[str, str]) -> None:
    """Four hundred customers are too few: the page says so instead."""
    assert run("make report CLIENT=acme", environment).returncode == 0
    folder = Path(environment["LOYALTY_HOME"]) / "reports" / "acme" / "2024-Q4"
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["clv"]["available"] is False
    assert metrics["quality"]["customers"] == 400
    assert "A forecast needs at least 500 customers" in (folder / "report.html").read_text(encoding="utf-8")


def test_lab_serves_the_notebooks(environment: dict[str, str]) -> None:
    """JupyterLab comes up on loopback with the report's notebook in it; no browser is opened."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Jupyter refuses to run as root unless told; a consultant is not root, a container may be.
    options = f"--no-browser --allow-root --ip=127.0.0.1 --port={port} --ServerApp.port_retries=0"
    server = subprocess.Popen(
        ["make", "lab", f"LAB={options}"],
        cwd=CHECKOUT,
        env=environment | {"JUPYTER_TOKEN": "secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}/api/contents/loyalty_report.ipynb?content=0&token=secret"
    try:
        assert _answer(address, server)["type"] == "notebook"
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=60)


def _answer(address: str, server: subprocess.Popen[str]) -> dict[str, Any]:
    """Ask until the server answers or has ended."""
    give_up = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            if server.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.2)
