"""The names of customer segments, one term for each, in the report's language.

Keys are those of the rules file; terms and translations follow the glossary.  A client's own scheme names its segments
itself: a key that is not here is shown as it stands.
"""

from __future__ import annotations

from loyalty_lib.i18n import gettext, mark

SEGMENT_NAMES = {
    "champions": mark("Champions"),
    "loyal": mark("Loyal"),
    "potential_loyalists": mark("Potential loyalists"),
    "new": mark("New"),
    "promising": mark("Promising"),
    "need_attention": mark("Need attention"),
    "about_to_sleep": mark("About to sleep"),
    "at_risk": mark("At risk"),
    "cant_lose": mark("Can't lose"),
    "hibernating": mark("Hibernating"),
    "lost": mark("Lost"),
    "inactive": mark("Inactive"),
    "not_yet": mark("Not yet a customer"),
}


OTHER = {"other": mark("Others")}


def group_name(name: str) -> str:
    """Return the name of a group of customers: the data's own, or the word for those too few to stand alone."""
    return gettext(OTHER[name]) if name in OTHER else name


def segment_name(key: str) -> str:
    """Return the name of a segment in the active language; the key itself where a client's own scheme named it."""
    return gettext(SEGMENT_NAMES[key]) if key in SEGMENT_NAMES else key
