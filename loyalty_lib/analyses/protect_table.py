"""Hide small groups in any table with a column ``customers`` whose total is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, went_missing


def protect_table(result: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    """Protect a table of groups.

    Its ``attrs`` may name rows to hide in any case (``hidden``), columns of ``money``, and by row the ``largest_share``
    of that money held by one customer, and by column how many customers are ``behind`` each figure.
    """
    counts = result["customers"].to_numpy(dtype=float)
    hidden, _safe = hide(counts, minimum, also=result.index.isin(result.attrs.get("hidden", [])))
    largest = pd.Series(result.attrs.get("largest_share", {}), dtype=float).reindex(result.index).to_numpy()
    money = hide_money(hidden, largest > dominance, counts)
    numbers = result.select_dtypes("number").columns
    table = result.astype(dict.fromkeys(numbers, float))
    table.loc[hidden, numbers] = MISSING
    table.loc[money, result.attrs.get("money", [])] = MISSING
    for column, behind in result.attrs.get("behind", {}).items():
        table.loc[np.less(behind, minimum), column] = MISSING
    table.attrs["suppressed"] = result.attrs.get("suppressed", 0) + went_missing(table, result)
    return table
