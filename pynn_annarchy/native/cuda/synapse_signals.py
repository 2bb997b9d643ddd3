"""What is sampled of synapses with state, in words of `pa::cuda::SynapseSignal`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .device import Device, Memory
from .layout import Words, uploaded, words

if TYPE_CHECKING:
    from .plasticity import SynapseRecorder
    from .signal_blocks import Window

_WORDS = 10


class SynapseSignals:
    """The signals of one run; there is one for each recorder and store.

    Parameters
    ----------
    device
        Where they are written.
    recorders
        Where samples go in the end.
    """

    def __init__(self, device: Device, recorders: Sequence[SynapseRecorder]) -> None:
        self._recorders = [recorder for recorder in recorders if recorder.columns]
        self._heads: list[list[Words]] = []
        self._places: list[Memory] = []
        for recorder in self._recorders:
            heads: list[Words] = []
            for store, index, columns in recorder.places:
                where = [uploaded(device, array.astype(np.uint64)) for array in (index, columns)]
                self._places += where
                heads.append([store, recorder.variable, len(index), *(memory.address for memory in where)])
            self._heads.append(heads)
        self.count = sum(map(len, self._heads))
        self._table = device.memory(max(8 * _WORDS * self.count, 8))

    @property
    def address(self) -> int:
        """Where the structs are."""
        return self._table.address

    @property
    def sampled(self) -> list[tuple[SynapseRecorder, int]]:
        """The recorders, and how many bytes a row of each has."""
        return [(recorder, 8 * recorder.columns) for recorder in self._recorders]

    @property
    def gaps(self) -> bool:
        """Whether there are columns of synapses that are no more."""
        return any(sum(len(c) for *_, c in r.places) < r.columns for r in self._recorders)

    def begin_launch(self, windows: Sequence[Window]) -> None:
        """Let the next launch write to these windows, one for each of `sampled`."""
        table: Words = []
        for recorder, heads, window in zip(self._recorders, self._heads, windows, strict=True):
            times = (window.first_step, recorder.interval_steps, window.n_rows)
            for head in heads:
                table += [*head, window.address, recorder.columns, *times]
        if table:
            self._table.upload(words(table))
