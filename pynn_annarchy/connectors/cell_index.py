"""From neuron numbers back to indices in a population, view or assembly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]

_AT_ONCE = 1 << 18


class CellIndex:
    """The index that each cell has in a group: a subtraction where the numbers are consecutive, else a table."""

    def __init__(self, cells: Any) -> None:
        numbers = cells.neuron_numbers
        self._first = int(numbers.min())
        self._table: Index | None = None
        if (np.diff(numbers) != 1).any():
            self._table = np.full(int(numbers.max()) - self._first + 1, -1)
            self._table[numbers - self._first] = np.arange(numbers.size)

    def __call__(self, numbers: Any) -> Index:
        """Return the index of each cell, which has to be of the group."""
        offset: Index = np.asarray(numbers, dtype=np.intp) - self._first
        return offset if self._table is None else self._table[offset]


def numbers_of(cells: Any, index: NDArray[Any]) -> NDArray[np.uint32]:
    """Return the neuron numbers of the cells at some indices; the array of indices is given away, for them."""
    index = index.astype(np.uint32, copy=False)
    numbers = cells.neuron_numbers.astype(np.uint32)
    if (np.diff(numbers) == 1).all():
        index += numbers[0]
        return index
    for first in range(0, index.size, _AT_ONCE):  # numpy would make 64-bit numbers of all of them at once
        part = slice(first, first + _AT_ONCE)
        index[part] = numbers[index[part]]
    return index
