"""Everything a report begins with: one client, one period.

Goes in: a client's name and a period as typed.  Comes out: ``Inputs``, the settings, the period, the transactions up to
the period's last day, and their summary on that day.  What the source holds beyond the period's last day changes
nothing here: a report can be made again later from a newer export.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from loyalty_lib import side_files
from loyalty_lib.config import ClientConfig, load_config
from loyalty_lib.periods import Period
from loyalty_lib.sources import client_reading, drop_list
from loyalty_lib.summary import summarise
from loyalty_lib.validate import DataQuality, Transactions, load

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """What every analysis of one client and period starts from.

    Attributes
    ----------
    config
        The client's settings.
    period
        The reporting period; its end is the as-of date.
    transactions
        Up to and including ``period.end``.
    summary
        One row a customer, as ``summarise`` returns it on ``period.end`` in the client's unit.
    """

    config: ClientConfig
    period: Period
    transactions: Transactions
    summary: pd.DataFrame

    @property
    def quality(self) -> DataQuality:
        """What was read and left out."""
        return self.transactions.quality

    @property
    def as_of(self) -> dt.date:
        """The last day observed."""
        return self.period.end

    @cached_property
    def answers(self) -> pd.DataFrame | None:
        """The answers to the survey, up to ``as_of`` (``side_files.answers``); ``None`` where there is none."""
        return side_files.answers(self.config, self.as_of, drop_list(self.config))

    @cached_property
    def complaints(self) -> pd.DataFrame | None:
        """The complaints, up to ``as_of`` (``side_files.complaints``)."""
        return side_files.complaints(self.config, self.as_of, drop_list(self.config))

    @cached_property
    def subscriptions(self) -> pd.DataFrame | None:
        """The contracts begun up to ``as_of`` (``side_files.subscriptions``)."""
        return side_files.subscriptions(self.config, self.as_of, drop_list(self.config))

    @cached_property
    def members(self) -> pd.DataFrame | None:
        """The loyalty programme's members on ``as_of`` (``side_files.members``)."""
        return side_files.members(self.config, self.as_of, drop_list(self.config))


def load_inputs(client: str, period: str | None = None) -> Inputs:
    """Read a client's settings and transactions for one period.

    Parameters
    ----------
    client
        The name of its folder.
    period
        As a user types it; ``None`` for the last complete period of the client's cadence.

    Returns
    -------
    Inputs
        Of the period.

    Raises
    ------
    UsageError
        If there is no such client or period, or the data does not cover the period to its end.
    DataError
        If the settings or the data cannot be read as they stand (all problems at once), or hold no purchase by then.
    MissingToolError
        If the data ships in a package that is not installed.
    """
    config = load_config(client)
    chosen = config.period(period)
    reading = client_reading(config)
    transactions = load(reading, refunds=config.refunds, drop_list=drop_list(config), until=chosen.end)
    summary = summarise(transactions, chosen.end, config.unit)
    return Inputs(config=config, period=chosen, transactions=transactions, summary=summary)
