"""Settings: what a client.yml may say, and what is said of one that says something else."""

from __future__ import annotations

import textwrap

import pytest
from pydantic import ValidationError

from loyalty_lib.config import FileSource, load_config
from loyalty_lib.errors import ConfigError, UsageError
from loyalty_lib.paths import CHECKOUT

SHORTEST = "name: Acme\ncurrency: NOK\nsource:\n  path: data/orders.csv\n"


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Return a function that reads settings from a client.yml with the given text."""
    folder = tmp_path / "clients" / "acme"
    folder.mkdir(parents=True)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))

    def config(text, *, raw=None):
        (folder / "client.yml").write_bytes(raw if raw is not None else textwrap.dedent(text).encode())
        return load_config("acme")

    return config


@pytest.fixture
def complaints(config):
    """Return a function that reads wrong settings and returns the lines of the message, without the file's name."""

    def complaints(text, **raw):
        with pytest.raises(ConfigError) as caught:
            config(text, **raw)
        assert isinstance(caught.value, UsageError)
        first, *rest = str(caught.value).splitlines()
        assert first.endswith(f"client.yml: {len(rest)} problem{'s' * (len(rest) != 1)}; nothing was read.")
        return [line.strip() for line in rest]

    return complaints


def test_shortest_settings_have_the_documented_defaults(config):
    acme = config(SHORTEST)
    assert acme.client == "acme"
    assert acme.source == FileSource(path="data/orders.csv")
    assert (acme.language, acme.time_zone, acme.cadence, acme.unit) == ("en", "Europe/Oslo", "quarter", "W")
    assert (acme.refunds, acme.observed_until, acme.clv, acme.simulated) == ("net", None, None, False)
    assert acme.privacy.minimum_cell == 5
    assert str(acme.zone) == "Europe/Oslo"


@pytest.mark.parametrize("name", ["cdnow", "fjord", "journey"])
def test_settings_of_the_demo_clients_are_valid(name, monkeypatch):
    monkeypatch.delenv("LOYALTY_HOME", raising=False)
    assert load_config(name).folder == CHECKOUT / "clients" / name


def test_settings_cannot_be_changed(config):
    with pytest.raises(ValidationError, match="frozen"):
        config(SHORTEST).name = "Other"


def test_unknown_key_names_line_and_nearest_key(complaints):
    text = SHORTEST + "clv:\n  yearly_discount_rate: 0.1\n  margin: 0.3\n  horizn_months: 12\n"
    assert complaints(text) == ["line 8: 'clv.horizn_months'; expected a known key. Did you mean 'horizon_months'?"]


def test_unknown_key_without_a_neighbour_lists_the_known(complaints):
    assert complaints(SHORTEST + "brand:\n  zzz: 1\n") == [
        (
            "line 6: 'brand.zzz'; expected a known key. Known keys here: accent, confidentiality, disclaimer, "
            "font, footer, logo, name, second, templates."
        )
    ]


def test_unknown_key_of_a_source_is_looked_for_in_its_own_kind(complaints):
    text = """\
        name: Acme
        currency: NOK
        source:
          kind: simulated
          sed: 1
          customers: 100
          start: 2023-01-01
          end: 2023-12-31
        """
    assert complaints(text) == [
        "line 3: 'source'; expected the key 'source.seed' to be set. Add it.",
        "line 5: 'source.sed'; expected a known key. Did you mean 'seed'?",
    ]


def test_unknown_key_of_columns_is_found_deep_down(complaints):
    assert complaints(SHORTEST + "ingest:\n  columns:\n    custmer_id: Kunde\n") == [
        "line 7: 'ingest.columns.custmer_id'; expected a known key. Did you mean 'customer_id'?"
    ]


def test_all_problems_come_at_once_in_the_order_of_lines(complaints):
    text = """\
        name: Acme
        currency: KRONER
        time_zone: Europe/Olso
        cadence: weekly
        observed_until: 31.12.2024
        source: {path: ../orders.csv}
        clv: {yearly_discount_rate: ten, margin: 0.3}
        """
    assert complaints(text) == [
        "line 2: 'currency' holds 'KRONER'; expected a currency code of ISO 4217, such as NOK. Change it.",
        "line 3: 'time_zone' holds 'Europe/Olso'; expected a time zone such as Europe/Oslo. Change it.",
        "line 4: 'cadence' holds 'weekly'; expected one of 'month', 'quarter', 'half' or 'year'. Change it.",
        "line 5: 'observed_until' holds '31.12.2024'; expected a date as YYYY-MM-DD. Change it.",
        (
            "line 6: 'source.path' holds '../orders.csv'; "
            "expected a path inside the client's folder, such as data/orders.csv. Change it."
        ),
        "line 7: 'clv.yearly_discount_rate' holds 'ten'; expected a number. Change it.",
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../acme2/orders.csv", "data/../../x.csv", "~/orders.csv"])
@pytest.mark.parametrize("setting", ["drop_list", "survey", "contacts"])
def test_paths_stay_in_the_clients_folder(setting, path, complaints):
    assert "expected a path inside the client's folder" in complaints(f"{SHORTEST}{setting}: {path}\n")[0]


def test_missing_keys_are_named(complaints):
    assert complaints("name: Acme\n") == [
        "line 1: expected the key 'source' to be set. Add it.",
        "line 1: expected the key 'currency' to be set. Add it.",
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("source: {kind: ftp, path: x}", "'source'; expected a source of kind files, package, simulated or sql."),
        ("source: orders.csv", "line 3: 'source' holds 'orders.csv'; expected settings as key: value lines."),
        ("source: {path: a.csv}\nclient: other", "line 4: 'client' holds 'other'; expected no such key."),
        (
            "source: {path: a.csv}\nbrand: {accent: red}",
            "line 4: 'brand.accent' holds 'red'; expected a colour as \"#1f5a7a\"",
        ),
        ("source: {path: a.csv}\nmail: {to: [], sender: a@b.example}", "line 4: 'mail.to'; expected"),
        ("source: {path: a.csv}\nrfm: {frequency_cuts: [1, 3, 2, 5, 8]}", "expected frequency_cuts in ascending order"),
        ("source: {path: a.csv}\ningest: {encoding: cp9999}", "expected an encoding such as utf-8, cp1252 or utf-16."),
        ("source: {path: a.csv}\ningest: {delimiter: '||'}", 'expected one character, such as ";"'),
        ("source: {path: a.csv}\ningest: {date_format: dd.mm.yyyy}", "expected a format with day, month and year"),
        ("source: {path: a.csv}\nobserved_until: yes", "line 4: 'observed_until' holds 'yes'; expected"),
    ],
)
def test_wrong_values_say_what_was_expected(settings, said, complaints):
    assert said in complaints(f"name: Acme\ncurrency: NOK\n{settings}\n")[0]


def test_simulated_shop_must_end_after_it_starts(complaints):
    source = "source: {kind: simulated, seed: 1, customers: 100, start: 2024-01-01, end: 2023-01-01}"
    assert "expected an end after the start" in complaints(f"name: A\ncurrency: NOK\n{source}\n")[0]


def test_broken_yaml_names_the_line(complaints):
    assert complaints("name: Acme\nsource: {path: x\ncurrency: NOK\n")[0].startswith("line 3: expected YAML (")


def test_key_written_twice_names_the_line(complaints):
    (said,) = complaints("name: Acme\nname: Other\ncurrency: NOK\n")
    assert said.startswith("line 2: expected YAML (")


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n"])
def test_what_is_no_settings_is_refused(text, complaints):
    assert complaints(text) == ["expected settings as key: value lines. See README.md."]


def test_other_encodings_are_refused_with_the_line(complaints):
    raw = "name: Acme\nlanguage: nb\nbrand: {prepared_by: Åse}\n".encode("latin-1")
    assert complaints("", raw=raw) == ["line 3: expected UTF-8 text. Save it as UTF-8."]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "actions: {assumptions: {win_back: {uplft: 0.1}}}",
            "'actions.assumptions.win_back.uplft'; expected a known key",
        ),
        ("actions: {assumptions: {win_bak: {uplift: 0.1}}}", "'actions.assumptions.win_bak'"),
        ("programme: {teirs: []}", "Did you mean 'tiers'?"),
        ("programme: {tiers: [{name: A, spnd: 1, reward: 0.1}]}", "Did you mean 'spend'?"),
        ("programme: {tiers: [{name: A, spend: 5, reward: 0}, {name: B, spend: 5, reward: 0}]}", "rising spend"),
        ("engagement: {frequency: {weigth: 1}}", "Did you mean 'weight'?"),
        ("engagement: {}", "expected a weight for one of"),
        ("retention_cost: {2024-Q4: many}", "'retention_cost.2024-Q4' holds 'many'; expected a number"),
        ("retention_cost: lots", "'retention_cost' holds 'lots'; expected a number"),
        ("rfm: {scheme: 5}", "'rfm.scheme' holds '5'; expected text"),
        ("survey: {pth: data/a.csv}", "Did you mean 'path'?"),
        ("survey: ../other/survey.csv", "expected a path inside the client's folder"),
        ("contacts: {path: data/c.csv, consent_mail: ja}", "Did you mean 'consent_email'?"),
        ("cohorts: {by: shop}", "expected one of 'channel', 'category' or 'country'"),
    ],
)
def test_what_is_wrong_in_nested_settings_is_named_where_it_stands(complaints, wrong, said):
    """In lists and mappings too, and once for each value; with the nearest valid key."""
    lines = complaints(f"{SHORTEST}{wrong}\n")
    assert any(said in line for line in lines), lines
    assert all(line.startswith("line 5: ") for line in lines)
    assert len({line.split(";")[0] for line in lines}) == len(lines)
