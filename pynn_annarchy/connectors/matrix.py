"""Connections as a matrix."""

from __future__ import annotations

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
    from ..native import connect  # here: the package can be imported without its compiled core

    return connect.matrix(pre, post, values, *shape, multiple)
