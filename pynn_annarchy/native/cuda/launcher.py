"""Steps on a device: one cooperative launch, or, where there is none, a graph of kernels launched again and again."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from .device import Device, Graph, Launch, Memory, Program
from .layout import Words, words
from .source import BEGIN, FUNCTION, NEXT

THREADS = 256  # of a block
GRAPH_STEPS = 16  # of one graph
GRAPH = "PYNN_ANNARCHY_GPU_GRAPH"  # environment variable: 1 for graphs where cooperative launches are possible, too
NETWORK_WORDS, _STATUS_WORDS = 19, 9  # of pa::cuda::Network and Status
_BEGIN_PHASES = 3  # of begin_run in csrc/cuda/device_step.cuh
_EVERY_PHASE, _NO_PHASE = -1, -2  # csrc/cuda/grid.cuh


class Done(NamedTuple):
    """What a launch has done."""

    end_step: int
    recorded: int
    off_grid: int
    lost: int
    overflow: int


class Launcher:
    """Launches of one network's program.

    Parameters
    ----------
    device
        Where.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._network = device.memory(8 * NETWORK_WORDS)
        self._status = device.memory(8 * _STATUS_WORDS)
        self._program: Program | None = None
        self._graph: Graph | None = None
        self._graphed: tuple[Program, int, int] | None = None  # of which program, of how many phases, of which grid
        self._phases: tuple[int, int] | None = None
        self._unseen = False
        self._lists: list[Memory] = []  # neurons and times of even and of odd steps
        self._sinks = device.memory(8 * 10)

    @property
    def status_address(self) -> int:
        """Where `pa::cuda::Status` is."""
        return self._status.address

    def spike_lists(self, room: int) -> int:
        """Return where the two empty `pa_spike_sink` are, with room for so many spikes of a step."""
        if not self._lists or self._lists[0].nbytes != 4 * room:
            self._lists = []
            self._lists = [self._device.memory(size * room) for size in (4, 8, 4, 8)]
        even, even_times, odd, odd_times = (memory.address for memory in self._lists)
        self._sinks.upload(words([even, even_times, 0, room, 0, odd, odd_times, 0, room, 0]))
        return self._sinks.address

    def begin_run(self, program: Program, shows: bool) -> None:
        """Launch this program from now on; ``shows``: neurons see each other in every step."""
        self._program, self._phases, self._unseen = program, None, shows

    def start(self, network: Words, first_step: int, end_step: int) -> None:
        """Start the steps from ``first_step`` to before ``end_step`` of a network, in words of `pa::cuda::Network`."""
        program = self._program
        assert program is not None
        self._network.upload(words(network))
        self._reset(first_step, end_step)
        at = self._network.address
        if self._unseen:  # what has been changed since the last run
            for phase in range(_BEGIN_PHASES):
                program.launch(BEGIN, self._device.multiprocessors, THREADS, (at, first_step, phase))
            self._unseen = False
        grid = program.resident_blocks(FUNCTION, THREADS)
        if self._device.cooperative and grid > 0 and os.environ.get(GRAPH, "0") in ("", "0"):
            program.launch(FUNCTION, grid, THREADS, (at, first_step, end_step, _EVERY_PHASE), cooperative=True)
            return
        grid = max(grid, self._device.multiprocessors)
        if self._phases is None:
            program.launch(FUNCTION, 1, 1, (at, first_step, end_step, _NO_PHASE))
            self._device.synchronise()
            number = int(self._status.download(np.int64, 1, 8 * (_STATUS_WORDS - 1))[0])
            self._phases = number & 0xFFFFFFFF, number >> 32
        in_a_step, at_the_end = self._phases
        if self._graphed != (program, in_a_step, grid):
            kernels = [Launch(FUNCTION, grid, THREADS, (at, 0, 0, phase)) for phase in range(in_a_step)]
            self._graph = program.graph([Launch(NEXT, 1, 1, (at,)), *kernels] * GRAPH_STEPS)
            self._graphed = program, in_a_step, grid
        assert self._graph is not None
        for _ in range(-(-(end_step - first_step) // GRAPH_STEPS)):
            self._graph.launch()
        for phase in range(in_a_step, in_a_step + at_the_end):
            program.launch(FUNCTION, grid, THREADS, (at, 0, 0, phase))

    def _reset(self, first_step: int, end_step: int) -> None:
        self._status.upload(words([0, 0, 0, 0, 0, first_step - 1, end_step, 0, 0]))

    def wait(self) -> Done:
        """Wait for the launch, and say what it has done."""
        self._device.synchronise()
        _, recorded, off_grid, lost, overflow, step, *_ = self._status.download(np.int64, _STATUS_WORDS).tolist()
        return Done(step + 1, recorded, off_grid, lost, overflow)
