"""Which cells a selection has, and in which order."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import random

logger = logging.getLogger("PyNN")


def cells_of_view(selector: Any, size: int) -> NDArray[np.intp]:
    """Return the indices, in the order given, that a slice, a mask or a list selects among `size` cells."""
    if isinstance(selector, slice):
        index = np.arange(size)[selector]
    else:
        index = _indices(np.asarray(selector), size)
    if index.size == 0:
        raise ValueError(f"{selector!r} selects none of {size} cells; a view needs at least one")
    return index


def _indices(selector: NDArray[Any], size: int) -> NDArray[np.intp]:
    if selector.size == 0:
        return np.arange(0)
    if selector.ndim != 1:
        raise TypeError(f"cells are selected by a slice, a mask or a list of indices, not by {selector!r}")
    if selector.dtype == bool:
        if selector.size != size:
            raise ValueError(f"a mask of {selector.size} elements for {size} cells")
        return np.flatnonzero(selector)
    if not np.issubdtype(selector.dtype, np.integer) and (selector != np.rint(selector)).any():
        raise TypeError(f"indices of cells are whole numbers, not {selector!r}")
    index = selector.astype(int)
    if index.min() < -size or index.max() >= size:
        raise IndexError(f"index {index.min()}..{index.max()} is outside the {size} cells")
    index = index % size
    _, first = np.unique(index, return_index=True)
    if first.size != index.size:
        logger.warning("a view has each cell only once: duplicates are left out")
        index = index[np.sort(first)]
    return index


def random_order(n: int, rng: random.AbstractRNG | None) -> NDArray[np.intp]:
    """Return the numbers below `n` in random order, with the one draw that every PyNN backend makes."""
    return np.asarray((rng or random.NumpyRNG()).permutation(np.arange(n, dtype=int)))
