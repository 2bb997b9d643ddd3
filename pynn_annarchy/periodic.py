"""Functions that are called periodically while a simulation runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Periodic:
    """A function, and the steps before which it is called.

    Attributes
    ----------
    delay_steps
        From `registered` to the first call.
    calls
        How often it has been called.
    internal
        Whether it belongs to the simulation: users' switches are not for it.
    """

    function: Callable[[int], Any]
    period_steps: int
    delay_steps: int
    registered: int
    calls: int = 0
    internal: bool = False

    def __post_init__(self) -> None:
        self.next_step = self.registered + self.delay_steps

    def restart(self) -> None:
        """Follow a reset of the time."""
        self.registered, self.calls = 0, 0
        self.next_step = self.delay_steps


class Callbacks:
    """The functions that are called periodically in one simulation, in the order in which they were defined."""

    def __init__(self) -> None:
        self.enabled = True
        self._all: list[Periodic] = []
        self._calling = False

    def add(self, callback: Periodic) -> None:
        """Call it from now on."""
        self._all.append(callback)

    def clear(self) -> None:
        """Call none of the user's any more."""
        self._all = [callback for callback in self._all if callback.internal]

    def remove(self, callback: Periodic) -> None:
        """Call this one no more."""
        self._all = [other for other in self._all if other is not callback]

    def restart(self) -> None:
        """Follow a reset of the time."""
        for callback in self._all:
            callback.restart()

    def run(self, step: int, end_step: int, advance: Callable[[int], None]) -> None:
        """Go from one step to another, and stop on the way wherever something is to be called.

        Parameters
        ----------
        step, end_step
            What is due at the end is called at the beginning of the next run.
        advance
            Brings the simulation to a step.
        """
        if self._calling:
            raise RuntimeError("a function that is called by a simulation cannot run it")
        while step < end_step:
            self._call_due(step)
            step = min([end_step, *(callback.next_step for callback in self._all)])
            advance(step)

    def _call_due(self, step: int) -> None:
        for callback in list(self._all):
            if callback.next_step > step or callback not in self._all:  # another one may have removed it
                continue
            callback.next_step += callback.period_steps
            if self.enabled or callback.internal:
                self._call(callback)

    def _call(self, callback: Periodic) -> None:
        number = callback.calls
        callback.calls += 1
        self._calling = True
        try:
            callback.function(number)
        finally:
            self._calling = False
