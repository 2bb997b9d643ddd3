"""A PyNN script on the emulated device, by one keyword."""

import numpy as np
import pyNN.annarchy as sim
from pyNN.random import NumpyRNG


def script(device):
    sim.setup(timestep=0.1, seed=11, device=device)
    cells = sim.Population(40, sim.IF_curr_exp(i_offset=0.4, tau_refrac=2.0), label="cells")
    noise = sim.Population(40, sim.SpikeSourcePoisson(rate=300.0))
    connector = sim.FixedProbabilityConnector(0.3, rng=NumpyRNG(seed=4))
    synapse = sim.StaticSynapse(weight=0.3, delay=1.5)
    projection = sim.Projection(noise, cells, connector, synapse, receptor_type="excitatory")
    cells.record(["spikes", "v"])
    sim.run(30.0)
    sim.run(20.0)
    segment = cells.get_data().segments[0]
    spikes = [np.array(train.magnitude) for train in segment.spiketrains]
    return projection.get("weight", format="list"), spikes, np.array(segment.filter(name="v")[0].magnitude)


def test_one_keyword_moves_a_script():
    connections, spikes, v = script("cpu")
    other_connections, other_spikes, other_v = script("cuda-emulated")
    assert connections == other_connections
    assert sum(map(len, spikes)) > 20
    for a, b in zip(spikes, other_spikes, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(other_v, v, rtol=0, atol=1e-9)


def learning(device):
    """STDP by PyNN's names onto cells, depressing synapses beside it, and a user's synapse that comes and goes."""
    sim.setup(timestep=0.1, seed=5, device=device)
    cells = sim.Population(15, sim.IF_cond_exp(i_offset=0.8), label="cells")
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.02, A_minus=0.022),
        weight_dependence=sim.MultiplicativeWeightDependence(w_min=0.0, w_max=0.01),
        dendritic_delay_fraction=0.5,
        weight=0.004,
        delay=1.2,
    )
    connector = sim.FixedProbabilityConnector(0.4, rng=NumpyRNG(seed=4))
    plastic = sim.Projection(noise, cells, connector, stdp, receptor_type="excitatory")
    depressing = sim.TsodyksMarkramSynapse(U=0.2, tau_rec=50.0, weight=0.003, delay=0.7)
    short = sim.Projection(noise, cells, connector, depressing, receptor_type="inhibitory")
    ruled = sim.Synapse(
        parameters="tau = 20.0",
        equations="dx/dt = -x / tau : event-driven",
        pre_spike="g_target += w; x += 1",
        post_spike="w *= 1 + 0.01 * x",
        pruning="w > 0.00101 : proba=0.2",
        name="Ruled",
    )
    mine = sim.Projection(noise, cells, connector, ruled(weight=0.001, delay=1.0), receptor_type="excitatory")
    mine.start_pruning(period=5.0)
    cells.record("spikes")
    sim.run(40.0)
    plastic.set(weight=0.005)
    sim.run(40.0)
    weights = [p.get("weight", format="list", with_address=True) for p in (plastic, short, mine)]
    sim.reset()
    sim.run(30.0)
    weights.append(plastic.get("weight", format="list"))
    return weights, [np.array(train.magnitude) for s in cells.get_data().segments for train in s.spiketrains]


def test_a_network_that_learns():
    (weights, spikes), (other_weights, other_spikes) = (learning(device) for device in ("cpu", "cuda-emulated"))
    for a, b in zip(weights, other_weights, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12)
    assert np.ptp(np.array(weights[0])[:, 2]) > 1e-5
    assert len(weights[2]) < len(weights[0])
    assert sum(map(len, spikes)) > 20
    for a, b in zip(spikes, other_spikes, strict=True):
        np.testing.assert_array_equal(a, b)


def hybrid(device):
    """Spikes become rates, which drive others that learn; rates become currents; all in two runs, with a change."""
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0, device=device, seed=3)
    rate = sim.Neuron("tau = 10.0", "tau*dr/dt = sum(exc) - r + 0.1*mean(r) : min=0.0", name="HybridRate")
    source = sim.Population(20, sim.SpikeSourcePoisson(rate=40.0))
    first, second = sim.Population(10, rate()), sim.Population(30, rate())
    cells = sim.Population(5, sim.IF_curr_exp())
    everyone = sim.AllToAllConnector()
    decoding = sim.DecodingSynapse(window=50.0, weight=0.02, delay=2.0)
    sim.Projection(source, first, everyone, decoding, receptor_type="exc")
    learning = sim.Projection(first, second, everyone, sim.Oja(weight=0.1, delay=3.0), receptor_type="exc")
    sim.Projection(second, cells, everyone, sim.CurrentInjection(weight=0.02), receptor_type="excitatory")
    second.record("r")
    cells.record("spikes")
    sim.run(150.0)
    learning.set(weight=0.2)
    sim.run(150.0)
    block = second.get_data()
    return (
        np.array(learning.get("weight", format="array")),
        block.segments[0].analogsignals[0].magnitude,
        spikes_of(cells),
    )


def spikes_of(cells):
    return [train.magnitude for train in cells.get_data().segments[0].spiketrains]


def test_a_hybrid_network():
    (weights, rates, spikes), (other_weights, other_rates, other_spikes) = map(hybrid, ("cpu", "cuda-emulated"))
    np.testing.assert_allclose(other_weights, weights, rtol=1e-12)
    np.testing.assert_allclose(other_rates, rates, rtol=1e-11, atol=1e-12)
    for a, b in zip(spikes, other_spikes, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.ptp(rates) > 0.1 and np.ptp(weights) >= 0 and abs(weights - 0.2).max() > 1e-3
    assert sum(map(len, spikes)) > 20
