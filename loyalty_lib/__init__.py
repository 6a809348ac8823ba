"""Customer-loyalty analyses of a shop's orders: the names a notebook needs, and no others.

Names are imported when first used, so that a command that needs no data frame loads none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loyalty_lib import figures, present, tables
    from loyalty_lib.analyses.action_lists import action_lists
    from loyalty_lib.analyses.appendix import appendix_groups, appendix_models
    from loyalty_lib.analyses.backtest import backtest
    from loyalty_lib.analyses.clv import customer_lifetime_value
    from loyalty_lib.analyses.cohorts import cohorts
    from loyalty_lib.analyses.gaps import purchase_gaps
    from loyalty_lib.analyses.groups import group_differences
    from loyalty_lib.analyses.kpis import kpis
    from loyalty_lib.analyses.lifetime import lifetime
    from loyalty_lib.analyses.model_check import model_check
    from loyalty_lib.analyses.model_choice import compare_models
    from loyalty_lib.analyses.pareto import pareto
    from loyalty_lib.analyses.portfolio import portfolio
    from loyalty_lib.analyses.programme import programme
    from loyalty_lib.analyses.protect import protect
    from loyalty_lib.analyses.retention_cost import retention_cost
    from loyalty_lib.analyses.revenue_bridge import revenue_bridge
    from loyalty_lib.analyses.rfm import rfm
    from loyalty_lib.analyses.subscriptions import subscriptions
    from loyalty_lib.analyses.survey import survey
    from loyalty_lib.analyses.time_to_second_purchase import time_to_second_purchase
    from loyalty_lib.analyses.value import value_by_segment
    from loyalty_lib.inputs import load_inputs
    from loyalty_lib.metrics import collect
    from loyalty_lib.metrics.appendix import collect_appendix
    from loyalty_lib.metrics.portfolio import collect_portfolio
    from loyalty_lib.metrics.reports import load_reports
    from loyalty_lib.models.bgnbd import fit_bgnbd
    from loyalty_lib.models.covariates import fit_with_covariates
    from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
    from loyalty_lib.models.mbgnbd import fit_mbgnbd
    from loyalty_lib.models.pnbd import fit_pnbd
    from loyalty_lib.models.shifted_beta_geometric import fit_shifted_beta_geometric
    from loyalty_lib.simulate import simulate_transactions
    from loyalty_lib.summary import summarise
    from loyalty_lib.validate import read_transactions

_MODULES = {
    "action_lists": "analyses.action_lists",
    "appendix_groups": "analyses.appendix",
    "appendix_models": "analyses.appendix",
    "backtest": "analyses.backtest",
    "cohorts": "analyses.cohorts",
    "collect": "metrics",
    "collect_appendix": "metrics.appendix",
    "collect_portfolio": "metrics.portfolio",
    "compare_models": "analyses.model_choice",
    "customer_lifetime_value": "analyses.clv",
    "fit_bgnbd": "models.bgnbd",
    "fit_gamma_gamma": "models.gamma_gamma",
    "fit_mbgnbd": "models.mbgnbd",
    "fit_pnbd": "models.pnbd",
    "fit_shifted_beta_geometric": "models.shifted_beta_geometric",
    "fit_with_covariates": "models.covariates",
    "group_differences": "analyses.groups",
    "kpis": "analyses.kpis",
    "lifetime": "analyses.lifetime",
    "load_inputs": "inputs",
    "load_reports": "metrics.reports",
    "model_check": "analyses.model_check",
    "pareto": "analyses.pareto",
    "portfolio": "analyses.portfolio",
    "programme": "analyses.programme",
    "protect": "analyses.protect",
    "purchase_gaps": "analyses.gaps",
    "read_transactions": "validate",
    "retention_cost": "analyses.retention_cost",
    "revenue_bridge": "analyses.revenue_bridge",
    "rfm": "analyses.rfm",
    "simulate_transactions": "simulate",
    "subscriptions": "analyses.subscriptions",
    "summarise": "summary",
    "survey": "analyses.survey",
    "time_to_second_purchase": "analyses.time_to_second_purchase",
    "value_by_segment": "analyses.value",
}

__all__ = [
    "action_lists",
    "appendix_groups",
    "appendix_models",
    "backtest",
    "cohorts",
    "collect",
    "collect_appendix",
    "collect_portfolio",
    "compare_models",
    "customer_lifetime_value",
    "figures",
    "fit_bgnbd",
    "fit_gamma_gamma",
    "fit_mbgnbd",
    "fit_pnbd",
    "fit_shifted_beta_geometric",
    "fit_with_covariates",
    "group_differences",
    "kpis",
    "lifetime",
    "load_inputs",
    "load_reports",
    "model_check",
    "pareto",
    "portfolio",
    "present",
    "programme",
    "protect",
    "purchase_gaps",
    "read_transactions",
    "retention_cost",
    "revenue_bridge",
    "rfm",
    "simulate_transactions",
    "subscriptions",
    "summarise",
    "survey",
    "tables",
    "time_to_second_purchase",
    "value_by_segment",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return __all__
