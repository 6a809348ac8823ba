"""What ``metrics.json`` holds of the bridge of net sales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.metrics.data import keyed

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.revenue_bridge import RevenueBridgeResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

TOTALS: Final = ["start", "end", "observed", "sales_then", "sales_now", "change"]


def section(result: RevenueBridgeResult, _inputs: Inputs) -> Metrics:
    """Return both comparisons: totals, drivers and flow; and which of them the page shows."""
    totals = result.totals[TOTALS].assign(kind=result.period.kind)
    base = totals["sales_then"].abs()
    totals["relative_change"] = totals["change"] / base.where(base > 0)
    shown = [*result.bridge["against"], *result.flows["against"]]
    return {
        "basis": shown[0] if shown else None,
        "comparisons": {
            str(against): {
                **total,
                "drivers": _by(result.drivers, against, ["driver", "then", "now", "part"]),
                "flow": _by(result.flow, against, ["flow", "customers", "amount"]),
            }
            for against, total in keyed(totals).items()
        },
    }


def _by(table: pd.DataFrame, against: object, columns: list[str]) -> Metrics:
    """Return the rows of one comparison by the name of the driver or flow."""
    return keyed(table.loc[table["against"] == against, columns].set_index(columns[0]))
