"""Values of synapse parameters at given pairs of cells."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from typing import Any

import numpy as np
from lazyarray import larray
from numpy.typing import NDArray
from pyNN.core import IndexBasedExpression
from pyNN.random import RandomDistribution
from pyNN.space import Space

Index = NDArray[np.intp]
Draw = Callable[[RandomDistribution, tuple[int, int], Index, Index], NDArray[Any]]

_DRAWN_AT_ONCE = 1 << 22


class Pairs:
    """The pairs of cells (pre[k], post[k]) of a projection.

    Parameters
    ----------
    projection
        Where positions and space come from.
    pre, post
        Indices of the cells, ordered by `pre` if random values are drawn from a whole matrix.
    draw
        How random values are drawn: `draw_matrix` or `draw_each`.
    """

    def __init__(self, projection: Any, pre: Index, post: Index, draw: Draw) -> None:
        self.projection = projection
        self.pre = pre
        self.post = post
        self.draw = draw

    def values(self, lazy: larray) -> Any:
        """Return the value of a lazy matrix at each pair, or one number if it is the same everywhere."""
        if lazy.is_homogeneous:
            x = lazy.base_value
        elif not self.pre.size:
            return np.empty(0)
        else:
            x = self._base(lazy)
        for operation, operand in lazy.operations:
            if operand is None:
                x = operation(x)
            else:
                x = operation(x, self.values(operand) if isinstance(operand, larray) else operand)
        return x

    def _base(self, lazy: larray) -> Any:
        base = lazy.base_value
        if isinstance(base, RandomDistribution):
            # From a copy, as in every PyNN backend: each use of a distribution begins where its generator stands.
            return self.draw(deepcopy(base), self.projection.shape, self.pre, self.post)
        if isinstance(base, np.ndarray):
            return base[self.pre, self.post]
        if isinstance(base, IndexBasedExpression):
            expression = copy(base)
            expression.projection = self.projection
            return expression(self.pre, self.post)
        if callable(base):
            return base(self.distances())
        if np.isscalar(base):
            return base
        whole = type(lazy)(base, shape=self.projection.shape)  # an iterator, a sparse matrix
        return np.asarray(whole.evaluate())[self.pre, self.post]

    def distances(self) -> NDArray[np.float64]:
        """Return the distance between the cells of each pair, as `Space.distances` gives it for all combinations."""
        projection = self.projection
        space = projection.space
        a, b = projection.pre.positions.T[self.pre], projection.post.positions.T[self.post]
        if type(space).distances is not Space.distances:
            return np.array([np.ravel(space.distances(*ends))[0] for ends in zip(a, b, strict=True)])
        b = space.scale_factor * (b + space.offset)
        squares = np.empty((len(space.axes), len(a)))
        for k, axis in enumerate(space.axes):
            difference = a[:, axis] - b[:, axis]
            limits = None if space.periodic_boundaries is None else space.periodic_boundaries[axis]
            if limits is not None:
                difference = np.minimum(abs(difference), limits[1] - limits[0] - abs(difference))
            squares[k] = difference**2
        return np.asarray(np.sqrt(squares.sum(axis=0)))


def draw_matrix(distribution: RandomDistribution, shape: tuple[int, int], pre: Index, post: Index) -> NDArray[Any]:
    """Draw a value for every pair of cells, connected or not, as every PyNN backend does in `Projection.set`."""
    if distribution.name == "normal_clipped":  # redraws what is outside only after the rest, so not row by row
        return np.asarray(distribution.next(shape[0] * shape[1])).reshape(shape)[pre, post]
    values = np.empty(pre.size)
    rows = max(1, _DRAWN_AT_ONCE // shape[1])
    for first in range(0, shape[0], rows):
        last = min(first + rows, shape[0])
        block = np.asarray(distribution.next((last - first) * shape[1])).reshape(-1, shape[1])
        here = slice(*np.searchsorted(pre, (first, last)))
        values[here] = block[pre[here] - first, post[here]]
    return values


def draw_each(distribution: RandomDistribution, shape: tuple[int, int], pre: Index, post: Index) -> NDArray[Any]:
    """Draw a value for each connection."""
    return np.asarray(distribution.next(pre.size))
