"""One report, from a client's name to a finished folder ``reports/<client>/<period>/``.

The folder holds report.html, report.pdf, metrics.json, tables/*.csv, executed.ipynb and run.json (what it was made of,
and until when it may be kept).  Unchanged inputs need no run.  ``make_portfolio`` lays the reports of all clients side
by side.
"""

from __future__ import annotations

import contextvars
import json
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from loyalty_lib import exports, i18n, paths, swap
from loyalty_lib.branding import dressing
from loyalty_lib.commentary import read_commentary
from loyalty_lib.config import ClientConfig, SimulatedSource, SqlSource, load_config
from loyalty_lib.errors import LoyaltyError, UsageError
from loyalty_lib.fingerprint import fingerprint, fingerprint_of_reports
from loyalty_lib.paths import MAIN
from loyalty_lib.progress import Step, silent
from loyalty_lib.runs import Outcome, Run, carry_out, is_current

PORTFOLIO: Final = "portfolio"
COMMENTARY: Final = "commentary"
PATIENCE: Final = 10.0  # seconds to wait for another run of the same client


def make_report(
    client: str,
    period: str | None = None,
    *,
    notebook: str = MAIN,
    edition: str = "full",
    formats: Sequence[str] = (),
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
    edition
        "full", or "short": the answer and the key figures, on two pages.
    formats
        What else to make of it: "charts", "pptx", "xlsx" or "all".  Those that are there are made anew with the report.
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
        If there is no such client, period, notebook or format.
    LoyaltyError
        If the data, the model, the notebook or the disk is in the way.  The report before it is untouched.
    """
    started = time.perf_counter()
    wanted = exports.chosen(" ".join(formats))
    config = load_config(client)
    label = config.period(period).label
    source = _notebook(notebook)
    if edition != "full" and not _has_cells_of(source, edition):
        message = f"The notebook {notebook!r} has no {edition} edition: none of its cells has the tag {edition!r}."
        raise UsageError(message)
    parameters = {"client": client, "period": label}
    name = "-".join([label, *([notebook] if notebook != MAIN else []), *([edition] if edition != "full" else [])])
    place = paths.report_folder(client, name)
    with _guarded(place.parent, patience):
        if isinstance(config.source, SimulatedSource):  # its files are part of the fingerprint
            from loyalty_lib.simulate import provide_shop

            provide_shop(config.source, config.folder)
        run = Run(
            name=client,
            label=label,
            source=source,
            parameters=parameters,
            mark=fingerprint(config, source, {**parameters, "edition": edition}),
            language=config.language,
            author=config.brand.name,
            retention_days=config.privacy.retention_days,
            edition=edition,
            comments=_comments(config, label, source),
            dressing=dressing(config),
            formats=wanted,
            step=step,
        )
        return _made(run, place, started, afresh=force or _is_live(config))


def make_portfolio(
    period: str | None = None,
    *,
    language: str = "en",
    formats: Sequence[str] = (),
    force: bool = False,
    step: Step = silent,
    patience: float = PATIENCE,
) -> Outcome:
    """Lay the finished reports of all clients side by side, unless that is up to date.

    Parameters
    ----------
    period
        The label of the reports' period; without one, the newest report of every client.
    language
        Of the page.
    formats, force, step, patience
        As for ``make_report``.

    Returns
    -------
    Outcome
        In ``reports/portfolio/<period>/``, or ``reports/portfolio/newest/``.

    Raises
    ------
    UsageError
        If fewer than two clients have a report, or there is no such format.
    DataError
        If a report was made by another version of the program.
    LoyaltyError
        If the notebook or the disk is in the way.
    """
    started = time.perf_counter()
    wanted = exports.chosen(" ".join(formats))
    from loyalty_lib.metrics.reports import finished_reports, load_reports

    found = finished_reports(period)
    kept = min(report["privacy"]["retention_days"] for report in load_reports(period))  # no longer than any of them
    source = _notebook(PORTFOLIO)
    label = period or "newest"
    parameters = {"period": period or "", "language": language}
    place = paths.home() / "reports" / PORTFOLIO / label
    with _guarded(place.parent, patience):
        run = Run(
            name=PORTFOLIO,
            label=label,
            source=source,
            parameters=parameters,
            mark=fingerprint_of_reports(found, source, parameters),
            language=language,
            author=None,
            retention_days=kept,
            formats=wanted,
            step=step,
        )
        return _made(run, place, started, afresh=force)


@contextmanager
def _guarded(folder: Path, patience: float) -> Generator[None]:
    """Work in ``folder`` alone; a disk that is full or closed is said in words."""
    try:
        with swap.claim(folder, patience):
            swap.recover(folder)
            yield
    except OSError as error:
        message = (
            f"The report could not be made: {error.strerror or error}: {error.filename or folder}. "
            "Free some space, close the file or mend its permissions, then try again. "
            "The report before it is unchanged."
        )
        raise LoyaltyError(message) from error


def _made(run: Run, place: Path, started: float, *, afresh: bool) -> Outcome:
    """Carry the run out, unless what is there was made of the same."""
    if afresh or not is_current(place, run.mark, run.formats):
        return carry_out(run, place, started)
    seconds = time.perf_counter() - started
    return Outcome(
        client=run.name,
        period=run.label,
        folder=place,
        status="up to date",
        seconds=seconds,
        formats=run.formats,
    )


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


def _comments(config: ClientConfig, label: str, notebook: Path) -> dict[str, str]:
    """Read the consultant's words on this period; a notebook's other than the report's have its name at the end."""
    name = label if notebook.stem == MAIN else f"{label}-{notebook.stem}"
    file = config.folder / COMMENTARY / f"{name}.md"
    if not file.is_file():
        return {}
    import nbformat

    from loyalty_lib.render.sections import titles

    english = titles(nbformat.read(notebook, as_version=4))
    own = contextvars.copy_context().run(_in_language, config.language, english)
    return read_commentary(file, {**english, **own})


def _in_language(language: str, titles: Mapping[str, str]) -> dict[str, str]:
    i18n.activate(language)
    return {i18n.gettext(title): slug for title, slug in titles.items()}


def _has_cells_of(notebook: Path, edition: str) -> bool:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return any(edition in cell["metadata"].get("tags", ()) for cell in cells)


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
