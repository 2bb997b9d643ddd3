"""The parameters of a population, between PyNN and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN.parameters import ArrayParameter, LazyArray, Sequence

from .parameter_checks import Checked, Values, vector_element

if TYPE_CHECKING:
    from .cells import Index
    from .native.population import Population


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
        if not everyone:
            self._celltype.check_part(parameters.numbers)
        for name, numbers in parameters.numbers.items():
            self._population.set_parameter(name, numbers, None if everyone and _in_order(index) else index)
        self.write_sequences(parameters, index)
        if not parameters.sequences and parameters.numbers.keys() & set(self._celltype.scheduling_parameters):
            self._celltype.schedule(self._population, self._sequences, index)

    def write_sequences(self, parameters: Checked, index: Index) -> None:
        """Set those parameters of the cells at `index` that are sequences."""
        if not parameters.sequences:
            return
        for name, rows in parameters.sequences.items():
            kept = self._sequences.setdefault(name, np.empty(self._population.size, dtype=object))
            kept[index] = [Sequence(row) for row in rows]
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
            return _lazy(self._sequences[name][index], Sequence)
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
