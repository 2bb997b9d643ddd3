"""How the parameters of a PyNN cell type reach the engine, and what values they may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pyNN import errors
from pyNN.parameters import ArrayParameter, LazyArray
from pyNN.parameters import Sequence as ValueSequence

if TYPE_CHECKING:
    from .native.kernels import Kernel
    from .native.population import Population

Numbers = NDArray[np.float64]
Index = NDArray[np.intp]
Values = Any  # as PyNN evaluates a parameter: a number, an ArrayParameter, or an array of either

NONE: Mapping[str, Any] = MappingProxyType({})

# A parameter name means the same in every standard cell, so one table holds for all.
_POSITIVE = frozenset(
    ("cm", "tau_m", "tau_syn_E", "tau_syn_I", "tau_sfa", "tau_rr", "tau_w", "tau_eta", "tau_gamma", "delta_v", "alpha")
)
_NOT_NEGATIVE = frozenset(
    ("tau_refrac", "rate", "beta", "duration", "delta_T", "lambda0", "gbar_Na", "gbar_K", "g_leak", "spike_times")
)
_MAY_BE_INFINITE = frozenset(("duration",))
_ASCENDING = frozenset(("spike_times", "tbins"))


@dataclass(frozen=True)
class Checked:
    """Parameters in the engine's form: one number for all cells or one for each, and sequences of any length."""

    numbers: dict[str, float | Numbers]
    sequences: dict[str, list[Numbers]]


class EngineCell:
    """What a cell type tells the engine; the base of all cell types here, beside PyNN's own.

    Attributes
    ----------
    kernel_name
        The compiled model.
    vector_parameters
        Parameters that are vectors of fixed length: element k is the engine's parameter ``name_<k + 1>``.
    sequence_parameters
        Parameters that are sequences of any length, which are given to the engine by `schedule`.
    linked_parameters
        Parameters that restrict each other; `check_together` gets them all when one changes.
    variable_scales
        PyNN's unit of a state variable in the engine's, where they differ.
    """

    kernel_name: ClassVar[str]
    default_parameters: ClassVar[Mapping[str, Any]]
    vector_parameters: ClassVar[Mapping[str, int]] = {}
    sequence_parameters: ClassVar[tuple[str, ...]] = ()
    linked_parameters: ClassVar[tuple[str, ...]] = ()
    variable_scales: ClassVar[Mapping[str, float]] = {}

    def __init__(self, **parameters: Any) -> None:
        check_forms(type(self), parameters)
        super().__init__(**parameters)

    def kernel(self, precision: str) -> Kernel:
        from .native import kernels  # here, because a cell type can be described without the compiled core

        return kernels.standard(self.kernel_name, precision)

    def initial_states(
        self, variable: str, values: Numbers, population: Population, index: Index
    ) -> dict[str, Numbers]:
        """Return the engine's state variables that an initial value of a PyNN variable decides."""
        return {variable: values * self.variable_scales.get(variable, 1.0)}

    def check_together(self, values: Mapping[str, Any]) -> None:
        """Raise InvalidParameterValueError unless the `linked_parameters` of each cell go together."""

    def schedule(self, population: Population, sequences: Mapping[str, NDArray[np.object_]], index: Index) -> None:
        """Give the engine the sequences of the cells at `index`."""
        raise NotImplementedError(f"{type(self).__name__} has no sequences")


def check_forms(celltype: type[EngineCell], parameters: Mapping[str, Any]) -> None:
    """Raise InvalidParameterValueError for what PyNN would evaluate as code, or answer with an empty AssertionError."""
    for name, value in parameters.items():
        if isinstance(celltype.default_parameters.get(name), int | float) and not is_numeric(value):
            raise errors.InvalidParameterValueError(
                f"{celltype.__name__}: {name} = {value!r} is neither a number nor numbers, a function of the index or random"
            )


def is_numeric(value: Any) -> bool:
    """Whether something can be the values of a parameter, as far as its type tells."""
    if value is None or isinstance(value, str | bytes | complex | dict | set):
        return False
    if isinstance(value, list | tuple | np.ndarray):
        try:
            return np.asarray(value).dtype.kind in "biuf"
        except ValueError:  # rows of different length
            return False
    return True


def checked(celltype: Any, values: Mapping[str, Values], size: int, kept: Mapping[str, Any] = NONE) -> Checked:
    """Return parameters of a cell type in the engine's form.

    Parameters
    ----------
    kept
        The linked parameters as they are, for checking those that change against those that do not.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If one has a value without meaning. Nothing has changed then.
    """
    result = Checked({}, {})
    model = type(celltype).__name__
    for name, value in values.items():
        if name in celltype.sequence_parameters:
            result.sequences[name] = _rows(value, size)
            _check_sequences(model, name, result.sequences[name])
        elif name in celltype.vector_parameters:
            for k, column in enumerate(_columns(celltype, name, value, size)):
                check_numbers(model, name, column)
                result.numbers[vector_element(name, k)] = column
        else:
            numbers = np.asarray(value, dtype=float)
            check_numbers(model, name, numbers)
            result.numbers[name] = numbers if numbers.ndim else float(numbers)
    linked = {**kept, **result.numbers, **result.sequences}
    if any(name in values for name in celltype.linked_parameters):
        celltype.check_together({name: linked[name] for name in celltype.linked_parameters})
    return result


def check_numbers(model: str, name: str, numbers: Numbers) -> None:
    """Raise InvalidParameterValueError unless every value of a parameter makes sense."""
    if name in _POSITIVE:
        right, allowed = numbers > 0, "greater than 0"
    elif name in _NOT_NEGATIVE:
        right, allowed = numbers >= 0, "0 or greater"
    else:
        right, allowed = ~np.isnan(numbers), "a number"
    if name not in _MAY_BE_INFINITE:
        right, allowed = right & ~np.isinf(numbers), f"finite and {allowed}"
    if not right.all():
        wrong = float(np.atleast_1d(numbers)[~np.atleast_1d(right)][0])
        raise errors.InvalidParameterValueError(f"{model}: {name} = {wrong:g} is not allowed, it has to be {allowed}")


def _check_sequences(model: str, name: str, rows: list[Numbers]) -> None:
    distinct = {id(row): row for row in rows}.values()
    check_numbers(model, name, np.concatenate(list(distinct)))
    if name in _ASCENDING and any((np.diff(row) < 0).any() for row in distinct):
        raise errors.InvalidParameterValueError(f"{model}: {name} have to be in ascending order")


def vector_element(name: str, k: int) -> str:
    """Return what the engine calls element `k` of a parameter that is a vector of fixed length."""
    return f"{name}_{k + 1}"


def _columns(celltype: Any, name: str, value: Values, size: int) -> list[Numbers]:
    length = celltype.vector_parameters[name]
    rows = _rows(value, size)
    for row in rows:
        if row.size != length:
            raise errors.InvalidParameterValueError(
                f"{type(celltype).__name__}: {name} has {row.size} values for a cell, it has to have {length}"
            )
    return list(np.array(rows).T)


def _rows(value: Values, size: int) -> list[Numbers]:
    """Return the numbers that each cell has for a parameter that is an array."""
    if isinstance(value, np.ndarray):
        return [_numbers(item) for item in value]
    return [_numbers(value)] * size


def _numbers(item: ArrayParameter) -> Numbers:
    if not isinstance(item, ArrayParameter):
        raise errors.InvalidParameterValueError(f"{item!r} is not a sequence of numbers for one cell")
    value = item.value
    if hasattr(value, "rescale"):  # a quantity, as Neo's spike trains are
        value = value.rescale("ms").magnitude
    return np.array(value, dtype=float).reshape(-1)


class ParameterStore:
    """The parameters of one population.

    Numbers live in the engine. Sequences (spike times, histograms) are kept here too, because PyNN hands back what was
    set while the engine only needs what is still to come.
    """

    def __init__(self, celltype: Any, population: Population) -> None:
        self._celltype = celltype
        self._population = population
        self._sequences: dict[str, NDArray[np.object_]] = {}

    def write(self, parameters: Checked, index: Index) -> None:
        """Set parameters of the cells at `index`."""
        everyone = index.size == self._population.size
        for name, numbers in parameters.numbers.items():
            self._population.set_parameter(name, numbers, None if everyone and _in_order(index) else index)
        self.write_sequences(parameters, index)

    def write_sequences(self, parameters: Checked, index: Index) -> None:
        """Set those parameters of the cells at `index` that are sequences."""
        if not parameters.sequences:
            return
        for name, rows in parameters.sequences.items():
            kept = self._sequences.setdefault(name, np.empty(self._population.size, dtype=object))
            kept[index] = [ValueSequence(row) for row in rows]
        self._celltype.schedule(self._population, self._sequences, index)

    def linked(self, index: Index) -> dict[str, Any]:
        """Return the linked parameters of the cells at `index`: an array, or a list with a sequence for each cell."""
        return {name: self._linked(name, index) for name in self._celltype.linked_parameters}

    def _linked(self, name: str, index: Index) -> Any:
        if name in self._celltype.sequence_parameters:
            return [kept.value for kept in self._sequences[name][index]]
        return self._population.get_parameter(name)[index]

    def read(self, name: str, index: Index) -> Values:
        """Return a parameter of the cells at `index`: one value if all have the same, else an array."""
        if name in self._celltype.sequence_parameters:
            return _lazy(self._sequences[name][index], ValueSequence)
        if name in self._celltype.vector_parameters:
            length = self._celltype.vector_parameters[name]
            columns = [self._population.get_parameter(vector_element(name, k))[index] for k in range(length)]
            rows = np.empty(index.size, dtype=object)
            rows[:] = [ArrayParameter(row) for row in np.transpose(columns)]
            return _lazy(rows, ArrayParameter)
        numbers = self._population.get_parameter(name)[index]
        return float(numbers[0]) if (numbers == numbers[0]).all() else numbers


def _lazy(values: NDArray[np.object_], dtype: type) -> LazyArray:
    first = values[0]
    same = all(value is first or value == first for value in values)
    return LazyArray(first if same else values, shape=values.shape, dtype=dtype)


def _in_order(index: Index) -> bool:
    return bool((np.diff(index) > 0).all())
