"""Which partners a cell may not have, for connectors that draw the partners of one cell after the other."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from .base import Index, same_cell_index


class Exclusions:
    """Keeps the promise of `allow_self_connections` while connections are drawn.

    Parameters
    ----------
    allow
        True allows every pair; False all but a cell with itself; 'NoMutual' also leaves out what runs opposite to a
        connection drawn before.
    cells
        Those that draw.
    partners
        Those that are drawn.
    """

    def __init__(self, allow: bool | str, cells: Any, partners: Any) -> None:
        self._itself = np.full(cells.size, -1)
        self._cell_of = np.full(partners.size, -1)
        self._opposite: defaultdict[int, set[int]] = defaultdict(set)
        self.mutual = allow != "NoMutual"
        if not allow or not self.mutual:
            self._itself = same_cell_index(cells.neuron_numbers, partners.neuron_numbers)
            self._cell_of = same_cell_index(partners.neuron_numbers, cells.neuron_numbers)

    @property
    def itself(self) -> Index:
        """For each cell the partner that it may not have because it is the same one, or -1."""
        return self._itself

    def barred(self, cell: int) -> Index:
        """Return the partners that a cell may not have."""
        itself = self._itself[cell : cell + 1]
        if itself[0] < 0:
            return np.empty(0, np.intp)
        return np.array([itself[0], *self._opposite[cell]], dtype=np.intp)

    def connect(self, cell: int, partners: Index) -> None:
        """Note that a cell has been given partners."""
        if not self.mutual and self._itself[cell] >= 0:
            for other in self._cells(partners):
                self._opposite[other].add(int(self._itself[cell]))

    def disconnect(self, cell: int, partners: Index) -> None:
        """Note that a cell has lost partners."""
        if not self.mutual and self._itself[cell] >= 0:
            for other in self._cells(partners):
                self._opposite[other].discard(int(self._itself[cell]))

    def _cells(self, partners: Index) -> list[int]:
        cells = self._cell_of[partners]
        return np.unique(cells[cells >= 0]).tolist()
