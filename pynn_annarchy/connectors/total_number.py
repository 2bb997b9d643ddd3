"""A given number of connections between two populations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG, NumpyRNG, RandomDistribution

from .base import Index
from .fixed_number import NumberedConnector

Pairs = tuple[Index, Index]


class FixedTotalNumberConnector(NumberedConnector, common.FixedTotalNumberConnector):
    """Make `n` connections, each between a random pair of cells.

    Parameters
    ----------
    n
        Number of connections, or a RandomDistribution to draw it from.
    allow_self_connections
        Whether a cell may be connected to itself.
    with_replacement
        Whether a pair may be drawn again. If False, no pair is connected twice before all pairs are connected once.
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
        n: int | RandomDistribution,
        allow_self_connections: bool = True,
        with_replacement: bool = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callable[[float], Any] | None = None,
    ) -> None:
        super().__init__(n, allow_self_connections, with_replacement, location_selector, rng, safe, callback)

    def connect(self, projection: Any) -> None:
        """Draw the pairs, in the order of PyNN's reference path."""
        n = self.n if isinstance(self.n, int) else int(self._checked_counts(self.n.next())[0])
        # PyNN draws how many connections fall to this process, also if there is but one
        self.rng.next(1, "binomial", {"n": n, "p": 1.0})
        shape = projection.shape
        itself = self._self_index(projection.post, projection.pre)
        n_pairs = shape[0] * shape[1] - int((itself >= 0).sum())
        if n > 0 and n_pairs == 0:
            raise errors.ConnectionError(f"n={n} connections, but there is no pair of different cells")
        if self.with_replacement:
            pre, post = self._draw(n, shape, itself)
        else:
            pre, post = self._distinct_sets(n, shape, itself, n_pairs)
        self._connect_pairs(projection, pre, post)

    def _draw(self, n: int, shape: tuple[int, int], itself: Index) -> Pairs:
        """Draw n allowed pairs."""
        pre, post = self._pairs(n, shape)
        while (again := np.flatnonzero(pre == itself[post])).size:
            pre[again], post[again] = self._pairs(again.size, shape)
        return pre, post

    def _pairs(self, n: int, shape: tuple[int, int]) -> Pairs:
        """Draw n pairs: for each one number for the pre-synaptic cell, then one for the other."""
        if isinstance(self.rng, NumpyRNG):  # the numbers that drawing one after the other gives
            drawn = self.rng.rng.randint(0, np.tile(shape, n)).reshape(n, 2)
            return drawn[:, 0].astype(np.intp), drawn[:, 1].astype(np.intp)
        drawn = np.empty((n, 2), np.intp)
        for k in range(n):
            drawn[k] = [self._integers(1, size)[0] for size in shape]
        return drawn[:, 0], drawn[:, 1]

    def _distinct_sets(self, n: int, shape: tuple[int, int], itself: Index, n_pairs: int) -> Pairs:
        """Draw n pairs: all of them as often as n allows, and then different ones."""
        rounds, rest = divmod(n, n_pairs) if n_pairs else (0, 0)
        few = min(rest, n_pairs - rest)  # if most are wanted, draw those that are not
        codes = self._distinct(few, shape, itself)
        if rounds or few != rest:
            every = np.arange(shape[0] * shape[1])
            every = every[every // shape[1] != itself[every % shape[1]]]
            if few != rest:
                codes = every[~np.isin(every, codes)]
            codes = np.concatenate([np.tile(every, rounds), codes])
        return codes // shape[1], codes % shape[1]

    def _distinct(self, n: int, shape: tuple[int, int], itself: Index) -> NDArray[np.int64]:
        """Draw n different allowed pairs, as pre * n_post + post."""
        codes = np.empty(0, np.int64)
        while codes.size < n:
            pre, post = self._draw(n - codes.size, shape, itself)
            codes = np.concatenate([codes, pre * shape[1] + post])
            codes = codes[np.sort(np.unique(codes, return_index=True)[1])]
        return codes
