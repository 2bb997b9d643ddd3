"""Recording into plain arrays, which can be paused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import cell_attributes, simulator
from .dendrites import Dendrite
from .learning_switches import whole_steps
from .other_backends import own_name
from .recording import variable_names

if TYPE_CHECKING:
    from .native.recording import Sampled

Array = NDArray[Any]
_SPIKES = ("spike", "spikes")


class Monitor:
    """Records variables of cells or connections, from now on until it is paused or stopped.

    It is independent of `record()`. Samples are those of the ends of time steps: a run of n steps gives n of them.

    Parameters
    ----------
    recorded
        A population, a view, a projection or a dendrite.
    variables
        Names of variables, parameters or "spike".
    period
        In ms: between two samples; a time step by default.
    period_offset
        In ms, less than the period: when the first sample is.
    start
        Whether to begin at once.

    Examples
    --------
    >>> monitor = Monitor(population, ["v", "spike"])
    >>> run(100.0)
    >>> v = monitor.get("v")  # a row for each step, a column for each cell
    """

    def __init__(
        self,
        recorded: Any,
        variables: str | Iterable[str],
        period: float | None = None,
        period_offset: float = 0.0,
        start: bool = True,
    ) -> None:
        self._recorded = recorded
        self.variables = variable_names(variables)
        if not self.variables:
            raise ValueError("a monitor needs a variable to record")
        self._period = 1 if period is None else whole_steps("period", period, at_least=1)
        self._offset = whole_steps("period_offset", period_offset)
        if self._offset >= self._period:
            raise ValueError(f"period_offset={period_offset} ms has to be less than the period of {period} ms")
        self._network = simulator.state.network
        self._sources: dict[str, _Source] = {name: _source(recorded, name) for name in self.variables}
        self._parts: dict[str, list[Any]] = {name: [] for name in self.variables}
        self._times: list[tuple[int, int | None]] = []
        self._running: dict[str, Any] = {}
        simulator.state.monitors.append(self)
        if start:
            self.start()

    # ---- when to record ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Record from now on."""
        self._check_alive()
        if self._running:
            return
        for name, source in self._sources.items():
            self._running[name] = source.begin(self._period, self._offset)
        self._times.append((self._network.step, None))

    resume = start

    def pause(self) -> None:
        """Record nothing until `resume()`; what has been recorded is kept."""
        self._check_alive()
        if not self._running:
            return
        for name, running in self._running.items():
            running.stop()
            self._parts[name].append(self._sources[name].take(running))
        self._running = {}
        self._times[-1] = (self._times[-1][0], self._network.step)

    def stop(self) -> None:
        """Record no more; what has been recorded can still be had."""
        self.pause()
        if self in simulator.state.monitors:
            simulator.state.monitors.remove(self)

    def restart(self, forget: bool) -> None:
        """Follow a reset of the time."""
        was_running = bool(self._running)
        self.pause()
        if forget:
            self._forget()
        if was_running:
            # a signal that begins now has its first step counted from now, and is cleared by the reset that follows
            self.start()
            self._times[-1] = (0, None)

    def _check_alive(self) -> None:
        if self._network is not simulator.state.network:
            raise RuntimeError("this monitor belongs to a simulation that a later setup() has replaced")

    def _forget(self) -> None:
        self._parts = {name: [] for name in self.variables}
        self._times = self._times[-1:] if self._running else []
        if self._running:
            self._times[-1] = (self._network.step, None)

    # ---- what was recorded -------------------------------------------------------------------------------------------

    def get(self, variables: str | Iterable[str] | None = None, keep: bool = False, reshape: bool = False) -> Any:
        """Return what has been recorded, and forget it.

        Parameters
        ----------
        variables
            A name, for which its data are returned, or several or none (all), for which a dict of them is.
        keep
            Whether to remember the data.
        reshape
            Whether each sample has the geometry of the population, instead of one row for all cells.

        Returns
        -------
        array or dict
            Of a variable, a row for each sample. Of spikes, for the index of each cell the times in ms.
        """
        self._check_alive()
        names = self.variables if variables is None else variable_names(variables)
        for name in names:
            if name not in self._sources:
                raise ValueError(f"{name!r} is not recorded; what is recorded: {', '.join(self.variables)}")
        found = {name: self._joined(name, keep, reshape) for name in names}
        if not keep and set(names) == set(self.variables):
            self._forget()
        return found[variables] if isinstance(variables, str) else found

    __getitem__ = get

    def _joined(self, name: str, keep: bool, reshape: bool) -> Any:
        source, parts = self._sources[name], self._parts[name]
        if name in self._running:
            parts = [*parts, source.take(self._running[name])]
        self._parts[name] = parts if keep else []
        return source.join(parts, reshape)

    def times(self) -> dict[str, dict[str, list[float]]]:
        """Return for each variable when recording has started and stopped, in ms; the last stop is now."""
        dt, now = simulator.state.dt, self._network.step
        starts = [round(start * dt, 9) for start, _ in self._times]
        stops = [round((now if stop is None else stop) * dt, 9) for _, stop in self._times]
        return {name: {"start": list(starts), "stop": list(stops)} for name in self.variables}


class _Source:
    """Where samples of one variable come from.

    Parameters
    ----------
    begin
        Begins to sample, given the steps between two samples and those before the first.
    shape
        Of one sample.
    """

    def __init__(self, begin: Callable[[int, int], Sampled], shape: tuple[int, ...]) -> None:
        self._begin = begin
        self._shape = shape

    def begin(self, interval: int, offset: int) -> Sampled:
        return self._begin(interval, offset + 1)  # the end of a step, not its beginning

    def take(self, signal: Sampled) -> Array:
        return np.asarray(signal.drain(), dtype=float)

    def join(self, parts: list[Array], reshape: bool) -> Array:
        size = int(np.prod(self._shape))
        samples = np.concatenate([np.empty((0, size)), *parts])
        return samples.reshape(-1, *self._shape) if reshape else samples


class _Spikes(_Source):
    """Spikes of some cells."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    def begin(self, interval: int, offset: int) -> Any:
        return self._cells._root.native.record_spikes(self._cells._root_index)

    def take(self, record: Any) -> Any:
        senders, times = record.events()
        events = np.array(senders), np.array(times)
        record.clear()
        return events

    def join(self, parts: list[Any], reshape: bool) -> Any:
        senders = np.concatenate([np.empty(0, int), *(part[0] for part in parts)])
        times = np.concatenate([np.empty(0), *(part[1] for part in parts)])
        return {k: times[senders == number] for k, number in enumerate(self._cells.neuron_numbers)}


def _source(recorded: Any, name: str) -> _Source:
    if isinstance(recorded, Dendrite):
        return _of_connections(recorded.projection, name, recorded.index)
    if hasattr(recorded, "synapse_type"):
        return _of_connections(recorded, name, np.arange(len(recorded)))
    if name in _SPIKES:
        if not recorded._root.native.kernel.spiking:
            raise ValueError(f"{recorded.label}: {type(recorded.celltype).__name__} does not spike")
        return _Spikes(recorded)
    return _of_cells(recorded, name)


def _of_connections(projection: Any, name: str, index: NDArray[np.intp]) -> _Source:
    own = projection.own_name(name)
    if own not in projection._readable:
        raise ValueError(f"{name!r} of {projection.label} cannot be recorded; there is {projection._readable}")
    followed = projection.followed(index)  # by the source, through whatever comes and goes
    return _Source(
        lambda interval, offset: projection.native_signal(own, followed.index, interval, offset), (index.size,)
    )


def _of_cells(cells: Any, name: str) -> _Source:
    root, index = cells._root, cells._root_index
    own = own_name(root.celltype, name)
    if name in cell_attributes.variable_names(cells) and own in root.native.kernel.states:
        return _Source(lambda interval, offset: root.native.record(own, index, interval, offset), cells.geometry)
    if not cells.can_record(name):
        raise cell_attributes.unknown(cells, name)
    from .constant_signal import ConstantSignal  # here: the package can be imported without its compiled core

    def read() -> Array:
        return np.ravel(cell_attributes.read(cells, name)) * np.ones(cells.size)

    def begin(interval: int, offset: int) -> Sampled:
        return ConstantSignal(simulator.state.network, read, cells.size, interval, offset)

    return _Source(begin, cells.geometry)
