"""The buy-till-you-die summary of every customer on a day: frequency, recency, T, monetary value.

Reads the engine's ``transactions`` as they stood on ``as_of`` (nothing later is seen, refunds included) and returns one
row a customer who had bought by then.  ``as_of`` is the last day observed, itself included, so that T of a customer who
first bought on it is 0.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from loyalty_lib.columns import CUSTOMER_ID, SUMMARY
from loyalty_lib.errors import UsageError
from loyalty_lib.validate import Transactions

if TYPE_CHECKING:
    import pandas as pd

DAYS: Final = {"D": 1.0, "W": 7.0}  # days in a unit


def summarise(transactions: Transactions, as_of: dt.date, unit: str = "W") -> pd.DataFrame:
    """Summarise every customer's purchases up to and including ``as_of``.

    Parameters
    ----------
    transactions
        As read.
    as_of
        The last day observed.
    unit
        Of ``recency`` and ``T``: "W" for weeks (days / 7, not rounded), "D" for days.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, sorted: ``frequency`` (purchase days after the first), ``recency`` (time from first
        to last purchase day), ``T`` (time from first purchase day to ``as_of``), ``monetary_value`` (mean net spend of
        the purchase days after the first; NaN for one-time buyers).  ``attrs`` holds ``unit`` and ``as_of``.

    Raises
    ------
    UsageError
        If ``unit`` is neither.

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), section 4: a
    customer's history is (x, t_x, T).
    """
    if unit not in DAYS:
        message = f"Unit {unit!r} is not known; expected one of: {', '.join(DAYS)}."
        raise UsageError(message)
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
    table = engine.frame("summary", as_of=as_of, unit_days=DAYS[unit]).set_index(CUSTOMER_ID.name)
    summary = table[[column.name for column in SUMMARY]]
    engine.connection.execute("DROP TABLE purchase_days_as_of")
    summary.attrs.update(unit=unit, as_of=as_of)
    return summary
