"""What every model's scores must have in common with its story told purchase by purchase."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.models.fit import PurchaseFit
from tests.models import cdnow


def agree_with_the_story(fit: PurchaseFit, told: pd.DataFrame) -> None:
    """Compare the scores of the true parameters with customers followed for 40 weeks, then 30 more.

    Parameters
    ----------
    fit
        With the true parameters.
    told
        A summary with ``after`` (purchases in the 30 weeks) and ``alive``; 40,000 customers.

    Notes
    -----
    By class of frequency, shares alive and mean purchases agree within four standard errors, and are not all alike
    where the model can tell; so do the numbers of purchases of new and known customers.
    """
    guesses = {"alive": fit.probability_alive(told), "after": fit.expected_purchases(told, 30)}
    classes = told["frequency"].clip(upper=10)
    for truth, guess in guesses.items():
        difference = (told[truth].astype(float) - guess).groupby(classes)
        error: pd.Series[float] = difference.std() / np.sqrt(difference.size())
        assert (difference.mean().abs() - 1e-12 <= 4 * error).all()
        certain = error.index[error == 0].tolist()
        assert certain == ([] if fit.identifies_one_time_buyers or truth == "after" else [0])
        assert error.max() < 0.2
    total = told["frequency"] + told["after"]
    new = [fit.expected_purchases_new(t) for t in (40, 70)]
    assert new == pytest.approx([told["frequency"].mean(), total.mean()], abs=4 * float(total.std()) / 200)
    for n in range(3):
        chance = fit.probability_of_purchases(n, 30, told)
        assert (told["after"] == n).mean() == pytest.approx(np.mean(chance), abs=4 * 0.5 / 200)
        assert (told["frequency"] == n).mean() == pytest.approx(fit.probability_of_purchases(n, 40), abs=4 * 0.5 / 200)


def distribution_is_whole(fit: PurchaseFit, terms: int, rel: float) -> None:
    """Sum the probabilities of 0, 1, ... purchases in 20 weeks to one, and their mean to the expectation."""
    customers = pd.concat([cdnow.history(4, 20, 30), cdnow.history(0, 0, 12)])
    for people in (None, customers):
        probabilities = np.array([fit.probability_of_purchases(n, 20, people) for n in range(terms)])
        mean = fit.expected_purchases_new(20) if people is None else fit.expected_purchases(customers, 20)
        assert probabilities.sum(axis=0) == pytest.approx(np.ones_like(probabilities[0]), abs=1e-12)
        assert np.arange(terms) @ probabilities == pytest.approx(np.asarray(mean), rel=rel)
