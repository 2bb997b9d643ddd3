"""Where the time of runs goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import simulator

if TYPE_CHECKING:
    from .native.network import Network

__all__ = ["PhaseTimes", "Profile"]


@dataclass(frozen=True)
class PhaseTimes:
    """Seconds of the phases of a time step, of the slowest thread each, what was done in them, and what came before.

    On a GPU they are those of one thread (see docs/gpu.md), and what a neuron or an event takes is the device's.

    Attributes
    ----------
    update_s
        Advancing neurons, input from outside and samples of variables included.
    exchange_s
        Waiting until all threads have done so; gap junctions.
    deliver_s
        Bringing spikes to their targets; what synapses with equations do.
    record_s
        Writing spikes down.
    updates
        Neurons times steps.
    events
        Spikes times the connections that each of them went through.
    threads
        That shared the work.
    layout_s
        Before the first step of a run, and where something is read that only the engine knows: bringing connections
        and cells into the form in which they are simulated. In no phase of a step, but part of the time of `run`.
    """

    update_s: float
    exchange_s: float
    deliver_s: float
    record_s: float
    updates: int
    events: int
    threads: int
    layout_s: float

    @property
    def update_ns(self) -> float:
        """Nanoseconds for a neuron and a step, of one core."""
        return 1e9 * self.update_s * self.threads / max(self.updates, 1)

    @property
    def event_ns(self) -> float:
        """Nanoseconds for a spike through one connection, of one core."""
        return 1e9 * self.deliver_s * self.threads / max(self.events, 1)

    def __str__(self) -> str:
        return (
            f"update {self.update_s:.3f} s ({self.update_ns:.2f} ns a neuron and step), "
            f"exchange {self.exchange_s:.3f} s, deliver {self.deliver_s:.3f} s ({self.event_ns:.2f} ns an event), "
            f"record {self.record_s:.3f} s; layout {self.layout_s:.3f} s"
        )


class Profile:
    """Counts, from now on, where the time of the present simulation's runs goes.

    Results are the same; each window of `min_delay` takes some 0.1 us longer.

    Raises
    ------
    RuntimeError
        If there is no simulation yet.

    Examples
    --------
    >>> import pyNN.annarchy as sim
    >>> rank = sim.setup()
    >>> cells = sim.Population(100, sim.IF_cond_exp())
    >>> profile = sim.Profile()
    >>> time = sim.run(100.0)
    >>> profile.times().updates
    100000
    """

    def __init__(self) -> None:
        self._network: Network = simulator.state.network
        self._network.engine().measure(True)
        self._layout_before: float | None = self._network.laying_out.seconds

    def times(self) -> PhaseTimes:
        """Return what has been counted so far."""
        *seconds, updates, events = zip(*self._network.engine().phases(), strict=True)
        update, exchange, deliver, record = map(max, seconds)
        before, now = self._layout_before, self._network.laying_out.seconds
        layout = 0.0 if before is None else now - before
        return PhaseTimes(update, exchange, deliver, record, sum(updates), sum(events), self._network.threads, layout)

    def stop(self) -> None:
        """Count no more, and forget what was counted."""
        self._network.engine().measure(False)
        self._layout_before = None
