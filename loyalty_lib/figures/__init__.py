"""Charts: one function an analysis, of the analysis's name.  A Result goes in, matplotlib ``Axes`` come out.

Charts compute nothing but their layout.  They carry no titles: the page's caption says what they show.  Marks carry
gids that tests read back.  ``style`` sets the house style, ``to_svg`` puts a chart on a page.
"""

from __future__ import annotations

from loyalty_lib.figures.action_lists import action_lists, action_lists_risk
from loyalty_lib.figures.alive import alive
from loyalty_lib.figures.backtest import backtest
from loyalty_lib.figures.calibration import calibration
from loyalty_lib.figures.clv import clv
from loyalty_lib.figures.cohort_curve import cohort_curve
from loyalty_lib.figures.cohort_groups import cohort_groups
from loyalty_lib.figures.cohort_revenue import cohort_revenue
from loyalty_lib.figures.cohorts import cohorts
from loyalty_lib.figures.frequencies import frequencies
from loyalty_lib.figures.kpis import kpis
from loyalty_lib.figures.origins import origins
from loyalty_lib.figures.pareto import pareto
from loyalty_lib.figures.pareto_deciles import pareto_deciles
from loyalty_lib.figures.pictures import to_png, to_svg_file
from loyalty_lib.figures.portfolio import portfolio
from loyalty_lib.figures.programme import programme
from loyalty_lib.figures.revenue_bridge import revenue_bridge, revenue_bridge_flow
from loyalty_lib.figures.rfm import rfm
from loyalty_lib.figures.rfm_migration import rfm_migration
from loyalty_lib.figures.spend import spend, spend_by_frequency
from loyalty_lib.figures.style import style
from loyalty_lib.figures.subscriptions import subscriptions
from loyalty_lib.figures.subscriptions_revenue import subscriptions_revenue
from loyalty_lib.figures.survey import survey
from loyalty_lib.figures.survey_return import survey_return
from loyalty_lib.figures.svg import to_svg
from loyalty_lib.figures.time_to_second_purchase import time_to_second_purchase, time_to_second_purchase_groups
from loyalty_lib.figures.tracking import tracking, tracking_total

__all__ = [
    "action_lists",
    "action_lists_risk",
    "alive",
    "backtest",
    "calibration",
    "clv",
    "cohort_curve",
    "cohort_groups",
    "cohort_revenue",
    "cohorts",
    "frequencies",
    "kpis",
    "origins",
    "pareto",
    "pareto_deciles",
    "portfolio",
    "programme",
    "revenue_bridge",
    "revenue_bridge_flow",
    "rfm",
    "rfm_migration",
    "spend",
    "spend_by_frequency",
    "style",
    "subscriptions",
    "subscriptions_revenue",
    "survey",
    "survey_return",
    "time_to_second_purchase",
    "time_to_second_purchase_groups",
    "to_png",
    "to_svg",
    "to_svg_file",
    "tracking",
    "tracking_total",
]
