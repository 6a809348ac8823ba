"""How long until something happens, for customers of whom some are still waiting: Kaplan-Meier and log-rank.

Counts by duration go in, never a row a customer: how many had the event at each duration, and how many were last seen
at it without one (censored; they are at risk at it).  A curve is a DataFrame by ``time``; survival is the share without
the event after that time.  Nothing is said of times that nobody was observed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LEVEL: Final = 0.95
FEWEST: Final = 30  # customers at risk without whom the end of a curve says little
SMALLEST_SHARE: Final = 0.05  # likewise, of all
ROUNDING: Final = 1e-12  # a product of survival may miss a round share by this much


@dataclass(frozen=True, kw_only=True)
class LogRank:
    """A test of survival being the same in all groups.

    Attributes
    ----------
    statistic
        Chi-squared.
    degrees
        Of freedom: the groups that can be compared, less one.
    p_value
        NaN where there are not two groups to compare.
    """

    statistic: float
    degrees: int
    p_value: float


def kaplan_meier(durations: ArrayLike, events: ArrayLike, censored: ArrayLike, level: float = LEVEL) -> pd.DataFrame:
    """Estimate survival from counts by duration.

    Parameters
    ----------
    durations
        Times in any order, shape (n,); a time given twice counts twice.
    events, censored
        Customers with the event, and last seen without it, at each of them, shape (n,).
    level
        Of the interval.

    Returns
    -------
    DataFrame
        Index ``time`` ascending, those with an event or a censoring.  ``at_risk`` (just before it), ``events``,
        ``survival`` (from it on), ``low``, ``high``: the log-log interval, NaN where survival is 1 or 0, for which it
        is not defined.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481.
    Kalbfleisch & Prentice (1980), The Statistical Analysis of Failure Time Data, section 1.3, on the interval.
    """
    times, place = np.unique(np.asarray(durations, dtype=float), return_inverse=True)
    happened = _summed(place, events, len(times))
    leaving = happened + _summed(place, censored, len(times))
    seen = leaving > 0
    times, happened, leaving = times[seen], happened[seen], leaving[seen]
    at_risk = leaving[::-1].cumsum()[::-1]
    left = at_risk - happened
    survival = np.cumprod(left / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Greenwood's variance on the scale log(-log S), on which the interval cannot leave 0 to 1.
        error = np.sqrt(np.cumsum(happened / (at_risk * left))) / np.abs(np.log(survival))
        reach = special.ndtri((1 + level) / 2) * error
        low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
    undefined = (survival >= 1) | (survival <= 0)
    low[undefined] = high[undefined] = np.nan
    return pd.DataFrame(
        {
            "at_risk": at_risk.astype(np.int64),
            "events": happened.astype(np.int64),
            "survival": survival,
            "low": low,
            "high": high,
        },
        index=pd.Index(times, name="time"),
    )


def survival_at(curve: pd.DataFrame, times: ArrayLike) -> pd.DataFrame:
    """Read survival off a curve at any times.

    Parameters
    ----------
    curve
        Of ``kaplan_meier``.
    times
        Shape (n,).

    Returns
    -------
    DataFrame
        Index ``time`` as given.  ``at_risk`` (observed for at least that long without the event before), ``survival``,
        ``low``, ``high``: all three NaN beyond the last time observed, except that survival stays at 0 once there.
    """
    wanted = np.asarray(times, dtype=float)
    steps = curve.index.to_numpy(dtype=float)
    at_risk = np.append(curve["at_risk"].to_numpy(), 0)[np.searchsorted(steps, wanted, side="left")]
    place = np.searchsorted(steps, wanted, side="right")  # 0: before the first step, where survival is 1
    last = steps.max(initial=-np.inf)
    known = wanted <= last
    read = {
        name: np.where(known, np.append(start, curve[name].to_numpy(dtype=float))[place], np.nan)
        for name, start in (("survival", 1.0), ("low", np.nan), ("high", np.nan))
    }
    if len(curve) and curve["survival"].iloc[-1] == 0:
        read["survival"][~known] = 0.0
    return pd.DataFrame({"at_risk": at_risk, **read}, index=pd.Index(wanted, name="time"))


def quantile(curve: pd.DataFrame, share: float) -> float:
    """Return the time by which ``share`` (0 to 1) of all have had the event; NaN where the curve does not get there.

    Parameters
    ----------
    curve
        Of ``kaplan_meier``.
    share
        Of all, those never observed to have the event included.

    Returns
    -------
    float
        The smallest time with 1 - survival of at least ``share``.
    """
    return _first(curve, share)


def median(curve: pd.DataFrame) -> float:
    """Return the time by which half of all have had the event; NaN where the curve does not get there."""
    return quantile(curve, 0.5)


def follow_up(curve: pd.DataFrame, *, at_least: float | None = None) -> float:
    """Return the last time at which enough customers are at risk for the curve to be relied on.

    Parameters
    ----------
    curve
        Of ``kaplan_meier``.
    at_least
        How many; by default 30, or 5 % of all where that is more.

    Returns
    -------
    float
        NaN where there never are enough.
    """
    at_risk = curve["at_risk"].to_numpy()
    needed = max(FEWEST, SMALLEST_SHARE * at_risk.max(initial=0)) if at_least is None else at_least
    enough = curve.index[at_risk >= needed]
    return float(enough[-1]) if len(enough) else float("nan")


def time_of_share(curve: pd.DataFrame, share: float, *, at_least: float | None = None) -> float:
    """Return the time by which ``share`` of those with the event in the follow-up have had it.

    Parameters
    ----------
    curve
        Of ``kaplan_meier``.
    share
        Of those who have the event by the end of the follow-up; 0.8 for four of five.
    at_least
        As in ``follow_up``, which ends there.

    Returns
    -------
    float
        The smallest time with F(time) >= share x F(end of the follow-up), F = 1 - survival; NaN where nobody has the
        event by then, or the follow-up has no end.
    """
    end = follow_up(curve, at_least=at_least)
    if not np.isfinite(end):
        return float("nan")
    reached = 1 - float(survival_at(curve, [end])["survival"].iloc[0])
    return _first(curve, share * reached) if reached > 0 else float("nan")


def log_rank(groups: pd.DataFrame) -> LogRank:
    """Test whether survival is the same in all groups.

    Parameters
    ----------
    groups
        ``group``, ``time``, ``events``, ``censored``: counts by group and time, in any order.

    Returns
    -------
    LogRank
        The k-sample Mantel-Haenszel test: observed less expected events of each group, by their hypergeometric
        covariance.

    References
    ----------
    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170.
    Kalbfleisch & Prentice (1980), The Statistical Analysis of Failure Time Data, section 1.4.
    """
    times, row = np.unique(groups["time"].to_numpy(dtype=float), return_inverse=True)
    column, names = pd.factorize(groups["group"])
    events, censored = (np.zeros((len(times), len(names))) for _ in range(2))
    np.add.at(events, (row, column), groups["events"].to_numpy(dtype=float))
    np.add.at(censored, (row, column), groups["censored"].to_numpy(dtype=float))
    at_risk = (events + censored)[::-1].cumsum(axis=0)[::-1]
    risk, happened = at_risk.sum(axis=1), events.sum(axis=1)
    compared = (happened > 0) & (risk > 1)
    events, at_risk, risk, happened = events[compared], at_risk[compared], risk[compared], happened[compared]
    part = at_risk / risk[:, None]
    difference = (events - happened[:, None] * part).sum(axis=0)
    weight = happened * (risk - happened) / (risk - 1)
    covariance = np.diag(weight @ part) - (part * weight[:, None]).T @ part
    # A group that is at risk at no event adds nothing; one of the others follows from the rest.
    degrees = int(np.linalg.matrix_rank(covariance, hermitian=True)) if covariance.size else 0
    if degrees == 0:
        return LogRank(statistic=float("nan"), degrees=0, p_value=float("nan"))
    statistic = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
    return LogRank(statistic=statistic, degrees=degrees, p_value=float(special.chdtrc(degrees, statistic)))


def _summed(place: NDArray[np.intp], counts: ArrayLike, size: int) -> Floats:
    return np.bincount(place, weights=np.asarray(counts, dtype=float), minlength=size).astype(np.float64)


def _first(curve: pd.DataFrame, share: float) -> float:
    """Return the first time by which ``share`` of all have had the event."""
    there = curve.index[1 - curve["survival"].to_numpy() >= share - ROUNDING]
    return float(there[0]) if len(there) else float("nan")
