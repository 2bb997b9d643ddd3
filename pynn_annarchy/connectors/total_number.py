"""A given number of connections between two populations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG, NumpyRNG, RandomDistribution

from .base import Callback, same_cell_index
from .columns import by_target, picked_alone
from .drawn import chosen_with
from .fixed_number import NumberedConnector
from .generators import borrowed, is_mersenne

if TYPE_CHECKING:
    from ..random import NativeRNG

Codes = NDArray[np.int64]


class FixedTotalNumberConnector(NumberedConnector, common.FixedTotalNumberConnector):
    """Make `n` connections, each between a random pair of cells.

    Parameters
    ----------
    n
        Number of connections, or a RandomDistribution to draw it from.
    allow_self_connections
        Whether a cell may be connected to itself; 'NoMutual' also leaves out what runs opposite to another connection.
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
        allow_self_connections: bool | str = True,
        with_replacement: bool = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        super().__init__(n, allow_self_connections, with_replacement, location_selector, rng, safe, callback)

    def connect(self, projection: Any) -> None:
        """Draw the pairs, in the order of PyNN's reference path."""
        from ..random import NativeRNG

        n = self.n if isinstance(self.n, int) else int(self._checked_counts(self.n.next())[0])
        # PyNN draws how many connections fall to this process, also if there is but one
        self.rng.next(1, "binomial", {"n": n, "p": 1.0})
        if self.allow_self_connections is True and self.with_replacement:
            if isinstance(self.rng, NativeRNG):
                self._connect_counted(projection, n, self.rng)
                return
            self._connect_columns(projection, by_target(*self._drawn(n, projection.shape), projection.post.size))
            return
        allowed = _AllowedPairs(projection, self.allow_self_connections)
        if n > 0 and allowed.count == 0:
            raise errors.ConnectionError(f"n={n} connections, but there is no pair of different cells")
        if self.with_replacement:
            codes = self._draw(n, allowed, distinct=False)
        else:
            codes = self._distinct_sets(n, allowed)
        self._connect_pairs(projection, *np.divmod(codes, projection.post.size))

    def _connect_counted(self, projection: Any, n: int, rng: NativeRNG) -> None:
        """Draw how many of n connections each post-synaptic cell has, and then their sources: the same distribution.

        So connections come in order of their targets, and threads, or a device, draw them, maybe later.
        """
        n_pre, n_post = projection.shape
        sizes = rng.generator.multinomial(n, np.full(n_post, 1.0 / n_post))
        sources = chosen_with("replaced", projection, None, counts=sizes)
        if self._leave_for_later(projection, rng, sources, key_first=True):
            return
        picked = picked_alone(self._picker(sizes, n_pre, np.full(n_post, -1)), projection.threads)
        assert picked is not None  # as it is for each NativeRNG
        self._connect_columns(projection, picked)

    def _draw(self, n: int, allowed: _AllowedPairs, *, distinct: bool) -> Codes:
        """Draw n allowed pairs."""
        codes = np.empty(0, np.int64)
        while codes.size < n:
            codes = allowed.select(np.concatenate([codes, self._pairs(n - codes.size, allowed.shape)]))
            if distinct:
                codes = codes[np.sort(np.unique(codes, return_index=True)[1])]
        return codes

    def _pairs(self, n: int, shape: tuple[int, int]) -> Codes:
        first, second = self._drawn(n, shape)
        return first.astype(np.int64) * shape[1] + second

    def _drawn(self, n: int, shape: tuple[int, int]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Draw n pairs: for each one number for the pre-synaptic cell, then one for the other."""
        from ..native import connect  # here: the package can be imported without its compiled core
        from ..random import NativeRNG

        if is_mersenne(self.rng):  # the numbers that drawing one after the other gives
            with borrowed([self.rng]) as lent:
                (generator,) = lent.values()
                return connect.draw_pairs(generator, *shape, n)
        if isinstance(self.rng, NativeRNG):
            pre, post = (self.rng.generator.integers(0, size, n, dtype=np.uint32) for size in shape)
            return pre, post
        if isinstance(self.rng, NumpyRNG):
            drawn = self.rng.rng.randint(0, np.tile(shape, n)).reshape(n, 2)
        else:
            drawn = np.array([[self._integers(1, size)[0] for size in shape] for _ in range(n)]).reshape(-1, 2)
        return drawn[:, 0].astype(np.uint32), drawn[:, 1].astype(np.uint32)

    def _distinct_sets(self, n: int, allowed: _AllowedPairs) -> Codes:
        """Draw n pairs: all of them as often as n allows, and then different ones."""
        if not allowed.mutual:
            if n > allowed.count:
                raise errors.ConnectionError(
                    f"n={n} different connections, but with 'NoMutual' there is room for {allowed.count}"
                )
            return self._draw(n, allowed, distinct=True)
        rounds, rest = divmod(n, allowed.count) if allowed.count else (0, 0)
        few = min(rest, allowed.count - rest)  # if most are wanted, draw those that are not
        codes = self._draw(few, allowed, distinct=True)
        if rounds or few != rest:
            every = allowed.select(np.arange(allowed.shape[0] * allowed.shape[1]))
            if few != rest:
                codes = every[~np.isin(every, codes)]
            codes = np.concatenate([np.tile(every, rounds), codes])
        return codes


class _AllowedPairs:
    """Which pairs may be drawn. A pair of indices is one number, ``pre * n_post + post``."""

    def __init__(self, projection: Any, allow: bool | str) -> None:
        self.shape: tuple[int, int] = projection.shape
        self.mutual = allow != "NoMutual"
        self._pre_of_post = np.full(self.shape[1], -1)
        self.count = self.shape[0] * self.shape[1]
        if not allow or not self.mutual:
            pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
            self._pre_of_post = same_cell_index(post, pre)
            self._post_of_pre = same_cell_index(pre, post)
            both = int((self._pre_of_post >= 0).sum())
            self.count -= both if self.mutual else both + both * (both - 1) // 2

    def select(self, codes: Codes) -> Codes:
        """Return those that are allowed; a pair excludes its opposite further on in the array."""
        pre, post = np.divmod(codes, self.shape[1])
        codes = codes[pre != self._pre_of_post[post]]
        if self.mutual:
            return codes
        opposite = self._opposite(codes)
        either = np.where(opposite >= 0, np.minimum(codes, opposite), codes)
        _, first, group = np.unique(either, return_index=True, return_inverse=True)
        return codes[codes == codes[first][group]]

    def _opposite(self, codes: Codes) -> Codes:
        """Return the pair in the other direction, or -1 where a cell is not on both sides."""
        pre, post = np.divmod(codes, self.shape[1])
        source, target = self._pre_of_post[post], self._post_of_pre[pre]
        return np.where((source >= 0) & (target >= 0), source * self.shape[1] + target, -1)
