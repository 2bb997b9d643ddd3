"""Connections in rows by target: the order in which the engine walks continuous synapses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import connect

Order = NDArray[np.int64]


@dataclass(frozen=True)
class RowLayout:
    """Synapses by target, within a row by source, equal ones in order of creation.

    Attributes
    ----------
    order
        For each synapse of the rows its number in order of creation; None if that is the same.
    begin
        Row r has synapses ``begin[r]`` to ``begin[r + 1] - 1``.
    row_target
        Neuron number of each row, those of one block together.
    row_source
        Neuron number of each synapse's source, or of each in row 0 if ``shared``.
    shared
        Whether all rows have the same sources.
    contiguous
        Whether these are neighbouring numbers, too.
    """

    order: NDArray[np.int64] | None
    begin: NDArray[np.uint64]
    row_target: NDArray[np.uint32]
    row_source: NDArray[np.uint32]
    shared: bool
    contiguous: bool

    @property
    def size(self) -> int:
        """Number of synapses."""
        return int(self.begin[-1])

    def rows_of_synapses(self) -> NDArray[np.int64]:
        """The row of each synapse, in order of creation."""
        lengths = np.diff(self.begin).astype(np.int64)
        return self.created(np.repeat(np.arange(len(self.row_target)), lengths))

    def source(self) -> NDArray[np.uint32]:
        """The source of each synapse, in order of creation."""
        return self.created(np.tile(self.row_source, len(self.row_target)) if self.shared else self.row_source)

    def target(self) -> NDArray[np.uint32]:
        """The target of each synapse, in order of creation."""
        return self.row_target[self.rows_of_synapses()]

    def created(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values in the rows' order, brought into that of creation. A copy."""
        result: NDArray[Any] = np.empty_like(values)
        if self.order is None:
            result[:] = values
            return result
        result[self.order] = values
        return result

    def walked(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values in order of creation, brought into the rows' order."""
        found: NDArray[Any] = values
        return found if self.order is None else np.asarray(found[self.order])


def rows_by_target(source: NDArray[np.uint32], target: NDArray[np.uint32], block: NDArray[np.int64]) -> RowLayout:
    """Return the rows of synapses whose targets are in these blocks (one number, or one per synapse)."""
    order = _order(source, target, block)
    if order is not None:
        source, target = source[order], target[order]
    begins = np.ones(target.size, bool)
    np.not_equal(target[1:], target[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    begin = np.append(first, target.size).astype(np.uint64)
    shared, contiguous = _regularity(source, begin)
    row_source = source[: int(begin[1])].copy() if shared else np.ascontiguousarray(source)
    return RowLayout(order, begin, np.ascontiguousarray(target[first]), row_source, shared, contiguous)


def _order(source: NDArray[np.uint32], target: NDArray[np.uint32], block: NDArray[np.int64]) -> Order | None:
    """Return the order by block, then target, then source, then place; None if that is what they have."""
    keys: list[NDArray[Any]] = [target, source]
    if np.ndim(block) and target.size and (block != block[0]).any():
        keys.insert(0, block)
    if _ascending(*keys):
        return None
    order = None
    for key in reversed(keys):  # each sort keeps the order of the one before where keys are equal
        if order is not None or not _ascending(key):
            lowest = key.min()
            order = connect.stable_order((key - lowest).astype(np.uint32), int(key.max() - lowest) + 1, order)
    return None if order is None else order.astype(np.int64)


def _ascending(*keys: NDArray[Any]) -> bool:
    """Whether elements are in order of the first key, equal ones in that of the second, and so on."""
    tied = None  # what the keys so far have in common with the element before
    for key in keys:
        below = key[1:] < key[:-1]
        if (below if tied is None else below & tied).any():
            return False
        equal = key[1:] == key[:-1]
        tied = equal if tied is None else tied & equal
    return True


def _regularity(source: NDArray[np.uint32], begin: NDArray[np.uint64]) -> tuple[bool, bool]:
    lengths = np.diff(begin)
    if not lengths.size or (lengths != lengths[0]).any():
        return False, False
    table = source.reshape(lengths.size, int(lengths[0]))
    shared = bool((table == table[0]).all())
    return shared, shared and bool((np.diff(table[0].astype(np.int64)) == 1).all())
