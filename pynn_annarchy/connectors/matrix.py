"""Connections as a matrix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


def connection_matrix(
    shape: tuple[int, int], pre: Index, post: Index, values: NDArray[np.float64], multiple: str
) -> NDArray[np.float64]:
    """Return a matrix with the value of the connection from i to j in row i and column j, NaN where there is none.

    Parameters
    ----------
    shape
        Of the matrix.
    pre, post, values
        Of each connection. Connections of the same pair follow each other, in order of age.
    multiple
        What to do there: "last", "first", "sum", "min" or "max".
    """
    matrix = np.full(shape, np.nan)
    if values.size:
        another = np.flatnonzero((np.diff(pre) != 0) | (np.diff(post) != 0)) + 1
        first = np.concatenate(([0], another))
        matrix[pre[first], post[first]] = _COMBINED[multiple](values, first)
    return matrix


def _last(values: NDArray[np.float64], first: Index) -> NDArray[np.float64]:
    return values[np.append(first[1:], values.size) - 1]


# from the values, and where those of each pair begin, to one value for each pair
_COMBINED: dict[str, Callable[[NDArray[np.float64], Index], NDArray[np.float64]]] = {
    "last": _last,
    "first": lambda values, first: values[first],
    "sum": np.add.reduceat,
    "min": np.minimum.reduceat,
    "max": np.maximum.reduceat,
}
