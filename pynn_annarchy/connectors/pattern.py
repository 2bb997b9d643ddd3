"""Connectors that follow a given pattern: a matrix, another projection, an expression of the connection-set algebra."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.parameters import LazyArray

from .base import Callback, PointConnector


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
        array = _checked_function(array) if callable(array) else _as_matrix(array)
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
    if matrix.dtype.kind not in "biuf":
        raise TypeError(f"a connection matrix has True and False, or 1 and 0, not {matrix.dtype} such as {array!r}")
    if matrix.ndim != 2:
        raise errors.InvalidDimensionsError(f"a connection matrix has two dimensions, not the shape {matrix.shape}")
    # PyNN takes a column of integers for a list of indices
    _check_binary(matrix)
    return matrix.astype(bool)


def _check_binary(matrix: NDArray[Any]) -> None:
    if matrix.dtype != bool and not np.isin(matrix, (0, 1)).all():
        raise ValueError(
            "a connection matrix has only True and False, or 1 and 0; DenseMatrixConnector takes a matrix of weights"
        )


def _checked_function(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def connected(i: Any, j: Any) -> Any:
        values = np.asarray(function(i, j))
        _check_binary(values)
        return values

    return connected


class CloneConnector(PointConnector, common.CloneConnector):
    __doc__ = common.CloneConnector.__doc__

    def __init__(self, reference_projection: Any, safe: bool = True, callback: Callback = None) -> None:
        if not hasattr(reference_projection, "presynaptic_indices"):
            raise TypeError(f"reference_projection={reference_projection!r} is not a Projection of this simulator")
        super().__init__(reference_projection, safe, callback)

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
    """Connect according to the Connection Set Algebra (Djurfeldt, 2012), for which the package csa is needed.

    Parameters
    ----------
    cset
        A connection set or mask, or one with a value set for the weights and another for the delays.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    def __init__(self, cset: Any, location_selector: Any = None, safe: bool = True, callback: Callback = None) -> None:
        if not common.haveCSA:
            raise RuntimeError("CSAConnector needs the package csa, which is not installed")
        try:
            super().__init__(cset, location_selector, safe, callback)
        except (AssertionError, AttributeError):
            raise TypeError(
                f"cset={cset!r} is neither a mask or connection set without values nor one with a weight and a delay"
            ) from None

    def connect(self, projection: Any) -> None:
        """Connect the part of the connection set that lies between the two populations."""
        import csa  # optional; the constructor has found it

        n_pre, n_post = projection.shape
        # Through iter: list of the set itself counts it first, and then random sets are not those of other backends.
        cut = iter(csa.cross((0, n_pre - 1), (0, n_post - 1)) * self.cset)
        rows = np.array(list(cut), dtype=float)
        if csa.arity(self.cset) == 0:
            connected = np.zeros(projection.shape, dtype=bool)
            connected[tuple(rows.reshape(-1, 2).T.astype(int))] = True
            self._connect_with_map(projection, LazyArray(connected))
        else:
            pre, post, weight, delay = rows.reshape(-1, 4).T
            self._connect_values(projection, pre.astype(int), post.astype(int), weight=weight, delay=delay)
