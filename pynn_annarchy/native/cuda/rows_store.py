"""Continuous synapses of one model onto one block: `pa::cuda::RowsStore` of csrc/cuda/device_continuous.cuh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import RowsKernel
from ..published import OPERATIONS
from .device import Device, Memory
from .layout import DeviceBlock, Words, uploaded, words

_LANES = 32  # at most, of a segment
_TURNS = 32  # synapses of a lane


def lanes_for(synapses: int, rows: int) -> int:
    """Return how many threads share a row: a power of two, such that few of them have nothing to do."""
    each = max(1, synapses // max(rows, 1))
    return min(_LANES, 1 << (each - 1).bit_length())


class DeviceRows:
    """Rows of one projection onto one block.

    Parameters
    ----------
    device
        Where.
    kernel
        The model.
    description
        As `native.continuous` gives it to `core.Engine.set_rows`.
    block
        Of the targets.
    places
        Device memory with copies of the host's arrays of variables, by their addresses on the host.
    """

    def __init__(
        self,
        device: Device,
        kernel: RowsKernel,
        description: tuple[Any, ...],
        block: DeviceBlock,
        places: Mapping[int, Memory],
    ) -> None:
        _, self.block, self.input, pre, post, global_, arrays, *rest = description
        first_source, shares, self._stream, self._switches, self._learning = rest
        begin, self.position, source, delay, variables, constants, localities, number, row_number = arrays
        self._kernel, self.n_rows = kernel, len(self.position)
        self._kept: list[Memory] = []

        def address(array: NDArray[Any] | None) -> int:
            if array is None:
                return 0
            self._kept.append(uploaded(device, array))
            return self._kept[-1].address

        # What stores of one projection have in common is in memory once: both change it.
        of_variables = [place_of(of_threads[0], places) for of_threads in variables]
        of_constants = [address(np.ascontiguousarray(array)) for array in constants]
        rows = [self.n_rows, address(begin), address(self.position), address(source), int(first_source) | shares << 32]
        rows += [address(delay), int(len(delay) > 1), address(words(of_variables)), address(words(of_constants))]
        rows += [address(localities), address(number), address(row_number)]
        self._rows: Words = [*rows]
        self._reads = [address(np.array(numbers, np.uint64)) for numbers in (pre, global_)]
        self._post = address(words([block.memory[state].address for state in post]))
        self._segments = self._cut(address, begin)
        self.part = device.memory(8 * max(self._n_segments, 1))
        self.row_of_position = uploaded(device, self._where(block.n))

    def _cut(self, address: Callable[[NDArray[Any]], int], begin: NDArray[np.uint64]) -> tuple[int, ...]:
        lengths = np.diff(begin.astype(np.int64))
        lanes = lanes_for(int(lengths.sum()), self.n_rows)
        segment = lanes * _TURNS
        first = np.append(0, np.cumsum(-(-lengths // segment)))
        self._n_segments = int(first[-1])
        row_of = np.repeat(np.arange(self.n_rows, dtype=np.uint32), np.diff(first))
        return lanes, segment, self._n_segments, address(row_of), address(first.astype(np.uint32))

    def _where(self, n: int) -> NDArray[np.uint32]:
        """The row of each neuron of the block."""
        found = np.full(n, 0xFFFFFFFF, np.uint32)
        found[self.position] = np.arange(self.n_rows, dtype=np.uint32)
        return found

    def struct(self, model: int, dt_ms: float, seed: int) -> Words:
        """Return the words of `pa::cuda::RowsStore`."""
        transmits, learns, frozen, leads = self._switches
        pre, global_ = self._reads
        store = [model, pre, self._post, global_, *self._segments, self.part.address]
        store += [OPERATIONS.index(self._kernel.operation), transmits, learns and self._kernel.learns, frozen, leads]
        return [*self._rows, float(dt_ms), seed, self._stream, *store, *self._learning]


def _whole(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array that this one is a part of: rows of one projection onto two blocks are parts of one."""
    return array if not isinstance(array.base, np.ndarray) or array.base.dtype != array.dtype else array.base


def place_of(array: NDArray[Any], places: Mapping[int, Memory]) -> int:
    """Return where the copy of an array is in device memory."""
    whole = _whole(array).ctypes.data
    return places[whole].address + int(array.ctypes.data - whole)


def unique(arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the arrays that others are parts of, each once."""
    return list({_whole(array).ctypes.data: _whole(array) for array in arrays}.values())
