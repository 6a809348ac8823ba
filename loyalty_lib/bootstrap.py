"""Set up ``.venv`` from ``requirements.lock``, with nothing but Python: ``python3 loyalty_lib/bootstrap.py``.

Run by path, by whatever Python the machine has; imports the standard library only.  Every package is checked against
its hash in the lock file.  ``.venv/installed`` is written last and means "whole": without it, the next call begins
again, so a set-up that was interrupted or lost its network needs no mending by hand.  With ``--here`` the packages of
an extra go into the running Python (a conda environment) instead.
"""

from __future__ import annotations

import argparse
import ctypes.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
SHOWN_LINES = 12  # of an installer's output, when it fails
PANGO = ("pango-1.0", "pangoft2-1.0")  # what WeasyPrint draws text with
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0")


class SetupError(Exception):
    """The set-up cannot go on; the text is the whole message."""


def main(argv: Sequence[str] | None = None) -> int:
    """Set up the environment, or an extra of it; return the exit code."""
    parser = argparse.ArgumentParser(description="Set up .venv from requirements.lock.")
    parser.add_argument("--extra", choices=("demo",), help="install requirements-<extra>.lock too")
    parser.add_argument("--here", action="store_true", help="into the running Python, not into .venv")
    parser.add_argument("--project", type=Path, default=PROJECT, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    try:
        check_python(sys.version_info[:2])
        if args.here:
            python = Path(sys.executable)
        else:
            python = interpreter(args.project)
            if not is_current(args.project):
                build(args.project)
                provide_pango()
        if args.extra:
            install_extra(args.project, python, args.extra)
    except SetupError as error:
        print(f"Set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up stopped; the next call begins again.", file=sys.stderr)
        return 130
    return 0


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that is too old."""
    if version < OLDEST:
        message = (
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {'.'.join(map(str, version))}. "
            "Install a newer one and name it: make setup PYTHON3=python3.12"
        )
        raise SetupError(message)


def interpreter(project: Path) -> Path:
    """Return the environment's Python."""
    return project / (".venv/Scripts/python.exe" if os.name == "nt" else ".venv/bin/python")


def is_current(project: Path) -> bool:
    """Tell whether the environment is whole and newer than what it was made of."""
    stamp = project / ".venv" / "installed"
    if not stamp.is_file():
        return False
    made = stamp.stat().st_mtime
    return all((project / name).stat().st_mtime <= made for name in ("requirements.lock", "pyproject.toml"))


def build(project: Path) -> None:
    """Make the environment, or bring it up to date; write the stamp when it is whole."""
    started = time.monotonic()
    home = project / ".venv"
    stamp = home / "installed"
    python = interpreter(project)
    if not stamp.is_file() or not _works(python):
        print(
            f"Setting up .venv with Python {platform.python_version()}; this takes a minute or two, once.", flush=True
        )
        _create(home)
    else:
        print("Bringing .venv up to date.", flush=True)
    stamp.unlink(missing_ok=True)
    _install(python, ["--require-hashes", "-r", str(project / "requirements.lock")])
    # The project itself: setuptools is in the lock, so nothing is looked up anywhere.
    _install(python, ["--no-deps", "--no-build-isolation", "-e", str(project)])
    # In parallel and once; what cannot be compiled (templates of other packages) is never imported.
    subprocess.run([python, "-m", "compileall", "-q", "-q", "-j", "0", str(home)], check=False)
    unfinished = stamp.with_name("installed.tmp")
    unfinished.write_text("Whole. Delete this file and run make setup to build .venv again.\n", encoding="utf-8")
    unfinished.replace(stamp)
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)


def install_extra(project: Path, python: Path, extra: str) -> None:
    """Install the packages of an extra: their own files only, what they need is in the lock."""
    _install(python, ["--no-deps", "--require-hashes", "-r", str(project / f"requirements-{extra}.lock")])
    if python == interpreter(project):
        (project / ".venv" / f"installed-{extra}").touch()


def provide_pango() -> None:
    """See that WeasyPrint finds pango: install it where that is ours to do, else say how.  Never fails the set-up."""
    if _has_pango():
        return
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        print(f"Installing {' and '.join(PANGO_PACKAGES)}, which the PDF needs.", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PANGO_PACKAGES]
        for command in (install, ["apt-get", "update", "-q"], install):  # update only if the first try fails
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if _has_pango():
                return
    print(f"Reports will have no PDF until pango is installed: {pango_remedy(platform.system())}", flush=True)


def pango_remedy(system: str) -> str:
    """Return the command that installs pango on ``system``, a name of ``platform.system()``."""
    if system == "Darwin":
        return "brew install pango"
    if system == "Windows":
        return "use the conda environment: conda env create -f environment.yml"
    packages = " ".join(PANGO_PACKAGES)
    return f"apt-get install {packages} (Debian, Ubuntu), dnf install pango (Fedora), apk add pango (Alpine)"


def _has_pango() -> bool:
    return all(ctypes.util.find_library(name) for name in PANGO)


def _works(python: Path) -> bool:
    """Tell whether an environment's Python starts, and is the version that is running."""
    script = "import sys; print(sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == str(tuple(sys.version_info[:2]))


def _create(home: Path) -> None:
    if find_spec("venv") is None or (find_spec("ensurepip") is None and not shutil.which("uv")):
        message = "this Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"
        raise SetupError(message)
    import venv

    try:
        # A copy of Python's files on Windows, links elsewhere; pip only where uv does not do its work.
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=not shutil.which("uv")).create(home)
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"{home} could not be made: {error}. Free some space or mend the folder's permissions."
        raise SetupError(message) from error


def _install(python: Path, what: list[str]) -> None:
    """Install with uv where it is on the path; with pip where it is not, or where uv finds no packages."""
    if uv := shutil.which("uv"):
        code, _ = _watched([uv, "pip", "install", "--python", str(python), *what])
        if code == 0:
            return
        print("uv could not install the packages; trying pip.", flush=True)
        subprocess.run([python, "-m", "ensurepip", "--default-pip"], check=False, capture_output=True)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "--progress-bar", "off"]
    code, last = _watched([*pip, *what])
    if code != 0:
        message = (
            "the packages could not be installed; is there a network, or a package mirror in pip's settings? "
            f"pip's last lines:\n{last}\nThe next call begins again."
        )
        raise SetupError(message)


def _watched(command: list[str]) -> tuple[int, str]:
    """Run an installer; show a counting line on a terminal.  Return its exit code and its last lines."""
    last: list[str] = []
    count = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last = [*last, line.rstrip()][-SHOWN_LINES:]
            count += line.startswith("Collecting ")
            if sys.stdout.isatty():
                print(f"\r{count} packages found", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    return process.returncode, "\n".join(f"  {line}" for line in last)


if __name__ == "__main__":
    sys.exit(main())
