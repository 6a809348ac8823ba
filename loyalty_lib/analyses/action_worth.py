"""What each list is worth: control groups drawn, assumptions applied, one row a customer and one row a list.

Takes the members of the lists and what is known of them, returns the tables of an ``ActionListsResult``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.action_effects import break_even, smallest_effect
from loyalty_lib.analyses.action_rules import REASONS, RULES

if TYPE_CHECKING:
    from loyalty_lib.analyses.action_state import State
    from loyalty_lib.config.analyses import Actions
    from loyalty_lib.engine import Engine

LISTS: Final = (
    *("list", "customers", "treated", "control", "order_value", "one_order", "uplift", "cost", "reward"),
    *("extra_sales", "expected_value", "break_even", "baseline", "smallest_effect", "largest_share", "earlier"),
)
TERMS: Final = ("uplift", "cost", "reward")
NAN: Final = float("nan")


def draw_control(engine: Engine, listed: pd.DataFrame, period: str, share: float) -> pd.Series[bool]:
    """Draw the control group of every list.

    Parameters
    ----------
    engine
        Where the draw is made.
    listed
        ``list`` and ``customer_id``.
    period
        Label of the period: another period, another draw.
    share
        Of every list, rounded to whole customers.

    Returns
    -------
    Series
        On the index of ``listed``: whether the customer is left alone.
    """
    engine.connection.register("action_members", listed[["list", "customer_id"]])
    try:
        drawn = engine.frame("action_control", period=period, share=share)
    finally:
        engine.connection.unregister("action_members")
    keys = pd.MultiIndex.from_frame(listed[["list", "customer_id"]])
    control = drawn.set_index(["list", "customer_id"])["control"].reindex(keys)
    return pd.Series(control.to_numpy(dtype=bool), index=listed.index, name="control")


def customer_table(
    listed: pd.DataFrame,
    control: pd.Series[bool],
    state: State,
    segments: pd.Series,
    settings: Actions,
    margin: float | None,
) -> pd.DataFrame:
    """Describe every customer on every list; columns as in ``ActionListsResult.customers``.

    Parameters
    ----------
    listed, control
        Of ``members`` and ``draw_control``.
    state
        What is known of the customers now.
    segments
        By customer.
    settings
        For the assumptions.
    margin
        Share of sales that is contribution; without it no gain is known.
    """
    table = listed.copy()
    ids = table["customer_id"]
    known = state.customers.reindex(ids)
    table["segment"] = segments.reindex(ids).to_numpy()
    table["control"] = control
    table["value"] = known["worth" if state.modelled else "recent_sales"].to_numpy()
    table["order_value"] = known["order_value"].to_numpy()
    known_terms = pd.DataFrame([_terms(settings, name) for name in RULES], index=list(RULES), columns=list(TERMS))
    terms = known_terms.astype(float).reindex(table["list"]).set_axis(table.index)
    table["cost"] = terms["cost"]
    order = table["order_value"] * (NAN if margin is None else margin) - terms["reward"]
    table["gain"] = terms["uplift"] * order - terms["cost"]
    table["first"] = _first(table)
    columns = ["list", "customer_id", "segment", *REASONS, "control", "value", "order_value", "cost", "gain", "first"]
    return table[columns]


def list_table(
    customers: pd.DataFrame,
    bought: pd.DataFrame,
    settings: Actions,
    margin: float | None,
    kept: Sequence[str],
) -> pd.DataFrame:
    """Add up every list; columns as in ``ActionListsResult.lists``.

    Parameters
    ----------
    customers
        Of ``customer_table``.
    bought
        By list: ``earlier``, how many customers the rule found one horizon ago, and ``baseline``, the share of them who
        have bought since.
    settings
        For the assumptions.
    margin
        Share of sales that is contribution.
    kept
        The lists to show, in their order.
    """
    groups = customers.groupby("list")
    sums = pd.DataFrame(
        {
            "customers": groups.size(),
            "control": groups["control"].sum(),
            "order_value": groups["order_value"].mean(),
            "one_order": groups["order_value"].sum(),
            "largest_share": groups["order_value"].max() / groups["order_value"].sum(),
        }
    ).reindex(list(kept))
    sums[["customers", "control", "one_order"]] = sums[["customers", "control", "one_order"]].fillna(0)
    table = sums.astype({"customers": "int64", "control": "int64"}).rename_axis("list").reset_index()
    table["treated"] = table["customers"] - table["control"]
    table[list(TERMS)] = pd.DataFrame([_terms(settings, name) for name in kept], columns=list(TERMS), dtype=float)
    order = table["order_value"] * (NAN if margin is None else margin) - table["reward"]
    table["extra_sales"] = table["treated"] * table["uplift"] * table["order_value"]
    table["expected_value"] = table["treated"] * (table["uplift"] * order - table["cost"])
    table["break_even"] = [break_even(cost, gain) for cost, gain in zip(table["cost"], order, strict=True)]
    table[["baseline", "earlier"]] = bought.reindex(table["list"])[["baseline", "earlier"]].to_numpy()
    table["earlier"] = table["earlier"].fillna(0)
    sizes = zip(table["treated"], table["control"], table["baseline"], strict=True)
    table["smallest_effect"] = [smallest_effect(treated, control, share) for treated, control, share in sizes]
    return table[list(LISTS)]


def bought_since(earlier: pd.DataFrame, now: State, day: dt.date) -> pd.DataFrame:
    """Say how many of the customers a rule found on an earlier day have bought since.

    Parameters
    ----------
    earlier
        Of ``members``, on ``day``.
    now
        What is known now.
    day
        The earlier day.

    Returns
    -------
    DataFrame
        Index list: ``earlier``, customers found, and ``baseline``, the share of them who have bought since.
    """
    last = now.customers["last_day"].reindex(earlier["customer_id"]).to_numpy()
    again = earlier.assign(bought=last > np.datetime64(day)).groupby("list")["bought"]
    return pd.DataFrame({"earlier": again.size(), "baseline": again.mean()})


def _terms(settings: Actions, name: str) -> tuple[float, float, float]:
    """Return uplift, cost and reward of a list; NaN without an assumption."""
    assumed = {str(key): value for key, value in settings.assumptions.items()}.get(name)
    return (assumed.uplift, assumed.cost, assumed.reward) if assumed else (NAN, NAN, NAN)


def _first(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark every customer's best list: highest gain, unknown gains last, of equal ones the first list."""
    rank = table["list"].map({name: place for place, name in enumerate(RULES)})
    ordered = table[["customer_id", "gain"]].assign(rank=rank)
    ordered = ordered.sort_values(["customer_id", "gain", "rank"], ascending=[True, False, True], na_position="last")
    return ~ordered["customer_id"].duplicated().reindex(table.index)
