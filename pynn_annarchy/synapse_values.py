"""The parameters and state variables of a projection's connections, between PyNN and the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyNN import errors

from . import simulator
from .connectors.cell_index import numbers_of
from .connectors.limits import check_weights, delays_to_steps, steps_to_delays
from .synapse_checks import check_range, check_variable
from .synapse_localities import shared, spread, write_parameter

if TYPE_CHECKING:
    from .native.kernels import SynapseKernel
    from .native.network import Projection as NativeProjection
    from .native.plastic import PlasticProjection
    from .native.structure import Rearrangement

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]
Values = Mapping[str, Any]  # one number for all connections in question, or an array with one for each

WEIGHT = "w"  # what the engine calls it
_FRACTION = "dendritic_delay_fraction"


class SynapseValues(Protocol):
    """What a projection asks about its connections. Names and units are PyNN's."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of state variables other than the weight."""

    def read(self, name: str, index: Index | None = None) -> Numbers:
        """Return a parameter or variable of all connections, or of those at `index`."""

    def write(self, values: Values, index: Index | None = None) -> None:
        """Set checked parameters."""

    def write_variables(self, values: Values, index: Index | None = None) -> None:
        """Set checked state variables, now and for the beginning of each run."""

    def restore(self, name: str) -> None:
        """Bring a variable back to its initial values, or a parameter to those of when connections were made."""

    def stored_at(self, name: str, index: Index) -> Index:
        """Return which of the engine's values of a variable belongs to each of the connections at `index`."""


def checked(projection: Any, values: Values, kept: Values) -> dict[str, Any]:
    """Return parameters in the engine's form, if all of them are right.

    Parameters
    ----------
    kept
        The bounds of the weight as they are, for checking one that changes against one that does not.
    """
    model, sign = type(projection.synapse_type).__name__, projection._connector.safe
    result = {}
    for name, value in values.items():
        if name == "delay":
            result[name] = delays_to_steps(value)
            continue
        if name == "weight":
            check_weights(value, projection, sign=sign)
        else:
            projection.synapse_type.check_value(name, value)
        result[name] = value
    names = projection.synapse_type.weight_bounds
    if any(name in values for name in names):
        bounds = [values.get(name, kept.get(name)) for name in names]
        check_range(model, *bounds)
        for name, bound in zip(names, bounds, strict=True):
            check_weights(bound, projection, sign=sign, what=f"{model}: {name}")
    return result


def _of_each(values: Any, size: int, index: Index | None) -> Numbers:
    """Return an array with a value for each of the connections in question."""
    if index is not None:
        values = values[index] if np.ndim(values) else values
        size = index.size
    return np.array(np.broadcast_to(values, (size,)), dtype=float)


def _delays(steps: Any, size: int, index: Index | None) -> Numbers:
    return np.asarray(steps_to_delays(_of_each(steps, size, index)))


class StaticValues:
    """A weight and a delay for each connection."""

    variables: tuple[str, ...] = ()

    def __init__(self, native: NativeProjection) -> None:
        self._native = native
        self._created: dict[str, Any] = {}  # what has been changed, as it was when connections were made

    def stored_at(self, name: str, index: Index) -> Index:
        """There is one for each."""
        return index

    def restore(self, name: str) -> None:
        """Bring a parameter back to the values of when connections were made."""
        if name in self._created:
            self.write({name: self._created[name]})

    def create(self, pre: Index, post: Index, values: Values, before: Index) -> Rearrangement:
        """Add connections between neurons, with checked values."""
        weight, delay = values["weight"], values["delay"]
        change = self._native.create(pre, post, weight=weight, delay_steps=delay, before=before)
        self._created = {name: change.values(old, values[name]) for name, old in self._created.items()}
        return change

    def prune(self, index: Index) -> Rearrangement:
        """Remove connections."""
        change = self._native.prune(index)
        self._created = {name: change.values(old, 0) for name, old in self._created.items()}
        return change

    def read(self, name: str, index: Index | None = None) -> Numbers:
        """Return a parameter of all connections, or of those at `index`."""
        native = self._native
        if name == "delay":
            return _delays(native.delay_steps, native.size, index)
        return _of_each(native.weight, native.size, index)

    def write(self, values: Values, index: Index | None = None) -> None:
        """Set checked parameters."""
        native = self._native
        for name, value in values.items():
            delay = name == "delay"
            if name not in self._created:
                self._created[name] = native.delay_steps if delay else native.weight
            (native.set_delay if delay else native.set_weight)(value, index)

    def write_variables(self, values: Values, index: Index | None = None) -> None:
        """There are none to set."""


class SeveralStatic:
    """Connections with a weight and a delay onto several receptor types, each of which gets the same.

    Parameters
    ----------
    natives
        One for each receptor type.
    """

    def __init__(self, natives: Sequence[NativeProjection]) -> None:
        self._natives = natives
        self.first = natives[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.first, name)

    def set_weight(self, value: Any, index: Index | None = None) -> None:
        """Set the weight of all connections, or of those at `index`."""
        for native in self._natives:
            native.set_weight(value, index)

    def set_delay(self, value: Any, index: Index | None = None) -> None:
        """Set the delay in steps of all connections, or of those at `index`."""
        for native in self._natives:
            native.set_delay(value, index)

    def set_switches(self, switches: Any) -> None:
        """Change what the connections do, from the next step on."""
        for native in self._natives:
            native.set_switches(switches)

    def create(self, source: Any, target: Any, **values: Any) -> Rearrangement:
        """Add connections."""
        changes = [native.create(source, target, **values) for native in self._natives]
        return changes[0]

    def prune(self, index: Index) -> Rearrangement:
        """Remove connections."""
        changes = [native.prune(index) for native in self._natives]
        return changes[0]


class PlasticValues:
    """The values of connections that have a model.

    Parameters
    ----------
    native
        The connections in the engine.
    fraction
        The dendritic part of the delay, for all connections or for each.
    localities
        Of parameters that several connections share.
    """

    def __init__(self, native: PlasticProjection, fraction: Any, localities: Mapping[str, str]) -> None:
        self._native = native
        self._localities = localities
        self._fraction = fraction
        self._created = {**native.parameters, "delay": native.delay_steps, _FRACTION: fraction}
        self.variables = tuple(n for n in native.kernel.variables if n != WEIGHT and not n.startswith("_"))

    def read(self, name: str, index: Index | None = None) -> Numbers:
        """Return a parameter or variable of all connections, or of those at `index`."""
        native = self._native
        if name == "weight" or name in self.variables:
            values = native.get_variable(WEIGHT if name == "weight" else name, index)
            return np.array(values, dtype=float)
        if name == "delay":
            return _delays(native.delay_steps, native.size, index)
        parameter = self._fraction if name == _FRACTION else native.parameters[name]
        return _of_each(parameter, native.size, index)

    def write(self, values: Values, index: Index | None = None) -> None:
        """Set checked parameters."""
        native = self._native
        if "delay" in values or _FRACTION in values:
            self._write_delay(values, index)
        for name, value in values.items():
            if name == "weight":
                native.set_variable(WEIGHT, value, index)
            elif name not in ("delay", _FRACTION):
                write_parameter(native, self._localities, name, value, index)

    def stored_at(self, name: str, index: Index) -> Index:
        """Return which of the engine's values of a variable belongs to each of the connections at `index`."""
        return index

    def restore(self, name: str) -> None:
        """Bring a variable back to its initial values, or a parameter to those of when connections were made."""
        if name == "weight" or name in self.variables:
            own = WEIGHT if name == "weight" else name
            self._native.set_variable(own, self._native.initial[own])
        else:
            self.write({name: self._created[name]})

    def create(self, pre: Index, post: Index, values: Values, before: Index) -> Rearrangement:
        """Add connections between neurons, with checked parameters and the values of state variables."""
        fraction = values.get(_FRACTION, 0.0)
        known = self._native.kernel
        given = {WEIGHT: values["weight"], **values}
        change = self._native.create(
            pre,
            post,
            parameters={name: value for name, value in given.items() if name in known.parameters},
            variables={name: value for name, value in given.items() if name in known.variables},
            delay_steps=values["delay"],
            dendritic_steps=dendritic_part(values["delay"], fraction),
            before=before,
        )
        fresh = {**known.parameters, **values}
        self._created = {name: change.values(old, fresh.get(name, old)) for name, old in self._created.items()}
        self._fraction = change.values(self._fraction, fraction)
        return change

    def prune(self, index: Index) -> Rearrangement:
        """Remove connections."""
        change = self._native.prune(index)
        self._created = {name: change.values(old, 0.0) for name, old in self._created.items()}
        self._fraction = change.values(self._fraction, 0.0)
        return change

    def _write_delay(self, values: Values, index: Index | None) -> None:
        native = self._native
        size = native.size if index is None else index.size
        steps = values.get("delay", _of_each(native.delay_steps, native.size, index))
        fraction = values.get(_FRACTION, _of_each(self._fraction, native.size, index))
        native.set_delay(as_steps(steps, size), dendritic_part(as_steps(steps, size), fraction), index)
        if _FRACTION in values:
            whole = _of_each(self._fraction, native.size, None)
            whole[slice(None) if index is None else index] = fraction
            self._fraction = float(whole[0]) if whole.size and (whole == whole[0]).all() else whole

    def write_variables(self, values: Values, index: Index | None = None) -> None:
        """Set checked state variables, now and for the beginning of each run."""
        for name, value in values.items():
            self._native.set_variable(name, value, index)


def add_static(projection: Any, pre: NDArray[Any], post: NDArray[Any], values: Mapping[str, Any]) -> Any:
    """Make connections without a model in the engine; the values are checked, the arrays of indices given away."""
    sources, targets = numbers_of(projection.pre, pre), numbers_of(projection.post, post)
    natives = [
        simulator.state.network.add_projection(
            sources, targets, receptor=receptor, weight=values["weight"], delay_steps=values["delay"]
        )
        for receptor in projection.receptor_types
    ]
    return natives[0] if len(natives) == 1 else SeveralStatic(natives)


def add_plastic(
    projection: Any, kernel: SynapseKernel, pre: Index, post: Index, values: Mapping[str, Any]
) -> PlasticProjection:
    """Make connections that have a model in the engine; the values are checked.

    Raises
    ------
    pyNN.errors.ConnectionError
        If one of the cells lacks what the model needs.
    """
    synapse_type, network = projection.synapse_type, simulator.state.network
    targets, localities = projection.post.neuron_numbers[post], synapse_type.localities
    parameters = {
        name: spread(localities[name], targets, value)[0] if shared(localities, name) else value
        for name, value in values.items()
        if name not in ("weight", "delay", _FRACTION)
    }
    variables = {WEIGHT: values["weight"], **synapse_type.initial_values(projection, post, parameters)}
    modulator = getattr(synapse_type, "modulator", None)
    options = {}
    if modulator is not None:
        options["modulator"] = modulator.neuron_numbers
        options["modulator_delay_steps"] = delays_to_steps(synapse_type.modulator_delay)
    try:
        return network.add_plastic_projection(
            kernel,
            projection.pre.neuron_numbers[pre],
            targets,
            receptor=projection.receptor_types,
            parameters={**parameters, **synapse_type.further_parameters(projection, post)},
            variables=variables,
            delay_steps=values["delay"],
            dendritic_steps=dendritic_part(values["delay"], values.get(_FRACTION, 0.0)),
            **options,
        )
    except ValueError as problem:
        raise errors.ConnectionError(f"{type(synapse_type).__name__} on {projection.label}: {problem}") from None


def as_steps(steps: Any, size: int) -> NDArray[np.uint16]:
    """Return a number of steps for each connection."""
    return np.array(np.broadcast_to(steps, (size,)), dtype=np.uint16)


def dendritic_part(delay_steps: Any, fraction: Any) -> Any:
    """Return the dendritic part of delays, in steps: the nearest whole number."""
    steps = np.rint(np.asarray(delay_steps) * np.asarray(fraction, dtype=float))
    return int(steps) if steps.ndim == 0 else steps.astype(np.uint16)


def check_variables(projection: Any, values: Values) -> None:
    """Raise InvalidParameterValueError unless all values of state variables make sense."""
    synapse_type = projection.synapse_type
    for name, value in values.items():
        check_variable(type(synapse_type).__name__, name, value, synapse_type.variable_limits)
