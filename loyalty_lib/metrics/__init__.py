"""``metrics.json``: every figure the report prints, raw and unrounded, as plain JSON data.

``collect`` turns the results of a run into one dictionary; cards, sentences, the mail and the portfolio read nothing
else.  Rates are ratios (0.25), money is in ``currency``, days are ISO dates, a missing figure is ``None``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from loyalty_lib.fingerprint import versions
from loyalty_lib.i18n import Message

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.cohorts import CohortResult
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.analyses.pareto import ParetoResult
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.periods import Period

SCHEMA = 1
ISO_DAY = len("2024-12-31")
Metrics = dict[str, Any]


def collect(
    inputs: Inputs,
    *,
    kpis: KpiResult,
    cohorts: CohortResult,
    rfm: RfmResult,
    pareto: ParetoResult,
    clv: LifetimeResult,
) -> Metrics:
    """Gather what the report says.

    Parameters
    ----------
    inputs
        The client's settings, period and data quality.
    kpis, cohorts, rfm, pareto, clv
        The results, one section each; small groups already hidden by ``protect``.

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
            "caveats": noted(
                {
                    "kpis": kpis.caveats,
                    "cohorts": cohorts.caveats,
                    "rfm": rfm.caveats,
                    "pareto": pareto.caveats,
                    "clv": clv.caveats,
                }
            ),
            "kpis": _kpis(kpis),
            "cohorts": _cohorts(cohorts),
            "rfm": _rfm(rfm, inputs.config.privacy.minimum_cell),
            "pareto": _pareto(pareto),
            "clv": of_value(clv),
        }
    )
    return metrics


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
        "brand": config.brand.model_dump(),
        "versions": versions(),
    }


def noted(caveats: Mapping[str, tuple[str, ...]]) -> list[Metrics]:
    """Return the caveats of each page."""
    return [{"page": page, **_message(text)} for page, texts in caveats.items() for text in texts]


def plain(value: Any) -> Any:
    """Turn ``value`` into JSON data.

    NaN becomes ``None``, a day ISO text, a NumPy number Python's, a message its msgid and values.
    """
    if isinstance(value, Message):
        return _message(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, dt.date):
        return value.isoformat()[:ISO_DAY]
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _message(text: str) -> Metrics:
    if isinstance(text, Message):
        return {"msgid": text.msgid, "values": plain(text.values), "text": str(text)}
    return {"msgid": text, "values": {}, "text": text}


def _period(period: Period) -> Metrics:
    return {"label": period.label, "kind": period.kind, "start": period.start, "end": period.end}


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, columns by name; its index is left out."""
    return frame.to_dict("records")  # type: ignore[return-value]


def _keyed(frame: pd.DataFrame) -> dict[Any, Any]:
    return frame.to_dict("index")


def _kpis(result: KpiResult) -> Metrics:
    figures = result.figures.assign(
        change_previous=_change(result.figures, "previous"), change_year_ago=_change(result.figures, "year_ago")
    )
    return {"figures": _keyed(figures), "trend": rows(result.trend.assign(kind=result.period.kind))}


def _change(figures: pd.DataFrame, against: str) -> pd.Series:
    """Relative change of counts and money; difference in percentage points (as a ratio) of ratios."""
    difference = figures["value"] - figures[against]
    base = figures[against].abs()
    return difference.where(figures["unit"] == "ratio", difference / base.where(base > 0))


def _cohorts(result: CohortResult) -> Metrics:
    last = result.cumulative_revenue.ffill(axis=1).iloc[:, -1] if len(result.sizes) else result.sizes
    return {
        "grain": result.grain,
        "sizes": [{"cohort": cohort, "customers": size} for cohort, size in result.sizes.items()],
        "average": _keyed(result.average),
        "revenue_per_customer": [{"cohort": cohort, "to_date": value} for cohort, value in last.items()],
    }


def _rfm(result: RfmResult, minimum: int) -> Metrics:
    # The table of customers is not protected: what is counted from it here is.  Where the inactive are hidden, so is
    # the population, for the total of all customers would give them away.
    one_time = int((result.customers["orders"] == 1).sum())
    return {
        "segments": _keyed(result.segments),
        "customers": None if result.inactive is None else len(result.customers),
        "inactive": result.inactive,
        "scheme": result.scheme,
        "window_months": result.window_months,
        "one_time": one_time if one_time >= minimum else None,
    }


def _pareto(result: ParetoResult) -> Metrics:
    return {
        "top_shares": rows(result.top_shares),
        "gini": result.gini,
        "share_for_80": result.share_for_80,
        "cr1": result.cr1,
        "cr10": result.cr10,
        "hhi": result.hhi,
        "effective_number": result.effective_number,
        "customers": result.customers,
        "negative_customers": result.negative_customers,
        "sales": result.sales,
        "start": result.start,
    }


def of_value(result: LifetimeResult) -> Metrics:
    """Return the figures of the forecast, or why there is none."""
    forecast = result.forecast
    if forecast is None:
        return {"available": False, "reason": result.reason}
    value, fit, check = forecast.value, forecast.fit, forecast.check
    return {
        "available": True,
        "customers": len(value.customers),
        "customer_equity": value.customer_equity,
        "equity_low": forecast.equity_interval.low,
        "equity_high": forecast.equity_interval.high,
        "expected_purchases": value.expected_purchases_total,
        "purchases_low": forecast.purchases_interval.low,
        "purchases_high": forecast.purchases_interval.high,
        "level": value.level,
        "horizon_months": value.horizon_months,
        "yearly_discount_rate": value.yearly_discount_rate,
        "margin": value.margin,
        "timing": value.timing,
        "unit": fit.unit,
        "by_segment": _keyed(result.by_segment),
        "model": fit.model,
        "parameters": dict(fit.params),
        "standard_errors": dict(fit.standard_errors),
        "log_likelihood": fit.log_likelihood,
        "spend_parameters": dict(forecast.spend_fit.params),
        "backtest": {
            "predicted": check.predicted,
            "actual": check.actual,
            "relative_error": check.relative_error,
            "model_error": check.model_error,
            "trust": check.trust,
            "parameters": dict(check.fit.params),
            "origins": rows(result.origins),
            "by_frequency": rows(result.by_frequency),
        },
    }
