"""How far reading has come: the passes over the data, one after the other, and how much of the running one is done."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty_lib.progress import Step, silent

OVER_A_FILE = 4  # dates, numbers, ids, rows


@dataclass(kw_only=True)
class Passes:
    """Tells a ``Step`` which pass over the data is running, and how far it is.

    Attributes
    ----------
    step
        Told; by default nobody.
    count
        How many passes there will be; a file with mistakes is read again, which no one knows before.
    begun
        How many have begun.
    doing
        What the one that is running does.
    """

    step: Step = silent
    count: int = OVER_A_FILE
    begun: int = 0
    doing: str = ""

    def begin(self, doing: str) -> None:
        """Begin the next pass."""
        self.begun += 1
        self.doing = doing
        self.within(0.0)

    def within(self, share: float) -> None:
        """Tell how much of the running pass is done, from 0 to 1."""
        self.step(self.doing, min((self.begun - 1 + share) / self.count, 1.0))
