"""Make's targets: one call each, whatever is in the variables; and the files that must never be committed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from loyalty_lib.paths import CHECKOUT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="GNU make is not installed")
PYTHON = ".venv/bin/python"


@pytest.fixture
def dry(tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that says what make would run, in a checkout that is set up already."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    for name in ("requirements.lock", "requirements-demo.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    for folder, name in (("loyalty_lib", "cli.py"), ("notebooks", "loyalty_report.ipynb")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).touch()
    stamp = tmp_path / ".venv" / "installed"
    stamp.parent.mkdir()
    stamp.touch()

    def run(*arguments: str, **environment: str) -> list[str]:
        outside = {"CONDA_PREFIX", "MAKEFLAGS", "MAKELEVEL", "CLIENT", "PERIOD", "NOTEBOOK"}
        outside |= {"FORMAT", "FORCE", "JOBS", "DRY_RUN"}
        kept = {name: value for name, value in os.environ.items() if name not in outside}
        answer = subprocess.run(
            ["make", "-n", *arguments],
            cwd=tmp_path,
            env=kept | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.splitlines()

    return run


@pytest.mark.parametrize(
    ("target", "call"),
    [
        (["report", "CLIENT=shop"], ["report", "--client", "shop"]),
        (
            ["report", "CLIENT=shop", "PERIOD=2024-Q4", "NOTEBOOK=explore", "FORCE=1"],
            ["report", "--client", "shop", "--period", "2024-Q4", "--notebook", "explore", "--force"],
        ),
        (
            ["report", "CLIENT=shop", "FORMAT=pptx xlsx"],
            ["report", "--client", "shop", "--format", "pptx xlsx"],
        ),
        (["portfolio", "FORMAT=all"], ["portfolio", "--format", "all"]),
        (["report"], ["report", "--client", ""]),
        (["reports"], ["reports"]),
        (["reports", "PERIOD=2024", "JOBS=4", "FORCE=1"], ["reports", "--period", "2024", "--jobs", "4", "--force"]),
        (["email", "CLIENT=shop", "DRY_RUN=1"], ["email", "--client", "shop", "--dry-run"]),
        (["clients"], ["clients"]),
        (["new", "CLIENT=shop", "DATA=my orders/*.csv"], ["new", "--client", "shop", "--data", "my orders/*.csv"]),
        (["check", "CLIENT=shop"], ["check", "--client", "shop"]),
        (["check", "DATA=~/orders.csv", "JSON=1"], ["check", "--data", "~/orders.csv", "--json"]),
    ],
)
def test_target_is_one_call_of_the_command(target: list[str], call: list[str], dry: Callable[..., list[str]]) -> None:
    (line,) = dry(*target)
    assert shlex.split(line) == [PYTHON, "-m", "loyalty_lib", *call]


@pytest.mark.parametrize("value", ["a b", "a;b", "$HOME", "$(shell id)", "it's", '"', "`id`", "a\\b", "#x", "*"])
def test_value_reaches_the_program_letter_by_letter(value: str, dry: Callable[..., list[str]]) -> None:
    for lines in (dry("report", f"CLIENT={value}"), dry("report", CLIENT=value)):
        (line,) = lines
        assert shlex.split(line) == [PYTHON, "-m", "loyalty_lib", "report", "--client", value]


@pytest.mark.parametrize(
    "target", ["new", "check", "report", "reports", "email", "clients", "lab", "test", "test-all", "lint", "bench"]
)
def test_every_target_sets_up_what_it_needs_first_and_only_then(
    target: str, dry: Callable[..., list[str]], tmp_path: Path
) -> None:
    call = "python3 loyalty_lib/bootstrap.py"
    assert call not in dry(target)
    later = (tmp_path / ".venv" / "installed").stat().st_mtime + 10
    os.utime(tmp_path / "requirements.lock", (later, later))
    assert dry(target)[0] == call


def test_set_up_with_the_demo_data(dry: Callable[..., list[str]]) -> None:
    assert dry("setup", "EXTRA=demo") == [f"{PYTHON} loyalty_lib/bootstrap.py  --extra demo"]


def test_active_conda_environment_that_holds_the_library_is_used_as_it_is(
    dry: Callable[..., list[str]], tmp_path: Path
) -> None:
    tool = tmp_path / "conda" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho True\n", encoding="utf-8")
    tool.chmod(0o755)
    (tmp_path / ".venv" / "installed").unlink()
    conda = {"CONDA_PREFIX": str(tool.parent.parent), "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}"}
    (line,) = dry("report", "CLIENT=shop", **conda)
    assert shlex.split(line) == ["python", "-m", "loyalty_lib", "report", "--client", "shop"]
    tool.write_text("#!/bin/sh\necho False\n", encoding="utf-8")
    lines = dry("report", "CLIENT=shop", **conda)
    assert [shlex.split(line)[0] for line in lines] == ["python3", PYTHON]


def test_help_is_the_default_and_names_every_target(dry: Callable[..., list[str]]) -> None:
    said = "\n".join(dry())
    assert said == "\n".join(dry("help"))
    declared = re.search(r"^\.PHONY: (.*)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert declared is not None
    for target in set(declared[1].split()) - {"help"}:
        assert re.search(rf"\bmake {target}\b", said), target


def test_tests_leave_out_the_slow_ones(dry: Callable[..., list[str]]) -> None:
    assert shlex.split(dry("test")[0]) == [PYTHON, "-m", "pytest", "-q", "-n", "2", "-m", "not slow"]
    assert shlex.split(dry("test-all")[0]) == [PYTHON, "-m", "pytest", "-q", "-n", "2"]


@pytest.fixture
def ignores(tmp_path: Path) -> Callable[[str], bool]:
    """Return a function that tells whether git would leave a path out of a commit."""
    shutil.copy(CHECKOUT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    def ignored(path: str) -> bool:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return subprocess.run(["git", "check-ignore", "-q", path], cwd=tmp_path, check=False).returncode == 0

    return ignored


@pytest.mark.parametrize(
    "path",
    [
        "clients/acme/client.yml",
        "clients/acme/data/orders.csv",
        "clients/acme/secret.key",
        "clients/cdnow/data/orders.csv",
        "clients/cdnow/secret",
        "clients/fjord/data/orders.parquet",
        "reports/acme/2024-Q4/report.pdf",
        "reports/acme/2024-Q4.eml",
        "reports/acme/2024-Q4.failed.ipynb",
        "2024-Q4.eml",
        ".env",
        ".venv/installed",
        "loyalty_lib/__pycache__/cli.cpython-311.pyc",
        "notebooks/.ipynb_checkpoints/x.ipynb",
        "loyalty_report.egg-info/PKG-INFO",
    ],
)
def test_clients_secrets_and_reports_are_never_committed(path: str, ignores: Callable[[str], bool]) -> None:
    assert ignores(path)


@pytest.mark.parametrize(
    "path",
    [
        *(f"clients/{name}/client.yml" for name in ("cdnow", "fjord", "journey")),
        "notebooks/loyalty_report.ipynb",
        "requirements.lock",
        ".ci/run",
        "loyalty_lib/sql/summary.sql",
        "tests/ingest/orders.csv",
    ],
)
def test_what_belongs_to_the_project_is_committed(path: str, ignores: Callable[[str], bool]) -> None:
    assert not ignores(path)


def test_settings_of_every_client_in_the_checkout_that_ships_are_known() -> None:
    """A new demo client needs its lines in .gitignore."""
    shipped = {path.parent.name for path in (CHECKOUT / "clients").glob("*/client.yml")}
    named = set(re.findall(r"^!/clients/(\w+)/client\.yml$", _text(".gitignore"), re.MULTILINE))
    assert named <= shipped


def _text(name: str) -> str:
    return Path(CHECKOUT / name).read_text(encoding="utf-8")
