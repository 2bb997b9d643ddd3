"""What is kept of a run: samples of a state variable, and spikes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import core
from .arrays import FloatArray

if TYPE_CHECKING:
    from .network import Network
    from .population import Population
    from .structure import Rearrangement


class Rows:
    """A table that grows by rows, in chunks, so that what is there is seldom copied."""

    def __init__(self, columns: int, real: type[np.floating[Any]]) -> None:
        self._columns = columns
        self._real = real
        self._full: list[NDArray[Any]] = []
        self._last: NDArray[Any] = np.empty((0, columns), real)
        self._used = 0
        self.count = 0

    def reserve(self, n: int) -> NDArray[Any]:
        """Make room for ``n`` more rows in one piece; :meth:`commit` says how many were filled."""
        if self._used + n > len(self._last):
            if self._used:
                self._full.append(self._last[: self._used])
            self._last = np.empty((max(n, min(2 * self._used, 4096)), self._columns), self._real)
            self._used = 0
        return self._last[self._used : self._used + n]

    def commit(self, n: int) -> None:
        """Take the first ``n`` reserved rows into the table."""
        self._used += n
        self.count += n

    def table(self) -> NDArray[Any]:
        """All rows, read-only."""
        if self._full:
            self._last = np.concatenate([*self._full, self._last[: self._used]])
            self._full, self._used = [], len(self._last)
        table = self._last[: self._used]
        table.flags.writeable = False
        return table


class Sampled(ABC):
    """A variable of some neurons or synapses, sampled every ``interval_steps`` steps from ``first_step`` on.

    The first sample is ``offset_steps`` after sampling begins. The sample of a step boundary is the state that the step
    before it left behind; that of now is what the state is when the run begins (or when the samples are asked for
    before that).
    """

    def __init__(
        self,
        network: Network,
        index: NDArray[np.int64],
        real: type[np.floating[Any]],
        interval_steps: int,
        offset_steps: int = 0,
    ) -> None:
        self._network = network
        self._index = index
        self._real = real
        self.interval_steps = interval_steps
        self.offset_steps = offset_steps
        self._stopped = False
        self._start()

    def _start(self) -> None:
        self.first_step = self._network.step + self.offset_steps
        self._rows = Rows(len(self._index), self._real)

    @property
    @abstractmethod
    def recorder(self) -> core.Recorder | core.SynapseRecorder | core.RowsRecorder:
        """What the engine writes the samples by."""

    @property
    def bytes_per_step(self) -> float:
        """Memory that a step of simulated time takes."""
        return len(self._index) * np.dtype(self._real).itemsize / self.interval_steps

    @property
    def _next_step(self) -> int:
        return self.first_step + self._rows.count * self.interval_steps

    @property
    def _pending(self) -> bool:
        return not self._stopped and self._next_step == self._network.step

    @abstractmethod
    def _now(self) -> NDArray[Any]:
        """The sample of this moment."""

    def _take_pending(self) -> None:
        if self._pending:
            self._rows.reserve(1)[0] = self._now()
            self._rows.commit(1)

    def begin_run(self, end_step: int) -> None:
        """Make room for the samples up to a step boundary, that one included."""
        self._take_pending()
        n = max(0, (end_step - self._next_step) // self.interval_steps + 1)
        room = self._rows.reserve(n)
        if self._index.size and self._index.min() < 0:
            room[:, self._index < 0] = np.nan
        self.recorder.begin(room.ctypes.data, self._next_step, n)

    def follow(self, change: Rearrangement) -> None:
        """Go on with what is sampled where it is now; samples of what is no more (index -1) are NaN."""
        self._index = self._followed(change)

    def _followed(self, change: Rearrangement) -> NDArray[np.int64]:
        return change.places(self._index)

    def end_run(self, step: int) -> None:
        """Take what the run that ended at this step boundary has written."""
        self._rows.commit(max(0, (step - self._next_step) // self.interval_steps + 1))
        self.recorder.begin(0, 0, 0)

    def samples(self) -> NDArray[Any]:
        """All samples so far, one row per time, one column per neuron; read-only."""
        table = self._rows.table()
        if self._pending:
            table = np.concatenate([table, self._now()[None, :]])
            table.flags.writeable = False
        return table

    def clear(self) -> None:
        """Forget the samples; the next first one is the state at the current step."""
        self._network.check_idle()
        self._start()

    def drain(self) -> NDArray[Any]:
        """Return the samples so far and forget them; the next ones are those that would have come next."""
        self._network.check_idle()
        self._take_pending()
        samples, following = self._rows.table(), self._next_step
        self._start()
        self.first_step = following
        return samples

    def stop(self) -> None:
        """Take no more samples."""
        self._network.check_idle()
        self._take_pending()
        self._stopped = True
        self._network.remove_signal(self)


class Signal(Sampled):
    """A state variable of some neurons."""

    def __init__(
        self,
        population: Population,
        variable: str,
        index: NDArray[np.int64],
        interval_steps: int,
        offset_steps: int = 0,
    ) -> None:
        self._population = population
        self._state = list(population.kernel.states).index(variable)
        positions = (index + population.offset).astype(np.uint32)
        self._recorder = population.network.recorder(population.block.index, self._state, positions, interval_steps)
        super().__init__(population.network, index, population.block.real, interval_steps, offset_steps)

    @property
    def recorder(self) -> core.Recorder:
        """What the engine writes the samples by."""
        return self._recorder

    def _now(self) -> NDArray[Any]:
        sample: NDArray[Any] = self._population.block.states[self._state][self._population.offset + self._index]
        return sample


class SpikeRecord:
    """The spikes of some neurons of a population."""

    def __init__(self, population: Population, index: NDArray[np.int64]) -> None:
        self._population = population
        self.neurons = (index + population.first).astype(np.uint32)
        self.log = population.network.spike_log()

    def _logged(self) -> tuple[NDArray[np.uint32], FloatArray]:
        self._population.network.check_idle()
        return self.log.events()

    def events(self) -> tuple[NDArray[np.uint32], FloatArray]:
        """Neuron numbers and times in ms, in order of time and, within a step, of neuron number."""
        neuron, time_ms = self._logged()
        if (np.diff(time_ms) < 0).any():  # spikes at their exact times inside a step
            order = np.argsort(time_ms, kind="stable")
            neuron, time_ms = neuron[order], time_ms[order]
        return neuron, time_ms

    def counts(self) -> NDArray[np.int64]:
        """Number of spikes of each recorded neuron."""
        neuron, _ = self._logged()
        population = self._population
        of_all = np.bincount(neuron - np.uint32(population.first), minlength=population.size)
        counts: NDArray[np.int64] = of_all[self.neurons - np.uint32(population.first)]
        return counts

    def clear(self) -> None:
        """Forget the spikes so far."""
        self._population.network.check_idle()
        self.log.clear()

    def stop(self) -> None:
        """Record no more."""
        self._population.network.remove_spike_record(self)
