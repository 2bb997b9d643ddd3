"""One run of a network on a device: its memory, and its launches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .launcher import Done
from .layout import Words, uploaded, words

if TYPE_CHECKING:
    from .engine import Engine
    from .signal_blocks import Sampling, Window

LAUNCH_STEPS = 1000  # at most, between two looks at Ctrl-C
RECORD_ROOM = 1 << 18  # spikes of one launch, beside those of its last step


class Launched(NamedTuple):
    """A launch whose spikes and samples are on their way to the host."""

    half: int
    first_step: int
    done: Done


class Run:
    """The memory of one run, and its launches."""

    def __init__(self, engine: Engine, n_steps: int) -> None:
        self._engine, device = engine, engine.device
        blocks = engine._blocks
        for block in blocks:
            block.begin_run()
        self._half = 0
        self._under_way: Launched | None = None
        room = 4 * engine._n_neurons + 65536
        from_sources = sum(block.n for block in blocks if block.sequences is not None)
        off_grid = 4 * from_sources + 65536 if from_sources else 0
        engine._spike_buffer.reserve(LAUNCH_STEPS, room + RECORD_ROOM, 2 * off_grid, off_grid)
        self._positions = [uploaded(device, r.positions) for r in engine._recorders]
        injected = [(a[0].address, a[1].address) if a else (0, 0) for a in engine._kept["injections"]]
        structs = [b.struct(engine._dt_ms, engine._seed, i) for b, i in zip(blocks, injected, strict=True)]
        self._blocks = uploaded(device, words([word for struct in structs for word in struct]))
        self._spikes = engine._launcher.spike_lists(room)
        self._record = device.memory(8 * len(engine._spike_buffer.struct(0, 0)))
        self._signals = device.memory(max(8 * 7 * len(engine._recorders), 8))
        self._waveforms = device.memory(8)
        plasticity = engine._plasticity
        self._plastic = plasticity.begin_run(
            blocks, engine._place, engine._block_of, engine._lane_bits, engine._n_lanes
        )
        sampled: list[tuple[Sampling, int]] = [
            (r, len(r.positions) * np.dtype(engine._real).itemsize) for r in engine._recorders
        ]
        self._continuous = engine._continuous.begin_run()
        self._of_synapses = of_synapses = (plasticity.signals, engine._continuous.signals)
        sampled += [signal for signals in of_synapses for signal in signals.sampled]
        gaps = any(signals.gaps for signals in of_synapses)
        self.launch_steps = engine._signal_blocks.begin_run(sampled, min(LAUNCH_STEPS, n_steps + 1), gaps)
        assert engine._program is not None
        engine._launcher.begin_run(engine._program, engine._continuous.any)

    def _signal(self, k: int, window: Window) -> list[int]:
        r = self._engine._recorders[k]
        state = self._engine._blocks[r.block].memory[r.state].address
        places = (self._positions[k].address, window.address, len(r.positions))
        return [state, *places, window.first_step, r.interval_steps, window.n_rows]

    def _network(self, first_step: int, end_step: int) -> Words:
        """Upload what is of this launch, and return the words of `pa::cuda::Network`."""
        engine, n = self._engine, end_step - first_step
        tables = [waveform.values(first_step, n) for waveform, _ in engine._injections]
        if tables:
            self._waveforms = uploaded(engine.device, np.concatenate(tables))
        self._record.upload(words(engine._spike_buffer.struct(self._half, first_step)))
        all_windows = engine._signal_blocks.windows(self._half, first_step, end_step)
        windows, rest = all_windows[: len(engine._recorders)], all_windows[len(engine._recorders) :]
        for signals in self._of_synapses:
            signals.begin_launch(rest[: len(signals.sampled)])
            rest = rest[len(signals.sampled) :]
        if windows:
            self._signals.upload(words([word for k, window in enumerate(windows) for word in self._signal(k, window)]))
        ring = (engine._ring.address, engine._lane_bits, (engine._slots << engine._lane_bits) - 1)
        network = [self._blocks.address, self._spikes, engine._launcher.status_address, *ring]
        network += [*(memory.address for memory in engine._kept["rows"]), self._record.address]
        network += [self._signals.address, len(windows), self._waveforms.address, first_step, n, self._plastic]
        watch = 0 if engine._watch is None else engine._watch.address
        return [*network, watch, engine._coupling.address, self._continuous]

    def launch(self, first_step: int, end_step: int) -> int:
        """Advance to ``end_step`` or as far as there is room for spikes, and say how far."""
        engine = self._engine
        network = self._network(first_step, end_step)
        if engine._watch is not None:
            engine._watch.begin_launch()
        engine._launcher.start(network, first_step, end_step)
        self._collect()  # what the launch before has left, while this one runs
        done = engine._launcher.wait()
        if done.lost:
            raise RuntimeError(
                f"{done.lost} spikes of one step had no room on the device: more than four a neuron, "
                "or more of one neuron than its synapses take at a time"
            )
        if done.overflow:
            raise OverflowError("input has left the range of the fixed point: more than 64 spikes a source in one step")
        if engine._watch is not None:
            engine._watch.add_updates(engine._n_neurons * (done.end_step - max(first_step, 0)))
        engine._spike_buffer.begin_copy(self._half, done.recorded, done.off_grid)
        engine._signal_blocks.begin_copy(self._half, first_step, done.end_step)
        self._under_way = Launched(self._half, first_step, done)
        self._half = 1 - self._half
        return done.end_step

    def _collect(self) -> None:
        """Write down the spikes and samples that are on their way."""
        if self._under_way is None:
            return
        half, first_step, done = self._under_way
        self._under_way = None
        self._engine._spike_buffer.log(half, first_step, done.recorded, done.off_grid)
        self._engine._signal_blocks.store(half, first_step, done.end_step)

    def finish(self) -> None:
        """Bring samples to the host; states stay until somebody asks for them."""
        self._collect()
        for block in self._engine._blocks:
            block.end_run()
        self._engine._plasticity.end_run()
