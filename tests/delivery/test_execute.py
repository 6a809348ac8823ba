"""A notebook is run by this interpreter, with checked parameters; what fails is named, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from loyalty_lib.errors import LoyaltyError, MissingToolError, ReportError, UsageError
from loyalty_lib.execute import execute
from loyalty_lib.paths import CHECKOUT


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which kernels get their scratch folders."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def _texts(notebook: NotebookNode) -> list[str]:
    return [output.data["text/plain"] for cell in notebook.cells for output in cell.get("outputs", ())]


def test_kernel_is_this_interpreter_with_this_library_and_reaches_no_settings_of_the_user(
    write_notebook: Callable[..., Path], scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernelspec or start-up file of the user's own would change what the report is made with."""
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    spec.joinpath("kernel.json").write_text(
        '{"argv": ["/bin/false"], "display_name": "x", "language": "python"}', encoding="utf-8"
    )
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    startup.joinpath("00.py").write_text("client = 'spoilt'", encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    path = write_notebook(
        "import os, sys, loyalty_lib\n(sys.executable, loyalty_lib.__file__, os.environ['MPLBACKEND'], client)",
        "sys.flags.hash_randomization, get_ipython().history_manager.enabled, os.environ['HOME']",
    )
    notebook = execute(path, {"client": "shop", "period": None}, failed=tmp_path / "failed.ipynb")
    assert _texts(notebook) == [
        str((sys.executable, str(CHECKOUT / "loyalty_lib" / "__init__.py"), "agg", "shop")).replace(", ", ",\n "),
        str((0, False, os.environ["HOME"])),
    ]
    assert list(scratch.iterdir()) == []


def test_rendering_begins_when_its_libraries_are_loaded(
    write_notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads that import nbconvert at once find it half initialised."""
    loaded = threading.Event()

    def load_slowly() -> None:
        time.sleep(5)  # longer than the notebook takes
        loaded.set()

    monkeypatch.setattr("loyalty_lib.execute._warm_up", load_slowly)
    execute(write_notebook("1"), {"client": "shop", "period": None}, failed=tmp_path / "failed.ipynb")
    assert loaded.is_set()


def test_parameters_arrive_as_python_values(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    path = write_notebook("client, period")
    value = 'it\'s "2024" \\ {0}\n'
    notebook = execute(path, {"client": value, "period": None}, failed=tmp_path / "failed.ipynb")
    assert _texts(notebook) == [str((value, None))]


def test_unknown_parameter_is_refused_before_anything_runs(
    write_notebook: Callable[..., Path], tmp_path: Path, scratch: Path
) -> None:
    path = write_notebook("1")
    with pytest.raises(UsageError, match=r"no parameter 'perod'\. Did you mean 'period'\?"):
        execute(path, {"perod": "2024"}, failed=tmp_path / "failed.ipynb")
    assert list(scratch.iterdir()) == []


def test_executed_notebook_is_the_same_each_time_and_names_no_path(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_notebook("# A", "1 + 1")
    parameters = {"client": "shop", "period": "2024"}
    first, second = (
        nbformat.writes(execute(path, parameters, failed=tmp_path / "failed.ipynb")).encode() for _ in range(2)
    )
    assert first == second
    assert str(tmp_path).encode() not in first
    assert b"papermill" not in first


def test_failing_cell_is_named_and_the_notebook_kept_for_its_owner_only(
    write_notebook: Callable[..., Path], tmp_path: Path, scratch: Path
) -> None:
    failed = tmp_path / "kept" / "failed.ipynb"
    path = write_notebook("# Start", "total = 0", "## Share of sales", "\nshare = 1 / total\nshare", "'never reached'")
    with pytest.raises(ReportError) as caught:
        execute(path, {"client": "shop"}, failed=failed)
    assert str(caught.value) == (
        "loyalty_report.ipynb: code cell 4 in section 'Share of sales' (share = 1 / total) failed.\n"
        "  ZeroDivisionError: division by zero."
    )
    kept = nbformat.read(failed, as_version=4)
    assert any(output.output_type == "error" for cell in kept.cells for output in cell.get("outputs", ()))
    assert stat.S_IMODE(failed.stat().st_mode) == 0o600
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("raised", "kind"),
    [("ModelError", ReportError), ("UsageError", UsageError), ("MissingToolError", MissingToolError)],
)
def test_an_error_of_ours_is_told_in_its_own_words(
    raised: str, kind: type[LoyaltyError], write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    text = "clients/shop/orders.csv: 2 problems; nothing was analysed.\n  line 7: [red]x[/red]"
    path = write_notebook(f"from loyalty_lib.errors import {raised}\nraise {raised}({text!r})")
    with pytest.raises(kind) as caught:
        execute(path, {"client": "shop"}, failed=tmp_path / "failed.ipynb")
    assert type(caught.value) is kind
    assert str(caught.value) == text


def test_slow_cell_is_stopped(write_notebook: Callable[..., Path], tmp_path: Path, scratch: Path) -> None:
    path = write_notebook("import time", "time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(ReportError, match=r"code cell 4 \(time.sleep\(60\)\) failed.\s+It took longer than 1 seconds"):
        execute(path, {"client": "shop"}, failed=tmp_path / "failed.ipynb", cell_seconds=1)
    assert time.monotonic() - started < 20
    assert list(scratch.iterdir()) == []


def test_death_of_the_kernel_is_said(write_notebook: Callable[..., Path], tmp_path: Path, scratch: Path) -> None:
    path = write_notebook("import os; os._exit(9)")
    with pytest.raises(ReportError, match="Its Python was stopped, most often for want of memory"):
        execute(path, {"client": "shop"}, failed=tmp_path / "failed.ipynb")
    assert list(scratch.iterdir()) == []


def test_a_home_that_cannot_be_written_and_a_long_temporary_folder_do_no_harm(
    write_notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets live in files whose path has at most 108 characters; past that, the kernel is reached by TCP."""
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    monkeypatch.setenv("HOME", "/nonexistent")
    path = write_notebook("'ran'")
    assert _texts(execute(path, {"client": "shop"}, failed=tmp_path / "failed.ipynb")) == ["'ran'"]


def test_sections_are_told_as_they_are_reached(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    path = write_notebook("## First", "1", "## Second", "2")
    execute(path, {"client": "shop"}, failed=tmp_path / "failed.ipynb", step=lambda *step: told.append(step))
    assert [doing for doing, _ in told] == ["starting", "starting", "First", "Second"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] < 1


def test_file_that_is_no_notebook_is_refused_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text("not JSON", encoding="utf-8")
    with pytest.raises(ReportError, match="expected a Jupyter notebook"):
        execute(path, {}, failed=tmp_path / "failed.ipynb")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_ends_its_kernel_and_leaves_nothing(
    sent: signal.Signals, home: Path, write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    marker = tmp_path / "kernel.pid"
    notebook = write_notebook(
        f"import os, pathlib, time\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    script = (
        "import pathlib, sys\nfrom loyalty_lib import cli, paths\n"
        f"paths.NOTEBOOKS = pathlib.Path({str(notebook.parent)!r})\n"
        "sys.exit(cli.main(['report', '--client', 'shop']))"
    )
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        # pytest-xdist's workers ignore Ctrl-C; the run is to have Python's own way of taking it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    _wait_for(marker)
    run.send_signal(sent)
    _, said = run.communicate(timeout=20)
    assert run.returncode == 128 + sent
    assert "Traceback" not in said
    assert "never retrieved" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text(encoding="utf-8")), 0)
    assert list(temporary.glob("loyalty-*")) == []
    assert sorted(path.name for path in (home / "reports" / "shop").iterdir()) == [".lock"]


def _wait_for(marker: Path) -> None:
    deadline = time.monotonic() + 30
    while not (marker.exists() and marker.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, "the kernel did not start"
        time.sleep(0.05)
