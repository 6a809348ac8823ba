"""The usual gap between two purchase days.

Takes transactions and the as-of date, returns a ``GapResult`` in days.  A customer's last gap is still open on the
as-of date: to leave it out would keep the short gaps and lose the long ones, so it is counted as censored
(Kaplan-Meier).  Many customers never return and the curve then never comes near 1, so percentiles are among the gaps
that end within the time followed up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from loyalty_lib.analyses.survival import kaplan_meier, time_of_share

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.validate import Transactions

USUAL: Final = 0.8  # share of the gaps that end, beyond which a customer counts as silent
HALF: Final = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class GapResult:
    """Gaps between consecutive purchase days of the same customer, in days.

    Attributes
    ----------
    p80
        Days after which 80 % of the gaps that end have ended; NaN where too few gaps are followed up.
    median
        The same of half the gaps that end.
    gaps, ended
        All gaps, and those that a purchase ended.
    curve
        Kaplan-Meier curve of the gaps, as ``survival.kaplan_meier`` returns it; for the analyst, in no report.
    as_of
        Last day observed.
    """

    p80: float
    median: float
    gaps: int
    ended: int
    curve: pd.DataFrame
    as_of: dt.date


def purchase_gaps(transactions: Transactions, as_of: dt.date) -> GapResult:
    """Estimate how long customers who come back usually stay away.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day observed; open gaps are censored on it.

    Returns
    -------
    GapResult
        With F = 1 - S the Kaplan-Meier distribution of the gaps, the percentile q is the smallest t with
        F(t) >= q F(t_max), where t_max is the longest time at which 5 % of the gaps, and at least 30, are still under
        observation.  It is the percentile among the gaps that end by t_max.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, Journal of the American Statistical
    Association 53, 457-481, equation 2b.
    """
    counts = transactions.engine.frame("gaps", as_of=as_of)
    days, ended, censored = (counts[name].to_numpy() for name in ("days", "ended", "censored"))
    curve = kaplan_meier(days, ended, censored)
    return GapResult(
        p80=time_of_share(curve, USUAL),
        median=time_of_share(curve, HALF),
        gaps=int(ended.sum() + censored.sum()),
        ended=int(ended.sum()),
        curve=curve,
        as_of=as_of,
    )
