"""What a run on a GPU leaves on the host: samples and spikes, as `core.Recorder` and `core.SpikeLog` keep them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Recorder:
    """One state variable of some neurons of one block, by position, and where its samples of a run go."""

    def __init__(self, block: int, state: int, positions: NDArray[np.uint32], interval_steps: int) -> None:
        self.block = block
        self.state = state
        self.positions = np.ascontiguousarray(positions, np.uint32)
        self.interval_steps = int(interval_steps)
        self.rows_address = 0
        self.first_step = 0
        self.n_rows = 0

    def begin(self, rows: int, first_step: int, n_rows: int) -> None:
        """Write sample k, the state at ``first_step + k * interval``, to row k of the memory at ``rows``."""
        self.rows_address, self.first_step, self.n_rows = rows, first_step, n_rows


class SpikeLog:
    """Spikes of some neurons: in order of step, block, neuron."""

    def __init__(self) -> None:
        self._neurons: list[NDArray[np.uint32]] = []
        self._times: list[NDArray[np.float64]] = []

    def __len__(self) -> int:
        return sum(map(len, self._neurons))

    def append(self, neurons: NDArray[np.uint32], times_ms: NDArray[np.float64]) -> None:
        """Add spikes that come after all others."""
        self._neurons.append(neurons)
        self._times.append(times_ms)

    def events(self) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """Neuron numbers and times in ms."""
        neurons = np.concatenate([np.empty(0, np.uint32), *self._neurons])
        times = np.concatenate([np.empty(0), *self._times])
        self._neurons, self._times = [neurons], [times]
        return neurons.copy(), times.copy()

    def clear(self) -> None:
        """Forget the spikes so far."""
        self._neurons, self._times = [], []
