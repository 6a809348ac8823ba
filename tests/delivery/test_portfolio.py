"""``make portfolio``: from finished reports to one page; what is missing or too old is said."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from loyalty_lib.cli import main
from loyalty_lib.deliver import make_portfolio
from loyalty_lib.errors import DataError, UsageError
from loyalty_lib.metrics.reports import finished_reports, load_reports
from tests.portfolios import renamed, small_metrics, write_report


@pytest.fixture
def reports(home: Path) -> Path:
    """Return a home with the finished reports of two clients."""
    metrics = small_metrics("shop")
    for slug in ("alm", "bjerk"):
        write_report(home, renamed(metrics, slug))
    return home


def test_page_is_made_and_is_up_to_date_until_a_report_changes(reports: Path) -> None:
    made = make_portfolio()
    assert (made.status, made.folder) == ("done", reports / "reports" / "portfolio" / "newest")
    assert {path.name for path in made.folder.iterdir()} >= {"report.html", "report.pdf", "metrics.json", "run.json"}
    assert "Bjerk" in (made.folder / "report.html").read_text(encoding="utf-8")
    assert make_portfolio().status == "up to date"
    file = reports / "reports" / "alm" / "2024-Q4" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["client"]["name"] = "Almenning"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert make_portfolio().status == "done"


def test_it_is_kept_no_longer_than_any_of_its_reports(reports: Path) -> None:
    file = reports / "reports" / "alm" / "2024-Q4" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["privacy"]["retention_days"] = 30
    file.write_text(json.dumps(content), encoding="utf-8")
    manifest = json.loads((make_portfolio().folder / "run.json").read_text(encoding="utf-8"))
    made, until = (dt.datetime.fromisoformat(manifest[key]) for key in ("created_at", "expires_at"))
    assert (until - made).days == 30


def test_the_newest_report_of_every_client_or_those_of_a_period(reports: Path) -> None:
    older = renamed(small_metrics("shop"), "alm") | {"as_of": "2024-09-30"}
    older["period"]["label"] = "2024-Q3"
    write_report(reports, older)
    assert {client: file.parent.name for client, file in finished_reports().items()} == {
        "alm": "2024-Q4",
        "bjerk": "2024-Q4",
    }
    with pytest.raises(UsageError, match="reports of 2024-Q3 of two clients or more; here are 1"):
        finished_reports("2024-Q3")


def test_half_written_reports_and_other_notebooks_are_none(reports: Path) -> None:
    folder = reports / "reports" / "furu" / ".2024-Q4.tmp-1"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"client": "furu", "period": "2024-Q4", "notebook": "loyalty_report"}')
    (folder / "metrics.json").write_text("{}")
    other = reports / "reports" / "gran" / "2024-Q4-data_quality"
    other.mkdir(parents=True)
    (other / "run.json").write_text('{"client": "gran", "period": "2024-Q4", "notebook": "data_quality"}')
    (other / "metrics.json").write_text("{}")
    assert set(finished_reports()) == {"alm", "bjerk"}


def test_a_report_of_another_version_is_named_with_its_remedy(reports: Path) -> None:
    file = reports / "reports" / "alm" / "2024-Q4" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8")) | {"schema": 1}
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match="make report CLIENT=alm PERIOD=2024-Q4"):
        load_reports()


def test_without_reports_the_command_says_what_to_make(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del home
    assert main(["portfolio"]) == 2
    assert "Make them first: make reports." in capsys.readouterr().err
    assert main(["portfolio", "--language", "xx"]) == 2
    assert "choose one of: en, nb" in capsys.readouterr().err
