"""The models of repeat purchases by the names a client's file uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.mbgnbd import fit_mbgnbd

ModelName = Literal["bgnbd", "mbgnbd", "pnbd"]
MODELS: Final[dict[str, Callable[..., PurchaseFit]]] = {
    "bgnbd": fit_bgnbd,
    "mbgnbd": fit_mbgnbd,
}
