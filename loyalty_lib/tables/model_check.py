"""Tables of the technical appendix: parameters, the models side by side, earlier forecasts in full.

Take a ModelCheck, a ModelComparison and a LifetimeResult; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.analyses.model_check import ModelCheck
    from loyalty_lib.analyses.model_choice import ModelComparison

LEVEL: Final = 0.95  # of the intervals of parameters

MEASURES: Final = (  # what was forecast, the suffix of its columns, how it is written
    (mark("Purchases"), "", "number"),
    (mark("Net sales"), "_sales", "money"),
    (mark("Active customers"), "_active", "number"),
)


def parameters(check: ModelCheck) -> Table:
    """Tabulate the models' parameters with their uncertainty."""
    columns = (
        Column(name="model", label=gettext("Model"), kind="text"),
        Column(name="parameter", label=gettext("Parameter"), kind="text"),
        Column(name="estimate", label=gettext("Estimate"), kind="number.4"),
        Column(name="standard_error", label=gettext("Standard error"), kind="number.4"),
        Column(name="low", label=gettext("Low"), kind="number.4"),
        Column(name="high", label=gettext("High"), kind="number.4"),
    )
    table = check.parameters[[column.name for column in columns]]
    return Table(
        name="model_parameters",
        title=say("Parameters of the models, fitted to the data until {day:date}", day=check.as_of),
        columns=columns,
        rows=tuple(table.itertuples(index=False, name=None)),
        notes=(
            say(
                "Low and high: the {level:percent} interval. –: the data leave the parameter undetermined.", level=LEVEL
            ),
        ),
    )


def models(comparison: ModelComparison) -> Table:
    """Tabulate the models of repeat purchases side by side."""
    columns = (
        Column(name="model", label=gettext("Model"), kind="text"),
        Column(name="log_likelihood", label=gettext("Log-likelihood"), kind="number.1"),
        Column(name="aic", label=gettext("AIC"), kind="number.1"),
        Column(name="bic", label=gettext("BIC"), kind="number.1"),
        Column(name="relative_error", label=gettext("Forecast error"), kind="percent.1"),
        Column(name="model_error", label=gettext("Typical forecast error"), kind="percent.1"),
        Column(name="mean_absolute_error", label=gettext("Error per customer, purchases"), kind="number.3"),
        Column(name="log_score", label=gettext("Log score"), kind="number.4"),
    )
    table = comparison.table
    names = [
        say("{model:text} (chosen)", model=name) if chosen else str(name)
        for name, chosen in zip(table["model"], table["chosen"], strict=True)
    ]
    measures = table[[column.name for column in columns[1:]]].astype(float)
    undetermined = table.loc[table["at_boundary"].fillna(value=False).astype(bool), "model"].tolist()
    notes = [
        gettext(
            "Log-likelihood, AIC and BIC: fit to all data; of AIC and BIC the lower is better. Forecast error: of the "
            "latest check. Typical forecast error and log score: of all checks; of the log score the higher is better."
        )
    ]
    if undetermined:
        notes.append(
            say("The data do not determine all parameters of {models:text}.", models=", ".join(map(str, undetermined)))
        )
    return Table(
        name="models",
        title=gettext("Models of repeat purchases side by side"),
        columns=columns,
        rows=tuple((name, *values) for name, values in zip(names, measures.to_numpy().tolist(), strict=True)),
        notes=tuple(notes),
    )


def origins(value: LifetimeResult) -> Table:
    """Tabulate earlier forecasts in full: purchases, net sales and active customers, each against the outcome."""
    columns = (
        Column(name="cutoff", label=gettext("Forecast made on"), kind="date"),
        Column(name="until", label=gettext("Forecast until"), kind="date"),
        Column(name="measure", label=gettext("Measure"), kind="text"),
        Column(name="predicted", label=gettext("Forecast"), kind="mixed"),
        Column(name="low", label=gettext("Low"), kind="mixed"),
        Column(name="high", label=gettext("High"), kind="mixed"),
        Column(name="actual", label=gettext("Actual"), kind="mixed"),
        Column(name="error", label=gettext("Forecast error"), kind="mixed"),
    )
    notes = [gettext("Active customers: those with a purchase in the time forecast.")]
    if value.forecast is not None:
        level = value.forecast.check.level
        notes.append(say("Low and high: the {level:percent} interval that the models alone give.", level=level))
    return Table(
        name="earlier_forecasts",
        title=gettext("Earlier forecasts, made from the data of that day, against actual outcome"),
        columns=columns,
        rows=tuple(row for origin in value.origins.to_dict("records") for row in _measures(origin)),
        notes=tuple(notes),
    )


def _measures(origin: Mapping[Hashable, Any]) -> Iterator[tuple[Cell, ...]]:
    """Yield one row a total that was forecast on a day."""
    for label, suffix, kind in MEASURES:
        predicted, low, high, actual = (origin[f"{name}{suffix}"] for name in ("predicted", "low", "high", "actual"))
        error = (predicted - actual) / actual if actual else None
        written = (*(Quantity(each, kind) for each in (predicted, low, high, actual)), Quantity(error, "percent.1"))
        yield (origin["cutoff"], origin["until"], gettext(label), *written)
