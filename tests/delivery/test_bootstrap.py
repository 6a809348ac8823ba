"""The set-up, run for real on a small project of its own: whole or not at all, repaired by the next call, offline."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from loyalty_lib import bootstrap
from loyalty_lib.paths import CHECKOUT

SCRIPT = CHECKOUT / "loyalty_lib" / "bootstrap.py"
# A build backend that is the project's own file: what an editable install needs, without setuptools.
BACKEND = """\
import zipfile
from pathlib import Path

NAME = "small_project-1.0"


def build_editable(folder: Path, config_settings=None, metadata_directory=None):
    wheel = f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, wheel), "w") as archive:
        archive.writestr("small_project.pth", str(Path.cwd()))
        archive.writestr(f"{NAME}.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small-project\\nVersion: 1.0\\n")
        archive.writestr(f"{NAME}.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\nRoot-Is-Purelib: true\\n")
        archive.writestr(f"{NAME}.dist-info/RECORD", "")
    return wheel
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that needs one package, which lies in a folder beside it."""
    wheels = tmp_path / "wheels"
    for name in ("tiny", "extra"):
        _wheel(wheels, name)
    folder = tmp_path / "project with a space"
    folder.mkdir()
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (folder / "requirements.lock").write_text(_pin(wheels, "tiny"), encoding="utf-8")
    (folder / "requirements-demo.lock").write_text(_pin(wheels, "extra"), encoding="utf-8")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    # uv may be on the machine's path; what is tested with it says so.
    places = [place for place in os.environ["PATH"].split(os.pathsep) if not (Path(place) / "uv").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(places))
    return folder


def _wheel(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "VALUE = 7\n")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\nRoot-Is-Purelib: true\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


def _pin(folder: Path, name: str) -> str:
    digest = hashlib.sha256((folder / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    return f"{name}==1.0 \\\n    --hash=sha256:{digest}\n"


def _set_up(project: Path, *options: str) -> tuple[int, str]:
    answer = subprocess.run(
        [sys.executable, str(SCRIPT), "--project", str(project), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return answer.returncode, answer.stdout + answer.stderr


def _value(project: Path, module: str) -> str:
    script = f"import backend, {module}; print({module}.VALUE)"
    python = bootstrap.interpreter(project)
    return subprocess.run([python, "-I", "-c", script], capture_output=True, text=True, check=False).stdout.strip()


def test_set_up_once_then_at_no_cost_then_again_when_the_lock_changes(project: Path) -> None:
    code, said = _set_up(project)
    assert code == 0, said
    assert said.startswith("Setting up .venv with Python ")
    assert _value(project, "tiny") == "7"
    compiled = list((project / ".venv").rglob("__pycache__/tiny.*.pyc"))
    assert len(compiled) == 1
    assert _set_up(project) == (0, "")
    lock = project / "requirements.lock"
    later = (project / ".venv" / "installed").stat().st_mtime + 10
    os.utime(lock, (later, later))
    assert not bootstrap.is_current(project)
    code, said = _set_up(project)
    assert (code, said.splitlines()[0]) == (0, "Bringing .venv up to date.")


def test_package_that_is_not_what_the_lock_says_is_refused_and_the_next_call_mends_it(project: Path) -> None:
    lock = project / "requirements.lock"
    right = lock.read_text(encoding="utf-8")
    lock.write_text(f"{right[:-9]}00000000\n", encoding="utf-8")
    code, said = _set_up(project)
    assert code == 1
    assert "Set-up failed: the packages could not be installed" in said
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said or "hash" in said.lower()
    assert "Traceback" not in said
    assert not (project / ".venv" / "installed").exists()
    lock.write_text(right, encoding="utf-8")
    code, said = _set_up(project)
    assert code == 0, said
    assert _value(project, "tiny") == "7"


def test_environment_whose_python_is_gone_is_built_anew(project: Path) -> None:
    assert _set_up(project)[0] == 0
    python = bootstrap.interpreter(project)
    python.unlink()
    python.write_text("#!/bin/false\n", encoding="utf-8")
    python.chmod(0o755)
    (project / "pyproject.toml").touch()
    later = (project / ".venv" / "installed").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (later, later))
    code, said = _set_up(project)
    assert code == 0, said
    assert said.startswith("Setting up .venv")
    assert _value(project, "tiny") == "7"


def test_extra_is_installed_beside_what_is_there(project: Path) -> None:
    code, said = _set_up(project, "--extra", "demo")
    assert code == 0, said
    assert (_value(project, "tiny"), _value(project, "extra")) == ("7", "7")
    assert (project / ".venv" / "installed-demo").is_file()


def test_uv_that_finds_no_packages_is_replaced_by_pip(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uv does not read pip's settings: where only those name a mirror, pip still finds it."""
    tool = tmp_path / "bin" / "uv"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    code, said = _set_up(project)
    assert code == 0, said
    assert "uv could not install the packages; trying pip." in said
    assert _value(project, "tiny") == "7"


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not on the path")
def test_uv_is_used_where_it_is(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.which("uv") or "").parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    code, said = _set_up(project)
    assert code == 0, said
    assert "trying pip" not in said
    assert _value(project, "tiny") == "7"


def test_old_python_is_refused_with_the_remedy() -> None:
    with pytest.raises(bootstrap.SetupError, match=r"Python 3\.11 or newer is needed; this is 3\.10\. .*PYTHON3="):
        bootstrap.check_python((3, 10))
    bootstrap.check_python((3, 11))
    bootstrap.check_python((4, 0))


def test_script_is_readable_by_a_python_that_is_too_old_and_needs_nothing_installed() -> None:
    """An old Python must get as far as the sentence that says so."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names | {"__future__"}


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ("Linux", "apt-get install libpango-1.0-0 libpangoft2-1.0-0"),
        ("Darwin", "brew install pango"),
        ("Windows", "conda"),
    ],
)
def test_remedy_for_a_missing_pango_fits_the_system(system: str, command: str) -> None:
    assert command in bootstrap.pango_remedy(system)


def test_missing_pango_is_one_line_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    monkeypatch.setenv("PATH", "")
    bootstrap.provide_pango()
    assert capsys.readouterr().out.startswith("Reports will have no PDF until pango is installed: ")


@pytest.mark.slow
def test_the_project_itself_is_set_up_from_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a fresh machine: from the files of the checkout, with the packages of the lock, to a working command."""
    for name in ("pyproject.toml", "README.md", "requirements.lock", "Makefile"):
        shutil.copy(CHECKOUT / name, tmp_path)
    for name in ("loyalty_lib", "clients", "notebooks"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name in ("LOYALTY_HOME", "CONDA_PREFIX", "MAKEFLAGS", "MAKELEVEL"):
        monkeypatch.delenv(name, raising=False)
    made = subprocess.run(["make", "clients"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "cdnow" in made.stdout.splitlines()
    again = subprocess.run(["make", "-n", "clients"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert again.stdout == ".venv/bin/python -m loyalty_lib clients\n"
