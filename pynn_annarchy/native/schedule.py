"""Sequences that spike sources follow, in the form of csrc/sources/source_data.h."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray

MAX_SEQUENCES = 3  # that one model has
DUE_UNKNOWN, DUE_NEVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def checked_rows(rows: Sequence[ArrayLike], size: int, name: str, *, ascending: bool) -> list[FloatArray]:
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
    """The sequences of all neurons of one block of sources, by position in the block."""

    def __init__(self) -> None:
        self._n = 0
        self._length: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._due: NDArray[np.int64] = np.zeros(0, np.int64)
        self._row: NDArray[np.uint64] = np.zeros((MAX_SEQUENCES, 0), np.uint64)  # addresses
        self._alive: dict[tuple[int, int], FloatArray] = {}  # the rows by (sequence, position)
        self._tables: NDArray[np.uint64]
        self._struct: NDArray[np.uint64]

    def grow(self, n: int, capacity: int) -> None:
        """Make room for ``n`` neurons in arrays of ``capacity`` elements; new ones have empty sequences."""
        more = capacity - len(self._length)
        if more > 0:
            self._length = np.append(self._length, np.zeros(more, np.uint64))
            self._due = np.append(self._due, np.full(more, DUE_NEVER))
            self._row = np.append(self._row, np.zeros((MAX_SEQUENCES, more), np.uint64), axis=1)
        self._due[self._n : n] = DUE_UNKNOWN
        self._n = n
        self._tables = np.array([row.ctypes.data for row in self._row], np.uint64)
        addresses = [array.ctypes.data for array in (self._length, self._tables, self._due)]
        self._struct = np.array(addresses, np.uint64)

    def set(self, positions: NDArray[np.int64], sequences: Sequence[Sequence[FloatArray]]) -> None:
        """Replace the sequences of some neurons."""
        for k, rows in enumerate(sequences):
            for position, row in zip(positions.tolist(), rows, strict=True):
                self._alive[k, position] = row
                self._row[k, position] = row.ctypes.data
        self._length[positions] = [row.size for row in sequences[0]]
        self._due[positions] = DUE_UNKNOWN

    def rewind(self) -> None:
        """Follow the network's reset."""
        self._due[: self._n] = DUE_UNKNOWN

    @property
    def address(self) -> int:
        """Of the ``pa_source_data``."""
        return int(self._struct.ctypes.data)
