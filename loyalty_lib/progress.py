"""How a run tells what it is doing: a bar on a terminal, plain lines anywhere else, nothing in a batch.

Everything goes to standard error; standard output carries the result alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

Step = Callable[[str, float], None]  # what is being done now, and the share of the run that lies behind, 0 to 1


def silent(_doing: str, _share: float) -> None:
    """Say nothing."""


@contextmanager
def shown(title: str) -> Generator[Step]:
    """Show progress on standard error until the block ends.

    Parameters
    ----------
    title
        What runs: "cdnow 1998-Q2".

    Yields
    ------
    Step
        To be called at each step.
    """
    if sys.stderr.isatty():
        with _bar(title) as step:
            yield step
    else:
        yield _lines(title)


@contextmanager
def _bar(title: str) -> Generator[Step]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(escape(title), total=1.0)

        def step(doing: str, share: float) -> None:
            progress.update(task, description=escape(f"{title}: {doing}"), completed=share)

        yield step


def _lines(title: str) -> Step:
    started = time.perf_counter()
    said = ""

    def step(doing: str, _share: float) -> None:
        nonlocal said
        if doing != said:  # a section of five cells is one line
            said = doing
            print(f"{title}: {doing} ({time.perf_counter() - started:.1f} s)", file=sys.stderr, flush=True)

    return step
