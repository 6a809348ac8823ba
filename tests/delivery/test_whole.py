"""The real thing, once: the demo client's report by the command line, and its mail, with nothing left out."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loyalty_lib.deliver import make_report
from loyalty_lib.paths import CHECKOUT
from loyalty_lib.runs import ALWAYS

MAIL = "mail:\n  to: [kari@shop.example]\n  sender: reports@consultant.example\n"


@pytest.fixture
def loyalty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command for the CDNOW client, in a home where it has recipients."""
    folder = tmp_path / "clients" / "cdnow"
    folder.mkdir(parents=True)
    shutil.copy(CHECKOUT / "clients" / "cdnow" / "client.yml", folder)
    with (folder / "client.yml").open("a", encoding="utf-8") as settings:
        settings.write(MAIL)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))

    def run(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "loyalty_lib", command, "--client", "cdnow", *options],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def test_report_and_mail_of_the_demo_client(
    loyalty: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    made = loyalty("report")
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "reports" / "cdnow" / "1998-Q2"
    assert made.stdout.startswith("Done in ")
    assert all((folder / name).stat().st_size > 0 for name in (*ALWAYS, "run.json"))
    assert not [line for line in made.stderr.splitlines() if not line.startswith("cdnow: ")], "warnings"
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["client"]["slug"] == "cdnow"
    assert metrics["period"]["label"] == "1998-Q2"
    written = loyalty("email", "--dry-run")
    assert written.returncode == 0, written.stderr
    got = email.message_from_bytes((tmp_path / "reports/cdnow/1998-Q2.eml").read_bytes(), policy=email.policy.default)
    assert "CDNOW" in got["Subject"]
    assert "Q1 1998" in str(got.get_body(("plain",)))
    (attached,) = got.iter_attachments()
    assert attached.get_content() == (folder / "report.pdf").read_bytes()


def test_a_simulated_client_is_up_to_date_after_its_first_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are written by the first run; the second finds the inputs the report was made of."""
    folder = tmp_path / "clients" / "fjord"
    folder.mkdir(parents=True)
    settings = (CHECKOUT / "clients" / "fjord" / "client.yml").read_text(encoding="utf-8")
    (folder / "client.yml").write_text(settings.replace("customers: 6000", "customers: 600"), encoding="utf-8")
    shutil.copytree(CHECKOUT / "clients" / "fjord" / "brand", folder / "brand")
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    assert [make_report("fjord").status for _ in range(2)] == ["done", "up to date"]
    with (folder / "data" / "drop_list.csv").open("a", encoding="utf-8") as dropped:
        dropped.write("F000001\n")
    assert make_report("fjord").status == "done", "who asks to be forgotten is, with the next run"
