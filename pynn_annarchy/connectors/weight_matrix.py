"""Connectors that take all weights from a matrix, dense or sparse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors

from .arguments import number, self_connections
from .base import Callback, Index, PointConnector, allowed

Numbers = NDArray[np.float64]


class MatrixConnector(PointConnector, common.Connector):  # type: ignore[misc]
    """Makes the connections that are listed as the elements of a matrix."""

    _shape: tuple[int, int]
    _pre: Index
    _post: Index
    _values: dict[str, Numbers]

    parameter_names = ("weights", "delays", "allow_self_connections")

    def __init__(
        self,
        weights: Any,
        delays: Any = None,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        allow_self_connections = self_connections(allow_self_connections)
        super().__init__(location_selector, safe, callback)
        self.allow_self_connections = allow_self_connections
        self._read_matrices(weights, delays)

    def _read_matrices(self, weights: Any, delays: Any) -> None:
        """Read the user's matrices, and keep what is connected."""
        raise NotImplementedError

    def _keep(self, shape: tuple[int, int], pre: Index, post: Index, weights: Numbers, delays: Any) -> None:
        """Keep the connections, whatever becomes of the user's matrices."""
        self._shape, self._pre, self._post = shape, pre.astype(np.intp), post.astype(np.intp)
        self._values = {"weight": weights}
        if delays is not None:
            self._values["delay"] = np.broadcast_to(delays, weights.shape)
        for name, values in self._values.items():
            if not np.isfinite(values).all():
                wrong = values[~np.isfinite(values)][0]
                raise ValueError(f"a {name} in the matrix is {wrong}; {name}s have to be finite numbers")

    def connect(self, projection: Any) -> None:
        """Check the shape of the matrix, then connect. Its weights win over those of the synapse type."""
        if self._shape != projection.shape:
            raise errors.InvalidDimensionsError(
                f"the matrix has shape {self._shape}, the projection {projection.shape}"
            )
        pre, post, values = self._pre, self._post, self._values
        is_allowed = allowed(projection, self.allow_self_connections)
        if is_allowed is not None and pre.size:
            kept = is_allowed(pre, post)
            pre, post, values = pre[kept], post[kept], {name: array[kept] for name, array in values.items()}
        self._connect_values(projection, pre, post, **values)


class DenseMatrixConnector(MatrixConnector):
    """Connect with the weights of a matrix, as ``Projection.get("weight", format="array")`` returns it.

    The weights, and the delays if they are given, win over those of the synapse type, which gives all other parameters.

    Parameters
    ----------
    weights
        The weight of the connection from cell i to cell j in row i and column j. NaN (or None) means no connection; 0
        is a connection whose weight is 0. Make the matrix sparse, for `SparseMatrixConnector`, if 0 should be none.
    delays
        A number (ms), or a matrix that has one wherever there is a weight. Without it, those of the synapse type.
    allow_self_connections
        Whether a cell may be connected to itself; if not, such elements are left out. 'NoMutual' also leaves out one
        direction of each pair.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with 1.0 when done.
    """

    def _read_matrices(self, weights: Any, delays: Any) -> None:
        self.weights = _dense("weights", weights)
        self.delays = _dense("delays", delays) if np.ndim(delays) else _number_or_none(delays)
        post, pre = np.nonzero(~np.isnan(self.weights.T))
        own_delays: Any = self.delays
        if isinstance(own_delays, np.ndarray):
            if own_delays.shape != self.weights.shape:
                raise errors.InvalidDimensionsError(
                    f"delays have shape {own_delays.shape}, weights {self.weights.shape}"
                )
            own_delays = own_delays[pre, post]
        self._keep(self.weights.shape, pre, post, self.weights[pre, post], own_delays)


class SparseMatrixConnector(MatrixConnector):
    """Connect with the weights of a sparse matrix of scipy, in any of its formats.

    The weights, and the delays if they are given, win over those of the synapse type, which gives all other parameters.

    Parameters
    ----------
    weights
        Element (i, j) is the weight of the connection from cell i to cell j. Every element that is stored is a
        connection, also if it is 0; ``eliminate_zeros()`` removes those.
    delays
        A number (ms), or a sparse matrix that stores the same elements. Without it, those of the synapse type.
    allow_self_connections
        Whether a cell may be connected to itself; if not, such elements are left out. 'NoMutual' also leaves out one
        direction of each pair.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with 1.0 when done.
    """

    def _read_matrices(self, weights: Any, delays: Any) -> None:
        shape, pre, post, values = _elements("weights", weights)
        self.weights = weights
        self.delays = delays if hasattr(delays, "tocoo") else _number_or_none(delays)
        own_delays: Any = self.delays
        if hasattr(own_delays, "tocoo"):
            other_shape, other_pre, other_post, own_delays = _elements("delays", own_delays)
            if other_shape != shape:
                raise errors.InvalidDimensionsError(f"delays have shape {other_shape}, weights {shape}")
            if not (np.array_equal(pre, other_pre) and np.array_equal(post, other_post)):
                raise ValueError(
                    f"delays have {other_pre.size} elements, which are not those of the {pre.size} weights: every "
                    "connection needs both"
                )
        self._keep(shape, pre, post, values, own_delays)


def _number_or_none(delays: Any) -> float | None:
    return None if delays is None else number("delays", delays)


def _dense(name: str, matrix: Any) -> Numbers:
    if hasattr(matrix, "tocoo"):
        raise TypeError(f"{name} is a sparse matrix: use SparseMatrixConnector")
    try:
        array = np.array(matrix, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is not a matrix of numbers, NaN or None: {error}") from None
    if array.ndim != 2:
        raise errors.InvalidDimensionsError(f"{name} is a matrix, with two dimensions, not of shape {array.shape}")
    return array


def _elements(name: str, matrix: Any) -> tuple[tuple[int, int], Index, Index, Numbers]:
    """Return the shape of a sparse matrix, and row, column and value of its elements, column after column."""
    if not hasattr(matrix, "tocoo"):
        raise TypeError(f"{name} is a {type(matrix).__name__}, not a sparse matrix of scipy: use DenseMatrixConnector")
    if matrix.ndim != 2:
        raise errors.InvalidDimensionsError(f"{name} is a matrix, with two dimensions, not of shape {matrix.shape}")
    if matrix.dtype.kind not in "biuf":
        raise TypeError(f"{name} is a matrix of {matrix.dtype}, not of real numbers")
    columns = matrix.tocsc(copy=True)  # a matrix in COO format may list an element in parts, which add up
    columns.sum_duplicates()
    n_pre, n_post = columns.shape
    post = np.repeat(np.arange(n_post), np.diff(columns.indptr))
    return (int(n_pre), int(n_post)), columns.indices, post, columns.data.astype(float)
