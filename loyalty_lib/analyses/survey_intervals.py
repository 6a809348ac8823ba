"""How exact the figures of a survey are: margins of the net promoter score, intervals of shares and differences.

Counts or effective counts go in, as Series; intervals come out, at 95 %.  Nothing is known of no answers: NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.analyses.cohorts_tables import wilson

if TYPE_CHECKING:
    import pandas as pd

Z: Final = 1.96  # of 95 %, as in the definition of the margin of error
POINTS: Final = 100.0  # a net promoter score runs from -100 to 100


def effective(weight: pd.Series, squares: pd.Series) -> pd.Series:
    """Return how many answers of equal weight are as exact: (sum w)^2 / sum w^2; n where all weigh the same.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7; (1992), Journal of Official Statistics 8, p. 183.
    """
    return weight**2 / squares.where(squares > 0)


def nps_margin(promoters: pd.Series, detractors: pd.Series, answers: pd.Series) -> pd.Series:
    """Return the margin of error of the net promoter score in points: 196 sqrt[(p + d - (p - d)^2) / n].

    Parameters
    ----------
    promoters, detractors
        Shares p and d.
    answers
        n, effective where answers are weighted.

    References
    ----------
    The variance of the mean of answers scored 1, 0 and -1; Rocks (2016), The American Statistician 70, p. 365.
    """
    variance = (promoters + detractors - (promoters - detractors) ** 2).clip(lower=0)
    return POINTS * Z * (variance / answers.where(answers > 0)) ** 0.5


def share_interval(share: pd.Series, answers: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return Wilson's interval of a share of ``answers``, effective where they are weighted; NaN without any."""
    asked = answers > 0
    low, high = wilson(share * answers, answers.where(asked))
    return low.where(asked), high.where(asked)


def difference_interval(table: pd.DataFrame, one: str, other: str) -> tuple[float, float, float]:
    """Return the difference of two independent shares and its interval.

    Parameters
    ----------
    table
        ``share``, ``low`` and ``high`` (of its score interval) by group.
    one, other
        Groups.

    Returns
    -------
    tuple
        Share of ``one`` less that of ``other``, lower and upper bound.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, p. 873, method 10.
    """
    (p, p_low, p_high), (q, q_low, q_high) = (
        table.loc[group, ["share", "low", "high"]].to_numpy(dtype=float) for group in (one, other)
    )
    difference = p - q
    down, up = np.hypot(p - p_low, q_high - q), np.hypot(p_high - p, q - q_low)
    return float(difference), float(difference - down), float(difference + up)
