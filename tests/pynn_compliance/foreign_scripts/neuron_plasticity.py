"""Spike-timing-dependent plasticity of single pairs of spikes, in the manner of pyNN.neuron's examples."""

import numpy as np
import pyNN.neuron as sim

sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0, use_cvode=False, native_rng_baseseed=42, default_maxstep=10.0)

intervals = [-30.0, -10.0, -2.0, 5.0, 15.0, 40.0]  # of a spike of the target after one of the source
n = len(intervals)
t_pre = 60.0
sources = sim.Population(n, sim.SpikeSourceArray(spike_times=[t_pre]), label="sources")
teachers = sim.Population(
    n, sim.SpikeSourceArray(spike_times=[sim.Sequence([t_pre + interval]) for interval in intervals]), label="teachers"
)
targets = sim.Population(n, sim.IF_cond_exp(tau_m=10.0, tau_refrac=40.0), label="targets")

rule = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=25.0, A_plus=0.01, A_minus=0.012),
    weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.002),
    dendritic_delay_fraction=0.0,
    weight=0.001,
    delay=0.5,
)
plastic = sim.Projection(
    presynaptic_population=sources,
    postsynaptic_population=targets,
    connector=sim.OneToOneConnector(),
    synapse_type=rule,
    receptor_type="excitatory",
    space=sim.space.Space(),
)
force = sim.Projection(teachers, targets, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=0.1))

targets.record("spikes")
before = np.array(plastic.get("weight", format="list", with_address=False))
sim.run(150.0)
after = np.array(plastic.get("weight", format="list", with_address=False))
t_post = [train.times.magnitude.tolist() for train in targets.get_data().segments[0].spiketrains]
sim.end()
