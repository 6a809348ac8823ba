"""A new client out of an export: its folder, its settings, what is asked of a person, and that nothing is touched."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_lib.config import ClientConfig, FileSource, SqlSource, load_config
from loyalty_lib.errors import DataError, LoyaltyError, UsageError
from loyalty_lib.ingest.sniff import Proposal
from loyalty_lib.new import NewClient, make_client, show
from loyalty_lib.new_settings import quoted, written
from loyalty_lib.settings_file import read_settings
from loyalty_lib.sources import client_reading
from loyalty_lib.validate import END_OF_TIME, load

ORDERS = "Kundenr;Ordrenr;Ordredato;Beløp\n17;1;31.01.2024;1299,50\n18;2;01.02.2024;12,00\n17;3;13.02.2024;7,25\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("LOYALTY_HOME", str(home))
    return home


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "fra kunden" / "ordrer 2024.csv"
    file.parent.mkdir()
    file.write_bytes(ORDERS.encode("cp1252"))
    return file


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def net_sales(client: str) -> float:
    transactions = load(client_reading(load_config(client)), refunds="net", drop_list=(), until=END_OF_TIME)
    try:
        return transactions.quality.source.net_sales
    finally:
        transactions.engine.close()


def test_the_settings_that_are_written_read_the_data(home: Path, export: Path) -> None:
    """1,299.50 + 12.00 + 7.25 = 1,318.75."""
    made = make_client("acme-sports", str(export))
    config = load_config("acme-sports")
    assert config.ingest == made.proposal.ingest
    assert (config.name, config.currency, config.language, config.time_zone) == (
        "Acme sports",
        "NOK",
        "nb",
        "Europe/Oslo",
    )
    assert str(config.observed_until) == "2024-02-13"
    assert made.problems == ()
    assert net_sales("acme-sports") == 1318.75


def test_every_guess_is_spelled_out_with_how_sure_it_is(home: Path, export: Path) -> None:
    made = make_client("acme", str(export))
    lines = {line.strip().split(":")[0]: line for line in made.config.splitlines() if ":" in line}
    for name, guess in made.guesses.items():
        line = lines[name.removeprefix("columns.")]
        assert f"# {guess.sure}: " in line
        assert str(guess.value) in line
    assert (made.folder / "client.yml").read_text(encoding="utf-8") == made.config
    for section in ("clv:", "mail:", "drop_list:", "vat_included:"):
        assert f"# {section}" in made.config


def test_the_data_are_copied_and_the_folder_is_private(home: Path, export: Path) -> None:
    before = export.read_bytes()
    made = make_client("acme", str(export))
    assert (made.folder / "data" / "ordrer 2024.csv").read_bytes() == before == export.read_bytes()
    assert made.folder.stat().st_mode & 0o077 == 0
    assert [path.name for path in (home / "clients").iterdir()] == ["acme"]


@pytest.mark.parametrize("there", ["folder", "file", "link to nothing"])
def test_a_client_that_exists_is_never_touched(home: Path, export: Path, there: str) -> None:
    taken = home / "clients" / "acme"
    taken.parent.mkdir()
    if there == "folder":
        taken.mkdir()
    elif there == "file":
        taken.write_text("mine", encoding="utf-8")
    else:
        taken.symlink_to(home / "nowhere")
    with pytest.raises(UsageError, match="already a client 'acme'"):
        make_client("acme", str(export))
    assert listed(home / "clients") == ["acme"]
    assert there != "folder" or listed(taken) == []


def test_demo_clients_and_unsafe_names_are_refused(home: Path, export: Path) -> None:
    for name in ("cdnow", "../acme", "Acme", "con", ""):
        with pytest.raises(UsageError):
            make_client(name, str(export))
    assert listed(home) == []


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, OSError, RuntimeError])
def test_a_run_that_fails_leaves_nothing(
    home: Path, export: Path, monkeypatch: pytest.MonkeyPatch, stopped: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        raise stopped

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(LoyaltyError if stopped is OSError else stopped):
        make_client("acme", str(export))
    assert listed(home / "clients") == []


def test_a_client_made_at_the_same_moment_is_not_overwritten(
    home: Path, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(client: str, path: str, proposal: Proposal) -> str:
        other = home / "clients" / client
        other.mkdir(parents=True)
        (other / "client.yml").write_text("theirs", encoding="utf-8")
        return written(client, path, proposal)

    monkeypatch.setattr("loyalty_lib.new.written", slowly)
    with pytest.raises(UsageError, match="could not be made"):
        make_client("acme", str(export))
    assert (home / "clients" / "acme" / "client.yml").read_text(encoding="utf-8") == "theirs"
    assert listed(home / "clients") == ["acme"]


@pytest.mark.parametrize("place", ["shutil.copyfile", "pathlib.Path.rename"])
def test_full_disk_is_said_and_leaves_nothing_behind(place, home, export, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, full)
    with pytest.raises(LoyaltyError, match=r"No space left on device.*Free some space") as caught:
        make_client("acme", str(export))
    assert caught.value.exit_code == 1
    assert not (home / "clients").exists() or listed(home / "clients") == []


def test_no_file_is_an_error_with_a_remedy_and_makes_nothing(home: Path, tmp_path: Path) -> None:
    for data in (str(tmp_path / "none.csv"), str(tmp_path / "*.csv"), str(tmp_path)):
        with pytest.raises(DataError, match="Check DATA"):
            make_client("acme", data)
    assert listed(home) == []


def test_data_may_be_relative_absolute_from_home_or_a_glob(
    home: Path, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(export.parent.parent)
    monkeypatch.setenv("HOME", str(export.parent))
    for number, data in enumerate(("fra kunden/ordrer 2024.csv", "~/ordrer 2024.csv", str(export), "fra*/ord*.csv")):
        make_client(f"acme{number}", data)
        assert net_sales(f"acme{number}") == 1318.75


def test_several_files_are_found_by_the_users_own_glob(home: Path, tmp_path: Path) -> None:
    for month in (1, 2):
        row = f"17;{month};3{2 - month}.0{month * 2 - 1}.2024;5,00\n"
        (tmp_path / f"orders-{month}.csv").write_text(ORDERS.splitlines()[0] + "\n" + row, encoding="utf-8")
    make_client("acme", str(tmp_path / "orders-*.csv"))
    assert load_config("acme").source == FileSource(path="data/orders-*.csv")
    assert net_sales("acme") == 10.0


def test_files_of_one_name_in_several_folders_all_arrive(home: Path, tmp_path: Path) -> None:
    for month, day in (("01", "31.01.2024"), ("02", "28.02.2024")):
        (tmp_path / month).mkdir()
        (tmp_path / month / "orders.csv").write_text(
            f"Kundenr;Ordrenr;Dato;Sum\n1;{month};{day};5,00\n", encoding="utf-8"
        )
    made = make_client("acme", str(tmp_path / "0*" / "orders.csv"))
    assert listed(made.folder / "data") == ["01-orders.csv", "02-orders.csv"]
    assert net_sales("acme") == 10.0


def test_gzipped_data_and_names_with_marks_of_a_glob_are_read(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders [2024] *.csv.gz"
    file.write_bytes(gzip.compress(ORDERS.encode()))
    make_client("acme", str(file))
    assert net_sales("acme") == 1318.75


def test_a_database_is_read_by_a_query(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(
            'CREATE TABLE "my ""orders""" (customer_id TEXT, order_date TEXT, amount REAL, "a: b # c" TEXT);'
            "INSERT INTO \"my \"\"orders\"\"\" VALUES ('a', '2024-01-31', 5.5, 'x'), ('a', '2024-02-01', 4.5, 'y');"
        )
    connection.close()
    make_client("acme", str(file))
    source = load_config("acme").source
    assert isinstance(source, SqlSource)
    assert source.path == "data/shop.sqlite"
    assert net_sales("acme") == 10.0


def test_days_that_could_be_months_stand_as_a_comment_with_the_choices(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer_id,order_date,amount\n1,03/04/2024,5.00\n1,05/06/2024,7.50\n", encoding="utf-8")
    made = make_client("acme", str(file))
    assert len(made.problems) == 1
    assert '  # date_format: "%d/%m/%Y"' in made.config
    assert '  # date_format: "%m/%d/%Y"' in made.config
    assert "TO DECIDE OR MEND" in made.config
    with pytest.raises(DataError, match="date_format"):
        net_sales("acme")
    chosen = made.config.replace('  # date_format: "%d/%m/%Y"', '  date_format: "%d/%m/%Y"')
    (made.folder / "client.yml").write_text(chosen, encoding="utf-8")
    assert net_sales("acme") == 12.5


def test_a_list_without_dates_still_makes_settings_that_load(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "churn.csv"
    file.write_text("customerID,tenure,MonthlyCharges,Churn\nA1,1,29.85,No\nA2,34,56.95,Yes\n", encoding="utf-8")
    made = make_client("acme", str(file))
    assert "no cohorts" in made.config
    assert load_config("acme").observed_until is None
    assert made.problems


NASTY = [
    "amount: b # c",
    '=cmd|"/c calc"!A1 amount',
    "amount'",
    "sum \\ amount",
    "amount\u2028x: y",
    "- amount",
    "[amount",
]


@pytest.mark.parametrize("name", NASTY)
def test_whatever_a_column_is_called_it_is_a_text(home: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / "orders.csv"
    cell = '"' + name.replace('"', '""') + '"'
    file.write_text(f"customer_id;order_date;{cell}\n1;2024-01-31;5.00\n1;2024-02-01;7.50\n", encoding="utf-8")
    make_client("acme", str(file))
    assert load_config("acme").ingest.columns.amount == name
    assert net_sales("acme") == 12.5


@given(text=st.text(min_size=1, max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_from_yaml_as_it_was(tmp_path: Path, text: str) -> None:
    file = tmp_path / "client.yml"
    text = text.encode("utf-16", "replace").decode("utf-16", "replace")  # half characters are in no file
    file.write_text(f"name: {quoted(text)}  # x\n", encoding="utf-8")
    assert read_settings(file)["name"] == text


def test_what_is_shown_shortens_who_the_customers_are(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "orders.csv"
    file.write_text(
        "email;order date;amount\n"
        "kari.nordmann@example.com;2024-01-31;1299.50\nkari.nordmann@example.com;2024-02-01;5\n",
        encoding="utf-8",
    )
    show(make_client("acme", str(file)))
    printed = capsys.readouterr().out
    assert "kari…" in printed
    assert "nordmann" not in printed
    assert "1299.50" in printed
    assert "make check CLIENT=acme" in printed
    assert "make report CLIENT=acme" in printed


def test_markup_in_names_is_shown_as_it_is(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "orders.csv"
    file.write_text("customer_id;order_date;[bold]amount[/bold]\n1;2024-01-31;5\n1;2024-02-01;6\n", encoding="utf-8")
    show(make_client("acme", str(file)))
    assert "[bold]amount[/bold]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("rfm-orders/rfm_data_orders.csv.gz", 4906),
        ("shopify/shopify_orders_sample.csv", 249),
        ("stripe/payment_intent_data.csv", 11),
        ("chinook/Chinook_Sqlite.sqlite", 412),
        ("vipps/settlement-report.csv", 7),
        ("telco/Telco-Customer-Churn.csv.gz", None),
    ],
)
def test_published_files_become_clients(home: Path, shared: Path, path: str, rows: int | None) -> None:
    made = make_client("acme", str(shared / "data" / path))
    config: ClientConfig = load_config("acme")
    assert isinstance(made, NewClient)
    assert made.proposal.rows == rows
    assert config.ingest == made.proposal.ingest
