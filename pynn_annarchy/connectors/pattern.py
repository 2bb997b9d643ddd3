"""Connectors that follow a given pattern: a matrix, another projection, an expression of the connection-set algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.parameters import LazyArray

from .base import PointConnector

Callback = Callable[[float], Any] | None


class ArrayConnector(PointConnector, common.ArrayConnector):
    """Connect according to a matrix of booleans.

    Parameters
    ----------
    array
        True (or 1) in row i and column j connects cell i to cell j. May be a sparse matrix, or a function of i and j.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    def __init__(self, array: Any, location_selector: Any = None, safe: bool = True, callback: Callback = None) -> None:
        if not callable(array):
            array = _as_matrix(array)
        super().__init__(array, location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Check the shape of the matrix, then connect."""
        if not callable(self.array) and self.array.shape != projection.shape:
            raise errors.InvalidDimensionsError(
                f"the matrix has shape {self.array.shape}, the projection {projection.shape}"
            )
        self._connect_with_map(projection, LazyArray(self.array, projection.shape))


def _as_matrix(array: Any) -> NDArray[np.bool_]:
    matrix = np.asarray(array.toarray() if hasattr(array, "toarray") else array)
    if matrix.ndim != 2:
        raise errors.InvalidDimensionsError(f"a connection matrix has two dimensions, not the shape {matrix.shape}")
    # PyNN takes a column of integers for a list of indices
    if matrix.dtype != bool and not np.isin(matrix, (0, 1)).all():
        raise ValueError("a connection matrix has only True and False, or 1 and 0")
    return matrix.astype(bool)


class CloneConnector(PointConnector, common.CloneConnector):
    __doc__ = common.CloneConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Connect the pairs that the other projection connects, as often as that does."""
        reference = self.reference_projection
        for side in ("pre", "post"):
            theirs, ours = getattr(reference, side), getattr(projection, side)
            if not np.array_equal(theirs.neuron_numbers, ours.neuron_numbers):
                raise errors.ConnectionError(
                    f"a clone needs the same cells on both sides: {side} is {theirs.label!r} there, {ours.label!r} here"
                )
        self._connect_pairs(projection, reference.presynaptic_indices, reference.postsynaptic_indices)


class CSAConnector(PointConnector, common.CSAConnector):
    __doc__ = common.CSAConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Connect the part of the connection set that lies between the two populations."""
        import csa  # optional; the constructor has found it

        n_pre, n_post = projection.shape
        rows = list(csa.cross((0, n_pre - 1), (0, n_post - 1)) * self.cset)
        if csa.arity(self.cset) == 0:
            connected = np.zeros(projection.shape, dtype=bool)
            if rows:
                connected[tuple(np.array(rows, dtype=int).T)] = True
            self._connect_with_map(projection, LazyArray(connected))
        elif rows:
            pre, post, weight, delay = np.array(rows, dtype=float).T
            projection.connect_pairs(pre.astype(int), post.astype(int), weight=weight, delay=delay)
