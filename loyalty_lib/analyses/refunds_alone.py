"""Customers with money moving in a window who bought nothing in it; what ``protect`` judges by, never printed.

Net sales of the window are known from the key figures.  Less the net sales of those who bought in it, that is the money
of these customers: where they are few, the sales of the others must not add up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_lib.analyses.suppression import small

if TYPE_CHECKING:
    from loyalty_lib.engine import Engine


@dataclass(frozen=True, kw_only=True)
class RefundsAlone:
    """How many such customers there are, and the share of one in their money (refunds by their size)."""

    customers: int = 0
    largest_share: float = 0.0

    def would_show(self, minimum: int, dominance: float) -> bool:
        """Tell whether their money would tell of a few, or of one."""
        return bool(small([float(self.customers)], minimum)[0]) or (
            self.customers > 0 and minimum > 1 and self.largest_share > dominance
        )


def refunds_alone(engine: Engine, start: dt.date, as_of: dt.date) -> RefundsAlone:
    """Count the customers with money moving from ``start`` to ``as_of`` who bought nothing in that time."""
    found = engine.frame("refunds_alone", start=start, as_of=as_of).iloc[0]
    return RefundsAlone(customers=int(found["customers"]), largest_share=float(found["largest_share"]))
