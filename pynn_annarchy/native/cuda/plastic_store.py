"""Synapses with state of one model onto one block: on the device, until the host asks for their state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import core
from .device import Device, Memory
from .layout import DeviceBlock, Words, uploaded, words
from .neuron_changes import Additions
from .postponed import NO_ARRIVALS, Arrivals, Columns, joined, uploaded_arrivals

POST, MODULATED, CLOCKED, TRANSMITS = 1, 2, 16, 32
_GROWTH = 1024.0
_NO_INPUT = 0xFFFFFFFF  # kNoInput, for targets to which what arrives means nothing
_LAST_PRE, _SEEN, _ROW_FROM = 1, 3, 5  # of the counters: last, last_pre, last_post, seen, seen_modulator, row_from


def _spelled_out(part: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the synapses of a part with one number each of what `core` lets be the same for all, or successive."""
    source, target, number, *steps, receptor = part
    if isinstance(number, int):
        number = np.arange(number, number + len(source), dtype=np.uint32)
    return (source, target, number, *(np.broadcast_to(s, len(source)) for s in steps), receptor)


class DeviceStore:
    """As `core.PlasticStore`, of which it has one that never runs: what is done between runs, that one does.

    Parameters
    ----------
    device
        Where runs are.
    books
        The host's store of the same synapses.
    description
        Address of the model, number of the block, whether it is late, and the modulator (or none) with its delay.
    parts
        As of `core.Engine.plastic_store`.
    further
        How far other inputs that get the same are from the first one.
    ahead
        By how many steps what is transmitted in every step comes later.
    prepare
        Called before anything that asks the host's state or trains.
    """

    def __init__(
        self,
        device: Device,
        books: core.PlasticStore,
        description: tuple[int, int, bool, int, int],
        parts: Sequence[tuple[Any, ...]],
        further: Sequence[int],
        ahead: int,
        prepare: Callable[[], None],
    ) -> None:
        self._device, self.books, self._prepare = device, books, prepare
        self.kernel, self.block, self.late, self.modulator, self.modulator_delay = description
        self.info = core.synapse_kernel_info(self.kernel)
        self._further, self._ahead_steps = tuple(further), ahead
        parts = [_spelled_out(part) for part in parts]
        numbers = np.concatenate([part[2] for part in parts])
        order = np.argsort(numbers)
        self._numbers = books.numbers(0)
        mine = order[np.searchsorted(numbers[order], self._numbers)]
        inputs = np.repeat([part[6] for part in parts], [len(part[0]) for part in parts])
        self.source, self.target, self._delay, self._axonal, self._dendritic = (
            np.concatenate([part[k] for part in parts]).astype(np.int64)[mine] for k in (0, 1, 3, 4, 5)
        )
        self._input = inputs[mine]
        self.deaf = bool((inputs == _NO_INPUT).any())
        self._switches = (True, 0, 1, 0)
        self._set_rows()
        self._postponed = NO_ARRIVALS
        self._attached: tuple[Any, ...] | None = None
        self._reads: list[tuple[int, int]] = []
        self.changes: list[tuple[int, bool, list[int]]] = []
        self._largest = 0.0
        self._uploaded: list[Memory | None] = []  # the state, by field
        self._ahead = False  # whether that is the state of now, and not the host's
        self._key: tuple[int, ...] | None = None  # of what the tables were made for
        self._kept: list[Memory] = []
        self._constants: list[Memory] = []
        self._groups: list[Memory] = []
        self._links: Words = []
        self._seen: list[Memory] = []  # what the links are

    def _set_rows(self) -> None:
        device, first = self._device, self.books.row_first(0)
        self._sizes = np.diff(first)
        self._begins = first[:-1]
        sources, self._row_axonal = self.source[self._begins], self._axonal[self._begins]
        self.first_source, self.end_source = (int(sources[0]), int(sources[-1]) + 1) if sources.size else (0, 0)
        rows_of = np.searchsorted(sources, np.arange(self.first_source, self.end_source + 1))
        tables = (rows_of, first, self._row_axonal)
        self._rows = [uploaded(device, table.astype(np.uint64)) for table in tables]
        self._slots = 1 << int(self._row_axonal.max(initial=0)).bit_length()
        self._due = [device.memory(max(8, size * self._slots)) for size in (4 * len(sources), 4 * len(sources), 8)]
        self._due[2].fill(0)

    # -- what it asks ----------------------------------------------------------------------------------------------

    @property
    def longest_dendritic(self) -> int:
        """The most steps that a spike of a target takes back."""
        return int(self._dendritic.max(initial=0))

    @property
    def postponed_until(self) -> int:
        """The last event of arrivals that were laid out anew."""
        return int(self._postponed.event.max(initial=-(1 << 40)))

    @property
    def every_step(self) -> bool:
        """Whether events have to be applied in their step."""
        return bool(self.info["flags"] & (CLOCKED | TRANSMITS)) or bool(self.info["post"]) or self.linked

    @property
    def linked(self) -> bool:
        """Whether it reads variables of its sources, or changes those of neurons."""
        return any("." in name for name in self.info["variables"])  # _source.v, _post.v

    def asks(self, flag: int) -> bool:
        """Whether the model has it."""
        return bool(self.info["flags"] & flag)

    def inputs(self) -> list[int]:
        """Return which inputs of the block's model get something."""
        if self.deaf:
            return []
        found = set(np.unique(self._input).tolist())
        return sorted(found | {j + distance for j in found for distance in self._further})

    def largest_input(self, bound: float) -> float:
        """Return the largest weight that is to be expected.

        There is one by now, and what the model's parameters bound it by may be far above; no more than 1,000 times it,
        as digits are lost by that. It never becomes less, so that what is in flight is seldom counted anew.
        """
        assert self._attached is not None
        weights = self._attached[0][0][list(self.info["variables"]).index("w")]
        largest = float(np.max(np.abs(weights), initial=0.0))
        expected = min(bound, _GROWTH * largest) if largest > 0 else bound
        self._largest = max(self._largest, largest, expected)
        return self._largest

    # -- as core.PlasticStore --------------------------------------------------------------------------------------

    def set_links(self, sources: Sequence[tuple[int, int]], changes: Sequence[tuple[int, bool, list[int]]]) -> None:
        """Know what is read and changed, as `core.PlasticStore`."""
        self._reads, self.changes = list(sources), list(changes)
        self._key = None  # they are among the tables

    may_echo = False  # each synapse has one thread of the device, which waits for no other

    @property
    def n_bytes(self) -> int:
        """Memory of the synapses."""
        return self.books.n_bytes

    def numbers(self, thread: int) -> NDArray[np.uint32]:
        """Return the number of each synapse."""
        return self.books.numbers(thread)

    def row_first(self, thread: int) -> NDArray[np.int64]:
        """Return the first synapse of each row, and the end of the last."""
        return self.books.row_first(thread)

    def attach(self, thread: int, arrays: tuple[Any, ...], by_row: bool, strides: Sequence[int],
               post: Sequence[NDArray[Any]], stream: int) -> None:  # fmt: skip
        """Know where the state is, which is that of the host."""
        self._attached = (arrays, by_row, list(strides), list(post), stream)
        self._ahead, self._key = False, None
        self._uploaded = [None] * len(self._fields())
        self.books.attach(thread, arrays, by_row, strides, post, stream)

    def set_switches(self, transmits: bool, held: int, period: int, offset: int) -> None:
        """Say what the synapses do at all."""
        self._switches = (transmits, held, period, offset)
        self.books.set_switches(transmits, held, period, offset)

    def catch_up(self, thread: int, last: int) -> None:
        """Apply what targets and modulators have sent."""
        self._prepare()
        self.books.catch_up(thread, last)

    def settle(self, first: int, end: int, last: int) -> None:
        """Make spikes of targets arrive whose delays became shorter."""
        self._prepare()
        self.books.settle(first, end, last)

    def observe(self, thread: int, index: NDArray[np.uint64], variable: int, last: int) -> NDArray[np.float64]:
        """Return a variable of some synapses."""
        self._prepare()
        return self.books.observe(thread, index, variable, last)

    # -- on their way ----------------------------------------------------------------------------------------------

    def _arrivals(self, after: int) -> Arrivals:
        """What arrives after an event."""
        n_rows = len(self._begins)
        n_due = self._due[2].download(np.uint64, self._slots)
        found = [self._postponed.of(self._postponed.event > after)]
        for event in range(after + 1, after + self._slots + 1):
            slot = event % self._slots
            n, at = int(n_due[slot]), 4 * slot * n_rows
            if not n:
                continue
            rows, times = (memory.download(np.uint32, n, at) for memory in self._due[:2])
            rows = np.repeat(rows, times).astype(np.int64)
            repeat = np.concatenate([np.arange(count) for count in times])
            synapse = np.concatenate([np.arange(self._begins[r], self._begins[r] + self._sizes[r]) for r in rows])
            emitted = np.repeat(event - self._row_axonal[rows], self._sizes[rows])
            columns = (np.full(synapse.size, event), emitted, synapse, np.repeat(repeat, self._sizes[rows]))
            found.append(Arrivals(*columns, self._delay[synapse]))
        return joined(found)

    def export_pending(self, after: int) -> Columns:
        """Return the arrivals after an event."""
        a = self._arrivals(after)
        number, repeat = self._numbers[a.synapse], a.repeat.astype(np.uint32)
        return a.event, a.emitted, number, repeat, a.delay.astype(np.int32)

    def import_pending(self, event: NDArray[np.int64], emitted: NDArray[np.int64], number: NDArray[np.uint32],
                       repeat: NDArray[np.uint32], delay: NDArray[np.int32], after: int) -> None:  # fmt: skip
        """Take those of these arrivals that are on their way to synapses of this store."""
        order = np.argsort(self._numbers)
        place = np.searchsorted(self._numbers[order], number)
        synapse = order[np.minimum(place, order.size - 1)]
        columns = (event, emitted, synapse, repeat, delay)
        arrivals = Arrivals(*(np.asarray(column).astype(np.int64) for column in columns))
        self._postponed = arrivals.of(self._numbers[synapse] == number)

    def clear_due(self) -> None:
        """Forget all arrivals."""
        self._postponed = NO_ARRIVALS
        self._due[2].fill(0)

    def drop_due(self, targets: NDArray[np.uint32], after: int) -> None:
        """Forget arrivals at synapses of some targets."""
        arrivals = self._arrivals(after)
        self.clear_due()
        self._postponed = arrivals.of(~np.isin(self.target[arrivals.synapse], targets))

    # -- runs ------------------------------------------------------------------------------------------------------

    def _of_row(self, field: int) -> bool:
        """Whether the host has one element a row of this one: see `PlasticStore` of native/plastic_store.py."""
        n, shared = len(self.info["variables"]), self.info["row_variables"]
        if field < n:
            return bool(shared >> field & 1)
        return bool(shared) and field - n in (_LAST_PRE, _ROW_FROM)

    def _fields(self) -> list[NDArray[Any] | None]:
        assert self._attached is not None
        arrays = self._attached[0]
        return [*arrays[0], *arrays[2:]]

    def begin_run(self, model: int, block: DeviceBlock, place: NDArray[np.int64], ring_bits: int, trains: int,
                  modulator: int, dt_ms: float, seed: int) -> Words:  # fmt: skip
        """Upload what has changed since the last run, and return the words of `pa::cuda::PlasticStore`."""
        assert self._attached is not None
        strides, post, stream = self._attached[2:]
        of_target = [block.memory[next(k for k, s in enumerate(block.states) if s is values)] for values in post]
        key = (ring_bits, block.first_lane, block.lanes, *(memory.address for memory in of_target))
        if not self._ahead:
            self._upload_state()
        if key != self._key:
            self._key = key
            self._upload_tables(block, place, ring_bits, strides, of_target)
        self._ahead = True
        address = [0 if memory is None else memory.address for memory in self._uploaded]
        counters = address[len(self.info["variables"]) :]
        variables, table, stride, lane_at, dendritic, number, target, post_at, further = (m.address for m in self._kept)
        transmits, held, period, offset = self._switches
        synapses: Words = [variables, table, stride, lane_at, dendritic, 1, number, *counters[:5], target]
        synapses += [trains, 0, 0, 0, self.modulator_delay, post_at if post else 0, float(dt_ms), seed]
        synapses += [stream | held << 32, 0, counters[_ROW_FROM], 0, 0, *[0] * 6]  # nothing is by_row or by_target
        n_groups, self._groups = uploaded_arrivals(self._device, self._postponed, self._delay)
        n, n_rows = len(self._numbers), len(self._begins)
        own: Words = [model, n, n_rows, self.first_source, self.end_source, *(m.address for m in self._rows)]
        own += [*(memory.address for memory in self._due), self._slots - 1, self.late, transmits, self.every_step]
        own += [self.deaf, len(self._further), further, period, offset, self._ahead_steps, modulator, *self._links]
        return [*synapses, *own, n_groups, *(memory.address for memory in self._groups)]

    def _upload_state(self) -> None:
        assert self._attached is not None
        by_row, n = self._attached[1], len(self._numbers)
        for field, array in enumerate(self._fields()):
            if array is None:
                continue
            values = (np.repeat(array, self._sizes) if by_row and self._of_row(field) else array)[:n]
            memory = self._uploaded[field]
            if memory is None:
                self._uploaded[field] = uploaded(self._device, values)
                self._key = None  # a table has its address
            elif n:
                memory.upload(np.ascontiguousarray(values))

    def _upload_tables(
        self,
        block: DeviceBlock,
        place: NDArray[np.int64],
        ring_bits: int,
        strides: Sequence[int],
        of_target: Sequence[Memory],
    ) -> None:
        """Upload what stays as it is while parameters and the layout do."""
        assert self._attached is not None
        device, n = self._device, len(self._numbers)
        (variables, constants, *_) = self._attached[0]
        address = [0 if memory is None else memory.address for memory in self._uploaded]
        position = place[self.target]
        lanes = np.zeros(n, np.uint64) if self.deaf else block.first_lane + self._input * block.lanes + position
        lane = (self._delay.astype(np.uint64) << np.uint64(ring_bits)) | lanes.astype(np.uint64)
        self._constants = [uploaded(device, array) for array in constants]
        arrays = (
            words(address[: len(variables)]),
            words([memory.address for memory in self._constants]),
            np.array(strides, np.uint32),
            lane.astype(np.uint32),
            self._dendritic.astype(np.uint16),
            self._numbers,
            position.astype(np.uint32),
            words([memory.address for memory in of_target]),
            words([distance * block.lanes for distance in self._further]),
        )
        self._kept = [uploaded(device, array) for array in arrays]
        self._links = self._uploaded_links()

    def _uploaded_links(self) -> Words:
        """What is read of sources and whether neurons are changed, in words of `pa::cuda::PlasticStore`."""
        if not self._reads:
            return [0, 0, 0, 0, bool(self.changes)]
        arrays = (self.source.astype(np.uint32), self._axonal.astype(np.uint32))
        table = words([number for link in self._reads for number in link])
        self._seen = [uploaded(self._device, array) for array in (table, *arrays)]
        return [len(self._reads), *(memory.address for memory in self._seen), bool(self.changes)]

    def additions(self, place: NDArray[np.int64], block_of: NDArray[np.int64]) -> list[Additions]:
        """Return what is added to neurons, whose positions and blocks are given by number; when the state is up."""
        found = []
        for variable, of_source, states in self.changes:
            neurons = self.source if of_source else self.target
            memory = self._uploaded[variable]
            assert memory is not None
            size = memory.nbytes // max(len(self._numbers), 1)
            at = np.uint64(memory.address) + np.arange(len(neurons), dtype=np.uint64) * np.uint64(size)
            for block, state in enumerate(states):
                here = np.flatnonzero(block_of[neurons] == block)
                if here.size and state >= 0:
                    order = (self._numbers[here].astype(np.int64), np.full(here.size, variable))
                    found.append(Additions(block, state, place[neurons[here]], *order, at[here]))
        return found

    def fetch(self) -> None:
        """Bring the state to the host, which may change it until the next run."""
        if not self._ahead:
            return
        assert self._attached is not None
        by_row, n = self._attached[1], len(self._numbers)
        for field, (array, memory) in enumerate(zip(self._fields(), self._uploaded, strict=True)):
            if array is None or memory is None:
                continue
            values = memory.download(array.dtype, n)
            if by_row and self._of_row(field):
                array[: len(self._begins)] = values[self._begins]
            else:
                array[:n] = values
        self._ahead = False
