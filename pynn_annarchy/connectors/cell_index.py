"""From neuron numbers back to indices in a population, view or assembly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


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
