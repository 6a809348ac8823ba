"""Charts: one function an analysis, of the analysis's name.  A Result goes in, matplotlib ``Axes`` come out.

Charts compute nothing but their layout.  They carry no titles: the page's caption says what they show.  Marks carry
gids that tests read back.  ``style`` sets the house style, ``to_svg`` puts a chart on a page.
"""

from __future__ import annotations

from loyalty_lib.figures.alive import alive
from loyalty_lib.figures.backtest import backtest
from loyalty_lib.figures.calibration import calibration
from loyalty_lib.figures.clv import clv
from loyalty_lib.figures.cohort_curve import cohort_curve
from loyalty_lib.figures.cohorts import cohorts
from loyalty_lib.figures.frequencies import frequencies
from loyalty_lib.figures.kpis import kpis
from loyalty_lib.figures.origins import origins
from loyalty_lib.figures.pareto import pareto
from loyalty_lib.figures.portfolio import portfolio
from loyalty_lib.figures.rfm import rfm
from loyalty_lib.figures.spend import spend, spend_by_frequency
from loyalty_lib.figures.style import style
from loyalty_lib.figures.svg import to_svg
from loyalty_lib.figures.tracking import tracking, tracking_total

__all__ = [
    "alive", "backtest", "calibration", "clv", "cohort_curve", "cohorts", "frequencies", "kpis", "origins", "pareto",
    "portfolio", "rfm", "spend", "spend_by_frequency", "style", "to_svg", "tracking", "tracking_total",
]  # fmt: skip
