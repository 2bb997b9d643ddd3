"""Synapses that come and go: how everything that is kept for the synapses of a projection follows.

A change is described once, by a `Rearrangement`, and applied to every array; what all synapses have in common stays one
number. It costs a copy of the projection's arrays, however few synapses are concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Values, checked_index, collapsed

if TYPE_CHECKING:
    from .row_layout import RowLayout

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rearrangement:
    """Where the synapses of a projection come from.

    Attributes
    ----------
    size
        Number of synapses there were.
    added
        Number of new ones.
    origin
        For each synapse there is: its place among those there were, or ``size + k`` if it is the k-th new one.
    """

    size: int
    added: int
    origin: Index

    def array(self, old: NDArray[Any], new: Any) -> NDArray[Any]:
        """The elements of an array, and those of new synapses (one for all, or one for each)."""
        fresh = np.broadcast_to(np.asarray(new, old.dtype), (self.added,))
        found: NDArray[Any] = np.concatenate([old, fresh])[self.origin]
        return found

    def values(self, old: Any, new: Any) -> Any:
        """Values of which there may be one for all synapses, and those of new ones; whole numbers stay such."""
        if np.ndim(old) == 0 and (not self.added or (np.ndim(new) == 0 and new == old)):
            return old
        if not self.size and np.ndim(new) == 0:
            return new
        wider = np.result_type(np.asarray(old), np.asarray(new))
        return self.array(np.broadcast_to(np.asarray(old, wider), (self.size,)), new)

    def numbers(self, old: Values, new: ArrayLike) -> Values:
        """The same for real numbers, which become one if all are equal."""
        found = self.values(old, new)
        return collapsed(np.asarray(found, dtype=np.float64))

    def places(self, index: Index) -> Index:
        """Where the synapses at ``index`` are now; -1 for those that are no more, and for negative ones."""
        now = np.full(self.size + self.added + 1, -1)
        now[self.origin] = np.arange(self.origin.size)
        return np.where(index < 0, -1, now[np.maximum(index, -1)])


def without(size: int, index: ArrayLike) -> Rearrangement:
    """The removal of the synapses at ``index``."""
    kept = np.ones(size, bool)
    kept[checked_index(index, size, "prune")] = False
    return Rearrangement(size, 0, np.flatnonzero(kept).astype(np.int64))


def with_new(size: int, added: int, before: ArrayLike | None = None) -> Rearrangement:
    """The insertion of new synapses, each before the one that is at a place now: at the end by default.

    Raises
    ------
    ValueError, IndexError
        If there is not one place for each, or one is outside 0..size.
    """
    if before is None:
        return Rearrangement(size, added, np.arange(size + added))
    where = checked_index(before, size + 1, "before")
    if where.size != added:
        raise ValueError(f"{where.size} places for {added} synapses")
    fresh = np.arange(size, size + added)
    return Rearrangement(size, added, np.insert(np.arange(size), where, fresh))


class Numbers:
    """The numbers of a projection's synapses in the network: each keeps its own, whatever becomes of others.

    Parameters
    ----------
    first, size
        They begin as ``first, first + 1, ...``.
    """

    def __init__(self, first: int, size: int) -> None:
        self._first = first
        self._size = size
        self._all: NDArray[np.uint32] | None = None
        self._order: Index = np.empty(0, np.int64)

    @property
    def first(self) -> int | None:
        """The first of successive numbers, None if they are not such."""
        return self._first if self._all is None else None

    def array(self) -> NDArray[np.uint32]:
        """The number of each synapse."""
        if self._all is None:
            return np.arange(self._first, self._first + self._size, dtype=np.uint32)
        return self._all

    def follow(self, change: Rearrangement, first_new: int) -> None:
        """Number new synapses from ``first_new`` on."""
        fresh = np.arange(first_new, first_new + change.added, dtype=np.uint32)
        self._all = change.array(self.array(), fresh)
        self._order = np.argsort(self._all)
        self._size = self._all.size

    def places(self, numbers: NDArray[Any]) -> Index:
        """Where synapses of these numbers are in the projection; -1 for others."""
        if self._all is None:
            found = numbers.astype(np.int64) - self._first
            return np.where((found >= 0) & (found < self._size), found, -1)
        if not self._size:
            return np.full(numbers.size, -1)
        at = np.minimum(np.searchsorted(self._all, numbers, sorter=self._order), self._size - 1)
        place: Index = self._order[at]
        return np.where(self._all[place] == numbers, place, -1)

    def runs(self) -> list[tuple[int, int]]:
        """The ranges of successive numbers, each with its end."""
        ascending = np.sort(self.array()).astype(np.int64)
        if not ascending.size:
            return []
        edges = np.flatnonzero(np.diff(ascending) != 1) + 1
        return [(int(run[0]), int(run[-1]) + 1) for run in np.split(ascending, edges)]


def of_rows(old: NDArray[Any], before: RowLayout, after: RowLayout, fresh: Any) -> NDArray[Any]:
    """One value for each target that has synapses, and for those that have some now one of ``fresh``.

    Parameters
    ----------
    fresh
        One number, or one for each synapse there is, of which a new row takes the first.
    """
    place = rows_after(before, after)
    result = np.empty(len(after.row_target), old.dtype)
    result[:] = fresh if np.ndim(fresh) == 0 else np.asarray(fresh)[_first_of_rows(after)]
    stays = place >= 0
    result[place[stays]] = old[stays]
    return result


def rows_after(before: RowLayout, after: RowLayout) -> Index:
    """Where the row of each target is that had one; -1 if it has none now."""
    if not len(after.row_target):
        return np.full(len(before.row_target), -1)
    order = np.argsort(after.row_target)
    at = np.minimum(np.searchsorted(after.row_target, before.row_target, sorter=order), order.size - 1)
    found = order[at]
    return np.where(after.row_target[found] == before.row_target, found, -1)


def _first_of_rows(layout: RowLayout) -> Index:
    """The place, in order of creation, of the oldest synapse of each row."""
    _, first = np.unique(layout.rows_of_synapses(), return_index=True)
    return first.astype(np.int64)
