"""What ``metrics.json`` holds of the segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import keyed

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: RfmResult, inputs: Inputs) -> Metrics:
    """Return the segments.

    The table of customers is not protected: what is counted from it here is.  Where the inactive are hidden, so is the
    population, for the total of all customers would give them away.
    """
    one_time = int((result.customers["orders"] == 1).sum())
    return {
        "segments": keyed(result.segments),
        "customers": None if result.inactive is None else len(result.customers),
        "inactive": result.inactive,
        "scheme": result.scheme,
        "window_months": result.window_months,
        "one_time": one_time if one_time >= inputs.config.privacy.minimum_cell else None,
    }
