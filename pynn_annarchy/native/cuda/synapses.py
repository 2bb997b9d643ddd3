"""Static synapses in rows by source, with weights in fixed point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .layout import DeviceBlock, lanes_of

# A sum may be 2^62 in the unit of its input, and 2^56 is the largest that one spike of every source makes: 64 spikes of
# each in one step are no overflow, and rounding a weight is wrong by 2^-57 of that sum.
SUM_BITS = 56


class Store(NamedTuple):
    """What was put into it."""

    parts: list[tuple[Any, ...]]


class StoreBuilder:
    """As `core.StoreBuilder`."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, ...]] = []

    def count(self, part: tuple[Any, ...]) -> None:
        """There is nothing to prepare."""

    def put(self, part: tuple[Any, ...]) -> None:
        """Add the synapses of a projection."""
        self._parts.append(part)

    def finish(self) -> Store:
        """Return the store."""
        return Store(self._parts)


class Rows(NamedTuple):
    """Synapses by source."""

    row_begin: NDArray[np.uint64]
    synapse: NDArray[np.uint32]
    weight: NDArray[np.int64]


class Synapses:
    """All static synapses of a network on the host, sorted by source."""

    def __init__(self, stores: Sequence[Store], blocks: Sequence[DeviceBlock], n_lanes: int, place: NDArray[np.int64],
                 block_of: NDArray[np.int64]) -> None:  # fmt: skip
        parts = [part for store in stores for part in store.parts]
        size = [len(part[0]) for part in parts]

        def joined(values: list[Any], kind: Any) -> NDArray[Any]:
            arrays = [np.broadcast_to(np.asarray(v, kind), n) for v, n in zip(values, size, strict=True)]
            return np.concatenate([np.empty(0, kind), *arrays])

        source = joined([part[0] for part in parts], np.uint32)
        lane = joined([lanes_of(blocks, p[1], p[4], place, block_of) for p in parts], np.uint64)
        order = np.argsort(source, kind="stable")
        self._lane = lane[order]
        self._delay = joined([part[2] for part in parts], np.uint64)[order]
        self._weight = joined([part[3] for part in parts], np.float64)[order]
        self._row_begin = np.searchsorted(source[order], np.arange(len(place) + 1)).astype(np.uint64)
        self._sums = np.bincount(self._lane.astype(np.int64), np.abs(self._weight), n_lanes)

    def exponents(self, block: DeviceBlock) -> NDArray[np.int64]:
        """Return of each input the exponent of the smallest power of two in which its sums are to be counted."""
        first, n = block.first_lane, block.lanes
        largest = self._sums[first : first + block.inputs * n].reshape(block.inputs, n).max(axis=1, initial=0.0)
        return np.frexp(np.where(largest > 0, largest, 1.0))[1].astype(np.int64) - SUM_BITS

    def rows(self, exponent_of_lane: NDArray[np.int64], lane_bits: int) -> Rows:
        """Return what the device takes."""
        at = self._lane.astype(np.int64)
        weight = np.rint(np.ldexp(self._weight, -exponent_of_lane[at])).astype(np.int64)
        packed = (self._delay << np.uint64(lane_bits) | self._lane).astype(np.uint32)
        return Rows(self._row_begin, packed, weight)
