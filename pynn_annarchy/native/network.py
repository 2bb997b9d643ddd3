"""A network: add to it, run it, read it back. Many can live side by side; nothing here is global."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import core, synapse_links
from .arrays import values_for
from .block import Block
from .continuous import Continuous
from .coupling import GapJunctions, check_membrane, coupling_arrays
from .current import AnyCurrent, Current, NoiseCurrent, SineCurrent, StepCurrent
from .drawn_columns import AnyDrawer, AnyDrawing, Drawer
from .drawn_projection import DrawnProjection
from .neurons import Neurons
from .parallelism import AUTO, available_threads, helpful_threads
from .plastic import PlasticProjection
from .population import Population
from .projection import Projection, delay_range
from .recording import Sampled, Signal, SpikeRecord
from .rows import RowsProjection
from .rows_recording import RowsSignal
from .spec import Membrane
from .stopwatch import Stopwatch
from .stores import build_stores
from .synapse_recording import SynapseSignal
from .synapses import Synapses

if TYPE_CHECKING:
    from .kernels import Kernel, RowsKernel, SynapseKernel
    from .structure import Rearrangement

__all__ = ["Current", "Network", "NoiseCurrent", "PlasticProjection", "Population", "Projection", "Signal",
           "SineCurrent", "SpikeRecord", "StepCurrent", "SynapseSignal"]  # fmt: skip

# Bytes of state and of accumulated input per number.
PRECISIONS = {"double": (8, 8), "mixed": (8, 4), "single": (4, 4)}
MAX_WINDOW = 64  # longer ones gain nothing: the barrier is already paid by 64 steps
MAX_SIGNAL_BYTES = 1 << 28  # rows that are made ready at once for signals
# The upper bits of a random stream say what draws, the lower ones how often the network was reset. Elements within a
# stream are global numbers, so nothing that is added later changes what earlier elements draw.
NEURON_STREAMS, CURRENT_STREAMS, SYNAPSE_STREAMS, ROWS_STREAMS, STRUCTURE_STREAMS = (k << 28 for k in range(5))
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Network(Neurons):
    """Neurons, synapses, current sources and recordings, and the time loop over them.

    Parameters
    ----------
    dt_ms
        Length of a step.
    threads
        Number of threads, or "auto": as many as there are cores and as help. Results do not depend on it.
    seed
        Of everything that is random in the engine.
    precision
        ``"double"``, ``"mixed"`` (input is summed in single precision) or ``"single"``.
    """

    def __init__(self, *, dt_ms: float, threads: int | str = 1, seed: int = 0, precision: str = "double") -> None:
        if not (np.isfinite(dt_ms) and dt_ms > 0):
            raise ValueError(f"dt_ms is {dt_ms}; allowed are positive numbers")
        self._auto = threads == AUTO
        number = available_threads() if self._auto else threads
        if isinstance(number, str) or int(number) != number or not 1 <= number <= 1024:
            raise ValueError(f"threads is {threads!r}; allowed are whole numbers from 1 to 1024, and {AUTO!r}")
        if not 0 <= seed < 1 << 64:
            raise ValueError(f"seed is {seed}; allowed are whole numbers from 0 to 2**64 - 1")
        if precision not in PRECISIONS:
            raise ValueError(f"precision is {precision!r}; allowed are {', '.join(PRECISIONS)}")
        super().__init__()
        self.dt_ms, self.threads, self.seed = float(dt_ms), int(number), int(seed)
        self.working_threads = 1 if self._auto else self.threads
        self.precision = precision
        real_bytes, acc_bytes = PRECISIONS[precision]
        self.real: type[np.floating[Any]] = np.float64 if real_bytes == 8 else np.float32
        self._core: core.Engine | None = self._new_engine(real_bytes, acc_bytes)
        self._step = 0
        self._segment = 0
        self._running = False
        self._blocks: dict[tuple[int | str, ...], Block] = {}
        self._projections: list[Projection] = []
        self._currents: list[Current] = []
        self._junctions: list[GapJunctions] = []
        self._signals: list[Sampled] = []
        self._spike_records: list[SpikeRecord] = []
        self._stores: dict[Any, core.Store] = {}
        self.laying_out = Stopwatch()
        self.synapses = Synapses(self)
        self.continuous = Continuous(self)
        self._stale = {"blocks", "stores", "synapses", "currents", "coupling", "rows", "signals", "spikes"}

    def _new_engine(self, real_bytes: int, acc_bytes: int) -> core.Engine:
        return core.Engine(self.dt_ms, self.seed, self.threads, real_bytes, acc_bytes)

    # -- building ------------------------------------------------------------------------------------------------

    def add_population(
        self,
        kernel: Kernel,
        size: int,
        parameters: Mapping[str, ArrayLike] = NOTHING,
        initial_values: Mapping[str, ArrayLike] = NOTHING,
    ) -> Population:
        """Add neurons; they get the next global numbers, for ever."""
        self.engine()
        if kernel.precision != self.precision:
            raise ValueError(f"{kernel.name} was compiled for {kernel.precision!r}, the network is {self.precision!r}")
        if int(size) != size or size < 1 or self._size + size > np.iinfo(np.uint32).max:
            raise ValueError(f"a population of {size} neurons; allowed are whole numbers from 1")
        # neurons of one model that go by different names are neighbours, no more
        key: tuple[int | str, ...] = (kernel.address, *kernel.parameters, *kernel.states, *kernel.receptors)
        known = key in self._blocks
        block = self._blocks.get(key) or Block(kernel, len(self._blocks), self.real, self.dt_ms)
        # What the kernel was described with counts: models that differ in defaults only share one address and block.
        values, initial = {**kernel.parameters, **parameters}, {**kernel.states, **initial_values}
        population = Population(self, block, self._size, int(size), values, initial)
        if not known:
            self._blocks[key] = block
        self._populations.append(population)
        self._size += population.size
        self._stale.add("blocks")
        return population

    def add_projection(
        self,
        source: ArrayLike,
        target: ArrayLike,
        *,
        receptor: str,
        weight: ArrayLike,
        delay_steps: ArrayLike,
    ) -> Projection:
        """Add synapses, one for each element of ``source`` and ``target`` (global neuron numbers)."""
        self.engine()
        sources, targets = self.connected(source, target, receptor)
        projection = Projection(self, sources, targets, receptor, weight, delay_steps)
        self._projections.append(projection)
        self.projection_changed()
        return projection

    @cached_property
    def drawer(self) -> AnyDrawer:
        """What draws connections of which there are no lists."""
        return Drawer(self.threads)

    def add_drawn_projection(self, drawing: AnyDrawing, *, receptor: str) -> DrawnProjection:
        """Add static synapses that are drawn as they are laid out."""
        self.engine()
        projection = DrawnProjection(self, drawing, receptor)
        self._projections.append(projection)
        self.projection_changed()
        return projection

    def add_plastic_projection(
        self,
        kernel: SynapseKernel,
        source: ArrayLike,
        target: ArrayLike,
        *,
        receptor: str | Sequence[str],
        parameters: Mapping[str, ArrayLike] = NOTHING,
        variables: Mapping[str, ArrayLike] = NOTHING,
        delay_steps: ArrayLike,
        dendritic_steps: ArrayLike = 0,
        modulator: ArrayLike | None = None,
        modulator_delay_steps: int = 1,
    ) -> PlasticProjection:
        """Add synapses with state, one for each element of ``source`` and ``target`` (global neuron numbers).

        Input goes to each of the receptors, if there are several. ``dendritic_steps`` is the part of the delay behind
        the synapse. A model to which something happens at spikes of a modulator needs the numbers of those neurons.
        """
        engine = self.engine()
        receptors = (receptor,) if isinstance(receptor, str) else tuple(receptor)
        sources, targets = self.ends(source, target)
        self.check_spiking(sources, "source")
        if kernel.precision != self.precision:
            raise ValueError(f"{kernel.name} was compiled for {kernel.precision!r}, the network is {self.precision!r}")
        synapse_links.check(self, kernel, sources, targets, receptors)
        if (kernel.linked or kernel.transmits) and np.any(np.asarray(dendritic_steps)):
            raise ValueError(f"{kernel.name} has to do with neurons in every step: its delay is before the synapse")
        modulators = self._modulators(kernel, modulator, modulator_delay_steps)
        self.synapses.check_room(sources.size)
        projection = PlasticProjection(self, kernel, sources, targets, receptors, self.synapses.size)
        projection.take_delays(
            values_for(delay_steps, sources.size, "delay_steps"),
            values_for(dendritic_steps, sources.size, "dendritic_steps"),
        )
        projection.give_parameters(parameters, variables)
        if modulators is not None:
            projection.modulator = self.synapses.modulator(engine, modulators)
            projection.modulator_delay_steps = int(modulator_delay_steps)
        self.synapses.add(projection)
        self.synapses_changed("stores")
        return projection

    def add_rows_projection(
        self,
        kernel: RowsKernel,
        source: ArrayLike,
        target: ArrayLike,
        *,
        receptor: str,
        parameters: Mapping[str, ArrayLike] = NOTHING,
        variables: Mapping[str, ArrayLike] = NOTHING,
        delay_steps: ArrayLike = 1,
    ) -> RowsProjection:
        """Add continuous synapses, one for each element of ``source`` and ``target`` (global neuron numbers)."""
        self.engine()
        sources, targets = self.ends(source, target)
        return self.continuous.add(kernel, sources, targets, receptor, parameters, variables, delay_steps)

    def add_gap_junctions(
        self,
        source: ArrayLike,
        target: ArrayLike,
        *,
        conductance: ArrayLike,
        membranes: Mapping[Population, Membrane] | None = None,
    ) -> GapJunctions:
        """Add gap junctions, one for each element of ``source`` and ``target`` (global neuron numbers).

        Each lets the current ``conductance * (v_source - v_target)`` (uS, mV: nA) into its target and the opposite
        into its source. One of a cell with itself does nothing; several of one pair add up. ``membranes`` says what
        the membranes of populations are, where it is not a ``Membrane()``.
        """
        self.engine()
        sources, targets = self.ends(source, target)
        given = {} if membranes is None else membranes
        found = {p: given.get(p, Membrane()) for p in self.populations_of(np.concatenate([sources, targets]))}
        for population, membrane in found.items():
            check_membrane(population.kernel, membrane)
        junctions = GapJunctions(self, sources, targets, conductance, found)
        self._junctions.append(junctions)
        self.coupling_changed()
        return junctions

    def add_current(self, waveform: AnyCurrent) -> Current:
        """Add a current source; :meth:`Current.inject` says where it goes."""
        self.engine()
        current = Current(self, len(self._currents), waveform)
        self._currents.append(current)
        self.current_changed()
        return current

    # -- what handles report ---------------------------------------------------------------------------------------

    def add_signal(self, signal: Sampled) -> None:
        """Sample this from now on."""
        self.engine()
        self._signals.append(signal)
        self._stale.add("signals")

    def remove_signal(self, signal: Sampled) -> None:
        """Sample this no more."""
        self._signals = [s for s in self._signals if s is not signal]
        self._stale.add("signals")

    def add_spike_record(self, record: SpikeRecord) -> None:
        """Record these spikes from now on."""
        self.engine()
        self._spike_records.append(record)
        self._stale.add("spikes")

    def remove_spike_record(self, record: SpikeRecord) -> None:
        """Record these spikes no more."""
        self._spike_records = [r for r in self._spike_records if r is not record]
        self._stale.add("spikes")

    def projection_changed(self) -> None:
        """Weights, delays or synapses are others than the engine has."""
        self._stale |= {"blocks", "stores"}

    def structure_changed(self, projection: Any, change: Rearrangement) -> None:
        """Some of the synapses of a projection are others: what is sampled of them goes on."""
        for signal in self._signals:
            if getattr(signal, "projection", None) is projection:
                signal.follow(change)
        self._stale.add("signals")

    def bring_up_to_date(self) -> None:
        """Lay out now what the next run would lay out first."""
        with self.laying_out:
            self._lay_out(self.engine())

    def coupling_changed(self) -> None:
        """Gap junctions are others than the engine has."""
        self._stale |= {"blocks", "coupling"}

    def continuous_changed(self) -> None:
        """Continuous synapses are others than the engine has."""
        self._stale |= {"blocks", "rows"}

    def synapses_changed(self, what: str) -> None:
        """Synapses with state are others than the engine has (``"stores"``), or their parameters (``"constants"``)."""
        self._stale |= {"blocks", "synapses"} if what == "stores" else {"constants"}

    def current_changed(self) -> None:
        """Waveforms or their targets are others than the engine has."""
        self._stale.add("currents")

    def enabled_changed(self) -> None:
        """Other populations are enabled than the engine has been told."""
        self._stale.add("disabled")

    def has_gap_junctions(self, population: Population) -> bool:
        """Whether there are any between its neurons or to others."""
        return any(population in junctions.membranes for junctions in self._junctions if junctions.size)

    def clear_input(self, population: Population) -> None:
        """Forget what is on its way to the neurons of a population."""
        first = population.offset
        self.synapses.clear_input(self.engine(), population.block.index, first, first + population.size)

    # -- time ------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Number of steps done since the beginning or the last reset."""
        return self._step

    @property
    def window_steps(self) -> int:
        """Steps between two exchanges of spikes: the shortest delay, at most 64.

        Of synapses with state it is what a spike takes to the synapse, if they have to know what their targets do.
        """
        if any(junctions.size for junctions in self._junctions) or self.continuous.any:
            return 1  # cells see each other's variables in every step
        shortest, _ = delay_range(self._projections) or (MAX_WINDOW, 0)
        return self.synapses.window_limit(min(MAX_WINDOW, shortest))

    def delay_range_steps(self) -> tuple[int, int] | None:
        """Shortest and longest delay, or None without synapses."""
        return delay_range([*self._projections, *self.synapses.projections, *self.continuous.projections])

    @property
    def n_synapses(self) -> tuple[int, int]:
        """Synapses that transmit spikes, and continuous ones."""
        spiking = sum(p.size for p in self._projections) + sum(p.size for p in self.synapses.projections)
        return spiking, sum(p.size for p in self.continuous.projections)

    @property
    def structure_stream(self) -> int:
        """Random stream of rules by which synapses come and go."""
        return STRUCTURE_STREAMS | self._segment

    @property
    def current_stream(self) -> int:
        """Random stream of current sources."""
        return CURRENT_STREAMS | self._segment

    def engine(self) -> core.Engine:
        self.check_idle()
        if self._core is None:
            raise RuntimeError("this network is closed")
        return self._core

    def check_open(self) -> None:
        """Refuse what needs the engine, as :meth:`check_idle` and if there is none any more."""
        self.engine()

    def check_idle(self) -> None:
        """Refuse what would pull memory away from under a run (from its ``progress`` or another thread)."""
        if self._running:
            raise RuntimeError("this network is running")

    def run(self, n_steps: int, progress: Callable[[int], None] | None = None) -> int:
        """Advance by ``n_steps`` and return how many were done.

        Ctrl-C, or an exception of ``progress`` (called about every 100 ms with the step), stops at the end of a window:
        everything recorded so far can be read, and the exception is raised.
        """
        engine = self.engine()
        if int(n_steps) != n_steps or n_steps < 0:
            raise ValueError(f"a run of {n_steps} steps; allowed are whole numbers from 0")
        first_step, end_step = self._step, self._step + int(n_steps)
        self._running = True
        try:
            if n_steps:
                with self.laying_out:
                    self._lay_out(engine)
            for projection in self._projections:
                projection.forget_again()
            budget = MAX_SIGNAL_BYTES / max(sum(s.bytes_per_step for s in self._signals), 1.0)
            while self._step < end_step:
                self._run_slice(engine, min(end_step - self._step, max(int(budget), MAX_WINDOW)), progress)
        finally:
            self._running = False
        return self._step - first_step

    def _run_slice(self, engine: core.Engine, n_steps: int, progress: Callable[[int], None] | None) -> None:
        for signal in self._signals:
            signal.begin_run(self._step + n_steps)
        try:
            engine.run(n_steps, progress)
        finally:
            self._step = engine.step
            for signal in self._signals:
                signal.end_run(self._step)

    def reset(self) -> None:
        """Back to step 0: initial values, nothing in flight, fresh random numbers, recordings dropped."""
        engine = self.engine()
        engine.reset()
        self._step = 0
        self._segment += 1
        for population in self._populations:
            population.restore()
        self.synapses.reset()
        self.continuous.reset()
        for block in self._blocks.values():
            if block.schedule is not None:
                block.schedule.rewind()
        for current in self._currents:
            current.restart()
        for signal in self._signals:
            signal.clear()
        for record in self._spike_records:
            record.clear()
        self._stale |= {"blocks", "constants", "currents", "rows"}

    def close(self) -> None:
        """Free the engine's memory; recorded data stay readable."""
        self.engine()
        for signal in list(self._signals):
            signal.stop()
        self._core = None
        self._stores = {}

    # -- layout ----------------------------------------------------------------------------------------------------

    def _lay_out(self, engine: core.Engine) -> None:
        """Bring the engine up to date with whatever has changed; states, input in flight and recordings are kept."""
        blocks = list(self._blocks.values())
        refreshed = [block for block in blocks if block.stale]
        for block in refreshed:
            block.refresh()
        if refreshed or "blocks" in self._stale:
            _, longest = delay_range(self._projections) or (1, 1)
            early, late = self.synapses.ring_slots()
            if self._auto:  # never fewer than before: what a thread has kept is its own
                self.working_threads = max(self.working_threads, helpful_threads(self))
            arrays = [block.arrays(NEURON_STREAMS | self._segment) for block in blocks]
            slots, working = max(longest, early), self.working_threads
            if engine.lay_out(arrays, self._size, slots, self.window_steps, late, working):
                self._stores = {}
                self._stale |= {"stores", "synapses", "moved", "currents", "signals", "spikes", "disabled"}
            self._stale.add("constants")
            self._stale |= {"coupling", "rows"}  # capacitances may be others
        if "stores" in self._stale:
            self._stores = self._build_stores(engine)
            engine.set_stores(list(self._stores.values()))
        if "synapses" in self._stale:
            self.synapses.build(engine, blocks, "moved" in self._stale)
            self._stale |= {"constants", "signals"}
        if "constants" in self._stale and self.synapses.projections:
            self.synapses.attach(engine, blocks, SYNAPSE_STREAMS | self._segment)
        if "currents" in self._stale:
            engine.set_injections([(current.waveform, current.targets) for current in self._currents])
        if "coupling" in self._stale:
            engine.set_coupling(coupling_arrays(self._junctions, blocks))
        if "rows" in self._stale:
            self.continuous.build(engine, blocks, ROWS_STREAMS | self._segment)
            self._stale.add("signals")
        if "signals" in self._stale:
            sampled = [signal for signal in self._signals if isinstance(signal, SynapseSignal)]
            self.synapses.find(sampled)
            engine.set_recorders([signal.recorder for signal in self._signals if isinstance(signal, Signal)])
            engine.set_synapse_recorders([signal.recorder for signal in sampled])
            of_rows = [signal for signal in self._signals if isinstance(signal, RowsSignal)]
            self.continuous.find(engine, of_rows)
            engine.set_rows_recorders([signal.recorder for signal in of_rows])
        if "disabled" in self._stale:
            engine.set_disabled([block.disabled() for block in blocks])
        if "spikes" in self._stale:
            engine.set_spike_logs([(record.log, record.neurons) for record in self._spike_records])
        self._stale.clear()

    @property
    def static_bytes(self) -> int:
        """Bytes of static synapses as they were last laid out."""
        return sum(store.n_bytes for store in self._stores.values())

    def _build_stores(self, engine: core.Engine) -> dict[Any, core.Store]:
        exact = PRECISIONS[self.precision][1] == 8
        return build_stores(self, engine, self._projections, self._stores, exact=exact)

    def inputs_of(self, receptor: str) -> list[int]:
        """Which input of each block a receptor is, -1 where there is none."""
        receptors = [block.kernel.receptors for block in self._blocks.values()]
        return [names.index(receptor) if receptor in names else -1 for names in receptors]
