"""Gap junctions in device memory: `pa::cuda::Coupling` of csrc/cuda/device_coupling.cuh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import core
from ..coupling import CouplingArrays
from .device import Device, Memory
from .layout import DeviceBlock, uploaded, words

_NUMBERS, _FLAGS = 9, 3  # arrays of work space in CouplingView
_NOBODY = 0xFFFFFFFF


class Coupling:
    """The junctions of a network, laid out by components as on the host.

    Parameters
    ----------
    device
        Where.
    dt_ms
        The time step in ms.
    """

    def __init__(self, device: Device, dt_ms: float) -> None:
        self._device, self._dt_ms = device, dt_ms
        self._kept: list[Memory] = []
        self.address = 0  # of the struct, 0 without junctions

    def set(
        self,
        arrays: CouplingArrays,
        blocks: Sequence[DeviceBlock],
        block_of: NDArray[np.int64],
        place: NDArray[np.int64],
    ) -> None:
        """Take these junctions, of neurons whose blocks and positions are given by number."""
        self._kept, self.address = [], 0
        if not len(arrays.first):
            return
        numbers = arrays.neuron
        tables = core.coupling_tables(
            arrays, block_of[numbers].astype(np.uint32), place[numbers].astype(np.uint32), self._dt_ms
        )
        device, cells = self._device, tables["neuron"]
        names = ("cell", "row", "other", "rate", "carried", "total", "membrane")
        view = [uploaded(device, tables[name]) for name in names]
        work = [device.memory(8 * cells.size) for _ in range(_NUMBERS)]
        work += [device.memory(cells.size) for _ in range(_FLAGS)]
        part = uploaded(device, tables["part"])
        of_blocks = []
        for index, block in enumerate(blocks):
            which = np.flatnonzero(block_of[cells] == index)
            of_neurons = np.full(block.n, _NOBODY, np.uint32)
            of_neurons[place[cells[which]]] = which
            of_blocks.append(uploaded(device, of_neurons) if which.size else None)
        table = uploaded(device, words([0 if memory is None else memory.address for memory in of_blocks]))
        addresses = [*(m.address for m in view), float(self._dt_ms), *(m.address for m in work)]
        struct = uploaded(device, words([*addresses, part.address, tables["part"].size // 24, table.address]))
        self._kept = [*view, *work, part, *(m for m in of_blocks if m is not None), table, struct]
        self.address = struct.address
