"""Sequences that spike sources follow, in the form of csrc/schedule.h."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, padded

if TYPE_CHECKING:
    from .population import Population

Rows = list[FloatArray]


def checked_rows(rows: Sequence[ArrayLike], size: int, name: str, *, ascending: bool = False) -> Rows:
    """Copies of ``size`` sequences of numbers.

    Raises
    ------
    ValueError
        If there are more or fewer, or one is not finite, or negative or unordered where times have to ascend.
    """
    if len(rows) != size:
        raise ValueError(f"{name}: {len(rows)} sequences for {size} neurons")
    arrays = [np.array(row, dtype=np.float64).reshape(-1) for row in rows]
    for array in arrays:
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has a value that is not a finite number")
        if ascending and array.size and (array[0] < 0 or (np.diff(array) < 0).any()):
            raise ValueError(f"{name} has to be in ascending order and not negative: {array}")
    return arrays


class Schedule:
    """The sequences of all neurons of one block, and the address of the ``pa_rows`` that say where they are."""

    def __init__(self, populations: Sequence[Population]) -> None:
        n = sum(population.size for population in populations)
        self._arrays = []
        for k in range(max(len(population.sequences) for population in populations)):
            lengths = np.zeros(padded(n) + 1, np.uint64)
            values = [np.empty(1)]  # never an empty array, whose address would be anything
            for population in populations:
                rows = population.sequences[k] if k < len(population.sequences) else []
                for at, row in enumerate(rows, population.offset + 1):
                    lengths[at] = row.size
                values.extend(rows)
            begin = np.cumsum(lengths, dtype=np.uint64)
            begin += np.uint64(1)
            self._arrays += [begin, np.concatenate(values)]
        self._rows = np.array([array.ctypes.data for array in self._arrays], np.uint64)

    @property
    def address(self) -> int:
        """Of the first ``pa_rows``; 0 if there are no sequences."""
        return int(self._rows.ctypes.data) if self._rows.size else 0
