"""The ``metrics.json`` of finished reports, as the portfolio reads them: one a client, never a client's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from loyalty_lib import paths
from loyalty_lib.errors import DataError, Problem, UsageError
from loyalty_lib.metrics import SCHEMA
from loyalty_lib.metrics.data import Metrics

FEWEST: Final = 2  # clients that can be laid side by side


def finished_reports(period: str | None = None) -> dict[str, Path]:
    """Find the metrics of the clients' finished reports.

    Parameters
    ----------
    period
        The label of the period; without one, of every client the report whose period ends last.

    Returns
    -------
    dict
        The file by client, in the order of their names.

    Raises
    ------
    UsageError
        If fewer than two clients have such a report.
    """
    found: dict[str, tuple[str, Path]] = {}
    for file in (paths.home() / "reports").glob("*/*/run.json"):
        manifest, metrics = _json(file), file.with_name("metrics.json")
        label = str(manifest.get("period", ""))
        if manifest.get("notebook") != paths.MAIN or not metrics.is_file() or file.parent.name != label:
            continue
        if period is None or label == period:
            end = str(_json(metrics).get("as_of", ""))
            client = str(manifest.get("client", ""))
            found[client] = max(found.get(client, ("", metrics)), (end, metrics))
    if len(found) < FEWEST:
        of = f" of {period}" if period else ""
        message = (
            f"A portfolio needs the reports{of} of two clients or more; here are {len(found)}. "
            f"Make them first: make reports{f' PERIOD={period}' if period else ''}."
        )
        raise UsageError(message)
    return {client: file for client, (_, file) in sorted(found.items())}


def load_reports(period: str | None = None) -> list[Metrics]:
    """Read the metrics that ``finished_reports`` finds.

    Raises
    ------
    UsageError
        If fewer than two clients have such a report.
    DataError
        If a report was made by another version of the program, whose figures may mean something else.
    """
    reports, problems = [], []
    for client, file in finished_reports(period).items():
        metrics = _json(file)
        if metrics.get("schema") == SCHEMA:
            reports.append(metrics)
            continue
        remedy = f"Make the report again: make report CLIENT={client} PERIOD={file.parent.name}."
        shown = str(file.relative_to(paths.home()))
        problems.append(Problem(file=shown, expected="a report made by this version of the program", remedy=remedy))
    if problems:
        raise DataError(problems)
    return reports


def _json(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content
