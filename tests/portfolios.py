"""Finished reports of several clients, as a portfolio reads them: the metrics of a small shop under other names."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from loyalty_lib import collect, kpis, lifetime, load_inputs, pareto, rfm
from loyalty_lib.paths import MAIN

Metrics = dict[str, Any]


def small_metrics(client: str = "acme", period: str = "2024-Q4") -> Metrics:
    """Return the parts of a report's metrics that a portfolio needs, of the client "acme" of the fixture ``home``."""
    inputs = load_inputs(client, period)
    segments = rfm(inputs.transactions, inputs.as_of)
    return collect(
        inputs,
        kpis=kpis(inputs.transactions, inputs.period),
        rfm=segments,
        pareto=pareto(inputs.transactions, inputs.as_of),
        clv=lifetime(inputs.transactions, inputs.as_of, segments, None),
    )


def renamed(metrics: Metrics, slug: str, **figures: dict[str, Any]) -> Metrics:
    """Return a copy for another client, some key figures changed."""
    other = copy.deepcopy(metrics)
    other["client"] |= {"slug": slug, "name": slug.title()}
    for key, values in figures.items():
        other["kpis"]["figures"][key] |= values
    return other


def write_report(home: Path, metrics: Metrics) -> Path:
    """Write what a finished report leaves for the portfolio; return its metrics.json."""
    folder = home / "reports" / metrics["client"]["slug"] / metrics["period"]["label"]
    folder.mkdir(parents=True)
    manifest = {"client": metrics["client"]["slug"], "period": metrics["period"]["label"], "notebook": MAIN}
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder / "metrics.json"
