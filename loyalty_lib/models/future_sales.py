"""What simulated purchases bring, by the Gamma-Gamma model.

Takes its parameters, customers' histories of spend and numbers of future purchases; returns one draw of their sales.
A customer's mean spend is unknown but stays what it is: one draw of it serves all of the customer's purchases, so that
the sales of few large customers are as uncertain as they should be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from collections.abc import Mapping


def simulate_sales(
    params: Mapping[str, float], x: Floats, m: Floats, bought: Codes, generator: np.random.Generator
) -> Floats:
    """Draw the sales of ``bought`` future purchases of each customer.

    Parameters
    ----------
    params
        ``p``, ``q``, ``v``.
    x, m
        Shape (n,): repeat purchases so far and their mean spend; ``m`` is 0 where ``x`` is 0.
    bought
        Shape (n,).
    generator
        Source of randomness.

    Returns
    -------
    ndarray
        Shape (n,), in the data's currency; zero where nothing is bought.

    References
    ----------
    Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value": the posterior of a customer's rate given (x, m) is
    Gamma(p x + q, v + x m), and the sum of n purchases given that rate is Gamma(p n).
    """
    p, q, v = (params[name] for name in ("p", "q", "v"))
    sales = np.zeros(len(x))
    buys = bought > 0  # most customers of most shops do not, and a gamma variable is the costly part
    past, mean = x[buys], np.maximum(m[buys], 0)
    rate = generator.standard_gamma(p * past + q) / (v + past * mean)
    sales[buys] = generator.standard_gamma(p * bought[buys]) / rate
    return sales
