"""Recording from a population, as PyNN's Neo blocks."""

from __future__ import annotations

import numbers
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import neo
import numpy as np
from numpy.typing import NDArray
from pyNN import errors, recording

from . import simulator
from .firing_rate import RATE, RateSignal
from .other_backends import own_name
from .segment_data import SegmentData, Spikes, Traces, merged_spikes, merged_traces

if TYPE_CHECKING:
    from .native.recording import Sampled, SpikeRecord

SPIKES = "spikes"
_WRITABLE = (".nix", ".h5", ".nwb", ".pkl", ".pickle", ".mat")


@dataclass
class SignalRequest:
    """Cells of which one variable has been recorded by one call."""

    variable: str
    ids: NDArray[np.int64]
    interval: float
    signal: Sampled | RateSignal
    offset_steps: int = 0


@dataclass
class SpikeRequest:
    """Cells whose spikes have been recorded by one call."""

    ids: NDArray[np.int64]
    record: SpikeRecord
    since: float


class Recorder(recording.Recorder):
    """Everything that is recorded from one population.

    Cells may join at any time, and with their own sampling interval: what starts together is one signal in the segment,
    what starts later is another, with its own `t_start`.
    """

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._signals: list[SignalRequest] = []
        self._spikes: list[SpikeRequest] = []
        self._cleared_at: float | None = None

    # ---- what is recorded --------------------------------------------------------------------------------------------

    def record(
        self,
        variables: str | Iterable[str],
        ids: Any,
        sampling_interval: float | None = None,
        locations: Any = None,
        offset_steps: int = 0,
    ) -> None:
        """Record variables of the cells in `ids`, in addition to what is recorded already.

        The first sample is `offset_steps` after now.
        """
        names = self._names(variables, locations)
        for name in names:
            if not self.population.can_record(own_name(self.population.celltype, name)):
                raise errors.RecordingError(name, self.population.celltype)
        if sampling_interval is not None:
            self._check_interval(sampling_interval, names, ids, offset_steps)
            self.sampling_interval = float(sampling_interval)
        for name in names:
            variable = recording.Variable(name, None, None)
            known = np.fromiter(self.recorded[variable], dtype=np.int64)
            new = np.setdiff1d(np.asarray(ids, dtype=np.int64), known)
            self.recorded[variable].update(self.population.all_cells[new - int(self.population.first_id)])
            if new.size:
                self._record(variable, new, offset_steps=offset_steps)

    def _record(
        self,
        variable: recording.Variable,
        new_ids: NDArray[np.int64],
        sampling_interval: Any = None,
        offset_steps: int = 0,
    ) -> None:
        native = self.population.native
        index = new_ids - int(self.population.first_id)
        if variable.name == SPIKES:
            self._spikes.append(SpikeRequest(new_ids, native.record_spikes(index), simulator.state.t))
        else:
            steps, rate = simulator.state.steps(self.sampling_interval), self.population.firing_rate
            own = own_name(self.population.celltype, variable.name)
            signal: Sampled | RateSignal
            if rate is not None and variable.name == RATE:
                signal = rate.record(index, steps, offset_steps)
            elif own in native.kernel.states:
                signal = native.record(own, index, steps, offset_steps)
            else:
                signal = self._constant(own, index, steps, offset_steps)
            self._signals.append(SignalRequest(variable.name, new_ids, self.sampling_interval, signal, offset_steps))

    def _constant(self, name: str, index: NDArray[np.int64], steps: int, offset_steps: int) -> Sampled:
        from .constant_signal import ConstantSignal  # here: the package can be imported without its compiled core

        population = self.population

        def read() -> NDArray[np.float64]:
            return np.broadcast_to(population.get(name), (population.size,))[index].astype(float)

        return ConstantSignal(simulator.state.network, read, index.size, steps, offset_steps)

    def _names(self, variables: str | Iterable[str], locations: Any) -> list[str]:
        if locations is not None:
            raise NotImplementedError(f"locations={locations!r}: a point neuron is recorded as a whole")
        return variable_names(variables)

    def _check_interval(self, interval: float, names: Collection[str], ids: Any, offset_steps: int) -> None:
        interval_in_steps(interval)
        for request in self._signals:
            if request.variable in names and request.interval != interval and np.isin(request.ids, ids).any():
                raise ValueError(
                    f"{request.variable} of some of these cells is already recorded every {request.interval} ms, "
                    f"it cannot be recorded every {interval} ms too"
                )
            if request.variable in names and request.offset_steps != offset_steps and np.isin(request.ids, ids).any():
                raise ValueError(f"{request.variable} of some of these cells is already recorded with another offset")

    def _reset(self) -> None:
        for signal in self._signals:
            signal.signal.stop()
        for spikes in self._spikes:
            spikes.record.stop()
        self._signals, self._spikes = [], []

    def _check_alive(self) -> None:
        self.population.native  # noqa: B018 - raises if a later setup() has replaced the simulation

    # ---- what was recorded -------------------------------------------------------------------------------------------

    def get(
        self,
        variables: str | Iterable[str],
        gather: bool = False,
        filter_ids: Any = None,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        locations: Any = None,
    ) -> neo.Block:
        """Return recorded data as a Neo block with one segment for each run since a `reset()`."""
        self._check_alive()
        block = neo.Block(name=self.population.label, description=self.population.describe())
        for data in self._segments():
            if variables != "all":
                data = data.only(self._names(variables, locations))
            if filter_ids is not None:
                data = data.of(np.asarray(filter_ids, dtype=np.int64))
            segment = data.to_neo()
            block.segments.append(segment)
            segment.block = block
        if block.segments:
            block.rec_datetime = block.segments[0].rec_datetime
        block.annotate(**self.metadata)
        block.annotate(**(annotations or {}))
        if clear:
            self.clear()
        return block

    def _segments(self) -> Iterator[SegmentData]:
        yield from self.cache
        if simulator.state.running:
            yield self._current()

    def _current(self, annotations: Mapping[str, Any] | None = None) -> SegmentData:
        """Return the data since the last reset, or since they were last cleared."""
        population = self.population
        spikes = merged_spikes(self._spikes_of(request) for request in self._spikes)
        last_spikes = [part.times[-1] for part in spikes if part.times.size]
        return SegmentData(
            number=simulator.state.segment_counter,
            population=population.label,
            first_id=int(population.first_id),
            description=population.describe(),
            t_stop=max([simulator.state.t, *last_spikes]),  # 3 steps of 0.3 ms end just before a spike at 0.9 ms
            traces=merged_traces(self._traces(request) for request in self._signals),
            spikes=spikes,
            annotations=dict(annotations or {}),
        )

    def _traces(self, request: SignalRequest) -> Traces:
        samples = request.signal.samples().astype(np.float64, copy=False)
        own = own_name(self.population.celltype, request.variable)
        scale = self.population.celltype.variable_scales.get(own)
        return Traces(
            request.variable,
            self.population.find_units(own),
            request.ids,
            samples if scale is None else samples / scale,
            request.signal.first_step * simulator.state.dt,
            request.interval,
        )

    def _spikes_of(self, request: SpikeRequest) -> Spikes:
        senders, times = request.record.events()
        return Spikes(request.ids, senders.astype(np.int64), times, request.since)

    def write(
        self,
        variables: str | Iterable[str],
        file: Any = None,
        gather: bool = False,
        filter_ids: Any = None,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        locations: Any = None,
    ) -> None:
        """Write recorded data to a file, given by name, or to a Neo IO object."""
        destination = file or self.file
        if destination is None:
            raise errors.NothingToWriteError(f"no file was given for the data of {self.population.label}")
        data = self.get(variables, gather, filter_ids, clear, annotations, locations)
        write_block(data, destination)

    def count(self, variable: str, gather: bool = True, filter_ids: Any = None) -> dict[int, int]:
        """Return the number of spikes of each recorded cell."""
        if variable != SPIKES:
            raise ValueError(f"{variable!r} cannot be counted, only {SPIKES!r} can")
        self._check_alive()
        counts: dict[int, int] = {}
        for request in self._spikes:
            counts.update(zip(request.ids.tolist(), request.record.counts().tolist(), strict=True))
        if filter_ids is not None:
            counts = {id: counts[id] for id in np.asarray(filter_ids, dtype=int).tolist() if id in counts}
        return counts

    # ---- forgetting --------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget recorded data; what is recorded stays the same, and starts anew with the state of now."""
        self.cache.clear()
        self._cleared_at = simulator.state.t
        for signal in self._signals:
            signal.signal.clear()
        for spikes in self._spikes:
            spikes.record.clear()
            spikes.since = simulator.state.t

    def store_to_cache(self, annotations: Mapping[str, Any] | None = None) -> None:
        """Keep the data of the segment that a reset is about to end, unless nothing has happened in it."""
        if simulator.state.t > (self._cleared_at or 0.0):
            self.cache.store(self._current(annotations))
        self._cleared_at = None
        for spikes in self._spikes:
            spikes.since = 0.0
        if self.population.firing_rate is not None:
            self.population.firing_rate.restart()
        for signal in self._signals:
            if isinstance(signal.signal, RateSignal):
                signal.signal.restart()


def variable_names(variables: str | Iterable[str]) -> list[str]:
    """Return the names that a user gives, one or several."""
    names = [variables] if isinstance(variables, str) or not isinstance(variables, Iterable) else list(variables)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"variables are given by their names, not as {name!r}")
    return names


def check_file(destination: Any) -> None:
    """Raise PyNN's own error, now instead of at the end of the simulation, if a file name tells of no known format."""
    if isinstance(destination, str) and Path(destination).suffix not in _WRITABLE:
        recording.get_io(destination)


def interval_in_steps(interval: float) -> int:
    """Return a sampling interval in time steps, which has to be a whole number of them."""
    dt = simulator.state.dt
    if not isinstance(interval, numbers.Real) or isinstance(interval, bool):
        raise TypeError(f"sampling_interval = {interval!r} is not a time in ms")
    steps = interval / dt
    if not (steps >= 1 - 1e-9 and abs(steps - round(steps)) < 1e-6 * steps):
        raise ValueError(f"sampling_interval = {interval} ms is not a multiple of the time step of {dt} ms")
    return round(steps)


def write_block(block: neo.Block, destination: Any) -> None:
    """Write to a file, given by name, or to a Neo IO object; a file opened here is closed again."""
    io = recording.get_io(destination) if isinstance(destination, str) else destination
    try:
        io.write_block(block)
    finally:
        if isinstance(destination, str) and hasattr(io, "close"):
            io.close()
