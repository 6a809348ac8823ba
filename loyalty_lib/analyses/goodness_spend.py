"""Goodness of fit of spend: whether customers' mean spend per purchase is distributed as the model says.

Takes repeat buyers with a positive mean spend, returns tidy tables, model beside customers.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import betainc

from loyalty_lib.analyses.goodness import REPEATS, class_of, counts_of, means_of
from loyalty_lib.models.gamma_gamma import GammaGammaFit
from loyalty_lib.models.histories import Floats

MOST_BINS: Final = 20  # the open one not counted
COVERED: Final = 0.98  # of customers, by the closed bins
ROUND: Final = (1, 2, 5)  # widths of a bin, times a power of ten


def spend_table(fit: GammaGammaFit, spends: pd.DataFrame) -> pd.DataFrame:
    """Compare customers by their mean spend per purchase with the model's density of it.

    Parameters
    ----------
    fit
        The model of spend.
    spends
        ``frequency`` and ``monetary_value`` of n repeat buyers with a positive mean spend.

    Returns
    -------
    DataFrame
        Bins of mean spend from ``low`` (included) to ``high`` (not), in the data's currency, round and equally wide,
        the last one open (``high`` infinite) and with at most 2 % of the customers; ``customers``, and ``expected``
        customers.

    References
    ----------
    Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", equation 1a: with z = x m the total spend,
    z / (v + z) follows Beta(p x, q).
    """
    mean = spends["monetary_value"].to_numpy(dtype=float)
    edges = _round_edges(mean)
    frequencies, customers = np.unique(spends["frequency"].to_numpy(dtype=float), return_counts=True)
    p, q, v = (fit.params[name] for name in ("p", "q", "v"))
    total = frequencies[:, None] * edges
    below = customers @ betainc(p * frequencies[:, None], q, total / (v + total))
    return pd.DataFrame(
        {
            "low": edges,
            "high": np.append(edges[1:], np.inf),
            "customers": counts_of(class_of(mean, edges), len(edges)),
            "expected": np.diff(below, append=float(len(mean))),
        }
    )


def spend_by_frequency_table(spends: pd.DataFrame) -> pd.DataFrame:
    """Return mean spend per purchase of customers by how often they bought, which the model holds to be unrelated.

    Parameters
    ----------
    spends
        ``frequency`` and ``monetary_value`` of n repeat buyers.

    Returns
    -------
    DataFrame
        ``frequency`` ("1", "2", "3-4", "5-7", "8+" repeat purchases), ``customers``, ``mean_spend`` (each customer
        counts once) and its 95 % interval ``low`` to ``high``; NaN in an empty class.  ``attrs`` hold
        ``largest_share``, by row one customer's share of the sum behind ``mean_spend``, and ``money``, the columns
        that gives away.
    """
    names = list(REPEATS)[1:]
    spend = spends["monetary_value"].to_numpy(dtype=float)
    group = class_of(spends["frequency"].to_numpy(dtype=np.int64), np.array([REPEATS[name] for name in names]))
    means = means_of(group, spend, len(names))
    table = pd.DataFrame(
        {
            "frequency": names,
            "customers": means["customers"],
            "mean_spend": means["mean"],
            "low": means["low"],
            "high": means["high"],
        }
    )
    largest = pd.Series(spend).groupby(group).max() / (means["mean"] * means["customers"])
    table.attrs["largest_share"] = largest.dropna().to_dict()
    table.attrs["money"] = ["mean_spend", "low", "high"]
    return table


def _round_edges(values: Floats) -> Floats:
    """Return the starts of bins of equal round width that cover most of the positive ``values``, and of the rest."""
    top = float(np.quantile(values, COVERED, method="inverted_cdf"))
    least = math.floor(math.log10(top / MOST_BINS))
    digit, power = next(
        (digit, power) for power in (least, least + 1) for digit in ROUND if digit * 10.0**power * MOST_BINS > top
    )
    steps = digit * np.arange(MOST_BINS + 1.0)
    # Divided, not multiplied by a power below one, which is no decimal: 3 / 10 is 0.3, 3 * 0.1 is not.
    edges = steps * 10.0**power if power >= 0 else steps / 10.0**-power
    return np.asarray(edges[: int(np.searchsorted(edges, top, side="right")) + 1], dtype=np.float64)
