"""Functions that are called while a simulation runs: `@every`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from . import simulator
from .learning_switches import whole_steps
from .periodic import Periodic

F = TypeVar("F", bound=Callable[[int], Any])


def every(period: float, offset: float = 0.0, wait: float = 0.0) -> Callable[[F], F]:
    """Make a function be called periodically while the simulation runs: a decorator.

    The function gets the number of times that it has been called before. It is called before the step that begins at
    its time, and may read and change everything but the populations, and create and prune
    connections; it cannot run the simulation.

    Parameters
    ----------
    period
        In ms, a multiple of the time step.
    offset
        In ms: when it is called within each period; a negative one is counted from the period's end.
    wait
        In ms: when the first period begins, counted from now.

    Examples
    --------
    >>> @every(period=10.0, offset=-1.0)
    ... def report(n):
    ...     print(n, get_current_time())  # at 9 ms, 19 ms...
    """
    steps = whole_steps("period", period, at_least=1)
    shift = whole_steps("offset", abs(offset) if isinstance(offset, int | float) else offset)
    if shift >= steps:
        raise ValueError(f"offset={offset} ms has to be less than the period of {period} ms")
    delay = whole_steps("wait", wait) + (shift if offset >= 0 else steps - shift)

    def registered(function: F) -> F:
        state = simulator.state
        state.callbacks.add(Periodic(function, steps, delay, state.network.step))
        return function

    return registered


def clear_all_callbacks() -> None:
    """Call none of the functions that `every` was used for any more."""
    simulator.state.callbacks.clear()


def disable_callbacks() -> None:
    """Call none of them until `enable_callbacks()`; what is left out meanwhile is not made up for."""
    simulator.state.callbacks.enabled = False


def enable_callbacks() -> None:
    """Call them again."""
    simulator.state.callbacks.enabled = True
