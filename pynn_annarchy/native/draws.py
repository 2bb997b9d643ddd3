"""The engine's counter-based random numbers (csrc/philox.h) for arrays: the same numbers, bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Numbers = NDArray[np.float64]

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def philox(seed: int, stream: int, element: Any, step: Any, draw: Any) -> tuple[Words, Words, Words, Words]:
    """Philox4x32-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405) of each element, step and draw."""
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    counters = np.broadcast_arrays(step, element, stream, draw)
    c0, c1, c2, c3 = (np.asarray(c).astype(np.uint64) & _LOW for c in counters)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ np.uint64(k0), p1 & _LOW, (p0 >> _32) ^ c3 ^ np.uint64(k1), p0 & _LOW
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    words = [np.asarray(c).astype(np.uint32) for c in (c0, c1, c2, c3)]
    return words[0], words[1], words[2], words[3]


def unit(high: Words, low: Words) -> Numbers:
    """52 random bits as numbers in (0, 1)."""
    bits = (high.astype(np.uint64) << _32 | low.astype(np.uint64)) >> np.uint64(12)
    found: Numbers = (bits.astype(np.float64) + 0.5) * 2.0**-52
    return found


def drawn(kind: str, words: tuple[Words, Words, Words, Words]) -> Numbers:
    """Numbers of a distribution, ``uniform`` from 0 to 1, ``exponential`` of mean 1 or ``normal`` of deviation 1."""
    first = unit(words[0], words[1])
    if kind == "uniform":
        return first
    if kind == "exponential":
        return np.asarray(-np.log(first))
    if kind == "normal":
        return np.asarray(np.sqrt(-2.0 * np.log(first)) * np.cos(2 * np.pi * unit(words[2], words[3])))
    raise ValueError(f"there is no distribution {kind!r}; there are uniform, exponential and normal")
