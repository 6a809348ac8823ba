"""Which category to offer next to the buyers of one: lift over customers' categories.

Takes transactions and the as-of date, returns one row a category.  What is counted is customers, not baskets: a lift
of 2 says that buyers of the one are twice as likely as customers at large to have bought in the other too.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.validate import Transactions

LEAST_BOTH: Final = 20  # customers who bought in both; with fewer a lift is chance


def next_categories(transactions: Transactions, as_of: dt.date) -> pd.DataFrame:
    """Return the category that goes best with each.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day seen.

    Returns
    -------
    DataFrame
        Sorted by ``category``: ``next`` (highest lift above 1; of equal ones that of more customers, then the first of
        the alphabet), ``lift`` = P(bought in next | bought in category) / P(bought in next), ``support`` (share of
        customers who bought in both) and ``both`` (how many).  Categories without one are left out.

    References
    ----------
    Brin, Motwani, Ullman & Tsur (1997), SIGMOD Record 26(2), 255-264, section 3 ("interest").
    """
    pairs = transactions.engine.frame("action_pairs", as_of=as_of, least=LEAST_BOTH)
    customers = pairs["customers"]
    pairs["lift"] = pairs["both"] * customers / (pairs["buyers"] * pairs["next_buyers"])
    pairs["support"] = pairs["both"] / customers
    likelier = pairs[pairs["lift"] > 1]
    best = likelier.sort_values(["category", "lift", "both", "next"], ascending=[True, False, False, True])
    best = best.drop_duplicates("category").reset_index(drop=True)
    return best[["category", "next", "lift", "support", "both"]]


def one_category(transactions: Transactions, as_of: dt.date) -> pd.Series:
    """Return the category of the customers who have bought in exactly one by ``as_of``; index customer_id, sorted."""
    found = transactions.engine.frame("action_one_category", as_of=as_of).set_index("customer_id")
    return found["category"]


def with_customers(pairs: pd.DataFrame, offered: pd.Series) -> pd.DataFrame:
    """Count the customers on the list by the category they have bought in.

    Parameters
    ----------
    pairs
        Of ``next_categories``.
    offered
        The category bought in, of every customer on the list.

    Returns
    -------
    DataFrame
        ``category``, ``next``, ``customers``, ``lift``, ``support``, ``both``; most customers first; ``counted``,
        the customers again, for ``protect``.
    """
    table = pairs.assign(customers=pairs["category"].map(offered.value_counts()).fillna(0).astype("int64"))
    table = table.sort_values(["customers", "category"], ascending=[False, True]).reset_index(drop=True)
    table["counted"] = table["customers"]
    return table[["category", "next", "customers", "lift", "support", "both", "counted"]]
