"""Tables of the report, one function an analysis, of the analysis's name: a Result goes in, a ``Table`` comes out.

Nothing is computed here but the change between two figures that stand side by side.
"""

from __future__ import annotations

from loyalty_lib.tables.action_lists import action_lists, budget, cross_sell
from loyalty_lib.tables.clv import backtest, clv
from loyalty_lib.tables.cohorts import cohort_averages, cohort_groups, cohorts
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
from loyalty_lib.tables.kpis import kpis, kpis_main
from loyalty_lib.tables.model_check import models, origins, parameters
from loyalty_lib.tables.pareto import pareto, pareto_deciles, pareto_dependence
from loyalty_lib.tables.portfolio import portfolio, portfolio_figures, portfolio_value
from loyalty_lib.tables.programme import programme, programme_members
from loyalty_lib.tables.quality import quality
from loyalty_lib.tables.retention_cost import retention_cost
from loyalty_lib.tables.revenue_bridge import revenue_bridge
from loyalty_lib.tables.rfm import rfm
from loyalty_lib.tables.rfm_migration import rfm_migration
from loyalty_lib.tables.subscriptions import subscription_plans, subscription_renewals, subscriptions
from loyalty_lib.tables.survey import survey, survey_after, survey_complaints, survey_left_out, survey_loyalty
from loyalty_lib.tables.table import Column, Quantity, Table, frame_csv, write_csv
from loyalty_lib.tables.time_to_second_purchase import time_to_second_purchase, time_to_second_purchase_groups
from loyalty_lib.tables.typed import typed, typed_frame

__all__ = [
    "Column",
    "Quantity",
    "Table",
    "action_lists",
    "backtest",
    "budget",
    "clv",
    "cohort_averages",
    "cohort_groups",
    "cohorts",
    "cross_sell",
    "frame_csv",
    "groups",
    "kpis",
    "kpis_main",
    "models",
    "origins",
    "parameters",
    "pareto",
    "pareto_deciles",
    "pareto_dependence",
    "portfolio",
    "portfolio_figures",
    "portfolio_value",
    "programme",
    "programme_members",
    "quality",
    "quality_files",
    "quality_gaps",
    "quality_giants",
    "quality_left_out",
    "quality_merged",
    "quality_pages",
    "quality_problems",
    "quality_rows",
    "retention_cost",
    "revenue_bridge",
    "rfm",
    "rfm_migration",
    "subscription_plans",
    "subscription_renewals",
    "subscriptions",
    "survey",
    "survey_after",
    "survey_complaints",
    "survey_left_out",
    "survey_loyalty",
    "time_to_second_purchase",
    "time_to_second_purchase_groups",
    "typed",
    "typed_frame",
    "write_csv",
]
