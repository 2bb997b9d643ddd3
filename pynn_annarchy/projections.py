"""Connections between two groups of cells."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from copy import copy, deepcopy
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.core import deprecated
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.recording import files
from pyNN.space import Space

from . import simulator
from .connections import Connection, Connections
from .connectivity import ConnectivityAccess
from .connectors.buffer import ConnectionBuffer
from .connectors.cell_index import CellIndex
from .connectors.columns import Columns
from .connectors.files import is_table, write_columns, write_objects
from .connectors.matrix import connection_matrix
from .connectors.pairs import Draw, Pairs, draw_each, draw_matrix
from .drawn_connections import DrawnConnections
from .learning_switches import SwitchedConnections
from .models.row_values import RowValues
from .other_backends import PROJECTION, PROJECTION_SYNONYMS, forgiving
from .projection_recording import RecordedProjection
from .standardmodels import electrical
from .standardmodels.electrical import ElectricalSynapse
from .standardmodels.synapses import StaticSynapse, SynapseType
from .structure import StructuralPlasticity
from .synapse_checks import evaluable, one_number
from .synapse_values import (
    PlasticValues,
    StaticValues,
    SynapseValues,
    add_plastic,
    add_static,
    check_variables,
    checked,
)

Index = NDArray[np.intp]


class Projection(
    ConnectivityAccess,
    SwitchedConnections,
    RecordedProjection,
    StructuralPlasticity,
    DrawnConnections,
    common.Projection,
):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    synapse_type: Any
    _native: Any
    _values: SynapseValues

    @forgiving("Projection()", PROJECTION, PROJECTION_SYNONYMS)
    def __init__(
        self,
        presynaptic_neurons: Any,
        postsynaptic_neurons: Any,
        connector: Connector,
        synapse_type: Any = None,
        source: str | None = None,
        receptor_type: str | Sequence[str] | None = None,
        space: Space | None = None,
        label: str | None = None,
    ) -> None:
        receptor, *further = _several(receptor_type)
        junction = isinstance(synapse_type, ElectricalSynapse)
        _check_ends(presynaptic_neurons, postsynaptic_neurons, synapse_type, None if junction else source)
        if junction:
            electrical.check_ends(presynaptic_neurons, postsynaptic_neurons, source, receptor)
        elif synapse_type is not None:
            synapse_type.renew_default_delay()
        type_for_connector, listed = _without_lists(synapse_type)
        begin = partial(electrical.begin, self) if junction else super().__init__
        begin(
            presynaptic_neurons,
            postsynaptic_neurons,
            connector,
            type_for_connector,
            source,
            receptor,
            Space() if space is None else space,
            label,
        )
        self.receptor_types = _checked_receptors(postsynaptic_neurons, self.receptor_type, further)
        self._buffer = ConnectionBuffer(self.shape, self.threads)
        self._is_listed = bool(listed)
        connector.connect(self)
        pre, post, values = self._buffer.merged()
        del self._buffer
        if synapse_type is not None:
            self.synapse_type = synapse_type
        self._network = simulator.state.network
        self._pre_index, self._post_index = CellIndex(self.pre), CellIndex(self.post)
        if self._drawn is not None:
            self._create_drawn(self._drawn)
        else:
            listed_values = {name: _one_for_each(name, value, pre.size) for name, value in listed.items()}
            self._create(pre, post, {**values, **self._native_values(listed_values, pre.size)})
        simulator.state.projections.append(self)

    def _create(self, pre: NDArray[Any], post: NDArray[Any], given: Mapping[str, Any]) -> None:
        """Make connections from pre[k] to post[k], with values that have native names and units.

        The arrays are given away.
        """
        if isinstance(self.synapse_type, ElectricalSynapse):
            pre, post = pre.astype(np.intp), post.astype(np.intp)
            self._native = electrical.connect(self, pre, post, given)
            self._values = electrical.ElectricalValues(self._native)
            return
        self.synapse_type.check_projection(self)
        values = checked(self, {"weight": 0.0, "delay": simulator.state.lowest_delay, **given}, {})
        network = simulator.state.network
        kernel = self.synapse_type.kernel(network.precision)
        if kernel is not None:
            pre, post = pre.astype(np.intp), post.astype(np.intp)
        if hasattr(kernel, "localities"):
            if len(self.receptor_types) > 1:
                raise errors.ConnectionError(
                    f"receptor_type={list(self.receptor_types)}: continuous synapses act on one receptor type"
                )
            self._native = self.synapse_type.connect(self, kernel, pre, post, values)
            self._values = RowValues(self._native)
            simulator.state.constant_readers.append((self._native, frozenset(self.synapse_type.constants())))
            return
        if kernel is not None:
            self._native = add_plastic(self, kernel, pre, post, values)
            fraction = values.get("dendritic_delay_fraction", 0.0)
            self._values = PlasticValues(self._native, fraction, self.synapse_type.localities)
            simulator.state.constant_readers.append((self._native, frozenset(self.synapse_type.constants())))
            return
        self._native = add_static(self, pre, post, values)
        self._values = StaticValues(self._native)

    def _guess_receptor_type(self) -> None:
        """Choose the first receptor type for weights >= 0, the second for others."""
        # An assembly lists the types that all its populations have in no particular order.
        members = getattr(self.post, "populations", [self.post])
        types = [kind for kind in members[0].receptor_types if all(kind in p.receptor_types for p in members)]
        self.receptor_type = types[0]
        if len(types) > 1:
            weights = self.synapse_type.parameter_space["weight"]
            last = Pairs(self, np.array([self.pre.size - 1]), np.array([self.post.size - 1]), draw_each)
            if float(np.ravel(last.values(weights))[0]) < 0:
                self.receptor_type = types[1]

    # ---- what connectors call ----------------------------------------------------------------------------------------

    def _convergent_connect(
        self,
        presynaptic_indices: Any,
        postsynaptic_index: int,
        location_selector: Any = None,
        **connection_parameters: Any,
    ) -> None:
        """Connect some cells, by their indices, to one. Parameters have native names and units."""
        if location_selector is not None:
            raise NotImplementedError(f"location_selector={location_selector!r}: cells here are points")
        self._draw_now()
        self._buffer.append(presynaptic_indices, postsynaptic_index, connection_parameters)

    def connect_listed(self, columns: Columns, **parameters: NDArray[np.float64]) -> None:
        """Make connections in order of their targets. Parameters that are not given are those of the synapse type."""
        others = {k: lazy for k, lazy in self.synapse_type.parameter_space.items() if k not in parameters}
        alike = all(lazy.is_homogeneous for lazy in others.values())
        pre, post = (np.arange(1), np.arange(1)) if alike else (columns.pre.astype(np.intp), columns.post())
        values = {**self._evaluated(others, pre, post, draw_each), **parameters}
        self.connect_columns(columns, self._native_values(values, columns.pre.size))

    def connect_columns(self, columns: Columns, values: Mapping[str, Any]) -> None:
        """Make connections in order of their targets. Values have native names and units."""
        self._draw_now()
        self._buffer.append_columns(columns, values)

    @property
    def threads(self) -> int:
        """The number of threads that may work on it."""
        return int(simulator.state.network.threads)

    # ---- size and single connections ---------------------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self._native.size)

    @property
    def presynaptic_indices(self) -> Index:
        """The index of each connection's source in the pre-synaptic population."""
        return self._pre_index(self._native.source)

    @property
    def postsynaptic_indices(self) -> Index:
        """The index of each connection's target in the post-synaptic population."""
        return self._post_index(self._native.target)

    @property
    def connections(self) -> Connections:
        """All connections, ordered by their pre-synaptic, then their post-synaptic cell."""
        return Connections(self)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [Connection(self, k) for k in range(len(self))[index]]
        try:
            return Connection(self, range(len(self))[operator.index(index)])
        except IndexError:
            raise IndexError(f"connection {index} of a projection that has {len(self)}") from None

    def value_of(self, index: int, name: str) -> float:
        """Return a parameter or variable of one connection, or the index of its source or target."""
        if name == "presynaptic_index":
            return int(self._pre_index(self._native.source[index]))
        if name == "postsynaptic_index":
            return int(self._post_index(self._native.target[index]))
        name = self.own_name(name)
        self._check_attribute(name)
        return float(self._value(name, np.array([index]))[0])

    def set_value_of(self, index: int, name: str, value: float) -> None:
        """Set a parameter or a state variable of one connection."""
        name = self.own_name(name)
        self._check_attribute(name)
        number = one_number(type(self.synapse_type).__name__, name, value)
        if name in self._values.variables:
            self._assign_variables({name: number}, np.array([index]))
        else:
            self._assign(self._native_values({name: number}, 1), np.array([index]))

    def _check_attribute(self, name: str) -> None:
        if name not in self._readable:
            raise AttributeError(f"{name!r} is not a parameter of {type(self.synapse_type).__name__}")

    @property
    def _readable(self) -> list[str]:
        """Parameters, and state variables other than the weight."""
        return [*self.synapse_type.get_parameter_names(), *self._values.variables]

    # ---- parameters --------------------------------------------------------------------------------------------------

    def set(self, **attributes: Any) -> None:
        """Set parameters of all connections. What is set takes effect with the next `run()`.

        Parameters
        ----------
        attributes
            For each name, a number, a RandomDistribution, a matrix like that of ``get(format="array")``, a function of
            the distance (or an expression in ``d``), or a list, an array or a Sequence with one number for each
            connection in the order of ``get(format="list")``.
        """
        self._check_names(attributes, self.synapse_type.get_parameter_names())
        self._assign(self._native_values(self._of_connections(attributes, self.synapse_type.get_schema()), len(self)))

    def _of_connections(self, given: Mapping[str, Any], schema: Mapping[str, type]) -> dict[str, Any]:
        """Evaluate what a user gives for all connections, as `set` describes it."""
        values: dict[str, Any] = {}
        lazy: dict[str, Any] = {}
        for name, value in given.items():
            usable = evaluable(type(self.synapse_type).__name__, name, _as_array(value))
            if _is_list(usable):
                values[name] = _one_for_each(name, usable, len(self))
            else:
                lazy[name] = usable
        space = ParameterSpace(lazy, schema, self.shape, component=type(self.synapse_type))
        evaluated = self._evaluated(space, self.presynaptic_indices, self.postsynaptic_indices, draw_matrix)
        return {**evaluated, **values}

    def _assign(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        """Set parameters with native names and units: all of them or, if one is wrong, none."""
        kept = {}
        bounds = self.synapse_type.weight_bounds
        if any(name in values for name in bounds):
            kept = {name: self._values.read(name, index) for name in bounds}
        self._values.write(checked(self, values, kept), index)

    def _assign_variables(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        """Set state variables: all of them or, if a value is wrong, none."""
        check_variables(self, values)
        self._values.write_variables(values, index)

    def _evaluated(self, parameters: Any, pre: Index, post: Index, draw: Draw) -> dict[str, Any]:
        """Evaluate lazy matrices at pairs of cells."""
        pairs = Pairs(self, pre, post, draw)
        return {name: pairs.values(lazy) for name, lazy in parameters.items()}

    def _native_values(self, values: Mapping[str, Any], size: int) -> dict[str, Any]:
        """Translate values, each for all connections or one for each of them, to native names and units."""
        arrays = {}
        for name, value in values.items():
            array = np.asarray(value, dtype=float)
            arrays[name] = float(array) if array.ndim == 0 else np.broadcast_to(array, (size,))
        space = ParameterSpace(arrays, self.synapse_type.get_schema(), (size,))
        native = self.synapse_type.translate(space)
        return {name: lazy.evaluate(simplify=True) for name, lazy in native.items()}

    def get(
        self,
        attribute_names: str | Iterable[str],
        format: str,
        gather: bool | str = True,
        with_address: bool = True,
        multiple_synapses: str = "sum",
    ) -> Any:
        """Return parameters and state variables of all connections, as they are now.

        Parameters
        ----------
        attribute_names
            A name, or several.
        format
            "list" for one tuple per connection, ordered by pre- and then post-synaptic cell; "array" for a matrix per
            name, NaN where there is no connection.
        gather
            Has no meaning in a single process.
        with_address
            Whether tuples begin with the indices of the two cells.
        multiple_synapses
            What a matrix has where a pair is connected more than once: the "last", "first", "sum", "min" or "max".
        """
        single = isinstance(attribute_names, str)
        names: list[str] = [attribute_names] if isinstance(attribute_names, str) else list(attribute_names)
        self._check_names(names, self._readable)
        if multiple_synapses not in self.MULTI_SYNAPSE_OPERATIONS:
            allowed = ", ".join(map(repr, self.MULTI_SYNAPSE_OPERATIONS))
            raise ValueError(f"multiple_synapses={multiple_synapses!r} is not one of {allowed}")
        columns: list[NDArray[Any]] = [self._value(name) for name in names]
        if format == "array":
            pre, post = self.presynaptic_indices, self.postsynaptic_indices
            matrices = [connection_matrix(self.shape, pre, post, column, multiple_synapses) for column in columns]
            return matrices[0] if single else matrices
        if format != "list":
            raise ValueError(f"format={format!r} is neither 'list' nor 'array'")
        if single and not with_address:
            return columns[0].tolist()
        from .native import connect  # here: the package can be imported without its compiled core

        if not with_address:
            return connect.tuples(None, None, columns)
        return connect.tuples(self.presynaptic_indices, self.postsynaptic_indices, columns)

    def _columns(self, names: Sequence[str], with_address: bool) -> list[NDArray[np.float64]]:
        """Return parameters and state variables, and the indices of the two cells before them, of all connections."""
        self._check_names(names, self._readable)
        ends = (self.presynaptic_indices, self.postsynaptic_indices) if with_address else ()
        return [*(index.astype(float) for index in ends), *(self._value(name) for name in names)]

    def _value(self, name: str, index: Index | None = None) -> NDArray[np.float64]:
        """Return a parameter or variable of connections in PyNN's units."""
        if name in self._values.variables:
            return self._values.read(name, index)
        native_name = self.synapse_type.get_native_names(name)[0]
        array = self._values.read(native_name, index)
        native = ParameterSpace({native_name: array}, shape=array.shape)
        values = self.synapse_type.reverse_translate(native)[name].evaluate()
        return np.reshape(values, array.shape)  # lazyarray makes a scalar of an array with one element

    def _check_names(self, names: Iterable[str], known: list[str]) -> None:
        for name in names:
            if name not in known:
                raise errors.NonExistentParameterError(name, type(self.synapse_type).__name__, known)

    def initialize(self, **initial_values: Any) -> None:
        """Set the values that state variables have now and after every `reset()`; see `set` for what may be given."""
        known = self._values.variables
        for variable in initial_values:
            if variable not in known:
                raise ValueError(
                    f"{type(self.synapse_type).__name__} has no state variable {variable!r}; it has "
                    f"{', '.join(known) or 'none'}"
                )
        values = self._of_connections(initial_values, dict.fromkeys(initial_values, float))
        self._assign_variables(values)
        for variable, value in values.items():
            self.initial_values[variable] = LazyArray(value, shape=(len(self),), dtype=float)

    # ---- files -------------------------------------------------------------------------------------------------------

    def save(
        self,
        attribute_names: str | Sequence[str],
        file: Any,
        format: str = "list",
        gather: bool | str = True,
        with_address: bool = True,
    ) -> None:
        """Write parameters of all connections to a file, given by its name or as one of PyNN's file objects.

        In the array format, connections that do not exist are written as 0. `FromFileConnector` reads the list format.
        """
        if isinstance(attribute_names, str) and attribute_names in ("all", "connections"):
            attribute_names = self.synapse_type.get_parameter_names()
        names = [attribute_names] if isinstance(attribute_names, str) else list(attribute_names)
        tabular = format == "list" and bool(names or with_address) and (isinstance(file, str) or is_table(file))
        values = self._columns(names, with_address) if tabular else self.get(names, format, gather, with_address)
        header = {"columns": ["i", "j", *names] if with_address and format == "list" else names}
        if format == "array":
            values = np.nan_to_num(np.array(values[0] if len(names) == 1 else values))
            if values.ndim > 2 and isinstance(file, str):
                raise ValueError(f"a text file has room for one matrix, not for each of {', '.join(names)}")
        if isinstance(file, str):
            file = files.StandardTextFile(file, mode="w")
        (write_columns if tabular else write_objects)(file, values, header, self.threads)
        file.close()

    @deprecated("set(name=value)")
    def setSynapseDynamics(self, parameter_name: str, value: Any) -> None:
        """Set a parameter, whose name PyNN's method would ignore."""
        self.set(**{parameter_name: value})

    @deprecated("set(name=rand_distr)")
    def randomizeSynapseDynamics(self, parameter_name: str, rand_distr: Any) -> None:
        """Set a parameter, whose name PyNN's method would ignore, to random values."""
        self.set(**{parameter_name: rand_distr})


def _check_ends(pre: Any, post: Any, synapse_type: Any, source: str | None) -> None:
    """Raise if a projection cannot be made between these."""
    for prefix, cells in (("pre", pre), ("post", post)):
        if not isinstance(cells, common.BasePopulation | common.Assembly) or cells._simulator is not simulator:
            raise errors.ConnectionError(
                f"{prefix}synaptic_neurons must be a Population, PopulationView or Assembly of this simulator, not a "
                f"{type(cells).__module__}.{type(cells).__name__}"
            )
    if not post.receptor_types and not isinstance(synapse_type, ElectricalSynapse):
        raise errors.ConnectionError(f"the cells of {post.label} have no receptor type (in common) to connect to")
    if synapse_type is not None and not isinstance(synapse_type, SynapseType):
        raise TypeError(f"synapse_type={synapse_type!r} is not an object of one of this simulator's synapse types")
    if source is not None:
        raise errors.ConnectionError(f"source={source!r}: a point neuron has one source of spikes; leave it out")


def _several(receptor_type: Any) -> list[Any]:
    """Return the receptor types that a user gives, or None where the first one is to be guessed."""
    if isinstance(receptor_type, list | tuple):
        if not receptor_type or len(set(receptor_type)) < len(receptor_type):
            raise errors.ConnectionError(f"receptor_type={receptor_type!r} has to name receptor types, each once")
        return list(receptor_type)
    return [receptor_type]


def _checked_receptors(post: Any, first: str, further: Sequence[str]) -> tuple[str, ...]:
    for name in further:
        if name not in post.receptor_types:
            known = ", ".join(map(repr, post.receptor_types))
            raise errors.ConnectionError(f"receptor_type={name!r} is not one of {known}")
    return (first, *further)


def _is_list(value: Any) -> bool:
    """Whether a value is a number for each connection, and not a matrix."""
    return isinstance(value, list | tuple | np.ndarray) and np.ndim(value) == 1


def _as_array(value: Any) -> Any:
    """Return a list of numbers as an array, so that it is gone through only once."""
    if not isinstance(value, list | tuple):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different length
        return value
    return array if array.ndim == 1 and array.dtype.kind in "biuf" else value


def _one_for_each(name: str, value: Any, size: int) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=float)
    if array.shape != (size,):
        raise errors.InvalidDimensionsError(f"{name} has {array.size} values for {size} connections")
    return array


def _without_lists(synapse_type: Any) -> tuple[Any, dict[str, Any]]:
    """Split off parameters with a value for each connection: connectors know only matrices."""
    if synapse_type is None:
        return None, {}
    listed = {}
    for name, lazy in synapse_type.parameter_space.items():
        if isinstance(lazy.base_value, np.ndarray) and lazy.base_value.ndim == 1:
            listed[name] = np.asarray(LazyArray(lazy, lazy.base_value.shape).evaluate())
    if not listed:
        return synapse_type, {}
    rest = copy(synapse_type)
    rest.parameter_space = deepcopy(synapse_type.parameter_space)
    rest.parameter_space.update(**{name: float(values[-1]) for name, values in listed.items() if values.size})
    return rest, listed
