"""``metrics.json``: every figure the report prints, raw and unrounded, as plain JSON data.

``collect`` turns the results of a run into one dictionary; cards, sentences, the mail and the portfolio read nothing
else.  Rates are ratios (0.25), money is in ``currency``, days are ISO dates, a missing figure is ``None``.  One module
a section, of the section's name, with one function ``section(result, inputs)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from loyalty_lib.fingerprint import versions
from loyalty_lib.metrics.data import Metrics, message, plain, rows

if TYPE_CHECKING:
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.periods import Period

__all__ = ["SCHEMA", "Metrics", "client_and_period", "collect", "noted", "plain", "rows", "section"]

SCHEMA = 3


class Result(Protocol):
    """What every analysis returns: frames and figures of its own, and sentences to bear in mind."""

    @property
    def caveats(self) -> tuple[str, ...]:
        """Sentences the report prints."""


def collect(inputs: Inputs, **results: Result) -> Metrics:
    """Gather what the report says.

    Parameters
    ----------
    inputs
        The client's settings, period and data quality.
    **results
        The results, one section each by its name; small groups already hidden by ``protect``.

    Returns
    -------
    dict
        JSON data: only dictionaries with text keys, lists, text, numbers, booleans and ``None``.
    """
    metrics: Metrics = plain(
        {
            **client_and_period(inputs),
            "previous": _period(inputs.period.previous),
            "year_ago": _period(inputs.period.year_ago),
            "quality": asdict(inputs.quality),
            "caveats": noted({name: result.caveats for name, result in results.items()}),
            **{name: section(name, result, inputs) for name, result in results.items()},
        }
    )
    return metrics


def section(name: str, result: Result, inputs: Inputs) -> Metrics:
    """Return what ``metrics.json`` holds of one result, not yet plain."""
    content: Metrics = import_module(f"{__name__}.{name}").section(result, inputs)
    return content


def client_and_period(inputs: Inputs) -> Metrics:
    """Return what every page needs to know of client, period and settings, not yet plain."""
    config = inputs.config
    return {
        "schema": SCHEMA,
        "client": {"slug": config.client, "name": config.name, "about": config.about},
        "period": _period(inputs.period),
        "as_of": inputs.as_of,
        "language": config.language,
        "currency": config.currency,
        "simulated": config.simulated,
        "vat_included": config.vat_included,
        "refunds": config.refunds,
        "time_zone": config.time_zone,
        "privacy": config.privacy.model_dump(),
        "brand": config.brand.words,
        "versions": versions(),
    }


def noted(caveats: Mapping[str, tuple[str, ...]]) -> list[Metrics]:
    """Return the caveats of each page."""
    return [{"page": page, **message(text)} for page, texts in caveats.items() for text in texts]


def _period(period: Period) -> Metrics:
    return {"label": period.label, "kind": period.kind, "start": period.start, "end": period.end}
