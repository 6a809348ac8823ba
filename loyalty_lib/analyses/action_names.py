"""The names of the lists of customers, one term for each, in the report's language."""

from __future__ import annotations

from typing import Final

from loyalty_lib.i18n import gettext, mark

LIST_NAMES: Final = {
    "win_back": mark("Win-back"),
    "second_purchase": mark("Second purchase"),
    "do_not_lose": mark("Do not lose"),
    "anniversary": mark("Anniversary"),
    "renewal": mark("Renewal"),
    "cross_sell": mark("Cross-sell"),
    "upcoming": mark("Next purchase due"),
}


def list_name(key: str) -> str:
    """Return the name of a list in the active language."""
    return gettext(LIST_NAMES[key])
