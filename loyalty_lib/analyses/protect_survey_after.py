"""Hide what few customers did after answering or complaining, and small cells of loyalty by contentment."""

from __future__ import annotations

from typing import Final

import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, small

SHARES: Final = ["returned", "share", "low", "high"]


def protect_returns(table: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    """Hide who came back where few did, or few did not; and money that few or one spent."""
    shown = table.astype(float)
    few = small(table["returned"], minimum) | small(table["customers"] - table["returned"], minimum)
    spent_by_few = (table["returned"] < minimum) | (table["largest_share"] > dominance)
    shown.loc[few, SHARES] = MISSING
    shown.loc[few | spent_by_few, "mean_sales"] = MISSING
    shown.loc[small(table["customers"], minimum)] = MISSING
    return shown


def protect_loyalty(
    cells: pd.DataFrame, by_band: pd.DataFrame, outside: tuple[float, float], minimum: int, dominance: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hide cells by pairs: how many gave an answer is known, so a cell of the loyal hides with that of the others.

    The middle and the low band make one cell of the table up: they are hidden together.  ``outside`` counts the content
    answers and the others that have no known customer: all answers less these make a pair, so where they are few the
    pair is hidden with the shares, which would give its sum away.
    """
    if cells.empty:
        return cells, by_band
    shown, bands = cells.astype(float), by_band.astype(float)
    pairs = ((["loyal_content", "content_only"], ["high"]), (["loyal_only", "neither"], ["middle", "low"]))
    for (pair, own), nameless in zip(pairs, outside, strict=True):
        rows = bands.index.get_level_values("band").isin(own)
        few = bool(small(bands.loc[rows, "customers"], minimum).any())
        hidden, _safe = hide(shown.loc[pair, "customers"], minimum)
        heavy = bands.loc[rows, "largest_share"] > dominance
        if small(nameless, minimum):
            hidden[:] = True
            shown["share"] = MISSING
        if few or hidden.any():
            bands.loc[rows, ["customers", "sales"]] = MISSING
        bands.loc[heavy.groupby(level="loyal").transform("any").reindex(bands.index, fill_value=False), "sales"] = (
            MISSING
        )
        if hidden.any():
            shown.loc[pair, ["customers", "share", "sales"]] = MISSING
    shown.loc[shown["largest_share"] > dominance, "sales"] = MISSING
    return shown, bands


def protect_complaints(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide few complaints.  Two half years make a year, so the period and the one before are hidden together."""
    shown = table.astype({name: float for name in table.columns if name not in ("start", "end")})
    few = pd.Series(small(table["complaints"], minimum) | small(table["orders"], minimum), index=table.index)
    both = few.index.isin(["period", "previous"])
    few |= both & bool(few[both].any())
    known = table["complaints"] - table["unknown"]
    nameless = few | small(table["unknown"], minimum) | small(known, minimum)
    # All known complaints less the customers are those made again: few of them hide how many customers there were.
    again = table["customers"] - table["repeated"]
    people = few | small(table["customers"], minimum) | small(table["repeated"], minimum) | small(again, minimum)
    shown.loc[few, ["complaints", "rate"]] = MISSING
    shown.loc[nameless, "unknown"] = MISSING
    shown.loc[people, ["customers", "repeated"]] = MISSING
    return shown


def protect_after(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide who bought again after a complaint where few did, or few did not."""
    shown = table.astype(float)
    few = small(table["customers"], minimum) | small(table["returned"], minimum)
    few |= small(table["customers"] - table["returned"], minimum)
    shown.loc[few] = MISSING
    return shown
