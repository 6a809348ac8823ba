"""FORMAT adds files to a report's folder: made when asked for, kept afterwards, never at the cost of edits."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from loyalty_lib import cli
from loyalty_lib.deliver import make_report
from loyalty_lib.errors import UsageError
from loyalty_lib.templates import PICTURES

OFFICE = {"report.pptx", "report.xlsx"}
CHARTS = {"charts/pareto.png", "charts/pareto.svg"}
TYPED = {"columns": [{"name": "customers", "label": "Customers", "kind": "number.0"}], "rows": [[2]]}


def _png() -> str:
    target = io.BytesIO()
    Image.new("RGB", (60, 30)).save(target, "png")
    return base64.b64encode(target.getvalue()).decode()


@pytest.fixture(autouse=True)
def notebook(home: Path, write_notebook: Callable[..., Path], block: Callable[..., str]) -> Path:
    """Write a notebook of one page, which draws its chart as a file only where it is asked to."""
    chart = {
        "kind": "figure", "name": "figure_pareto", "title": "A few", "subtitle": "", "alt": "A curve.",
        "source": "Source.", "anchor": "figure-pareto", "typed": TYPED, "csv": "customers\n2\n",
    }  # fmt: skip
    drawn = {**chart, "png": _png(), "svg": "<svg/>"}
    return write_notebook(
        block("<p>Cover</p>", metrics={"sales": 35.0}),
        "## Concentration",
        block("<h2>Few</h2>", kind="finding", name="pareto", headline="A few bring most", lead=""),
        f"import os\nasked = os.environ.get({PICTURES!r})",
        "if asked:\n    "
        + block('<p id="figure-pareto">curve</p>', **drawn)
        + "\nelse:\n    "
        + block('<p id="figure-pareto">curve</p>', **chart),
        block("<p>Two</p>", kind="table", name="orders", title="Orders", typed=TYPED, csv="customers\n2\n"),
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _status(*formats: str) -> str:
    return make_report("shop", "2024-Q4", formats=formats).status


def test_format_adds_its_files_and_changes_no_other(home: Path) -> None:
    plain = _files(make_report("shop", "2024-Q4").folder)
    assert not (OFFICE | CHARTS) & plain.keys()
    made = make_report("shop", "2024-Q4", formats=["all"])
    files = _files(made.folder)
    assert files.keys() == plain.keys() | OFFICE | CHARTS
    assert {name for name in plain if plain[name] != files[name]} == {"run.json"}
    run = json.loads(files["run.json"])
    assert run["formats"] == ["charts", "pptx", "xlsx"]
    assert run["files"].keys() >= OFFICE | CHARTS
    assert made.formats == ("charts", "pptx", "xlsx")


def test_a_report_without_a_format_is_not_up_to_date_for_who_asks_for_it(home: Path) -> None:
    assert [_status(), _status("xlsx"), _status("xlsx"), _status("charts"), _status("xlsx", "charts")] == [
        "done", "done", "up to date", "done", "up to date",
    ]  # fmt: skip


def test_what_was_made_is_kept_and_made_anew_with_the_report(home: Path) -> None:
    folder = make_report("shop", "2024-Q4", formats=["xlsx"]).folder
    assert _status() == "up to date"
    with (home / "clients" / "shop" / "data" / "orders.csv").open("a", encoding="utf-8") as orders:
        orders.write("c3,2024-12-30,5.00\n")
    again = make_report("shop", "2024-Q4")
    assert (again.status, again.formats) == ("done", ("xlsx",))
    assert (folder / "report.xlsx").is_file()
    assert not (folder / "report.pptx").exists()


def test_a_file_that_somebody_removed_is_missed_by_who_asks_for_it_alone(home: Path) -> None:
    folder = make_report("shop", "2024-Q4", formats=["xlsx", "charts"]).folder
    (folder / "report.xlsx").unlink()
    assert _status() == _status("charts") == "up to date"
    make_report("shop", "2024-Q4", force=True)
    assert not (folder / "report.xlsx").exists(), "it is not wanted"
    assert (folder / "charts" / "pareto.png").is_file()
    assert _status("xlsx") == "done"
    assert (folder / "report.xlsx").is_file()


def test_edited_slides_are_left_alone_and_outlive_a_new_report(home: Path) -> None:
    folder = make_report("shop", "2024-Q4", formats=["pptx"]).folder
    fresh = (folder / "report.pptx").read_bytes()
    (folder / "report.pptx").write_bytes(b"a week of work")
    assert _status() == _status("pptx") == "up to date"
    made = make_report("shop", "2024-Q4", force=True)
    assert made.kept == ("report.edited.pptx",)
    assert (folder / "report.edited.pptx").read_bytes() == b"a week of work"
    assert (folder / "report.pptx").read_bytes() == fresh
    (folder / "report.pptx").write_bytes(b"more work")
    made = make_report("shop", "2024-Q4", force=True)
    assert made.kept == ("report.edited.pptx", "report.edited-2.pptx")
    assert (folder / "report.edited.pptx").read_bytes() == b"a week of work"
    assert (folder / "report.edited-2.pptx").read_bytes() == b"more work"
    assert "report.edited.pptx" not in json.loads((folder / "run.json").read_text(encoding="utf-8"))["files"]


def test_the_report_itself_is_still_checked(home: Path) -> None:
    folder = make_report("shop", "2024-Q4", formats=["xlsx"]).folder
    (folder / "report.pdf").write_bytes(b"damaged")
    assert _status() == "done"
    assert (folder / "report.xlsx").is_file()


def test_same_inputs_give_the_same_bytes_in_every_format(home: Path) -> None:
    first = _files(make_report("shop", "2024-Q4", formats=["all"]).folder)
    second = _files(make_report("shop", "2024-Q4", formats=["all"], force=True).folder)
    assert {name for name in first if first[name] != second[name]} == {"run.json"}


def test_a_format_that_is_not_known_is_refused_with_those_that_are(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match="charts, pptx, xlsx, or all"):
        make_report("shop", "2024-Q4", formats=["docx"])
    assert cli.main(["report", "--client", "shop", "--format", "pptx,keynote"]) == 2
    assert "'keynote'" in capsys.readouterr().err
    assert not (home / "reports").exists(), "nothing was begun"


def test_command_says_what_it_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "--client", "shop", "--period", "2024-Q4", "--format", "pptx xlsx"]) == 0
    assert "report.html, report.pdf, report.pptx and report.xlsx" in capsys.readouterr().out
    (home / "reports" / "shop" / "2024-Q4" / "report.xlsx").write_bytes(b"edited")
    assert cli.main(["report", "--client", "shop", "--period", "2024-Q4", "--force"]) == 0
    assert "report.edited.xlsx" in capsys.readouterr().err
