"""All neurons of one model, whatever population they came from, as the engine sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import core
from .arrays import Values, aligned_zeros, derived, padded
from .lent import Lent
from .schedule import Schedule

if TYPE_CHECKING:
    from .kernels import Kernel
    from .population import Population


class Block:
    """Structure of arrays over the neurons of one kernel, in order of creation.

    Attributes
    ----------
    neuron
        Global number of each neuron.
    schedule
        The sequences that spike sources follow, None for other models.
    constants, strides
        One array per constant of the kernel; a single chunk with stride 0 where all neurons have the same value.
    """

    def __init__(self, kernel: Kernel, index: int, real: type[np.floating[Any]], dt_ms: float) -> None:
        self.kernel = kernel
        self.index = index
        self.real = real
        self.dt_ms = dt_ms
        self.size = 0
        self.populations: list[Population] = []
        self.neuron: NDArray[np.uint32] = aligned_zeros(0, np.uint32)
        self._states: Lent[list[NDArray[Any]]] = Lent([aligned_zeros(0, real) for _ in kernel.states])
        self.constants: list[NDArray[Any]] = []
        self.strides: list[int] = []
        self.schedule = Schedule() if kernel.source else None
        self._depends: list[int] = list(core.kernel_info(kernel.address)["constants"].values())
        self._derived: dict[Population, list[Values]] = {}

    @property
    def states(self) -> list[NDArray[Any]]:
        """One array per state variable, in the kernel's order; fetched now if a device has them."""
        return self._states.here

    def lend(self, fetch: Callable[[], None]) -> None:
        """Let a device have the states until somebody asks for them: ``fetch`` brings them back."""
        self._states.lend(fetch)

    def append(self, population: Population) -> int:
        """Make room for the population's neurons behind the others, and say where."""
        first = self.size
        self.size += population.size
        self.populations.append(population)
        if padded(self.size) > len(self.neuron):
            self._grow(max(padded(self.size), 2 * len(self.neuron)))
        if self.schedule is not None:
            self.schedule.grow(self.size, len(self.neuron))
        self.neuron[first : self.size] = np.arange(population.first, population.first + population.size)
        return first

    def _grow(self, capacity: int) -> None:
        neuron = aligned_zeros(capacity, np.uint32)
        neuron[: len(self.neuron)] = self.neuron
        self.neuron = neuron
        for k, init in enumerate(self.kernel.states.values()):
            state = aligned_zeros(capacity, self.real)
            state[len(self.states[k]) :] = init  # padding is updated along, so it starts from something sensible
            state[: len(self.states[k])] = self.states[k]
            self.states[k] = state

    def changed(self, population: Population) -> None:
        """The population's constants have to be derived again."""
        self._derived.pop(population, None)

    @property
    def stale(self) -> bool:
        """Whether the constants are behind the parameters."""
        return len(self._derived) < len(self.populations)

    def refresh(self) -> None:
        """Bring the constants up to date with the parameters."""
        for population in self.populations:
            if population not in self._derived:
                self._derived[population] = derived(
                    core.derive, self.kernel.address, population.parameters, population.size, self.dt_ms
                )
        self.constants, self.strides = [], []
        for k in range(len(self._depends)):
            values = [self._derived[population][k] for population in self.populations]
            first = values[0]
            if not isinstance(first, np.ndarray) and all(np.ndim(v) == 0 and v == first for v in values):
                array = aligned_zeros(core.CHUNK, self.real)
                array[:] = first
                self.strides.append(0)
            else:
                array = self._spread(values)
                self.strides.append(core.CHUNK)
            self.constants.append(array)

    def _spread(self, values: list[Values]) -> NDArray[Any]:
        array = aligned_zeros(padded(self.size), self.real)
        for population, value in zip(self.populations, values, strict=True):
            array[population.offset : population.offset + population.size] = value
        array[self.size :] = array[self.size - 1]
        return array

    def disabled(self) -> NDArray[np.uint32]:
        """The positions of neurons that are not updated."""
        spans = [np.arange(p.offset, p.offset + p.size) for p in self.populations if not p.enabled]
        return np.concatenate([np.empty(0), *spans]).astype(np.uint32)

    def arrays(self, stream: int) -> tuple[Any, ...]:
        """What the engine's layout takes."""
        return (
            self.kernel.address,
            self.size,
            self.neuron,
            tuple(self.states),
            tuple(self.constants),
            tuple(self.strides),
            0 if self.schedule is None else self.schedule.address,
            stream,
        )
