"""The data a notebook's outputs carry beside their HTML: ``metrics.json``, the tables, and charts as pictures."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loyalty_lib.errors import ReportError
from loyalty_lib.templates import MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What a notebook's cells carry besides HTML.

    Parameters
    ----------
    metrics
        ``metrics.json``; empty where no cell publishes it.
    tables
        CSV text by name: a table's own, and ``figure_<name>`` for the data of a figure.
    """

    metrics: dict[str, Any]
    tables: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart as files: PNG, and SVG whose letters are outlines."""

    png: bytes
    svg: str


def take_pictures(notebook: NotebookNode) -> dict[str, Picture]:
    """Take the pictures out of a notebook's outputs, which are then as if nobody had asked for any.

    Returns
    -------
    dict
        By the figure's name, ``figure_<name>``; empty where none were asked for.
    """
    taken = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            payload = payload_of(output)
            if "png" in payload:
                png, svg = payload.pop("png"), payload.pop("svg")
                taken[payload["name"]] = Picture(png=base64.b64decode(png), svg=svg)
    return taken


def extract(notebook: NotebookNode) -> Extract:
    """Take metrics and tables out of a notebook's outputs.

    Raises
    ------
    ReportError
        If two blocks carry a table of the same name with different contents.
    """
    metrics: dict[str, Any] = {}
    csvs: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            payload = payload_of(output)
            if "metrics" in payload:
                metrics = payload["metrics"]
            if "csv" in payload and csvs.setdefault(payload["name"], payload["csv"]) != payload["csv"]:
                message = (
                    f"Two blocks of the notebook save different data as {payload['name']}.csv. Name one differently."
                )
                raise ReportError(message)
    return Extract(metrics=metrics, tables=csvs)


def payload_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``present`` put into an output besides HTML; nothing for anybody else's output."""
    payload: dict[str, Any] = output.get("data", {}).get(MIME, {})
    return payload
