"""Connectors that give each cell a certain number of connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.random import AbstractRNG, RandomDistribution

from .arguments import check_rng, flag, self_connections, whole_number
from .base import Callback, Index, PointConnector
from .columns import Columns, Picker, joined, picked_alone, transposed
from .drawn import chosen_with
from .exclusions import Exclusions
from .generators import same_numbers


class NumberedConnector(PointConnector):
    """What the connectors with a number `n` share: its validation, and drawing partners for one cell."""

    n: Any
    rng: AbstractRNG
    allow_self_connections: bool | str
    with_replacement: bool

    def __init__(
        self,
        n: int | RandomDistribution,
        allow_self_connections: bool | str = True,
        with_replacement: bool = False,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        allow_self_connections = self_connections(allow_self_connections)
        with_replacement = flag("with_replacement", with_replacement)
        check_rng(rng)
        if not isinstance(n, RandomDistribution):
            n = whole_number("n", n, " nor a RandomDistribution")
        try:
            super().__init__(  # type: ignore[call-arg]
                n, allow_self_connections, with_replacement, location_selector, rng, safe, callback
            )
        except AssertionError as error:  # PyNN draws a sample of n
            raise ValueError(f"n={n}: {error}") from None

    def _checked_counts(self, drawn: Any) -> Index:
        counts = np.atleast_1d(np.asarray(drawn))
        wrong = ~((counts >= 0) & (counts == np.rint(counts)))
        if wrong.any():
            raise ValueError(f"n={self.n} gave {counts[wrong][0]}, which is not a whole number >= 0")
        return counts.astype(np.intp)

    def _picker(self, counts: Index, size: int, itself: Index) -> Picker:
        """Return how native code draws partners for all cells: with the numbers of `_partners`."""
        from ..native import connect  # here: the package can be imported without its compiled core

        free = size - (itself >= 0)
        if (lonely := (counts > 0) & (free == 0)).any():
            raise errors.ConnectionError(
                f"n={counts[lonely][0]} connections of a cell that has no possible partner but itself"
            )
        how = (counts, itself, size, self.with_replacement)
        return Picker(
            self.rng,
            lambda rng, drawn: connect.number(rng, *how, drawn=drawn),
            lambda key, threads: connect.number_counted(key, *how, threads=threads),
        )

    def _partners(self, n: int, size: int, cell: int, exclusions: Exclusions) -> Index:
        """Draw n of `size` partners of a cell, with the very calls of PyNN's reference path."""
        barred = exclusions.barred(cell)
        free = size - barred.size
        if n > 0 and free == 0:
            only = "itself" if barred.size == 1 else "those that connect to it"
            raise errors.ConnectionError(f"n={n} connections of a cell that has no possible partner but {only}")
        if n > free and not exclusions.mutual and not self.with_replacement:
            raise errors.ConnectionError(
                f"n={n} different partners for each cell, but with 'NoMutual' only {free} are left for cell {cell}"
            )
        chosen = self._with_replacement(n, size, barred) if self.with_replacement else self._in_turn(n, size, barred)
        exclusions.connect(cell, chosen)
        return chosen

    def _in_turn(self, n: int, size: int, barred: Index) -> Index:
        """Draw different partners; all of them before any comes again."""
        cells = np.delete(np.arange(size), barred)
        all_of_them, rest = divmod(n, max(cells.size, 1))
        sets = [cells] * all_of_them
        if rest:
            sets.append(self.rng.permutation(cells)[:rest])  # type: ignore[attr-defined]
        return np.concatenate([np.arange(0), *sets])

    def _with_replacement(self, n: int, size: int, barred: Index) -> Index:
        drawn = self._integers(n, size)
        # PyNN loses track of what to draw again from the second round on, and then fails or keeps self-connections
        while barred.size and (again := np.flatnonzero(np.isin(drawn, barred))).size:
            drawn[again] = self._integers(again.size, size)
        return drawn

    def _integers(self, n: int, size: int) -> Index:
        return np.asarray(self.rng.next(n, "uniform_int", {"low": 0, "high": size}, mask=None)).astype(np.intp)


class FixedNumberPreConnector(NumberedConnector, common.FixedNumberPreConnector):
    __doc__ = common.FixedNumberPreConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draw n pre-synaptic cells for each post-synaptic one."""
        exclusions = Exclusions(self.allow_self_connections, projection.post, projection.pre)
        n_post = projection.post.size
        if exclusions.mutual and isinstance(self.n, int):
            counts = np.full(n_post, self.n)
            picker = self._picker(counts, projection.pre.size, exclusions.itself)
            rule = "replaced" if self.with_replacement else "different"
            picker.sources = chosen_with(rule, projection, exclusions.itself, counts=counts)
            if self._pick(projection, picker):
                return

        def generate(mask: NDArray[np.bool_] | None = None) -> Iterator[Index]:
            # Not before: the loop has copied the generators of parameters by now, which may be the one of n.
            counts = [self.n] * n_post if isinstance(self.n, int) else self._checked_counts(self.n.next(n_post))
            for k in range(n_post):
                yield self._partners(int(counts[k]), projection.pre.size, k, exclusions)

        self._standard_connect(projection, generate)


class FixedNumberPostConnector(NumberedConnector, common.FixedNumberPostConnector):
    __doc__ = common.FixedNumberPostConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draw n post-synaptic cells for each pre-synaptic one."""
        exclusions = Exclusions(self.allow_self_connections, projection.pre, projection.post)
        self._connect_columns(projection, transposed(self._rows(projection, exclusions), projection.post.size))

    def _rows(self, projection: Any, exclusions: Exclusions) -> Columns:
        n_pre, n_post = projection.shape
        if exclusions.mutual and not (isinstance(self.n, RandomDistribution) and same_numbers(self.n.rng, self.rng)):
            drawn = [self.n] * n_pre if isinstance(self.n, int) else [self.n.next() for _ in range(n_pre)]
            counts = self._checked_counts(drawn)
            picked = picked_alone(self._picker(counts, n_post, exclusions.itself), projection.threads)
            if picked is not None:
                return picked
            return joined(self._partners(int(counts[k]), n_post, k, exclusions) for k in range(n_pre))
        rows = []
        for k in range(n_pre):
            n = self.n if isinstance(self.n, int) else int(self._checked_counts(self.n.next())[0])
            rows.append(self._partners(n, n_post, k, exclusions))
        return joined(rows)
