"""What ``metrics.json`` holds of the segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.analyses.rfm_scheme import NOT_YET
from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

BEST: Final = ("champions", "loyal")  # the best segments of the published schemes


def section(result: RfmResult, _inputs: Inputs) -> Metrics:
    """Return the segments.

    The table of customers is not protected.  Where the inactive are hidden, so is the population, for the total of all
    customers would give them away.
    """
    return {
        "segments": keyed(result.segments),
        "customers": None if result.inactive is None else len(result.customers),
        "inactive": result.inactive,
        "scheme": result.scheme,
        "window_months": result.window_months,
        "previous": result.previous,
        "migration": rows(result.migration),
        "movement": movement(result),
    }


def movement(result: RfmResult) -> Metrics | None:
    """Return what the flows come to, from those that show: whatever needs a hidden one is missing.

    ``then`` and ``stayed`` are the customers in a segment at the earlier date, and those of them in the same one now.
    ``best`` has for each of the best segments those who were in it then, who ``stayed``, and the largest flow ``out``
    of it and ``into`` it.  The best segments of an own scheme are the two that spend most per customer.
    """
    if result.migration.empty:
        return None
    flows = result.migration.set_index(["segment_then", "segment_now"])
    segments = [str(segment) for segment in result.segments.index]
    kept = flows.loc[[(segment, segment) for segment in segments]]
    then = _sum(kept["customers_then"])
    stayed = _sum(kept["customers"])
    return {
        "then": then,
        "stayed": stayed,
        "share": stayed / then if then and stayed is not None else None,
        "best": [_of_segment(flows, result.segments, segment) for segment in _best(result.segments)],
    }


def _best(segments: pd.DataFrame) -> list[str]:
    named = [segment for segment in BEST if segment in segments.index]
    return named or [str(segment) for segment in segments["mean_revenue"].dropna().nlargest(len(BEST)).index]


def _of_segment(flows: Any, segments: Any, segment: str) -> Metrics:
    stayed = flows.loc[(segment, segment)]
    out = flows.loc[segment, "customers"]
    into = flows["customers"].xs(segment, level="segment_now")
    return {
        "segment": segment,
        "then": stayed["customers_then"],
        "stayed": stayed["customers"],
        "share": stayed["share_of_then"],
        "out": _largest(out.drop(segment), stayed["customers_then"] - out.sum()),
        "into": _largest(into.drop([segment, NOT_YET]), segments.loc[segment, "customers"] - into.sum()),
    }


def _largest(flow: pd.Series, hidden: float) -> Metrics | None:
    """Return the largest flow, if it is one and no hidden one can be larger."""
    ordered = flow.dropna().sort_values(ascending=False)
    if ordered.empty or not ordered.iloc[0] > max(hidden, *ordered.iloc[1:2], 0):
        return None
    return {"segment": str(ordered.index[0]), "customers": ordered.iloc[0]}


def _sum(column: pd.Series) -> Any:
    """Add up a column of which nothing is hidden."""
    return None if column.isna().any() else column.sum()
