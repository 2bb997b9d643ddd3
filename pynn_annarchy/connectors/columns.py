"""Connections column by column, one for each post-synaptic cell, as PyNN's loop makes them, without the loop."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from lazyarray import larray
from numpy.typing import NDArray
from pyNN.random import AbstractRNG, RandomDistribution

from .distance_expression import DistanceExpression
from .generators import IN_ONE_GO, borrowed, is_mersenne, same_numbers, translated
from .order import stable_order
from .pairs import Pairs, draw_each

if TYPE_CHECKING:
    from ..native.drawn import Choice

Numbers = NDArray[np.float64]
Sources = NDArray[np.uint32]
Begin = NDArray[np.int64]

_AT_ONCE = 1 << 16  # distances
_EXACT = frozenset(
    (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.lt, operator.le, operator.gt,
     operator.ge, operator.eq, operator.ne)
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Connections in order of their post-synaptic cell.

    Attributes
    ----------
    begin
        Those onto cell j are from ``begin[j]`` to before ``begin[j + 1]``.
    pre
        The index of each one's source.
    """

    begin: Begin
    pre: Sources

    @classmethod
    def of(cls, native: Any) -> Columns:
        """Take over what native code has made."""
        return cls(native.begin().astype(np.int64), native.pre())

    @classmethod
    def of_sizes(cls, sizes: Any, pre: Sources) -> Columns:
        """Make columns from the number of connections in each."""
        return cls(np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))), pre)

    @property
    def filled(self) -> Iterator[slice]:
        """Where the connections of each column are that has some."""
        bounds = self.begin[np.concatenate(([True], np.diff(self.begin) > 0))].tolist()
        return (slice(a, b) for a, b in pairwise(bounds))

    def post(self, first: int = 0, end: int | None = None) -> NDArray[np.intp]:
        """Return the target of each connection of some columns."""
        sizes = np.diff(self.begin[first : None if end is None else end + 1])
        return np.repeat(np.arange(first, first + sizes.size), sizes)


class Picker:
    """How a connector chooses the sources for all columns.

    Parameters
    ----------
    rng
        Where its random numbers come from, None if there are none.
    pick
        Called with the native generator and the distributions to draw from for each column.
    counted
        Called with a key, from which all random numbers follow, and a number of threads.
    sources
        The same as a device would do it, None if it cannot.
    """

    def __init__(
        self,
        rng: AbstractRNG | None,
        pick: Callable[[Any, Any], Any],
        counted: Callable[[int, int], Any],
        sources: Choice | None = None,
    ) -> None:
        self.rng = rng
        self.pick = pick
        self.counted = counted
        self.sources = sources


class ColumnValues:
    """The values of synapse parameters for connections that are made column by column.

    They are drawn in the order of PyNN's loop: for each column first its sources, then each parameter for all of them.
    """

    def __init__(self, projection: Any) -> None:
        self._projection = projection
        space = projection.synapse_type.native_parameters
        space.shape = projection.shape
        self._lazy: dict[str, larray] = dict(space.items())
        self._leaves: list[RandomDistribution] = []
        self.usable = all(self._find_leaves(lazy) for lazy in self._lazy.values())

    def _find_leaves(self, lazy: larray) -> bool:
        """Note the distributions that a lazy matrix draws from; return whether it can be had from their numbers."""
        base = lazy.base_value
        if isinstance(base, RandomDistribution):
            self._leaves.append(base)
        elif not (np.isscalar(base) or isinstance(base, DistanceExpression) or _is_matrix(base)):
            return False
        return all(
            f in _EXACT or getattr(f, "__wrapped__", None) in _EXACT for f, _ in lazy.operations
        ) and all(
            self._find_leaves(arg) if isinstance(arg, larray) else arg is None or np.isscalar(arg)
            for _, arg in lazy.operations
        )  # fmt: skip

    # ---- drawing -----------------------------------------------------------------------------------------------------

    def pick(self, picker: Picker, threads: int) -> tuple[Columns, list[Numbers]] | None:
        """Choose all sources and draw all values; None if only a loop draws the numbers in PyNN's order."""
        from ..random import NativeRNG

        if isinstance(picker.rng, NativeRNG):
            columns = Columns.of(picker.counted(picker.rng.key(), threads))
            return columns, self.draw(columns)
        if not is_mersenne(picker.rng):
            return None
        own: Any = picker.rng
        native = [translated(leaf) for leaf in self._leaves]
        if all(entry is not None for entry in native):
            with borrowed([own, *(leaf.rng for leaf in self._leaves)]) as lent:
                found = picker.pick(lent[id(own.rng)], self._native(native, lent))
            return Columns.of(found), found.values()
        if not self.independent_of(own):
            return None
        with borrowed([own]) as lent:
            columns = Columns.of(picker.pick(lent[id(own.rng)], ()))
        return columns, self.draw(columns)

    def draw(self, columns: Columns) -> list[Numbers]:
        """Draw all values for columns that are known."""
        from ..native import connect  # here: the package can be imported without its compiled core

        native = [translated(leaf) for leaf in self._leaves]
        if native and all(entry is not None for entry in native):
            with borrowed(leaf.rng for leaf in self._leaves) as lent:
                values: list[Numbers] = connect.draw(columns.begin, self._native(native, lent))
            return values
        size = columns.pre.size
        drawn = [self._in_one_go(leaf, size) if size else np.empty(0) for leaf in self._leaves]
        late = [k for k, values in enumerate(drawn) if values is None]
        for k in late:
            drawn[k] = np.empty(size)
        for part in columns.filled if late else ():
            for k in late:
                drawn[k][part] = self._leaves[k].next(part.stop - part.start)  # type: ignore[index]
        return drawn  # type: ignore[return-value]

    def draw_column(self, n: int) -> list[Numbers]:
        """Draw the values of one column."""
        return [leaf.next(n) for leaf in self._leaves]

    def independent_of(self, rng: AbstractRNG | None) -> bool:
        """Return whether none of the values is drawn from a generator."""
        return not any(same_numbers(leaf.rng, rng) for leaf in self._leaves)

    def _native(self, entries: Iterable[Any], lent: Any) -> list[Any]:
        pairs = zip(self._leaves, entries, strict=True)
        return [(lent[id(leaf.rng.rng)], *entry) for leaf, entry in pairs]

    def _in_one_go(self, leaf: RandomDistribution, size: int) -> Numbers | None:
        """Draw the values of all columns at once, if that gives the same numbers as one column after the other."""
        from ..random import NativeRNG

        alone = sum(same_numbers(other.rng, leaf.rng) for other in self._leaves) == 1
        same = alone and is_mersenne(leaf.rng) and leaf.name in IN_ONE_GO
        if same or isinstance(leaf.rng, NativeRNG):
            return np.asarray(leaf.next(size), dtype=float)
        return None

    # ---- evaluation --------------------------------------------------------------------------------------------------

    def evaluate(self, columns: Columns, drawn: list[Numbers]) -> dict[str, Any]:
        """Return each parameter: one number for all connections, or one for each."""
        remaining = iter(drawn)
        return {name: self._value(lazy, columns, remaining) for name, lazy in self._lazy.items()}

    def _value(self, lazy: larray, columns: Columns, drawn: Iterator[Numbers]) -> Any:
        base = lazy.base_value
        if isinstance(base, RandomDistribution):
            x: Any = next(drawn)
        elif isinstance(base, DistanceExpression):
            x = self._of_distance(base, columns)
        else:
            x = base[columns.pre, columns.post()] if isinstance(base, np.ndarray) else base
        for f, arg in lazy.operations:
            if arg is None:
                x = f(x)
            else:
                x = f(x, self._value(arg, columns, drawn) if isinstance(arg, larray) else arg)
        return x

    def _of_distance(self, expression: DistanceExpression, columns: Columns) -> Numbers:
        """Evaluate an expression column by column: the last bit may depend on how many numbers there are."""
        values = np.empty(columns.pre.size)
        n_post, first = columns.begin.size - 1, 0
        while first < n_post:
            end = int(np.searchsorted(columns.begin, columns.begin[first] + _AT_ONCE, side="right")) - 1
            end = min(max(end, first + 1), n_post)
            start = columns.begin[first]
            pre = columns.pre[start : columns.begin[end]]
            distances = Pairs(self._projection, pre.astype(np.intp), columns.post(first, end), draw_each).distances()
            part = Columns(columns.begin[first : end + 1] - start, pre)
            for column in part.filled:
                d = distances[column] if column.stop - column.start > 1 else distances[column.start]
                values[start + column.start : start + column.stop] = expression(d)
            first = end
        return values


def _is_matrix(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 2


def picked_alone(picker: Picker, threads: int) -> Columns | None:
    """Choose all partners, without any values; None if only a loop draws the numbers in PyNN's order."""
    from ..random import NativeRNG

    if isinstance(picker.rng, NativeRNG):
        return Columns.of(picker.counted(picker.rng.key(), threads))
    if not is_mersenne(picker.rng):
        return None
    rng: Any = picker.rng
    with borrowed([rng]) as lent:
        return Columns.of(picker.pick(lent[id(rng.rng)], ()))


def joined(columns: Iterable[NDArray[Any]]) -> Columns:
    """Put arrays of sources together, one for each column."""
    arrays = [np.asarray(column).astype(np.uint32, copy=False) for column in columns]
    return Columns.of_sizes([array.size for array in arrays], np.concatenate([np.empty(0, np.uint32), *arrays]))


def by_target(pre: NDArray[Any], post: NDArray[Any], n_post: int) -> Columns:
    """Return connections from pre[k] to post[k] in order of their targets."""
    ordered = np.asarray(pre)[stable_order(post, n_post)].astype(np.uint32, copy=False)
    return Columns.of_sizes(np.bincount(post, minlength=n_post), ordered)


def transposed(rows: Columns, n_post: int) -> Columns:
    """Return the columns of what is given in rows: the targets of one source after the other."""
    from ..native import connect  # here: the package can be imported without its compiled core

    post, pre, _ = connect.by_source(rows.begin, rows.pre, n_post, [])
    return Columns(np.searchsorted(post, np.arange(n_post + 1, dtype=np.uint32)).astype(np.int64), pre)
