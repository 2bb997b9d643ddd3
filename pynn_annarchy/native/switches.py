"""What synapses do at all."""

from __future__ import annotations

from dataclasses import dataclass

HELD_NONE, HELD_WEIGHT, HELD_ALL = 0, 1, 2  # pa_held


@dataclass(frozen=True)
class Switches:
    """Switches of one projection.

    Attributes
    ----------
    transmits
        Whether targets get anything. Synapses that do not transmit do not learn either.
    learns
        Whether the synapses' variables change.
    changes_weight
        Whether w is one of those that do.
    period_steps, offset_steps
        Equations of every step are evaluated only in those whose number is the offset modulo the period.
    """

    transmits: bool = True
    learns: bool = True
    changes_weight: bool = True
    period_steps: int = 1
    offset_steps: int = 0

    def __post_init__(self) -> None:
        if self.period_steps < 1:
            raise ValueError(f"a period of {self.period_steps} steps; allowed are whole numbers from 1")

    @property
    def held(self) -> int:
        """Which variables of synapses with state nothing may change, as csrc/abi.h numbers it."""
        if not (self.transmits and self.learns):
            return HELD_ALL
        return HELD_NONE if self.changes_weight else HELD_WEIGHT
