"""A laid-out network on a device, with the methods of `core.Engine`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..coupling import CouplingArrays
from ..interrupts import completed
from ..kernels import Kernel, RowsKernel, SynapseKernel
from ..published import Reduction
from .continuous import Continuous, Inputs, Variables
from .coupling import Coupling
from .device import Device, Memory, Program
from .launcher import Launcher
from .layout import DeviceBlock, uploaded
from .plastic_store import DeviceStore
from .plasticity import Plasticity, SynapseRecorder
from .recording import Recorder, SpikeLog
from .row_layout import compiled_layout
from .run import Run
from .signal_blocks import SignalBlocks
from .source import BEGIN, FUNCTION, NEXT, device_source
from .spike_buffer import SpikeBuffer
from .synapses import Part, Synapses
from .watch import Watch

POLL_SECONDS = 0.05


def _bits(values: int) -> int:
    return max(values - 1, 0).bit_length()


class Engine:
    """The time loop of one network on one device.

    Parameters
    ----------
    device
        Where it runs.
    dt_ms, seed, real_bytes, acc_bytes
        As of `core.Engine`.
    """

    def __init__(self, device: Device, dt_ms: float, seed: int, real_bytes: int, acc_bytes: int) -> None:
        self.device = device
        self._dt_ms, self._seed = dt_ms, seed
        self._precision = {(8, 8): "double", (8, 4): "mixed", (4, 4): "single"}[real_bytes, acc_bytes]
        self._real: type[np.floating[Any]] = np.float64 if real_bytes == 8 else np.float32
        self._next_step = -1  # -1: spike sources have still to be asked for spikes at t = 0
        self._kernels: dict[int, Kernel] = {}
        self._synapse_kernels: dict[int, SynapseKernel] = {}
        self._rows_kernels: dict[int, RowsKernel] = {}
        self._coupling = Coupling(device, dt_ms)
        self._plasticity = Plasticity(device, dt_ms, seed, real_bytes, acc_bytes, self._fetch_neurons)
        self._continuous = Continuous(device, dt_ms, seed)
        self._blocks: list[DeviceBlock] = []
        self._shape: tuple[Any, ...] = ()
        self._n_neurons = self._n_lanes = self._slots = self._lane_bits = 0
        self._ring: Memory = device.memory(8)
        self._programs: dict[tuple[int, ...], Program] = {}
        self._program: Program | None = None
        self._row_program: Program | None = None
        self._kept: dict[str, Any] = {}
        self._parts: list[Part] = []
        self._injections: list[tuple[Any, NDArray[np.uint32]]] = []
        self._recorders: list[Recorder] = []
        self._spike_buffer = SpikeBuffer(device, dt_ms, np.empty(0, np.uint32), [])
        self._signal_blocks = SignalBlocks(device)
        self._launcher = Launcher(device)
        self._watch: Watch | None = None

    @property
    def step(self) -> int:
        """Steps done."""
        return max(self._next_step, 0)

    def describe(self, kernel: Kernel) -> None:
        """Know a model by its address."""
        self._kernels[kernel.address] = kernel

    def describe_synapse(self, kernel: SynapseKernel) -> None:
        """Know a model of synapses by its address."""
        self._synapse_kernels[kernel.address] = kernel

    def describe_rows(self, kernel: RowsKernel) -> None:
        """Know a model of continuous synapses by its address."""
        self._rows_kernels[kernel.address] = kernel

    def bound_weights(self, bound_of: Callable[[int], float]) -> None:
        """Know how to ask for what a model's parameters bound weights by, 0 if they do not."""
        self._plasticity.bound_of = bound_of

    # -- layout ----------------------------------------------------------------------------------------------------

    def lay_out(
        self,
        blocks: Sequence[tuple[Any, ...]],
        n_neurons: int,
        max_delay: int,
        window: int,
        late_slots: int,
        working: int,
    ) -> bool:
        """Take the blocks as they are now; returns whether neurons have moved and what refers to them is dropped."""
        found = [self._kernels.get(block[0]) or kernels.at(block[0]) for block in blocks]
        lanes, laid_out = 0, []
        for description, kernel in zip(blocks, found, strict=True):
            laid_out.append(DeviceBlock(self.device, description, kernel, lanes))
            lanes += laid_out[-1].lanes * laid_out[-1].inputs
        slots, bits = max(1 << _bits(max(max_delay, late_slots)), self._slots), _bits(max(lanes, 1))
        if bits + _bits(slots) > 32:
            raise ValueError(f"{lanes} inputs with delays of {slots} steps exceed 2^32: use shorter delays or the CPU")
        shape = (n_neurons, *((block[0], block[1]) for block in blocks))
        moved = shape != self._shape
        for new, old in zip(laid_out, self._blocks):  # noqa: B905 - further blocks are new
            new.exponents, new.disabled = old.exponents, old.disabled if new.n == old.n else None
        if moved or slots != self._slots:
            self._move_ring(laid_out, lanes, slots, bits)
        self._blocks, self._shape, self._n_neurons = laid_out, shape, n_neurons
        if moved:
            self._find_neurons()
            self._parts, self._injections, self._recorders = [], [], []
        self._plasticity.lay_out(blocks, n_neurons)
        if moved:
            self._kept["pack"] = True
            self.set_injections([])
            self.set_spike_logs([])
        return moved

    def _compile(self) -> Program:
        """Return the program of the network as it is now."""
        synapses, rows = self._plasticity.kernels, self._continuous.kernels
        parts = {"coupled": self._coupling.address != 0, "continuous": self._continuous.any}
        models = (*(block.kernel.address for block in self._blocks), 0, *synapses, 0, *rows, *parts.values())
        if models not in self._programs:  # printing it takes longer than all else
            of_synapses = [self._synapse_kernels[address] for address in synapses]
            of_rows = [self._rows_kernels[address] for address in rows]
            source = device_source(
                [block.kernel for block in self._blocks], self._precision, of_synapses, of_rows, **parts
            )
            self._programs = {models: self.device.compile(source, (BEGIN, FUNCTION, NEXT))}
        return self._programs[models]

    def _move_ring(self, blocks: list[DeviceBlock], lanes: int, slots: int, bits: int) -> None:
        """Make a larger ring, with what is in flight."""
        new = np.zeros((slots, 1 << bits), np.int64)
        if self._slots:
            old = self._ring.download(np.int64, self._slots << self._lane_bits).reshape(self._slots, -1)
            steps = np.arange(self._next_step, self._next_step + self._slots)
            for before, after in zip(self._blocks, blocks):  # noqa: B905 - further blocks are new
                for j in range(before.inputs):
                    source, target = before.first_lane + j * before.lanes, after.first_lane + j * after.lanes
                    taken = old[steps % self._slots, source : source + before.n]
                    new[steps % slots, target : target + before.n] = taken
        self._ring = uploaded(self.device, new)
        self._n_lanes, self._slots, self._lane_bits = lanes, slots, bits
        self._kept["pack"] = True  # rows are packed for the old ring

    def _find_neurons(self) -> None:
        self._place = np.zeros(self._n_neurons, np.int64)
        self._block_of = np.zeros(self._n_neurons, np.int64)
        for index, block in enumerate(self._blocks):
            numbers = block_numbers(block)
            self._place[numbers] = np.arange(block.n)
            self._block_of[numbers] = index

    def set_stores(self, parts: Sequence[Part]) -> None:
        """Deliver spikes to these static synapses."""
        self._parts = list(parts)
        self._kept["pack"] = True

    def _layout_program(self) -> Program:
        self._row_program = self._row_program or compiled_layout(self.device)
        return self._row_program

    def _set_rows(self) -> None:
        """Make the rows anew, once for all that has changed since the last run."""
        self._kept.pop("rows", None)  # which makes room for new ones
        numbers = self._lane_bits, self._place, self._block_of
        synapses = Synapses(self.device, self._layout_program, self._parts, self._blocks, *numbers)
        ring = None
        for index, block in enumerate(self._blocks):
            wanted = np.maximum(synapses.exponents(index), self._plasticity.exponents(index, block))
            for j in range(block.inputs):
                lanes = slice(block.first_lane + j * block.lanes, block.first_lane + (j + 1) * block.lanes)
                if ring is None:
                    ring = self._ring.download(np.int64, self._slots << self._lane_bits).reshape(self._slots, -1)
                if wanted[j] != block.exponents[j] and ring[:, lanes].any():  # in flight, in the old unit
                    wanted[j] = max(wanted[j], block.exponents[j])
                    shift = np.ldexp(1.0, block.exponents[j] - wanted[j])
                    ring[:, lanes] = np.rint(ring[:, lanes] * shift) if shift != 1 else ring[:, lanes]
            block.exponents = wanted
        if ring is not None:
            self._ring.upload(ring)
        self._kept["rows"] = synapses.rows()
        self._kept.pop("pack", None)

    def set_injections(self, injections: Sequence[tuple[Any, NDArray[np.uint32]]]) -> None:
        """Inject waveforms into neurons; those of one neuron are added up in this order."""
        self._injections = list(injections)
        neurons = np.concatenate([np.empty(0, np.uint32), *(targets for _, targets in injections)])
        rows = np.repeat(np.arange(len(injections), dtype=np.uint32), [len(targets) for _, targets in injections])
        self._kept["injections"] = []
        for index, block in enumerate(self._blocks):
            here = self._block_of[neurons] == index
            if not here.any():
                self._kept["injections"].append(None)
                continue
            place = self._place[neurons[here]]
            order = np.argsort(place, kind="stable")
            begin = np.searchsorted(place[order], np.arange(block.n + 1)).astype(np.uint32)
            self._kept["injections"].append(
                (uploaded(self.device, begin), uploaded(self.device, rows[here][order].astype(np.uint32)))
            )

    def set_recorders(self, recorders: Sequence[Recorder]) -> None:
        """Sample these variables from the next run on."""
        self._recorders = list(recorders)

    def set_spike_logs(self, entries: Sequence[tuple[SpikeLog, NDArray[np.uint32]]]) -> None:
        """Keep the spikes of these neurons from the next run on."""
        neurons = np.concatenate([np.empty(0, np.uint32), *map(block_numbers, self._blocks)])
        self._spike_buffer = SpikeBuffer(self.device, self._dt_ms, neurons, entries)

    def set_disabled(self, positions: Sequence[NDArray[np.uint32]]) -> None:
        """Leave these neurons, by position in each block, as they are."""
        for block, where in zip(self._blocks, positions, strict=True):
            mask = np.zeros(block.n, np.uint8)
            mask[where] = 1
            block.disabled = uploaded(self.device, mask) if len(where) else None

    def clear_input(self, block: int, first: int, end: int) -> None:
        """Forget what is on its way to neurons [first, end) of a block."""
        if block >= len(self._blocks):
            return
        b = self._blocks[block]
        end = min(end, b.n)
        for slot in range(self._slots):
            for j in range(b.inputs):
                lane = (slot << self._lane_bits) + b.first_lane + j * b.lanes + first
                if end > first:
                    self._ring.upload(np.zeros(end - first, np.int64), 8 * lane)
        self._plasticity.clear_input(block, block_numbers(b)[first:end], self.step - 1)

    def add_modulator(self, neurons: NDArray[np.uint32]) -> int:
        """Keep the spikes of these neurons for synapses; returns the number that stores know them by."""
        return self._plasticity.add_modulator(neurons)

    def plastic_store(self, kernel: int, block: int, late: bool, modulator: int, modulator_delay: int,
                      parts: Sequence[tuple[Any, ...]], further: Sequence[int], ahead: int) -> DeviceStore:  # fmt: skip
        """Return a store of synapses with state."""
        return self._plasticity.store(kernel, block, late, modulator, modulator_delay, parts, further, ahead)

    def set_plastic_stores(self, stores: Sequence[DeviceStore], first_new: int) -> None:
        """Take these stores; synapses with numbers from ``first_new`` on were in none before."""
        self._plasticity.set_stores(stores, first_new, self._blocks, self._place)
        self._kept["pack"] = True  # the units of inputs may be others

    def set_synapse_recorders(self, recorders: Sequence[SynapseRecorder]) -> None:
        """Sample these variables of synapses with state from the next run on."""
        self._plasticity.set_recorders(recorders)

    def set_coupling(self, arrays: CouplingArrays) -> None:
        """Take these gap junctions."""
        self._coupling.set(arrays, self._blocks, self._block_of, self._place)

    def set_rows(
        self, variables: Variables, reductions: Sequence[Reduction], stores: Sequence[tuple[Any, ...]], inputs: Inputs
    ) -> None:
        """Take what neurons show, and these continuous synapses."""
        self._continuous.set(variables, reductions, stores, inputs, self._blocks, self._rows_kernels)

    def rows_begin(self, store: int) -> list[int]:
        """Return which rows of a store of continuous synapses there are."""
        return [0, self._continuous.stores[store].n_rows]

    def set_rows_recorders(self, recorders: Sequence[SynapseRecorder]) -> None:
        """Sample these variables of continuous synapses from the next run on."""
        self._continuous.set_recorders(recorders)

    def fetch_synapses(self) -> None:
        """Bring the states of synapses, and trains of spikes, to the host."""
        self._plasticity.sync()

    def _fetch_neurons(self) -> None:
        for block in self._blocks:
            block.fetch()

    def fetch_rows(self) -> None:
        """Bring what has become of continuous synapses to the host's arrays."""
        self._continuous.fetch()

    # -- time ------------------------------------------------------------------------------------------------------

    def run(self, n_steps: int, progress: Callable[[int], None] | None) -> int:
        """Advance; an exception of ``progress`` or a signal stops between two launches and is raised then."""
        if n_steps <= 0:
            return 0
        first, end = self.step, self.step + n_steps
        self._program = self._compile()
        with completed():
            if self._kept.get("pack") or self._plasticity.outgrown(self._blocks):
                self._set_rows()
            run = Run(self, n_steps)
        try:
            polled = time.monotonic()
            while self.step < end or self._next_step < 0:
                with completed():
                    self._next_step = run.launch(self._next_step, min(end, self._next_step + run.launch_steps))
                if progress is not None and time.monotonic() - polled > POLL_SECONDS:
                    polled = time.monotonic()
                    progress(self.step)
        finally:
            with completed():
                run.finish()
        return self.step - first

    @property
    def static_bytes(self) -> int:
        """Bytes of static synapses on the device."""
        return sum(memory.nbytes for memory in self._kept.get("rows", ()))

    def fetch(self, block: int) -> None:
        """Bring the states of a block's neurons to the host's arrays."""
        self._blocks[block].fetch()

    def reset(self) -> None:
        """Back to step 0 with nothing in flight; the states are the caller's business."""
        self._ring.fill(0)
        self._plasticity.reset()
        self._next_step = -1

    def measure(self, on: bool) -> None:
        """Count from now on where the time goes, or no more."""
        self._watch = Watch(self.device) if on else None

    def phases(self) -> list[tuple[float, float, float, float, int, int]]:
        """Return what has been counted, as `core.Engine.phases` of one thread."""
        return [(0.0, 0.0, 0.0, 0.0, 0, 0) if self._watch is None else self._watch.times()]


def block_numbers(block: DeviceBlock) -> NDArray[np.uint32]:
    """Return the global number of each neuron of a block."""
    numbers: NDArray[np.uint32] = block.neuron[: block.n]
    return numbers
