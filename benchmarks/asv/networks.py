"""What the engine needs for an event and an update, and what it takes to build and run the networks of the scenarios.

asv runs each method in a process of its own. Times are those of the phases of one thread, so that importing and
building do not count where the running is meant. Of all figures less is better.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

DT_MS, DELAY_MS, SEED = 0.1, 1.5, 86524


def begin(timestep_ms: float = DT_MS, delay_ms: float = DELAY_MS) -> Any:
    """Return the backend, set up for one thread and one delay."""
    sim = importlib.import_module("pyNN.annarchy")
    sim.setup(timestep=timestep_ms, min_delay=delay_ms, max_delay=delay_ms, threads=1)
    return sim


def balanced(sim: Any, celltype: str, n: int, synapse: Any) -> Any:
    """Make cells that Poisson sources drive and that are connected with each other (10 %); return the projection."""
    cells = sim.Population(n, getattr(sim, celltype)())
    noise = sim.Population(n, sim.SpikeSourcePoisson(rate=1000.0))
    strong, rng = sim.StaticSynapse(weight=0.012 if "cond" in celltype else 0.5, delay=DELAY_MS), sim.NativeRNG(SEED)
    sim.Projection(noise, cells, sim.OneToOneConnector(), strong, receptor_type="excitatory")
    connector = sim.FixedProbabilityConnector(0.1, rng=rng)
    made = sim.Projection(cells, cells, connector, synapse, receptor_type="excitatory")
    cells.record("spikes")
    return made


def static(sim: Any) -> Any:
    """Connections that all have one weight, too small to matter."""
    return sim.StaticSynapse(weight=1e-6, delay=DELAY_MS)


def learning(sim: Any) -> Any:
    """Pair-based, additive STDP."""
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.005, A_minus=0.0055),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2e-6),
        weight=1e-6,
        delay=DELAY_MS,
        dendritic_delay_fraction=1.0,
    )


def phases(celltype: str, n: int, synapse: Callable[[Any], Any], duration_ms: float) -> Any:
    """Run a network once to lay it out, and once more to measure; return the phases' times."""
    sim = begin()
    balanced(sim, celltype, n, synapse(sim))
    sim.run(20.0)
    profile = sim.Profile()
    sim.run(duration_ms)
    times = profile.times()
    sim.end()
    return times


class Phases:
    """ns of one core for an update and for an event; 4,000 cells, 1.6 million connections, 300 ms."""

    params = ["IF_curr_exp", "IF_cond_exp", "EIF_cond_exp_isfa_ista"]
    param_names = ["cell"]
    number = repeat = 1
    unit = "ns"
    timeout = 300

    def track_update(self, cell: str) -> float:
        """Advancing a cell by a step."""
        return float(phases(cell, 4000, static, 300.0).update_ns)

    def track_event(self, cell: str) -> float:
        """Bringing a spike through one connection."""
        return float(phases(cell, 4000, static, 300.0).event_ns)


class Plastic:
    """ns of one core for a spike through one connection that learns."""

    unit = "ns"
    timeout = 300

    def track_event(self) -> float:
        """Pair-based STDP, 400,000 connections."""
        return float(phases("IF_curr_exp", 2000, learning, 300.0).event_ns)


class Building:
    """Seconds for a million connections, from Projection() to a network that is laid out."""

    params = ["numpy", "native"]
    param_names = ["generator"]
    timeout = 300
    number, warmup_time, rounds = 1, 0.0, 1
    repeat = (3, 5, 20.0)

    def setup(self, generator: str) -> None:
        """Make the cells."""
        from pyNN.random import NumpyRNG

        self.sim = begin()
        self.rng = NumpyRNG(seed=SEED) if generator == "numpy" else self.sim.NativeRNG(seed=SEED)
        self.cells = [self.sim.Population(3162, self.sim.IF_curr_exp()) for _ in range(2)]

    def time_projection(self, generator: str) -> None:
        """A tenth of all pairs, one weight, one delay."""
        connector = self.sim.FixedProbabilityConnector(0.1, rng=self.rng)
        self.sim.Projection(*self.cells, connector, static(self.sim))
        self.sim.run(DT_MS)

    def teardown(self, generator: str) -> None:
        """Forget the network."""
        self.sim.end()


class Memory:
    """The most that a process has in memory with a million static connections."""

    timeout = 300

    def peakmem_million_connections(self) -> None:
        """As in `Building`, with NativeRNG."""
        sim = begin()
        a, b = (sim.Population(3162, sim.IF_curr_exp()) for _ in range(2))
        sim.Projection(a, b, sim.FixedProbabilityConnector(0.1, rng=sim.NativeRNG(seed=SEED)), static(sim))
        sim.run(DT_MS)
        sim.end()


class Rates:
    """Microseconds for a step of a rate-coded network with 400,000 connections that learn."""

    unit = "us"
    timeout = 300

    def track_step(self) -> float:
        """500 steps, compilation left out."""
        from time import perf_counter

        sim = begin(1.0, 1.0)
        cell = sim.Neuron("leak = 0.1 : population", "r = r + leak*(sum(exc) - r) : min=0.0")
        oja = sim.Synapse("eta = 0.001 : projection", "w = w + eta*post.r*(pre.r - post.r*w)")
        inputs, outputs = sim.Population(1000, cell()), sim.Population(400, cell())
        inputs.initialize(r=1.0)
        weights = sim.RandomDistribution("uniform", (0.0, 0.002), rng=sim.NativeRNG(seed=SEED))
        sim.Projection(inputs, outputs, sim.AllToAllConnector(), oja(weight=weights), receptor_type="exc")
        sim.run(10.0)
        start = perf_counter()
        sim.run(500.0)
        passed = perf_counter() - start
        sim.end()
        return 1e6 * passed / 500.0


class Importing:
    """What a script waits for before it begins."""

    timeout = 120

    def timeraw_import(self) -> str:
        """A fresh interpreter, the backend with PyNN and Neo."""
        return "import pyNN.annarchy"
