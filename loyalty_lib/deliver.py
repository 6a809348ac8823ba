"""One report, from a client's name to a finished folder ``reports/<client>/<period>/``.

The folder holds report.html, report.pdf, metrics.json, tables/*.csv, executed.ipynb and run.json (what it was made of,
and until when it may be kept).  It is swapped in whole: a run that fails or is killed leaves the report before it as it
was.  Unchanged inputs need no run.  Only outputs that are blocks of ``present`` are delivered: whatever else a cell
printed could hold a customer's data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from loyalty_lib import paths, swap
from loyalty_lib.config import ClientConfig, SimulatedSource, SqlSource, load_config
from loyalty_lib.errors import LoyaltyError, MissingToolError, UsageError
from loyalty_lib.fingerprint import fingerprint, versions
from loyalty_lib.periods import DAY
from loyalty_lib.progress import Step, silent

if TYPE_CHECKING:
    from nbformat import NotebookNode

MAIN: Final = "loyalty_report"
BLOCK: Final = "application/vnd.loyalty+json"
ALWAYS: Final = ("report.html", "report.pdf", "metrics.json", "executed.ipynb")
PATIENCE: Final = 10.0  # seconds to wait for another run of the same client
EXECUTION: Final = 0.8  # the notebook's share of a run; the rest is the PDF


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one run.

    Attributes
    ----------
    client, period
        The client's name and the period's label.
    folder
        Where the report is.
    status
        ``done``: made now; ``up to date``: nothing has changed since it was made.
    seconds
        How long it took.
    missing
        Why there is no PDF, with the remedy; ``None`` where there is one.
    left_out
        Outputs of the notebook that were no blocks of the report, and are not in it.
    """

    client: str
    period: str
    folder: Path
    status: Literal["done", "up to date"]
    seconds: float
    missing: str | None = None
    left_out: int = 0


def make_report(
    client: str,
    period: str | None = None,
    *,
    notebook: str = MAIN,
    force: bool = False,
    step: Step = silent,
    patience: float = PATIENCE,
) -> Outcome:
    """Make a client's report, unless the one there is up to date.

    Parameters
    ----------
    client
        The client's name.
    period
        As a user types it; without one, the last complete period of the client's cadence.
    notebook
        A notebook of ``notebooks/``, without its extension.
    force
        Make it even though nothing has changed.
    step
        Told what is being done.
    patience
        Seconds to wait for another run of the same client.

    Returns
    -------
    Outcome
        Where the report is, and how it came there.

    Raises
    ------
    UsageError
        If there is no such client, period or notebook.
    LoyaltyError
        If the data, the model, the notebook or the disk is in the way.  The report before it is untouched.
    """
    started = time.perf_counter()
    config = load_config(client)
    label = config.period(period).label
    source = _notebook(notebook)
    parameters = {"client": client, "period": label}
    place = paths.report_folder(client, label if notebook == MAIN else f"{label}-{notebook}")
    try:
        with swap.claim(place.parent, patience):
            swap.recover(place.parent)
            if isinstance(config.source, SimulatedSource):  # its files are part of the fingerprint
                from loyalty_lib.simulate import provide_shop

                provide_shop(config.source, config.folder)
            mark = fingerprint(config, source, parameters)
            if not force and not _is_live(config) and _is_current(place, mark):
                seconds = time.perf_counter() - started
                return Outcome(client=client, period=label, folder=place, status="up to date", seconds=seconds)
            run = _Run(config=config, label=label, source=source, parameters=parameters, mark=mark, step=step)
            return _make(run, place, started)
    except OSError as error:
        message = (
            f"The report could not be made: {error.strerror or error}: {error.filename or place.parent}. "
            "Free some space, close the file or mend its permissions, then try again. "
            "The report before it is unchanged."
        )
        raise LoyaltyError(message) from error


def finished_report(client: str, period: str) -> Path:
    """Return the folder of a report that is there.

    Raises
    ------
    UsageError
        If it has not been made; the message says how.
    """
    place = paths.report_folder(client, period)
    if not (place / "run.json").is_file():
        message = (
            f"There is no report {period} of {client} yet. Make it first: make report CLIENT={client} PERIOD={period}."
        )
        raise UsageError(message)
    return place


def _notebook(name: str) -> Path:
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    known = {path.stem: path for path in paths.NOTEBOOKS.glob("*.ipynb")}
    if name not in known:
        message = (
            f"There is no notebook {name!r} in {paths.NOTEBOOKS.name}/. Notebooks here: {', '.join(sorted(known))}."
        )
        raise UsageError(message)
    return path


def _is_live(config: ClientConfig) -> bool:
    """Tell whether the data may have changed without any file having changed."""
    return isinstance(config.source, SqlSource) and config.source.url_env is not None


def _is_current(place: Path, mark: str) -> bool:
    """Tell whether the report was made of exactly this, and every file of it is still as it was written."""
    try:
        manifest = json.loads((place / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    files = manifest.get("files", {})
    return (
        manifest.get("fingerprint") == mark
        and set(ALWAYS) <= files.keys()
        and all((place / name).is_file() and _sha256(place / name) == known for name, known in files.items())
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Run:
    config: ClientConfig
    label: str
    source: Path
    parameters: dict[str, str]
    mark: str
    step: Step
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a stage of the run."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


def _make(run: _Run, place: Path, started: float) -> Outcome:
    from loyalty_lib.execute import execute

    failed = place.with_name(f"{place.name}.failed.ipynb")
    run.step("starting", 0.0)
    with run.stage("execute"):
        try:
            notebook = execute(
                run.source,
                run.parameters,
                failed=failed,
                step=lambda doing, share: run.step(doing, share * EXECUTION),
            )
        except UsageError:
            failed.unlink(missing_ok=True)
            raise
        except LoyaltyError as error:
            if failed.exists():
                error.add_note(f"The notebook as far as it got: {failed}")
            raise
    left_out = _keep_blocks(notebook)
    with swap.building(place) as folder:
        missing = _write(run, notebook, folder)
    failed.unlink(missing_ok=True)
    return Outcome(
        client=run.config.client,
        period=run.label,
        folder=place,
        status="done",
        seconds=time.perf_counter() - started,
        missing=missing,
        left_out=left_out,
    )


def _keep_blocks(notebook: NotebookNode) -> int:
    """Drop every output that is no block of ``present``; return how many."""
    dropped = 0
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        kept = [output for output in outputs if BLOCK in output.get("data", {})]
        dropped += len(outputs) - len(kept)
        if cell.cell_type == "code":
            cell.outputs = kept
    return dropped


def _write(run: _Run, notebook: NotebookNode, folder: Path) -> str | None:
    """Write every file of the report; return why the PDF is missing, if it is."""
    import nbformat

    from loyalty_lib import render

    run.step("page", EXECUTION)
    with run.stage("page"):
        content = render.extract(notebook)
        html = render.page_html(notebook, language=run.config.language, author=run.config.brand.prepared_by)
    files = {
        "report.html": html.encode(),
        "metrics.json": _json(content.metrics),
        "executed.ipynb": nbformat.writes(notebook).encode(),
        **{f"tables/{name}.csv": table.encode() for name, table in content.tables.items()},
    }
    run.step("PDF", (1 + EXECUTION) / 2)
    missing = None
    with run.stage("pdf"):
        try:
            files["report.pdf"] = render.pdf(html)
        except MissingToolError as error:
            missing = str(error)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (folder / "run.json").write_bytes(_json(_manifest(run, files)))
    return missing


def _manifest(run: _Run, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what run.json says.  It names no person, no machine and no folder."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return {
        "schema": 1,
        "client": run.config.client,
        "period": run.label,
        "notebook": run.source.stem,
        "fingerprint": run.mark,
        "created_at": now.isoformat(),
        "expires_at": (now + run.config.privacy.retention_days * DAY).isoformat(),
        "seconds": run.seconds,
        "versions": versions(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }


def _json(tree: dict[str, Any]) -> bytes:
    text = json.dumps(_plain(tree), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _plain(tree: Any) -> Any:
    """Replace figures that are missing or infinite by null: JSON knows no NaN."""
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
