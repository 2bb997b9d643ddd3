"""Small-world networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG

from .arguments import check_rng, number, probability, self_connections, whole_number
from .base import Callback, Index, PointConnector, allowed
from .columns import joined, transposed
from .exclusions import Exclusions
from .generators import borrowed, is_mersenne


class SmallWorldConnector(PointConnector, common.SmallWorldConnector, common.MapConnector):
    """Connect each cell to its neighbourhood, then rewire some of the connections (after Watts and Strogatz, 1998).

    The rewired connections keep their pre-synaptic cell. Their new target is any that the cell has no connection to
    yet, drawn with equal probability.

    Parameters
    ----------
    degree
        A cell's neighbourhood is all cells at a distance below this.
    rewiring
        Probability that a connection is rewired.
    allow_self_connections
        Whether a cell may be connected to itself; 'NoMutual' also leaves out one direction of each pair.
    n_connections
        If given, each cell keeps this number of its neighbours, chosen at random, before rewiring.
    location_selector
        Has no meaning for point neurons.
    rng
        Source of the random numbers.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    def __init__(
        self,
        degree: float,
        rewiring: float,
        allow_self_connections: bool | str = True,
        n_connections: int | None = None,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        allow_self_connections = self_connections(allow_self_connections)
        check_rng(rng)
        rewiring = probability("rewiring", rewiring)
        if not number("degree", degree) >= 0:
            raise ValueError(f"degree={degree} is not a distance: expected a number >= 0")
        if n_connections is not None:
            n_connections = whole_number("n_connections", n_connections, " nor None")
        super().__init__(
            degree, rewiring, allow_self_connections, n_connections, location_selector, rng, safe, callback
        )
        self.degree = degree

    def connect(self, projection: Any) -> None:
        """Choose the targets of one pre-synaptic cell after the other."""
        rows = [self._chosen(near) for near in self._neighbours(projection)]
        exclusions = Exclusions(self.allow_self_connections, projection.pre, projection.post)
        for k, targets in enumerate(rows):
            exclusions.connect(k, targets)
        for k, targets in enumerate(rows):
            barred = exclusions.barred(k)
            exclusions.disconnect(k, targets)
            rows[k] = self._rewired(targets, barred, projection.post.size)
            exclusions.connect(k, rows[k])
        self._connect_columns(projection, transposed(joined(rows), projection.post.size))

    def _neighbours(self, projection: Any) -> Iterator[Index]:
        """Yield for each pre-synaptic cell the targets in its neighbourhood."""
        sources, positions = projection.pre.positions.T, projection.post.positions.T
        is_allowed = allowed(projection, self.allow_self_connections)
        targets = np.arange(projection.post.size)
        for k in range(projection.pre.size):
            near = projection.space.distances(sources[k], positions) < self.degree
            if is_allowed is not None:
                near = near & is_allowed(k, targets)
            yield np.flatnonzero(near)

    def _chosen(self, near: Index) -> Index:
        if self.n_connections is None:
            return near
        if near.size < self.n_connections:
            raise errors.ConnectionError(
                f"n_connections={self.n_connections}, but a cell has only {near.size} others within a distance of "
                f"{self.degree}"
            )
        return np.sort(self._shuffled(near, self.n_connections))

    def _rewired(self, targets: Index, barred: Index, size: int) -> Index:
        moves = self.rng.next(targets.size) < self.rewiring
        free = np.ones(size, dtype=bool)
        free[targets] = False
        free[barred] = False
        new = self._shuffled(np.flatnonzero(free), int(moves.sum()))
        moving = np.flatnonzero(moves)[: new.size]  # a cell that is connected to almost all has nowhere else to go
        targets = targets.copy()
        targets[moving] = new
        return targets

    def _shuffled(self, cells: Index, n: int) -> Index:
        """Return the first n of the cells in random order."""
        from ..native import connect  # here: the package can be imported without its compiled core
        from ..random import NativeRNG

        if is_mersenne(self.rng):
            with borrowed([self.rng]) as lent:
                (generator,) = lent.values()
                return cells[connect.shuffled(generator, cells.size)[:n]]
        if isinstance(self.rng, NativeRNG):
            return np.asarray(self.rng.generator.choice(cells, min(n, cells.size), replace=False), dtype=np.intp)
        return np.asarray(self.rng.permutation(cells)[:n], dtype=np.intp)
