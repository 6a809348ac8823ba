"""Hide small cells of cohorts by group, the cohorts left out of the other tables left out here too.

All groups together are the average's customers, so those without a group are known too and count as one more cell.
From one k to the next a group loses its youngest cohort: a row is hidden where that would be few customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.cohorts_groups import WITHOUT, group_table
from loyalty_lib.analyses.suppression import MISSING, hide, small

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIGURES: Final = ["customers", "buyers", "retention", "low", "high"]


def protect_groups(cells: pd.DataFrame, kept: pd.Series, minimum: int) -> tuple[pd.DataFrame, set[object]]:
    """Return the table of groups without small cells, and the k at which their sum must not show.

    Parameters
    ----------
    cells
        As ``group_cells`` returns them.
    kept
        By cohort: whether it is in the tables at all.
    minimum
        Smallest count that may show.
    """
    if cells.empty:
        return group_table(cells), set()
    cells = cells[kept.reindex(cells.index.get_level_values("cohort")).to_numpy(dtype=bool)]
    table = group_table(cells)
    sums = cells.groupby(level=["group", "k"]).sum()
    hidden = pd.Series(data=False, index=sums.index)
    for name, own in sums["customers"].groupby(level="group"):
        if name != WITHOUT:  # a missing value tells nothing of anybody
            hidden.loc[own.index] = _steps_of_few(own.to_numpy(), minimum)
    gives_away: set[object] = set()
    for k, column in sums.groupby(level="k"):
        few = small(column["customers"], minimum) | hidden[column.index].to_numpy()
        chosen, safe = hide(column["buyers"], minimum, also=few)
        more, safe_size = hide(column["customers"], minimum, also=few | chosen)
        chosen, still_safe = hide(column["buyers"], minimum, also=more)
        hidden.loc[column.index] = few | chosen | more
        if not (safe and safe_size and still_safe):
            gives_away.add(k)
    rows = pd.MultiIndex.from_frame(table[["group", "k"]])
    table = table.astype(dict.fromkeys(FIGURES, float))
    table.loc[hidden.reindex(rows).to_numpy(dtype=bool), FIGURES] = MISSING
    return table, gives_away


def without_is_small(cells: pd.DataFrame, minimum: int) -> bool:
    """Judge whether those without a group are few."""
    if cells.empty:
        return False
    sizes = cells.xs(0, level="k")["customers"].groupby(level="group").sum()
    return bool(small(sizes.get(WITHOUT, 0), minimum))


def _steps_of_few(customers: NDArray[np.int64], minimum: int) -> NDArray[np.bool_]:
    """Find the k at which a group is fewer than ``minimum`` customers smaller than at the last k shown, but smaller."""
    hidden = np.zeros(len(customers), dtype=bool)
    last = customers[0]
    for at, count in enumerate(customers):
        if 0 < last - count < minimum:
            hidden[at] = True
        else:
            last = count
    return hidden
