"""What an HTML page of this project never holds: elements that run, load or send, whoever wrote them.

The page's policy forbids a browser most of them already; here they are found beforehand, and told by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

ELEMENTS: Final = frozenset(
    [
        "applet",
        "audio",
        "base",
        "body",
        "button",
        "embed",
        "form",
        "frame",
        "frameset",
        "head",
        "html",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "noscript",
        "object",
        "portal",
        "script",
        "select",
        "source",
        "style",
        "template",
        "textarea",
        "track",
        "video",
    ]
)
ADDRESSES: Final = frozenset({"action", "background", "data", "formaction", "href", "poster", "src", "xlink:href"})
INSIDE: Final = ("#", "data:image/", "data:text/csv", "data:font/", "mailto:", "{{")  # {{: filled in later, and checked


def foreign(html: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of what does not belong on a page.

    Parameters
    ----------
    html
        A piece of a page, or a template for one.
    """
    parser = _Parser()
    parser.feed(html)
    parser.close()
    yield from parser.found


class _Parser(HTMLParser):
    """Notes elements and attributes that run, load or send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, _ = self.getpos()
        if tag in ELEMENTS:
            self.found.append((line, f"<{tag}>"))
        for name, value in attrs:
            address = (value or "").strip()
            if name.startswith("on") or name in {"srcset", "srcdoc", "ping"}:
                self.found.append((line, name))
            elif name in ADDRESSES and address and not address.startswith(INSIDE):
                self.found.append((line, f'{name}="{address[:60]}"'))
            elif name == "style" and "(" in address and "url" in address.lower():
                self.found.append((line, f'style="{address[:60]}"'))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
