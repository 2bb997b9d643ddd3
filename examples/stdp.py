"""Spike-timing-dependent plasticity finds correlated inputs (Song, Miller and Abbott 2000, doi 10.1038/78829).

A cell gets random spikes through 1000 excitatory synapses that learn, and 200 inhibitory ones that do not. Sources of
the first half tend to spike together. The rule is written by hand, with one trace for the spikes of the source and one
for those of the cell. In the end the correlated half drives the cell, and all other synapses are weak.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--duration", type=float, default=100.0, help="biological time in s")
parser.add_argument("--correlation", type=float, default=0.03, help="between two sources of the first half")
parser.add_argument("--faster", type=float, default=4.0, help="how much faster than in the paper weights change")
parser.add_argument("--plot", default="stdp.png", help="the picture's file")
args = parser.parse_args()

Cell = sim.Neuron(
    "tau = 20.0; tau_syn = 5.0",
    """
    tau_syn*dg_exc/dt = -g_exc                                   # in units of the leak
    tau_syn*dg_inh/dt = -g_inh
    tau*dv/dt = (1 + g_inh)*(-70 - v) - g_exc*v : init=-70.0
    """,
    spike="v > -54",
    reset="v = -60",
    name="Cell",
)
STDP = sim.Synapse(
    "tau_plus = 20.0; tau_minus = 20.0; w_max = 0.015; A_plus = 0.005 : projection; A_minus = 0.00525 : projection",
    "tau_plus*dP/dt = -P : event-driven; tau_minus*dM/dt = -M : event-driven",
    pre_spike="g_target += w; P += A_plus*w_max; w = clip(w - M, 0, w_max)",
    post_spike="""
        M += A_minus*w_max
        w = clip(w + P - ite(since_pre == 0, A_plus*w_max, 0), 0, w_max)  # spikes at the same time are no pair
    """,
    name="STDP",
)

sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0, seed=1)
rng, steps = np.random.default_rng(1), int(args.duration * 1e3)
RATE, share = 0.02, np.sqrt(args.correlation)  # spikes per ms; the part of its spikes that a source has in common
common = rng.random(steps) < RATE
trains = []
for part in np.repeat([share, 0.0], 500):
    own = rng.random(steps) < RATE * (1 - part) / (1 - RATE * part)
    trains.append(sim.Sequence(np.flatnonzero(own | (common & (rng.random(steps) < part))) + 1.0))
excitatory = sim.Population(1000, sim.SpikeSourceArray(spike_times=trains))
inhibitory = sim.Population(200, sim.SpikeSourcePoisson(rate=10.0))
cell, whole = sim.Population(1, Cell()), sim.AllToAllConnector()
synapse = STDP(weight=0.005, A_plus=0.005 * args.faster, A_minus=0.00525 * args.faster)
learning = sim.Projection(excitatory, cell, whole, synapse, receptor_type="exc")
sim.Projection(inhibitory, cell, whole, sim.StaticSynapse(weight=0.05), receptor_type="inh")
learning.record("weight", sampling_interval=args.duration * 10)
cell.record("spikes")
sim.run(args.duration * 1e3)

spikes = cell.get_data().segments[0].spiketrains[0].magnitude
signal = learning.get_data().segments[0].analogsignals[0]
weights = signal.magnitude / 0.015
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for name, group in (("correlated", weights[:, :500]), ("others", weights[:, 500:])):
    print(f"{name}: mean {group[0].mean():.3f} to {group[-1].mean():.3f} of the highest weight,", end=" ")
    print(f"above 0.8: {(group[-1] > 0.8).mean():.3f}, below 0.2: {(group[-1] < 0.2).mean():.3f}")
    left.hist(group[-1], np.linspace(0, 1, 31), alpha=0.7, label=name)
    right.plot(signal.times.magnitude / 1e3, group.mean(axis=1), label=name)
print(
    f"cell: {(spikes < 2000).sum() / 2:.1f} Hz at first, {(spikes > steps / 2).sum() / steps * 2e3:.1f} Hz in the end"
)
left.set(xlabel="weight / highest weight", ylabel="synapses")
right.set(xlabel="time (s)", ylabel="mean weight / highest weight")
right.legend(frameon=False)
figure.savefig(args.plot, dpi=150)
