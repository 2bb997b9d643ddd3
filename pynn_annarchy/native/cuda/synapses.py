"""Static synapses in rows by source, with weights in fixed point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..arrays import Values
from .device import Device, Memory, Program
from .layout import DeviceBlock, uploaded
from .row_layout import Lists, RowLayout

if TYPE_CHECKING:
    from .drawing import Drawing

# A sum may be 2^62 in the unit of its input, and 2^56 is the largest that one spike of every source makes: 64 spikes of
# each in one step are no overflow, and rounding a weight is wrong by 2^-57 of that sum.
SUM_BITS = 56


class Part(Protocol):
    """The synapses of one projection."""

    @property
    def size(self) -> int:
        """How many."""

    @property
    def inputs(self) -> Sequence[int]:
        """The input of each block that they act on, -1 where there is none."""

    def sources(self, device: Device) -> Memory:
        """Return the numbers of their sources, on the device."""

    def lists(self, device: Device) -> Lists:
        """Return all about them, on the device."""


@dataclass(frozen=True, eq=False)
class ListedPart:
    """Synapses in lists on the host, which are uploaded in one piece each."""

    source: NDArray[np.uint32]
    target: NDArray[np.uint32]
    delay: int | NDArray[np.uint16]
    weight: Values
    inputs: Sequence[int]

    @property
    def size(self) -> int:
        """How many."""
        return len(self.source)

    def sources(self, device: Device) -> Memory:
        """Upload the numbers of their sources."""
        return uploaded(device, _column(self.source, np.uint32))

    def lists(self, device: Device) -> Lists:
        """Upload all lists."""
        return Lists(
            self.size,
            self.sources(device),
            uploaded(device, _column(self.target, np.uint32)),
            uploaded(device, _column(self.delay, np.uint16)),
            uploaded(device, _column(self.weight, np.float64)),
            np.ndim(self.delay),
            np.ndim(self.weight),
        )


@dataclass(frozen=True, eq=False)
class DrawnPart:
    """Synapses that the device draws by itself."""

    drawing: Drawing
    inputs: Sequence[int]

    @property
    def size(self) -> int:
        """How many."""
        return self.drawing.size

    def sources(self, device: Device) -> Memory:
        """Draw their sources."""
        return self.drawing.sources()

    def lists(self, device: Device) -> Lists:
        """Draw all lists."""
        return self.drawing.lists()


class Synapses:
    """All static synapses of a network, brought into rows by the device.

    Lists are uploaded, or drawn, one projection after the other: the most memory that is needed is that of the rows, 12
    bytes a synapse, and of one projection's lists, 18 bytes a synapse, or 26 if they are not in order of sources.

    Parameters
    ----------
    device, program
        Where they are to be, and how to have `row_layout.compiled_layout` for it.
    parts
        The synapses, in order of creation.
    blocks
        All blocks of neurons.
    lane_bits
        Of a packed synapse, for the lane.
    place, block_of
        By neuron: its position in its block, and which that is.
    """

    def __init__(
        self,
        device: Device,
        program: Callable[[], Program],
        parts: Sequence[Part],
        blocks: Sequence[DeviceBlock],
        lane_bits: int,
        place: NDArray[np.int64],
        block_of: NDArray[np.int64],
    ) -> None:
        self._device, self._blocks, self._n_neurons = device, blocks, len(place)
        parts = [part for part in parts if part.size]
        self._input_begin = np.array(
            [b.first_lane + j * b.lanes for b in blocks for j in range(b.inputs)]
            + [sum(b.lanes * b.inputs for b in blocks)],
            np.uint64,
        )
        self._layout: RowLayout | None = None
        self._exponents = np.ones(len(self._input_begin) - 1, np.int64)
        if parts:
            begin = np.array([b.first_lane for b in blocks], np.int64)
            first_lane, of = (begin[block_of] + place).astype(np.uint32), block_of.astype(np.uint32)
            self._layout = RowLayout(device, program(), len(place), lane_bits, first_lane, of, self._input_begin)
            self._make(self._layout, parts)

    def _make(self, layout: RowLayout, parts: Sequence[Part]) -> None:
        """Count what each source has, then place one projection after the other."""
        disorder = uploaded(self._device, np.zeros(len(parts), np.uint64))
        for k, part in enumerate(parts):
            layout.count(part.size, part.sources(self._device), disorder.address + 8 * k)
        layout.begin_rows()
        found = disorder.download(np.uint64, len(parts)).tolist()
        for k, part in enumerate(parts):
            shift = np.array([max(j, 0) * b.lanes for b, j in zip(self._blocks, part.inputs, strict=True)], np.uint64)
            layout.place(part.lists(self._device), shift, disorder.address + 8 * k, ordered=not found[k])
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


def _column(values: Any, kind: Any) -> NDArray[Any]:
    return np.ascontiguousarray(np.atleast_1d(values), kind)
