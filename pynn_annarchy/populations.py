"""Groups of cells: Population and PopulationView."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common, errors, random
from pyNN.models import BaseCellType
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.recording import Variable

from . import cell_attributes, simulator
from .assemblies import Assembly
from .firing_rate import RATE, UNIT, FiringRate, window_in_steps
from .geometry import OnGrid, coordinates_of, rank_at, selected
from .learning_switches import whole_steps
from .other_backends import POPULATION, PopulationTuning, forgiving, warn_of_currents
from .parameter_checks import check_forms, checked, is_numeric
from .parameter_store import ParameterStore
from .population_control import ControlledCells
from .recording import Recorder, check_file, variable_names
from .selection import cells_of_view, random_order
from .spike_window import MeasuredRate
from .spinnaker_data import SpinnakerData

Index = NDArray[np.intp]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class CellGroup(OnGrid, SpinnakerData, common.BasePopulation):
    """What a population and a view of it have in common: cells that are some of the cells of one population."""

    _simulator = simulator
    all_cells: NDArray[np.object_]
    celltype: Any
    label: str
    size: int
    recorder: Recorder

    @property
    def _root(self) -> Population:
        raise NotImplementedError

    @property
    def _root_index(self) -> Index:
        """The index of each cell in the population at the root."""
        raise NotImplementedError

    @property
    def neuron_numbers(self) -> NDArray[np.int64]:
        """The number of each cell in the native network."""
        return np.asarray(self._root_index + self._root.native.first, dtype=np.int64)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def sample(self, n: int, rng: random.AbstractRNG | None = None) -> PopulationView:
        """Return a view of `n` cells chosen at random, in the order that they have in this group."""
        # In order, as in every PyNN backend, so that a projection from the sample is the same network everywhere.
        return self._get_view(np.sort(random_order(self.size, rng)[:n]))

    def can_record(self, variable: str, location: Any = None) -> bool:
        """Return whether a variable, or a firing rate that is computed, can be recorded."""
        return (
            bool(super().can_record(variable, location))
            or (variable == RATE and location is None and self._root.firing_rate is not None)
            or (location is None and self.is_number(variable))
        )

    def is_number(self, name: str) -> bool:
        """Whether a parameter of this name has one number for each cell."""
        celltype = self.celltype
        arrays = (*celltype.sequence_parameters, *celltype.vector_parameters)
        return name in celltype.get_parameter_names() and not any(
            own in arrays for own in celltype.get_native_names(name)
        )

    def __getitem__(self, index: Any) -> Any:
        """Return a cell, or a view of those that a slice, a list, a mask or, with a slice in it, a tuple selects."""
        if isinstance(index, tuple) and any(isinstance(part, slice) for part in index):
            ranks, geometry = selected(index, self.geometry)
            view = self._get_view(ranks)
            view._geometry = geometry
            return view
        return super().__getitem__(index)

    def __getattr__(self, name: str) -> Any:
        """Return a function of the cell type's own, or a parameter or variable of the cells."""
        if name.startswith("_") or "_complete" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        functions = getattr(self.celltype, "functions", NOTHING)
        return functions[name] if name in functions else cell_attributes.read(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute that there is, or a parameter or variable of the cells; no other can be made."""
        own = name.startswith("_") or name in self.__dict__ or hasattr(type(self), name)
        if own or "_complete" not in self.__dict__:
            object.__setattr__(self, name, value)
        else:
            cell_attributes.assign(self, name, value)

    def find_units(self, variable: str | Variable) -> str:
        """Return the unit of a recordable variable or of a parameter."""
        name = getattr(variable, "name", variable)
        if name == RATE and self._root.firing_rate is not None:
            return UNIT
        if name not in self.celltype.units and name in self.celltype.get_parameter_names():
            return "dimensionless"
        if name not in self.celltype.units:
            raise KeyError(f"{type(self.celltype).__name__} has no {name!r}; it has {', '.join(self.celltype.units)}")
        return str(self.celltype.units[name])

    def inject(self, current_source: Any) -> None:
        """Inject the current of a source into every cell."""
        if not self.injectable:
            raise TypeError("Can't inject current into a spike source.")
        current_source.inject_into(self)

    def record(
        self,
        variables: str | Iterable[str] | None,
        to_file: Any = None,
        sampling_interval: float | None = None,
        locations: Any = None,
        offset: float = 0.0,
    ) -> None:
        """Record one or more variables of every cell from now on.

        Parameters
        ----------
        variables
            A name or several; `celltype.recordable` lists them and "all" stands for these. Parameters can be recorded,
            too. None ends all recording from the population.
        to_file
            A file name or a Neo IO object: what was recorded is written there by `end()`.
        sampling_interval
            In ms, a multiple of the time step.
        locations
            Has no meaning for point neurons.
        offset
            In ms: when the first sample is, counted from now.
        """
        check_file(to_file)
        names = self.celltype.recordable if isinstance(variables, str) and variables == "all" else variables
        warn_of_currents(self.celltype, [] if names is None else variable_names(names), stacklevel=2)
        if names is None:
            self.recorder.reset()
        else:
            cells = self.all_cells if self._record_filter is None else self._record_filter
            self.recorder.record(names, cells, sampling_interval, locations, whole_steps("offset", offset))
        if isinstance(to_file, str) or hasattr(to_file, "write_block"):
            self._root.recorder.file = to_file
            simulator.state.write_on_end.append((self, variables, to_file))

    # ---- parameters --------------------------------------------------------------------------------------------------

    def set(self, **parameters: Any) -> None:
        """Set parameters of every cell, each to a number, an array, random numbers or a function of the index."""
        parameters = self.celltype.in_form(parameters, self)
        check_forms(type(self.celltype), parameters)
        super().set(**parameters)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        """Return parameters as PyNN names them, in PyNN's units."""
        for name in names:
            if name not in self.celltype.translations:
                raise errors.NonExistentParameterError(
                    name, type(self.celltype).__name__, self.celltype.get_parameter_names()
                )
        native_names = self.celltype.get_native_names(*names)
        return self.celltype.reverse_translate(self._get_native_parameters(*native_names))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        index = self._root_index
        values = {name: self._root.parameters.read(name, index) for name in names}
        return ParameterSpace(values, shape=(self.size,))

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        """Set parameters that have native names and units."""
        store, index = self._root.parameters, self._root_index
        values = _evaluated(type(self.celltype).__name__, parameter_space)
        store.write(checked(self.celltype, values, self.size, store.linked(index)), index)

    # ---- state variables ---------------------------------------------------------------------------------------------

    def reset(self, attributes: str | Iterable[str] | None = None) -> None:
        """Bring state variables back to their initial values, and parameters to those of when they were created.

        Parameters
        ----------
        attributes
            Names of variables and parameters; all variables by default.
        """
        names = [attributes] if isinstance(attributes, str) else attributes
        self._root.restore(None if names is None else list(names), self._root_index)

    def initialize(self, **initial_values: Any) -> None:
        """Set the values that state variables have now and after every `reset()`.

        Each is a number, an array of one for each cell, a RandomDistribution or a function of the cell's index.
        """
        evaluated = {}
        for variable, value in initial_values.items():
            self._check_variable(variable)
            if not (is_numeric(value) or isinstance(value, LazyArray)):
                raise errors.InvalidParameterValueError(f"{self.label}: {variable} = {value!r} is no initial value")
            lazy = LazyArray(value, shape=(self.size,), dtype=float)
            # Random numbers are drawn once: a reset brings the same ones back.
            evaluated[variable] = np.asarray(lazy.evaluate(simplify=True), dtype=float)
            if not np.isfinite(evaluated[variable]).all():
                raise ValueError(f"{self.label}: initial values of {variable} have to be finite")
        for variable, values in evaluated.items():
            self._set_initial_value_array(variable, values)

    def _check_variable(self, variable: str) -> None:
        known = self.celltype.default_initial_values
        if variable not in known:
            raise ValueError(
                f"{type(self.celltype).__name__} has no state variable {variable!r} that can be initialized, "
                f"it has {', '.join(known) or 'none'}"
            )

    def _set_initial_value_array(self, variable: str, value: LazyArray | NDArray[np.float64]) -> None:
        if isinstance(value, LazyArray):
            value = value.evaluate(simplify=True)
        index = self._root_index
        values = np.broadcast_to(np.asarray(value, dtype=float), index.shape)
        native = self._root.native
        for state, numbers in self.celltype.initial_states(variable, values, native, index).items():
            native.set_initial(state, numbers, index)
        self._root.keep_initial_values(variable, values, index)


def _evaluated(model: str, parameters: ParameterSpace) -> dict[str, Any]:
    values = {}
    for name, lazy in parameters.items():
        try:
            values[name] = lazy.evaluate(simplify=True)
        except ValueError as error:
            raise errors.InvalidParameterValueError(
                f"{model}: {name} cannot be evaluated for each cell: {error}"
            ) from error
    return values


class PopulationView(CellGroup, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly

    def __init__(self, parent: CellGroup, selector: Any, label: str | None = None) -> None:
        # PyNN's own constructor sorts the selected cells; here pop[[2, 0]] has cell 2 first.
        index = cells_of_view(selector, parent.size)
        self.parent = parent
        self.mask = selector if isinstance(selector, slice) else index
        self.celltype = parent.celltype
        self._index = index
        self._ancestral_index = parent._root_index[index]
        self.all_cells = parent.all_cells[index]
        self.local_cells = self.all_cells
        self._mask_local = np.ones(index.size, dtype=bool)
        self._is_sorted = bool((np.diff(self._ancestral_index) > 0).all())
        self.size = index.size
        self.label = label or f"view of '{parent.label}' with size {self.size}"
        self.first_id = self.all_cells[np.argmin(self._ancestral_index)]
        self.last_id = self.all_cells[np.argmax(self._ancestral_index)]
        self.annotations: dict[str, Any] = {}
        self.recorder = parent.recorder
        self._record_filter = self.all_cells
        self._complete = True

    # views are equal if their cells are; PyNN defines that but not this, so they could not be elements of a Network
    def __hash__(self) -> int:
        return hash((id(self._root), self.first_id, self.last_id, self.size))

    @property
    def _root(self) -> Population:
        return self.parent._root

    @property
    def _root_index(self) -> Index:
        return self._ancestral_index

    @property
    def initial_values(self) -> dict[str, LazyArray]:
        """The initial values of the cells of the view."""
        index = self._ancestral_index
        return {
            name: LazyArray(np.asarray(values[index]), shape=(self.size,), dtype=float)
            for name, values in self._root.initial_values.items()
        }

    @property
    def positions(self) -> NDArray[np.float64]:
        return self.parent.positions[:, self._index]

    def rank_from_coordinates(self, coordinates: Iterable[int], local: bool = False) -> int:
        """Return the rank that a cell of the view has in the population.

        Parameters
        ----------
        coordinates
            In the geometry of the population, or of the view if `local`.
        """
        if local:
            return int(self._ancestral_index[rank_at(coordinates, self.geometry)])
        rank = self._root.rank_from_coordinates(coordinates)
        self._place(rank)
        return rank

    def coordinates_from_rank(self, rank: int, local: bool = False) -> tuple[int, ...]:
        """Return the coordinates of the cell with a rank in the population, in that or, if `local`, in the view."""
        place = self._place(rank)
        return coordinates_of(place, self.geometry) if local else self._root.coordinates_from_rank(rank)

    def _place(self, rank: int) -> int:
        found = np.flatnonzero(self._ancestral_index == rank)
        if not found.size:
            raise IndexError(f"cell {rank} of {self._root.label} is not in {self.label}")
        return int(found[0])

    def id_to_index(self, id: Any) -> Any:
        """Return the index in the view of the cell, or of each of the cells, with the given ID."""
        ids = id if isinstance(id, int) else getattr(id, "all_cells", id)  # an ID takes every name for a parameter
        wanted = np.asarray(ids, dtype=int) - int(self._root.first_id)
        order = np.argsort(self._ancestral_index)
        place = np.minimum(np.searchsorted(self._ancestral_index[order], wanted), self.size - 1)
        index = order[place]
        missing = self._ancestral_index[index] != wanted
        if missing.any():
            raise IndexError(f"ID {np.atleast_1d(ids)[np.atleast_1d(missing)][0]} is not in {self.label}")
        return index if index.ndim else int(index)

    def index_in_grandparent(self, indices: Any) -> Any:
        """Return the index in the population at the root of each cell of the view with a given index."""
        return self._ancestral_index[indices]

    def index_from_parent_index(self, indices: Any) -> Any:
        """Return the index in the view of each cell with a given index in the parent."""
        index_of = np.full(self.parent.size, -1)
        index_of[self._index] = np.arange(self.size)
        result = index_of[indices]
        if np.any(result < 0):
            raise IndexError(f"{self.label} does not have all of the parent's cells {indices}")
        return result if np.ndim(result) else int(result)


class Population(ControlledCells, PopulationTuning, CellGroup, common.Population):
    __doc__ = common.Population.__doc__
    _recorder_class = Recorder
    _assembly_class = Assembly
    firing_rate: FiringRate | None = None
    measured_rate: MeasuredRate | None = None

    @forgiving("Population()", POPULATION)
    def __init__(
        self,
        size: int | tuple[int, ...],
        cellclass: BaseCellType | type[BaseCellType],
        cellparams: Mapping[str, Any] | None = None,
        structure: Any = None,
        initial_values: Mapping[str, Any] = NOTHING,
        label: str | None = None,
    ) -> None:
        if isinstance(size, tuple) and size:
            self._geometry = size
        for n in size if isinstance(size, tuple) else (size,):
            if isinstance(n, int | np.integer) and n < 1:
                raise ValueError(f"a population cannot have the size {size!r}, it needs at least one cell")
        if isinstance(cellclass, type) and cellparams is None:
            cellparams = {}
        self._network = simulator.state.network
        try:
            super().__init__(size, cellclass, cellparams, structure, initial_values, label)
        except BaseException:
            # PyNN has registered the recorder before it created cells; reset() would stumble over one without any
            simulator.state.recorders.discard(self.__dict__.get("recorder"))
            raise
        self._complete = True
        simulator.state.populations.append(self)

    def _create_cells(self) -> None:
        if not hasattr(self.celltype, "kernel"):
            raise TypeError(f"{type(self.celltype).__name__} is not a cell type of pyNN.annarchy")
        parameters = self.celltype.native_parameters
        try:
            parameters.shape = (self.size,)
        except ValueError as error:
            raise errors.InvalidDimensionsError(f"{self.label}: {error}") from None
        values = checked(self.celltype, _evaluated(type(self.celltype).__name__, parameters), self.size)
        kernel, constants = self.celltype.kernel(self._network.precision), self.celltype.constants()
        self._native = self._network.add_population(kernel, self.size, {**constants, **values.numbers})
        if constants:
            simulator.state.constant_readers.append((self._native, frozenset(constants)))
        dependent = self.celltype.dependent_initial_values(self._native)
        if dependent:
            self.celltype.default_initial_values = {**self.celltype.default_initial_values, **dependent}
        self._created_with = dict(self._native.parameters)
        self._parameters = ParameterStore(self.celltype, self._native)
        self._parameters.write_sequences(values, self._root_index)
        self._mask_local = np.ones(self.size, dtype=bool)
        first = self._native.first
        self.all_cells = np.array([simulator.ID(n, self) for n in range(first, first + self.size)], dtype=object)

    @property
    def parameters(self) -> ParameterStore:
        """The parameters of all cells."""
        self._check_alive()
        return self._parameters

    @property
    def native(self) -> Any:
        """The native population."""
        self._check_alive()
        return self._native

    def _check_alive(self) -> None:
        if self._network is not simulator.state.network:
            raise RuntimeError(f"{self.label} belongs to a simulation that a later setup() has replaced")

    @property
    def _root(self) -> Population:
        return self

    @property
    def _root_index(self) -> Index:
        return np.arange(self.size)

    @property
    def local_cells(self) -> NDArray[np.object_]:
        return self.all_cells

    def rank_from_coordinates(self, coordinates: Iterable[int]) -> int:
        """Return the rank of the cell at some coordinates: the last one runs fastest."""
        return rank_at(coordinates, self.geometry)

    def coordinates_from_rank(self, rank: int) -> tuple[int, ...]:
        """Return the coordinates of the cell with some rank."""
        return coordinates_of(rank, self.geometry)

    def compute_firing_rate(self, window: float) -> None:
        """Compute the mean firing rate ``r`` of each cell in Hz over a sliding window; it can be recorded from now on.

        Parameters
        ----------
        window
            In ms. Another one may be given at any time; spikes count from the first call on. If the cells' own
            equations read `r`, every spike counts for the window that there was when it was emitted.
        """
        window_in_steps(window)
        if getattr(self.celltype, "knows_rate", False):
            if self.measured_rate is None:
                self.measured_rate = MeasuredRate(self.native, window)
            else:
                self.measured_rate.change(window)
            return
        if not self.native.kernel.spiking:
            raise ValueError(f"{self.label}: {type(self.celltype).__name__} does not spike")
        if RATE in self.celltype.units:
            raise ValueError(f"{self.label}: {type(self.celltype).__name__} has an {RATE!r} of its own")
        if self.firing_rate is None:
            self.firing_rate = FiringRate(self.native, window)
        else:
            self.firing_rate.change(window)

    def keep_initial_values(self, variable: str, values: NDArray[np.float64], index: Index) -> None:
        """Remember the initial values of the cells at `index`."""
        kept = self.initial_values.get(variable)
        whole = np.zeros(self.size) if kept is None else np.array(kept[np.arange(self.size)], dtype=float)
        whole[index] = values
        same = (whole == whole[0]).all()
        self.initial_values[variable] = LazyArray(float(whole[0]) if same else whole, shape=(self.size,), dtype=float)
