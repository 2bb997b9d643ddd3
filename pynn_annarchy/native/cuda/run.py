"""One run of a network on a device: its memory, and its launches."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np

from .layout import at, uploaded, words
from .source import FUNCTION

if TYPE_CHECKING:
    from .engine import Engine
    from .recording import Recorder

THREADS = 256  # of a block
RECORD_ROOM = 1 << 18  # spikes of one launch, beside those of its last step
_STATUS_WORDS = 5


class Run:
    """The memory of one run, and its launches."""

    def __init__(self, engine: Engine, n_steps: int) -> None:
        self._engine, device = engine, engine.device
        blocks = engine._blocks
        for block in blocks:
            block.begin_run()
        room = 4 * engine._n_neurons + 65536
        self._capacity = room + RECORD_ROOM
        self._lists = [(device.memory(4 * room), device.memory(8 * room)) for _ in range(2)]
        spikes = [word for neuron, time_ms in self._lists for word in (neuron.address, time_ms.address, 0, room, 0)]
        self._status = uploaded(device, np.zeros(_STATUS_WORDS, np.int64))
        self._record = [device.memory(self._capacity * size) for size in (4, 8, 8)]
        self._signals = [device.memory(max(8, r.n_rows * self._row_bytes(r))) for r in engine._recorders]
        self._positions = [uploaded(device, r.positions) for r in engine._recorders]
        signals = [word for k in range(len(engine._recorders)) for word in self._signal(k)]
        injected = [(a[0].address, a[1].address) if a else (0, 0) for a in engine._kept["injections"]]
        structs = [b.struct(engine._dt_ms, engine._seed, i) for b, i in zip(blocks, injected, strict=True)]
        self._tables = [
            uploaded(device, words(t)) for t in ([word for struct in structs for word in struct], spikes, signals)
        ]
        self._network = device.memory(8 * 20)
        plasticity = engine._plasticity
        self._plastic = plasticity.begin_run(blocks, engine._place, engine._lane_bits, engine._n_lanes)

    def _row_bytes(self, recorder: Recorder) -> int:
        return len(recorder.positions) * np.dtype(self._engine._real).itemsize

    def _signal(self, k: int) -> list[int]:
        r = self._engine._recorders[k]
        state = self._engine._blocks[r.block].memory[r.state].address
        places = (self._positions[k].address, self._signals[k].address, len(r.positions))
        return [state, *places, r.first_step, r.interval_steps, r.n_rows]

    def launch(self, first_step: int, end_step: int) -> int:
        """Advance to ``end_step`` or as far as there is room for spikes, and say how far."""
        engine = self._engine
        n = end_step - first_step
        tables = [waveform.values(first_step, n) for waveform, _ in engine._injections]
        waveforms = uploaded(engine.device, np.concatenate([np.empty(0), *tables]))
        ring = (engine._ring.address, engine._lane_bits, (engine._slots << engine._lane_bits) - 1)
        kept = [memory.address for memory in (*engine._kept["rows"], engine._kept["watched"], *self._record)]
        block, spikes, signal = (table.address for table in self._tables)
        network = [block, spikes, self._status.address, *ring, *kept, self._capacity]
        network += [signal, len(self._signals), waveforms.address, first_step, n, self._plastic]
        self._network.upload(words([*network]))
        self._status.upload(np.zeros(_STATUS_WORDS, np.int64))
        program = engine._program
        assert program is not None
        grid = program.resident_blocks(FUNCTION, THREADS)
        program.launch(FUNCTION, grid, THREADS, (self._network.address, first_step, end_step), cooperative=True)
        engine.device.synchronise()
        _, recorded, lost, overflow, end = self._status.download(np.int64, _STATUS_WORDS).tolist()
        if lost:
            raise RuntimeError(
                f"{lost} spikes of one step had no room on the device: more than four a neuron, "
                "or more of one neuron than its synapses take at a time"
            )
        if overflow:
            raise OverflowError("input has left the range of the fixed point: more than 64 spikes a source in one step")
        self._log(recorded)
        return int(end)

    def _log(self, n: int) -> None:
        engine = self._engine
        if not n:
            return
        kinds = (np.uint32, np.int64, np.float64)
        neuron, step, times = (m.download(kind, n) for m, kind in zip(self._record, kinds, strict=True))
        order = np.lexsort((times, neuron, engine._block_of[neuron], step))
        neuron, times = neuron[order], times[order]
        for log, neurons in engine._logs:
            wanted = np.zeros(engine._n_neurons, bool)
            wanted[neurons] = True
            log.append(neuron[wanted[neuron]], times[wanted[neuron]])

    def finish(self) -> None:
        """Bring states and samples to the host."""
        engine = self._engine
        for block in engine._blocks:
            block.end_run()
        engine._plasticity.end_run()
        for recorder, memory in zip(engine._recorders, self._signals, strict=True):
            n = recorder.n_rows * self._row_bytes(recorder)
            if n:
                at(recorder.rows_address, ctypes.c_uint8, n)[:] = memory.download(np.uint8, n)
