"""Reports of all clients, a few at a time, each in a process of its own.

A client that fails, or takes its whole process down, is one line of the closing table and never stops the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Literal

from loyalty_lib import paths
from loyalty_lib.config import load_config
from loyalty_lib.deliver import make_report
from loyalty_lib.errors import LoyaltyError
from loyalty_lib.progress import Step, silent

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Line:
    """One client's line of the closing table.

    Attributes
    ----------
    client, period
        The client's name, and the period's label; empty where the run failed before it was known.
    result
        What became of it.
    seconds
        How long it took.
    problem
        What went wrong, in one line; empty where nothing did.
    """

    client: str
    period: str
    result: Literal["done", "up to date", "failed"]
    seconds: float
    problem: str = ""


def make_reports(
    clients: Sequence[str], period: str | None = None, *, jobs: int = 2, force: bool = False, step: Step = silent
) -> list[Line]:
    """Make the reports of several clients.

    Parameters
    ----------
    clients
        Their names.
    period
        As a user types it; without one, each client's own last complete period.
    jobs
        How many at a time.
    force
        Make them even though nothing has changed.
    step
        Told of each client that is ready.

    Returns
    -------
    list of Line
        One a client, in the order of ``clients``.
    """
    lines: list[Line] = []
    with ThreadPoolExecutor(jobs) as threads:
        runs = [threads.submit(_apart, client, period, force) for client in clients]
        try:
            for client, run in zip(clients, runs, strict=True):
                step(client, len(lines) / len(clients))
                lines.append(run.result())
        except (KeyboardInterrupt, SystemExit):
            threads.shutdown(wait=False, cancel_futures=True)  # those that run end by themselves; no other begins
            raise
    return lines


def table(lines: Sequence[Line]) -> Table:
    """Return the closing table."""
    from rich.table import Table
    from rich.text import Text

    shown = Table("Client", "Period", "Result", box=None, pad_edge=False)
    shown.add_column("Seconds", justify="right")
    shown.add_column("What went wrong", overflow="fold")
    for line in lines:
        style = "red" if line.result == "failed" else ""
        shown.add_row(
            # Text, not strings: a name or a message may hold what rich would take for markup.
            Text(line.client),
            Text(line.period),
            Text(line.result, style),
            f"{line.seconds:.1f}",
            Text(line.problem),
        )
    return shown


def _apart(client: str, period: str | None, force: bool) -> Line:  # noqa: FBT001  handed on by position
    """Run one client in a process of its own: not even one that is killed for want of memory touches the others."""
    started = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(attempt, client, period, force).result()
        except BrokenProcessPool:
            problem = "Its process was stopped from outside, most often for want of memory. Try JOBS=1."
    seconds = time.perf_counter() - started
    return Line(client=client, period=period or "", result="failed", seconds=seconds, problem=problem)


def attempt(client: str, period: str | None, force: bool) -> Line:  # noqa: FBT001  called through the process's queue
    """Make one report, and say what became of it; no error leaves this function.

    Parameters
    ----------
    client, period, force
        As for ``make_report``.

    Returns
    -------
    Line
        Its line of the closing table.
    """
    started = time.perf_counter()
    try:
        period = load_config(client).period(period).label
        made = make_report(client, period, notebook=paths.MAIN, force=force)
    except LoyaltyError as error:
        return _failed(client, period, started, _one_line(str(error)))
    except Exception as error:  # noqa: BLE001  a fault of ours in one report must not cost the others
        from loyalty_lib.faults import keep_trace

        problem = f"A fault of the program: {type(error).__name__}. Details: {keep_trace(error)}"
        return _failed(client, period, started, problem)
    if made.missing is not None:
        return _failed(client, made.period, started, _one_line(made.missing))
    return Line(client=client, period=made.period, result=made.status, seconds=made.seconds)


def _failed(client: str, period: str | None, started: float, problem: str) -> Line:
    seconds = time.perf_counter() - started
    return Line(client=client, period=period or "", result="failed", seconds=seconds, problem=problem)


def _one_line(message: str) -> str:
    return " ".join(message.split())
