"""The neurons of a network, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core
from .projection import MAX_DELAY_STEPS

if TYPE_CHECKING:
    from .kernels import Kernel, SynapseKernel
    from .population import Population


_AT_ONCE = 1 << 18  # indices that numpy makes 64-bit ones of
_REDUCTIONS = ("mean(", "max(", "min(", "norm1(", "norm2(")


def is_deaf(kernel: Kernel) -> bool:
    """Whether spikes mean nothing to neurons of a model that spike themselves: all they know is their population."""
    return kernel.spiking and all(name.startswith(_REDUCTIONS) for name in kernel.receptors)


class Neurons:
    """Who is in a network, and what can be done to them."""

    recorder = core.Recorder  # what samples and spikes are kept by
    spike_log = core.SpikeLog
    synapse_recorder = core.SynapseRecorder
    rows_recorder = core.RowsRecorder

    def __init__(self) -> None:
        self._size = 0
        self._populations: list[Population] = []

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self._size

    @property
    def populations(self) -> Sequence[Population]:
        """In order of their neurons' numbers."""
        return self._populations

    def _numbers(self, neurons: ArrayLike, what: str) -> NDArray[np.uint32]:
        array = np.atleast_1d(np.asarray(neurons))
        if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
            raise TypeError(f"{what} has to be a list of whole neuron numbers")
        if array.size and (array.min() < 0 or array.max() >= self._size):
            raise ValueError(f"{what} has neurons {array.min()} to {array.max()}; allowed are 0 to {self._size - 1}")
        return np.ascontiguousarray(array, np.uint32)

    def populations_of(self, neurons: NDArray[np.uint32]) -> list[Population]:
        """Populations that some of these neurons belong to, in linear time."""
        if not neurons.size:
            return []
        first, last = int(neurons.min()), int(neurons.max())
        between = [p for p in self._populations if p.first <= last and p.first + p.size > first]
        if len(between) <= 2:  # those of the first and of the last one
            return between
        seen = np.zeros(last - first + 1, bool)
        for k in range(0, neurons.size, _AT_ONCE):
            seen[neurons[k : k + _AT_ONCE] - np.uint32(first)] = True
        return [p for p in between if seen[max(p.first - first, 0) : p.first + p.size - first].any()]

    def injectable(self, neurons: ArrayLike) -> NDArray[np.uint32]:
        """The neuron numbers, if a current can be injected into all of them."""
        numbers = self._numbers(neurons, "inject")
        for population in self.populations_of(numbers):
            if not population.kernel.injectable:
                raise ValueError(f"no current can be injected into {population.kernel.name}")
        return numbers

    def block_numbers(self, neurons: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Which block each neuron is in; one number if they all are in the same."""
        blocks = {population.block.index for population in self.populations_of(neurons)}
        if len(blocks) == 1:
            return np.array(blocks.pop())
        firsts = np.array([population.first for population in self._populations])
        numbers = np.array([population.block.index for population in self._populations])
        found: NDArray[np.int64] = numbers[np.searchsorted(firsts, neurons, side="right") - 1]
        return found

    def check_spiking(self, neurons: NDArray[np.uint32], what: str) -> None:
        for population in self.populations_of(neurons):
            if not population.kernel.spiking:
                raise ValueError(f"{population.kernel.name} does not spike, so it cannot be a {what}")

    def ends(self, source: ArrayLike, target: ArrayLike) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        sources, targets = self._numbers(source, "source"), self._numbers(target, "target")
        if sources.shape != targets.shape:
            raise ValueError(f"{sources.size} sources for {targets.size} targets")
        return sources, targets

    def _modulators(
        self, kernel: SynapseKernel, modulator: ArrayLike | None, delay_steps: int
    ) -> NDArray[np.uint32] | None:
        """The neuron numbers, if synapses of this model can have such modulators; None if they have none."""
        if kernel.modulated != (modulator is not None):
            raise ValueError(f"{kernel.name} {'needs a' if kernel.modulated else 'has no use for a'} modulator")
        if modulator is None:
            return None
        neurons = self._numbers(modulator, "modulator")
        self.check_spiking(neurons, "modulator")
        if int(delay_steps) != delay_steps or not 1 <= delay_steps <= MAX_DELAY_STEPS:
            raise ValueError(
                f"modulator_delay_steps is {delay_steps}; allowed are whole numbers from 1 to {MAX_DELAY_STEPS}"
            )
        return neurons

    def connected(
        self, source: ArrayLike, target: ArrayLike, receptor: str
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The neuron numbers, if such synapses can be."""
        sources, targets = self.ends(source, target)
        self.check_spiking(sources, "source")
        for population in self.populations_of(targets):
            if receptor not in population.kernel.receptors and not is_deaf(population.kernel):
                allowed = ", ".join(population.kernel.receptors) or "none"
                raise ValueError(f"{population.kernel.name} has no receptor {receptor!r}; it has {allowed}")
        return sources, targets
