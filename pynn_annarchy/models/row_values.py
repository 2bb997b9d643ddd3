"""The parameters and variables of continuous synapses, between PyNN and the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import errors

from .. import simulator
from ..connectors.limits import steps_to_delays

if TYPE_CHECKING:
    from ..native.kernels import RowsKernel
    from ..native.row_layout import RowLayout
    from ..native.rows import RowsProjection
    from ..native.structure import Rearrangement

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]
Values = Mapping[str, Any]

WEIGHT = "w"


class RowValues:
    """Values of connections, whatever their locality: one that several connections share is read at each of them.

    Where several values are given for what connections share, the first of each target's connections counts.
    """

    def __init__(self, native: RowsProjection) -> None:
        self._native = native
        self._created = {**native.parameters, "delay": native.delay_steps}
        self.variables = tuple(n for n in native.kernel.variables if n != WEIGHT and not n.startswith("_"))

    def read(self, name: str, index: Index | None = None) -> Numbers:
        """Return a parameter or variable of all connections, or of those at `index`."""
        native = self._native
        if name == "delay":
            values = np.asarray(steps_to_delays(np.broadcast_to(native.delay_steps, (native.size,)).astype(float)))
        else:
            name = WEIGHT if name == "weight" else name
            stored = native.get_parameter if name in native.kernel.parameters else native.get_variable
            values = self._of_connections(name, stored(name))
        return values if index is None else values[index]

    def _of_connections(self, name: str, values: Numbers) -> Numbers:
        locality = self._native.kernel.localities[name]
        if locality == "postsynaptic":
            return values[self._native.layout.rows_of_synapses()]
        return np.full(self._native.size, values[0]) if locality == "projection" else values

    def _stored(self, name: str, values: Any, index: Index | None) -> tuple[Any, Any]:
        """Return values as the engine keeps them, and which of them they are."""
        locality = self._native.kernel.localities[name]
        if locality == "local" or (np.ndim(values) == 0 and index is None):
            return values, index
        of_connections = np.broadcast_to(values, (self._native.size if index is None else index.size,))
        if locality == "projection":
            return float(of_connections[0]), None
        rows = self._native.layout.rows_of_synapses()
        chosen, first = np.unique(rows if index is None else rows[index], return_index=True)
        return of_connections[first], chosen

    def write(self, values: Values, index: Index | None = None) -> None:
        """Set checked parameters."""
        native = self._native
        for name, value in values.items():
            if name == "delay":
                native.set_delay(value, index)
                continue
            name = WEIGHT if name == "weight" else name
            store = native.set_parameter if name in native.kernel.parameters else native.set_variable
            stored, where = self._stored(name, value, index)
            store(name, stored, where)

    def stored_at(self, name: str, index: Index) -> Index:
        """Return which of the engine's values of a variable belongs to each of the connections at `index`."""
        locality = self._native.kernel.localities[name]
        if locality == "local":
            return index
        if locality == "projection":
            return np.zeros_like(index)
        return np.where(index < 0, -1, np.append(self._native.layout.rows_of_synapses(), -1)[index])

    def restore(self, name: str) -> None:
        """Bring a variable back to its initial values, or a parameter to those of when connections were made."""
        native, own = self._native, WEIGHT if name == "weight" else name
        if own in native.kernel.variables:
            native.set_variable(own, native.initial[own])
        elif own == "delay":
            native.set_delay(self._created[own])
        else:
            native.set_parameter(own, self._created[own])

    def create(self, pre: Index, post: Index, values: Values, before: Index) -> Rearrangement:
        """Add connections between neurons, with checked parameters and the values of variables."""
        native, layout = self._native, self._native.layout
        given = {WEIGHT if name == "weight" else name: value for name, value in values.items() if name != "delay"}
        change = native.create(
            pre,
            post,
            parameters={name: value for name, value in given.items() if name in native.kernel.parameters},
            variables={name: value for name, value in given.items() if name in native.kernel.variables},
            delay_steps=values["delay"],
            before=before,
        )
        self._follow(change, layout, {**native.kernel.parameters, **given, "delay": values["delay"]})
        return change

    def prune(self, index: Index) -> Rearrangement:
        """Remove connections."""
        layout = self._native.layout
        change = self._native.prune(index)
        self._follow(change, layout, {**self._native.kernel.parameters, "delay": 1})
        return change

    def _follow(self, change: Rearrangement, before: RowLayout, fresh: Values) -> None:
        native = self._native
        for name, old in self._created.items():
            if name == "delay":
                self._created[name] = change.values(old, fresh[name])
            else:
                self._created[name] = native.followed(name, old, change, (before, native.layout), fresh[name])

    def write_variables(self, values: Values, index: Index | None = None) -> None:
        """Set checked state variables, now and for the beginning of each run."""
        for name, value in values.items():
            stored, where = self._stored(name, value, index)
            self._native.set_variable(name, stored, where)


def add_rows(projection: Any, kernel: RowsKernel, sources: Any, post: Index, values: Values) -> RowsProjection:
    """Make continuous connections from neurons with some numbers; the values are checked.

    Raises
    ------
    pyNN.errors.ConnectionError
        If one of the cells lacks what the model reads.
    """
    network = simulator.state.network
    try:
        native: RowsProjection = network.add_rows_projection(
            kernel,
            sources,
            projection.post.neuron_numbers[post],
            receptor=projection.receptor_type,
            delay_steps=values["delay"],
        )
    except ValueError as problem:
        raise errors.ConnectionError(str(problem)) from None
    parameters = {name: value for name, value in values.items() if name != "delay"}
    of_rows = RowValues(native)
    of_rows.write({**parameters, **projection.synapse_type.further_parameters(projection, post)})
    of_rows.write_variables(projection.synapse_type.initial_values(projection, post, parameters))
    return native
