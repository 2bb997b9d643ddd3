"""Cells on a grid: from coordinates to ranks and back."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


def rank_at(coordinates: Iterable[int], geometry: Sequence[int]) -> int:
    """Return the rank of the cell at some coordinates: the last one runs fastest.

    Raises
    ------
    IndexError
        If there is none.
    """
    place = tuple(map(operator.index, coordinates))
    if len(place) != len(geometry) or any(not 0 <= x < n for x, n in zip(place, geometry, strict=True)):
        raise IndexError(f"there is no cell at {place} of a geometry of {tuple(geometry)}")
    return int(np.ravel_multi_index(place, tuple(geometry)))


def coordinates_of(rank: int, geometry: Sequence[int]) -> tuple[int, ...]:
    """Return the coordinates of the cell with some rank.

    Raises
    ------
    IndexError
        If there is none.
    """
    number, size = operator.index(rank), math.prod(geometry)
    if not 0 <= number < size:
        raise IndexError(f"there is no cell {number} in a geometry of {tuple(geometry)}, which has {size}")
    return tuple(int(x) for x in np.unravel_index(number, tuple(geometry)))


def selected(selector: tuple[Any, ...], geometry: Sequence[int]) -> tuple[Index, tuple[int, ...]]:
    """Return the ranks that a slice or an index along each dimension selects, and their geometry."""
    if len(selector) != len(geometry):
        raise IndexError(f"{len(selector)} indices for a geometry of {tuple(geometry)}")
    ranks = np.arange(math.prod(geometry)).reshape(geometry)[selector]
    return np.ravel(ranks), ranks.shape or (1,)


class OnGrid:
    """What a group of cells tells of its geometry, a tuple of sizes; without one that was given, it is a line.

    Attributes
    ----------
    size
        Number of cells.
    """

    size: int
    _geometry: tuple[int, ...] | None = None

    @property
    def geometry(self) -> tuple[int, ...]:
        """The size along each dimension."""
        return self._geometry or (self.size,)

    @property
    def dimension(self) -> int:
        """Number of dimensions."""
        return len(self.geometry)

    @property
    def width(self) -> int:
        """The size along the first dimension, in which PyNN's grids place cells along x."""
        return self.geometry[0]

    @property
    def height(self) -> int:
        """The size along the second dimension, 1 without it."""
        return self.geometry[1] if len(self.geometry) > 1 else 1

    @property
    def depth(self) -> int:
        """The size along the third dimension, 1 without it."""
        return self.geometry[2] if len(self.geometry) > 2 else 1
