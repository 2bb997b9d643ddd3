"""Order of connections by their cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def stable_order(cells: Any, n_cells: int, before: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
    """Return the places of connections in order of their cell's index; those of one cell stay in the order they have.

    Parameters
    ----------
    cells
        The index of each connection's cell.
    n_cells
        All indices are below this.
    before
        The order that connections have, if it is not that of the array.
    """
    from ..native import connect  # here: the package can be imported without its compiled core

    order: NDArray[np.uint32] = connect.stable_order(cells, n_cells, before)
    return order
