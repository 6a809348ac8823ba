"""Our fits as objects of the ``lifetimes`` library, for those who know it.

Takes a fit, returns a fitter whose predictions, ``summary``, ``data`` and ``customer_lifetime_value`` work.  The
library is imported here only, when asked for: importing it silences every FutureWarning of the process and sets a
pandas option, both of which are undone.
"""

from __future__ import annotations

import importlib
import warnings
from statistics import NormalDist
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_lib.errors import MissingToolError, ModelError

if TYPE_CHECKING:
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    from loyalty_lib.models.estimate import Estimate
    from loyalty_lib.models.fit import PurchaseFit
    from loyalty_lib.models.gamma_gamma import GammaGammaFit

CHAINED_ASSIGNMENT = "mode.chained_assignment"
FITTERS = {"BG/NBD": "BetaGeoFitter", "MBG/NBD": "ModifiedBetaGeoFitter", "Pareto/NBD": "ParetoNBDFitter"}


def load_lifetimes() -> ModuleType:
    """Import ``lifetimes`` and undo what the import does to the process.

    Raises
    ------
    MissingToolError
        Where it is not installed.
    """
    with warnings.catch_warnings():
        # Reading or setting the option warns that it is deprecated; lifetimes sets it on import.
        warnings.filterwarnings("ignore", message=".*chained_assignment.*")
        before = pd.get_option(CHAINED_ASSIGNMENT)
        try:
            return importlib.import_module("lifetimes")
        except ModuleNotFoundError as error:
            msg = "The lifetimes library is not installed; to_lifetimes() needs it. Run: pip install lifetimes"
            raise MissingToolError(msg) from error
        finally:
            pd.set_option(CHAINED_ASSIGNMENT, before)


def purchase_fitter(fit: PurchaseFit) -> BetaGeoFitter | ModifiedBetaGeoFitter | ParetoNBDFitter:
    """Return ``fit`` as the fitter of the same model.

    Parameters
    ----------
    fit
        Straight from its fit function; its unit is the fitter's ``freq``.

    Returns
    -------
    lifetimes.BetaGeoFitter, ModifiedBetaGeoFitter or ParetoNBDFitter
        ``data`` holds the distinct histories with ``weights``.

    Raises
    ------
    ModelError
        Where the fit was read from JSON, which holds no histories.
    MissingToolError
        Where ``lifetimes`` is not installed.
    """
    fitter = getattr(load_lifetimes(), FITTERS[fit.model])()
    _fill(fitter, fit, fit.histories)
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


def gamma_gamma_fitter(fit: GammaGammaFit) -> GammaGammaFitter:
    """Return ``fit`` as a ``lifetimes.GammaGammaFitter``.

    Parameters
    ----------
    fit
        Straight from ``fit_gamma_gamma``.

    Returns
    -------
    lifetimes.GammaGammaFitter
        ``data`` holds the customers fitted.

    Raises
    ------
    ModelError
        Where the fit was read from JSON, which holds no customers.
    MissingToolError
        Where ``lifetimes`` is not installed.
    """
    spends = fit.spends
    fitter = load_lifetimes().GammaGammaFitter()
    _fill(fitter, fit, None if spends is None else spends.assign(weights=np.ones(len(spends), dtype=int)))
    return fitter


def _fill(fitter: BetaGeoFitter | GammaGammaFitter, fit: Estimate, data: pd.DataFrame | None) -> None:
    """Set what ``lifetimes`` sets at the end of its own ``fit``."""
    if data is None:
        msg = "This fit was read from JSON and holds no customers; to_lifetimes() needs them. Fit the model again."
        raise ModelError(msg)
    params = pd.Series(dict(fit.params))
    errors = pd.Series(dict(fit.standard_errors))
    reach = NormalDist().inv_cdf(0.975) * errors
    fitter.params_ = params
    fitter.variance_matrix_ = fit.covariance
    fitter.standard_errors_ = errors
    fitter.confidence_intervals_ = pd.DataFrame({"lower 95% bound": params - reach, "upper 95% bound": params + reach})
    fitter.data = data.copy()
