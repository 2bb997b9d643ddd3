"""Connectors that give each cell a certain number of connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG, RandomDistribution

from .base import Index, PointConnector, check_self_connections, same_cell_index

Callback = Callable[[float], Any] | None


class NumberedConnector(PointConnector):
    """What the connectors with a number `n` share: its validation, and drawing partners for one cell."""

    n: Any
    rng: AbstractRNG
    allow_self_connections: bool
    with_replacement: bool

    def __init__(
        self,
        n: int | RandomDistribution,
        allow_self_connections: bool = True,
        with_replacement: bool = False,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=False)
        if isinstance(n, np.integer):
            n = int(n)
        if isinstance(n, bool) or not isinstance(n, int | RandomDistribution):
            raise TypeError(f"n={n!r} is neither a whole number nor a RandomDistribution")
        if isinstance(n, int) and n < 0:
            raise ValueError(f"n={n} is negative")
        try:
            super().__init__(  # type: ignore[call-arg]
                n, allow_self_connections, with_replacement, location_selector, rng, safe, callback
            )
        except AssertionError as error:  # PyNN draws a sample of n
            raise ValueError(f"n={n}: {error}") from None

    def _checked_counts(self, drawn: Any) -> Index:
        counts = np.atleast_1d(np.asarray(drawn))
        wrong = (counts < 0) | (counts != np.rint(counts))
        if wrong.any():
            raise ValueError(f"n={self.n} gave {counts[wrong][0]}, which is not a whole number >= 0")
        return counts.astype(np.intp)

    def _self_index(self, cells: Any, partners: Any) -> Index:
        """For each cell, its own index among the possible partners if it has to be left out, else -1."""
        if self.allow_self_connections:
            return np.full(cells.size, -1)
        return same_cell_index(cells.neuron_numbers, partners.neuron_numbers)

    def _partners(self, n: int, size: int, itself: int) -> Index:
        """Draw n of `size` partners, with the very calls of PyNN's reference path."""
        if n > 0 and size == 1 and itself >= 0:
            raise errors.ConnectionError(f"n={n} connections of a cell whose only possible partner is itself")
        if self.with_replacement:
            return self._with_replacement(n, size, itself)
        cells = np.arange(size)
        if itself >= 0:
            cells = np.delete(cells, itself)
        all_of_them, rest = divmod(n, max(cells.size, 1))
        sets = [cells] * all_of_them
        if rest:
            sets.append(self.rng.permutation(cells)[:rest])  # type: ignore[attr-defined]
        return np.concatenate([np.arange(0), *sets])

    def _with_replacement(self, n: int, size: int, itself: int) -> Index:
        drawn = self._integers(n, size)
        if itself >= 0:
            # PyNN loses track of what to draw again from the second round on, and then fails or keeps self-connections
            while (again := np.flatnonzero(drawn == itself)).size:
                drawn[again] = self._integers(again.size, size)
        return drawn

    def _integers(self, n: int, size: int) -> Index:
        return np.asarray(self.rng.next(n, "uniform_int", {"low": 0, "high": size}, mask=None)).astype(np.intp)


class FixedNumberPreConnector(NumberedConnector, common.FixedNumberPreConnector):
    __doc__ = common.FixedNumberPreConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draw n pre-synaptic cells for each post-synaptic one."""
        itself = self._self_index(projection.post, projection.pre)

        def generate(mask: NDArray[np.bool_] | None = None) -> Iterator[Index]:
            n_post = projection.post.size
            counts = np.full(n_post, self.n) if isinstance(self.n, int) else self._checked_counts(self.n.next(n_post))
            for k in range(n_post):
                yield self._partners(int(counts[k]), projection.pre.size, int(itself[k]))

        self._standard_connect(projection, generate)


class FixedNumberPostConnector(NumberedConnector, common.FixedNumberPostConnector):
    __doc__ = common.FixedNumberPostConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draw n post-synaptic cells for each pre-synaptic one."""
        itself = self._self_index(projection.pre, projection.post)
        rows = []
        for k in range(projection.pre.size):
            n = self.n if isinstance(self.n, int) else int(self._checked_counts(self.n.next())[0])
            rows.append(self._partners(n, projection.post.size, int(itself[k])))
        pre = np.repeat(np.arange(projection.pre.size), [row.size for row in rows])
        self._connect_pairs(projection, pre, np.concatenate(rows))
