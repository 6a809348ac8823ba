"""Overhears the narrative: every sentence as it is formed, with its msgid and values, and every number written."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from loyalty_lib import i18n, narrative
from loyalty_lib.analyses import time_to_second_purchase_words
from loyalty_lib.narrative.findings import PAGES

KEYS = (
    "net_sales", "active_customers", "retention_rate", "repeat_rate", "average_order_value", "purchase_frequency",
    "sales_per_customer", "new_customers", "lapsed_customers", "net_revenue_retention", "silent_rate",
)  # fmt: skip
WRITERS = ("number", "percent", "money", "money_short")


@dataclass
class Overheard:
    """What was said: sentences as (msgid, values, text), and numbers with the sentence or function they came by."""

    sentences: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    numbers: list[tuple[float, str]] = field(default_factory=list)


@contextmanager
def overhearing() -> Generator[Overheard]:
    """Record all sentences and numbers; in English the text that is filled in is the msgid itself."""
    heard = Overheard()
    formatter = i18n._formatter

    class Listening(type(formatter)):  # type: ignore[misc]
        def format(self, template: str, /, **values: Any) -> str:
            text: str = formatter.format(template, **values)
            heard.sentences.append((template, values, text))
            heard.numbers += [(float(value), template) for value in values.values() if _is_number(value)]
            return text

    def listening(name: str, write: Any) -> Any:
        def written(value: Any, *args: Any) -> str:
            heard.numbers.append((float(value), name)) if _is_number(value) else None
            text: str = write(value, *args)
            return text

        return written

    modules = [
        importlib.import_module(f"loyalty_lib.narrative.{found.name}")
        for found in pkgutil.iter_modules(narrative.__path__)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(i18n, "_formatter", Listening())
        for module in (*modules, time_to_second_purchase_words):
            for name in WRITERS:
                if getattr(module, name, None) is getattr(i18n, name):
                    patch.setattr(module, name, listening(name, getattr(i18n, name)))
        # What ``or_hidden`` writes by.
        story = importlib.import_module("loyalty_lib.narrative.story")
        patch.setattr(story, "FORMATS", {name: listening(name, write) for name, write in i18n.FORMATS.items()})
        yield heard


def tell_all(metrics: dict[str, Any]) -> dict[str, Any]:
    """Say all that a report says: every story, the cards, the cover, the mail and the method page."""
    stories = {page: narrative.story(page, metrics) for page in PAGES if page in metrics}
    return {
        "stories": stories,
        "cards": narrative.cards(metrics, KEYS),
        "cover": narrative.cover(metrics),
        "mail": narrative.mail(metrics),
        "method": narrative.method(metrics),
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
