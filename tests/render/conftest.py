"""A small executed notebook, made of the report's own blocks; words are short, figures are invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat import NotebookNode, v4

from loyalty_lib import figures, i18n, present, tables
from tests.browser import browser  # noqa: F401  (a fixture)

Metrics = dict[str, Any]
Cells = Callable[..., NotebookNode]
Chart = Callable[..., present.Block]


@pytest.fixture(autouse=True)
def _english():
    i18n.activate("en", "EUR")
    figures.style("#1f5a7a")


@pytest.fixture
def metrics() -> Metrics:
    return {
        "client": {"slug": "acme", "name": "Acme Sports"},
        "period": {"label": "2024-Q4", "kind": "quarter", "start": "2024-10-01", "end": "2024-12-31"},
        "as_of": "2024-12-31",
        "language": "en",
        "currency": "EUR",
        "simulated": False,
        "brand": {"accent": "#7a1f5a", "name": "Fjord Insight", "confidentiality": "For Acme only"},
    }


@pytest.fixture
def words(monkeypatch):
    """Stand in for ``narrative``: a test changes a word where it wants another one."""
    said = SimpleNamespace(
        cover=lambda _: SimpleNamespace(
            finding="Net sales rose 5%.",
            actions=("Win them back.", "Keep the best.", "Sell once more."),
            others=(),
            trust="fair",
            trust_label="Use with care",
            trust_reason="12% too low last year.",
        ),
        cards=lambda _, keys: [
            SimpleNamespace(label=key, value="1,234", comparisons=("▲ 5.0% from 2024-Q3",)) for key in keys
        ],
        headline=lambda name, _: f"Finding of {name}",
        lead=lambda name, _: f"Sentences of {name}.",
        advice=lambda name, _: [f"Act on {name}.", "Then measure."],
        has_figure=lambda *_: True,
        caption=lambda name, _: (f"Title of {name}", f"Subtitle of {name}"),
        alt=lambda name, _: f"Description of {name}",
        method=lambda _: [("Definitions", ["Active: bought in the period."]), ("Privacy", ["Groups only."])],
    )
    monkeypatch.setattr(present, "narrative", said)
    return said


@pytest.fixture
def executed() -> Cells:
    """Make an executed notebook of Markdown sources and lists of blocks."""

    def make(*cells: str | Sequence[present.Block | None]) -> NotebookNode:
        nodes = []
        for cell in cells:
            if isinstance(cell, str):
                nodes.append(v4.new_markdown_cell(cell))
                continue
            outputs = [
                v4.new_output("execute_result", block._repr_mimebundle_(), execution_count=1) for block in cell if block
            ]
            nodes.append(v4.new_code_cell("code that nobody reads", outputs=outputs))
        return v4.new_notebook(cells=nodes)

    return make


def _segments(name: str = "segments", rows: int = 12) -> tables.Table:
    return tables.Table(
        name=name,
        title="Customers by segment",
        columns=(
            tables.Column(name="segment", label="Segment", kind="text"),
            tables.Column(name="customers", label="Customers"),
            tables.Column(name="sales", label="Net sales", kind="money"),
        ),
        rows=tuple((f"Segment {n}", 10 * n, 1000.5 * n) for n in range(1, rows + 1)),
    )


@pytest.fixture
def segments() -> tables.Table:
    return _segments()


@pytest.fixture
def matrix() -> tables.Table:
    """Build a table of more columns than a page takes beside its text."""
    months = range(24)
    return tables.Table(
        name="cohort_retention",
        title="Retention by cohort",
        columns=(
            tables.Column(name="cohort", label="Cohort", kind="month"),
            tables.Column(name="customers", label="Customers"),
            *(tables.Column(name=f"period_{k}", label=str(k), kind="share") for k in months),
        ),
        rows=tuple((dt.date(2023, m, 1), 100 * m, *(0.9**k for k in months)) for m in range(1, 13)),
    )


@pytest.fixture
def chart(words, metrics) -> Chart:
    """Make a figure block of a name."""
    assert words

    def make(name: str, data: pd.DataFrame | None = None) -> present.Block:
        axes = Figure(figsize=(6.69, 3.2)).add_subplot()
        axes.plot([0, 1, 2], [3, 1, 2])
        return present.figure(axes, name, metrics, data=data)

    return make


@pytest.fixture
def report(metrics, executed, chart, matrix) -> NotebookNode:
    """Make a report of a cover, four pages, one of them without data, and a method page."""

    def analysis(name: str) -> list[present.Block]:
        return [
            present.finding(name, metrics),
            chart(name, pd.DataFrame({"x": [0, 1, 2], "y": [3.5, 1.0, None]})),
            present.table(_segments(f"{name}_table")),
            present.advice(name, metrics),
        ]

    return executed(
        [present.publish(metrics)],
        "## Summary",
        [present.cover(metrics)],
        "## Key figures",
        [present.cards(metrics, ["net_sales", "orders", "active_customers", "repeat_rate"])],
        analysis("kpis"),
        "## Cohorts\n\nHow customers **return**.",
        analysis("cohorts"),
        [present.table(matrix)],
        "## Segments",
        analysis("rfm"),
        "## Survey\n\nThis client asked nobody.",
        [None],
        "## Method",
        [present.method(metrics)],
    )
