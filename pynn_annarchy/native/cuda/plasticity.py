"""All synapses with state of a network on a device: their stores, the trains they watch, what is sampled of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import core
from .device import Device
from .layout import DeviceBlock, Words, uploaded, words
from .neuron_changes import uploaded_changes
from .plastic_store import MODULATED, POST, TRANSMITS, DeviceStore
from .synapse_signals import SynapseSignals
from .trains import TRAIN_BYTES, Trains, mask_of, no_trains

# Input is counted in 2^-44 of the largest weight or finer, and a sum of 2^17 spikes of such a weight is no overflow.
WEIGHT_BITS = 45
TRAIN_ROOM = 64  # spikes, beside four for each step of the longest dendritic delay


class SynapseRecorder:
    """As `core.SynapseRecorder`: a variable of some synapses, and where samples of a run go."""

    def __init__(self, variable: int, columns: int, interval_steps: int) -> None:
        self.variable, self.columns, self.interval_steps = variable, columns, interval_steps
        self.rows_address = self.first_step = self.n_rows = 0
        self.places: list[tuple[int, NDArray[np.uint64], NDArray[np.uint32]]] = []

    def begin(self, rows: int, first_step: int, n_rows: int) -> None:
        """Write sample k to row k of the memory at ``rows``."""
        self.rows_address, self.first_step, self.n_rows = rows, first_step, n_rows

    def find(self, places: Sequence[tuple[int, int, NDArray[np.uint64], NDArray[np.uint32]]]) -> None:
        """Know where the synapses are: (number of the store, thread, places there, columns here)."""
        self.places = [(store, here, columns) for store, _, here, columns in places]


class Plasticity:
    """What `Engine` does for synapses with state.

    An engine of the CPU keeps the books: it has stores of the same synapses on the same arrays and does what is done
    between runs, as reading, writing, and taking what arrives because delays became shorter. It never runs. States stay
    on the device until it is asked.

    Parameters
    ----------
    device
        Where runs are.
    dt_ms, seed, real_bytes, acc_bytes
        As of `core.Engine`.
    fetch_neurons
        Brings the states of neurons to the host, where some books read them.
    """

    def __init__(
        self,
        device: Device,
        dt_ms: float,
        seed: int,
        real_bytes: int,
        acc_bytes: int,
        fetch_neurons: Callable[[], None],
    ) -> None:
        self._fetch_neurons = fetch_neurons
        self._device, self._dt_ms, self._seed = device, dt_ms, seed
        self._books = core.Engine(dt_ms, seed, 1, real_bytes, acc_bytes)
        self.stores: list[DeviceStore] = []
        self.bound_of: Callable[[int], float] = lambda kernel: 0.0  # of weights, by their model's parameters
        self._recorders: list[SynapseRecorder] = []
        self._modulators: list[NDArray[np.uint32]] = []
        self._trains: dict[int, Trains] = {}  # by block
        self._modulator_trains = no_trains(device)
        self._behind = False  # whether trains and states of the books are those of before the last run
        self._kept: list[Any] = []
        self.signals = SynapseSignals(device, [])  # of the present run

    @property
    def kernels(self) -> tuple[int, ...]:
        """Addresses of the models, each once."""
        return tuple(dict.fromkeys(store.kernel for store in self.stores))

    # -- layout ----------------------------------------------------------------------------------------------------

    def lay_out(self, blocks: Sequence[tuple[Any, ...]], n_neurons: int) -> None:
        """Take the blocks as they are now."""
        if self._books.lay_out(blocks, n_neurons, 1, 1, 0, 1):
            for store in self.stores:  # which others take to pieces
                store.fetch()
            self.stores, self._recorders = [], []

    def add_modulator(self, neurons: NDArray[np.uint32]) -> int:
        """Keep the spikes of these neurons for synapses."""
        self._modulators.append(neurons)
        return self._books.add_modulator(neurons)

    def store(self, kernel: int, block: int, late: bool, modulator: int, modulator_delay: int,
              parts: Sequence[tuple[Any, ...]], further: Sequence[int], ahead: int) -> DeviceStore:  # fmt: skip
        """Return a store of synapses."""
        books = self._books.plastic_store(kernel, block, late, modulator, modulator_delay, parts, further, ahead)
        description = (kernel, block, late, modulator, modulator_delay)
        return DeviceStore(self._device, books, description, parts, further, ahead, self.sync)

    def set_stores(self, stores: Sequence[DeviceStore], first_new: int, blocks: Sequence[DeviceBlock],
                   place: NDArray[np.int64]) -> None:  # fmt: skip
        """Take these stores; synapses with numbers from ``first_new`` on were in none before."""
        self.sync()
        self.stores = list(stores)
        self._books.set_plastic_stores([store.books for store in stores], first_new)
        room = 4 * max((store.longest_dendritic for store in stores), default=0) + TRAIN_ROOM
        for index, block in enumerate(blocks):
            watched = np.zeros(block.n, bool)
            for store in stores:
                if store.block == index and store.asks(POST):
                    watched[place[store.target]] = True
            known = self._trains.get(index)
            if known is not None:
                self._trains[index] = known.resized(watched, room)
            elif watched.any():
                self._trains[index] = Trains(self._device, watched, room)
        longest = 1 + max((store.modulator_delay for store in stores if store.asks(MODULATED)), default=0)
        modulating = max((neurons.size for neurons in self._modulators), default=0)
        everyone = np.ones(len(self._modulators), bool)
        self._modulator_trains = self._modulator_trains.resized(everyone, 4 * modulating * longest + TRAIN_ROOM)

    def set_recorders(self, recorders: Sequence[SynapseRecorder]) -> None:
        """Sample these variables from the next run on."""
        self._recorders = list(recorders)

    def exponents(self, index: int, block: DeviceBlock) -> NDArray[np.int64]:
        """Return the exponents of the powers of two in which a block's inputs are to be counted for these synapses."""
        self.sync()
        largest = np.zeros(block.inputs)
        for store in self.stores:
            if store.block == index:
                inputs = store.inputs()
                largest[inputs] = np.maximum(largest[inputs], store.largest_input(self.bound_of(store.kernel)))
        exponents = np.frexp(np.where(largest > 0, largest, 1.0))[1].astype(np.int64) - WEIGHT_BITS
        concerned = [j for store in self.stores if store.block == index for j in store.inputs()]
        exponents[np.setdiff1d(np.arange(block.inputs), concerned)] = np.iinfo(np.int64).min
        return exponents

    def outgrown(self, blocks: Sequence[DeviceBlock]) -> bool:
        """Whether weights that the host may have set since the last run need larger units."""
        if self._behind:
            return False
        return any(bool((self.exponents(k, block) > block.exponents).any()) for k, block in enumerate(blocks))

    @property
    def reads_neurons(self) -> bool:
        """Whether the books read or change states of neurons, by their addresses."""
        return any(store.linked or store.info["post"] for store in self.stores)

    # -- between runs ------------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Let the books know the trains and states of the last run."""
        if not self._behind:
            return
        if self.reads_neurons:
            self._fetch_neurons()
        for store in self.stores:
            store.fetch()
        for index, trains in self._trains.items():
            self._books.load_trains(index, *trains.kept())
        kept = self._modulator_trains.kept()
        for modulator, first, steps, count in zip(kept.position, kept.first, kept.steps, kept.kept, strict=True):
            self._books.load_modulator(int(modulator), int(first), steps, int(count))
        self._behind = False

    def clear_input(self, block: int, targets: NDArray[np.uint32], after: int) -> None:
        """Forget what is on its way to synapses of some targets."""
        for store in self.stores:
            if store.block == block:
                store.drop_due(targets, after)

    def reset(self) -> None:
        """Forget all spikes."""
        self.sync()
        self._books.reset()
        for trains in (*self._trains.values(), self._modulator_trains):
            trains.clear()
        for store in self.stores:
            store.clear_due()

    # -- runs --------------------------------------------------------------------------------------------------------

    def begin_run(
        self,
        blocks: Sequence[DeviceBlock],
        place: NDArray[np.int64],
        block_of: NDArray[np.int64],
        lane_bits: int,
        n_lanes: int,
    ) -> int:
        """Upload everything, and return where `pa::cuda::Plastic` is, 0 without synapses."""
        self.signals = SynapseSignals(self._device, self._recorders)
        if not self.stores:
            return 0
        device, n = self._device, max(len(place), 1)
        structs, models = [], {kernel: model for model, kernel in enumerate(self.kernels)}
        for store in self.stores:
            trains = self._trains[store.block].address if store.asks(POST) else 0
            modulator = self._modulator_trains.address + TRAIN_BYTES * store.modulator if store.asks(MODULATED) else 0
            block = blocks[store.block]
            structs += store.begin_run(
                models[store.kernel], block, place, lane_bits, trains, modulator, self._dt_ms, self._seed
            )
        scale = np.zeros(max(n_lanes, 1))
        train_of = np.zeros(n, np.uint64)
        for index, block in enumerate(blocks):
            for j in range(block.inputs):
                first = block.first_lane + j * block.lanes
                scale[first : first + block.lanes] = np.ldexp(1.0, -int(block.exponents[j]))
            if index in self._trains:
                addresses = self._trains[index].addresses()
                train_of[block.neuron[: addresses.size]] = addresses
        zeros = [uploaded(device, np.zeros(size, np.uint32)) for size in (n, 2 * n, 4)]
        tables = [words(structs), scale, train_of, np.zeros(2, np.uint64)]
        stores, unit, of_neuron, crowded = memories = [uploaded(device, table) for table in tables]
        modulates = mask_of(device, self._modulators, n)
        plastic: Words = [len(self.stores), stores.address, unit.address, n, *(memory.address for memory in zeros)]
        room = max((trains.room for trains in self._trains.values()), default=0)
        plastic += [of_neuron.address, room, len(self._modulators), modulates.address]
        plastic += [self._modulator_trains.address, self._modulator_trains.room, *self._longest(), crowded.address]
        plastic += [max(store.postponed_until for store in self.stores)]
        plastic += [any(store.every_step for store in self.stores), any(store.info["post"] for store in self.stores)]
        plastic += [any(store.asks(TRANSMITS) for store in self.stores)]
        added = [one for store in self.stores for one in store.additions(place, block_of)]
        n_changes, changes = uploaded_changes(device, added)
        plastic += [self.signals.count, self.signals.address, n_changes, changes[0].address]
        network = uploaded(device, words(plastic))
        self._kept += [*memories, *zeros, *changes, modulates, network]
        return network.address

    def _longest(self) -> tuple[int, int]:
        modulator = max((store.modulator_delay for store in self.stores if store.asks(MODULATED)), default=0)
        return max(store.longest_dendritic for store in self.stores), modulator

    def end_run(self) -> None:
        """Leave states where they are."""
        self._behind = bool(self.stores)
        self._kept = []
