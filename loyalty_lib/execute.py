"""Run a notebook from top to bottom in a kernel of this very interpreter.

Takes a notebook file and parameters as Python values; returns the executed notebook, or raises ``ReportError`` naming
the cell that failed.  The kernel is started before papermill and the notebook are even loaded, so that it is ready when
they are; it is gone when ``execute`` returns, however that happens.  Nothing is written but the failed notebook.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop, run_sync

from loyalty_lib import errors
from loyalty_lib.errors import LoyaltyError, MissingToolError, ReportError, UsageError
from loyalty_lib.paths import CHECKOUT
from loyalty_lib.progress import Step, silent

if TYPE_CHECKING:
    from nbformat import NotebookNode

START_SECONDS: Final = 60  # a cold disk and a busy machine included
CELL_SECONDS: Final = 3600  # the slowest cell of a client with ten million rows takes minutes
LONGEST_SOCKET: Final = 100  # characters; Unix allows 108 in a socket's path, macOS 104
Parameter = str | int | float | bool | None


@dataclass(eq=False)
class _Run:
    """What the hooks see: the live notebook, and how far it has come."""

    step: Step
    notebook: NotebookNode | None = None
    headings: list[str] = field(default_factory=list)
    place: str = "the first cell"

    def opened(self, notebook: NotebookNode) -> None:
        self.notebook = notebook
        self.headings = _headings(notebook)

    def reached(self, cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type != "code":
            return
        assert self.notebook is not None
        heading = self.headings[cell_index]
        number = sum(other.cell_type == "code" for other in self.notebook.cells[: cell_index + 1])
        first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "empty")
        self.place = f"code cell {number}{f' in section {heading!r}' if heading else ''} ({first})"
        self.step(heading or "starting", cell_index / len(self.headings))


def execute(
    path: Path,
    parameters: Mapping[str, Parameter],
    *,
    failed: Path,
    step: Step = silent,
    cell_seconds: float = CELL_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> NotebookNode:
    """Execute a notebook and return it with its outputs.

    Parameters
    ----------
    path
        The notebook; it is read, never written.
    parameters
        Values for its cell tagged ``parameters``.
    failed
        Where the notebook is kept, as far as it got, if a cell fails.
    step
        Told of each section.
    cell_seconds
        Longest time one cell may take.
    environment
        What the notebook finds in its environment besides this process's own: how to run, never what to compute.

    Returns
    -------
    NotebookNode
        The executed notebook, free of times and paths: the same inputs give the same notebook.

    Raises
    ------
    UsageError
        If the notebook has no such parameter, or the notebook itself asks for something impossible.
    ReportError
        If a cell fails, takes too long, or its kernel dies.
    """
    with _kernel(environment or {}) as manager:  # first: the kernel starts while this process imports papermill
        import papermill
        from nbclient.exceptions import CellTimeoutError, DeadKernelError

        logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what goes wrong is said by the error raised below
        source = _read(path)
        _check_parameters(path, parameters, papermill.inspect_notebook(source))
        warming = threading.Thread(target=_warm_up, daemon=True)
        warming.start()
        run = _Run(step)
        try:
            executed = papermill.execute_notebook(
                source,
                None,
                dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                km=manager,
                start_timeout=START_SECONDS,
                execution_timeout=cell_seconds,
                on_notebook_start=run.opened,
                on_cell_start=run.reached,
            )
        except RuntimeError as error:
            if run.notebook is None:
                message = f"The notebook's Python did not start ({error}). Run make setup, then try again."
                raise ReportError(message) from error
            if not isinstance(error, DeadKernelError):
                raise
            raise _failure(path, run, failed, error, cell_seconds) from error
        except (papermill.PapermillExecutionError, CellTimeoutError) as error:
            raise _failure(path, run, failed, error, cell_seconds) from error
    # Two threads that import nbconvert at once find it half initialised; rendering begins when the first is through.
    warming.join()
    return _without_traces(executed)


def _read(path: Path) -> NotebookNode:
    import nbformat

    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, KeyError) as error:
        message = f"{path}: expected a Jupyter notebook. Restore it with git checkout."
        raise ReportError(message) from error
    # Whatever kernel it was last saved with; ours is this interpreter.
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _check_parameters(path: Path, given: Mapping[str, Parameter], known: Mapping[str, Any]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        near = get_close_matches(unknown[0], known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"It takes: {', '.join(sorted(known)) or 'none'}."
        message = f"Notebook {path.stem} has no parameter {', '.join(map(repr, unknown))}. {hint}"
        raise UsageError(message)


def _warm_up() -> None:
    """Import what rendering needs while the kernel works."""
    from loyalty_lib.render import load_weasyprint

    with suppress(ImportError, MissingToolError):  # rendering itself says what is missing, with the remedy
        import_module("nbconvert")
        load_weasyprint()


class _Manager(AsyncKernelManager):
    """A kernel manager that knows the client papermill opens: papermill closes none of a kernel it was given."""

    opened: Any = None

    def client(self, **kwargs: Any) -> Any:
        self.opened = super().client(**kwargs)
        return self.opened


@contextmanager
def _kernel(environment: Mapping[str, str]) -> Generator[_Manager]:
    """Start a kernel of this interpreter in a scratch folder of its own; kill it and remove the folder at the end."""
    scratch = Path(tempfile.mkdtemp(prefix="loyalty-"))
    try:
        manager = _manager(scratch)
        try:
            run_sync(manager.start_kernel)(cwd=str(scratch), env={**_environment(scratch), **environment})
            yield manager
        finally:
            _end_conversation(manager)
            if manager.has_kernel:
                # At once: nothing of it is to be saved, and what it wrote goes with the scratch folder.
                run_sync(manager.shutdown_kernel)(now=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _end_conversation(manager: _Manager) -> None:
    """Close the client's channels and cancel what still waits for an answer: after Ctrl-C, a whole cell does."""
    if manager.opened is not None:
        manager.opened.stop_channels()
    loop = ensure_event_loop()
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    if waiting:
        loop.run_until_complete(asyncio.wait(waiting))
    for task in waiting:
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not print it


def _manager(scratch: Path) -> _Manager:
    if sys.platform == "win32":
        # The notebook's sockets need a selector loop, and the loop must be there before the kernel starts.
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())

    spec = KernelSpec(
        # -Xfrozen_modules=off silences the debugger's warning; history off, for it would be shared between runs.
        argv=[
            sys.executable,
            "-Xfrozen_modules=off",
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
            "--HistoryManager.enabled=False",
        ],
        display_name="Python 3",
        language="python",
    )
    socket = scratch / "k"
    ipc = sys.platform != "win32" and len(str(socket)) < LONGEST_SOCKET
    manager = _Manager(
        kernel_name="python3",
        connection_file=str(scratch / "k.json"),
        transport="ipc" if ipc else "tcp",
        **({"ip": str(socket)} if ipc else {}),
    )
    manager._kernel_spec = spec  # noqa: SLF001  a name is looked up in the user's folders; this very spec is meant
    return manager


def _environment(scratch: Path) -> dict[str, str]:
    """Return the kernel's environment: the user's, but for what would change a report from machine to machine."""
    path = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path),  # the library of this run, whatever else is installed
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(scratch / "ipython"),  # start-up files of the user's own stay out
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def _headings(notebook: NotebookNode) -> list[str]:
    """Return, for each cell, the heading it stands under; empty before the first."""
    current = ""
    headings = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]
            current = titles[-1] if titles else current
        headings.append(current)
    return headings


def _failure(path: Path, run: _Run, failed: Path, error: Exception, cell_seconds: float) -> LoyaltyError:
    """Keep the notebook as far as it got, and turn what papermill raises into one plain message.

    An error of ours speaks for itself; of any other the cell is named.
    """
    from papermill import PapermillExecutionError

    assert run.notebook is not None
    _keep(run.notebook, failed)
    if isinstance(error, PapermillExecutionError):
        known = getattr(errors, error.ename, None)
        if isinstance(known, type) and issubclass(known, LoyaltyError):
            kind = next((k for k in (UsageError, MissingToolError) if issubclass(known, k)), ReportError)
            return kind(error.evalue)
        reason = f"{error.ename}: {error.evalue}".rstrip(":. ")
    elif isinstance(error, TimeoutError):
        reason = f"It took longer than {cell_seconds:g} seconds"
    else:
        reason = "Its Python was stopped, most often for want of memory; set LOYALTY_MEMORY=1GB and try again"
    return ReportError(f"{path.name}: {run.place} failed.\n  {reason}.")


def _keep(notebook: NotebookNode, failed: Path) -> None:
    """Keep a notebook that failed; only its owner may read it, for an error may quote a customer's row."""
    import nbformat

    failed.parent.mkdir(parents=True, exist_ok=True)
    failed.unlink(missing_ok=True)
    failed.touch(mode=0o600)
    failed.write_text(nbformat.writes(_without_traces(notebook)), encoding="utf-8")


def _without_traces(notebook: NotebookNode) -> NotebookNode:
    """Remove what papermill notes of times, paths and chance."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell["id"] = "injected-parameters"  # papermill draws one at random
    return notebook
