"""What neurons transmit in every step: continuous synapses, and inputs that are reductions over a population."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core
from .arrays import aligned_zeros, values_for
from .block import Block
from .lent import Lent
from .projection import steps
from .published import Published
from .row_layout import rows_by_target
from .rows import LOCAL, POSTSYNAPTIC, PROJECTION, RowsProjection
from .rows_recording import RowsSignal
from .synapse_links import check_variables, longest_look

if TYPE_CHECKING:
    from .kernels import Kernel, RowsKernel
    from .network import Network
    from .population import Population

MAX_SYNAPSES = 1 << 32
_LOCALITY = {LOCAL: 0, POSTSYNAPTIC: 1, PROJECTION: 2}
_REDUCED = re.compile(r"(mean|max|min|norm1|norm2)\((\w+)\)")
_REDUCED_OF = re.compile(r"(mean|max|min|norm1|norm2)\((pre|post)\.(.+)\)")


def continuous_input(kernel: Kernel, receptor: str, direct: bool = False) -> str | None:
    """Return the input that continuous synapses onto a receptor type go to, or None if the model has none."""
    names = (receptor,) if direct else (f"sum({receptor})", "sum()")
    return next((name for name in names if name in kernel.receptors), None)


class Store(NamedTuple):
    """Rows of one projection onto one block."""

    projection: RowsProjection
    block: int
    first_row: int
    end_row: int


class Continuous:
    """All continuous synapses of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.projections: list[RowsProjection] = []
        self._stores: list[Store] = []
        self._published: Lent[Published | None] = Lent(None)
        self._size = 0
        self._alive: list[Any] = []

    # -- building ------------------------------------------------------------------------------------------------------

    def add(
        self,
        kernel: RowsKernel,
        sources: NDArray[np.uint32],
        targets: NDArray[np.uint32],
        receptor: str,
        parameters: Mapping[str, ArrayLike],
        variables: Mapping[str, ArrayLike],
        delay_steps: ArrayLike,
    ) -> RowsProjection:
        """Add synapses between neurons of these numbers."""
        self.check(kernel, sources, targets, receptor)
        self.check_room(sources.size)
        layout = rows_by_target(sources, targets, self._network.block_numbers(targets))
        projection = RowsProjection(self._network, kernel, layout, receptor, self._size)
        projection.delay_steps = steps(values_for(delay_steps, sources.size, "delay_steps"))
        projection.give(parameters, variables)
        self.projections.append(projection)
        self._size += sources.size
        self.changed()
        return projection

    def check_room(self, added: int) -> None:
        """Refuse more synapses than there are numbers: a number is never used again."""
        if self._size + added >= MAX_SYNAPSES:
            raise ValueError(f"{self._size + added} continuous synapses; allowed are {MAX_SYNAPSES - 1}")

    def number(self, added: int) -> int:
        """Return the first of the numbers of new synapses."""
        self._size += added
        return self._size - added

    def check(
        self, kernel: RowsKernel, sources: NDArray[np.uint32], targets: NDArray[np.uint32], receptor: str
    ) -> None:
        """Refuse synapses between neurons that lack what the model reads or acts on."""
        network = self._network
        if kernel.precision != network.precision:
            raise ValueError(
                f"{kernel.name} was compiled for {kernel.precision!r}, the network is {network.precision!r}"
            )
        for neurons, side in ((sources, "pre"), (targets, "post")):
            read = kernel.pre if side == "pre" else kernel.post
            reduced = [m[3] for m in map(_REDUCED_OF.fullmatch, kernel.globals) if m is not None and m[2] == side]
            for population in network.populations_of(neurons):
                check_variables(f"{kernel.name} reads", side, (*read, *reduced), population)
        for population in network.populations_of(targets):
            if kernel.direct and continuous_input(population.kernel, receptor, direct=True) is None:
                spikes = [name for name in population.kernel.receptors if "(" not in name]
                raise ValueError(
                    f"{population.kernel.name} has no receptor {receptor!r} for spikes; it has "
                    f"{', '.join(spikes) or 'none'}"
                )
            if not kernel.direct and continuous_input(population.kernel, receptor) is None:
                sums = [name for name in population.kernel.receptors if name.startswith("sum(")]
                raise ValueError(
                    f"{population.kernel.name} does not read sum({receptor}); it reads {', '.join(sums) or 'no sum'}"
                )

    def changed(self) -> None:
        """The engine has to be told anew."""
        self._network.continuous_changed()

    @property
    def any(self) -> bool:
        """Whether neurons see each other in every step."""
        looks = any(p.size and p.kernel.sources for p in self._network.synapses.projections)
        return looks or any(p.size for p in self.projections) or bool(self._reduced_inputs())

    def _reduced_inputs(self) -> list[tuple[Population, int, str, str]]:
        """Inputs of populations that are a reduction: which input, the operation, the variable."""
        found = []
        for population in self._network.populations:
            for number, name in enumerate(population.kernel.receptors):
                match = _REDUCED.fullmatch(name)
                if match is not None:
                    found.append((population, number, match[1], match[2]))
        return found

    def reset(self) -> None:
        """Bring every variable back to its initial values, and forget what was published."""
        for projection in self.projections:
            projection.restore()
        self._published = Lent(None)

    # -- layout --------------------------------------------------------------------------------------------------------

    def lend(self, fetch: Callable[[], None]) -> None:
        """Values of variables are elsewhere until somebody asks for them: ``fetch`` brings all of them."""
        for projection in self.projections:
            projection.lend(fetch)
        self._published.lend(fetch)

    def build(self, engine: core.Engine, blocks: Sequence[Block], stream: int) -> None:
        """Tell the engine about all of it."""
        network = self._network
        longest = max((p.delay_range_steps[1] for p in self.projections if p.delay_range_steps), default=1)
        longest = max(longest, longest_look(network.synapses.projections))
        before = self._published.here
        slots = max(longest + 1, 2, 0 if before is None else before.slots)
        published = Published(slots, network.size, network.real)
        self._stores = [store for p in self.projections if p.size for store in self._split(p, blocks)]
        self._alive = []
        stores = [self._store(store, blocks, published, stream) for store in self._stores]
        inputs = []
        for population, number, operation, variable in self._reduced_inputs():
            neurons = np.arange(population.first, population.first + population.size, dtype=np.uint32)
            reduction = published.reduction(operation, variable, neurons, {population.block.index})
            inputs.append((population.block.index, number, reduction, population.offset,
                           population.offset + population.size))  # fmt: skip
        network.synapses.link(list(blocks), published)
        published.fill(blocks, network.step, before)
        self._published = Lent(published)
        engine.set_rows(published.variables(blocks), published.reductions, stores, inputs)

    def _split(self, projection: RowsProjection, blocks: Sequence[Block]) -> list[Store]:
        targets = projection.layout.row_target
        numbers = np.broadcast_to(self._network.block_numbers(targets), targets.shape)
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(targets)]
        return [Store(projection, int(numbers[a]), a, b) for a, b in itertools.pairwise(edges)]

    def _store(self, store: Store, blocks: Sequence[Block], published: Published, stream: int) -> tuple[Any, ...]:
        projection, network = store.projection, self._network
        kernel, layout, block = projection.kernel, projection.layout, blocks[store.block]
        rows = slice(store.first_row, store.end_row)
        position = np.searchsorted(block.neuron[: block.size], layout.row_target[rows]).astype(np.uint32)
        from_blocks = set(np.atleast_1d(network.block_numbers(layout.row_source)).tolist())
        states = list(block.kernel.states)
        name = continuous_input(block.kernel, projection.receptor, kernel.direct)
        assert name is not None
        delay, switches = projection.delay_steps, projection.switches
        delays = np.array([delay], np.uint16) if isinstance(delay, int) else layout.walked(delay)
        number = None
        if kernel.draws:
            number = layout.walked(projection.numbers.array())
        constants = [self._constant(locality, value, rows) for locality, value in projection.constants(network.dt_ms)]
        variables = [self._variable(projection, name, rows) for name in kernel.variables]
        arrays = (
            np.ascontiguousarray(layout.begin[store.first_row : store.end_row + 1]),
            position,
            None if layout.contiguous else layout.row_source,
            np.ascontiguousarray(delays),
            variables,
            [array for _, array in constants],
            np.array([_LOCALITY[locality] for locality, _ in constants], np.uint32),
            number,
            np.ascontiguousarray(layout.row_target[rows]),
        )
        self._alive.append(arrays)
        return (
            kernel.address,
            store.block,
            block.kernel.receptors.index(name),
            [published.variable(name, from_blocks) for name in kernel.pre],
            [states.index(name) for name in kernel.post],
            [self._global(name, projection, published, store.block, from_blocks) for name in kernel.globals],
            arrays,
            int(layout.row_source[0]),
            layout.shared,
            stream,
            (
                switches.transmits,
                switches.transmits and switches.learns,
                not switches.changes_weight,
                store.first_row == 0,
            ),
            (switches.period_steps, switches.offset_steps),
        )

    def _global(
        self, name: str, projection: RowsProjection, published: Published, block: int, from_blocks: set[int]
    ) -> int:
        match = _REDUCED_OF.fullmatch(name)
        assert match is not None
        operation, side, variable = match.groups()
        network = self._network
        behind = {"pre": projection.layout.row_source, "post": projection.layout.row_target}[side]
        populations = network.populations_of(behind)
        neurons = np.concatenate([np.arange(p.first, p.first + p.size, dtype=np.uint32) for p in populations])
        blocks = {p.block.index for p in populations}
        return published.reduction(operation, variable, neurons, blocks)

    def _constant(self, locality: str, value: Any, rows: slice) -> tuple[str, NDArray[Any]]:
        whole = np.atleast_1d(np.asarray(value, self._network.real))
        array = aligned_zeros(whole[rows].size if locality == POSTSYNAPTIC else whole.size, self._network.real)
        array[:] = whole[rows] if locality == POSTSYNAPTIC else whole
        return locality, array

    def _variable(self, projection: RowsProjection, name: str, rows: slice) -> list[NDArray[Any]]:
        """The array that each thread uses."""
        array, locality = projection.arrays[name], projection.kernel.localities[name]
        if locality == PROJECTION:
            return [array[thread] for thread in range(self._network.threads)]
        return [array[rows] if locality == POSTSYNAPTIC else array] * self._network.threads

    def find(self, engine: core.Engine, signals: Sequence[RowsSignal]) -> None:
        """Tell recorders where their values are."""
        for signal in signals:
            places = []
            for number, store in enumerate(self._stores):
                if store.projection is signal.projection:
                    places += self._places(engine, number, store, signal)
            signal.recorder.find(places)

    def _places(
        self, engine: core.Engine, number: int, store: Store, signal: RowsSignal
    ) -> list[tuple[int, int, NDArray[np.uint64], NDArray[np.uint32]]]:
        projection, layout = signal.projection, signal.projection.layout
        locality = projection.kernel.localities[signal.variable]
        if locality == PROJECTION:
            n = len(signal.index)
            all_of_them = (number, 0, np.zeros(n, np.uint64), np.arange(n, dtype=np.uint32))
            return [all_of_them] if store.first_row == 0 else []
        threads = np.asarray(engine.rows_begin(number))
        if locality == POSTSYNAPTIC:
            at = row = signal.index.astype(np.int64)
        else:
            walked = np.arange(layout.size)
            at = np.where(signal.index < 0, -1, layout.created(walked)[signal.index])
            row = np.searchsorted(layout.begin.astype(np.int64), at, side="right") - 1
        found = []
        for thread in range(self._network.threads):
            low, high = store.first_row + threads[thread], store.first_row + threads[thread + 1]
            columns = np.flatnonzero((row >= low) & (row < high))
            if columns.size:
                here = at[columns] - (store.first_row if locality == POSTSYNAPTIC else 0)
                found.append((number, thread, here.astype(np.uint64), columns.astype(np.uint32)))
        return found
