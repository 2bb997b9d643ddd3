"""Learning from a late reward (Izhikevich 2007): which of many synapses made the cell spike a second ago?

Sources and a cell spike at random. Whenever the cell spikes shortly after the first source, dopamine follows one to two
seconds later, when all sources have spiked again. Only the first synapse should grow.
"""

import argparse
import importlib

import matplotlib
import numpy as np
from pyNN.parameters import Sequence

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("backend", nargs="?", default="annarchy", help="a backend of PyNN that has NeuromodulatedSTDP")
parser.add_argument("--synapses", type=int, default=100, help="how many there are")
parser.add_argument("--minutes", type=float, default=20.0, help="biological time")
parser.add_argument("--rate", type=float, default=3.0, help="spikes per second of the sources and the cell")
parser.add_argument("--plot", default="dopamine.png", help="the picture's file")
args = parser.parse_args()

sim = importlib.import_module(f"pyNN.{args.backend}")
sim.setup(timestep=1.0)
rng, duration = np.random.default_rng(7), args.minutes * 60e3


def random_train():
    """Return ascending times in whole ms: those of a Poisson process, two spikes at least 5 ms apart."""
    intervals = 5.0 + rng.exponential(1e3 / args.rate - 5.0, int(1.2 * duration * args.rate / 1e3) + 20)
    times = np.rint(np.cumsum(intervals))
    return times[times < duration - 5.0]


trains, forced = [random_train() for _ in range(args.synapses)], random_train()
after = forced[:, None] - trains[0]
causal = forced[((after > 0) & (after <= 10)).any(axis=1)]
rewards = np.unique(np.rint(causal + rng.uniform(1e3, 2e3, causal.size)))

sources = sim.Population(args.synapses, sim.SpikeSourceArray(spike_times=[Sequence(train) for train in trains]))
drive = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(forced - 2.0)))
dopamine = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(rewards)))
cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=1.0, tau_refrac=2.0))
sim.Projection(drive, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0), receptor_type="excitatory")
synapse = sim.NeuromodulatedSTDP(
    dopamine,
    sim.SpikePairRule(tau_plus=10.0, tau_minus=20.0, A_plus=0.04, A_minus=0.025),
    sim.AdditiveWeightDependence(w_min=0.0, w_max=1e-6),  # so small that the plastic synapses do not drive the cell
    tau_c=1000.0,
    tau_n=200.0,
    weight=2e-7,
)
learning = sim.Projection(sources, cell, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
learning.record("weight", sampling_interval=1000.0)
cell.record("spikes")
sim.run(duration)

spikes = cell.get_data().segments[0].spiketrains[0]
signal = learning.get_data().segments[0].analogsignals[0]
weights = signal.magnitude * 1e6
print(f"{len(rewards)} rewards, {len(spikes)} spikes of the cell, {len(forced)} of them forced")
print(f"first synapse: {weights[0, 0]:.3f} to {weights[-1, 0]:.3f}")
print(f"others: {weights[0, 1]:.3f} to {weights[-1, 1:].mean():.3f}, at most {weights[-1, 1:].max():.3f}")

figure, panel = plt.subplots(figsize=(8, 4.8), layout="constrained")
minutes = signal.times.rescale("min").magnitude
panel.plot(minutes, weights[:, 1:], color="0.7", lw=0.5)
panel.plot(minutes, weights[:, 0], color="#dd6b20", lw=2.0, label="the synapse whose success is rewarded")
panel.set(xlabel="time (min)", ylabel="weight / highest weight", ylim=(0, 1))
panel.legend(frameon=False)
figure.savefig(args.plot, dpi=150)
