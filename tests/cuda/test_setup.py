"""A PyNN script on the emulated device, by one keyword."""

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors
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


def test_what_is_not_there_is_named():
    sim.setup(device="cuda-emulated")
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(errors.ConnectionError, match="short-term plasticity"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1))
