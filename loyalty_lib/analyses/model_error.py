"""How far forecasts are off because the model is wrong: what to expect from those of the past, and how far to trust.

Takes logarithms of actual over predicted, returns an error to expect; takes an interval, returns a wider one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import stdtrit

from loyalty_lib.models.estimate import Interval

if TYPE_CHECKING:
    from loyalty_lib.models.histories import Floats

GOOD = 0.10  # largest relative error of a forecast that can be trusted
FAIR = 0.25  # and of one that can be used with care
# What is held of a forecast's error before any is seen, as if so many forecasts had been so far off (docs/coverage.md).
USUAL_ERROR = 0.10
USUAL_COUNT = 2


def error_to_expect(errors: Floats) -> tuple[float, int]:
    """Return the error to expect of the next forecast, from those of the past.

    Parameters
    ----------
    errors
        Shape (k,): log(actual / predicted); k may be 0.

    Returns
    -------
    scale, degrees
        Of the Student's t distribution that the next one follows.

    Notes
    -----
    One to four forecasts tell little of the spread of errors.  Its prior is scaled inverse chi-squared: as if two
    forecasts had been 10 % off, before the k of this shop were seen.  The error of the next forecast then follows
    Student's t with k + 2 degrees of freedom.

    References
    ----------
    Gelman et al. (2013), "Bayesian Data Analysis", 3rd edition, section 2.6, normal data with a known mean.
    """
    degrees = USUAL_COUNT + len(errors)
    return math.sqrt((USUAL_COUNT * USUAL_ERROR**2 + math.fsum(errors**2)) / degrees), degrees


def trust_in(relative_error: float) -> str:
    """Return "good", "fair" or "poor" for forecasts that were ``relative_error`` off."""
    if abs(relative_error) <= GOOD:
        return "good"
    return "fair" if abs(relative_error) <= FAIR else "poor"


def widen(interval: Interval, model_error: float, degrees: float = math.inf, *, level: float) -> Interval:
    """Widen the interval of a total by an error of the model.

    Parameters
    ----------
    interval
        Low and high, holding parameter uncertainty and chance.
    model_error
        Scale of log(actual / predicted).
    degrees
        Degrees of freedom of Student's t that the error follows; the normal distribution's without.
    level
        The interval's.

    Returns
    -------
    Interval
        Round the same middle on the logarithmic scale, the two errors added as independent ones are.  An interval
        that starts at zero or has no upper end is stretched by the model error alone.
    """
    reach = float(stdtrit(degrees, (1 + level) / 2)) * model_error
    low, high = interval
    if low <= 0 or not math.isfinite(high):
        return Interval(low * math.exp(-reach), high * math.exp(reach))
    middle, half = math.log(low * high) / 2, math.log(high / low) / 2
    wider = math.hypot(half, reach)
    return Interval(math.exp(middle - wider), math.exp(middle + wider))
