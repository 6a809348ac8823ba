"""A home of its own for each test: one client, "shop", and small notebooks that end with the blocks of a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from loyalty_lib import paths

CLIENT = """\
name: The Shop
currency: EUR
observed_until: 2024-12-31
source:
  kind: files
  path: data/*.csv
mail:
  to: [kari@shop.example, ola@shop.example]
  sender: reports@consultant.example
"""
ORDERS = "customer_id,order_date,amount\nc1,2024-11-02,10.00\nc2,2024-12-24,25.00\n"
PARAMETERS = "client = 'cdnow'\nperiod = None"

WriteNotebook = Callable[..., Path]


def _block(html: str, **data: object) -> str:
    """Return the source of a cell that shows a block, as ``present`` hands it to Jupyter."""
    bundle = {"text/html": html, "application/vnd.loyalty+json": {"kind": "table", "name": "", **data}}
    return f"get_ipython().display_pub.publish({bundle!r})"


REPORT = (
    "# The report",
    _block("<p>Cover</p>", metrics={"sales": 35.0, "missing": None, "active": 2}),
    "## Orders",
    _block("<p>Two orders</p>", name="orders", csv="customers,sales\n2,35.00\n"),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with the client "shop", used by this process and the kernels it starts."""
    folder = tmp_path / "clients" / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "client.yml").write_text(CLIENT, encoding="utf-8")
    (folder / "data" / "orders.csv").write_text(ORDERS, encoding="utf-8")
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def write_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteNotebook:
    """Return a function that writes a notebook: Markdown where a cell begins with "#", code elsewhere."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(paths, "NOTEBOOKS", folder)

    def write(*cells: str, name: str = "loyalty_report") -> Path:
        parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
        made = [new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells]
        for number, cell in enumerate(made):
            cell["id"] = f"cell-{number}"  # nbformat draws one at random; the same cells are to be the same notebook
        parameters["id"] = "parameters"
        path = folder / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=[parameters, *made]), path)
        return path

    return write


@pytest.fixture
def block() -> Callable[..., str]:
    """Return the function that writes a cell's source: HTML to show, and the data that travels along."""
    return _block


@pytest.fixture
def cells() -> tuple[str, ...]:
    """Return the cells of a small report."""
    return REPORT


@pytest.fixture
def report_notebook(write_notebook: WriteNotebook) -> Path:
    """Return a notebook that makes a small report."""
    return write_notebook(*REPORT)
