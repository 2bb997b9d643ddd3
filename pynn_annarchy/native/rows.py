"""Continuous synapses that were created together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core
from .arrays import (
    FloatArray,
    Values,
    aligned_zeros,
    checked_index,
    collapsed,
    derived,
    sampled_index,
    updated,
    values_for,
)
from .lent import Lent
from .projection import steps
from .row_layout import RowLayout, rows_by_target
from .rows_recording import RowsSignal
from .structure import Numbers, Rearrangement, of_rows, rows_after, with_new, without
from .switches import Switches

if TYPE_CHECKING:
    from .kernels import RowsKernel
    from .network import Network

LOCAL, POSTSYNAPTIC, PROJECTION = "local", "postsynaptic", "projection"
_CACHE_LINE = 64


class RowsProjection:
    """A handle for continuous synapses of one model onto one receptor type.

    Made by :meth:`Network.add_rows_projection`. A parameter or variable has one value per synapse (in order of
    creation), per target that has synapses (in order of :attr:`row_target`) or for the projection, as the model says.

    Attributes
    ----------
    kernel, receptor
        The model, and what it acts on.
    layout
        Who is connected to whom.
    numbers
        Of the synapses in the network, for random numbers.
    delay_steps
        One number if all have it, else one per synapse.
    switches
        What the synapses do at all.
    """

    def __init__(self, network: Network, kernel: RowsKernel, layout: RowLayout, receptor: str, first: int) -> None:
        self._network = network
        self.kernel = kernel
        self.layout = layout
        self.receptor = receptor
        self.numbers = Numbers(first, layout.size)
        self.delay_steps: int | NDArray[np.uint16] = 1
        self.switches = Switches()
        self._row_places: NDArray[np.int64] = np.empty(0, np.int64)  # of rows after the last change of the structure
        self.parameters: dict[str, Values] = dict(kernel.parameters)
        self.initial: dict[str, Values] = dict(kernel.variables)
        self._arrays: Lent[dict[str, NDArray[Any]]] = Lent({})
        for name in kernel.variables:
            self._restore(name)

    @property
    def network(self) -> Network:
        """Where they are."""
        return self._network

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Values of each variable in the order of the rows; of the projection: [threads, a cache line], a copy each."""
        return self._arrays.here

    def lend(self, fetch: Callable[[], None]) -> None:
        """Values are elsewhere until somebody asks for them, which calls ``fetch``."""
        self._arrays.lend(fetch)

    @property
    def size(self) -> int:
        """Number of synapses."""
        return self.layout.size

    @property
    def source(self) -> NDArray[np.uint32]:
        """Global neuron number of each synapse's source. A copy."""
        return self.layout.source()

    @property
    def target(self) -> NDArray[np.uint32]:
        """Global neuron number of each synapse's target. A copy."""
        return self.layout.target()

    @property
    def row_target(self) -> NDArray[np.uint32]:
        """The targets that have synapses."""
        return self.layout.row_target

    def _length(self, name: str) -> int:
        """How many values there are of a parameter or variable."""
        return {LOCAL: self.size, POSTSYNAPTIC: len(self.layout.row_target)}.get(self.kernel.localities[name], 1)

    # -- delays ----------------------------------------------------------------------------------------------------

    @property
    def delay_range_steps(self) -> tuple[int, int] | None:
        """Shortest and longest delay, or None without synapses."""
        return (int(np.min(self.delay_steps)), int(np.max(self.delay_steps))) if self.size else None

    def set_delay(self, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the delay in steps from the next step on."""
        old: Any = self.delay_steps
        as_floats: Values = old.astype(np.float64) if isinstance(old, np.ndarray) else float(old)
        self.delay_steps = steps(updated(as_floats, self.size, index, value, "delay_steps"))
        self._network.continuous.changed()

    # -- parameters ------------------------------------------------------------------------------------------------

    def _check(self, name: str, known: Mapping[str, Any], what: str) -> None:
        if name not in known:
            raise KeyError(f"{name!r} is no {what} of {self.kernel.name}; it has {', '.join(known) or 'none'}")

    def get_parameter(self, name: str) -> FloatArray:
        """All values of the parameter."""
        self._check(name, self.kernel.parameters, "parameter")
        return np.full(self._length(name), self.parameters[name])

    def set_parameter(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set all values of the parameter, or those at ``index``, from the next step on."""
        self._check(name, self.kernel.parameters, "parameter")
        self.parameters[name] = updated(self.parameters[name], self._length(name), index, value, name)
        self._network.continuous.changed()

    def give(self, parameters: Mapping[str, ArrayLike], variables: Mapping[str, ArrayLike]) -> None:
        """Set what synapses begin with."""
        for name, value in parameters.items():
            self._check(name, self.kernel.parameters, "parameter")
            self.parameters[name] = values_for(value, self._length(name), name)
        for name, value in variables.items():
            self._check(name, self.kernel.variables, "variable")
            self.initial[name] = values_for(value, self._length(name), name)
            self._restore(name)

    def constants(self, dt_ms: float) -> list[tuple[str, Values]]:
        """The kernel's constants: of which locality, and one number or one value each in the order of the rows."""
        local = {name for name, value in self.parameters.items() if isinstance(value, np.ndarray)}
        groups = {self.kernel.localities[name] for name in local}
        widest = LOCAL if LOCAL in groups else POSTSYNAPTIC if POSTSYNAPTIC in groups else PROJECTION
        rows = self.layout.rows_of_synapses() if groups == {LOCAL, POSTSYNAPTIC} else None
        given = {
            name: value[rows]
            if rows is not None and isinstance(value, np.ndarray) and self.kernel.localities[name] == POSTSYNAPTIC
            else value
            for name, value in self.parameters.items()
        }
        size = {LOCAL: self.size, POSTSYNAPTIC: len(self.layout.row_target), PROJECTION: 1}[widest]
        found = derived(core.derive_rows, self.kernel.address, given, size, dt_ms)
        return [
            (PROJECTION, value)
            if not isinstance(value, np.ndarray)
            else (widest, self.layout.walked(value) if widest == LOCAL else value)
            for value in found
        ]

    # -- variables -------------------------------------------------------------------------------------------------

    def _restore(self, name: str) -> None:
        """Give a variable its initial values."""
        locality, value = self.kernel.localities[name], self.initial[name]
        real = self._network.real
        if locality == PROJECTION:
            array = np.zeros((self._network.threads, _CACHE_LINE // np.dtype(real).itemsize), real)
            array[:, 0] = value
        else:
            if name in self.arrays and len(self.arrays[name]) == self._length(name):
                array = self.arrays[name]
            else:
                array = aligned_zeros(self._length(name), real)
            is_local = locality == LOCAL and isinstance(value, np.ndarray)
            array[:] = self.layout.walked(value) if is_local and isinstance(value, np.ndarray) else value
        self.arrays[name] = array

    def restore(self) -> None:
        """Bring every variable back to its initial values."""
        for name in self.kernel.variables:
            self._restore(name)

    def get_variable(self, name: str, index: ArrayLike | None = None) -> FloatArray:
        """All values of the variable, or those at ``index``, now."""
        self._check(name, self.kernel.variables, "variable")
        self._network.check_idle()
        return self.now(name, index)

    def now(self, name: str, index: ArrayLike | None = None) -> FloatArray:
        """The same, which may be asked for at the beginning of a run, too."""
        array, locality = self.arrays[name], self.kernel.localities[name]
        if locality == PROJECTION:
            array = array[0, :1]
        elif locality == LOCAL:
            array = self.layout.created(array)
        values = array.astype(np.float64)
        return values if index is None else values[checked_index(index, len(values), name)]

    def set_variable(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the values that the variable has now and after every reset."""
        self._check(name, self.kernel.variables, "variable")
        self._network.check_idle()
        initial = updated(self.initial[name], self._length(name), index, value, name)
        now = np.empty(self._length(name)) if index is None else self.get_variable(name)
        where = slice(None) if index is None else checked_index(index, len(now), name)
        now[where] = values_for(value, len(now[where]), name)
        self.set_now(name, now)
        self.initial[name] = initial

    def set_now(self, name: str, values: FloatArray) -> None:
        """Set all values of the variable now, but not what they are after a reset."""
        locality = self.kernel.localities[name]
        if locality == PROJECTION:
            self.arrays[name][:, 0] = values[0]
        else:
            self.arrays[name][:] = self.layout.walked(values) if locality == LOCAL else values

    def record(self, variable: str, index: ArrayLike, interval_steps: int = 1, offset_steps: int = 0) -> RowsSignal:
        """Sample some values of a variable every ``interval_steps`` steps, first ``offset_steps`` from now."""
        self._check(variable, self.kernel.variables, "variable")
        if int(interval_steps) != interval_steps or interval_steps < 1:
            raise ValueError(f"interval of {interval_steps} steps; allowed are whole numbers from 1")
        where = sampled_index(index, self._length(variable), variable)
        signal = RowsSignal(self, variable, where, int(interval_steps), int(offset_steps))
        self._network.add_signal(signal)
        return signal

    # -- structure -------------------------------------------------------------------------------------------------

    def create(
        self,
        source: ArrayLike,
        target: ArrayLike,
        *,
        parameters: Mapping[str, ArrayLike],
        variables: Mapping[str, ArrayLike],
        delay_steps: ArrayLike = 1,
        before: ArrayLike | None = None,
    ) -> Rearrangement:
        """Add synapses, each before the one at a place (at the end by default).

        Parameters and variables are given for each new synapse, or one number for all of them; those that are not
        given are the model's. What belongs to a target that has synapses already, or to the projection, stays as it is.
        """
        network = self._network
        network.check_open()
        sources, targets = network.ends(source, target)
        network.continuous.check(self.kernel, sources, targets, self.receptor)
        network.continuous.check_room(sources.size)
        for name in parameters:
            self._check(name, self.kernel.parameters, "parameter")
        for name in variables:
            self._check(name, self.kernel.variables, "variable")
        change = with_new(self.size, sources.size, before)
        given = {name: values_for(v, sources.size, name) for name, v in {**parameters, **variables}.items()}
        delays = steps(values_for(delay_steps, sources.size, "delay_steps"))
        self._rearrange(change, sources, targets, given, delays)
        return change

    def prune(self, index: ArrayLike) -> Rearrangement:
        """Remove synapses."""
        self._network.check_open()
        change, nothing = without(self.size, index), np.empty(0, np.uint32)
        self._rearrange(change, nothing, nothing, {}, 1)
        return change

    def _rearrange(
        self,
        change: Rearrangement,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        given: Mapping[str, Values],
        delay: int | NDArray[np.uint16],
    ) -> None:
        network, kernel, before = self._network, self.kernel, self.layout
        source, target = change.array(self.source, source), change.array(self.target, target)
        after = rows_by_target(source, target, network.block_numbers(target))
        fresh = {**kernel.parameters, **kernel.variables, **given}
        for values in (self.parameters, self.initial):
            for name in values:
                values[name] = self.followed(name, values[name], change, (before, after), fresh[name])
        for name, locality in kernel.localities.items():
            if name in self.arrays and locality == LOCAL:
                whole = change.array(before.created(self.arrays[name]), fresh[name])
                self.arrays[name] = _aligned(after.walked(whole))
            elif name in self.arrays and locality == POSTSYNAPTIC:
                rows = of_rows(self.arrays[name], before, after, _of_each(change, fresh[name]))
                self.arrays[name] = _aligned(rows)
        delays = change.values(self.delay_steps, delay)
        self.delay_steps = delays.astype(np.uint16) if isinstance(delays, np.ndarray) else int(delays)
        self.numbers.follow(change, network.continuous.number(change.added))
        self.layout, self._row_places = after, rows_after(before, after)
        network.structure_changed(self, change)
        network.continuous.changed()

    def followed(
        self, name: str, old: Any, change: Rearrangement, layouts: tuple[RowLayout, RowLayout], fresh: Any
    ) -> Any:
        """Values of a parameter or variable, of the right locality, after a change; `fresh` are those of new ones."""
        locality = self.kernel.localities[name]
        if locality == LOCAL:
            return change.numbers(old, fresh)
        if locality == PROJECTION or (np.ndim(old) == 0 and np.ndim(fresh) == 0 and old == fresh):
            return old
        before, after = layouts
        rows = np.array(np.broadcast_to(np.asarray(old, float), (len(before.row_target),)))
        return collapsed(of_rows(rows, before, after, _of_each(change, fresh)))

    def follow_index(self, name: str, index: NDArray[np.int64], change: Rearrangement) -> NDArray[np.int64]:
        """Where values of a variable are after a change that has just been made; -1 for those that are no more."""
        locality = self.kernel.localities[name]
        if locality == LOCAL:
            return change.places(index)
        return index if locality == PROJECTION else np.where(index < 0, -1, self._row_places[index])

    # -- switches --------------------------------------------------------------------------------------------------

    def set_switches(self, switches: Switches) -> None:
        """Change what the synapses do, from the next step on."""
        if switches != self.switches:
            self.switches = switches
            self._network.continuous.changed()


def _of_each(change: Rearrangement, fresh: Any) -> Any:
    """One number, or one for each synapse there is after a change, of which those of new ones count."""
    return fresh if np.ndim(fresh) == 0 else change.array(np.zeros(change.size), fresh)


def _aligned(values: NDArray[Any]) -> NDArray[Any]:
    array = aligned_zeros(len(values), values.dtype)
    array[:] = values
    return array
