"""The data of one segment as arrays, and their way into Neo's objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import neo
import numpy as np
import quantities as pq
from neo.core.spiketrainlist import SpikeTrainList
from numpy.typing import NDArray

from .spike_trains import RecordedTrains


@dataclass(frozen=True, eq=False)
class Traces:
    """Samples of one variable of some cells that share the time of the first sample and the interval.

    Attributes
    ----------
    ids
        The cells, ascending.
    samples
        One row a sample, one column a cell.
    """

    variable: str
    unit: str
    ids: NDArray[np.int64]
    samples: NDArray[np.float64]
    t_start: float
    interval: float

    def of(self, ids: NDArray[np.int64]) -> Traces:
        """Return the part that belongs to some of the cells."""
        wanted = np.isin(self.ids, ids)
        return self if wanted.all() else replace(self, ids=self.ids[wanted], samples=self.samples[:, wanted])


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes of some cells that have been recorded since the same time.

    Attributes
    ----------
    ids
        The recorded cells, ascending, whether they spiked or not.
    senders, times
        Which cell spiked when, ascending in time.
    """

    ids: NDArray[np.int64]
    senders: NDArray[np.int64]
    times: NDArray[np.float64]
    t_start: float

    def of(self, ids: NDArray[np.int64]) -> Spikes:
        """Return the part that belongs to some of the cells."""
        wanted = np.isin(self.ids, ids)
        if wanted.all():
            return self
        heard = np.isin(self.senders, self.ids[wanted])
        return replace(self, ids=self.ids[wanted], senders=self.senders[heard], times=self.times[heard])


@dataclass(frozen=True, eq=False)
class SegmentData:
    """What was recorded from one population between two resets."""

    number: int
    population: str
    first_id: int
    description: str
    t_stop: float
    traces: Sequence[Traces]
    spikes: Sequence[Spikes]
    annotations: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: datetime = field(default_factory=datetime.now)

    def of(self, ids: NDArray[np.int64]) -> SegmentData:
        """Return the part that belongs to some of the cells."""
        traces = [part for part in (t.of(ids) for t in self.traces) if part.ids.size]
        spikes = [part for part in (s.of(ids) for s in self.spikes) if part.ids.size]
        return replace(self, traces=traces, spikes=spikes)

    def only(self, variables: Collection[str]) -> SegmentData:
        """Return the part that belongs to some of the variables."""
        traces = [t for t in self.traces if t.variable in variables]
        return replace(self, traces=traces, spikes=self.spikes if "spikes" in variables else [])

    def to_neo(self) -> neo.Segment:
        """Return the Neo segment that PyNN's users expect."""
        segment = neo.Segment(
            name=f"segment{self.number:03d}", description=self.description, rec_datetime=self.recorded_at
        )
        segment.annotate(**self.annotations)
        for traces in self.traces:
            signal = self._signal(traces)
            segment.analogsignals.append(signal)
            signal.segment = segment
        if self.spikes:
            segment.spiketrains = self._spike_trains()
            segment.spiketrains.segment = segment
        return segment

    def _signal(self, traces: Traces) -> neo.AnalogSignal:
        return neo.AnalogSignal(
            np.array(traces.samples),  # the user's own, to change at will
            units=traces.unit,
            t_start=traces.t_start * pq.ms,
            sampling_period=traces.interval * pq.ms,
            name=traces.variable,
            channel_ids=traces.ids,
            source_population=self.population,
            array_annotations={"channel_index": traces.ids - self.first_id},
        )

    def _spike_trains(self) -> SpikeTrainList:
        if len(self.spikes) == 1:
            (spikes,) = self.spikes
            return self._trains_since(spikes, spikes.ids - self.first_id)
        # A list in Neo's array form has one t_start for all, and these cells were not all recorded from the same time.
        lists = [self._trains_since(spikes, (spikes.ids - self.first_id).tolist()) for spikes in self.spikes]
        trains = {train.annotations["channel_id"]: train for trains in lists for train in trains}
        return SpikeTrainList(items=[trains[id] for id in sorted(trains)])

    def _trains_since(self, spikes: Spikes, source_index: Sequence[int] | NDArray[np.int64]) -> RecordedTrains:
        return RecordedTrains.from_spike_time_array(
            spikes.times * pq.ms,
            spikes.senders,
            spikes.ids.tolist(),
            t_start=spikes.t_start * pq.ms,
            t_stop=self.t_stop * pq.ms,
            source_population=self.population,
            source_index=source_index,
        )


def merged_traces(parts: Iterable[Traces]) -> list[Traces]:
    """Join what has the same variable, first sample and interval; columns in order of the cells."""
    groups: dict[tuple[str, float, float], list[Traces]] = {}
    for part in parts:
        groups.setdefault((part.variable, part.t_start, part.interval), []).append(part)
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Traces]) -> Traces:
    ids = np.concatenate([traces.ids for traces in group])
    if len(group) == 1 and (np.diff(ids) > 0).all():
        return group[0]
    order = np.argsort(ids)
    samples = np.concatenate([traces.samples for traces in group], axis=1)
    return replace(group[0], ids=ids[order], samples=samples[:, order])


def merged_spikes(parts: Iterable[Spikes]) -> list[Spikes]:
    """Join what has been recorded since the same time."""
    groups: dict[float, list[Spikes]] = {}
    for part in parts:
        groups.setdefault(part.t_start, []).append(part)
    result = []
    for t_start, group in groups.items():
        senders = np.concatenate([spikes.senders for spikes in group])
        times = np.concatenate([spikes.times for spikes in group])
        order = np.argsort(times, kind="stable") if len(group) > 1 else slice(None)
        ids = np.sort(np.concatenate([spikes.ids for spikes in group]))
        result.append(Spikes(ids, senders[order], times[order], t_start))
    return result
