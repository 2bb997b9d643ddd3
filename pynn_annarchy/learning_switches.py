"""What the connections of a projection do at all: transmit, change, learn."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import simulator

if TYPE_CHECKING:
    from .native.switches import Switches


class SwitchedConnections:
    """Mixed into `Projection`: three switches, all of them on to begin with, and learning with a period."""

    label: str
    _native: Any

    @property
    def _switches(self) -> Switches:
        switches: Switches = self._native.switches
        return switches

    def _switch(self, **changed: Any) -> None:
        self._native.set_switches(replace(self._switches, **changed))

    @property
    def transmission(self) -> bool:
        """Whether the connections transmit.

        While they do not, what reaches them is lost, and none of their variables changes. A connection without
        variables is reached when its source spikes; what it has sent on its way before still arrives.
        """
        return self._switches.transmits

    @transmission.setter
    def transmission(self, on: bool) -> None:
        self._switch(transmits=_flag("transmission", on))

    @property
    def update(self) -> bool:
        """Whether variables of the connections change: else they stay as they are, while spikes are transmitted."""
        return self._switches.learns

    @update.setter
    def update(self, on: bool) -> None:
        self._switch(learns=_flag("update", on))

    @property
    def plasticity(self) -> bool:
        """Whether weights change: else they stay as they are, while all other variables of the connections go on."""
        return self._switches.changes_weight

    @plasticity.setter
    def plasticity(self, on: bool) -> None:
        self._switch(changes_weight=_flag("plasticity", on))

    @property
    def _continuous(self) -> bool:
        return hasattr(getattr(self._native, "kernel", None), "localities")

    @property
    def _every_step(self) -> bool:
        """Whether there are equations that are evaluated in every step."""
        return self._continuous or bool(getattr(getattr(self._native, "kernel", None), "clocked", False))

    def enable_learning(self, period: float | None = None, offset: float | None = None) -> None:
        """Let variables and weights change from now on.

        Parameters
        ----------
        period
            In ms: equations of every step are evaluated only once in this time. Without it, as often as before.
        offset
            In ms, less than the period: when that is, counted from now. At 10 ms, a period of 10 ms and an offset of
            5 ms mean the steps that begin at 15 ms, 25 ms...
        """
        timing = learning_times(period, offset)
        if timing and not self._every_step:
            raise ValueError(f"period={period}: {self.label} has no equations that are evaluated in every step")
        self._switch(learns=True, changes_weight=True, **timing)

    def disable_learning(self) -> None:
        """Let nothing be learnt from now on: no variable of a rate-coded projection, no weight of another changes."""
        self._switch(**({"learns": False} if self._continuous else {"changes_weight": False}))


def _flag(name: str, value: Any) -> bool:
    if value not in (True, False):
        raise TypeError(f"{name}={value!r} is neither True nor False")
    return bool(value)


def learning_times(period: float | None, offset: float | None) -> dict[str, int]:
    """Return period and offset as `Switches` has them; nothing without a period."""
    if period is None:
        if offset is not None:
            raise ValueError(f"offset={offset} without a period")
        return {}
    steps = whole_steps("period", period, at_least=1)
    shift = whole_steps("offset", 0.0 if offset is None else offset)
    if shift >= steps:
        raise ValueError(f"offset={offset} ms has to be less than the period of {period} ms")
    return {"period_steps": steps, "offset_steps": (simulator.state.network.step + shift) % steps}


def whole_steps(name: str, time_ms: Any, at_least: int = 0) -> int:
    """Return a time as a number of steps, which has to be whole."""
    if not isinstance(time_ms, numbers.Real) or isinstance(time_ms, bool) or not math.isfinite(time_ms):
        raise ValueError(f"{name}={time_ms!r} is not a time in ms")
    dt = simulator.state.dt
    steps = round(float(time_ms) / dt)
    if steps < at_least or abs(float(time_ms) / dt - steps) > 1e-6 * max(1, abs(steps)):
        least = f" of at least {at_least * dt:g} ms" if at_least else ""
        raise ValueError(f"{name}={time_ms} ms is not a multiple{least} of the time step of {dt} ms")
    return steps


def enable_learning(
    projections: Iterable[Any] | None = None, period: float | None = None, offset: float | None = None
) -> None:
    """Let variables and weights of projections change from now on; see `Projection.enable_learning`.

    Parameters
    ----------
    projections
        All by default. A period then holds for those that have equations which are evaluated in every step.
    """
    timing = learning_times(period, offset)
    if projections is not None:
        for projection in list(projections):
            projection.enable_learning(period, offset)
        return
    for projection in simulator.state.projections:
        projection._switch(learns=True, changes_weight=True, **(timing if projection._every_step else {}))


def disable_learning(projections: Iterable[Any] | None = None) -> None:
    """Let nothing be learnt by projections, all by default, from now on; see `Projection.disable_learning`."""
    for projection in list(simulator.state.projections if projections is None else projections):
        projection.disable_learning()
