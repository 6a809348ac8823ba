"""Contact lists: nobody who may not be written to, no more than is needed, closed to others, purged with the rest."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from loyalty_lib.cli import main
from loyalty_lib.errors import DataError, LoyaltyError
from loyalty_lib.lists import write_lists
from loyalty_lib.purge import purge
from loyalty_lib.simulate import simulate_transactions

CLIENT = """\
name: Acme
currency: NOK
observed_until: 2024-12-31
source:
  path: data/orders.csv
contacts: data/contacts.csv
actions: {days: 60}
"""
FOUR = ["F000004", "F000005", "F000010", "F000012"]  # who bought in the last year


def contacts_of(ids: pd.Series) -> pd.DataFrame:
    """Everybody may be written to by e-mail, nobody by phone."""
    return pd.DataFrame(
        {
            "customer_id": ids,
            "email": ids.str.lower() + "@example.com",
            "phone": "+4700" + ids.str.slice(1),
            "consent_email": "ja",
            "consent_sms": "nei",
            "objection": "",
            "birthday": "1980-06-15",
        }
    )


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[pd.DataFrame], Path]:
    """Return a function that writes contacts for a shop of 200 customers, and their lists; it returns their folder."""
    data = tmp_path / "clients" / "acme" / "data"
    data.mkdir(parents=True)
    (data.parent / "client.yml").write_text(CLIENT, encoding="utf-8")
    orders = simulate_transactions(customers=200, start=dt.date(2023, 1, 1), end=dt.date(2024, 12, 31), seed=3)
    orders.to_csv(data / "orders.csv", index=False)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))

    def acme(contacts: pd.DataFrame) -> Path:
        contacts.to_csv(data / "contacts.csv", index=False)
        return write_lists("acme").folder

    return acme


@pytest.fixture
def everybody() -> pd.DataFrame:
    return contacts_of(pd.Series([f"F{number:06d}" for number in range(1, 201)]))


def addresses(folder: Path, pattern: str = "*-email.csv") -> set[str]:
    return {line.split(",")[0] for file in folder.glob(pattern) for line in file.read_text().splitlines()[1:]}


def test_files_hold_contact_segment_and_reason_and_are_closed_to_others(acme, everybody):
    folder = acme(everybody)
    files = {file.name: file for file in folder.iterdir()}
    assert {"win_back-email.csv", "second_purchase-email.csv", "run.json"} <= files.keys()
    assert not list(folder.glob("*-sms.csv"))  # nobody agreed
    for file in files.values():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for place in (folder, folder.parent, folder.parents[1]):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    header, first, *_ = files["win_back-email.csv"].read_text().splitlines()
    assert header == "email,segment,reason"
    assert first.endswith(",Has not bought for long")
    everything = "".join(file.read_text() for file in files.values())
    assert "F000" not in everything  # no customer id in any file
    assert "+4700" not in everything


def test_only_a_clear_yes_is_consent_and_an_objection_beats_it(acme, everybody):
    written = addresses(acme(everybody))
    chosen = [address[:7].upper() for address in sorted(written)[:4]]
    no, unsure, objects, twice = chosen
    changed = everybody.set_index("customer_id", drop=False)
    changed.loc[no, "consent_email"] = "no"
    changed.loc[unsure, "consent_email"] = "ask again"
    changed.loc[objects, "objection"] = "ja"
    again = changed.loc[[twice]].assign(consent_email="nei")
    less = addresses(acme(pd.concat([changed, again])))
    assert written - less == {f"{customer.lower()}@example.com" for customer in chosen}


def test_an_address_shared_with_somebody_who_said_no_is_not_written_to(acme, everybody):
    written = sorted(addresses(acme(everybody)))
    one, other = written[0][:7].upper(), written[1][:7].upper()
    changed = everybody.set_index("customer_id", drop=False)
    changed.loc[other, ["email", "consent_email"]] = [written[0].upper(), "nei"]
    assert not {written[0], written[0].upper(), written[1]} & addresses(acme(changed))
    assert one != other


def test_the_control_group_is_left_alone_and_the_same_on_every_run(acme, everybody):
    folder = acme(everybody)
    first = {file.name: file.read_text() for file in folder.glob("*.csv")}
    made = write_lists("acme")
    assert {file.name: file.read_text() for file in folder.glob("*.csv")} == first
    for one in made.lists:
        if one.name != "birthday":
            assert abs(one.control - one.customers / 10) <= 1 / 2
            assert one.reached["email"] == one.customers - one.control


def test_birthdays_of_the_days_to_come_only(acme, everybody):
    changed = everybody.assign(birthday="1980-06-15")
    changed.loc[changed["customer_id"].isin(FOUR), "birthday"] = [
        "1990-01-01",
        "1985-03-01",
        "1960-02-29",
        "1970-12-31",
    ]
    folder = acme(changed)  # sixty days from 1 January 2025: to 1 March
    assert addresses(folder, "birthday-email.csv") == {f"{customer.lower()}@example.com" for customer in FOUR[:3]}


def test_without_contacts_or_consent_no_list_is_written_and_the_remedy_is_said(acme, everybody, tmp_path):
    with pytest.raises(DataError, match=r"contacts\.consent_email and contacts\.consent_sms"):
        acme(everybody.drop(columns=["consent_email", "consent_sms"]))
    settings = tmp_path / "clients" / "acme" / "client.yml"
    settings.write_text(CLIENT.replace("contacts: data/contacts.csv\n", ""))
    with pytest.raises(DataError, match="Set contacts in it"):
        write_lists("acme")
    assert not (tmp_path / "lists" / "acme" / "2024-Q4").exists()


def test_the_drop_list_is_in_no_list(acme, everybody, tmp_path):
    gone = min(addresses(acme(everybody)))
    settings = tmp_path / "clients" / "acme" / "client.yml"
    settings.write_text(CLIENT + "drop_list: data/drop.csv\n")
    (settings.parent / "data" / "drop.csv").write_text(f"customer_id\n{gone[:7].upper()}\n")
    assert gone not in addresses(write_lists("acme").folder)


def test_where_nothing_can_be_written_the_remedy_is_said_and_the_lists_before_stay(acme, everybody, tmp_path):
    folder = acme(everybody)
    before = {file.name: file.read_text() for file in folder.iterdir()}
    settings = tmp_path / "clients" / "acme" / "client.yml"
    settings.write_text(CLIENT.replace("days: 60", "days: 30"))
    in_the_way = folder.with_name(f".2024-Q4.tmp-{os.getpid()}")  # a file where the new folder would be built
    in_the_way.write_text("")
    with pytest.raises(LoyaltyError, match="mend its permissions, then try again"):
        write_lists("acme")
    assert {file.name: file.read_text() for file in folder.iterdir()} == before


def test_purge_removes_the_clients_outputs_and_nothing_else(acme, everybody, tmp_path, capsys):
    acme(everybody)
    for place in ("reports/acme/2024-Q4", "reports/other/2024-Q4", "lists/other"):
        (tmp_path / place).mkdir(parents=True)
    before = sorted(str(path) for path in (tmp_path / "clients").rglob("*"))
    removed = purge("acme")
    assert removed == [tmp_path / "reports" / "acme", tmp_path / "lists" / "acme"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clients", "lists", "reports"]
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["other"]
    assert sorted(str(path) for path in (tmp_path / "clients").rglob("*")) == before
    assert main(["purge", "--client", "acme"]) == 0
    assert "There is nothing of acme to remove." in capsys.readouterr().out
    assert main(["purge", "--client", "../other"]) == 2
    assert main(["lists", "--client", ""]) == 2
