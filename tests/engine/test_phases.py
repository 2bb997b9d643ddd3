"""Where the time of runs goes: what is counted is what was done, and counting changes nothing."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pyNN.annarchy as sim
import pytest


def run(threads: int, plastic: bool, measured: bool) -> tuple[list[list[float]], int, sim.PhaseTimes | None, float]:
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=2.0, threads=threads, seed=3)
    noise = sim.Population(100, sim.SpikeSourcePoisson(rate=100.0))
    cells = sim.Population(300, sim.IF_cond_exp())
    rng = sim.NumpyRNG(seed=1)
    if plastic:
        synapse = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.004, delay=1.0)
    else:
        synapse = sim.StaticSynapse(weight=0.004, delay=1.0)
    connector = sim.FixedProbabilityConnector(0.3, rng=rng)
    connections = sim.Projection(noise, cells, connector, synapse, receptor_type="excitatory")
    noise.record("spikes")
    cells.record("spikes")
    profile = sim.Profile() if measured else None
    began = perf_counter()
    sim.run(50.0)
    sim.run(50.0)
    elapsed = perf_counter() - began
    times = profile.times() if profile else None
    emitted = [np.asarray(t) for t in noise.get_data().segments[0].spiketrains]
    rows = np.bincount(connections.presynaptic_indices, minlength=100)
    expected = sum(int(rows[k]) * len(train) for k, train in enumerate(emitted))
    return [t.magnitude.tolist() for t in cells.get_data().segments[0].spiketrains], expected, times, elapsed


@pytest.mark.threaded
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("plastic", [False, True])
def test_what_is_counted(threads: int, plastic: bool) -> None:
    spikes, expected, times, elapsed = run(threads, plastic, True)
    assert times is not None
    assert times.updates == 400 * 1000
    assert times.events == expected > 1000
    parts = (times.update_s, times.exchange_s, times.deliver_s, times.record_s)
    assert all(part > 0 for part in parts) and times.update_s + times.deliver_s < elapsed
    assert times.update_ns == pytest.approx(1e9 * times.update_s * times.threads / 400000)
    assert "ns an event" in str(times)
    assert run(threads, plastic, False)[0] == spikes


def test_begins_anew_and_stops() -> None:
    sim.setup()
    sim.Population(10, sim.IF_cond_exp())
    sim.run(1.0)
    profile = sim.Profile()
    assert profile.times().updates == 0
    sim.run(1.0)
    assert profile.times().updates == 100
    assert sim.Profile().times().updates == 0
    profile.stop()
    sim.run(1.0)
    assert profile.times().updates == 0 and profile.times().layout_s == 0


def test_layout_is_counted_where_there_is_one() -> None:
    sim.setup()
    cells = sim.Population(300, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=1.0))
    profile = sim.Profile()
    assert profile.times().layout_s == 0
    began = perf_counter()
    sim.run(1.0)
    first = profile.times()
    assert 0 < first.layout_s < perf_counter() - began - first.update_s
    assert f"layout {first.layout_s:.3f} s" in str(first)
    for _ in range(10):
        sim.run(1.0)
    assert profile.times().layout_s < 2 * first.layout_s  # ten runs more, with nothing to lay out
