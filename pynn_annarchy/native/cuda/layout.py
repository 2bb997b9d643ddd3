"""A network's arrays in device memory, in the structs of csrc/cuda/device_network.cuh."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import padded
from ..arrays import words as words
from ..kernels import Kernel
from .device import Device, Memory

Words = list[int | float]


def uploaded(device: Device, array: NDArray[Any]) -> Memory:
    """Return new device memory with a copy of an array."""
    memory = device.memory(max(array.nbytes, 8))
    if array.nbytes:
        memory.upload(np.ascontiguousarray(array))
    return memory


def at(address: int, kind: Any, count: int) -> NDArray[Any]:
    """Return the host's numbers at an address, not copied."""
    return np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(kind)), (count,))


class Sequences:
    """The `pa_source_data` of one block on the device, a copy of the host's."""

    def __init__(self, device: Device, address: int, n: int) -> None:
        self._device = device
        length, tables, due = at(address, ctypes.c_uint64, 3).tolist()
        self._n = n
        self.length = at(length, ctypes.c_uint64, n)
        self._rows = [at(table, ctypes.c_uint64, n) for table in at(tables, ctypes.c_uint64, 3).tolist()]
        self.due = at(due, ctypes.c_int64, padded(n))
        self._kept: list[Memory] = []
        self._due: Memory | None = None
        self.struct = device.memory(24)

    def begin_run(self) -> None:
        """Bring the device up to date if sequences were replaced."""
        if self._due is not None and not (self.due[: self._n] == np.iinfo(np.int64).min).any():
            return
        firsts = np.concatenate([[0], np.cumsum(self.length)]).astype(np.uint64)
        tables = []
        self._kept = []
        for addresses in self._rows:
            rows = [at(int(a), ctypes.c_double, int(m)) for a, m in zip(addresses, self.length, strict=True) if a and m]
            data = uploaded(self._device, np.concatenate([np.empty(0), *rows]))
            table = uploaded(self._device, np.uint64(data.address) + firsts[:-1] * np.uint64(8))
            tables.append(table.address)
            self._kept += [data, table]
        length, table = uploaded(self._device, self.length), uploaded(self._device, words([*tables]))
        self._due = uploaded(self._device, self.due)
        self._kept += [length, table]
        self.struct.upload(words([length.address, table.address, self._due.address]))

    def end_run(self) -> None:
        """Let the host know which sequences have been seen."""
        if self._due is not None:
            self.due[:] = self._due.download(np.int64, len(self.due))


class DeviceBlock:
    """All neurons of one model."""

    def __init__(self, device: Device, description: tuple[Any, ...], kernel: Kernel, first_lane: int) -> None:
        _, self.n, self.neuron, self.states, constants, strides, source_data, self.stream = description
        self.kernel = kernel
        self.first_lane = first_lane
        self.lanes = padded(self.n)
        self.inputs = len(kernel.receptors)
        self.exponents = np.zeros(self.inputs, np.int64)
        self.memory = [device.memory(max(state.nbytes, 8)) for state in self.states]
        self._ahead = False  # whether the device's states are those of now
        self._neuron = uploaded(device, self.neuron)
        self._constants = [uploaded(device, constant) for constant in constants]
        self._strides = uploaded(device, np.array(strides, np.uint32))
        self._tables = [uploaded(device, words([m.address for m in ms])) for ms in (self.memory, self._constants)]
        self._unit = device.memory(8 * max(self.inputs, 1))
        self.disabled: Memory | None = None
        self.sequences = Sequences(device, source_data, self.n) if source_data else None

    def struct(self, dt_ms: float, seed: int, injection: tuple[int, int]) -> Words:
        """Return the words of `pa::cuda::Block`."""
        if self.inputs:
            self._unit.upload(np.ldexp(1.0, self.exponents))
        tables = [table.address for table in self._tables]
        data = self.sequences.struct.address if self.sequences is not None else 0
        block = [self.n, self._neuron.address, *tables, self._strides.address, data, float(dt_ms), seed, self.stream]
        disabled = 0 if self.disabled is None else self.disabled.address
        return [*block, self.first_lane, self.lanes, self._unit.address, *injection, disabled]

    def begin_run(self) -> None:
        """Upload what the host may have changed: states if it has asked for them, and sequences."""
        if not self._ahead:
            for state, memory in zip(self.states, self.memory, strict=True):
                memory.upload(state)
        self._ahead = True
        if self.sequences is not None:
            self.sequences.begin_run()

    def end_run(self) -> None:
        """Download which sequences have been seen; states stay where they are until they are asked for."""
        if self.sequences is not None:
            self.sequences.end_run()

    def fetch(self) -> None:
        """Bring the states to the host, which may change them until the next run."""
        if self._ahead:
            for state, memory in zip(self.states, self.memory, strict=True):
                state[:] = memory.download(state.dtype, len(state))
        self._ahead = False


def lanes_of(blocks: Sequence[DeviceBlock], target: NDArray[np.uint32], inputs: Sequence[int], place: NDArray[np.int64],
             block_of: NDArray[np.int64]) -> NDArray[np.uint64]:  # fmt: skip
    """Return where input to each target goes; ``place`` and ``block_of`` are by neuron number."""
    first = np.array([b.first_lane + max(j, 0) * b.lanes for b, j in zip(blocks, inputs, strict=True)], np.int64)
    found: NDArray[np.uint64] = (first[block_of[target]] + place[target]).astype(np.uint64)
    return found
