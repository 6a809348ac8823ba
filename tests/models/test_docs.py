"""The page on the models shows code that runs, and links to pages that are there."""

from __future__ import annotations

import re

from loyalty_lib.paths import CHECKOUT

PAGE = (CHECKOUT / "docs" / "models.md").read_text(encoding="utf-8")


def test_every_line_of_the_example_gives_something() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, object] = {}
    for line in example.splitlines():
        if line.startswith(("from ", "inputs =", "fit =")):
            exec(line, names)
        elif line:
            assert eval(line, names) is not None, line


def test_the_evidence_is_there() -> None:
    linked = re.findall(r"\]\((\w+\.md)\)", PAGE)
    assert {"golden.md", "coverage.md", "benchmarks.md", "robust.md"} <= set(linked)
    assert [name for name in linked if not (CHECKOUT / "docs" / name).is_file()] == []
