"""pyproject.toml, requirements.lock and environment.yml say the same: what a report needs, from any of the three."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

from loyalty_lib.paths import CHECKOUT

CONDA_NAMES = {"python-duckdb": "duckdb"}  # the same package under its name on conda-forge
CONDA_ONLY = {"python", "make", "git", "pango", "pip"}  # what else the environment brings
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", re.MULTILINE)


def _pins(name: str) -> dict[str, Version]:
    return {
        canonicalize_name(package): Version(version)
        for package, version in PIN.findall((CHECKOUT / name).read_text(encoding="utf-8"))
    }


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _extra(name: str) -> list[Requirement]:
    return [Requirement(text) for text in _project()["optional-dependencies"][name]]


def _requirements() -> list[Requirement]:
    """Return what a report and its tests need."""
    return [*map(Requirement, _project()["dependencies"]), *_extra("dev")]


def _conda() -> tuple[dict[str, Requirement], dict[str, Requirement]]:
    """Return what conda and what pip installs, by canonical name."""
    tree = YAML(typ="safe").load((CHECKOUT / "environment.yml").read_text(encoding="utf-8"))
    (by_pip,) = [item["pip"] for item in tree["dependencies"] if isinstance(item, dict)]
    from_conda = [Requirement(item) for item in tree["dependencies"] if isinstance(item, str)]
    from_pip = [Requirement(item) for item in by_pip if item != "-e ."]
    assert "-e ." in by_pip
    return (
        {canonicalize_name(CONDA_NAMES.get(item.name, item.name)): item for item in from_conda},
        {canonicalize_name(item.name): item for item in from_pip},
    )


def test_every_dependency_is_locked_at_a_version_the_project_admits() -> None:
    pins = _pins("requirements.lock")
    for requirement in _requirements():
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_demo_data_is_locked_at_a_version_the_project_admits() -> None:
    pins = _pins("requirements-demo.lock")
    assert pins.keys() == {canonicalize_name(requirement.name) for requirement in _extra("demo")}
    for requirement in _extra("demo"):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-demo.lock"])
def test_lock_names_no_index_no_address_and_a_hash_for_every_package(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ |^-e", text, re.MULTILINE)
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if PIN.match(entry)]
    assert len(entries) == len(PIN.findall(text))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


def test_conda_environment_holds_every_dependency_with_the_bounds_of_the_project() -> None:
    by_conda, by_pip = _conda()
    environment = by_conda | by_pip
    wanted = {canonicalize_name(requirement.name): requirement for requirement in _requirements()}
    assert environment.keys() - CONDA_ONLY == wanted.keys()
    for name, requirement in wanted.items():
        assert environment[name].specifier == requirement.specifier, name
    assert str(by_conda["python"].specifier) == _project()["requires-python"]


def test_conda_environment_admits_the_locked_versions() -> None:
    by_conda, by_pip = _conda()
    pins = _pins("requirements.lock")
    for name, requirement in (by_conda | by_pip).items():
        if name not in CONDA_ONLY:
            assert pins[name] in requirement.specifier, requirement


def test_conda_environment_brings_what_the_system_would_have_to() -> None:
    by_conda, _ = _conda()
    assert by_conda.keys() >= CONDA_ONLY
    tree = YAML(typ="safe").load((CHECKOUT / "environment.yml").read_text(encoding="utf-8"))
    assert (tree["name"], tree["channels"]) == ("loyalty", ["conda-forge"])


def test_set_up_names_the_oldest_python_of_the_project() -> None:
    from loyalty_lib.bootstrap import OLDEST

    assert _project()["requires-python"] == f">={'.'.join(map(str, OLDEST))}"
