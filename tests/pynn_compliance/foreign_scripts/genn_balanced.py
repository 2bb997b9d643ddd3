"""Excitation and inhibition with connectivity made on the device, in the manner of PyNN GeNN's examples."""

import pynn_genn as sim
from pynn_genn.random import NativeRNG, NumpyRNG, RandomDistribution

n_exc, n_inh = 320, 80

sim.setup(timestep=0.5, min_delay=0.5, max_delay=8.0, use_cpu=True, model_name="balanced")
rng = NumpyRNG(seed=4)
native_rng = NativeRNG(seed=9)

cell = {"tau_m": 20.0, "cm": 0.2, "v_rest": -60.0, "v_thresh": -50.0, "v_reset": -60.0, "tau_refrac": 5.0}
exc = sim.Population(n_exc, sim.IF_cond_exp(**cell, e_rev_I=-80.0, tau_syn_I=10.0), label="exc")
inh = sim.Population(n_inh, sim.IF_cond_exp(**cell, e_rev_I=-80.0, tau_syn_I=10.0), label="inh")
for population in (exc, inh):
    population.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))

excite = sim.StaticSynapse(weight=RandomDistribution("uniform", low=0.006, high=0.01, rng=native_rng), delay=0.5)
inhibit = sim.StaticSynapse(weight=0.08, delay=0.5)
connector = sim.FixedProbabilityConnector(0.1, rng=native_rng, on_device_init=True)
connections = [
    sim.Projection(source, target, connector, synapse, receptor_type=receptor)
    for source, synapse, receptor in [(exc, excite, "excitatory"), (inh, inhibit, "inhibitory")]
    for target in (exc, inh)
]

noise = sim.Population(n_exc, sim.SpikeSourcePoisson(rate=60.0))
sim.Projection(noise, exc, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.05, delay=0.5))

exc.record("spikes")
inh.record("spikes")
exc[:2].record(["v", "gsyn_exc"])
sim.run(500.0)
rates = [population.mean_spike_count() / 0.5 for population in (exc, inh)]
sizes = [projection.size() for projection in connections]
weights = connections[0].get("weight", "list", with_address=False)
sim.end()
