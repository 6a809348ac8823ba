"""A report comes whole or not at all, once for the same inputs, and holds nothing but its blocks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from loyalty_lib import paths, swap
from loyalty_lib.config import load_config
from loyalty_lib.deliver import finished_report, make_report
from loyalty_lib.errors import LoyaltyError, MissingToolError, ReportError, UsageError
from loyalty_lib.fingerprint import fingerprint
from loyalty_lib.paths import CHECKOUT, MAIN

FILES = {"report.html", "report.pdf", "metrics.json", "executed.ipynb", "run.json", "tables/orders.csv"}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _left(client: Path) -> set[str]:
    return {path.name for path in client.iterdir()}


def test_report_has_all_its_files_and_the_manifest_lists_them(home: Path, report_notebook: Path) -> None:
    made = make_report("shop", "2024-q4")
    assert (made.status, made.period, made.folder) == ("done", "2024-Q4", home / "reports" / "shop" / "2024-Q4")
    files = _bytes(made.folder)
    assert files.keys() == FILES
    assert b"Two orders" in files["report.html"]
    assert files["report.pdf"].startswith(b"%PDF-")
    assert json.loads(files["metrics.json"]) == {"active": 2, "missing": None, "sales": 35.0}
    assert files["tables/orders.csv"] == b"customers,sales\n2,35.00\n"
    run = json.loads(files["run.json"])
    assert run["files"] == {name: hashlib.sha256(files[name]).hexdigest() for name in FILES - {"run.json"}}
    assert run["seconds"].keys() == {"execute", "page", "pdf"}
    assert run["versions"]["python"].split(".")[0] == "3"
    assert run["expires_at"][:10] > run["created_at"][:10]
    assert _left(made.folder.parent) == {".lock", "2024-Q4"}


def test_report_names_no_folder_and_no_user(home: Path, report_notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "kari-the-consultant")
    folder = make_report("shop", "2024-Q4").folder
    for name, content in _bytes(folder).items():
        for secret in (str(home), str(Path.home()) + "/", "kari-the-consultant", "kari@shop.example"):
            assert secret.encode() not in content, f"{name} names {secret}"


def test_same_inputs_give_the_same_bytes(home: Path, report_notebook: Path) -> None:
    first = _bytes(make_report("shop", "2024-Q4").folder)
    second = _bytes(make_report("shop", "2024-Q4", force=True).folder)
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {"run.json"}  # it holds the times


def test_unchanged_inputs_need_no_run(home: Path, report_notebook: Path) -> None:
    made = make_report("shop", "2024-Q4")
    before = made.folder.stat().st_mtime_ns
    again = make_report("shop", "2024-Q4")
    assert (again.status, again.folder.stat().st_mtime_ns) == ("up to date", before)
    (made.folder / "report.pdf").write_bytes(b"damaged")
    assert make_report("shop", "2024-Q4").status == "done"


def test_up_to_date_is_said_without_loading_anything_heavy(home: Path, report_notebook: Path) -> None:
    make_report("shop", "2024-Q4")
    script = (
        "import sys\nfrom loyalty_lib import cli, paths\nimport pathlib\n"
        f"paths.NOTEBOOKS = pathlib.Path({str(report_notebook.parent)!r})\n"
        "code = cli.main(['report', '--client', 'shop', '--period', '2024-Q4'])\n"
        "heavy = {'pandas', 'numpy', 'duckdb', 'papermill', 'nbconvert', 'nbformat', 'weasyprint', 'matplotlib'}\n"
        "print(code, sorted(heavy & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    said, facts = answer.stdout.splitlines()
    assert said.startswith("Up to date: ")
    assert facts == "0 []"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("data", "clients/shop/data/orders.csv"),
        ("a new file of data", "clients/shop/data/more.csv"),
        ("settings", "clients/shop/client.yml"),
        ("commentary", "clients/shop/commentary/2024-Q4.md"),
        ("the drop list", "clients/shop/erased.csv"),
        ("the list of products", "clients/shop/products.csv"),
        ("the notebook", "notebooks/loyalty_report.ipynb"),
    ],
)
def test_fingerprint_follows(change: str, path: str, home: Path, report_notebook: Path) -> None:
    del change
    settings = home / "clients" / "shop" / "client.yml"
    text = settings.read_text(encoding="utf-8").replace(
        "*.csv\n", "*.csv\n  lookup: {path: products.csv, key: product}\n"
    )
    settings.write_text(f"{text}drop_list: erased.csv\n", encoding="utf-8")
    before = fingerprint(load_config("shop"), report_notebook, {"client": "shop"})
    assert fingerprint(load_config("shop"), report_notebook, {"client": "shop"}) == before
    file = home / path
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as content:
        content.write("\n")
    assert fingerprint(load_config("shop"), report_notebook, {"client": "shop"}) != before


def test_fingerprint_follows_the_parameters_and_the_data_inside_a_package(
    report_notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOYALTY_HOME", raising=False)
    config = load_config("cdnow")
    before = fingerprint(config, report_notebook, {"period": "1998-Q2"})
    assert fingerprint(config, report_notebook, {"period": "1998-Q1"}) != before
    package = tmp_path / "lifetimes_of_another_version"
    (package / "datasets").mkdir(parents=True)
    (package / "datasets" / "CDNOW_master.txt").write_text("other data", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    source = config.source.model_copy(update={"package": package.name})
    assert fingerprint(config.model_copy(update={"source": source}), report_notebook, {"period": "1998-Q2"}) != before


def test_without_a_period_it_is_the_last_complete_one(home: Path) -> None:
    config = load_config("shop")
    assert config.period().label == "2024-Q4"
    assert config.model_copy(update={"cadence": "month"}).period().label == "2024-12"
    live = config.model_copy(update={"observed_until": None, "cadence": "year"})
    assert live.period().end.year == dt.datetime.now(config.zone).year - 1


def test_what_is_no_block_is_left_out_and_counted(
    home: Path, write_notebook: Callable[..., Path], cells: tuple[str, ...]
) -> None:
    write_notebook(*cells, "print('c1', 'bought', 10)", "{'c2': 25.0}")
    made = make_report("shop", "2024-Q4")
    assert made.left_out == 2
    for name, content in _bytes(made.folder).items():
        assert b"c1 bought" not in content, name
    outputs = [
        output
        for cell in nbformat.read(made.folder / "executed.ipynb", as_version=4).cells
        for output in cell.get("outputs", ())
    ]
    assert len(outputs) == 2
    assert all("application/vnd.loyalty+json" in output.data for output in outputs)


def test_failed_run_leaves_the_report_and_keeps_the_notebook(
    home: Path, write_notebook: Callable[..., Path], cells: tuple[str, ...]
) -> None:
    write_notebook(*cells)
    made = make_report("shop", "2024-Q4")
    before = _bytes(made.folder)
    write_notebook(*cells, "1 / 0")
    with pytest.raises(ReportError, match="ZeroDivisionError") as caught:
        make_report("shop", "2024-Q4")
    kept = made.folder.parent / "2024-Q4.failed.ipynb"
    assert caught.value.__notes__ == [f"The notebook as far as it got: {kept}"]
    assert kept.is_file()
    assert _bytes(made.folder) == before
    assert _left(made.folder.parent) == {".lock", "2024-Q4", kept.name}
    write_notebook(*cells)
    make_report("shop", "2024-Q4", force=True)
    assert not kept.exists()


def test_without_pango_all_but_the_pdf_is_delivered_and_the_next_run_tries_again(
    home: Path, report_notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty_lib import render

    def no_pango(_html: str) -> bytes:
        message = "Install it with: apt-get install libpango-1.0-0"
        raise MissingToolError(message)

    with monkeypatch.context() as patched:
        patched.setattr(render, "pdf", no_pango)
        made = make_report("shop", "2024-Q4")
    assert made.missing == "Install it with: apt-get install libpango-1.0-0"
    assert _bytes(made.folder).keys() == FILES - {"report.pdf"}
    again = make_report("shop", "2024-Q4")
    assert (again.status, again.missing) == ("done", None)
    assert _bytes(again.folder).keys() == FILES


def test_other_notebooks_have_a_folder_of_their_own(
    home: Path, write_notebook: Callable[..., Path], block: Callable[..., str]
) -> None:
    write_notebook(block("<p>Fit</p>"), name="model_validation")
    made = make_report("shop", "2024-Q4", notebook="model_validation")
    assert made.folder.name == "2024-Q4-model_validation"
    with pytest.raises(UsageError, match=r"no notebook '../x'.*Notebooks here: model_validation\."):
        make_report("shop", "2024-Q4", notebook="../x")


@pytest.mark.parametrize("client", ["../shop", "Shop", "", "con"])
def test_unsafe_client_is_refused_before_any_path_is_made(client: str, home: Path) -> None:
    with pytest.raises(UsageError):
        make_report(client, "2024-Q4")
    assert not (home / "reports").exists()


def test_folder_that_cannot_be_written_is_said(home: Path, report_notebook: Path) -> None:
    (home / "reports").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(LoyaltyError, match=r"could not be made: Not a directory: .*/shop\. .*before it is unchanged"):
        make_report("shop", "2024-Q4")


def test_disk_that_fills_up_leaves_the_report_whole(home: Path, report_notebook: Path) -> None:
    """A limit on the size of files stands for the full disk: the system refuses the write in the same way."""
    made = make_report("shop", "2024-Q4")
    before = _bytes(made.folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(LoyaltyError, match=r"could not be made: File too large: .*/shop\. Free some space"):
            make_report("shop", "2024-Q4", force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _bytes(made.folder) == before
    assert _left(made.folder.parent) == {".lock", "2024-Q4"}


def test_second_run_of_a_client_says_who_is_first(home: Path, report_notebook: Path) -> None:
    with (
        swap.claim(home / "reports" / "shop", 1),
        pytest.raises(LoyaltyError, match=rf"Another run for shop is busy \(process {os.getpid()}, since \d\d:"),
    ):
        make_report("shop", "2024-Q4", patience=0.2)


def test_two_runs_at_once_make_one_report(home: Path, report_notebook: Path) -> None:
    """The second waits for the first, and finds the report up to date."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _script(report_notebook)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], answers
    assert sorted(out.split()[0] for out, _ in answers) == ["Done", "Up"]
    assert _left(home / "reports" / "shop") == {".lock", "2024-Q4"}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_run_leaves_the_report_as_it_was_and_the_next_run_works(
    home: Path, write_notebook: Callable[..., Path], tmp_path: Path, cells: tuple[str, ...]
) -> None:
    write_notebook(*cells)
    made = make_report("shop", "2024-Q4")
    before = _bytes(made.folder)
    marker = tmp_path / "kernel.pid"
    slow = write_notebook(
        *cells, f"import os, pathlib, time\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", _script(slow, "--force")], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    _wait_until(lambda: marker.exists() and marker.read_text(encoding="utf-8"))
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=10)
    assert _bytes(made.folder) == before
    kernel = int(marker.read_text(encoding="utf-8"))
    _wait_until(lambda: not _alive(kernel))  # the kernel sees that its parent is gone
    write_notebook(*cells)
    assert make_report("shop", "2024-Q4").status == "up to date"
    assert make_report("shop", "2024-Q4", force=True).status == "done"
    assert _left(made.folder.parent) == {".lock", "2024-Q4"}


@pytest.mark.parametrize("killed", ["while building", "between the two renames", "before the old one was removed"])
def test_next_run_mends_what_a_killed_swap_left(killed: str, tmp_path: Path) -> None:
    client = tmp_path / "shop"
    old, new = client / ".2024-Q4.old", client / "2024-Q4"
    unfinished = client / ".2024-Q4.tmp-4711"
    for folder in {
        "while building": (new, unfinished),
        "between the two renames": (old, unfinished),
        "before the old one was removed": (new, old),
    }[killed]:
        folder.mkdir(parents=True)
        (folder / "report.html").write_text(folder.name, encoding="utf-8")
    expected = ".2024-Q4.old" if killed == "between the two renames" else "2024-Q4"
    swap.recover(client)
    assert _left(client) == {"2024-Q4"}
    assert (new / "report.html").read_text(encoding="utf-8") == expected


def test_swap_that_fails_puts_the_old_folder_back(tmp_path: Path) -> None:
    place = tmp_path / "2024-Q4"
    place.mkdir()
    (place / "report.html").write_text("old", encoding="utf-8")

    def build_and_lose() -> None:
        with swap.building(place) as folder:
            (folder / "report.html").write_text("new", encoding="utf-8")
            message = "lost"
            raise KeyError(message)

    with pytest.raises(KeyError, match="lost"):
        build_and_lose()
    assert (place / "report.html").read_text(encoding="utf-8") == "old"
    assert _left(tmp_path) == {"2024-Q4"}


def test_report_that_is_not_there_is_asked_for_in_words(home: Path) -> None:
    with pytest.raises(UsageError, match=r"Make it first: make report CLIENT=shop PERIOD=2024-Q4\."):
        finished_report("shop", "2024-Q4")


def test_main_notebook_is_in_the_checkout() -> None:
    assert (paths.NOTEBOOKS / f"{MAIN}.ipynb").is_file()


def _script(notebook: Path, *options: str) -> str:
    arguments = ["report", "--client", "shop", "--period", "2024-Q4", *options]
    return (
        "import pathlib, sys\nfrom loyalty_lib import cli, paths\n"
        f"paths.NOTEBOOKS = pathlib.Path({str(notebook.parent)!r})\n"
        f"sys.exit(cli.main({arguments!r}))"
    )


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def _wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
