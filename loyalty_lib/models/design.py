"""Covariates as numbers: what is known of every customer from the start, in the form a model can use.

Takes columns of a summary, returns a ``Design``: text and categories become one indicator a level against the most
frequent level, yes/no columns and numbers enter as they are.  Customers who agree in all covariates form a group; a
model needs one row a group, whatever the number of customers, in an order that does not depend on the rows'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from loyalty_lib.errors import ModelError
from loyalty_lib.models.histories import Codes, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_GROUPS = 50  # of customers who agree in all covariates; a covariate with more values is no grouping
TWO = 2  # distinct values of a yes/no column


class Column(NamedTuple):
    """One column of the design: a covariate, and the level it indicates; no level where the covariate is a number."""

    covariate: str
    level: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Covariate:
    """How one column of the summary enters.

    Attributes
    ----------
    name
        The column's.
    levels
        The most frequent one, which is the reference, then the others by frequency, equal ones by the alphabet; none
        where the covariate is a number.
    centre, scale
        Mean and standard deviation over the customers, which the search works in; 0 and 1 for levels.
    """

    name: str
    levels: tuple[str, ...]
    centre: float = 0.0
    scale: float = 1.0

    @property
    def columns(self) -> list[Column]:
        """The columns of the design that are this covariate's."""
        return [Column(self.name, level) for level in self.levels[1:]] or [Column(self.name, "")]

    def standardised(self, values: NDArray[np.object_]) -> Floats:
        """Return ``values``, shape (g,), as the columns of the design, shape (g, k), centred and scaled."""
        if self.levels:
            return np.asarray(values[:, None] == np.array(self.levels[1:], dtype=object), dtype=float)
        return (values.astype(float)[:, None] - self.centre) / self.scale


@dataclass(frozen=True, eq=False, kw_only=True)
class Groups:
    """The distinct rows of the covariates.

    Attributes
    ----------
    table
        One row a group, one column a covariate; sorted.
    row
        Shape (n,): which group each customer is in, in the summary's order.
    """

    table: pd.DataFrame
    row: Codes

    @property
    def customers(self) -> Codes:
        """Customers of each group."""
        return np.bincount(self.row, minlength=len(self.table)).astype(np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """How the covariates of a fit enter.

    Attributes
    ----------
    covariates
        In the order asked for.
    """

    covariates: tuple[Covariate, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Covariate and level of each of the k columns."""
        return tuple(column for each in self.covariates for column in each.columns)

    @cached_property
    def scales(self) -> Floats:
        """Shape (k,): a coefficient of the standardised columns divided by these is that of the covariate as it is."""
        return np.concatenate([np.full(len(each.columns), each.scale) for each in self.covariates])

    @cached_property
    def at_reference(self) -> Floats:
        """Shape (k,): the standardised row of the reference levels and of numbers at zero."""
        values = {each.name: [each.levels[0] if each.levels else 0.0] for each in self.covariates}
        return np.asarray(self.standardised(pd.DataFrame(values, dtype=object))[0])

    def groups(self, summary: pd.DataFrame) -> Groups:
        """Find the groups of a summary, which may be another than the one fitted to.

        Raises
        ------
        ModelError
            Where a covariate is missing, holds missing values, or a level the fit has not seen.
        """
        numbers = {each.name: not each.levels for each in self.covariates}
        found = _distinct(_values(summary, numbers))
        problems = [
            f"  '{each.name}' holds {_listed(unknown)}; expected one of {_listed(each.levels)}."
            for each in self.covariates
            if each.levels and (unknown := sorted(set(found.table[each.name]) - set(each.levels)))
        ]
        if problems:
            rule = "There are customers with levels the model was not fitted to:"
            remedy = "Fit it to data with these levels, or merge them with levels it knows."
            raise ModelError("\n".join([rule, *problems, remedy]))
        return found

    def standardised(self, table: pd.DataFrame) -> Floats:
        """Return the rows of ``Groups.table`` as numbers, shape (g, k)."""
        parts = [each.standardised(table[each.name].to_numpy(dtype=object)) for each in self.covariates]
        return np.concatenate(parts, axis=1)


def design_of(summary: pd.DataFrame, covariates: Sequence[str]) -> tuple[Design, Groups]:
    """Decide how columns of a summary enter a model.

    Parameters
    ----------
    summary
        n customers: ``frequency`` and the covariates.
    covariates
        Names of columns.

    Returns
    -------
    Design, Groups
        The design, and the groups of this summary.

    Raises
    ------
    ModelError
        Where a covariate is missing, holds missing values or one value only, where a level has no repeat purchases,
        where there are more than 50 groups, or where covariates say the same.
    """
    if not covariates or isinstance(covariates, str) or len(set(covariates)) < len(covariates):
        msg = f"The covariates are {covariates!r}; expected a list of different columns, such as ['channel']."
        raise ModelError(msg)
    columns = summary.infer_objects()
    numbers = {name: name in columns and is_numeric_dtype(columns[name]) for name in covariates}
    values = _values(summary, numbers)
    groups = _distinct(values)
    if len(groups.table) > MOST_GROUPS:
        msg = (
            f"The covariates {_listed(covariates)} divide the customers into {len(groups.table)} groups; "
            f"expected at most {MOST_GROUPS}. Bin numbers, merge rare levels, or leave a covariate out."
        )
        raise ModelError(msg)
    _refuse_unusable(values, summary["frequency"].to_numpy(dtype=float))
    design = Design(covariates=tuple(_covariate(groups, name) for name in covariates))
    rows = design.standardised(groups.table)
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(rows)), rows])) <= len(design.columns):
        msg = (
            f"Some of the covariates {_listed(covariates)} follow from the others, so that their effects "
            "cannot be told apart; expected each to say something of its own. Leave one of them out."
        )
        raise ModelError(msg)
    return design, groups


def _values(summary: pd.DataFrame, numbers: Mapping[str, bool]) -> pd.DataFrame:
    """Return the covariates as floats (``numbers``) and text, without gaps."""
    problems: list[str] = []
    found: dict[str, pd.Series] = {}
    for name, number in numbers.items():
        if name not in summary.columns:
            problems.append(f"  '{name}' is not among the columns {_listed(summary.columns)}.")
            continue
        column = summary[name]
        if number:
            column = pd.to_numeric(column, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
        missing = int(column.isna().sum())
        if missing:
            kind = "finite numbers" if number else "a value for every customer"
            problems.append(f"  '{name}' is missing for {missing} of {len(summary)} customers; expected {kind}.")
        found[name] = column if number else column.astype("str").astype(object)
    if problems:
        rule = "The summary's covariates cannot be used:"
        remedy = "Join them to the summary by customer_id; give unknown values a level of their own."
        raise ModelError("\n".join([rule, *problems, remedy]))
    return pd.DataFrame(found)


def _refuse_unusable(values: pd.DataFrame, frequency: Floats) -> None:
    """Stop where a covariate does not vary, or where nothing can be learnt of one of its levels."""
    problems: list[str] = []
    for name in values.columns:
        repeated = pd.Series(frequency > 0).groupby(values[name].to_numpy()).sum()
        if len(repeated) < TWO:
            problems.append(f"  '{name}' is the same for all customers. Leave it out.")
        elif len(repeated) == TWO or values[name].dtype == object:
            problems.extend(
                f"  '{name}' is {level!r} for customers none of whom made a repeat purchase. "
                "Merge the level with another, or leave these customers out."
                for level in repeated.index[repeated == 0]
            )
    if problems:
        raise ModelError("\n".join(["The effects of the covariates cannot be estimated:", *problems]))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _distinct(values: pd.DataFrame) -> Groups:
    """Sorted distinct rows; codes are made dense after each column, so that no product of them overflows."""
    row = np.zeros(len(values), dtype=np.int64)
    for name in values.columns:
        codes, levels = pd.factorize(values[name], sort=True)
        row = np.unique(row * len(levels) + codes, return_inverse=True)[1].astype(np.int64)
    first = np.unique(row, return_index=True)[1]
    return Groups(table=values.iloc[first].reset_index(drop=True), row=row)


def _covariate(groups: Groups, name: str) -> Covariate:
    values, customers = groups.table[name], groups.customers
    if values.dtype == object:
        counts = pd.Series(customers).groupby(values.to_numpy()).sum()  # sorted by level
        return Covariate(name=name, levels=tuple(counts.sort_values(ascending=False, kind="stable").index))
    numbers = values.to_numpy(dtype=float)
    centre = float(np.average(numbers, weights=customers))
    scale = float(np.sqrt(np.average((numbers - centre) ** 2, weights=customers)))
    return Covariate(name=name, levels=(), centre=centre, scale=scale)
