"""How soon groups of customers buy again, side by side: by when they came, and by what they bought first.

Counts by cohort, group and days go in (``second_purchase.sql``), a table of groups and the tests of their being alike
come out.  Both tests are judged together, so that looking twice does not find a difference twice as often.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.survival import follow_up, kaplan_meier, log_rank, survival_at, time_of_share
from loyalty_lib.analyses.time_to_second_purchase_words import COHORT, OTHER

SMALLEST: Final = 30  # customers of a group of its own
LARGEST: Final = 7  # groups of their own; with the others there are eight
FOUR_OF_FIVE: Final = 0.8
CLEAR: Final = 0.01  # p-value, for both comparisons together, below which groups are said to differ
FOLLOWED: Final = 0.05  # of customers who must have been observed for so long
ALIKE: Final = 0.9  # of the days for which all customers together are followed
GRAINS: Final = {"month": 1, "quarter": 3, "year": 12}  # months
COLUMNS: Final = ("by", "group", "start", "end", "customers", "returned", "share", "low", "high", "day80")
TESTS: Final = ("statistic", "degrees", "p_value", "adjusted", "differ")


def grain_of(earliest: dt.date, latest: dt.date) -> str:
    """Return the shortest period of which no more than eight hold all first purchases; years where none does."""
    for grain, months in GRAINS.items():
        first, last = ((12 * day.year + day.month - 1) // months for day in (earliest, latest))
        if last - first <= LARGEST:
            return grain
    return "year"


def compare(
    counts: pd.DataFrame, grain: str, by: str | None, day: int | None, followed: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Describe groups and test whether they are alike.

    Parameters
    ----------
    counts
        ``cohort``, ``value`` (missing: none), ``days``, ``events``, ``censored``.
    grain
        Of the cohorts.
    by
        What ``value`` is; ``None`` for nothing.
    day
        At which the groups' shares are read; ``None`` where no day has been observed yet.
    followed
        Days for which all customers together are followed.

    Returns
    -------
    groups : DataFrame
        As in ``SecondPurchaseResult``; nothing of a grouping that makes a single group.
    tests : DataFrame
        Index ``by``: ``statistic``, ``degrees``, ``p_value``, ``adjusted`` (Holm, 1979) and ``differ``.
    """
    named = {COHORT: counts.assign(group=_cohorts(counts))}
    if by is not None:
        named[by] = counts.assign(group=counts["value"].astype(object).fillna(OTHER))
    compared = {key: frame for key, frame in named.items() if len(frame["group"].unique()) > 1}
    if day is None or not compared:
        return pd.DataFrame(columns=list(COLUMNS)), _tests({})
    groups = pd.concat(
        [_groups(key, frame, grain, day, followed) for key, frame in compared.items()], ignore_index=True
    )
    return groups, _tests(compared)


def ordered(groups: pd.DataFrame) -> pd.DataFrame:
    """Sort cohorts by time and other groups by their share, hidden ones by name below them; "other" stands last."""
    is_cohort = groups["by"] == COHORT
    keys = pd.DataFrame(
        {
            "by": ~is_cohort,
            "last": groups["group"] == OTHER,
            "hidden": groups["share"].isna() & ~is_cohort,
            "share": -groups["share"].astype(float).where(~is_cohort).fillna(0.0),
            "group": groups["group"],
        }
    )
    return groups.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)


def shares_at(curve: pd.DataFrame, days: list[int]) -> pd.DataFrame:
    """Read the share that has bought again, with its interval, off a curve of survival.

    Parameters
    ----------
    curve
        Of ``kaplan_meier``.
    days
        Since the purchase before.

    Returns
    -------
    DataFrame
        Index ``day``: ``returned`` (customers, as far as observed), ``share``, ``low``, ``high``; NaN where fewer than
        one customer in twenty has been observed for so long, judged by those who have not bought again.
    """
    read = survival_at(curve, days)
    events = np.append(0, curve["events"].cumsum().to_numpy())
    times = curve.index.to_numpy(dtype=float)
    waiting = curve["at_risk"].max() - events[np.searchsorted(times, days, side="left")]
    seen = (read["at_risk"] >= FOLLOWED * waiting) | (waiting == 0)
    share = (1 - read[["survival", "high", "low"]]).where(seen).to_numpy()
    return pd.DataFrame(
        {
            "returned": events[np.searchsorted(times, days, side="right")],
            "share": share[:, 0],
            "low": share[:, 1],
            "high": share[:, 2],
        },
        index=pd.Index(days, name="day"),
    )


def _cohorts(counts: pd.DataFrame) -> pd.Series[str]:
    """Return each row's cohort as ISO text; small ones, and those before the latest eight, are "other"."""
    cohort: pd.Series[str] = counts["cohort"].dt.strftime("%Y-%m-%d")
    sizes = (counts["events"] + counts["censored"]).groupby(cohort).sum()
    own = sizes.index[sizes >= SMALLEST].sort_values()
    kept = own if len(sizes) <= LARGEST + 1 else own[-LARGEST:]
    return cohort.where(cohort.isin(kept), OTHER)


def _groups(by: str, frame: pd.DataFrame, grain: str, day: int, followed: float) -> pd.DataFrame:
    rows = []
    for group, counts in frame.groupby("group"):
        curve = kaplan_meier(counts["days"], counts["events"], counts["censored"])
        # A day among those who return within the follow-up: only groups followed alike can be compared by it.
        alike = follow_up(curve) >= ALIKE * followed
        start, end = _period(str(group), grain) if by == COHORT else (pd.NaT, pd.NaT)
        rows.append(
            {
                "by": by,
                "group": str(group),
                "start": start,
                "end": end,
                "customers": int(curve["at_risk"].max()),
                **shares_at(curve, [day]).iloc[0].to_dict(),
                "day80": time_of_share(curve, FOUR_OF_FIVE) if alike else float("nan"),
            }
        )
    return ordered(pd.DataFrame(rows, columns=list(COLUMNS)))


def _period(group: str, grain: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day of a cohort."""
    if group == OTHER:
        return pd.NaT, pd.NaT  # type: ignore[return-value]
    start = pd.Timestamp(group)
    return start, start + pd.DateOffset(months=GRAINS[grain]) - pd.Timedelta(days=1)


def _tests(compared: dict[str, pd.DataFrame]) -> pd.DataFrame:
    found = {key: log_rank(frame.rename(columns={"days": "time"})) for key, frame in compared.items()}
    tests = pd.DataFrame(
        {
            "statistic": [test.statistic for test in found.values()],
            "degrees": [test.degrees for test in found.values()],
            "p_value": [test.p_value for test in found.values()],
        },
        index=pd.Index(list(found), name="by", dtype="object"),
    )
    tests["adjusted"] = _holm(tests["p_value"])
    tests["differ"] = tests["adjusted"] < CLEAR
    return tests[list(TESTS)]


def _holm(p_values: pd.Series[float]) -> pd.Series[float]:
    """Adjust p-values for there being several: Holm (1979), Scandinavian Journal of Statistics 6, 65-70."""
    ascending = p_values.dropna().sort_values()
    factors = np.arange(len(ascending), 0, -1)
    return (ascending * factors).cummax().clip(upper=1.0).reindex(p_values.index)
