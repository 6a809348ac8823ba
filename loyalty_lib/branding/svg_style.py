"""The style sheets and style attributes that drawing programs write, as plain declarations.

Read is what such programs write: rules for one element, class or id.  Anything else is not understood, and said so;
values are checked by whoever takes them.
"""

from __future__ import annotations

import re
from typing import Final

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR: Final = re.compile(r"[.#]?[A-Za-z_][\w-]*")
_PROPERTY: Final = re.compile(r"-?[A-Za-z][A-Za-z-]*")

Rule = tuple[str, dict[str, str]]  # a selector and its declarations


class NotUnderstoodError(ValueError):
    """A piece of CSS that is more than a logo needs."""


def style_rules(css: str) -> list[Rule]:
    """Return each selector of a style sheet with its declarations, in their order.

    Raises
    ------
    NotUnderstoodError
        If there is anything but rules for elements, classes and ids.
    """
    css = _COMMENT.sub(" ", css)
    rest = _RULE.sub("", css).strip()
    if rest:
        raise NotUnderstoodError(rest[:40])
    found = []
    for selectors, body in _RULE.findall(css):
        looks = declarations(body)
        for selector in map(str.strip, selectors.split(",")):
            if not _SELECTOR.fullmatch(selector):
                raise NotUnderstoodError(selector[:40] or "a rule for nothing")
            found.append((selector, looks))
    return found


def declarations(css: str) -> dict[str, str]:
    """Return properties with their values.

    Raises
    ------
    NotUnderstoodError
        If there is anything but ``property: value``.
    """
    looks = {}
    for declaration in filter(str.strip, _COMMENT.sub(" ", css).split(";")):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        if not colon or not _PROPERTY.fullmatch(name):
            raise NotUnderstoodError(declaration.strip()[:40])
        looks[name.lower()] = value
    return looks
