"""Neurons of one model that were created together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, Values, checked_index, updated, values_for
from .recording import Signal, SpikeRecord
from .schedule import checked_rows

if TYPE_CHECKING:
    from .block import Block
    from .kernels import Kernel
    from .network import Network


class Population:
    """A handle for the neurons ``first`` ... ``first + size - 1`` of a network.

    Made by :meth:`Network.add_population`. Indices are local to the population; values are in the kernel's units.
    """

    def __init__(
        self,
        network: Network,
        block: Block,
        first: int,
        size: int,
        parameters: Mapping[str, ArrayLike],
        initial_values: Mapping[str, ArrayLike],
    ) -> None:
        kernel = block.kernel
        self.network = network
        self.block = block
        self.first = first
        self.size = size
        self.parameters: dict[str, Values] = dict(kernel.parameters)
        for name, value in parameters.items():
            self._check(name, kernel.parameters, "parameter")
            self.parameters[name] = values_for(value, size, name)
        self._initial: dict[str, Values] = dict(kernel.states)
        for name, value in initial_values.items():
            self._check(name, kernel.states, "state variable")
            self._initial[name] = values_for(value, size, name)
        self._enabled = True
        self.offset = block.append(self)
        self.restore()

    @property
    def kernel(self) -> Kernel:
        """The model."""
        return self.block.kernel

    def _check(self, name: str, known: Mapping[str, Any], what: str) -> None:
        if name not in known:
            raise KeyError(f"{name!r} is no {what} of {self.block.kernel.name}; it has {', '.join(known) or 'none'}")

    def get_parameter(self, name: str) -> FloatArray:
        """The parameter of every neuron."""
        self._check(name, self.kernel.parameters, "parameter")
        return np.full(self.size, self.parameters[name])

    def set_parameter(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the parameter of all neurons, or of those at ``index``, from the next step on."""
        self._check(name, self.kernel.parameters, "parameter")
        self.parameters[name] = updated(self.parameters[name], self.size, index, value, name)
        self.block.changed(self)

    def _state(self, name: str) -> NDArray[Any]:
        self._check(name, self.kernel.states, "state variable")
        state = self.block.states[list(self.kernel.states).index(name)]
        return state[self.offset : self.offset + self.size]

    def get_state(self, name: str) -> FloatArray:
        """The state variable of every neuron now."""
        return self._state(name).astype(np.float64)

    def set_state(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the state variable of all neurons, or of those at ``index``, now."""
        self.network.check_idle()
        state = self._state(name)
        where = slice(None) if index is None else checked_index(index, self.size, name)
        state[where] = values_for(value, len(state[where]), name)

    def set_initial(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the value that the state variable has now and after every reset."""
        self._check(name, self.kernel.states, "state variable")
        self._initial[name] = updated(self._initial[name], self.size, index, value, name)
        self.set_state(name, value, index)

    def restore(self, names: Iterable[str] | None = None, index: ArrayLike | None = None) -> None:
        """Bring state variables, all by default, back to their initial values."""
        self.network.check_idle()
        where = slice(None) if index is None else checked_index(index, self.size, "index")
        for name in self._initial if names is None else names:
            self._state(name)[where] = np.broadcast_to(self._initial[name], (self.size,))[where]

    @property
    def enabled(self) -> bool:
        """Whether the neurons are updated; else they stay as they are, emit nothing, and lose their input."""
        return self._enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self.network.check_idle()
        if enabled != self._enabled:
            self._enabled = bool(enabled)
            self.network.enabled_changed()

    def clear_input(self) -> None:
        """Forget what is on its way to the neurons."""
        self.network.clear_input(self)

    def record(self, variable: str, index: ArrayLike, interval_steps: int = 1, offset_steps: int = 0) -> Signal:
        """Sample a state variable of some neurons every ``interval_steps`` steps, first ``offset_steps`` from now."""
        self._check(variable, self.kernel.states, "state variable")
        if int(interval_steps) != interval_steps or interval_steps < 1:
            raise ValueError(f"interval of {interval_steps} steps; allowed are whole numbers from 1")
        where = checked_index(index, self.size, variable)
        signal = Signal(self, variable, where, int(interval_steps), int(offset_steps))
        self.network.add_signal(signal)
        return signal

    def record_spikes(self, index: ArrayLike) -> SpikeRecord:
        """Keep the spikes of some neurons from now on."""
        if not self.kernel.spiking:
            raise ValueError(f"{self.kernel.name} does not spike")
        record = SpikeRecord(self, checked_index(index, self.size, "spikes"))
        self.network.add_spike_record(record)
        return record

    def set_spike_times(self, times: Sequence[ArrayLike], index: ArrayLike | None = None) -> None:
        """Give spike times in ms, ascending, to a population of array sources; one sequence per neuron.

        Times that are not after now are ignored; at step 0, time 0 counts.
        """
        self._set_sequences([times], ["spike_times"], index)

    def set_gamma_schedule(
        self,
        a: Sequence[ArrayLike],
        b: Sequence[ArrayLike],
        tbins: Sequence[ArrayLike],
        index: ArrayLike | None = None,
    ) -> None:
        """Give the parameters of inhomogeneous gamma processes and the times in ms from which they hold."""
        self._set_sequences([a, b, tbins], ["a", "b", "tbins"], index)

    def set_timed_rates(
        self, rates: Sequence[ArrayLike], schedule: Sequence[ArrayLike], index: ArrayLike | None = None
    ) -> None:
        """Give rates, and the times in ms from which they hold, to a population of timed arrays."""
        self._set_sequences([rates, schedule], ["rates", "schedule"], index)

    def _set_sequences(
        self, sequences: Sequence[Sequence[ArrayLike]], names: Sequence[str], index: ArrayLike | None
    ) -> None:
        self.network.check_idle()
        if self.block.schedule is None:
            raise ValueError(f"{self.kernel.name} is no spike source")
        where = np.arange(self.size) if index is None else checked_index(index, self.size, names[0])
        checked = [
            checked_rows(rows, where.size, name, ascending=name in ("spike_times", "tbins", "schedule"))
            for rows, name in zip(sequences, names, strict=True)
        ]
        if any([row.size for row in rows] != [row.size for row in checked[0]] for rows in checked):
            raise ValueError(f"{', '.join(names)} of one neuron have to have the same length")
        self.block.schedule.set(where + self.offset, checked)
