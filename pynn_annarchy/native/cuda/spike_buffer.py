"""Spikes on their way from a device: packed into words there, sorted and unpacked here while the next launch runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .device import Device, Memory
from .halves import Halves, aligned
from .layout import Words, uploaded
from .recording import SpikeLog

NOBODY = 0xFFFFFFFF  # the rank of a neuron whose spikes are not kept


class SpikeBuffer:
    """The spikes of two launches, and who keeps them.

    A spike is the number of its neuron in the order in which the host keeps spikes, its rank, and the steps since the
    launch began: one word of 4 bytes where both fit, else of 8. Sources may have spikes inside a step: these come with
    their times, apart.

    Parameters
    ----------
    device
        Where they come from.
    dt_ms
        Length of a step.
    neurons
        The neurons by rank.
    entries
        Logs, and the neurons whose spikes each keeps.
    """

    def __init__(
        self,
        device: Device,
        dt_ms: float,
        neurons: NDArray[np.uint32],
        entries: Sequence[tuple[SpikeLog, NDArray[np.uint32]]],
    ) -> None:
        self._device, self._dt_ms = device, dt_ms
        self._neurons = neurons
        rank_of = np.empty(max(neurons.size, 1), np.uint32)
        rank_of[neurons] = np.arange(neurons.size, dtype=np.uint32)
        self._logs: list[tuple[SpikeLog, NDArray[np.bool_]]] = []
        anybody = np.zeros(rank_of.size, bool)
        for log, kept in entries:
            by_rank = np.zeros(rank_of.size, bool)
            by_rank[rank_of[kept]] = True
            anybody[kept] = True
            self._logs.append((log, by_rank))
        self._rank: Memory = uploaded(device, np.where(anybody, rank_of, np.uint32(NOBODY)).astype(np.uint32))
        self._rank_bits = max(int(neurons.size) - 1, 0).bit_length()
        self._halves = Halves(device)
        self._structs: list[Memory] = [device.memory(8 * 11) for _ in range(2)]

    def reserve(self, steps: int, words: int, off_grid: int, off_grid_room: int) -> None:
        """Have room for launches of so many steps, spikes at the ends of steps, and others."""
        self._wide = self._rank_bits + int(steps).bit_length() > 32
        self._word = np.dtype(np.uint64 if self._wide else np.uint32)
        self._capacity, self._off_grid = words, (off_grid, off_grid_room)
        self._words_at = aligned(self._word.itemsize * words)
        self._times_at = self._words_at + aligned(8 * off_grid)
        self._halves.reserve(self._times_at + 8 * off_grid)

    def struct(self, half: int, first_step: int) -> Words:
        """Return the words of `pa::cuda::Record` of a launch."""
        at = self._halves.address(half)
        places = (at + self._words_at, at + self._times_at)
        table: Words = [self._rank.address, at, self._wide, self._rank_bits, self._capacity, *places, *self._off_grid]
        return [*table, first_step, float(self._dt_ms)]

    def begin_copy(self, half: int, recorded: int, off_grid: int) -> None:
        """Begin to bring to the host what a launch has recorded."""
        parts = [(0, self._word.itemsize * recorded), (self._words_at, 8 * off_grid), (self._times_at, 8 * off_grid)]
        self._halves.begin_copy(half, parts)

    def log(self, half: int, first_step: int, recorded: int, off_grid: int) -> None:
        """Write down what was copied, in order of step, block, neuron and time."""
        if not recorded + off_grid:
            return
        self._halves.wait()
        words = np.sort(self._halves.view(half, self._word, recorded)).astype(np.uint64)  # short ones are sorted faster
        times = (first_step + 1 + (words >> np.uint64(self._rank_bits)).astype(np.int64)) * self._dt_ms
        if off_grid:
            inside = self._halves.view(half, np.uint64, off_grid, self._words_at)
            words = np.concatenate([words, inside])
            times = np.concatenate([times, self._halves.view(half, np.float64, off_grid, self._times_at)])
            order = np.lexsort((times, words))
            words, times = words[order], times[order]
        rank = (words & np.uint64((1 << self._rank_bits) - 1)).astype(np.int64)
        neuron = self._neurons[rank]
        for log, kept in self._logs:
            wanted = kept[rank]
            log.append(neuron[wanted], times[wanted])
