"""The notebooks as JupyterLab runs them: from top to bottom with their defaults, in their own folder."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from loyalty_lib.paths import NOTEBOOKS
from tests.portfolios import renamed, small_metrics, write_report

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))
# A notebook tells; it computes nothing and draws nothing itself.
NOT_TOLD = (
    ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.ListComp, ast.DictComp, ast.SetComp,
    ast.GeneratorExp, ast.With, ast.Try,
)  # fmt: skip


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_cells_only_tell(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, NOT_TOLD)], cell.source
            assert not cell.outputs
            assert cell.execution_count is None
            assert all(len(line) <= 120 for line in cell.source.splitlines())


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
def test_runs_from_top_to_bottom_with_its_defaults(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way JupyterLab does it: no parameters injected, the notebook's folder as working directory."""
    if path.stem == "portfolio":  # it reads finished reports, of which a fresh checkout has none
        for slug in ("alm", "bjerk"):
            write_report(home, renamed(small_metrics(), slug))
    else:
        monkeypatch.delenv("LOYALTY_HOME")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(path.parent))
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("text/html" in output.get("data", {}) for output in shown)
    assert not [output for output in shown if output.output_type in {"error", "stream"}]
