"""``metrics.json`` of the technical appendix: how well the models fit, and how their forecasts fared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import say
from loyalty_lib.metrics import Metrics, client_and_period, noted, plain, rows, section

if TYPE_CHECKING:
    from loyalty_lib.analyses.appendix import Groups
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.analyses.model_check import ModelCheck
    from loyalty_lib.analyses.model_choice import ModelComparison
    from loyalty_lib.inputs import Inputs

FRAMES: Final = (
    "parameters",
    "frequencies",
    "tracking",
    "calibration",
    "alive",
    "spend",
    "spend_by_frequency",
)
FIGURES: Final = (
    "chi_squared",
    "degrees",
    "p_value",
    "misplaced",
    "spearman",
    "pearson",
    "eta_squared",
    "cutoff",
    "holdout_days",
)


def collect_appendix(
    inputs: Inputs,
    *,
    clv: LifetimeResult,
    check: ModelCheck,
    models: ModelComparison,
    groups: Groups,
) -> Metrics:
    """Gather what the technical appendix says.

    Parameters
    ----------
    inputs
        The client's settings and period.
    clv, check, models, groups
        The results, small groups already hidden by ``protect``.

    Returns
    -------
    dict
        JSON data.
    """
    config = inputs.config
    title = say("Technical appendix, {client:text}, {period:text}", client=config.name, period=inputs.period.label)
    metrics: Metrics = plain(
        {
            **client_and_period(inputs),
            "title": title,
            "caveats": noted(
                {"model": (*clv.caveats, *check.caveats), "models": models.caveats, "groups": groups.caveats}
            ),
            "clv": section("clv", clv, inputs),
            "check": _check(check),
            "models": {"table": rows(models.table), "chosen": models.chosen, "reason": models.reason},
            "groups": {
                "by": groups.by,
                "table": rows(groups.table.reset_index()),
                "p_value": groups.p_value,
                "differ": groups.differ,
                "finding": groups.finding,
            },
        }
    )
    return metrics


def _check(check: ModelCheck) -> Metrics:
    frames = {name: rows(getattr(check, name)) for name in FRAMES}
    return frames | {name: getattr(check, name) for name in FIGURES}
