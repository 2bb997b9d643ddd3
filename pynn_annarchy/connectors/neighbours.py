"""Distances between the cells of two groups, as far as they are short."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pyNN.space import Space

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]

_TARGETS_AT_ONCE = 256  # a narrow strip of them has few neighbours, a wide one few strips
_DISTANCES_AT_ONCE = 1 << 18  # a few MB for all of the intermediate arrays


class Neighbours:
    """Goes through the pairs of two groups without the memory, and as a rule without the time, that all would take.

    Targets are sorted along one axis. Only sources in a strip around them can be within reach.

    Parameters
    ----------
    space
        What distance means.
    sources, targets
        Positions, one row for each cell.
    reach
        Longer distances may be left out.
    """

    def __init__(self, space: Space, sources: NDArray[np.float64], targets: NDArray[np.float64], reach: float) -> None:
        # PyNN computes in the type of the positions, which may be whole numbers
        self._sources, self._targets = np.asarray(sources, dtype=float), np.asarray(targets, dtype=float)
        if not (np.isfinite(self._sources).all() and np.isfinite(self._targets).all()):
            raise ValueError("a position is not a finite number, so there are no distances to compute a weight from")
        self._space = space
        self._reach = reach * (1 + 1e-9)
        if type(space).distances is not Space.distances:
            self._reach = np.inf  # a space of the user's own
        extent = np.ptp(self._sources, axis=0)
        self._axis = int(max(space.axes, key=lambda axis: extent[axis]))
        self._along = space.scale_factor * (self._targets + space.offset)
        self._order = np.argsort(self._sources[:, self._axis], kind="stable")
        self._sorted = self._sources[self._order, self._axis]

    def __iter__(self) -> Iterator[tuple[Index, Index, Numbers]]:
        """Yield sources, targets and the matrix of the distances between them (row: target), strip after strip."""
        along = self._along[:, self._axis]
        order = np.argsort(along, kind="stable")
        for first in range(0, order.size, _TARGETS_AT_ONCE):
            strip = order[first : first + _TARGETS_AT_ONCE]
            sources = self._around(along[strip[0]], along[strip[-1]])
            rows = max(1, _DISTANCES_AT_ONCE // max(sources.size, 1))
            for k in range(0, strip.size, rows):
                targets = strip[k : k + rows]
                shape = (sources.size, targets.size)
                distances = self._space.distances(self._sources[sources], self._targets[targets])
                yield sources, targets, distances.reshape(shape).T

    def _around(self, low: float, high: float) -> Index:
        """Return the sources that may be within reach of a target between two coordinates."""
        shifts = [0.0]
        if self._space.periodic_boundaries is not None and self._space.periodic_boundaries[self._axis] is not None:
            start, end = self._space.periodic_boundaries[self._axis]
            shifts += [end - start, start - end]
        near = np.zeros(self._order.size, dtype=bool)
        for shift in shifts:
            ends = (low + shift - self._reach, high + shift + self._reach)
            near[self._order[slice(*np.searchsorted(self._sorted, ends))]] = True
        return np.flatnonzero(near)
