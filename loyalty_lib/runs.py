"""One run of a notebook, from a start to a finished folder of report.html, report.pdf, metrics.json and tables.

Goes in: a ``Run``, which says what is run and where it belongs.  Comes out: an ``Outcome``.  The folder is swapped in
whole: a run that fails or is killed leaves what was there as it was.  Only outputs that are blocks of ``present`` are
delivered: whatever else a cell printed could hold a customer's data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from loyalty_lib import exports, swap
from loyalty_lib.errors import LoyaltyError, MissingToolError, UsageError
from loyalty_lib.exports.folder import edited, manifest_of, standing
from loyalty_lib.fingerprint import versions
from loyalty_lib.periods import DAY
from loyalty_lib.progress import Step, silent

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from loyalty_lib.branding import Dressing

BLOCK: Final = "application/vnd.loyalty+json"
ALWAYS: Final = ("report.html", "report.pdf", "metrics.json", "executed.ipynb")
EXECUTION: Final = 0.8  # the notebook's share of a run; the rest is the PDF
LAST: Final = 0.95  # where slides and sheets begin


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one run.

    Attributes
    ----------
    client, period
        The client's name, or "portfolio", and the period's label.
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
    formats
        What it was made in besides HTML and PDF.
    kept
        Files that somebody had edited, as they are called now.
    """

    client: str
    period: str
    folder: Path
    status: Literal["done", "up to date"]
    seconds: float
    missing: str | None = None
    left_out: int = 0
    formats: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def is_current(place: Path, mark: str, formats: Collection[str] = ()) -> bool:
    """Tell whether the report was made of exactly this, and every file of it is still as it was written.

    Further formats that are asked for must be there, but may have been edited: slides are made to be.
    """
    manifest = manifest_of(place)
    files = manifest.get("files", {})
    own = {name: known for name, known in files.items() if exports.format_of(name) is None}
    return (
        manifest.get("fingerprint") == mark
        and set(ALWAYS) <= own.keys()
        and set(formats) <= set(standing(place))
        and all((place / name).is_file() and _sha256(place / name) == known for name, known in own.items())
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What is run, and for whom.

    Attributes
    ----------
    name, label
        The client's name, or "portfolio", and the period's label.
    source, parameters
        The notebook and what it is run with.
    mark
        The fingerprint of all it depends on.
    language, author
        Of the page.
    retention_days
        How long the report may be kept.
    edition
        "full" or "short".
    comments
        The consultant's words in Markdown, by section.
    dressing
        How the page looks; ``None`` for the house's look.
    formats
        What else to make of it; keys of ``exports.PLACES``.
    step
        Told what is being done.
    seconds
        Filled on the way: how long each stage took.
    """

    name: str
    label: str
    source: Path
    parameters: dict[str, str]
    mark: str
    language: str
    author: str | None
    retention_days: int
    edition: str = "full"
    comments: Mapping[str, str] = field(default_factory=dict)
    dressing: Dressing | None = None
    formats: tuple[str, ...] = ()
    step: Step = silent
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a stage of the run."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


def carry_out(run: Run, place: Path, started: float) -> Outcome:
    """Run the notebook and put what it made in its place, in the formats asked for and those that are there.

    Parameters
    ----------
    run
        What is run.
    place
        The folder that is replaced as a whole.
    started
        When the whole began, by ``time.perf_counter``.

    Raises
    ------
    LoyaltyError
        If a cell fails or the disk is full; what was there is untouched.
    """
    from loyalty_lib.execute import execute
    from loyalty_lib.templates import PICTURES

    run = replace(run, formats=tuple(sorted({*run.formats, *standing(place)})))
    failed = place.with_name(f"{place.name}.failed.ipynb")
    run.step("starting", 0.0)
    with run.stage("execute"):
        try:
            notebook = execute(
                run.source,
                run.parameters,
                failed=failed,
                step=lambda doing, share: run.step(doing, share * EXECUTION),
                environment={PICTURES: "1"} if run.formats else {},
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
        kept = edited(place)
        for name, content in kept.items():
            (folder / name).write_bytes(content)
    failed.unlink(missing_ok=True)
    return Outcome(
        client=run.name,
        period=run.label,
        folder=place,
        status="done",
        seconds=time.perf_counter() - started,
        missing=missing,
        left_out=left_out,
        formats=run.formats,
        kept=tuple(kept),
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


def _write(run: Run, notebook: NotebookNode, folder: Path) -> str | None:
    """Write every file of the report; return why the PDF is missing, if it is."""
    import nbformat

    from loyalty_lib import render

    run.step("page", EXECUTION)
    with run.stage("page"):
        pictures = render.take_pictures(notebook)
        content = render.extract(notebook)
        html = render.page_html(
            notebook,
            language=run.language,
            author=run.author,
            edition=run.edition,
            comments=run.comments,
            dressing=run.dressing,
        )
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
    if run.formats:
        run.step("slides and sheets", LAST)
        with run.stage("formats"):
            files |= exports.exported(
                notebook,
                pictures,
                run.formats,
                language=run.language,
                html=html,
                comments=run.comments,
                look=run.dressing,
            )
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (folder / "run.json").write_bytes(_json(_manifest(run, files)))
    return missing


def _manifest(run: Run, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what run.json says.  It names no person, no machine and no folder."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return {
        "schema": 1,
        "client": run.name,
        "period": run.label,
        "notebook": run.source.stem,
        "fingerprint": run.mark,
        "formats": list(run.formats),
        "created_at": now.isoformat(),
        "expires_at": (now + run.retention_days * DAY).isoformat(),
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
