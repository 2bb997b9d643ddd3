"""Gap junctions: currents between the membranes of two cells that are proportional to the difference of their v."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, Values, updated, values_for
from .spec import Membrane
from .switches import Switches

if TYPE_CHECKING:
    from .block import Block
    from .kernels import Kernel
    from .network import Network
    from .population import Population

_REFRACTORY = "_refractory"  # the state in which the pipeline counts the steps that a neuron stays refractory


class GapJunctions:
    """Junctions that were created together, in order of creation. Made by :meth:`Network.add_gap_junctions`.

    Attributes
    ----------
    source, target
        Global numbers of the two neurons of each junction; not to be written to. Which is which makes no difference.
    conductance
        In uS: one number if all have it, else one per junction.
    """

    def __init__(
        self,
        network: Network,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        conductance: ArrayLike,
        membranes: Mapping[Population, Membrane],
    ) -> None:
        self._network = network
        self.source = source
        self.target = target
        self.membranes = dict(membranes)
        self.switches = Switches()
        self.conductance: Values = checked_conductance(values_for(conductance, self.size, "conductance"))

    @property
    def size(self) -> int:
        """Number of junctions."""
        return len(self.source)

    @property
    def open(self) -> Values:
        """The conductance, 0 while nothing is transmitted."""
        return self.conductance if self.switches.transmits else 0.0

    def set_switches(self, switches: Switches) -> None:
        """Change whether current flows, from the next step on; there is nothing else to switch."""
        self._network.check_idle()
        if switches.transmits != self.switches.transmits:
            self._network.coupling_changed()
        self.switches = switches

    def set_conductance(self, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the conductance in uS of all junctions, or of those at ``index``, from the next step on."""
        self._network.check_idle()
        self.conductance = checked_conductance(updated(self.conductance, self.size, index, value, "conductance"))
        self._network.coupling_changed()


def checked_conductance(value: Values) -> Values:
    """The conductance, if it can be one."""
    if not (np.isfinite(value).all() and np.greater_equal(value, 0).all()):
        raise ValueError("conductances of gap junctions have to be finite and not negative")
    return value


def check_membrane(kernel: Kernel, membrane: Membrane) -> None:
    """Refuse a membrane that the model does not have."""
    if membrane.variable not in kernel.states:
        raise ValueError(
            f"{kernel.name} has no membrane potential {membrane.variable!r} that a gap junction could act on"
        )
    capacitance = membrane.capacitance
    if isinstance(capacitance, str):
        if capacitance not in kernel.parameters:
            raise ValueError(f"{kernel.name} has no parameter {capacitance!r}: say what its capacitance is in nF")
    elif not (np.isfinite(capacitance) and capacitance > 0):
        raise ValueError(f"a capacitance of {capacitance} nF; allowed are positive numbers")


@dataclass(frozen=True)
class CouplingArrays:
    """All junctions of a network, as the engine wants them. Those without conductance are left out.

    Attributes
    ----------
    neuron, capacitance_nF
        The cells that occur, in ascending order.
    membranes
        For each block: the numbers of the states of v and of the refractory counter, and whether a spike resets v and
        injected current reaches it; -1 where there is no such state.
    """

    first: NDArray[np.uint32]
    second: NDArray[np.uint32]
    conductance_uS: FloatArray
    neuron: NDArray[np.uint32]
    capacitance_nF: FloatArray
    membranes: list[tuple[int, int, bool, bool]]


def coupling_arrays(all_junctions: Sequence[GapJunctions], blocks: Sequence[Block]) -> CouplingArrays:
    """Collect the junctions of a network, in order of creation."""
    conductance = np.concatenate([np.empty(0), *(np.full(j.size, j.open) for j in all_junctions)])
    first = np.concatenate([np.empty(0, np.uint32), *(j.source for j in all_junctions)])
    second = np.concatenate([np.empty(0, np.uint32), *(j.target for j in all_junctions)])
    real = (conductance > 0) & (first != second)
    first, second = first[real], second[real]
    membranes = {population: m for j in all_junctions for population, m in j.membranes.items()}
    neuron = np.unique(np.concatenate([first, second]))
    capacitance = np.empty(neuron.size)
    for population, membrane in membranes.items():
        begin, end = np.searchsorted(neuron, [population.first, population.first + population.size])
        which = neuron[begin:end] - population.first
        capacitance[begin:end] = _capacitance(population, membrane)[which]
    states = [(-1, -1, False, False)] * len(blocks)
    for population, membrane in membranes.items():
        states[population.block.index] = _numbers(population.kernel, membrane)
    return CouplingArrays(first, second, conductance[real], neuron, capacitance, states)


def _capacitance(population: Population, membrane: Membrane) -> FloatArray:
    capacitance = membrane.capacitance
    if isinstance(capacitance, str):
        return population.get_parameter(capacitance)
    return np.full(population.size, capacitance)


def _numbers(kernel: Kernel, membrane: Membrane) -> tuple[int, int, bool, bool]:
    names = list(kernel.states)
    held = membrane.resets and _REFRACTORY in names
    refractory = names.index(_REFRACTORY) if held else -1
    return names.index(membrane.variable), refractory, membrane.resets, kernel.injectable
