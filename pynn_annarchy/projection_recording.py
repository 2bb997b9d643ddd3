"""Recording of weights and other variables of connections, as Neo blocks like those of populations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import neo
import numpy as np
from numpy.typing import NDArray
from pyNN import errors

from . import simulator
from .connections import Connection
from .connectors.limits import is_conductance
from .learning_switches import whole_steps
from .recording import check_file, interval_in_steps, variable_names, write_block
from .segment_data import SegmentData, Traces, merged_traces
from .synapse_values import WEIGHT, SynapseValues

if TYPE_CHECKING:
    from .native.recording import Sampled
    from .native.structure import Rearrangement
    from .native.synapse_recording import SynapseSignal

Index = NDArray[np.intp]


class RecordedProjection:
    """What a projection offers for recording, in the manner of populations."""

    label: str
    post: Any
    receptor_type: str
    synapse_type: Any
    _native: Any
    _network: Any
    _values: SynapseValues
    _recorder: ProjectionRecorder | None = None

    @property
    def recordable(self) -> list[str]:
        """What can be recorded of the connections: the weight, if it changes by itself, and state variables."""
        return [] if self.synapse_type.text is None else ["weight", *self._values.variables]

    def record(
        self,
        variables: str | Iterable[str] | None,
        to_file: Any = None,
        sampling_interval: float | None = None,
        indices: Any = None,
        offset: float = 0.0,
    ) -> None:
        """Record the weight or state variables of connections from now on.

        Parameters
        ----------
        variables
            A name or several; `recordable` lists them. None ends all recording from the projection.
        to_file
            A file name or a Neo IO object: what was recorded is written there by `end()`.
        sampling_interval
            In ms, a multiple of the time step.
        offset
            In ms: when the first sample is, counted from now.
        indices
            Which connections, in the order of ``get(format="list")``: a slice, indices, truth values or, as in
            ``projection[:3]``, the connections themselves; all by default.
        """
        if variables is None:
            if self._recorder is not None:
                self._recorder.stop()
            return
        check_file(to_file)
        recorder = self._recorder or ProjectionRecorder(self)
        recorder.record(variables, _chosen(indices, self), sampling_interval, offset)  # type: ignore[arg-type]
        self._recorder = recorder
        if to_file:
            simulator.state.write_on_end.append((self, variables, to_file))

    def get_data(
        self,
        variables: str | Iterable[str] = "all",
        gather: bool = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> neo.Block:
        """Return what was recorded as a Neo block with one segment for each run since a `reset()`.

        Signals have array annotations: `channel_index` is the index of a connection in the order of
        ``get(format="list")``, `presynaptic_index` and `postsynaptic_index` are those of its cells. Samples of a
        connection that has been pruned are NaN from then on, and its `channel_index` is negative; one that has been
        created is recorded when it is asked for by `record()`.

        Parameters
        ----------
        variables
            "all", a name or several.
        gather
            Has no meaning in a single process.
        clear
            Whether to forget what is returned.
        annotations
            To be added to the block.
        """
        return self._recorded().get(variables, clear, annotations)

    def write_data(
        self,
        io: Any,
        variables: str | Iterable[str] = "all",
        gather: bool = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> None:
        """Write what was recorded to a file, given by name, or to a Neo IO object; see `get_data`."""
        write_block(self._recorded().get(variables, clear, annotations), io)

    def _recorded(self) -> ProjectionRecorder:
        if self._recorder is None:
            raise errors.NothingToWriteError(f"nothing is recorded from {self.label}, call record() first")
        return self._recorder

    def native_signal(self, variable: str, index: Index, interval_steps: int, offset_steps: int = 0) -> Sampled:
        """Begin to sample a variable of some connections."""
        own = WEIGHT if variable == "weight" else variable
        if own not in self._native.kernel.variables:
            from .constant_signal import ConnectionSignal  # here: the package can be imported without its compiled core

            return ConnectionSignal(self, variable, index, interval_steps, offset_steps)
        signal: SynapseSignal = self._native.record(
            own, self._values.stored_at(own, index), interval_steps, offset_steps
        )
        return signal

    def find_units(self, variable: str) -> str:
        """Return the unit of the weight or of a state variable."""
        if variable == "weight":
            return weight_unit(self.post, self.receptor_type)
        if variable not in self._values.variables:
            raise KeyError(f"{type(self.synapse_type).__name__} has no variable {variable!r}")
        return str(self.synapse_type.text.units.get(variable, "dimensionless"))


def weight_unit(cells: Any, receptor: str) -> str:
    """Return the unit of weights of connections onto a receptor of some cells."""
    conductance = is_conductance(cells, receptor)
    if conductance is None:
        return "dimensionless"
    if conductance:
        return "uS"
    members = getattr(cells, "populations", [cells])
    return "mV" if getattr(members[0].celltype, "voltage_based_synapses", False) else "nA"


def _chosen(indices: Any, projection: Any) -> Index:
    """Return the indices of connections that a user means."""
    size = len(projection)
    if indices is None:
        return np.arange(size)
    if isinstance(indices, slice):
        return np.arange(size)[indices]
    if isinstance(indices, Connection):
        indices = [indices]
    if isinstance(indices, Sequence) and any(isinstance(c, Connection) for c in indices):
        if not all(isinstance(c, Connection) and c.projection is projection for c in indices):
            raise TypeError(f"indices={indices!r} are not all of them connections of {projection.label}")
        indices = [c.index for c in indices]
    chosen = np.atleast_1d(np.asarray(indices))
    if chosen.dtype == bool and chosen.shape == (size,):
        return np.flatnonzero(chosen)
    if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
        raise TypeError(f"indices={indices!r} is neither a slice nor a list of whole numbers or of {size} truth values")
    wrong = (chosen < -size) | (chosen >= size)
    if wrong.any():
        raise IndexError(f"connection {chosen[wrong][0]} of a projection that has {size}")
    return np.asarray(chosen % max(size, 1), dtype=np.intp)


@dataclass(frozen=True, eq=False, kw_only=True)
class ConnectionData(SegmentData):
    """What was recorded from one projection between two resets: `ids` are indices of connections.

    Attributes
    ----------
    ends
        The cells of each connection, by its index.
    """

    ends: Mapping[int, tuple[int, int]]

    def _signal(self, traces: Traces) -> neo.AnalogSignal:
        signal = super()._signal(traces)
        ends = np.array([self.ends[k] for k in traces.ids.tolist()], dtype=np.intp).reshape(-1, 2)
        signal.array_annotate(presynaptic_index=ends[:, 0], postsynaptic_index=ends[:, 1])
        signal.annotations["source_projection"] = signal.annotations.pop("source_population")
        return signal


@dataclass
class Request:
    """Connections of which one variable has been recorded by one call.

    Attributes
    ----------
    index
        Of each connection now; -1, -2, ... of those that have been pruned.
    ends
        The indices of its two cells.
    """

    variable: str
    index: Index
    ends: NDArray[np.intp]
    interval: float
    signal: Sampled


class ProjectionRecorder:
    """Everything that is recorded from one projection.

    Connections may join at any time, and with their own sampling interval: what starts together is one signal in the
    segment, what starts later is another, with its own `t_start`.
    """

    def __init__(self, projection: Any) -> None:
        self._projection = projection
        self._network = projection._network
        self._requests: list[Request] = []
        self._finished: list[ConnectionData] = []
        self._cleared_at: float | None = None
        self._interval: float | None = None

    # ---- what is recorded --------------------------------------------------------------------------------------------

    def record(self, variables: str | Iterable[str], index: Index, interval: float | None, offset: float = 0.0) -> None:
        """Record variables of the connections at `index` from now on, in addition to what is recorded already."""
        self._check_alive()
        names = [self._projection.own_name(name) for name in variable_names(variables)]
        self._check_names(names)
        later = whole_steps("offset", offset)
        if interval is None:
            interval = self._interval or simulator.state.dt
        steps = interval_in_steps(interval)
        for request in self._requests:
            if request.variable in names and request.interval != interval and np.isin(request.index, index).any():
                raise ValueError(
                    f"{request.variable} of some of these connections is already recorded every {request.interval} ms, "
                    f"it cannot be recorded every {interval} ms too"
                )
        self._interval = float(interval)
        simulator.state.recorders.add(self)
        for name in names:
            known = [request.index for request in self._requests if request.variable == name]
            new = np.setdiff1d(index, np.concatenate(known)) if known else np.unique(index)
            if new.size:
                signal = self._projection.native_signal(name, new, steps, later)
                pre, post = self._projection.presynaptic_indices, self._projection.postsynaptic_indices
                ends = np.stack([pre[new], post[new]], axis=1)
                self._requests.append(Request(name, new, ends, self._interval, signal))

    def follow(self, change: Rearrangement) -> None:
        """Go on with the connections that are left when some have come or gone."""
        lowest = min([0, *(int(r.index.min(initial=0)) for r in self._requests)])
        for request in self._requests:
            now = change.places(request.index)
            pruned = (now < 0) & (request.index >= 0)
            now[pruned] = [self._gone(int(k), lowest) for k in request.index[pruned]]
            request.index = np.where(request.index < 0, request.index, now)

    @staticmethod
    def _gone(index: int, lowest: int) -> int:
        return lowest - 1 - index  # the same for all variables of a connection, and for no other one

    def _check_names(self, names: Iterable[str]) -> None:
        model, known = type(self._projection.synapse_type).__name__, self._projection.recordable
        for name in names:
            if name not in known:
                raise ValueError(f"{name!r} of {model} cannot be recorded; what can is {', '.join(known) or 'nothing'}")

    def stop(self) -> None:
        """Record no more."""
        self._check_alive()
        for request in self._requests:
            request.signal.stop()
        self._requests = []

    def _check_alive(self) -> None:
        if self._network is not simulator.state.network:
            raise RuntimeError(f"{self._projection.label} belongs to a simulation that a later setup() has replaced")

    # ---- what was recorded -------------------------------------------------------------------------------------------

    def get(self, variables: str | Iterable[str], clear: bool, annotations: Mapping[str, Any] | None) -> neo.Block:
        """Return recorded data as a Neo block with one segment for each run since a `reset()`."""
        self._check_alive()
        projection = self._projection
        names = None if variables == "all" else [projection.own_name(name) for name in variable_names(variables)]
        self._check_names(names or ())
        block = neo.Block(name=projection.label, description=str(projection.describe()))
        for data in self._segments():
            segment = (data if names is None else data.only(names)).to_neo()
            block.segments.append(segment)
            segment.block = block
        if block.segments:
            block.rec_datetime = block.segments[0].rec_datetime
        block.annotate(size=len(projection), simulator=simulator.name, dt=simulator.state.dt, **projection.annotations)
        block.annotate(**(annotations or {}))
        if clear:
            self._clear()
        return block

    def _segments(self) -> Iterator[ConnectionData]:
        yield from self._finished
        if simulator.state.running:
            yield self._current()

    def _current(self, annotations: Mapping[str, Any] | None = None) -> ConnectionData:
        projection = self._projection
        return ConnectionData(
            number=simulator.state.segment_counter,
            population=projection.label,
            first_id=0,
            description=str(projection.describe()),
            t_stop=simulator.state.t,
            traces=merged_traces(self._traces(request) for request in self._requests),
            spikes=[],
            annotations=dict(annotations or {}),
            ends={int(k): (i, j) for r in self._requests for k, (i, j) in zip(r.index, r.ends.tolist(), strict=True)},
        )

    def _traces(self, request: Request) -> Traces:
        return Traces(
            request.variable,
            self._projection.find_units(request.variable),
            request.index.astype(np.int64),
            request.signal.samples().astype(np.float64, copy=False),
            request.signal.first_step * simulator.state.dt,
            request.interval,
        )

    # ---- forgetting --------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._finished.clear()
        self._cleared_at = simulator.state.t
        for request in self._requests:
            request.signal.clear()

    def store_to_cache(self, annotations: Mapping[str, Any] | None = None) -> None:
        """Keep the data of the segment that a reset is about to end, unless nothing has happened in it."""
        if simulator.state.t > (self._cleared_at or 0.0):
            self._finished.append(self._current(annotations))
        self._cleared_at = None
