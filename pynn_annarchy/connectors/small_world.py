"""Small-world networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG

from .base import Index, PointConnector, check_self_connections, same_cell_index


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
        Whether a cell may be connected to itself.
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
        allow_self_connections: bool = True,
        n_connections: int | None = None,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callable[[float], Any] | None = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=False)
        if not 0 <= rewiring <= 1:
            raise ValueError(f"rewiring={rewiring} is not a probability: expected a number from 0 to 1")
        if not degree >= 0:
            raise ValueError(f"degree={degree} is not a distance: expected a number >= 0")
        if n_connections is not None and (n_connections < 0 or n_connections != int(n_connections)):
            raise ValueError(f"n_connections={n_connections} is not a whole number >= 0")
        super().__init__(
            degree, rewiring, allow_self_connections, n_connections, location_selector, rng, safe, callback
        )
        self.degree = degree

    def connect(self, projection: Any) -> None:
        """Choose the targets of one pre-synaptic cell after the other."""
        distances = self._generate_distance_map(projection)
        n_pre, n_post = projection.shape
        itself = np.full(n_pre, -1)
        if not self.allow_self_connections:
            itself = same_cell_index(projection.pre.neuron_numbers, projection.post.neuron_numbers)
        every_target = np.arange(n_post)
        rows = []
        for k in range(n_pre):
            allowed = every_target != itself[k]
            near = np.broadcast_to(np.asarray(distances[k, every_target]), n_post) < self.degree
            rows.append(self._rewired(self._chosen(np.flatnonzero(near & allowed)), allowed))
        pre = np.repeat(np.arange(n_pre), [row.size for row in rows])
        self._connect_pairs(projection, pre, np.concatenate(rows))

    def _chosen(self, near: Index) -> Index:
        if self.n_connections is None:
            return near
        if near.size < self.n_connections:
            raise errors.ConnectionError(
                f"n_connections={self.n_connections}, but a cell has only {near.size} others within a distance of "
                f"{self.degree}"
            )
        return np.sort(self._shuffled(near)[: self.n_connections])

    def _rewired(self, targets: Index, allowed: Any) -> Index:
        moves = self.rng.next(targets.size) < self.rewiring
        free = allowed.copy()
        free[targets] = False
        new = self._shuffled(np.flatnonzero(free))[: moves.sum()]
        moving = np.flatnonzero(moves)[: new.size]  # a cell that is connected to almost all has nowhere else to go
        targets = targets.copy()
        targets[moving] = new
        return targets

    def _shuffled(self, cells: Index) -> Index:
        return np.asarray(self.rng.permutation(cells), dtype=np.intp)
