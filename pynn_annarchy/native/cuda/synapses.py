"""Static synapses in rows by source, with weights in fixed point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .device import Device, Memory
from .layout import DeviceBlock, uploaded
from .row_layout import FUNCTIONS, Lists, RowLayout, layout_source, name_of

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


class Synapses:
    """All static synapses of a network, brought into rows by the device.

    Lists are uploaded one projection after the other, each in one piece: the most memory that is needed is that of the
    rows, 12 bytes a synapse, and of one projection's lists.
    """

    def __init__(self, device: Device, stores: Sequence[Store], blocks: Sequence[DeviceBlock], lane_bits: int,
                 place: NDArray[np.int64], block_of: NDArray[np.int64]) -> None:  # fmt: skip
        self._device, self._blocks, self._n_neurons = device, blocks, len(place)
        parts = [part for store in stores for part in store.parts if len(part[0])]
        self._input_begin = np.array(
            [b.first_lane + j * b.lanes for b in blocks for j in range(b.inputs)]
            + [sum(b.lanes * b.inputs for b in blocks)],
            np.uint64,
        )
        self._layout: RowLayout | None = None
        self._exponents = np.ones(len(self._input_begin) - 1, np.int64)
        if parts:
            program = device.compile(layout_source(), tuple(name_of(f) for f in FUNCTIONS))
            begin = np.array([b.first_lane for b in blocks], np.int64)
            first_lane, of = (begin[block_of] + place).astype(np.uint32), block_of.astype(np.uint32)
            self._layout = RowLayout(device, program, len(place), lane_bits, first_lane, of, self._input_begin)
            self._make(self._layout, parts)

    def _make(self, layout: RowLayout, parts: Sequence[tuple[Any, ...]]) -> None:
        """Count what each source has, then place one projection after the other."""
        disorder = uploaded(self._device, np.zeros(len(parts), np.uint64))
        for k, part in enumerate(parts):
            layout.count(len(part[0]), uploaded(self._device, _column(part[0], np.uint32)), disorder.address + 8 * k)
        layout.begin_rows()
        found = disorder.download(np.uint64, len(parts)).tolist()
        for k, part in enumerate(parts):
            shift = np.array([max(j, 0) * b.lanes for b, j in zip(self._blocks, part[4], strict=True)], np.uint64)
            layout.place(lists_of(self._device, part), shift, disorder.address + 8 * k, ordered=not found[k])
        self._exponents = layout.weigh(int(self._input_begin[-1]))

    def exponents(self, index: int) -> NDArray[np.int64]:
        """Return of each input of a block the exponent of the smallest unit in which its sums may be counted."""
        first = sum(b.inputs for b in self._blocks[:index])
        found: NDArray[np.int64] = self._exponents[first : first + self._blocks[index].inputs] - SUM_BITS
        return found

    def rows(self) -> tuple[Memory, Memory, Memory]:
        """Return what the device delivers from, in the units that the blocks have: begin, synapse, weight. Once."""
        if self._layout is None:
            begin = uploaded(self._device, np.zeros(self._n_neurons + 1, np.uint64))
            return begin, self._device.memory(8), self._device.memory(8)
        return self._layout.fix(np.concatenate([b.exponents for b in self._blocks]).astype(np.int64))


def lists_of(device: Device, part: tuple[Any, ...]) -> Lists:
    """Upload the lists of a projection: source, target, delay, weight, and the input of each block."""
    source, target, delay, weight = part[:4]
    return Lists(
        len(source),
        uploaded(device, _column(source, np.uint32)),
        uploaded(device, _column(target, np.uint32)),
        uploaded(device, _column(delay, np.uint16)),
        uploaded(device, _column(weight, np.float64)),
        np.ndim(delay),
        np.ndim(weight),
    )


def _column(values: Any, kind: Any) -> NDArray[Any]:
    return np.ascontiguousarray(np.atleast_1d(values), kind)
