"""Tables of the report, one function an analysis, of the analysis's name: a Result goes in, a ``Table`` comes out.

Nothing is computed here but the change between two figures that stand side by side.
"""

from __future__ import annotations

from loyalty_lib.tables.clv import backtest, clv
from loyalty_lib.tables.cohorts import cohorts
from loyalty_lib.tables.data_quality import (
    quality_files,
    quality_gaps,
    quality_giants,
    quality_left_out,
    quality_merged,
    quality_pages,
    quality_problems,
    quality_rows,
)
from loyalty_lib.tables.groups import groups
from loyalty_lib.tables.kpis import kpis
from loyalty_lib.tables.model_check import models, origins, parameters
from loyalty_lib.tables.pareto import pareto
from loyalty_lib.tables.portfolio import portfolio, portfolio_value
from loyalty_lib.tables.quality import quality
from loyalty_lib.tables.rfm import rfm
from loyalty_lib.tables.table import Column, Quantity, Table, frame_csv, write_csv

__all__ = [
    "Column", "Quantity", "Table",
    "backtest", "clv", "cohorts", "frame_csv", "groups", "kpis", "models", "origins", "parameters", "pareto",
    "portfolio", "portfolio_value", "quality",
    "quality_files", "quality_gaps", "quality_giants", "quality_left_out", "quality_merged", "quality_pages",
    "quality_problems", "quality_rows", "rfm", "write_csv",
]  # fmt: skip
