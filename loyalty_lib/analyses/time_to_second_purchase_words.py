"""How groups and shares of the time to the second purchase are written, in charts, tables and sentences alike."""

from __future__ import annotations

import datetime as dt
from typing import Final

from loyalty_lib.i18n import percent
from loyalty_lib.i18n.calendar import short_period_name
from loyalty_lib.i18n.words import group_name

COHORT: Final = "cohort"  # one of the ways customers are grouped by
OTHER: Final = "other"  # the group of those too few to stand alone
ISO_DAY: Final = len("2024-12-31")
FEW: Final = 0.1  # a share below this is written with a decimal, so that few are not none
NEARLY_ALL: Final = 0.99  # likewise above, so that many are not all


def group_label(by: str, group: str, grain: str, start: object, end: object) -> str:
    """Name a group in the active language: a period, the data's own name, or the word for those too few.

    Parameters
    ----------
    by, group
        Of its row.
    grain
        Of the cohorts.
    start, end
        Of its row; dates or ISO text.
    """
    if by != COHORT or group == OTHER:
        return group_name(group)
    first, last = (dt.date.fromisoformat(str(day)[:ISO_DAY]) for day in (start, end))
    return short_period_name(grain, first, last)


def share_label(share: float) -> str:
    """Write a share as a percentage, with a decimal where it is near none or all."""
    return percent(share, 1 if 0 < share < FEW or NEARLY_ALL < share < 1 else 0)
