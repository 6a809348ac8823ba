"""What ``metrics.json`` holds of the forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: LifetimeResult, _inputs: Inputs) -> Metrics:
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
        "by_segment": keyed(result.by_segment),
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
