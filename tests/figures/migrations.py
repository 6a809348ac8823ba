"""Flows between segments to draw and to tabulate."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pandas as pd

from loyalty_lib.analyses.rfm import RfmResult
from loyalty_lib.analyses.rfm_migration import columns_of, rows_of
from tests.figures.results import SEGMENTS, rfm_result


def migration_result(
    flows: dict[tuple[str, str], float], names: dict[str, str] | None = None, order: Sequence[str] = tuple(SEGMENTS)
) -> RfmResult:
    """Return flows between the segments of ``order``, none but those given; NaN is hidden."""
    names = names or {}
    froms, tos = (rows_of(order), columns_of(order)) if order else ([], [])
    rows = [(then, now, flows.get((then, now), 0.0)) for then in froms for now in tos]
    table = pd.DataFrame(rows, columns=["segment_then", "segment_now", "customers"])
    table["customers_then"] = table.groupby("segment_then")["customers"].transform("sum")
    table["share_of_then"] = table["customers"] / table["customers_then"].where(table["customers_then"] > 0)
    table["revenue"] = 10.0 * table["customers"]
    for column in ("segment_then", "segment_now"):
        table[column] = table[column].replace(names)
    now = table.groupby("segment_now")["customers"].sum().reindex([names.get(key, key) for key in order])
    segments = pd.DataFrame({"customers": now.astype(float)}, index=now.index)
    previous = dt.date(1998, 3, 31) if order else None
    return dataclasses.replace(rfm_result(), segments=segments, migration=table, previous=previous)
