"""Row PR20: delays that differ between the connections of a projection."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest


@pytest.mark.parametrize("plastic", [False, True])
def test_PR20_heterogeneous_delays(plastic: bool) -> None:
    """Input at every step boundary is the sum over synapses of the spikes that were sent a delay earlier."""
    rng = np.random.default_rng(3)
    dt, n_steps, n_pre, n_post = 0.1, 400, 12, 5
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0)
    sent = [np.sort(rng.choice(np.arange(1, n_steps), 25, replace=False)) for _ in range(n_pre)]
    source = sim.Population(n_pre, sim.SpikeSourceArray(spike_times=[sim.Sequence(s * dt) for s in sent]))
    Sink = sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")
    target = sim.Population(n_post, Sink())
    delays, weights = rng.integers(1, 200, (n_pre, n_post)), rng.integers(1, 100, (n_pre, n_post))
    listed = [(i, j, float(weights[i, j]), delays[i, j] * dt) for i in range(n_pre) for j in range(n_post)]
    synapse = sim.Synapse(pre_spike="g_target += w", name="Static")() if plastic else sim.StaticSynapse()
    sim.Projection(source, target, sim.FromListConnector(listed), synapse, receptor_type="exc")
    target.record("got")
    sim.run(n_steps * dt)
    got = np.diff(np.asarray(target.get_data().segments[0].analogsignals[0]), axis=0)
    expected = np.zeros((n_steps, n_post))
    for i in range(n_pre):
        for j in range(n_post):
            for step in sent[i]:
                if step + delays[i, j] < n_steps:
                    expected[step + delays[i, j], j] += weights[i, j]
    np.testing.assert_array_equal(got, expected)
