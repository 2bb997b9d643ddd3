"""Networks that show what a user's spiking synapse does: sources and targets that spike when they are told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyNN.annarchy as sim

DTS = (1.0, 0.1, 0.05, 0.025)


@dataclass(frozen=True)
class Network:
    """Two populations and the projection between them."""

    source: Any
    target: Any
    projection: Any

    def variable(self, name: str) -> np.ndarray:
        """Return a variable of all connections, sources x targets."""
        return np.asarray(self.projection.get(name, "array"))

    def traces(self, name: str) -> np.ndarray:
        """Return the samples of a recorded variable of the targets (times x cells)."""
        segment = self.target.get_data().segments[-1]
        return next(np.asarray(s.magnitude) for s in segment.analogsignals if s.name == name)


def relays(n: int) -> Any:
    """Return cells that spike when something comes in at `force`, and add up what comes in at `exc`."""
    Relay = sim.Neuron(
        equations="got = got + g_exc; nmda = nmda + g_nmda; count = count; seen = seen",
        spike="g_force > 0.5",
        name="Relay",
    )
    return sim.Population(n, Relay())


def forced(trains: Sequence[Sequence[float]], dt: float) -> Any:
    """Return relays that spike at these times, in units of dt; the earliest is 2."""
    cells = relays(len(trains))
    force = sim.Population(
        len(trains), sim.SpikeSourceArray(spike_times=[[(k - 1) * dt for k in train] for train in trains])
    )
    synapse = sim.StaticSynapse(weight=1.0, delay=dt)
    sim.Projection(force, cells, sim.OneToOneConnector(), synapse, receptor_type="force")
    return cells


def network(
    synapse: Any,
    pre: Sequence[Sequence[float]],
    post: Sequence[Sequence[float]] = ((),),
    dt: float = 1.0,
    receptor: Any = "exc",
    connector: Any = None,
    **setup: Any,
) -> Network:
    """Connect sources to targets that spike at these times, in units of dt, which do not go to 1 for the targets."""
    sim.setup(timestep=dt, **{"min_delay": dt, "max_delay": 50 * dt, **setup})
    source = sim.Population(len(pre), sim.SpikeSourceArray(spike_times=[[k * dt for k in train] for train in pre]))
    target = forced(post, dt)
    made = sim.Projection(source, target, connector or sim.AllToAllConnector(), synapse, receptor_type=receptor)
    return Network(source, target, made)
