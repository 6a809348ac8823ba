"""What the technical appendix compares beside the report's own forecast: other models, and groups of customers.

Takes transactions and the lifetime value of the same as-of date; the results are without rows where there is nothing to
compare, so that a notebook needs no conditions.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.groups import SENTENCES, group_differences
from loyalty_lib.analyses.model_choice import COLUMNS, ModelComparison, compare_models
from loyalty_lib.errors import ModelError
from loyalty_lib.models.choose import name_of

if TYPE_CHECKING:
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.validate import Transactions

GROUP_COLUMNS: Final = ("customers", "repeat_buyers", "purchases_per_year", "expected_purchases")


@dataclass(frozen=True, eq=False, kw_only=True)
class Groups:
    """Groups of customers side by side.

    Attributes
    ----------
    by
        "channel", "category" or "country" of the first order; empty where the data know none.
    table
        As in ``groups.GroupResult``.
    p_value
        Of the groups being all alike; NaN without groups.
    differ
        Whether they are said to differ.
    finding
        The answer in a sentence; empty without groups.
    caveats
        For the report.
    """

    by: str
    table: pd.DataFrame
    p_value: float
    differ: bool
    finding: str
    caveats: tuple[str, ...]


def appendix_models(transactions: Transactions, as_of: dt.date, value: LifetimeResult) -> ModelComparison:
    """Compare the models of purchases on the hold-outs of the report's own check.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    value
        Of the same data and day.

    Returns
    -------
    ModelComparison
        Without rows where ``value`` holds no forecast.
    """
    if value.forecast is None:
        return ModelComparison(
            table=pd.DataFrame(columns=[*COLUMNS, "chosen"]),
            chosen="",
            reason=value.reason,
            origins=pd.DataFrame(),
            holdout_days=0,
            caveats=(),
        )
    forecast = value.forecast
    return compare_models(transactions, as_of, holdout_days=forecast.check.holdout_days, unit=forecast.fit.unit)


def appendix_groups(transactions: Transactions, as_of: dt.date, value: LifetimeResult) -> Groups:
    """Compare customers by channel, category or country of their first order, the first that the data know.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    value
        Of the same data and day; its model is the one whose parameters are compared.

    Returns
    -------
    Groups
        Without rows where there is no forecast, or nothing to group by.
    """
    nothing = pd.DataFrame(columns=list(GROUP_COLUMNS), index=pd.Index([], name="group"))
    none = Groups(by="", table=nothing, p_value=math.nan, differ=False, finding="", caveats=())
    if value.forecast is None:
        return none
    fit = value.forecast.fit
    for by in SENTENCES:
        try:
            found = group_differences(transactions, as_of, by, unit=fit.unit, model=name_of(fit))
        except ModelError:  # no such column, or one group only: the next may do
            continue
        return Groups(
            by=by,
            table=found.table,
            p_value=found.test.p_value,
            differ=found.differ,
            finding=found.finding,
            caveats=found.caveats,
        )
    return none
