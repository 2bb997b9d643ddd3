"""What neurons show to others, and continuous synapses: `pa::cuda::Continuous` of csrc/cuda/device_continuous.cuh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import RowsKernel
from ..published import Reduction
from .device import Device, Memory
from .layout import DeviceBlock, Words, uploaded, words
from .plasticity import SynapseRecorder
from .rows_store import DeviceRows, place_of, unique
from .synapse_signals import SynapseSignals

_PIECE = 1024  # kReducedPiece
Variables = Sequence[tuple[list[int], NDArray[Any]]]
Inputs = Sequence[tuple[int, int, int, int, int]]  # block, input, reduction, first, end


class Continuous:
    """What `Engine` does for values that neurons transmit in every step.

    Between runs, what was published and the variables of synapses stay on the device until the host asks for them.

    Parameters
    ----------
    device
        Where.
    dt_ms, seed
        As of `core.Engine`.
    """

    def __init__(self, device: Device, dt_ms: float, seed: int) -> None:
        self._device, self._dt_ms, self._seed = device, dt_ms, seed
        self._recorders: list[SynapseRecorder] = []
        self._forget()

    def _forget(self) -> None:
        self.stores: list[DeviceRows] = []
        self._addresses: list[int] = []  # of the stores' models
        self._copies: list[tuple[NDArray[Any], Memory]] = []  # of the host's arrays that runs change
        self._kept: list[Memory] = []
        self._words: Words = []
        self._ahead = False  # whether the device's copies are those of now
        self.signals = SynapseSignals(self._device, [])

    @property
    def kernels(self) -> tuple[int, ...]:
        """Addresses of the models, each once."""
        return tuple(dict.fromkeys(self._addresses))

    @property
    def any(self) -> bool:
        """Whether neurons see each other in every step."""
        return bool(self._words)

    def _uploaded(self, array: NDArray[Any]) -> int:
        self._kept.append(uploaded(self._device, array))
        return self._kept[-1].address

    # -- layout ----------------------------------------------------------------------------------------------------

    def set(
        self,
        variables: Variables,
        reductions: Sequence[Reduction],
        stores: Sequence[tuple[Any, ...]],
        inputs: Inputs,
        blocks: Sequence[DeviceBlock],
        kernels: Mapping[int, RowsKernel],
    ) -> None:
        """Take these, as `core.Engine.set_rows` does."""
        self._forget()
        if not variables:
            return
        written = [array for _, array in variables]
        written += [of_threads[0] for store in stores for of_threads in store[6][4]]
        self._copies = [(array, self._device.memory(max(array.nbytes, 8))) for array in unique(written)]
        places = {array.ctypes.data: memory for array, memory in self._copies}
        for description in stores:
            kernel, block = kernels[description[0]], blocks[description[1]]
            self._addresses.append(kernel.address)
            self.stores.append(DeviceRows(self._device, kernel, description, block, places))
        models = {address: model for model, address in enumerate(self.kernels)}
        structs = [
            word
            for store, address in zip(self.stores, self._addresses, strict=True)
            for word in store.struct(models[address], self._dt_ms, self._seed)
        ]
        self._stores_at = self._uploaded(words(structs)) if structs else 0
        published = self._published(variables, places)
        n_slots, n_neurons = variables[0][1].shape
        feeds = self._feeds(inputs, blocks, len(structs) // max(len(self.stores), 1))
        self._words = [len(variables), published, n_slots, n_neurons, len(blocks), len(reductions)]
        self._words += [self._reductions(reductions), len(self.stores), self._stores_at, feeds]

    def _published(self, variables: Variables, places: Mapping[int, Memory]) -> int:
        table: Words = []
        for states, array in variables:
            table += [place_of(array, places), self._uploaded(np.array(states, np.int64))]
        return self._uploaded(words(table))

    def _reductions(self, reductions: Sequence[Reduction]) -> int:
        table: Words = []
        for operation, variable, neurons in reductions:
            part = self._device.memory(8 * max(-(-len(neurons) // _PIECE), 1))
            self._kept.append(part)
            table += [operation, variable, self._uploaded(neurons), len(neurons), part.address, 0.0]
        return self._uploaded(words(table)) if table else 0

    def _feeds(self, inputs: Inputs, blocks: Sequence[DeviceBlock], store_words: int) -> int:
        """Return where the `Feeds` of each block are."""
        table: Words = []
        for index, block in enumerate(blocks):
            feeds, begin = [], [0]
            for j in range(block.inputs):
                for where, number, reduction, first, end in inputs:
                    if (where, number) == (index, j):
                        feeds.append([0, 0, reduction, first, end])
                for number, store in enumerate(self.stores):
                    if (store.block, store.input) == (index, j):
                        at = self._stores_at + 8 * store_words * number
                        feeds.append([at, store.row_of_position.address, 0, 0, 0])
                begin.append(len(feeds))
            if not feeds:
                table.append(0)
                continue
            entries = self._uploaded(words([word for feed in feeds for word in feed]))
            table.append(self._uploaded(words([self._uploaded(np.array(begin, np.uint64)), entries])))
        return self._uploaded(words(table))

    def set_recorders(self, recorders: Sequence[SynapseRecorder]) -> None:
        """Sample these variables of synapses from the next run on."""
        self._recorders = list(recorders)

    # -- runs --------------------------------------------------------------------------------------------------------

    def begin_run(self) -> int:
        """Upload what the host may have changed, and return where the struct is, 0 if nobody sees anybody."""
        self.signals = SynapseSignals(self._device, self._recorders)
        if not self._words:
            return 0
        if not self._ahead:
            for array, memory in self._copies:
                memory.upload(array)
        self._ahead = True
        self._struct = uploaded(self._device, words([*self._words, self.signals.count, self.signals.address]))
        return self._struct.address

    def fetch(self) -> None:
        """Bring what runs have changed to the host's arrays, which it may change until the next run."""
        if self._ahead:
            for array, memory in self._copies:
                array.reshape(-1)[:] = memory.download(array.dtype, array.size)
        self._ahead = False
