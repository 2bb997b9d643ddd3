"""Arrays as the engine wants them: aligned, padded to whole chunks, checked, and a number where all are equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core

FloatArray = NDArray[np.float64]
Values = float | FloatArray


def padded(n: int) -> int:
    """``n`` rounded up to whole chunks."""
    return -(-n // core.CHUNK) * core.CHUNK


def aligned_zeros(n: int, dtype: Any) -> NDArray[Any]:
    """``n`` zeros that start at a cache line."""
    size = np.dtype(dtype).itemsize
    raw = np.zeros(n + 64 // size, dtype)
    skip = -raw.ctypes.data % 64 // size
    return raw[skip : skip + n]


def values_for(value: ArrayLike, size: int, name: str) -> Values:
    """``value`` as one number if it holds for all ``size`` elements, else as an array of its own.

    Raises
    ------
    ValueError
        If it is neither one number nor ``size`` of them, or has a NaN.
    """
    array = np.array(value, dtype=np.float64)
    if array.ndim != 0 and array.shape != (size,):
        raise ValueError(f"{name} has shape {array.shape}; allowed are one number or an array of shape ({size},)")
    if array.size and np.isnan(array.min()):  # which is NaN if any is
        raise ValueError(f"{name} has a value that is not a number (NaN)")
    return collapsed(array)


def collapsed(array: FloatArray) -> Values:
    """One number where all elements are equal, else the array."""
    if array.ndim == 0:
        return float(array)
    if array.size and array.min() == array.max():
        return float(array[0])
    return array


def derived(
    derive: Callable[[int, FloatArray, float], FloatArray],
    address: int,
    parameters: Mapping[str, Values],
    size: int,
    dt_ms: float,
) -> list[Values]:
    """The constants of a kernel: one number each if all parameters are numbers, else perhaps one per element."""
    n = size if any(isinstance(v, np.ndarray) for v in parameters.values()) else 1
    table = np.empty((len(parameters), n))
    for row, value in zip(table, parameters.values(), strict=True):
        row[:] = value
    return [collapsed(row) if n > 1 else float(row[0]) for row in derive(address, table, dt_ms)]


def updated(old: Values, size: int, index: ArrayLike | None, value: ArrayLike, name: str) -> Values:
    """``old`` with the elements at ``index`` (all, if None) replaced."""
    if index is None:
        return values_for(value, size, name)
    where = checked_index(index, size, name)
    new = values_for(value, where.size, name)
    whole = np.full(size, old) if np.ndim(old) == 0 else np.array(old, dtype=np.float64)
    whole[where] = new
    return collapsed(whole)


def checked_index(index: ArrayLike, size: int, name: str) -> NDArray[np.int64]:
    """Indices of elements, from integers or from a mask of ``size`` booleans."""
    array = np.atleast_1d(np.asarray(index))
    if array.dtype == bool:
        if array.shape != (size,):
            raise ValueError(f"{name}: a mask of shape {array.shape}; allowed is ({size},)")
        return np.flatnonzero(array).astype(np.int64)
    if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
        raise TypeError(f"{name}: an index is a list of integers or a mask, not {index!r}")
    if array.size and (array.min() < 0 or array.max() >= size):
        raise IndexError(f"{name}: index {array.min()}..{array.max()} is outside 0..{size - 1}")
    return array.astype(np.int64)


def sampled_index(index: ArrayLike, size: int, name: str) -> NDArray[np.int64]:
    """The same where -1 stands for an element that is no more."""
    array = np.atleast_1d(np.asarray(index))
    if array.dtype == bool or not (array == -1).any():
        return checked_index(array, size, name)
    checked_index(array[array != -1], size, name)
    return array.astype(np.int64)


def words(values: Sequence[int | float]) -> NDArray[np.uint64]:
    """Return 64-bit words: whole numbers as they are, others as the bits of a double."""
    given = [np.float64(v).view(np.uint64) if isinstance(v, float) else int(v) & 0xFFFFFFFFFFFFFFFF for v in values]
    return np.array(given, np.uint64)
