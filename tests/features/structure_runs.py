"""Networks whose connections come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyNN.annarchy as sim


def rates(base: Sequence[float], drive: float = 1.0) -> Any:
    """Return rate-coded cells whose rate is their base and `drive` times their input."""
    Rate = sim.Neuron("base = 0.0; drive = 1.0", "r = base + drive*sum(exc) : init=base")
    return sim.Population(len(base), Rate(base=list(base), drive=drive))


def RULED() -> Any:
    """Return a synapse type with a rule of either kind that involves chance."""
    return sim.Synapse(
        pruning="w < 1 : proba=0.3", creating="pre.r > 0.5 : proba=0.2, w=Uniform(0, 1), d=3*dt", name="Ruled"
    )


def driven(
    synapse: Any,
    trains: Sequence[Sequence[float]],
    size: int,
    dt: float,
    threads: int = 1,
    targets: Sequence[Sequence[float]] = (),
    chance: float | None = None,
    seed: int = 1,
    connector: Any = None,
) -> tuple[Any, Any, Any]:
    """Return sources, targets that add up what they get, and connections; spikes are at these multiples of dt."""
    sim.setup(timestep=dt, min_delay=dt, max_delay=50 * dt, threads=threads, seed=seed)
    times = [[k * dt for k in train] for train in trains]
    source = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=times))
    target = sim.Population(size, sim.Neuron(equations="got = got + g_exc", spike="g_force > 0.5", name="Sum")())
    if targets:
        forced = [[(k - 1) * dt for k in train] for train in targets]
        force = sim.Population(size, sim.SpikeSourceArray(spike_times=forced))
        one = sim.StaticSynapse(weight=1.0, delay=dt)
        sim.Projection(force, target, sim.OneToOneConnector(), one, receptor_type="force")
    if chance is not None:
        connector = sim.FixedProbabilityConnector(chance, rng=sim.NumpyRNG(seed=seed))
    made = sim.Projection(source, target, connector or sim.AllToAllConnector(), synapse, receptor_type="exc")
    target.record("got")
    return source, target, made


def traces(cells: Any, name: str) -> np.ndarray:
    """Return the samples of a recorded variable (times x cells)."""
    return next(np.asarray(s.magnitude) for s in cells.get_data().segments[-1].analogsignals if s.name == name)
