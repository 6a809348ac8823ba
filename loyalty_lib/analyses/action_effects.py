"""What writing to a list is worth, and how small an effect its control group can show.

Numbers of one list go in and come out.  An uplift is the client's own assumption: how many more of the customers
written to buy than of those left alone, as a share.  There is none by default.
"""

from __future__ import annotations

import math
from typing import Final

from scipy.optimize import brentq
from scipy.stats import norm

POWER: Final = 0.8
LEVEL: Final = 0.05  # two-sided
TINY: Final = 1e-12  # an effect that no group can show; where nobody else buys, no effect at all needs no group


def break_even(cost: float, gain: float) -> float:
    """Return the uplift from which on writing pays.

    Parameters
    ----------
    cost
        Of writing to one customer.
    gain
        Of one order more: order value x margin - reward.

    Returns
    -------
    float
        cost / gain; NaN where no uplift up to 1 pays.
    """
    if not gain > 0 or cost > gain:
        return float("nan")
    return cost / gain


def smallest_effect(treated: int, control: int, baseline: float) -> float:
    """Return the smallest uplift that a comparison with the control group would show.

    Parameters
    ----------
    treated, control
        Customers written to, and left alone.
    baseline
        Share of those left alone who buy, 0 to 1.

    Returns
    -------
    float
        Difference of shares found significant at 5 % (two-sided) with a power of 80 %; NaN without a control group or
        baseline, and where the groups are too small for any effect.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., section 4.5: unequal samples,
    without the correction for continuity.
    """
    if min(treated, control) < 1 or not 0 <= baseline < 1:
        return float("nan")

    def surplus(effect: float) -> float:
        raised = baseline + effect
        pooled = (treated * raised + control * baseline) / (treated + control)
        if_none = math.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
        if_any = math.sqrt(raised * (1 - raised) / treated + baseline * (1 - baseline) / control)
        return float(effect - norm.ppf(1 - LEVEL / 2) * if_none - norm.ppf(POWER) * if_any)

    most = 1 - baseline
    return float(brentq(surplus, TINY, most)) if surplus(most) > 0 else float("nan")
