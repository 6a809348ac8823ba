"""A file of settings, and what is wrong with it: line, what was found, what was expected, remedy.

Reads YAML with its line numbers and turns pydantic's complaints into ``Problem``s.  People type this file, so a wrong
key is answered with the nearest valid one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from loyalty_lib.errors import ConfigError, Problem

_KINDS = frozenset({"files", "package", "simulated", "sql"})
# What each pydantic complaint means to the person who typed the file.
_EXPECTED = {
    "missing": "this key to be set",
    "model_attributes_type": "settings as key: value lines",
    "model_type": "settings as key: value lines",
    "extra_forbidden": "a known key",
    "bool_parsing": "true or false",
    "date_from_datetime_parsing": "a date as YYYY-MM-DD",
    "date_parsing": "a date as YYYY-MM-DD",
    "float_parsing": "a number",
    "int_parsing": "a whole number",
    "string_type": "text",
    "union_tag_invalid": "a source of kind files, package, simulated or sql",
}


def read_settings(file: Path) -> CommentedMap:
    """Read a file of settings; every key remembers its line.

    Raises
    ------
    ConfigError
        If it is not UTF-8, not YAML, or not a list of keys.
    """
    yaml = YAML(typ="rt")
    try:
        tree = yaml.load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem(file=str(file), lines=(line,), expected="UTF-8 text", remedy="Save it as UTF-8.")
        raise ConfigError([problem]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(
            [Problem(file=str(file), lines=(line,), expected=f"YAML ({error.problem})", remedy="Mend the line.")]
        ) from None
    if not isinstance(tree, CommentedMap):
        raise ConfigError([Problem(file=str(file), expected="settings as key: value lines", remedy="See README.md.")])
    return tree


def explain(file: Path, tree: CommentedMap, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Say each of pydantic's complaints about ``tree`` in the words of whoever typed the file.

    Parameters
    ----------
    file, tree
        The file and what ``read_settings`` read from it.
    error
        What ``model`` found wrong.
    model
        The settings; its keys are what a wrong key is held against.
    """
    found = [_explained(file, tree, item, model) for item in error.errors()]
    # Of a value that may be one thing or another, pydantic says what is wrong with it as either.
    return list({(one.lines, one.column or one.expected): one for one in reversed(found)}.values())[::-1]


def _explained(file: Path, tree: CommentedMap, item: Mapping[str, Any], model: type[BaseModel]) -> Problem:
    # Pydantic puts the tag of a discriminated union ("files") in the path; the file has no such level.
    location = tuple(part for part in item["loc"] if not (part in _KINDS and len(item["loc"]) > 1))
    kind = item["type"]
    if kind == "extra_forbidden":
        key = str(location[-1])
        valid = _valid_keys(tree, location[:-1], model)
        near = difflib.get_close_matches(key, valid, 1, cutoff=0.5)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known keys here: {', '.join(sorted(valid))}."
        return problem_at(file, tree, location, "a known key", remedy, found=False)
    if kind == "missing":
        name = ".".join(map(str, location))
        return problem_at(file, tree, location[:-1], f"the key '{name}' to be set", "Add it.", found=False)
    if kind == "value_error":
        expected = str(item["ctx"]["error"])
    elif kind == "literal_error":
        expected = f"one of {item['ctx']['expected']}"
    else:
        expected = _EXPECTED.get(kind, item["msg"][0].lower() + item["msg"][1:])
    return problem_at(file, tree, _in_file(tree, location), expected, "Change it.")


def _in_file(tree: CommentedMap, location: Sequence[int | str]) -> tuple[int | str, ...]:
    """Return the parts of a location that the file has; pydantic's own ways of reading a value are none of them."""
    node: Any = tree
    there: list[int | str] = []
    for part in location:
        if not _has(node, part):
            continue
        node = node[part]
        there.append(part)
    return tuple(there)


def _has(node: Any, part: int | str) -> bool:
    if isinstance(node, CommentedMap):
        return part in node
    return isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)


def problem_at(
    file: Path, tree: CommentedMap, location: Sequence[int | str], expected: str, remedy: str, *, found: bool = True
) -> Problem:
    """Return a problem with the line and, if ``found``, the value at ``location`` in the file."""
    line, value = _locate(tree, location)
    return Problem(
        file=str(file),
        lines=(line,),
        count=1,
        column=".".join(map(str, location)) or None,
        value=str(value) if found and not isinstance(value, (CommentedMap, CommentedSeq)) else None,
        expected=expected,
        remedy=remedy,
    )


def _locate(tree: CommentedMap, location: Sequence[int | str]) -> tuple[int, Any]:
    """Return the 1-based line and the value at ``location``; of its nearest ancestor where it is not in the file."""
    node: Any = tree
    line = 0
    for part in location:
        if not _has(node, part):
            break
        line = node.lc.key(part)[0] if isinstance(node, CommentedMap) else node.lc.item(part)[0]
        node = node[part]
    return line + 1, node


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(model.model_fields["kind"].annotation)


def _valid_keys(tree: CommentedMap, location: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """Return the keys that settings at ``location`` may have.

    A place in a list, or a name in a mapping, is no key of a model: what stands there is what the list is of.
    """
    node: Any = tree
    models = [model]
    for part in location:
        node = node[part] if _has(node, part) else None
        inner = [
            one
            for outer in models
            if part in outer.model_fields
            for one in _models(outer.model_fields[part].annotation)
        ]
        tagged = [
            one
            for one in inner
            if "kind" in one.model_fields and isinstance(node, CommentedMap) and node.get("kind") in _kinds(one)
        ]
        models = tagged or inner or models
    return [name for name in models[0].model_fields if name != "client"]


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the settings that a type is made of: itself, one of a union, or what a list or mapping holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]
