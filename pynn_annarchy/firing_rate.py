"""Firing rates over a sliding window, counted from the spikes that the engine records."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import simulator

if TYPE_CHECKING:
    from .native.population import Population

RATE = "r"
UNIT = "Hz"


class FiringRate:
    """The mean firing rate of each cell of a population over the last milliseconds.

    The rate at the time t is the number of spikes later than t - window and not later than t, divided by the window.
    Spikes are kept, 12 bytes each, and counted when somebody asks: simulating costs no more than recording spikes does.

    Parameters
    ----------
    population
        Of the engine.
    window_ms
        Length of the window in ms.
    """

    def __init__(self, population: Population, window_ms: float) -> None:
        self._population = population
        self._spikes = population.record_spikes(np.arange(population.size))
        self._windows: list[tuple[int, int]] = []  # from which step on, and length in steps
        self.change(window_ms)

    def change(self, window_ms: float) -> None:
        """Use another window from now on."""
        now = self.now
        self._windows = [kept for kept in self._windows if kept[0] < now]
        self._windows.append((now, window_in_steps(window_ms)))

    def restart(self) -> None:
        """Follow the network's reset, which forgets spikes."""
        self._windows = [(0, self._windows[-1][1])]

    @property
    def now(self) -> int:
        """The step that the network is at."""
        return int(self._population.network.step)

    def at(self, steps: NDArray[np.int64], index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the rates in Hz at some step boundaries, of the cells at `index`: a row for each boundary."""
        neurons, times = self._spikes.events()
        ends = np.ceil(times / simulator.state.dt - 1e-6).astype(np.int64)
        begin, length = np.transpose(self._windows)
        window = length[np.maximum(np.searchsorted(begin, steps, side="right") - 1, 0)]
        order = np.argsort(neurons, kind="stable")
        first = np.searchsorted(neurons[order], index + self._population.first, side="left")
        last = np.searchsorted(neurons[order], index + self._population.first, side="right")
        rates = np.empty((steps.size, index.size))
        for column, (low, high) in enumerate(zip(first, last, strict=True)):
            own = ends[order[low:high]]
            rates[:, column] = np.searchsorted(own, steps, "right") - np.searchsorted(own, steps - window, "right")
        return rates * (1000.0 / (window[:, None] * simulator.state.dt))

    def record(self, index: NDArray[np.int64], interval_steps: int, offset_steps: int = 0) -> RateSignal:
        """Sample the rates of the cells at `index`, first `offset_steps` after now."""
        return RateSignal(self, index, interval_steps, offset_steps)


class RateSignal:
    """Rates of some cells, with the interface of the engine's `Signal`."""

    def __init__(self, rate: FiringRate, index: NDArray[np.int64], interval_steps: int, offset_steps: int = 0) -> None:
        self._rate = rate
        self._offset_steps = offset_steps
        self._index = index
        self.interval_steps = interval_steps
        self.first_step = rate.now + offset_steps
        self._last_step: int | None = None

    def samples(self) -> NDArray[np.float64]:
        """All samples so far, one row per time, one column per cell."""
        end = self._rate.now if self._last_step is None else self._last_step
        return self._rate.at(np.arange(self.first_step, end + 1, self.interval_steps), self._index)

    def clear(self) -> None:
        """Forget the samples; the next first one is the rate of now."""
        self.first_step = self._rate.now + self._offset_steps

    def restart(self) -> None:
        """Follow the network's reset."""
        self.first_step = self._offset_steps

    def stop(self) -> None:
        """Take no more samples."""
        self._last_step = self._rate.now


def window_in_steps(window_ms: Any) -> int:
    """Return the length of a window, which is one step at least."""
    number = isinstance(window_ms, numbers.Real) and not isinstance(window_ms, bool)
    if not number or not 0 < window_ms < math.inf:
        raise ValueError(f"window = {window_ms!r} is not a positive number of milliseconds")
    return max(1, simulator.state.steps(float(window_ms)))
