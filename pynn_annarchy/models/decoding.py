"""Spikes to rates: spiking cells as sources of rate-coded ones.

A hidden neuron for each source keeps what has to be known of its spikes, and is what the targets read.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyNN import errors

from .. import simulator
from ..native.spec import NeuronText
from ..spike_window import countable, leaving
from .row_values import Index, add_rows
from .synapse import Synapse, UserSynapse

if TYPE_CHECKING:
    from ..native.kernels import RowsKernel
    from ..native.network import Network
    from ..native.plastic import PlasticProjection
    from ..native.rows import RowsProjection

WINDOW = "window"
MODES = (WINDOW, "isi")
_ARRIVAL = "spikes"  # the receptor type of the hidden neurons
# What arrives is added at the end of a step, so that the count is right as soon as a spike is there, or leaves.
_COUNTER = NeuronText(name="SpikesInWindow", parameters="", equations="count = count", receptors={_ARRIVAL: "count"})
_INTERVALS = NeuronText(
    name="SpikeIntervals",
    parameters="",
    equations="known = known; last = last; interval = interval; age = t + dt - last",
    spike=f"g_{_ARRIVAL} > 0",
    reset=f"interval = if known > 0: (t - last)/g_{_ARRIVAL} else: 0\nlast = t\nage = 0\nknown = 1",
    conductances=True,
)
_IN_WINDOW = "w*1000.0*pre.count/window"
_BY_INTERVAL = "w*(if pre.interval > 0: 1000.0/max(pre.interval, pre.age) else: 0.0)"


def DecodingSynapse(window: float = 5.0, mode: str = WINDOW, **parameters: Any) -> UserSynapse:
    """Return a synapse type from spiking to rate-coded cells: ``sum(target)`` is the mean of the sources' rates in Hz.

    Parameters
    ----------
    window
        In ms; rounded to the nearest step, one at least. The rate of a source is the number of its spikes in the last
        `window` ms, divided by that. ``projection.set(window=...)`` changes it for spikes that come.
    mode
        ``"window"``, or ``"isi"``: the inverse of the last interval between two spikes, or of the time since the last
        spike once that is longer.
    parameters
        `weight`, which the rate is multiplied with, 1 if it is not given: with 0.01, 100 Hz count as 1. `delay` in ms:
        in the step that begins at t the target sees spikes up to t - delay.

    Raises
    ------
    ValueError
        If the window is not a positive number, or the mode is not one of the two.

    Notes
    -----
    What a target gets is the mean over its connections of weight times rate, so a population that is connected to one
    cell with weight 1 gives the mean rate of its cells.
    """
    if mode not in MODES:
        raise ValueError(f"mode = {mode!r} is not one of {', '.join(map(repr, MODES))}")
    countable(window)
    return _class(mode)(**({WINDOW: window} if mode == WINDOW else {}), **parameters)


class _Decoding(UserSynapse):
    """Base of both modes."""

    def check_value(self, name: str, values: Any) -> None:
        super().check_value(name, values)
        if name == WINDOW:
            for value in np.unique(values).tolist():
                countable(value)

    def connect(self, projection: Any, kernel: RowsKernel, pre: Index, post: Index, values: Mapping[str, Any]) -> Any:
        network = simulator.state.network
        sources = np.asarray(projection.pre.neuron_numbers[pre])
        _check(network, sources, projection.post.neuron_numbers[post], projection)
        if WINDOW in values:  # that of the steps that it is rounded to
            values = {**values, WINDOW: _steps(values[WINDOW]) * network.dt_ms}
        distinct, place = np.unique(sources, return_inverse=True)
        hidden, ends = _decoders(network, distinct, values.get(WINDOW))
        rows = add_rows(projection, kernel, hidden[place], post, values)
        return DecodedProjection(rows, distinct - hidden, ends)


@functools.cache
def _class(mode: str) -> type[UserSynapse]:
    if mode == WINDOW:
        base = Synapse("window = 5.0 : projection; w = 1.0", psp=_IN_WINDOW, operation="mean", name="DecodingSynapse")
    else:
        base = Synapse("w = 1.0", psp=_BY_INTERVAL, operation="mean", name="DecodingSynapse")
    return type("DecodingSynapse", (_Decoding, base), {"__doc__": DecodingSynapse.__doc__, "__module__": __name__})


def _check(network: Network, sources: NDArray[np.int64], targets: NDArray[np.int64], projection: Any) -> None:
    """Raise before anything is made, if these cannot be connected."""
    from ..native.continuous import continuous_input

    for population in network.populations_of(np.asarray(sources, np.uint32)):
        if not population.kernel.spiking:
            raise errors.ConnectionError(f"{population.kernel.name} does not spike: there is nothing to decode")
    for population in network.populations_of(np.asarray(targets, np.uint32)):
        if continuous_input(population.kernel, projection.receptor_type) is None:
            raise errors.ConnectionError(f"{population.kernel.name} does not read sum({projection.receptor_type})")


def _decoders(
    network: Network, sources: NDArray[np.int64], window_ms: Any
) -> tuple[NDArray[np.int64], PlasticProjection | None]:
    """Make the hidden neurons of some sources; returns their numbers, and what takes spikes out of the window."""
    from ..native import kernels

    text = _INTERVALS if window_ms is None else _COUNTER
    made = network.add_population(kernels.compiled(text, network.precision), max(len(sources), 1))
    hidden = made.first + np.arange(len(sources))
    network.add_projection(sources, hidden, receptor=_ARRIVAL, weight=1.0, delay_steps=1)
    if window_ms is None:
        return hidden, None
    return hidden, leaving(network, sources, hidden, _ARRIVAL, 1 + _steps(window_ms))


def _steps(window_ms: Any) -> int:
    """Return the window, of which there is one for all connections, in steps."""
    return countable(float(np.ravel(window_ms)[0]))


class DecodedProjection:
    """Continuous connections from hidden neurons, seen as those from the spiking ones behind them.

    Parameters
    ----------
    rows
        The continuous connections.
    behind
        What has to be added to the number of each hidden neuron, in their order, for that of its source.
    ends
        What takes spikes out of the window, if there is one.
    """

    def __init__(self, rows: RowsProjection, behind: NDArray[np.int64], ends: PlasticProjection | None) -> None:
        self._rows = rows
        self._ends = ends
        hidden = np.asarray(rows.source, dtype=np.int64)
        self.source = hidden + behind[hidden - hidden.min()] if hidden.size else hidden

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def set_parameter(self, name: str, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set a parameter of the connections; the window of spikes that come, too."""
        if name == WINDOW and self._ends is not None:
            steps = _steps(value)
            value = steps * simulator.state.network.dt_ms
            self._ends.set_delay(1 + steps, 0)
        self._rows.set_parameter(name, value, index)
