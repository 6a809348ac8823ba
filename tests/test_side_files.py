"""Files beside the orders: what is read of them, and what is said of one that cannot be read as it stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from loyalty_lib import load_inputs
from loyalty_lib.check import check_client
from loyalty_lib.config import load_config
from loyalty_lib.errors import DataError
from loyalty_lib.side_files import answers, complaints, members, subscriptions

UNTIL = dt.date(2024, 12, 31)


@pytest.fixture
def acme(home: Path):
    """Return a function that adds a setting and a file to "acme", and reads its settings."""
    folder = home / "clients" / "acme"
    settings = (folder / "client.yml").read_text(encoding="utf-8")

    def acme(extra: str, **files: str | bytes):
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / "data" / f"{name}.csv").write_bytes(raw)
        (folder / "client.yml").write_text(settings + extra, encoding="utf-8")
        return load_config("acme")

    return acme


def problems(caught: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [str(problem) for problem in caught.value.problems]


def test_answers_keep_the_text_that_was_written(acme):
    text = "customer_id,answered_on,nps,csat\nF000001,2024-03-01,9,5\n,2024-03-02,11,\nF000002,2024-03-03,Blank,99\n"
    table = answers(acme("survey: data/survey.csv\n", survey=text), UNTIL, ())
    assert table["customer_id"].fillna("nobody").to_list() == ["F000001", "nobody", "F000002"]
    assert table["nps"].to_list() == ["9", "11", "Blank"]
    assert table["csat"].fillna("").to_list() == ["5", "", "99"]
    assert table["weight"].to_list() == [1.0, 1.0, 1.0]
    assert table["answered_on"].dt.date.to_list() == [dt.date(2024, 3, day) for day in (1, 2, 3)]


def test_a_nordic_spreadsheets_file_is_read_as_it_is(acme):
    """Semicolons, cp1252, decimal commas, dd.mm.yyyy, ids that became numbers, and columns with names of their own."""
    extra = (
        "subscriptions: {path: data/avtaler.csv, customer_id: Kunde, start: Fra, end: Til, plan: Abonnement, "
        "amount: Beløp, every_months: 12}\n"
    )
    text = "Kunde;Fra;Til;Abonnement;Beløp\n17850.0;01.02.2023;;Års\n17851.0;15.03.2023;31.01.2024;Års;1.299,60\n"
    text = text.replace(";;Års\n", ";;Års;1.299,60\n")
    table = subscriptions(acme(extra, avtaler=text.encode("cp1252")), UNTIL, ())
    assert table["customer_id"].to_list() == ["17850", "17851"]
    assert table["start"].dt.strftime("%Y-%m-%d").to_list() == ["2023-02-01", "2023-03-15"]
    assert table["end"].dt.strftime("%Y-%m-%d").fillna("").to_list() == ["", "2024-01-31"]
    assert table["amount"].to_list() == pytest.approx([108.30, 108.30])


def test_nothing_after_the_as_of_date_and_nobody_of_the_drop_list(acme):
    text = "customer_id,complained_on\nF000001,2024-03-01\nF000002,2024-03-02\nF000001,2025-01-01\n"
    config = acme("complaints: data/complaints.csv\n", complaints=text)
    assert complaints(config, UNTIL, ())["customer_id"].to_list() == ["F000001", "F000002"]
    assert complaints(config, UNTIL, {"F000002"})["customer_id"].to_list() == ["F000001"]


def test_members_count_once_from_their_first_day(acme):
    text = "customer_id,since\nb,2024-05-01\na,\nb,2023-05-01\nc,2025-02-01\n"
    tiers = "programme: {members: data/members.csv, tiers: [{name: A, spend: 0, reward: 0.01}]}\n"
    table = members(acme(tiers, members=text), UNTIL, ())
    assert table["customer_id"].to_list() == ["a", "b"]
    assert table["since"].dt.strftime("%Y-%m-%d").fillna("").to_list() == ["", "2023-05-01"]


def test_all_problems_at_once_with_line_value_and_remedy(acme):
    text = "customer_id,start,end,amount\nF1,2024-01-01,,10\n,2024-02-30,,10\nF3,2024-03-01,soon,ten\n"
    config = acme("subscriptions: data/subs.csv\n", subs=text)
    with pytest.raises(DataError) as caught:
        subscriptions(config, UNTIL, ())
    mend = "Mend the rows in the file, or take them out."
    assert problems(caught) == [
        f"line 3: 'customer_id' holds ''; expected an id. {mend}",
        f"line 3: 'start' holds '2024-02-30'; expected a date. {mend}",
        f"line 4: 'amount' holds 'ten'; expected a number. {mend}",
        f"line 4: 'end' holds 'soon'; expected a date. {mend}",
    ]
    assert str(caught.value).startswith("clients/acme/data/subs.csv: 4 problems; nothing was analysed.")


def test_a_missing_column_names_those_there_are_and_the_setting(acme):
    config = acme("survey: data/survey.csv\n", survey="kunde,dato,nps\na,2024-01-01,9\n")
    with pytest.raises(DataError) as caught:
        answers(config, UNTIL, ())
    there = "in clients/acme/client.yml to one of: kunde, dato, nps."
    assert problems(caught) == [
        f"line 1: expected a column '{name}'. Set survey.{name} {there}" for name in ("customer_id", "answered_on")
    ]


def test_day_and_month_are_never_guessed(acme):
    config = acme("complaints: data/complaints.csv\n", complaints="customer_id,complained_on\na,01/02/2024\n")
    with pytest.raises(DataError) as caught:
        complaints(config, UNTIL, ())
    (problem,) = problems(caught)
    assert "'complained_on' holds '01/02/2024'" in problem
    assert problem.endswith("Write dates as YYYY-MM-DD.")


def test_a_file_that_is_not_there_is_said(acme):
    config = acme("complaints: data/complaints.csv\n")
    with pytest.raises(DataError, match=r"complaints in clients/acme/client\.yml"):
        complaints(config, UNTIL, ())


def test_what_is_not_configured_is_none(home: Path):
    del home
    inputs = load_inputs("acme", "2024-Q4")
    assert [inputs.answers, inputs.complaints, inputs.subscriptions, inputs.members] == [None] * 4


def test_the_check_of_a_client_reads_them_too(acme):
    """Everything wrong in all of them at once, before a report is made."""
    config = acme(
        "survey: data/survey.csv\ncomplaints: data/complaints.csv\ncontacts: data/contacts.csv\n",
        survey="customer_id,answered_on,nps\nF1,soon,9\n",
        complaints="customer_id,complained_on\nF1,2024-05-01\n",
        contacts="id,email\nF1,a@example.com\n",
    )
    verdict = check_client(config.client)
    assert not verdict.usable
    assert [problem.file.rpartition("/")[2] for problem in verdict.problems] == ["contacts.csv", "survey.csv"]
    good = acme("complaints: data/complaints.csv\n")
    assert check_client(good.client).usable
