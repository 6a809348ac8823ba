"""The engagement index: a weighted mean of what the client's settings name, from 0 to 100.

Takes transactions, answers and the settings, returns an ``EngagementResult``.  There is no standard recipe, so the
recipe is part of the result and printed with it.  Every component is scaled to 0 to 1 between two bounds, which are the
same for all periods compared: those of the settings, else the smallest and largest value on the as-of date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.window import window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.config.analyses import Component, Engagement
    from loyalty_lib.validate import Transactions

COMPONENTS: Final = ("frequency", "recency", "categories", "nps")
RECIPE: Final = ("weight", "low", "high", "low_customers", "high_customers")
FULL: Final = 100.0  # the index of a customer at the best bound of every component
ANSWERS: Final = range(11)  # 0 to 10
LEFT_OUT: Final = {
    "frequency": mark("The engagement index is without purchase days: all customers have as many."),
    "recency": mark("The engagement index is without days since the last purchase: they are the same for all."),
    "categories": mark("The engagement index is without categories: there are none in the data, or as many for all."),
    "nps": mark("The engagement index is without answers on recommending: there are none, or all are the same."),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class EngagementResult:
    """The engagement index and its recipe.

    Attributes
    ----------
    index
        Index: the ends of the periods.  ``engagement_index``, 0 to 100, the mean over the customers with a purchase in
        the window (NaN without any), and ``rated_customers``, their number.
    components
        Index: those the index is made of.  ``weight`` (of a sum of 1), ``low`` and ``high`` (values that count as the
        two ends of the scale); ``low_customers`` and ``high_customers`` had exactly that value on the as-of date where
        the bound is measured (NaN where it is the settings').
    window_months
        Length of the window that ends with each period.
    caveats
        Sentences the report prints.
    """

    index: pd.DataFrame
    components: pd.DataFrame
    window_months: int
    caveats: tuple[str, ...] = ()


def engagement_index(
    transactions: Transactions,
    ends: Sequence[dt.date],
    as_of: dt.date,
    settings: Engagement,
    answers: pd.DataFrame | None = None,
) -> EngagementResult:
    """Compute the index for the windows that end on ``ends``.

    Parameters
    ----------
    transactions
        The client's transactions.
    ends
        Last days of the windows.
    as_of
        Last day observed, from whose window the bounds are where the settings have none.
    settings
        Components, weights, bounds and the window's length in months.
    answers
        ``customer_id``, ``answered_on`` and ``nps`` (text); ``None`` without a survey.

    Returns
    -------
    EngagementResult
        A customer's index is 100 sum(w_k s_k) / sum(w_k) over the components k known of the customer, with
        s = (x - low) / (high - low) clipped to 0 to 1, and 1 - s for the days since the last purchase.
    """
    valid = valid_answers(answers)
    now = _profiles(transactions, as_of, as_of, settings, valid)
    components = _recipe(now, settings)
    profiles = {end: now if end == as_of else _profiles(transactions, end, as_of, settings, valid) for end in ends}
    rows = {end: _mean(table, components) for end, table in profiles.items()}
    missing = [name for name in COMPONENTS if getattr(settings, name) and name not in components.index]
    return EngagementResult(
        index=pd.DataFrame.from_dict(rows, orient="index", columns=["engagement_index", "rated_customers"]),
        components=components,
        window_months=settings.window_months,
        caveats=tuple(Message(LEFT_OUT[name]) for name in missing) if len(now) else (),
    )


def valid_answers(answers: pd.DataFrame | None) -> pd.DataFrame:
    """Keep the whole answers from 0 to 10 of known customers; of several on one day the lowest.

    Returns
    -------
    DataFrame
        ``customer_id``, ``answered_on``, ``nps``, one row a customer and day.
    """
    if answers is None:
        answers = pd.DataFrame({"customer_id": [], "answered_on": [], "nps": []})
    frame = pd.DataFrame(
        {
            "customer_id": answers["customer_id"].astype("str"),
            "answered_on": pd.to_datetime(answers["answered_on"]).dt.normalize(),
            "nps": pd.to_numeric(answers["nps"], errors="coerce").astype("float64"),
        }
    )
    frame = frame[frame["nps"].isin(ANSWERS) & answers["customer_id"].notna()].dropna()
    return frame.groupby(["customer_id", "answered_on"])["nps"].min().reset_index()


def _profiles(
    transactions: Transactions, end: dt.date, as_of: dt.date, settings: Engagement, answers: pd.DataFrame
) -> pd.DataFrame:
    """Count customers by their values in the window that ends on ``end``."""
    engine = transactions.engine
    engine.connection.register("nps_answers", answers)
    try:
        start = window_start(end, settings.window_months)
        return engine.frame("engagement", start=start, end=end, as_of=as_of).astype("float64")
    finally:
        engine.connection.unregister("nps_answers")


def _recipe(now: pd.DataFrame, settings: Engagement) -> pd.DataFrame:
    """Settle the bounds of every component that tells customers apart."""
    rows = {}
    for name in COMPONENTS:
        component: Component | None = getattr(settings, name)
        values = now[name].dropna()
        if component is None or values.empty:
            continue
        low = float(values.min()) if component.low is None else component.low
        high = float(values.max()) if component.high is None else component.high
        if low < high:
            at_low = now.loc[now[name] == low, "customers"].sum() if component.low is None else np.nan
            at_high = now.loc[now[name] == high, "customers"].sum() if component.high is None else np.nan
            rows[name] = (component.weight, low, high, at_low, at_high)
    recipe = pd.DataFrame.from_dict(rows, orient="index", columns=list(RECIPE), dtype="float64")
    return recipe.assign(weight=recipe["weight"] / recipe["weight"].sum()).rename_axis("component")


def _mean(profiles: pd.DataFrame, components: pd.DataFrame) -> tuple[float, int]:
    """Return the mean index, and how many customers it is of."""
    total, weights = np.zeros(len(profiles)), np.zeros(len(profiles))
    for name, weight, low, high in components[["weight", "low", "high"]].itertuples(name=None):
        scaled = _scaled(profiles[name].to_numpy(), low, high, reverse=name == "recency")
        known = np.isfinite(scaled)
        total[known] += weight * scaled[known]
        weights[known] += weight
    rated = weights > 0
    customers = profiles["customers"].to_numpy()[rated]
    if not rated.any():
        return float("nan"), 0
    index = float(np.dot(customers, total[rated] / weights[rated]) / customers.sum())
    return FULL * index, int(customers.sum())


def _scaled(values: NDArray[np.float64], low: float, high: float, *, reverse: bool) -> NDArray[np.float64]:
    scaled = np.clip((values - low) / (high - low), 0.0, 1.0)
    return 1.0 - scaled if reverse else scaled
