"""Names and folders of clients: nothing that could leave the home, and demo clients from everywhere."""

from __future__ import annotations

import pytest

from loyalty_lib.errors import UsageError
from loyalty_lib.paths import CHECKOUT, all_clients, check_slug, client_folder, report_folder


@pytest.mark.parametrize("name", ["acme", "a", "acme-sports", "acme_2", "0815", "a" * 64])
def test_safe_names_pass(name):
    assert check_slug(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../acme",
        "a/b",
        "a\\b",
        "/etc",
        "Acme",
        "åse",
        "a b",
        "-a",
        "a-",
        "a.",
        "a" * 65,
        "acme\n",
        "~",
        "a\0",
    ],
)
def test_unsafe_names_are_refused(name):
    with pytest.raises(UsageError, match="cannot be used: expected lower-case letters"):
        check_slug(name)


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9", "all"])
def test_reserved_names_are_refused_with_another(name):
    with pytest.raises(UsageError, match=f"Choose another, such as {name}-shop"):
        check_slug(name)


def test_home_holds_clients_and_reports(home):
    assert client_folder("acme") == home / "clients" / "acme"
    assert report_folder("acme", "2024-Q4") == home / "reports" / "acme" / "2024-Q4"
    assert all_clients() == ["acme"]


@pytest.mark.usefixtures("home")
def test_demo_clients_are_found_from_any_home():
    assert client_folder("cdnow") == CHECKOUT / "clients" / "cdnow"


def test_home_goes_before_the_demo_client_of_the_same_name(home):
    (home / "clients" / "cdnow").mkdir()
    (home / "clients" / "cdnow" / "client.yml").write_text("name: Mine\n")
    assert client_folder("cdnow") == home / "clients" / "cdnow"


def test_without_a_home_it_is_the_checkout(monkeypatch):
    monkeypatch.delenv("LOYALTY_HOME", raising=False)
    assert client_folder("cdnow") == CHECKOUT / "clients" / "cdnow"
    assert {"cdnow", "fjord", "journey"} <= set(all_clients())


def test_half_a_client_that_a_killed_run_left_is_none(home):
    half = home / "clients" / ".nordlys.tmp-a1b2"
    half.mkdir()
    (half / "client.yml").write_text("name: Nordlys\n", encoding="utf-8")
    assert all_clients() == ["acme"]


def test_unknown_client_lists_those_that_exist(home):
    with pytest.raises(UsageError) as caught:
        client_folder("acmee")
    assert str(caught.value) == (
        f"There is no client 'acmee': {home / 'clients' / 'acmee' / 'client.yml'} does not exist. Clients here: acme."
    )


def test_report_folder_of_an_unsafe_name_is_refused():
    with pytest.raises(UsageError):
        report_folder("../acme", "2024")
