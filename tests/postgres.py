"""A real PostgreSQL for tests: started on a free port of this machine, asked for a password, removed afterwards.

from tests.postgres import postgres  # a fixture of the session; its value is a ``Server``
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/opt/homebrew/bin")
PATIENCE = 30  # seconds
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "20",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server, its only user and that user's password."""

    port: int
    password: str
    host: str = "127.0.0.1"
    user: str = "tester"
    database: str = "postgres"

    def url(self, scheme: str = "postgresql", **other: object) -> str:
        """Return the URL of the server; ``other`` values in place of its own."""
        part = {"user": self.user, "password": self.password, "host": self.host, "port": self.port, **other}
        return "{scheme}://{user}:{password}@{host}:{port}/{database}".format(
            **{"scheme": scheme, "database": self.database, **part}
        )

    def run(self, *statements: str) -> None:
        """Run statements of SQL, each in a transaction of its own."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def value(self, query: str) -> object:
        """Return the first value of a query."""
        import psycopg

        with psycopg.connect(self.url()) as connection:
            row = connection.execute(query).fetchone()
        return None if row is None else row[0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a PostgreSQL server of this session's own; skip where PostgreSQL is not installed."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: make setup EXTRA=db")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with _server(programs) as server:
        yield server


def _programs() -> Path | None:
    """Return the folder that holds both initdb and postgres."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    for pattern in FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None
    )


@contextmanager
def _server(programs: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="loyalty-pg-"))  # short: the name of a socket has at most 107 bytes
    try:
        server = Server(port=_free_port(), password=secrets.token_hex(12))
        word = folder / "password"
        word.write_text(server.password, encoding="ascii")
        as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            if shutil.which("runuser") is None:
                pytest.skip("PostgreSQL does not run as root, and there is no runuser")
            as_user = ["runuser", "-u", "postgres", "--"]
            try:
                for path in (folder, word):
                    shutil.chown(path, "postgres")
            except LookupError:
                pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        data = folder / "data"
        options = ["--username", server.user, "--pwfile", str(word), "--auth", "scram-sha-256", "--encoding", "UTF8"]
        made = [str(programs / "initdb"), "--no-sync", "--no-locale", "--pgdata", str(data), *options]
        subprocess.run([*as_user, *made], check=True, capture_output=True, timeout=PATIENCE, cwd=folder)
        settings = {**SETTINGS, "listen_addresses": server.host, "unix_socket_directories": str(folder)}
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        started = [str(programs / "postgres"), "-D", str(data), "-p", str(server.port), *chosen]
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen([*as_user, *started], stdout=output, stderr=output, cwd=folder)
        try:
            _wait(server, process, log)
            yield server
        finally:
            _stop(process, data / "postmaster.pid")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return


def _stop(process: subprocess.Popen[bytes], pidfile: Path) -> None:
    """Stop the server that was started here; runuser, where it stands between, ends with it."""
    if process.poll() is None and pidfile.exists():
        os.kill(int(pidfile.read_text().split()[0]), signal.SIGINT)  # fast: connections are cut
    elif process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
