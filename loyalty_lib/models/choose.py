"""The models of repeat purchases by the names a client's file uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.mbgnbd import MBGNBDFit, fit_mbgnbd
from loyalty_lib.models.pnbd import PNBDFit, fit_pnbd

MODELS: Final[dict[str, Callable[..., PurchaseFit]]] = {"bgnbd": fit_bgnbd, "mbgnbd": fit_mbgnbd, "pnbd": fit_pnbd}
LABELS: Final = {"bgnbd": BGNBDFit.model, "mbgnbd": MBGNBDFit.model, "pnbd": PNBDFit.model}


def name_of(fit: PurchaseFit) -> str:
    """Return the name in ``MODELS`` of a fitted model."""
    return next(name for name, label in LABELS.items() if label == fit.model)
