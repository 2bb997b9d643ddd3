"""All synapses with state of a network: numbered, put into stores, moved from old stores to new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import core
from .arrays import FloatArray, Values
from .plastic_store import Field, PlasticStore
from .projection import MAX_DELAY_STEPS
from .switches import HELD_ALL, Switches
from .synapse_links import Outlets, link, outlets

if TYPE_CHECKING:
    from collections.abc import Callable

    from .block import Block
    from .network import Network
    from .plastic import PlasticProjection
    from .published import Published
    from .structure import Rearrangement
    from .synapse_recording import SynapseSignal

NO_MODULATOR = 0xFFFFFFFF  # PlasticStore::kNoModulator
MAX_SYNAPSES = 1 << 32


class Group(NamedTuple):
    """What synapses of one store have in common."""

    kernel: int
    block: int
    late: bool
    modulator: int | None
    modulator_delay_steps: int
    switches: Switches
    outlets: Outlets


class Member(NamedTuple):
    """The synapses of one projection that belong to one store, all of them if ``which`` is None."""

    projection: PlasticProjection
    which: NDArray[np.int64] | None


class Synapses:
    """The plastic projections of a network and their stores."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.projections: list[PlasticProjection] = []
        self.size = 0
        self._laid_out = 0  # synapses that the engine knows
        self._stores: dict[tuple[Any, ...], PlasticStore] = {}
        self._modulators: dict[bytes, int] = {}
        self._pending: list[tuple[NDArray[Any], ...]] = []
        self._unsettled: list[PlasticProjection] = []
        # Stores whose synapses are on their way to others; the engine still refers to their memory.
        self._apart: list[PlasticStore] = []

    def add(self, projection: PlasticProjection) -> None:
        """Take a projection whose synapses were numbered from ``size`` on."""
        self.projections.append(projection)
        self.size += projection.size

    def modulator(self, engine: core.Engine, neurons: NDArray[np.uint32]) -> int:
        """What the engine knows these modulatory neurons by."""
        neurons = np.unique(neurons)
        key = neurons.tobytes()
        if key not in self._modulators:
            self._modulators[key] = engine.add_modulator(neurons)
        return self._modulators[key]

    # -- time ------------------------------------------------------------------------------------------------------

    def window_limit(self, at_most: int) -> int:
        """The most steps that a window may have."""
        limits = [projection.window_limit() for projection in self.projections]
        return min([at_most, *(limit for limit in limits if limit is not None)])

    def ring_slots(self) -> tuple[int, int]:
        """Slots that are needed for input of synapses that are processed early and late, 0 without such."""
        early, late = 0, 0
        for p in self.projections:
            delay, dendritic, is_late = np.broadcast_arrays(p.delay_steps, p.dendritic_steps, _late(p))
            if p.size and p.kernel.transmits:
                early = max(early, 2)  # what is transmitted may go to the row of the next step
            if p.size and not is_late.all():
                early = max(early, int(delay[~is_late].max()))
            if p.size and is_late.any():
                late = max(late, int(dendritic[is_late].max()) + 1)
        return early, late

    @property
    def _last(self) -> int:
        """The event that has happened to every synapse: the one at this step boundary."""
        return self._network.step - 1

    def reset(self) -> None:
        """Bring every synapse back to where it began; nothing is on its way."""
        for projection in self.projections:
            projection.state = None
        self._pending, self._unsettled = [], []
        for store in self._stores.values():
            store.restore()

    # -- reading and writing -----------------------------------------------------------------------------------------

    def _stores_of(self, projection: PlasticProjection) -> list[PlasticStore]:
        if self._apart:
            self._network.bring_up_to_date()
        return [store for store in self._stores.values() if projection in store.members]

    def read(self, projection: PlasticProjection, variable: int, index: NDArray[np.int64] | None) -> FloatArray:
        """A variable of all synapses, or of those at ``index``, now."""
        values = np.empty(projection.size)
        stores = self._stores_of(projection)
        fields = projection.state or list(projection.initial.values())  # of those that are in no store
        values[:] = fields[variable]
        for store in stores:
            store.read_into(values, projection, variable, self._last, index)
        return values if index is None else values[index]

    def write(
        self,
        projection: PlasticProjection,
        variable: int,
        index: NDArray[np.int64],
        values: Values,
        keep_last: bool,
    ) -> None:
        """Set a variable of the synapses at ``index`` now.

        With ``keep_last`` only it changes, unless it is advanced at events; else all are brought to this moment, from
        which it is advanced.
        """
        self._network.check_open()
        table = np.empty(projection.size)
        table[index] = values
        stores = self._stores_of(projection)
        if projection.state is not None:  # between two stores, the second of which there was no memory for
            np.asarray(projection.state[variable])[index] = table[index]
        for store in stores:
            for places in store.places(projection, index):
                now = store.read(places, variable, self._last)
                if not keep_last or (now != store.raw(places, variable)).any():
                    store.advance(places, self._last)
                store.write(places, variable, table[places.creation], self._last)

    def parameters_change(self, projection: PlasticProjection) -> None:
        """Bring the projection's synapses to this moment, up to which the old parameters hold."""
        self._network.check_open()
        for store in self._stores_of(projection):
            for places in store.places(projection):
                store.advance(places, self._last)
        self._network.synapses_changed("constants")

    def delays_changed(self, projection: PlasticProjection) -> None:
        """What has reached synapses up to now has done so with the old delays."""
        self._network.check_open()
        for store in self._stores_of(projection):
            store.catch_up(self._last)
        projection.version += 1
        self._unsettled.append(projection)
        self._network.synapses_changed("stores")

    def switches_change(self, projection: PlasticProjection) -> None:
        """What has happened up to now has done so with the old switches."""
        self._network.check_open()
        for store in self._stores_of(projection):
            store.catch_up(self._last)
            for places in store.places(projection):
                store.advance(places, self._last)
        projection.version += 1
        self._network.synapses_changed("stores")

    def clear_input(self, engine: core.Engine, block: int, first: int, end: int) -> None:
        """Forget what is on its way to neurons of a block, and so to some but not all synapses of a source."""
        for (group, _), store in self._stores.items():
            if group.late:
                store.set_apart(self._last + MAX_DELAY_STEPS, self._last)
        engine.clear_input(block, first, end)

    # -- structure -------------------------------------------------------------------------------------------------

    def check_room(self, added: int) -> None:
        """Refuse more synapses than there are numbers: a number is never used again."""
        if self.size + added > MAX_SYNAPSES:
            raise ValueError(f"{self.size + added} synapses with state; allowed are {MAX_SYNAPSES}")

    def number(self, added: int) -> int:
        """Return the first of the numbers of new synapses."""
        self.size += added
        return self.size - added

    def take_apart(self, projection: PlasticProjection) -> None:
        """Give the state of the projection's synapses back to it, and that of others in the same stores to those."""
        if projection.state is not None:
            return
        for key, store in list(self._stores.items()):
            if projection in store.members:
                self._pending.append(store.core.export_pending(self._last))
                store.give(self._last)
                self._apart.append(self._stores.pop(key))

    def rearranged(self, projection: PlasticProjection, change: Rearrangement, fresh: PlasticProjection) -> list[Field]:
        """Return the state of the synapses after a change; new ones begin with that of another handle."""
        assert projection.state is not None
        beginning = PlasticStore.begin_with(fresh, self._last)
        return [
            change.array(old, new) if isinstance(old, np.ndarray) else None
            for old, new in zip(projection.state, beginning, strict=True)
        ]

    # -- layout ----------------------------------------------------------------------------------------------------

    def _plan(self, blocks: list[Block]) -> dict[Group, list[Member]]:
        groups: dict[Group, list[Member]] = {}
        for p in self.projections:
            if not p.size:
                continue
            block, late = np.broadcast_arrays(self._network.block_numbers(p.target), _late(p))
            kinds = np.unique(2 * block + late)
            for kind in kinds.tolist():
                where, delay = outlets(blocks[kind // 2].kernel, p), p.modulator_delay_steps
                where = where._replace(first=0)  # which each synapse knows for itself
                group = Group(p.kernel.address, kind // 2, bool(kind % 2), p.modulator, delay, p.switches, where)
                which = None if kinds.size == 1 else np.flatnonzero(2 * block + late == kind)
                groups.setdefault(group, []).append(Member(p, which))
        return groups

    def build(self, engine: core.Engine, blocks: list[Block], moved: bool) -> None:
        """Build the stores whose synapses have changed, all if ``moved``, and keep the others."""
        plans = {
            (group, tuple((id(m.projection), m.projection.version) for m in members)): (group, members)
            for group, members in self._plan(blocks).items()
        }
        old = self._stores
        self._stores = {key: store for key, store in old.items() if key in plans and not moved}
        for key, store in old.items():
            if key not in self._stores:
                self._pending.append(store.core.export_pending(self._last))
                store.give(self._last)
        built = {key: self._build(engine, blocks, *plan) for key, plan in plans.items() if key not in self._stores}
        self._stores = {key: built.get(key) or self._stores[key] for key in plans}
        for projection in self.projections:
            projection.state = None
        self._pending, self._apart = [], []

    def _build(self, engine: core.Engine, blocks: list[Block], group: Group, members: list[Member]) -> PlasticStore:
        projections = tuple(m.projection for m in members)
        kernel = projections[0].kernel
        block = blocks[group.block]
        parts = []
        for p, which in members:
            steps = [np.atleast_1d(np.asarray(s, np.uint16)) for s in _processing_steps(p, group.late)]
            ends: list[NDArray[Any]] = [p.source, p.target]
            numbers: Any = p.numbers.array() if p.numbers.first is None or which is not None else p.numbers.first
            if which is not None:
                ends = [end[which] for end in ends]
                numbers = numbers[which]
                steps = [s if s.size == 1 else s[which] for s in steps]
            arrays = [np.ascontiguousarray(a) for a in ends]
            parts.append((*arrays, numbers, *map(np.ascontiguousarray, steps), outlets(block.kernel, p).first))
        modulator = NO_MODULATOR if group.modulator is None else group.modulator
        made = engine.plastic_store(
            group.kernel,
            group.block,
            group.late,
            modulator,
            group.modulator_delay_steps,
            parts,
            group.outlets.further,
            group.outlets.ahead,
        )
        switches, network = group.switches, self._network
        made.set_switches(switches.transmits, switches.held, switches.period_steps, switches.offset_steps)
        store = PlasticStore(made, kernel, projections, network.threads, network.real, block.size)
        held = switches.held == HELD_ALL
        store.take([p.state or store.begin_with(p, self._last) for p in projections], held)
        if self._pending:
            event, sent, number, repeat, delay = (np.concatenate(a) for a in zip(*self._pending, strict=True))
            made.import_pending(event, sent, number, repeat, delay, self._last)
            mine = np.any([p.numbers.places(number) >= 0 for p in projections], axis=0)
            if mine.any():
                store.set_apart(int(event[mine].max()), self._last)
        return store

    def attach(self, engine: core.Engine, blocks: list[Block], stream: int) -> None:
        """Tell the engine about all stores, with parameters and variables of targets as they are now."""
        for (group, _), store in self._stores.items():
            states = blocks[group.block].kernel.states
            post = [blocks[group.block].states[list(states).index(name)] for name in store.kernel.post]
            store.derive(self._network.dt_ms)
            store.attach(post, stream, self._last)
        engine.set_plastic_stores([store.core for store in self._stores.values()], self._laid_out)
        self._laid_out = self.size
        for projection in self._unsettled:
            for store in self._stores_of(projection):
                for first, end in projection.numbers.runs():
                    store.core.settle(first, end, self._last)
        self._unsettled = []

    def link(self, blocks: list[Block], published: Published) -> None:
        """Tell the engine which variables of neurons synapses read and change."""
        link(((group.block, store) for (group, _), store in self._stores.items()), blocks, published, self._network)

    def lend(self, fetch: Callable[[], None]) -> None:
        """States are elsewhere until somebody asks for them: ``fetch`` brings all of them."""
        for store in self._stores.values():
            store.lend(fetch)

    def find(self, signals: list[SynapseSignal]) -> None:
        """Tell recorders where their synapses are."""
        for signal in signals:
            projection, found = signal.projection, []
            for number, store in enumerate(self._stores.values()):
                if projection in store.members:
                    for places in store.places(projection, signal.index[signal.index >= 0]):
                        at = np.full(projection.size, -1)
                        at[places.creation] = places.here
                        columns = np.flatnonzero((signal.index >= 0) & (at[signal.index] >= 0))
                        here = at[signal.index[columns]].astype(np.uint64)
                        found.append((number, places.thread, here, columns.astype(np.uint32)))
            signal.recorder.find(found)


def _late(projection: PlasticProjection) -> NDArray[np.bool_]:
    """Which synapses are processed when a spike reaches them, not when it is delivered."""
    late: NDArray[np.bool_] = np.asarray(projection.kernel.needs_late & (np.asarray(projection.axonal_steps) > 0))
    return late


def _processing_steps(projection: PlasticProjection, late: bool) -> tuple[Any, Any, Any]:
    """Delay from when a synapse is processed to the target's input, axonal and dendritic delay."""
    if late:
        return projection.dendritic_steps, projection.axonal_steps, projection.dendritic_steps
    return projection.delay_steps, 0, projection.dendritic_steps
