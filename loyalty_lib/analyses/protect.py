"""Hide what would tell of a few customers, before a result is shown.

Takes a result and the smallest group that may show, returns the same type with small cells NaN (``None`` for plain
counts) and ``suppressed`` counting them.  A money cell in which one customer weighs more than ``dominance`` is hidden
too.  Where a total would give a hidden cell away, more cells are hidden (``suppression.py``).  Never 0: a hidden cell
is not an empty one.  Tables of single customers stay in the result for further analysis; no report prints them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

import pandas as pd

from loyalty_lib.analyses.action_lists import ActionListsResult
from loyalty_lib.analyses.cohorts import CohortResult
from loyalty_lib.analyses.kpis import KpiResult
from loyalty_lib.analyses.model_check import ModelCheck
from loyalty_lib.analyses.pareto import ParetoResult
from loyalty_lib.analyses.programme import ProgrammeResult
from loyalty_lib.analyses.protect_action_lists import protect_action_lists
from loyalty_lib.analyses.protect_cohorts import protect_cohorts
from loyalty_lib.analyses.protect_kpis import protect_kpis
from loyalty_lib.analyses.protect_model_check import protect_model_check
from loyalty_lib.analyses.protect_pareto import protect_pareto
from loyalty_lib.analyses.protect_programme import protect_programme
from loyalty_lib.analyses.protect_retention_cost import protect_retention_cost
from loyalty_lib.analyses.protect_revenue_bridge import protect_revenue_bridge
from loyalty_lib.analyses.protect_rfm import protect_rfm
from loyalty_lib.analyses.protect_subscriptions import protect_subscriptions
from loyalty_lib.analyses.protect_survey import protect_survey
from loyalty_lib.analyses.protect_table import protect_table
from loyalty_lib.analyses.protect_time_to_second_purchase import protect_time_to_second_purchase
from loyalty_lib.analyses.retention_cost import RetentionCostResult
from loyalty_lib.analyses.revenue_bridge import RevenueBridgeResult
from loyalty_lib.analyses.rfm import RfmResult
from loyalty_lib.analyses.subscriptions import SubscriptionsResult
from loyalty_lib.analyses.survey import SurveyResult
from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult

T = TypeVar("T")
DOMINANCE: Final = 0.5
PROTECTORS: Final[Mapping[type, Callable[[Any, int, float], object]]] = {
    KpiResult: protect_kpis,
    RfmResult: protect_rfm,
    ParetoResult: protect_pareto,
    CohortResult: protect_cohorts,
    ModelCheck: protect_model_check,
    SecondPurchaseResult: protect_time_to_second_purchase,
    SubscriptionsResult: protect_subscriptions,
    SurveyResult: protect_survey,
    ActionListsResult: protect_action_lists,
    ProgrammeResult: protect_programme,
    RevenueBridgeResult: protect_revenue_bridge,
    RetentionCostResult: protect_retention_cost,
    pd.DataFrame: protect_table,
}


def protect(result: T, minimum_cell: int, *, dominance: float = DOMINANCE) -> T:
    """Return ``result`` without the cells that would tell of fewer than ``minimum_cell`` customers.

    Parameters
    ----------
    result
        One of ``PROTECTORS``, a DataFrame with a column ``customers`` whose total is known among them; or another
        result, every such DataFrame of which is protected, results inside it included.
    minimum_cell
        Smallest group that may show.
    dominance
        Largest share of a money cell that one customer may hold.

    Returns
    -------
    same type as ``result``
        A copy; protecting it again changes nothing.

    Raises
    ------
    TypeError
        If ``result`` is none of these.
    """
    return cast("T", _protected(result, minimum_cell, dominance))


def _protected(result: object, minimum: int, dominance: float) -> object:
    if protector := PROTECTORS.get(type(result)):
        return protector(result, minimum, dominance)
    if _holds_tables(result):
        return _inside(result, minimum, dominance)
    message = f"{type(result).__name__} cannot be protected; expected a result or a DataFrame with a column 'customers'"
    raise TypeError(message)


def _holds_tables(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _inside(result: Any, minimum: int, dominance: float) -> Any:
    """Protect the tables of groups inside a result of another module."""
    values = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    changed = {
        name: _protected(value, minimum, dominance)
        for name, value in values.items()
        if _holds_tables(value) or (isinstance(value, pd.DataFrame) and "customers" in value.columns)
    }
    return dataclasses.replace(result, **changed)
