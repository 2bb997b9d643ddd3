"""Synapses with state that were created together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core, synapse_links
from .arrays import FloatArray, Values, checked_index, derived, sampled_index, updated, values_for
from .projection import finite, steps
from .structure import Numbers, Rearrangement, with_new, without
from .switches import Switches
from .synapse_recording import SynapseSignal

if TYPE_CHECKING:
    from .kernels import SynapseKernel
    from .network import Network
    from .plastic_store import Field

WEIGHT = "w"


class PlasticProjection:
    """A handle for synapses of one model onto one or several receptor types, in order of creation.

    Made by :meth:`Network.add_plastic_projection`. A spike reaches the synapse ``delay_steps - dendritic_steps`` after
    it was sent, and the target ``dendritic_steps`` later, which is also what a spike of the target takes back.

    Attributes
    ----------
    source, target
        Global neuron numbers of each synapse; not to be written to.
    kernel, receptors
        The model, and what it acts on: the same input goes to each of several.
    numbers
        Of the synapses in the network, for random numbers.
    delay_steps, dendritic_steps
        One number if all have it, else one per synapse.
    switches
        What the synapses do at all.
    modulator, modulator_delay_steps
        What the engine knows the modulatory neurons by, None without, and how long their spikes take.
    """

    def __init__(
        self,
        network: Network,
        kernel: SynapseKernel,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        receptors: tuple[str, ...],
        first: int,
    ) -> None:
        self._network = network
        self.kernel = kernel
        self.source = source
        self.target = target
        self.receptors = receptors
        self.numbers = Numbers(first, len(source))
        self.version = 0
        self.delay_steps: int | NDArray[np.uint16] = 1
        self.dendritic_steps: int | NDArray[np.uint16] = 0
        self.modulator: int | None = None
        self.modulator_delay_steps = 1
        self.switches = Switches()
        self.parameters: dict[str, Values] = dict(kernel.parameters)
        self.initial: dict[str, Values] = dict(kernel.variables)
        self.state: list[Field] | None = None  # while it is moved from one store to another
        self._constants: list[Values] | None = None

    @property
    def size(self) -> int:
        """Number of synapses."""
        return len(self.source)

    @property
    def network(self) -> Network:
        """Where they are."""
        return self._network

    # -- delays ----------------------------------------------------------------------------------------------------

    @property
    def axonal_steps(self) -> int | NDArray[np.uint16]:
        """What a spike takes to the synapse."""
        axonal: Any = self.delay_steps - self.dendritic_steps
        return axonal if isinstance(axonal, np.ndarray) else int(axonal)

    @property
    def delay_range_steps(self) -> tuple[int, int] | None:
        """Shortest and longest delay, or None without synapses."""
        return (int(np.min(self.delay_steps)), int(np.max(self.delay_steps))) if self.size else None

    def window_limit(self) -> int | None:
        """The most steps that a window may have, or None without synapses."""
        if not self.size:
            return None
        axonal = np.asarray(self.axonal_steps)
        limits = [int(np.min(self.delay_steps))]
        if self.kernel.linked:
            limits.append(1)  # neurons and synapses see each other in every step
        if self.kernel.needs_late:
            if (axonal > 0).any():
                limits.append(int(axonal[axonal > 0].min()))
            # Input that arrives at once can only be processed when a window is over, but what the model does in every
            # step, and what it reads of its targets, has to be of that very step.
            if (axonal == 0).any() and (self.kernel.clocked or self.kernel.post):
                limits.append(1)
        if self.modulator is not None:
            limits.append(self.modulator_delay_steps)
        return min(limits)

    def set_delay(self, delay_steps: ArrayLike, dendritic_steps: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the delays in steps from the next run on; spikes that are already on their way to targets keep the old.

        Spikes of targets that are on their way back take the new one, and arrive at once if that has passed.
        """
        delay = _changed(self.delay_steps, self.size, index, delay_steps, "delay_steps")
        dendritic = _changed(self.dendritic_steps, self.size, index, dendritic_steps, "dendritic_steps")
        self.take_delays(delay, dendritic)
        self._network.synapses.delays_changed(self)

    def take_delays(self, delay: Values, dendritic: Values) -> None:
        """Check and set both delays."""
        checked = steps(delay)
        back = np.asarray(dendritic)
        if back.size and ((back != np.rint(back)).any() or (back < 0).any() or (back > np.asarray(delay)).any()):
            raise ValueError(
                f"dendritic delays of {back.min()} to {back.max()} steps; allowed are whole numbers from 0 to the delay"
            )
        self.delay_steps = checked
        self.dendritic_steps = back.astype(np.uint16) if isinstance(dendritic, np.ndarray) else int(dendritic)

    def set_switches(self, switches: Switches) -> None:
        """Change what the synapses do, from the next step on.

        Without transmission, spikes that reach them are lost; without learning, nothing changes their variables, and
        what happens meanwhile is never made up for.
        """
        if switches != self.switches:
            self._network.synapses.switches_change(self)
            self.switches = switches

    # -- structure -------------------------------------------------------------------------------------------------

    def create(
        self,
        source: ArrayLike,
        target: ArrayLike,
        *,
        parameters: Mapping[str, ArrayLike],
        variables: Mapping[str, ArrayLike],
        delay_steps: ArrayLike,
        dendritic_steps: ArrayLike = 0,
        before: ArrayLike | None = None,
    ) -> Rearrangement:
        """Add synapses, each before the one at a place (at the end by default), to which nothing has happened yet.

        Parameters and variables that are not given are those of the model.
        """
        network = self._network
        network.check_open()
        sources, targets = network.ends(source, target)
        network.check_spiking(sources, "source")
        synapse_links.check(network, self.kernel, sources, targets, self.receptors)
        network.synapses.check_room(sources.size)
        change = with_new(self.size, sources.size, before)
        # A handle that is none of the network's checks what new synapses begin with.
        fresh = PlasticProjection(network, self.kernel, sources, targets, self.receptors, 0)
        fresh.take_delays(
            values_for(delay_steps, sources.size, "delay_steps"),
            values_for(dendritic_steps, sources.size, "dendritic_steps"),
        )
        fresh.give_parameters(parameters, variables)
        self._rearrange(change, fresh)
        return change

    def prune(self, index: ArrayLike) -> Rearrangement:
        """Remove synapses, with all that is on its way to them; what they have sent to targets still arrives."""
        self._network.check_open()
        change = without(self.size, index)
        nothing = np.empty(0, np.uint32)
        self._rearrange(change, PlasticProjection(self._network, self.kernel, nothing, nothing, self.receptors, 0))
        return change

    def _rearrange(self, change: Rearrangement, fresh: PlasticProjection) -> None:
        synapses = self._network.synapses
        synapses.take_apart(self)  # while there are as many as the engine knows
        state = None if self.state is None else synapses.rearranged(self, change, fresh)
        self.source, self.target = (change.array(self.source, fresh.source), change.array(self.target, fresh.target))
        for name in self.parameters:
            self.parameters[name] = change.numbers(self.parameters[name], fresh.parameters[name])
        for name in self.initial:
            self.initial[name] = change.numbers(self.initial[name], fresh.initial[name])
        delay, dendritic = (
            change.values(getattr(self, name), getattr(fresh, name)) for name in ("delay_steps", "dendritic_steps")
        )
        self.delay_steps = delay.astype(np.uint16) if isinstance(delay, np.ndarray) else int(delay)
        self.dendritic_steps = dendritic.astype(np.uint16) if isinstance(dendritic, np.ndarray) else int(dendritic)
        self.numbers.follow(change, synapses.number(change.added))
        self.state = state
        self._constants = None
        self.version += 1
        self._network.structure_changed(self, change)
        self._network.synapses_changed("stores")

    # -- parameters --------------------------------------------------------------------------------------------------

    def _check(self, name: str, known: Mapping[str, Any], what: str) -> None:
        if name not in known:
            raise KeyError(f"{name!r} is no {what} of {self.kernel.name}; it has {', '.join(known) or 'none'}")

    def get_parameter(self, name: str) -> FloatArray:
        """The parameter of every synapse."""
        self._check(name, self.kernel.parameters, "parameter")
        return np.full(self.size, self.parameters[name])

    def set_parameter(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the parameter of all synapses, or of those at ``index``, from the next step on."""
        self._check(name, self.kernel.parameters, "parameter")
        new = updated(self.parameters[name], self.size, index, value, name)
        self._network.synapses.parameters_change(self)
        self.parameters[name] = new
        self._constants = None

    def give_parameters(self, parameters: Mapping[str, ArrayLike], variables: Mapping[str, ArrayLike]) -> None:
        """Set what synapses begin with."""
        for name, value in parameters.items():
            self._check(name, self.kernel.parameters, "parameter")
            self.parameters[name] = values_for(value, self.size, name)
        for name, value in variables.items():
            self._check(name, self.kernel.variables, "variable")
            self.initial[name] = self._checked_variable(name, values_for(value, self.size, name))

    def constants(self, dt_ms: float) -> list[Values]:
        """The kernel's constants, one number or one per synapse each."""
        if self._constants is None:
            address = self.kernel.address
            self._constants = derived(core.derive_synapse, address, self.parameters, self.size, dt_ms)
        return self._constants

    # -- variables ---------------------------------------------------------------------------------------------------

    def _number(self, name: str) -> int:
        self._check(name, self.kernel.variables, "variable")
        return list(self.kernel.variables).index(name)

    def _checked_variable(self, name: str, values: Values) -> Values:
        return finite(values) if name == WEIGHT else values

    def get_variable(self, name: str, index: ArrayLike | None = None) -> FloatArray:
        """The variable of all synapses, or of those at ``index``, now."""
        number = self._number(name)
        where = None if index is None else checked_index(index, self.size, name)
        self._network.check_open()
        return self._network.synapses.read(self, number, where)

    def set_variable(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the value that the variable has now and after every reset."""
        number = self._number(name)
        where = np.arange(self.size) if index is None else checked_index(index, self.size, name)
        values = self._checked_variable(name, values_for(value, where.size, name))
        initial = updated(self.initial[name], self.size, index, value, name)
        self._network.synapses.write(self, number, where, values, keep_last=name == WEIGHT)
        self.initial[name] = initial

    def set_now(self, name: str, values: FloatArray) -> None:
        """Set the variable of every synapse now, but not what it is after a reset."""
        number = self._number(name)
        self._network.synapses.write(self, number, np.arange(self.size), values, keep_last=name == WEIGHT)

    def record(self, variable: str, index: ArrayLike, interval_steps: int = 1, offset_steps: int = 0) -> SynapseSignal:
        """Sample a variable of some synapses every ``interval_steps`` steps, first ``offset_steps`` from now."""
        number = self._number(variable)
        if int(interval_steps) != interval_steps or interval_steps < 1:
            raise ValueError(f"interval of {interval_steps} steps; allowed are whole numbers from 1")
        where = sampled_index(index, self.size, variable)
        signal = SynapseSignal(self, number, where, int(interval_steps), int(offset_steps))
        self._network.add_signal(signal)
        return signal


def _changed(old: int | NDArray[np.uint16], size: int, index: ArrayLike | None, value: ArrayLike, name: str) -> Values:
    as_floats: Values = old.astype(np.float64) if isinstance(old, np.ndarray) else float(old)
    return updated(as_floats, size, index, value, name)
